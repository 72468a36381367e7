"""Figures of the export bench as Markdown: what each program took, and which of the export's targets hold."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.bench.export_clips import RATE, Clip
from tests.bench.export_jobs import Job
from tests.bench.measuring import Ran, median

_MOST_TIMES_BARE, _START_S = 1.15, 0.4
_MOST_MB = 300.0
_MOST_BYTES = 2.5
_SPEED_UPS = {120: (30.0, 18.0), 1200: (200.0, 120.0)}
"""By seconds of clip: how many times faster than the veryfast encode writing is to be, and the export with its check."""

_MEAN_DB, _LEAST_DB = 45.0, 42.0
_SEAM = re.compile(r"([\d.]+) dB at worst, ([\d.]+) dB on average")


@dataclass(slots=True)
class Measured:
    """`runs` by name of program, of counted rounds; the dictionaries are what `bare` and `export` said themselves."""

    clip: Clip
    runs: dict[str, list[tuple[Ran, dict[str, Any]]]]
    others: dict[str, Job]
    is_full: bool
    bytes_ratio: float = 0.0
    peak_of_all_mb: float = 0.0

    def scale(self, name: str) -> float:
        """By what the times of a program are multiplied that got only a part of the clip."""
        job = self.others.get(name)
        return self.clip.seconds / job.seconds_of(self.clip, self.is_full) if job else 1.0

    def seconds(self, name: str) -> list[float]:
        """Wall seconds for the whole clip, of each round."""
        return [ran.seconds * self.scale(name) for ran, _ in self.runs.get(name, [])]

    def said(self, name: str, key: str) -> list[float]:
        """What the program said itself, of each round."""
        return [values[key] for _, values in self.runs.get(name, [])]

    def writing(self) -> list[float]:
        """Wall seconds of the export's whole process less its check, of each round."""
        return [ran.seconds - values["seconds_verify"] for ran, values in self.runs["export"]]


def table(measured: Measured) -> str:
    """One clip."""
    clip = measured.clip
    size = clip.path.stat().st_size / 1e6
    head = f"### {clip.seconds} s, a keyframe every {clip.gop} frames: {clip.frames:,} frames, {size:.0f} MB\n"
    return "\n".join([head, *_times(measured), "", *_targets(measured), ""])


def _times(measured: Measured) -> list[str]:
    rows = ["| | wall s (range) | rounds | CPU s | peak MB | veryfast takes |", "|---|---|---|---|---|---|"]
    rows += [_row(measured, name, job.title) for name, job in measured.others.items() if name in measured.runs]
    bare = f"{measured.said('bare', 'frames')[0]:.0f} frames decoded and encoded alone, {measured.said('bare', 'encoder')[0]}"
    rows.append(_line(measured, bare, measured.said("bare", "seconds"), median(measured.said("bare", "cpu_seconds")), None))
    export = [ran for ran, _ in measured.runs["export"]]
    cpu = median([ran.cpu_seconds for ran in export])
    rows.append(_line(measured, "**export**, with its check", measured.seconds("export"), cpu, _peak(measured)))
    rows.append(_line(measured, "**export**, writing (without its check)", measured.writing(), None, None))
    left_out = [job.missing for job in measured.others.values() if job.missing]
    return [*rows, *(["", f"Left out: {'; '.join(left_out)}."] if left_out else [])]


def _row(measured: Measured, name: str, title: str) -> str:
    job, runs = measured.others[name], measured.runs[name]
    given = job.seconds_of(measured.clip, measured.is_full)
    if given < measured.clip.seconds:
        title += f", {given * RATE:,} frames × {measured.scale(name):g}"
    cpu = median([ran.cpu_seconds for ran, _ in runs]) * measured.scale(name)
    return _line(measured, title, measured.seconds(name), cpu, max(ran.peak_mb for ran, _ in runs))


def _line(measured: Measured, title: str, seconds: Sequence[float], cpu: float | None, peak: float | None) -> str:
    middle = median(seconds)
    span = f" ({_seconds(min(seconds))} to {_seconds(max(seconds))})" if len(seconds) > 1 else ""
    full = measured.seconds("veryfast")
    times = f"{median(full) / middle:,.3g} ×" if full else ""
    cells = [title, _seconds(middle) + span, str(len(seconds)), "" if cpu is None else _seconds(cpu)]
    return f"| {' | '.join([*cells, '' if peak is None else f'{peak:.0f}', times])} |"


def _seconds(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def _peak(measured: Measured) -> float:
    """Of the largest process, or of all together where there are several."""
    return max(measured.peak_of_all_mb, *(ran.peak_mb for ran, _ in measured.runs["export"]))


def _targets(measured: Measured) -> list[str]:
    rows = ["| target | | bound | holds |", "|---|---|---|---|"]
    rows += [*_time_targets(measured), *_speed_targets(measured)]
    rows.append(_target("peak memory", f"{(peak := _peak(measured)):.0f} MB", f"≤ {_MOST_MB:.0f} MB", peak <= _MOST_MB))
    ratio = measured.bytes_ratio
    rows.append(_target("bytes of the encoded frames", f"{ratio:.2f} × the source's", f"≤ {_MOST_BYTES} ×", ratio <= _MOST_BYTES))
    return [*rows, *_seam_targets(measured)]


def _time_targets(measured: Measured) -> list[str]:
    writing, bare = median(measured.writing()), median(measured.said("bare", "seconds"))
    if not (copy := measured.seconds("copy")):
        return []
    bound = _MOST_TIMES_BARE * bare + median(copy) + _START_S
    terms = f"≤ {_MOST_TIMES_BARE} × {bare:.2f} + {median(copy):.2f} + {_START_S} = {bound:.2f} s"
    return [_target("writing", f"{writing:.2f} s", terms, writing <= bound)]


def _speed_targets(measured: Measured) -> list[str]:
    if not (full := measured.seconds("veryfast")):
        return []
    rows = []
    done = (("writing", measured.writing()), ("export with its check", measured.seconds("export")))
    for (what, seconds), bound in zip(done, _SPEED_UPS[measured.clip.seconds], strict=True):
        times = median(full) / median(seconds)
        rows.append(_target(f"{what}, against veryfast", f"{times:.1f} ×", f"≥ {bound:g} ×", times >= bound))
    return rows


def _seam_targets(measured: Measured) -> list[str]:
    details = [check["detail"] for check in measured.runs["export"][-1][1]["checks"]]
    found = next((match for detail in details if (match := _SEAM.search(detail))), None)
    if found is None:
        return [_target("unchanged encoded frames", "none measured", f"≥ {_MEAN_DB:g} dB", False)]
    worst, mean = map(float, found.groups())
    figures = f"{mean:.1f} dB, {worst:.1f} at worst"
    is_met = mean >= _MEAN_DB and worst >= _LEAST_DB
    return [_target("unchanged encoded frames", figures, f"≥ {_MEAN_DB:g} dB, ≥ {_LEAST_DB:g}", is_met)]


def _target(what: str, figure: str, bound: str, is_met: bool) -> str:
    return f"| {what} | {figure} | {bound} | {'yes' if is_met else '**no**'} |"
