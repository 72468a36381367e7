"""One patch at work: what is being done, how far it is, how long it will take."""

import time
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from editor.render_thread import RenderThread
from engine.jobs.workspace import Workspace
from engine.project.model import Patch, PatchVersion
from engine.running import Progress

SHARES = {"patch": (0.0, 0.25), "carry": (0.25, 0.9), "review": (0.9, 1.0)}


class Phase(Enum):
    PATCH = "patch"
    CARRY = "carry"
    REVIEW = "review"


WORDS = {Phase.PATCH: "Making the patch", Phase.CARRY: "Carrying it on", Phase.REVIEW: "Measuring the change"}
WAITING = ("Waiting for ", " in: ")
"""What a service reports: “Waiting for Gemini”; “Gemini asks to wait, trying again (2 of 3) in: 12 s”."""
CORRECTING = "Putting it right on the further anchors"


@dataclass(slots=True)
class Run:
    """One patch at work."""

    patch: Patch
    """As it was asked for."""
    phase: Phase
    thread: RenderThread
    ticket: int
    session: str
    workspace: Workspace
    is_whole: bool = False
    """True where the provider was asked; False where only frames are carried on."""
    is_correction: bool = False
    """Only the keys changed: nobody is asked for money, and the frames between the neighbouring anchors are carried anew."""
    progress: Progress = field(default_factory=lambda: Progress(0.0))
    began: float = field(default_factory=time.monotonic)

    @property
    def share(self) -> float:
        """0..1 of everything that will be done."""
        start, end = SHARES[self.phase.value] if self.is_whole else (0.0, 1.0)
        return start + (end - start) * self.progress.fraction

    @property
    def words(self) -> str:
        """ "Carrying it on, 57 of 91 frames"."""
        if self.phase is Phase.PATCH and any(mark in self.progress.text for mark in WAITING):
            return self.progress.text
        detail = self.progress.text if self.phase is not Phase.PATCH else ""
        words = CORRECTING if self.is_correction and self.phase is Phase.PATCH else WORDS[self.phase]
        return f"{words}, {detail}" if detail[:1].isdigit() else words

    @property
    def remaining(self) -> str:
        """ "about 4 s left", once there is something to judge by."""
        elapsed, share = time.monotonic() - self.began, self.share
        if elapsed < 1 or share < 0.05:
            return ""
        left = elapsed * (1 - share) / share
        return f"about {max(1, round(left))} s left" if left < 90 else f"about {round(left / 60)} min left"


def carried_of(patch: Patch) -> tuple[Any, ...]:
    """What the carried frames depend on."""
    return patch.version, patch.window, patch.carrying


def bring_along(old: Workspace, new: Workspace, version: PatchVersion) -> None:
    """The project was saved elsewhere while the job ran: its assets must lie there too."""
    further = [name for other in version.others for name in (other.pixels, other.raw_reply)]
    for name in (version.pixels, version.raw_reply, *further):
        if name and not new.assets.has(name) and old.assets.has(name):
            new.assets.put(old.assets.get(name), old.assets.path(name).suffix)
