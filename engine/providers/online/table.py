"""The table of services (resources/providers.toml) as values: ids, addresses, limits and prices, each with how sure it is.

A file providers.toml beside the settings replaces single figures. Knows the form of the table, not what any service does.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from enum import Enum
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from engine import folders
from engine.errors import BadInputError
from engine.providers.online.addresses import origin_of
from engine.vault.fields import credential
from resources import path

FILE_NAME = "providers.toml"
T = TypeVar("T")
_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])(-\d\d)?")
_LIMITS = frozenset({
    "requests_per_minute", "requests_per_day", "concurrent", "request_bytes", "image_bytes", "prompt_characters",
    "answer_seconds", "poll_seconds", "sound_seconds", "images_in",
})  # fmt: skip
_UNITS = frozenset({
    "image", "input_image", "text_input_mtok", "image_input_mtok", "text_output_mtok", "image_output_mtok", "second", "hour",
    "unit",
})  # fmt: skip


class Mark(Enum):
    """How sure a figure is; see the head of the table."""

    SURE = "sure"
    DOC = "doc"
    SEEN = "seen"
    UNCERTAIN = "?"
    OURS = "ours"


@dataclass(frozen=True, slots=True)
class Model:
    """An id that may be sent. One that ended may still be asked for; `replaced_by` is what to offer then."""

    id: str
    mark: Mark
    default: bool = False
    ended: date | None = None
    replaced_by: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Limit:
    """`kind` says the unit of `value`."""

    kind: str
    value: float
    mark: Mark
    note: str = ""


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per unit. `model` may end in *; `variant` is a size or quality, "" where it makes no difference."""

    model: str
    unit: str
    usd: float
    mark: Mark
    read: str
    """Year and month its source was read."""
    variant: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class ProviderFacts:
    """All that is known of one service. `credential` names the keys it takes, which stand in `header` after `scheme`."""

    id: str
    name: str
    base_url: str
    credential: str
    header: str
    scheme: str = ""
    key_test: str = ""
    """A path that a GET of costs nothing and is refused for a wrong key; "" where there is none."""
    models: tuple[Model, ...] = ()
    limits: tuple[Limit, ...] = ()
    prices: tuple[Price, ...] = ()

    @property
    def default_model(self) -> str:
        return next(model.id for model in self.models if model.default)

    def model(self, model_id: str) -> Model | None:
        """What is known of an id; None for one that is not in the table, which may be sent all the same."""
        return next((model for model in self.models if model.id == model_id), None)

    def limit(self, kind: str) -> float | None:
        """The value of a limit; None where none is known."""
        return next((limit.value for limit in self.limits if limit.kind == kind), None)

    def prices_of(self, model_id: str, unit: str) -> tuple[Price, ...]:
        """The prices of a unit in all variants. An id that was replaced and has none itself has its successor's."""
        found = [price for price in self.prices if price.unit == unit and fnmatchcase(model_id, price.model)]
        exact = tuple(price for price in found if price.model == model_id)
        known = self.model(model_id)
        if not found and known is not None and known.replaced_by:
            return self.prices_of(known.replaced_by, unit)
        return exact or tuple(found)


@dataclass(frozen=True, slots=True)
class Table:
    """All services. `as_of` is the day the whole was last gone through."""

    as_of: date
    providers: Mapping[str, ProviderFacts]

    def facts(self, provider: str) -> ProviderFacts:
        """Raises: BadInputError: not in the table."""
        if provider not in self.providers:
            raise BadInputError(f"There is no service “{provider}”.", f"Services: {', '.join(self.providers)}.")
        return self.providers[provider]


@cache
def provider_table() -> Table:
    """The table, with the user's own figures in it; read once. Raises: BadInputError: a figure that cannot be used."""
    own = folders.settings_file().with_name(FILE_NAME)
    return read_table(path(FILE_NAME), own if own.is_file() else None)


def provider_facts(provider: str) -> ProviderFacts:
    """What is known of one service. Raises: BadInputError."""
    return provider_table().facts(provider)


