"""Which providers there are, and whether what they are asked for makes sense. Knows no pixels and no network."""

from collections.abc import Iterable, Mapping
from math import isfinite
from typing import TYPE_CHECKING

from engine.errors import BadInputError
from engine.providers.local.blur import Blur
from engine.providers.local.cleanplate import CleanPlate
from engine.providers.local.colour import ColourChange
from engine.providers.local.heal import Heal
from engine.providers.local.image import PlaceImage
from engine.providers.local.inpaint import Inpaint
from engine.providers.local.interpolate import Interpolate
from engine.providers.local.pixelate import Pixelate
from engine.providers.local.text import TextCover
from engine.providers.protocol import ParameterSpec, ProviderInfo, RegionEditor

if TYPE_CHECKING:  # the services bring the vault and the table with them
    from engine.providers.online.offered import Means

Value = float | str | bool


class Registry:
    """Providers of region edits by id, in the order in which they are offered."""

    def __init__(self, editors: Iterable[RegionEditor] = ()) -> None:
        self._editors: dict[str, RegionEditor] = {}
        for editor in editors:
            self.add(editor)

    def add(self, editor: RegionEditor) -> None:
        """Raises: BadInputError for an id that is taken, and for a remote provider that wants other frames of the shot."""
        info = editor.info
        if info.is_remote and info.needs_context:
            raise BadInputError(
                f"The provider “{info.id}” works elsewhere and asks for other frames; it may see the region only.",
                "It was not added.",
            )
        if info.id in self._editors:
            raise BadInputError(f"There is already a provider “{info.id}”.", "Give the new one another id.")
        self._editors[info.id] = editor

    def infos(self) -> tuple[ProviderInfo, ...]:
        return tuple(editor.info for editor in self._editors.values())

    def get(self, provider: str) -> RegionEditor:
        """Raises: BadInputError naming the ids there are."""
        if provider not in self._editors:
            raise BadInputError(f"There is no provider “{provider}”.", f"Choose one of: {', '.join(self._editors)}.")
        return self._editors[provider]

    def parameters(self, provider: str, given: Mapping[str, Value]) -> dict[str, Value]:
        """All parameters of a provider: the given ones checked and converted from text, the others at their default.

        Raises: BadInputError naming the parameter and what it may be.
        """
        return checked_parameters(self.get(provider).info, given)


def local_registry() -> Registry:
    """The offline providers."""
    return Registry([
        Inpaint(), CleanPlate(), Heal(), Interpolate(), Blur(), Pixelate(), ColourChange(), PlaceImage(), TextCover(),
    ])


def full_registry(means: "Means") -> Registry:
    """The offline providers and the services. A service is loaded when it is first asked, and lets nothing out by itself."""
    from engine.providers.online.offered import remote_editors

    registry = local_registry()
    for editor in remote_editors(means):
        registry.add(editor)
    return registry


def checked_parameters(info: ProviderInfo, given: Mapping[str, Value]) -> dict[str, Value]:
    """See `Registry.parameters`; of a provider of another kind too."""
    specs = {spec.name: spec for spec in info.parameters}
    for name in given:
        if name not in specs:
            known = f"It has: {', '.join(specs)}." if specs else "It has none."
            raise BadInputError(f"“{info.id}” has no parameter “{name}”.", known)
    return {name: _checked(spec, given[name]) if name in given else spec.default for name, spec in specs.items()}


def _checked(spec: ParameterSpec, value: Value) -> Value:
    if isinstance(spec.default, bool):
        return _switch(spec, value)
    if isinstance(spec.default, str):
        return _choice(spec, value)
    return _number(spec, value)


def _switch(spec: ParameterSpec, value: Value) -> bool:
    words = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
    found = value if isinstance(value, bool) else words.get(str(value).strip().lower())
    if found is None:
        raise BadInputError(f"“{spec.name}” cannot be “{value}”.", "It is either on or off.")
    return found


def _choice(spec: ParameterSpec, value: Value) -> str:
    if not isinstance(value, str) or (spec.choices and value not in spec.choices):
        raise BadInputError(f"“{spec.name}” cannot be “{value}”.", f"It is one of: {', '.join(spec.choices)}.")
    return value


def _number(spec: ParameterSpec, value: Value) -> float:
    try:
        number = float("nan") if isinstance(value, bool) else float(value)
    except ValueError:
        number = float("nan")
    if not isfinite(number) or not spec.minimum <= number <= spec.maximum:
        unit = f" {spec.unit}" if spec.unit else ""
        allowed = f"It is a number from {spec.minimum:g} to {spec.maximum:g}{unit}."
        raise BadInputError(f"“{spec.name}” cannot be “{value}”.", allowed)
    return number
