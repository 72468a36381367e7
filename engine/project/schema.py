"""Plain JSON -> values of the project, by the fields of the frozen classes (`schema_text` is the way back). Reads no file and
believes nothing it is given.

Times are `[num, den]`; ranges `{"duration": …, "start": …}`; enums their value; everything else as it is. A field that is missing
takes its default, an unknown one is passed over; a wrong one is refused with its place (`tracks[0].clips[3].start`).
"""

import dataclasses
import math
import types
import typing
from collections.abc import Callable
from enum import Enum
from fractions import Fraction
from functools import cache, lru_cache
from itertools import chain
from typing import Any, TypeVar

from engine.errors import ProjectFileError

T = TypeVar("T")

TIME_MAX = 1 << 96
"""Largest numerator or denominator. A pts times a time base has 40 bits; sums of odd time bases stay far below this."""
INT_MAX = 1 << 63
ITEMS_MAX = 1_000_000
"""Longest list. The largest real ones (lasso points, captions of a day) have some ten thousand."""


def decode(kind: type[T], data: object, where: str = "project") -> T:
    """A value of a frozen class from JSON. Raises: ProjectFileError naming the place of the first thing that is wrong."""
    hashable: Any = kind
    try:
        return typing.cast(T, _reader(hashable)(data))
    except _Wrong as wrong:
        place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in reversed(wrong.way))
        raise ProjectFileError(f"{where}{place} is {wrong.what}.") from None


class _Wrong(Exception):  # noqa: N818 - never leaves this module
    """What is wrong; the way to it is noted while the exception passes up, so that it costs nothing where all is well."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what
        self.way: list[str | int] = []


Reader = Callable[[Any], Any]


@cache
def _reader(kind: Any) -> Reader:
    """The function that reads a type; made once per type, since looking at types costs more than reading values."""
    origin = typing.get_origin(kind)
    if origin in {typing.Union, types.UnionType}:
        inner = _reader(next(k for k in typing.get_args(kind) if k is not type(None)))
        return lambda data: None if data is None else inner(data)
    if origin is tuple:
        kinds = typing.get_args(kind)
        if kinds[-1] is not Ellipsis:
            return _tuple_reader(kinds)
        return _points_reader(kinds[0]) if kinds[0] == tuple[float, float] else _list_reader(kinds[0])
    if dataclasses.is_dataclass(kind):
        return _class_reader(kind)
    if kind is Fraction:
        return _read_time
    return _enum_reader(kind) if issubclass(kind, Enum) else _PLAIN[kind]


def _list_reader(kind: Any) -> Reader:
    read = _reader(kind)

    def read_list(data: Any) -> Any:
        if not isinstance(data, list) or len(data) > ITEMS_MAX:
            raise _Wrong("not a list")
        items = []
        try:
            for item in data:
                items.append(read(item))
        except _Wrong as wrong:
            wrong.way.append(len(items))
            raise
        return tuple(items)

    return read_list


def _points_reader(kind: Any) -> Reader:
    """Outlines are most of a large project: where nothing is odd about one it is read without a step of ours per number."""
    read_carefully = _list_reader(kind)

    def read_points(data: Any) -> Any:
        if type(data) is list and len(data) <= ITEMS_MAX and set(map(type, data)) == {list} and set(map(len, data)) == {2}:
            numbers = list(chain.from_iterable(data))
            if set(map(type, numbers)) == {float} and all(map(math.isfinite, numbers)):
                return tuple(map(tuple, data))
        return read_carefully(data)

    return read_points


def _tuple_reader(kinds: tuple[Any, ...]) -> Reader:
    readers = [_reader(kind) for kind in kinds]

    def read_tuple(data: Any) -> Any:
        if not isinstance(data, list) or len(data) != len(readers):
            raise _Wrong(f"not a list of {len(readers)}")
        items = []
        try:
            for read, item in zip(readers, data, strict=True):
                items.append(read(item))
        except _Wrong as wrong:
            wrong.way.append(len(items))
            raise
        return tuple(items)

    return read_tuple


def _class_reader(kind: Any) -> Reader:
    hints, missing = typing.get_type_hints(kind), dataclasses.MISSING
    readers = [
        (f.name, _reader(hints[f.name]), f.default is not missing or f.default_factory is not missing)
        for f in dataclasses.fields(kind)
    ]

    def read_class(data: Any) -> Any:
        if not isinstance(data, dict):
            raise _Wrong("not an object")
        values, name = {}, ""
        try:
            for name, read, is_optional in readers:
                if name in data:
                    values[name] = read(data[name])
                elif not is_optional:
                    raise _Wrong("missing")
        except _Wrong as wrong:
            wrong.way.append(name)
            raise
        return kind(**values)

    return read_class


def _enum_reader(kind: type[Enum]) -> Reader:
    members = {member.value: member for member in kind}

    def read_enum(data: Any) -> Enum:
        if not isinstance(data, str) or data not in members:
            raise _Wrong("not one of " + ", ".join(map(str, members)))
        return members[data]

    return read_enum


def _read_time(data: Any) -> Fraction:
    if not isinstance(data, list) or len(data) != 2 or type(data[0]) is not int or type(data[1]) is not int:
        raise _Wrong("not a time such as [1001, 30000]")
    if abs(data[0]) > TIME_MAX or not 0 < data[1] <= TIME_MAX:
        raise _Wrong("not a time of this world")
    return _time(data[0], data[1])


@lru_cache(1 << 13)
def _time(numerator: int, denominator: int) -> Fraction:
    """Most times of a project occur again and again; to reduce a fraction costs more than to find one."""
    return Fraction(numerator, denominator)


def _read_float(data: Any) -> float:
    if type(data) is int and abs(data) <= INT_MAX:
        return float(data)
    if type(data) is not float:
        raise _Wrong("not a number")
    if not math.isfinite(data):
        raise _Wrong("not a finite number")
    return data


def _read_int(data: Any) -> int:
    if type(data) is not int:
        raise _Wrong("not a whole number")
    if abs(data) > INT_MAX:
        raise _Wrong("not a number of this size")
    return data


def _read_text(data: Any) -> str:
    if type(data) is not str:
        raise _Wrong("not a text")
    return data


def _read_bool(data: Any) -> bool:
    if type(data) is not bool:
        raise _Wrong("not true or false")
    return data


_PLAIN: dict[Any, Reader] = {str: _read_text, int: _read_int, float: _read_float, bool: _read_bool}
