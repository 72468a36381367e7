"""What was worked out the last times, part by part, so that the same question about a project that differs little costs little.

Nothing kept can go stale: it is handed out only where all that it was made of is equal to what it would be made of now. To
compare costs next to nothing, since an edit leaves whatever it does not touch the very same value.
"""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

Made = TypeVar("Made")


class Same:
    """Stands for a value that is too large to compare: equal to itself alone."""

    __slots__ = ("_value",)

    def __init__(self, value: object) -> None:
        self._value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other._value is self._value

    __hash__ = None  # type: ignore[assignment]


_Part = tuple[tuple[object, ...], Any]


class Kept:
    """Parts by name, of the last two questions: so undo finds what was there before the edit. Used by one thread at a time.

    `turn` begins a question; what neither of the two before it asked for is forgotten.
    """

    def __init__(self) -> None:
        self._now: dict[Hashable, _Part] = {}
        self._before: tuple[dict[Hashable, _Part], ...] = ({}, {})

    def get(self, name: Hashable, made_of: tuple[object, ...], make: Callable[[], Made]) -> Made:
        """The part of this name: as it was made of equal values, or made now. `make` reads nothing but these values."""
        for parts in self._before:
            known = parts.get(name)
            if known is not None and known[0] == made_of:
                break
        else:
            known = made_of, make()
        self._now[name] = known
        made: Made = known[1]
        return made

    def turn(self) -> None:
        """What was asked for since the last turn is what is known from now on, and what was before it."""
        self._before, self._now = (self._now, self._before[0]), {}
