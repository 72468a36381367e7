"""What one small edit costs in a long project, as it grows: the window's thread, all threads behind it, the longest event.

    PATCHREEL_CLIPS=2000,10000 .venv/bin/python -m pytest -s -q tests/bench/test_edit_cost.py

Nothing is judged: it prints a table. The patches are finished (a quarter as many as clips); the journal's writing, which comes
every three seconds at most, is counted with the edit.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from editor.wiring import Wiring
from engine.jobs.pixels import png_of
from engine.project.clip_edits import Edge, append_clip, move_clip, remove_clip, split_clip, trim_clip
from engine.project.model import PatchState, Project
from engine.project.patch_edits import set_window
from engine.project.version_edits import set_patch_state
from engine.rational_time import TimeRange
from tests.bench.event_clock import reading
from tests.bench.large_project import CLIP_FRAMES, FRAME, carry_all, made_large, write_long_clip
from tests.editor.conftest import PATIENCE_MS

pytestmark = pytest.mark.performance
SIZES = [int(size) for size in os.environ.get("PATCHREEL_CLIPS", "2000").split(",")]
_rows: list[str] = []


@pytest.fixture(scope="module", autouse=True)
def table() -> Iterator[None]:
    yield
    sys.stdout.write("\n| edit | clips | window, CPU | behind it, CPU | longest event, CPU | by the clock | what it was |\n")
    sys.stdout.write("|---|---:|---:|---:|---:|---:|---|\n" + "\n".join(_rows) + "\n")


@pytest.mark.parametrize("clips", SIZES)
def test_edits(desk: Wiring, qtbot: QtBot, tmp_path: Path, clips: int) -> None:
    _fill(desk, qtbot, tmp_path, clips)
    middle = clips // 2 + 2
    clip, patch = f"c{middle}", f"p{middle // 4}"
    at = middle * CLIP_FRAMES * FRAME
    desk.playback.seek(at + 4 * FRAME)
    _rests(desk, qtbot)
    media = desk.services.document.project.media[0].id
    window = desk.services.document.project.patch_by_id(patch).window
    shorter = TimeRange(window.start, window.duration - FRAME)
    beyond = (clips + 5) * CLIP_FRAMES * FRAME
    edits: dict[str, Callable[[Project], Project]] = {
        "trim": lambda p: trim_clip(p, clip, Edge.END, at + (CLIP_FRAMES - 1) * FRAME),
        "split": lambda p: split_clip(p, clip, at + 6 * FRAME, new_clip_id="right"),
        "move": lambda p: move_clip(p, clip, beyond),
        "delete": lambda p: remove_clip(p, clip),
        "append": lambda p: append_clip(p, media, source_range=TimeRange(Fraction(0), FRAME * 12)),
        "ripple trim": lambda p: trim_clip(p, clip, Edge.END, at + (CLIP_FRAMES - 1) * FRAME, ripple=True),
        "patch window": lambda p: set_window(p, patch, shorter),
        "patch rejected": lambda p: set_patch_state(p, patch, PatchState.REJECTED),
        "patch hidden": lambda p: replace(p, patches=tuple(
            replace(q, visible=False) if q.id == patch else q for q in p.patches)),
        "layer hidden": lambda p: replace(p, tracks=tuple(
            replace(t, visible=False) if t.clips else t for t in p.tracks)),
    }  # fmt: skip
    _measure("nothing", clips, desk, qtbot, lambda: None)
    for name, edit in edits.items():
        _measure(name, clips, desk, qtbot, lambda edit=edit, name=name: desk.services.edit(name, edit))  # type: ignore[misc]
        _measure(f"undo {name}", clips, desk, qtbot, desk.services.document.undo_stack.undo)


def _fill(desk: Wiring, qtbot: QtBot, folder: Path, clips: int) -> None:
    file = folder / "long.mp4"
    write_long_clip(file, clips)
    desk.open([str(file)])
    document = desk.services.document
    qtbot.waitUntil(lambda: document.project.duration > 0, timeout=PATIENCE_MS)
    media = document.project.media[0]
    qtbot.waitUntil(lambda: desk.services.files.index(media) is not None, timeout=PATIENCE_MS)
    pixels = document.assets.put(png_of(np.full((10, 12, 3), 128, np.uint8)), ".png")
    carry_all(made_large(document.project, media, clips, pixels), desk.services.cache)
    document.apply("Fill", lambda project: made_large(project, media, clips, pixels))
    qtbot.waitUntil(lambda: len(desk.patch_side.trust.levels()) == clips // 4, timeout=4 * PATIENCE_MS)
    _rests(desk, qtbot)


def _measure(name: str, clips: int, desk: Wiring, qtbot: QtBot, act: Callable[[], object]) -> None:
    with reading() as read:
        whole, own, clock = time.process_time(), time.thread_time(), time.perf_counter()
        act()
        read.note(1000 * (time.thread_time() - own), 1000 * (time.perf_counter() - clock), name)
        _rests(desk, qtbot)
        qtbot.waitUntil(lambda: not desk.services.document.journal.is_waiting, timeout=PATIENCE_MS)
        qtbot.wait(300)
        own, whole = time.thread_time() - own, time.process_time() - whole
    _rows.append(f"| {name} | {clips:,} | {1000 * own:.0f} ms | {1000 * (whole - own):.0f} ms | {read.longest_ms:.0f} ms"
                 f" | {read.longest_wall_ms:.0f} ms | {read.slowest} |")  # fmt: skip


def _rests(desk: Wiring, qtbot: QtBot) -> None:
    """Nothing is at work, about to begin or waiting to be shown."""
    side = desk.patch_side

    def done() -> bool:
        runs = any(side.runs.run_of(patch.id) for patch in desk.services.document.project.patches)
        return not runs and not side.runs.is_waiting and desk.preview.is_current | (desk.preview.last is None)

    qtbot.waitUntil(done, timeout=40 * PATIENCE_MS)
    qtbot.wait(300)
