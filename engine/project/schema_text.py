"""Values of the project -> JSON text, by the fields of the frozen classes; what `schema` reads. Writes no file.

One function per type, made once, as in `schema`: several times faster than to make lists and objects first and JSON of those.
"""

import dataclasses
import json
import math
import types
import typing
from collections.abc import Callable
from enum import Enum
from fractions import Fraction
from operator import attrgetter
from typing import Any

Write = Callable[[Any], str]

plain_text: Write = json.JSONEncoder(ensure_ascii=True, sort_keys=True, allow_nan=False).encode
"""Texts, numbers, lists and objects of them. Raises: ValueError: a number that JSON has not."""


class TextWriter:
    """Writes values as JSON text. Used by one thread at a time.

    Args:
        on_lines: classes whose items in a list have a line each, for `diff`.
        kept: classes whose text is kept until the next project is written: of the same (`is`) frozen value it is the same,
            so that a large project with a small edit costs little.
    """

    def __init__(self, on_lines: frozenset[type] = frozenset(), kept: frozenset[type] = frozenset()) -> None:
        self._on_lines, self._kinds_kept = on_lines, kept
        self._writers: dict[Any, Write] = {}
        self._kept: dict[int, tuple[object, str]] = {}
        self._used: dict[int, tuple[object, str]] = {}

    def text(self, value: Any, kind: Any = None) -> str:
        """The JSON of a value of a frozen class, or of another declared type."""
        return self._writer(kind or type(value))(value)

    def texts(self, value: Any) -> dict[str, str]:
        """The JSON of each field of a value of a frozen class. Ends what is kept of the value before."""
        hints = typing.get_type_hints(type(value))
        made = {f.name: self.text(getattr(value, f.name), hints[f.name]) for f in dataclasses.fields(value)}
        self._kept, self._used = self._used, {}
        return made

    def _writer(self, kind: Any) -> Write:
        if kind not in self._writers:
            self._writers[kind] = self._made(kind)
        return self._writers[kind]

    def _made(self, kind: Any) -> Write:
        if _is_plain(kind):
            return _leaf_writer(kind)
        origin, kinds = typing.get_origin(kind), typing.get_args(kind)
        if origin in {typing.Union, types.UnionType}:
            inner = self._writer(next(k for k in kinds if k is not type(None)))
            return lambda value: "null" if value is None else inner(value)
        if origin is tuple:
            return self._list_writer(kinds[0]) if kinds[-1] is Ellipsis else self._tuple_writer(kinds)
        if kind is Fraction:
            return lambda value: "[{}, {}]".format(*value.as_integer_ratio())
        if issubclass(kind, Enum):
            texts = {member: plain_text(member.value) for member in kind}
            return texts.__getitem__
        return self._remembering(self._class_writer(kind)) if kind in self._kinds_kept else self._class_writer(kind)

    def _list_writer(self, kind: Any) -> Write:
        write = self._writer(kind)
        if kind in self._on_lines:
            return lambda value: "[\n" + ",\n".join(map(write, value)) + "\n]" if value else "[]"
        return lambda value: "[" + ", ".join(map(write, value)) + "]"

    def _tuple_writer(self, kinds: tuple[Any, ...]) -> Write:
        writers = [self._writer(kind) for kind in kinds]
        return lambda value: "[" + ", ".join(write(item) for write, item in zip(writers, value, strict=True)) + "]"

    def _class_writer(self, kind: Any) -> Write:
        hints, names = typing.get_type_hints(kind), sorted(field.name for field in dataclasses.fields(kind))
        fields = [(f"{plain_text(name)}: ", attrgetter(name), self._writer(hints[name])) for name in names]
        return lambda value: "{" + ", ".join([name + write(get(value)) for name, get, write in fields]) + "}"

    def _remembering(self, write: Write) -> Write:
        def remembered(value: Any) -> str:
            known = self._kept.get(id(value))
            if known is None:
                known = (value, write(value))  # it is held on to, so nothing else can get its id
            self._used[id(value)] = known
            return known[1]

        return remembered


def _is_plain(kind: Any) -> bool:
    """Whether a type consists of texts and numbers only, which need no field names and no enums."""
    if typing.get_origin(kind) is tuple:
        return all(item is Ellipsis or _is_plain(item) for item in typing.get_args(kind))
    return kind in {str, int, float, bool}


def _leaf_writer(kind: Any) -> Write:
    """Short cuts for what is exactly of its type; a whole number where a float may stand is written as it is."""
    if kind is bool:
        return lambda value: "true" if value is True else "false" if value is False else plain_text(value)
    if kind is int:
        return lambda value: repr(value) if type(value) is int else plain_text(value)
    if kind is float:
        return lambda value: repr(value) if type(value) is float and math.isfinite(value) else plain_text(value)
    return plain_text
