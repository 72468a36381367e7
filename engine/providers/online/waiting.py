"""Waiting with the user watching: in small pieces, cancelled at once, the seconds that are left said in words."""

import math
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from engine.running import CancelToken, Progress, Report

PIECE_S = 0.25
"""Longest time between two looks at the token; a cancelled wait ends within this."""


def wait_until(
    until: datetime, words: str, *, now: Callable[[], datetime], cancel: CancelToken, report: Report,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Return at `until`; every second reports `words` and how long it still takes. Raises: Cancelled.

    Never longer than it seemed at first: a clock that is set back does not prolong it.
    """
    planned = left = (until - now()).total_seconds()
    slept, said = 0.0, ""
    while left > 0:
        cancel.check()
        text = f"{words}: {span_words(left)}"
        if text != said:
            report(Progress(0.0, text))
            said = text
        piece = min(PIECE_S, left)
        sleep(piece)
        slept += piece
        left = min((until - now()).total_seconds(), planned - slept)
    cancel.check()


def span_words(seconds: float) -> str:
    """`12 s`, `3 min 05 s`, `2 h 10 min`, rounded up."""
    whole = math.ceil(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def clock_words(at: datetime, now: datetime) -> str:
    """When that is, in the local time of this machine: `18:05`, or with its date where that is another day."""
    local, today = at.astimezone() + timedelta(seconds=59), now.astimezone()
    form = "%H:%M" if local.date() == today.date() else "%d %B, %H:%M"
    return local.strftime(form)
