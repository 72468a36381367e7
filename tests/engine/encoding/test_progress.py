"""What an export says of itself while it encodes."""

import pytest

from engine.encoding.splice.segment_task import _CountedOnce
from engine.encoding.splice.segments import _Progress
from engine.running import Progress
from tests.engine.encoding.makers import Bench, make_clip


def test_a_second_attempt_is_not_counted_backward() -> None:
    seen: list[Progress] = []
    progress = _Progress(seen.append, 20)
    counted = _CountedOnce(progress.advance)
    for attempt in (12, 20):
        counted.restart()
        for _ in range(attempt):
            counted.advance()
    fractions = [step.fraction for step in seen]
    assert fractions == sorted(fractions) and fractions[-1] == 1.0 and len(fractions) == 20


def test_work_that_is_done_again_is_waited_for() -> None:
    seen: list[Progress] = []
    progress = _Progress(seen.append, 10)
    progress.reach(7)
    progress.restart(4)
    for _ in range(6):
        progress.advance()
    fractions = [step.fraction for step in seen]
    assert fractions == sorted(fractions) and fractions[-1] == 1.0


def test_copying_never_goes_back(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a transport stream not every packet says where it lies."""
    clip = make_clip(bench.folder / "in.ts")
    seen: list[Progress] = []
    monkeypatch.setattr("engine.encoding.splice.remux._CHECK_EVERY", 1)
    monkeypatch.setattr("engine.encoding.export.Throttled", lambda report: report)
    bench.export(bench.project(clip, (24, 29)), "out.ts", report=seen.append)
    fractions = [step.fraction for step in seen]
    assert len({step.fraction for step in seen if step.text == "Copying"}) > 3
    assert fractions == sorted(fractions)
