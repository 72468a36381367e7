"""What a gallery shows, as plain values: cards with their state, what can be done with them, sections, how it is looked at."""

from dataclasses import dataclass, replace
from enum import Enum
from typing import Literal


class Group(Enum):
    """What the filter parts cards into."""

    ALL = "all"
    RUNNING = "running"
    FINISHED = "finished"
    NEEDS_YOU = "needs you"
    DELETED = "deleted"
    """In no other one, and offered only while there are some."""


class Look(Enum):
    """How a card is drawn."""

    RUNNING = "running"
    WAITING = "waiting"
    FINISHED = "finished"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"
    FAILED = "failed"
    STOPPED = "stopped"
    DELETED = "deleted"

    @property
    def group(self) -> Group:
        if self is Look.DELETED:
            return Group.DELETED
        if self in {Look.RUNNING, Look.WAITING}:
            return Group.RUNNING
        return Group.FINISHED if self is Look.FINISHED else Group.NEEDS_YOU

    @property
    def icon(self) -> str:
        return _ICONS[self][0]

    @property
    def role(self) -> str:
        """Of the theme: the colour of icon and status."""
        return _ICONS[self][1]


_ICONS = {
    Look.RUNNING: ("clock", "t1"), Look.WAITING: ("clock", "t1"), Look.FINISHED: ("check", "gr"), Look.BLOCKED: ("blocked", "rd"),
    Look.UNKNOWN: ("warning", "am"), Look.FAILED: ("doubtful", "rd"), Look.STOPPED: ("stop", "t2"),
    Look.DELETED: ("trash", "t2"),
}  # fmt: skip

Place = Literal["main", "quiet", "far", "end", "menu", "icon"]
"""An edged button at the left, a quiet one beside it; an edged, a quiet one, an icon at the right; a line of the menu."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that can be done with a card; `key` comes back with the signal."""

    key: str
    text: str
    icon: str = ""
    place: Place = "menu"
    tip: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """Times are seconds since 1970, as `time.time()` gives them; None where there is none."""

    id: str
    look: Look
    status: str
    """ "Finished, in bin"."""
    prompt: str
    facts: str
    """ "Veo, image to video, 8 s, 720p, about $0.80"."""
    section: str = ""
    headline: str = ""
    """In place of the picture: “The answer was lost after sending”. Of a running card what happens: “Generating”."""
    explanation: str = ""
    """Below the headline: “It may have been charged. It was not sent again.”"""
    badges: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    hint: str = ""
    """At the foot of a card: “Goes on if you close the window”."""
    began: float | None = None
    usual_s: float | None = None
    retry_at: float | None = None
    duration_s: float = 0.0
    """Of a video that can be played; 0 of anything else."""
    thumb: int | None = None
    """1 up, -1 down, 0 nothing said; None where there is nothing to judge."""

    @property
    def can_play(self) -> bool:
        return self.look is Look.FINISHED and self.duration_s > 0

    @property
    def spoken(self) -> str:
        """All of it, for a screen reader."""
        parts = (self.status, self.prompt, self.facts, self.headline, self.explanation, ", ".join(self.badges))
        return ". ".join(part for part in parts if part)

    def matches(self, group: Group, words: tuple[str, ...]) -> bool:
        """Whether it is in a group and all words, in lower case, stand in what it says."""
        if self.look.group is not group and (group is not Group.ALL or self.look is Look.DELETED):
            return False
        said = f"{self.prompt} {self.facts} {self.status}".casefold()
        return all(word in said for word in words)


@dataclass(frozen=True, slots=True)
class Section:
    """Cards under a heading; `empty` and `button` show where there are none (without them the section is left out then)."""

    key: str
    title: str
    empty: str = ""
    button: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """How the gallery is looked at; kept over restarts."""

    group: Group = Group.ALL
    is_grid: bool = True
    search: str = ""

    def with_group(self, group: Group) -> "View":
        return replace(self, group=group)

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(self.search.casefold().split())


def clock_words(seconds: float) -> str:
    """ "1:12", of an hour and more "1:02:03"; never below zero."""
    whole = max(0, int(seconds))
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def progress_words(elapsed_s: float, usual_s: float | None) -> str:
    """ "1:12 of about 2:00", or "1:12" where nobody knows how long it takes or it has taken longer."""
    if usual_s is None or elapsed_s >= usual_s:
        return clock_words(elapsed_s)
    return f"{clock_words(elapsed_s)} of about {clock_words(usual_s)}"


def progress_share(elapsed_s: float, usual_s: float | None) -> float | None:
    """0..0.97 of the bar: it never claims to be at the end; None where nobody knows."""
    return None if not usual_s else min(0.97, max(0.0, elapsed_s / usual_s))
