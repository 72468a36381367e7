"""What an export says of itself while it encodes."""

from engine.encoding.splice.segments import _Progress
from engine.running import Progress


def test_a_second_attempt_is_not_counted_backward() -> None:
    seen: list[Progress] = []
    progress = _Progress(seen.append, 10, 30)
    for attempt in (12, 20):
        progress.restart()
        for _ in range(attempt):
            progress.advance()
    fractions = [step.fraction for step in seen]
    assert fractions == sorted(fractions) and fractions[-1] == 1.0
