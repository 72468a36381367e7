"""What a plan comes to, in plain sentences, for the window and for the command line. Pure functions; no Qt.

The choice of the seam has its words here too, so that both name it alike.
"""

from dataclasses import replace
from fractions import Fraction
from itertools import groupby

from engine.encoding.result import Seam
from engine.planning.plan import Mode, RenderPlan, Segment
from engine.planning.segments import MADE_EARLIER, REFERRING

SEAM_NAMES = {Seam.FAST: "Fast", Seam.BEST: "Best seam", Seam.FULL: "Full encode"}
LONG_RUN = 5
"""A run this many times as long as its change wants a word of explanation."""
NEAR_S = Fraction(1)
"""A keyframe that is no farther away needs none."""


def counted(number: int, noun: str) -> str:
    """ "1 frame", "1,480 frames"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def seconds_words(seconds: Fraction) -> str:
    """ "0.04 s", "2.0 s", "120 s"."""
    value = float(seconds)
    return f"{value:.2f} s" if 0 < value < 0.1 else f"{value:.1f} s" if value < 100 else f"{value:,.0f} s"


def plan_sentence(plan: RenderPlan) -> str:
    """ "60 of 3,600 frames are encoded again (2.0 s of 120 s), the rest is copied bit for bit."."""
    encoded, total = plan.encoded_frames, plan.frames
    cached = sum(segment.frames for segment in plan.segments if segment.mode is Mode.CACHED)
    if encoded == total:
        return f"All {total:,} frames are encoded." if total > 1 else "The frame is encoded."
    if not encoded and not cached:
        return "Nothing changed: every frame is copied bit for bit."
    times = f"({seconds_words(plan.encoded_seconds)} of {seconds_words(plan.duration)})"
    verb = "is" if encoded == 1 else "are"
    said = [f"{encoded:,} of {total:,} frames {verb} encoded again {times}"] if encoded else []
    if cached:
        said.append(f"{cached:,} {'were' if cached > 1 else 'was'} encoded earlier" if encoded else _all_cached(cached, total))
    if encoded + cached < total:
        said.append("the rest is copied bit for bit")
    return f"{', '.join(said)}."


def _all_cached(cached: int, total: int) -> str:
    return f"Nothing is encoded: {cached:,} of {total:,} frames {'were' if cached > 1 else 'was'} encoded earlier"


def long_runs(plan: RenderPlan) -> tuple[str, ...]:
    """A sentence for each run that is encoded and much longer than its change: why it is."""
    end = sum(segment.frames for segment in plan.segments)
    runs = [list(found) for is_kept, found in groupby(plan.segments, lambda s: s.mode is not Mode.ENCODE) if not is_kept]
    return tuple(said for run in runs if plan.source_id is not None and (said := _why_long(run, end)))


def joined_runs(plan: RenderPlan) -> list[Segment]:
    """The segments with neighbours of one mode as one: a long run is parted for the cache, which people need not know."""
    end = sum(segment.frames for segment in plan.segments)
    return [_joined(list(run), end) for _, run in groupby(plan.segments, lambda segment: segment.mode)]


def _joined(run: list[Segment], end: int) -> Segment:
    if len(run) == 1:
        return run[0]
    first, frames, changed = run[0], sum(s.frames for s in run), sum(s.changed_frames for s in run)
    causes = dict.fromkeys(s.reason.partition(", + ")[0].removesuffix(MADE_EARLIER) for s in run)
    named = [cause for cause in causes if cause != REFERRING] or list(causes)
    reason, extra = ", ".join(named), frames - changed
    if first.mode is Mode.CACHED:
        reason += MADE_EARLIER
    elif changed and extra:
        reason += f", + {extra} to the {'end' if first.first_frame + frames == end else 'next keyframe'}"
    return replace(first, end=run[-1].end, frames=frames, reason=reason, key="", changed_frames=changed)


def _why_long(run: list[Segment], end: int) -> str:
    frames, changed = sum(s.frames for s in run), sum(s.changed_frames for s in run)
    after_s, after = _after_the_change(run)
    if not changed or frames <= LONG_RUN * changed or (run[-1].end - run[0].start) * (frames - changed) / frames <= NEAR_S:
        return ""
    cost = f"so {counted(frames, 'frame')} are encoded for {changed:,} changed {'one' if changed == 1 else 'ones'}."
    if after * 2 < frames - changed:
        return f"No run can begin nearer to the change, {cost}"
    if run[-1].first_frame + run[-1].frames == end:
        return f"No keyframe comes after the change, {cost}"
    return f"The next keyframe is {seconds_words(after_s)} after the change, {cost}"


def _after_the_change(run: list[Segment]) -> tuple[Fraction, int]:
    """Seconds and frames from the last changed frame of a run to the run's end."""
    time, frames = Fraction(0), 0
    for segment in reversed(run):
        share = Fraction(segment.frames_after, segment.frames)
        time, frames = time + (segment.end - segment.start) * share, frames + segment.frames_after
        if segment.changed_frames:
            break
    return time, frames


def seam_words(seam: Seam, plan: RenderPlan, about: str) -> str:
    """What a choice means and costs; `about` is the expected time, ready to read ("about 5 s")."""
    cost = f"{counted(plan.encoded_frames, 'frame')} to encode, {about}."
    if plan.source_id is None:
        return f"{cost} {'Nothing of the source stays as it is.' if seam is Seam.FULL else 'Here every choice comes to that.'}"
    if not plan.encoded_frames:
        return "Nothing has to be encoded, so this choice changes nothing."
    return f"{cost} Unchanged frames among them keep about {48 if seam is Seam.BEST else 45} dB."
