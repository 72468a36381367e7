"""A made-up timeline for the demo and for tests: clips, captions, a patch, a plan, invented pictures and waves."""

from fractions import Fraction

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter

from widgets.timeline.values import (
    ClipView,
    ConfidenceBar,
    Level,
    Marker,
    PatchView,
    StripSpan,
    TimelineView,
    TrackView,
)

RATE = Fraction(25)
CAPTIONS = (
    (8, 62, "Spring starts small."), (66, 102, "Then it opens."), (118, 176, "And somebody wakes up."),
    (182, 232, "(yawns)"), (244, 318, "Eighteen mirrors, one surface."), (334, 420, "We parked here for the view."),
)  # fmt: skip
VIDEOS = ((0, 104, "greenhouse.mp4"), (104, 236, "meadow_take3.mp4"), (236, 326, "mirror_lab.mp4"),
          (326, 852, "car_park.mp4"))  # fmt: skip
PLAN = (
    (0, 15, "copy", "Unchanged since import"), (15, 90, "cached", "Overlay logo.png, made earlier"),
    (90, 129, "copy", "Unchanged since import"), (129, 229, "encode", "Patch Remove boulders, and 9 frames to keyframes"),
    (229, 340, "copy", "Unchanged since import"), (340, 412, "encode", "Text Free parking, and 12 frames to keyframes"),
    (412, 852, "copy", "Unchanged since import"),
)  # fmt: skip


def at(frame: int) -> Fraction:
    """The time of a frame."""
    return Fraction(frame) / RATE


def example_view() -> TimelineView:
    """Six tracks, 34 seconds at 25 frames per second."""
    tracks = (
        TrackView("c1", "caption", "C1", clips=tuple(
            ClipView(f"cue{i}", text, "text", at(a), at(b - a)) for i, (a, b, text) in enumerate(CAPTIONS))),
        TrackView("v2", "overlay", "V2", clips=(
            ClipView("logo", "logo.png", "image", at(20), at(64), badge="80 %"),
            ClipView("title", "Free parking", "text", at(344), at(60)))),
        TrackView("p1", "patch", "P1", patches=(example_patch(),)),
        TrackView("v1", "video", "V1", clips=tuple(
            ClipView(f"v{i}", name, "video", at(a), at(b - a), room_before=at(12), room_after=at(25))
            for i, (a, b, name) in enumerate(VIDEOS))),
        TrackView("a1", "audio", "A1 Original", locked=True, clips=tuple(
            ClipView(f"a{i}", "", "audio", at(a), at(b - a)) for i, (a, b, _) in enumerate(VIDEOS))),
        TrackView("a2", "audio", "A2 Music", clips=(
            ClipView("music", "vibe_ace.ogg", "audio", at(40), at(812), badge="−12 dB", fade_in=at(30)),)),
    )  # fmt: skip
    plan = tuple(StripSpan(at(a), at(b), mode, why) for a, b, mode, why in PLAN)  # type: ignore[arg-type]
    return TimelineView(tracks, plan, at(852), RATE, "71 % copied", (Marker(at(81), "Beat"),))


def example_patch() -> PatchView:
    """91 frames, 15 of which need a look."""
    bars = tuple(ConfidenceBar(at(133 + i), _level(i)) for i in range(91))
    return PatchView("patch", "Remove boulders", at(133), at(91), at(173), "v3", 91,
                     confidence=bars, falloff=at(7))  # fmt: skip


def _level(frame: int) -> Level:
    if frame < 10 or frame == 76:
        return "red"
    return "amber" if frame == 10 or frame in {75, 77, 78} else "green"


def example_thumbnail(clip_id: str, time: Fraction) -> QImage:
    """A hill under a sky whose hue is the clip's and whose sun moves with the time."""
    hue = (hash_of(clip_id) * 47) % 360
    image = QImage(160, 90, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    sky = QLinearGradient(0, 0, 0, 90)
    sky.setColorAt(0, QColor.fromHsv(hue, 110, 90))
    sky.setColorAt(1, QColor.fromHsv((hue + 40) % 360, 90, 190))
    painter.fillRect(image.rect(), sky)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QColor(0, 0, 0, 0))
    painter.setBrush(QColor.fromHsv((hue + 60) % 360, 60, 240))
    painter.drawEllipse(QPointF(20 + float(time) * 18 % 120, 30), 11, 11)
    painter.setBrush(QColor.fromHsv((hue + 80) % 360, 120, 70))
    painter.drawEllipse(QRectF(-30, 55, 220, 90))
    painter.end()
    return image


def hash_of(text: str) -> int:
    """A small number that is the same on every run."""
    return sum(ord(letter) * (place + 1) for place, letter in enumerate(text))


def example_peaks(clip_id: str, start: Fraction, end: Fraction, columns: int) -> npt.NDArray[np.float32]:
    """Speech-like bursts that stay put when the timeline scrolls."""
    time = np.linspace(float(start), float(end), columns, endpoint=False)
    seed = hash_of(clip_id)
    slow = 0.5 + 0.5 * np.sin(time * 2.1 + seed) * np.sin(time * 0.63 + seed * 0.3)
    words = 0.5 + 0.5 * np.sin(time * 9.0 + 2 * np.sin(time * 2.7 + seed))
    grain = np.abs(np.sin(time * 173.3 + seed) + np.sin(time * 91.7)) / 2
    peak = np.clip(0.05 + slow * words * (0.45 + 0.55 * grain), 0, 1)
    return np.stack([peak, peak * 0.45], axis=1).astype(np.float32)
