"""What the export window says, as plain values: figures and rows of a plan, checks of a finished file. Pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from editor.plan_words import counted, joined_runs, seam_words
from editor.view_models import copied_words, rate_words
from engine.encoding.result import Check, Seam
from engine.jobs.forecast import Forecast, OutputForm
from engine.planning.plan import AudioMode, Mode, RenderPlan, Segment
from engine.rational_time import timecode
from widgets.timeline.values import SpanMode

CODEC_NAMES = {
    "h264": "H.264", "hevc": "HEVC", "vp9": "VP9", "vp8": "VP8", "av1": "AV1", "prores": "ProRes", "ffv1": "FFV1",
    "mpeg4": "MPEG-4", "mpeg2video": "MPEG-2", "mjpeg": "Motion JPEG", "dnxhd": "DNxHR",
}  # fmt: skip
MODES: dict[Mode, SpanMode] = {Mode.COPY: "copy", Mode.CACHED: "cached", Mode.ENCODE: "encode"}
MOST_FIGURE = 24
"""Characters that a figure has room for; a longer one is a sentence."""
MOST_ROWS = 200
"""A list longer than this is not read; the rest is counted in one row."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A big number and what it counts."""

    value: str
    words: str
    is_accent: bool = False


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A line of the plan's table. `mode` is None where nothing happens; `detail` is what stands after the reason, quieter."""

    range: str
    frames: str
    mode: SpanMode | None
    happens: str
    why: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A claim about the finished file: its number and what more is known."""

    name: str
    figure: str
    detail: str
    is_ok: bool


def figures(found: Forecast) -> tuple[Figure, ...]:
    """The four big numbers."""
    plan, expected = found.plan, found.estimate
    copied = copied_words(plan).removesuffix(" copied")
    encoded = f"{float(plan.encoded_seconds):.1f} s" if plan.encoded_frames else "0 s"
    return (
        Figure(copied, "copied, byte for byte"),
        Figure(encoded, f"encoded, {counted(plan.encoded_frames, 'frame')}", plan.encoded_frames > 0),
        Figure(about(expected.seconds), _beside_the_time(found)),
        Figure(size_words(expected.size_bytes), "expected size"),
    )


def _beside_the_time(found: Forecast) -> str:
    """What a full encode would take, where that is another thing and not quicker."""
    if found.plan.source_id is None:
        return "every frame is encoded"
    full = about(found.estimate.full_seconds).lower()
    return f"instead of {full}" if found.estimate.seconds < found.estimate.full_seconds else f"full encode: {full}"


def about(seconds: float) -> str:
    """ "About 5 s", "About 3 min", "About 2.5 h"."""
    if seconds < 90:
        return f"About {max(1, round(seconds))} s"
    if seconds < 5400:
        return f"About {round(seconds / 60)} min"
    return f"About {seconds / 3600:.1f} h"


def choice_words(seam: Seam, found: Forecast) -> str:
    """What the choice of a seam means and costs, once the plan is known."""
    return seam_words(seam, found.plan, about(found.estimate.seconds).lower())


STAGES = {
    "Encoding": "Encoding the frames that changed", "Copying": "Copying everything else bit for bit",
    "Checking": "Checking the written file against the source",
}  # fmt: skip
FULL_STAGES = {"Encoding": "Encoding every frame", "Checking": "Checking the written file"}


def stage_words(stage: str, copies: bool) -> str:
    """What a running export is doing, for people; a stage without words of its own says its name."""
    return (STAGES if copies else FULL_STAGES).get(stage, stage)


def size_words(size: int) -> str:
    """ "640 kB", "18.4 MB", "2.31 GB"."""
    if size < 1_000_000:
        return f"{max(1, round(size / 1000))} kB"
    return f"{size / 1e6:.1f} MB" if size < 1_000_000_000 else f"{size / 1e9:.2f} GB"


def form_words(form: OutputForm, suffix: str) -> str:
    """ "H.264 High, 1280 × 720, 25 fps, MP4"."""
    codec = f"{CODEC_NAMES.get(form.codec, form.codec.upper())} {form.profile}".strip()
    return f"{codec}, {form.width} × {form.height}, {rate_words(form.rate)}, {suffix.lstrip('.').upper()}"


def plan_rows(plan: RenderPlan, rate: Fraction) -> tuple[PlanRow, ...]:
    """What is encoded or cached, then everything else, then the sound."""
    changed = [run for run in joined_runs(plan) if run.mode is not Mode.COPY]
    rows = [_segment_row(segment, rate) for segment in changed[:MOST_ROWS]]
    if len(changed) > MOST_ROWS:
        left = changed[MOST_ROWS:]
        rows.append(PlanRow(f"{len(left):,} more ranges", f"{sum(s.frames for s in left):,}", "encode", "Encoded or cached", ""))
    copied = sum(segment.frames for segment in plan.segments if segment.mode is Mode.COPY)
    if copied:
        words = "Everything else" if changed else "Everything"
        rows.append(PlanRow(words, f"{copied:,}", "copy", "Copied", "Unchanged since import"))
    rows.append(_audio_row(plan.audio))
    return tuple(rows)


def _segment_row(segment: Segment, rate: Fraction) -> PlanRow:
    times = f"{timecode(segment.start, rate)} to {timecode(segment.end, rate)}"
    happens = "Cached" if segment.mode is Mode.CACHED else "Encoded"
    for mark in (", + ", ", made earlier"):
        why, found, rest = segment.reason.partition(mark)
        if found:
            return PlanRow(times, f"{segment.frames:,}", MODES[segment.mode], happens, why, f"{found.lstrip(', ')}{rest}".strip())
    return PlanRow(times, f"{segment.frames:,}", MODES[segment.mode], happens, segment.reason)


def _audio_row(audio: AudioMode) -> PlanRow:
    return {
        AudioMode.COPIED: PlanRow("Audio", "", "copy", "Copied", "All packets, same timestamps"),
        AudioMode.MIXED: PlanRow("Audio", "", "encode", "Mixed", "Mixed and encoded anew"),
        AudioMode.NONE: PlanRow("Audio", "", None, "None", "There is no sound on the timeline"),
    }[audio]


CHECK_NAMES = {
    "Frames": "Frames in the file",
    "Frame times": "Timestamps",
    "Copied packets": "Packets copied byte for byte",
    "Encoded outside the plan": "Frames encoded outside the plan",
    "Audio packets": "Audio packets identical",
    "Subtitle packets": "Caption packets identical",
    "Seams": "Seams that decode without error",
    "Unchanged frames beside a change": "Unchanged frames inside encoded ranges",
    "Decodes": "Frames that decode without error",
    "Replaced bytes": "Bytes left of replaced pictures",
    "Changed frames": "Changed frames that decode",
}


def check_rows(checks: Sequence[Check]) -> tuple[CheckRow, ...]:
    """The claims, each with its number and, after it, what more was found."""
    return tuple(_check_row(check) for check in checks)


def _check_row(check: Check) -> CheckRow:
    """The number first; what has no number says its verdict in a word, and a sentence stands by itself."""
    figure, _, rest = check.detail.partition(", ")
    figure = figure.removesuffix(" byte for byte").removesuffix(" frames").removesuffix(" decoded")
    if figure.endswith(" at worst"):
        figure, rest = figure.removesuffix(" at worst"), f"at worst; {rest}"
    elif len(figure) > MOST_FIGURE and not figure.startswith("none ") and not figure[0].isdigit():
        figure, rest = "", check.detail
    elif len(figure) > MOST_FIGURE or figure.startswith("none ") or not any(sign.isdigit() for sign in figure):
        word, _, after = figure.partition(" ")
        figure, rest = word, ", ".join(part for part in (after, rest) if part)
    return CheckRow(CHECK_NAMES.get(check.name, check.name), figure, rest, check.ok)


def took(seconds: float) -> str:
    """ "5.3 s", "2 min 4 s"."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
