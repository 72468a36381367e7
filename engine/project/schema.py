"""Values of the project <-> plain JSON, by the fields of the frozen classes. Reads no file and believes nothing it is given.

Times are `[num, den]`; ranges `{"duration": …, "start": …}`; enums their value; everything else as it is. A field that is missing
takes its default, an unknown one is passed over; a wrong one is refused with its place (`tracks[0].clips[3].start`).
"""

import dataclasses
import math
import types
import typing
from enum import Enum
from fractions import Fraction
from functools import cache
from typing import Any, TypeVar

from engine.errors import ProjectFileError

T = TypeVar("T")

TIME_MAX = 1 << 96
"""Largest numerator or denominator. A pts times a time base has 40 bits; sums of odd time bases stay far below this."""
INT_MAX = 1 << 63
ITEMS_MAX = 1_000_000
"""Longest list. The largest real ones (lasso points, captions of a day) have some ten thousand."""


def encode(value: object) -> Any:
    """A value of the project as JSON; the reverse of `decode`."""
    if isinstance(value, Fraction):
        return [value.numerator, value.denominator]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [encode(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: encode(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return value


def decode(kind: type[T], data: object, where: str = "project") -> T:
    """A value of a frozen class from JSON. Raises: ProjectFileError naming the place of the first thing that is wrong."""
    return typing.cast(T, _decode(kind, data, where))


def _decode(kind: Any, data: object, where: str) -> Any:
    origin = typing.get_origin(kind)
    if origin in {typing.Union, types.UnionType}:
        inner = next(k for k in typing.get_args(kind) if k is not type(None))
        return None if data is None else _decode(inner, data, where)
    if origin is tuple:
        return _decode_tuple(typing.get_args(kind), data, where)
    if dataclasses.is_dataclass(kind):
        return _decode_fields(kind, data, where)
    if kind is Fraction:
        return _decode_time(data, where)
    if issubclass(kind, Enum):
        return _decode_enum(kind, data, where)
    return _decode_plain(kind, data, where)


def _decode_tuple(kinds: tuple[Any, ...], data: object, where: str) -> tuple[Any, ...]:
    if not isinstance(data, list) or len(data) > ITEMS_MAX:
        raise _wrong(where, "a list")
    if kinds[-1] is Ellipsis:
        return tuple(_decode(kinds[0], item, f"{where}[{i}]") for i, item in enumerate(data))
    if len(data) != len(kinds):
        raise _wrong(where, f"a list of {len(kinds)}")
    return tuple(_decode(k, item, f"{where}[{i}]") for i, (k, item) in enumerate(zip(kinds, data, strict=True)))


@cache
def _fields(kind: Any) -> tuple[tuple[str, Any, bool], ...]:
    """Name, type and whether it may be missing, for each field of a frozen class."""
    hints = typing.get_type_hints(kind)
    missing = dataclasses.MISSING
    return tuple(
        (f.name, hints[f.name], f.default is not missing or f.default_factory is not missing) for f in dataclasses.fields(kind)
    )


def _decode_fields(kind: Any, data: object, where: str) -> Any:
    if not isinstance(data, dict):
        raise _wrong(where, "an object")
    values = {}
    for name, hint, is_optional in _fields(kind):
        if name in data:
            values[name] = _decode(hint, data[name], f"{where}.{name}")
        elif not is_optional:
            raise ProjectFileError(f"{where}.{name} is missing.")
    return kind(**values)


def _decode_time(data: object, where: str) -> Fraction:
    if (
        not isinstance(data, list)
        or len(data) != 2
        or not all(isinstance(n, int) and not isinstance(n, bool) and abs(n) <= TIME_MAX for n in data)
        or data[1] <= 0
    ):
        raise _wrong(where, "a time such as [1001, 30000]")
    return Fraction(data[0], data[1])


def _decode_enum(kind: type[Enum], data: object, where: str) -> Enum:
    for member in kind:
        if member.value == data:
            return member
    raise _wrong(where, "one of " + ", ".join(str(member.value) for member in kind))


def _decode_plain(kind: type, data: object, where: str) -> object:
    if kind is float and isinstance(data, int) and not isinstance(data, bool) and abs(data) <= INT_MAX:
        return float(data)
    if type(data) is not kind:
        raise _wrong(where, {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}[kind])
    if isinstance(data, float) and not math.isfinite(data):
        raise _wrong(where, "a finite number")
    if isinstance(data, int) and abs(data) > INT_MAX:
        raise _wrong(where, "a number of this size")
    return data


def _wrong(where: str, expected: str) -> ProjectFileError:
    return ProjectFileError(f"{where} is not {expected}.")
