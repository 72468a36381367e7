"""What the form asks and what it is told, as plain values."""

from dataclasses import dataclass
from enum import Enum

PROMPT_MAX = 10_000
"""Characters; a service may take fewer."""


class Tab(Enum):
    """What is to be made of what."""

    TEXT_TO_VIDEO = "Text to video"
    IMAGE_TO_VIDEO = "Image to video"
    TEXT_TO_IMAGE = "Text to image"


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands in the form. `first` and `last` are whatever names a picture to whoever gave it; empty: none."""

    tab: Tab = Tab.TEXT_TO_VIDEO
    provider: str = ""
    prompt: str = ""
    leave_out: str = ""
    first: str = ""
    last: str = ""
    shape: str = ""
    size: str = ""
    """ "720p"; of a picture “1K”. Empty, as the shape: not chosen yet."""
    length_s: int = 0
    continues: bool = False
    """The first frame is the last one of a clip that is to go on."""


@dataclass(frozen=True, slots=True)
class Service:
    """A line of the choice of providers."""

    id: str
    name: str
    note: str = ""
    """ "your key ••••7Q2F", “no key yet”."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What the chosen service offers for this tab."""

    services: tuple[Service, ...] = ()
    shapes: tuple[str, ...] = ("16:9", "9:16")
    """Empty: the shape is that of the first frame."""
    sizes: tuple[str, ...] = ("720p", "1080p")
    lengths_s: tuple[int, ...] = (4, 6, 8)
    takes_leave_out: bool = True
    takes_last: bool = True
    notes: tuple[str, ...] = ()
    """What is not possible together, each a sentence."""


@dataclass(frozen=True, slots=True)
class Ready:
    """Whether it can be sent, and for how much."""

    estimate: str = ""
    """ "About $0.80"."""
    problem: str = ""
    """Why it cannot be sent, a sentence; empty where it can."""
    button: str = "Generate"
    """Its words; “Waiting for your decision” while the gate is open."""
    is_waiting: bool = False
    """It was asked for and waits; nothing is wrong."""
