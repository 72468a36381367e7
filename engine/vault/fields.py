"""Which fields the credentials of each service have, and what a pasted key must look like.

The shapes are those seen in the services' own examples up to November 2026; none of the services promises one. So a key of
another shape is warned about and taken; only what cannot stand in a header, or is plainly cut off, is refused.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from engine.errors import BadInputError

MAX_CHARACTERS = 400
"""Of one field. Windows keeps at most 1,280 characters per entry, and an entry has up to three fields."""

_MIN_CHARACTERS = 8
_QUOTES = "\"'`“”‘’«»"
_INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060\u00a0"
_HEADERS = ("authorization", "x-goog-api-key", "xi-api-key")
_NAMED = re.compile(r"(?:export\s+|set\s+|\$env:)?([A-Za-z][\w-]*)\s*[:=]\s*", re.IGNORECASE)
_BEARER = re.compile(r"bearer\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Field:
    """One secret. `looks` is its usual shape as a regular expression, `shape` the same in words."""

    name: str
    label: str
    environment: str
    looks: str
    shape: str


@dataclass(frozen=True, slots=True)
class Credential:
    """The credentials of one service; `complete` lists the sets of fields of which one suffices."""

    provider: str
    name: str
    fields: tuple[Field, ...]
    complete: tuple[tuple[str, ...], ...] = (("key",),)

    def field(self, name: str) -> Field:
        """Raises: BadInputError: no such field."""
        for field in self.fields:
            if field.name == name:
                return field
        raise BadInputError(f"{self.name} has no field “{name}”.", f"Its fields: {', '.join(f.name for f in self.fields)}.")

    def missing(self, present: Mapping[str, str]) -> tuple[str, ...]:
        """The fields that are missing for the set that needs fewest more; () where one set is there."""
        return min((tuple(name for name in names if name not in present) for names in self.complete), key=len)


CREDENTIALS: tuple[Credential, ...] = (
    Credential("gemini", "Google Gemini and Veo", (
        Field("key", "API key", "GEMINI_API_KEY", r"AIza[\w-]{35}|AQ\.[\w.-]{20,}", "“AIza” and 35 more characters"),
    )),
    Credential("openai", "OpenAI", (
        Field("key", "API key", "OPENAI_API_KEY", r"sk-[\w-]{20,}", "“sk-” and at least 20 more characters"),
    )),
    Credential("kling", "Kling", (
        Field("access_key", "Access key", "KLING_ACCESS_KEY", r"[A-Za-z0-9]{20,64}", "letters and digits only"),
        Field("secret_key", "Secret key", "KLING_SECRET_KEY", r"[A-Za-z0-9]{20,64}", "letters and digits only"),
        Field("key", "API key (Kling 3.0)", "KLING_API_KEY", r"[\w.-]{16,}", "letters, digits, “-”, “_” and “.”"),
    ), complete=(("access_key", "secret_key"), ("key",))),
    Credential("elevenlabs", "ElevenLabs", (
        Field("key", "API key", "ELEVENLABS_API_KEY", r"sk_[0-9a-f]{48}|[0-9a-f]{32}", "“sk_” and 48 hexadecimal digits"),
    )),
)  # fmt: skip

_SAME_KEYS = {"veo": "gemini"}
"""Services that take the keys of another."""

_MARKS = {"AIza": "gemini", "sk-": "openai", "sk_": "elevenlabs"}


def credential(provider: str) -> Credential:
    """The credentials of a service, by its id. Raises: BadInputError: none with this id takes keys."""
    wanted = _SAME_KEYS.get(provider, provider)
    for known in CREDENTIALS:
        if known.provider == wanted:
            return known
    names = ", ".join(known.provider for known in CREDENTIALS)
    raise BadInputError(f"There is no service “{provider}” that takes keys.", f"Services: {names}.")


def cleaned(text: str, environment: str = "") -> str:
    """A pasted secret without what comes along with it: blanks, quotes, “Bearer”, the name of its header or variable."""
    before = None
    while text != before:
        before = text
        text = text.strip().strip(_INVISIBLE).strip(_QUOTES).strip(",;")
        text = text[match.end():] if (match := _BEARER.match(text)) else text
        named = _NAMED.match(text)
        if named is not None and named[1].lower() in (*_HEADERS, environment.lower()):
            text = text[named.end():]
    return text


def checked(known: Credential, values: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """The cleaned fields and warnings about them; empty ones are left out.

    Raises: BadInputError: a field that is unknown, missing, or cannot be a key; the text never holds any of it.
    """
    fields: dict[str, str] = {}
    warnings: list[str] = []
    for name, value in values.items():
        field = known.field(name)
        if text := cleaned(value, field.environment):
            _refuse_impossible(known, field, text)
            fields[name] = text
            warnings += _warnings(known, field, text)
    if missing := known.missing(fields):
        labels = " and the ".join(known.field(name).label for name in missing)
        raise BadInputError(f"The {labels} of {known.name} {'is' if len(missing) == 1 else 'are'} missing.")
    return {field.name: fields[field.name] for field in known.fields if field.name in fields}, tuple(warnings)


def _refuse_impossible(known: Credential, field: Field, text: str) -> None:
    what = f"This is no {field.label} of {known.name}"
    if any(character.isspace() for character in text):
        raise BadInputError(f"{what}: it has a space or a line break inside.", "Copy the key again, and only the key.")
    if not text.isascii() or not text.isprintable():
        raise BadInputError(f"{what}: it has characters that no key has.", "Copy the key again; a hidden key shows dots instead.")
    if len(text) < _MIN_CHARACTERS:
        raise BadInputError(f"{what}: it has only {len(text)} characters.", "Copy the whole key.")
    if len(text) > MAX_CHARACTERS:
        raise BadInputError(f"{what}: it has {len(text)} characters, more than any key.", "Copy the key again, and only the key.")


def _warnings(known: Credential, field: Field, text: str) -> list[str]:
    if re.fullmatch(field.looks, text):
        return []
    for mark, provider in _MARKS.items():
        if text.startswith(mark) and provider != known.provider:
            return [f"This looks like a key of {credential(provider).name}, not of {known.name}."]
    return [f"Keys of {known.name} usually are {field.shape}. It is kept as it is; test it."]