def read_table(file: Path, own: Path | None = None) -> Table:
    """The table in a file, single figures replaced by those of another. Raises: BadInputError, naming file and place."""
    raw = _loaded(file)
    as_of = raw.pop("as_of", None)
    if not isinstance(as_of, date):
        raise BadInputError(f"{file.name}: as_of must be a date.")
    providers = {name: _facts(name, section, file) for name, section in raw.items()}
    for name, section in (_loaded(own) if own is not None else {}).items():
        if name != "as_of" and own is not None:
            if name not in providers:
                raise BadInputError(f"{own}: there is no service “{name}”.", f"Services: {', '.join(providers)}.")
            _require(isinstance(section, dict), f"{own}: what “{name}” holds")
            providers[name] = _replaced(providers[name], section, own)
    for facts in providers.values():
        _validate(facts, own or file)
    return Table(as_of, providers)


def _loaded(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInputError(f"{file} cannot be read: {error}.", "Mend it, or move it away.") from error


def _facts(name: str, section: Any, file: Path) -> ProviderFacts:
    _require(isinstance(section, dict), f"{file}: what “{name}” holds")
    plain = {key: value for key, value in section.items() if key not in {"models", "limits", "prices"}}
    where = f"{file}: {name}"
    for key, value in plain.items():
        _require(isinstance(value, str), f"{where}.{key}")
    return replace(
        _value(ProviderFacts, {"id": name, **plain}, where),
        models=_values(Model, section.get("models", []), f"{where}.models"),
        limits=_values(Limit, section.get("limits", []), f"{where}.limits"),
        prices=_values(Price, section.get("prices", []), f"{where}.prices"),
    )


def _replaced(facts: ProviderFacts, section: Any, file: Path) -> ProviderFacts:
    """The facts with what the user's section names in place of what was there; a default model takes the place of the other."""
    own = _facts(facts.id, {**_plain(facts), **section}, file)
    models = facts.models
    if any(model.default for model in own.models):
        models = tuple(replace(model, default=False) for model in models)
    return replace(
        own,
        models=_merged(models, own.models, lambda model: model.id),
        limits=_merged(facts.limits, own.limits, lambda limit: limit.kind),
        prices=_merged(facts.prices, own.prices, lambda price: (price.model, price.unit, price.variant)),
    )


def _plain(facts: ProviderFacts) -> dict[str, str]:
    names = [field.name for field in fields(facts) if field.name not in {"id", "models", "limits", "prices"}]
    return {name: getattr(facts, name) for name in names}


def _merged(known: Iterable[T], own: Iterable[T], key: Callable[[T], object]) -> tuple[T, ...]:
    return tuple({key(item): item for item in (*known, *own)}.values())


def _values(kind: type[T], given: Any, where: str) -> tuple[T, ...]:
    if not isinstance(given, list):
        raise BadInputError(f"{where} is no list.")
    return tuple(_value(kind, item, where) for item in given)


def _value(kind: type[T], given: Any, where: str) -> T:
    """A value of the table. Raises: BadInputError: a name that is unknown or missing, a value of another type."""
    try:
        made = dict(given)
        if "mark" in made:
            made["mark"] = Mark(made["mark"])
        return kind(**made)
    except (TypeError, ValueError) as error:
        raise BadInputError(f"{where}: {error}.") from error


def _validate(facts: ProviderFacts, file: Path) -> None:
    where = f"{file}: {facts.id}"
    try:
        is_safe = origin_of(facts.base_url).is_safe
    except ValueError:
        is_safe = False
    if not is_safe:
        raise BadInputError(f"{where}.base_url is no address that may be used.", "It is https://…, or http:// to this machine.")
    credential(facts.credential)
    if sum(model.default for model in facts.models) != 1:
        raise BadInputError(f"{where}: exactly one model must be the default.")
    for limit in facts.limits:
        _require(limit.kind in _LIMITS and _is_number(limit.value) and limit.value > 0, f"{where}: the limit “{limit.kind}”")
    for price in facts.prices:
        is_good = price.unit in _UNITS and _is_number(price.usd) and price.usd >= 0 and bool(_MONTH.fullmatch(price.read))
        _require(is_good, f"{where}: the price of “{price.model}” per {price.unit}")


def _require(is_good: bool, what: str) -> None:
    if not is_good:
        raise BadInputError(f"{what} cannot be used.", "See the head of the program's own providers.toml.")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value and abs(value) < float("inf")
