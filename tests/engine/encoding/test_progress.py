"""What an export says of itself while it encodes."""

from engine.encoding.splice.segment_task import _CountedOnce
from engine.encoding.splice.segments import _Progress
from engine.running import Progress


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
