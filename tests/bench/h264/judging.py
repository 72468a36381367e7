"""One class, one window: made into a project, patched, planned, exported, verified, and then judged by means of its own.

The program is used through its commands only. What an export should have cost is computed from the source's packets.
"""

import filecmp
import json
import shutil
import sys
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from av.error import FFmpegError

from tests.bench.h264.facts import differences
from tests.bench.h264.leftovers import leftovers
from tests.bench.h264.packets import Sample, Stream, lost_messages, needed, read_stream, replaced
from tests.bench.h264.programs import Done, copied_again, patchreel, pictures_md5, run, strict_decode
from tests.bench.h264.sources import Source
from tests.bench.h264.windows import Patch, patches

MEAN_DB, MIN_DB = 45.0, 42.0


@dataclass(slots=True)
class Verdict:
    """What became of one case. `problems` is empty where the export is sound; `reason` is what the user sees of a refusal."""

    source: str
    section: int
    window: str
    encoded: int | None = None
    needed: int | None = None
    mean_db: float | None = None
    min_db: float | None = None
    size_ratio: float | None = None
    reason: str = ""
    problems: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @property
    def word(self) -> str:
        if self.problems:
            return "NOT SOUND"
        return "refused" if self.reason else "sound"


class CommandFailedError(Exception):
    """A command of the editor ended with an error; the text is what the user sees."""


def judge(source: Source, path: Path, window: str, folder: Path, oracle: Path | None) -> Verdict | None:
    """Run one case in a folder. None where the file has no place for such a window."""
    verdict = Verdict(source.name, source.section, window)
    try:
        stream = read_stream(path)
        wanted = patches(window, stream)
        if wanted:
            _Case(source, path, stream, wanted, folder, oracle, verdict).judge()
    except CommandFailedError as error:
        if source.is_broken:
            verdict.reason = str(error)
        else:
            verdict.problems.append(str(error))
        return verdict
    except (FFmpegError, OSError, ValueError) as error:
        verdict.problems.append(f"{type(error).__name__}: {error}")
        return verdict
    return verdict if wanted else None


@dataclass(slots=True)
class _Case:
    source: Source
    path: Path
    stream: Stream
    wanted: list[Patch]
    folder: Path
    oracle: Path | None
    verdict: Verdict

    def judge(self) -> None:
        project, out = self.folder / "p.patchreel", self.folder / f"out{self.path.suffix}"
        self._call("new", project, self.path)
        windows = [self._patched(project, patch) for patch in self.wanted]
        plan = self._call("plan", project)
        exported = self._call("export", project, out)
        self.verdict.encoded = exported["encoded_frames"]
        is_planned = exported["encoded_frames"] == plan["encoded_frames"]
        self.verdict.reason = plan["reason"] if is_planned else ""
        self.verdict.remarks += [*exported["warnings"]]
        if not exported["verified"]:
            self._problem(f"export: {_failed_checks(exported)}")
        if not is_planned and self.path.suffix in {".mp4", ".mov"}:  # the command plans for these
            self._problem(f"{exported['encoded_frames']} frames encoded, {plan['encoded_frames']} planned")
        self._call("verify", out, "--project", project)
        if self.source.is_broken and not exported["share_copied"]:  # nothing of a broken file was kept, and the user was told why
            self.verdict.reason = plan["reason"] or "; ".join(exported["warnings"])
            self.verdict.remarks = []
            return
        self._judge_cost(windows)
        self._judge_decoding(out)
        self._judge_samples(out)
        self._judge_by_oracle(out, windows)
        self._judge_repeat(project, out)
        self.verdict.remarks += [] if self.verdict.reason else differences(self.path, out)

    def _problem(self, text: str) -> None:
        self.verdict.problems.append(text)

    def _call(self, command: str, *words: str | Path, home: str = "home") -> dict[str, Any]:
        done = patchreel(self.folder / home, command, *words, "--json")
        data = _json(done)
        if done.code or data is None:
            raise CommandFailedError(f"{command}: {_failed_checks(data) or done.last}")
        return data

    def _patched(self, project: Path, patch: Patch) -> range:
        """Patch, and check that the window is where it was asked for. Returns frame numbers, hidden ones counted."""
        reach = ("--before", str(patch.before), "--after", str(patch.after))
        words = ("--at", f"f:{patch.at}", "--box", patch.box, "--provider", "local.pixelate", *reach)
        answer = self._call("patch", project, *words)
        if len(answer["frames"]) != len(patch.visible):
            self._problem(f"{len(answer['frames'])} frames patched, {len(patch.visible)} asked for")
        frames = [self.stream.visible[number] for number in patch.visible]
        start, end = (Fraction(answer["window"][key]["num"], answer["window"][key]["den"]) for key in ("start", "end"))
        span = self.stream.time_of(frames[-1]) - self.stream.time_of(frames[0])
        if not span < end - start:
            self._problem(f"the window is {end - start} s long, its frames span {span} s")
        return range(frames[0], frames[-1] + 1)

    def _judge_cost(self, windows: list[range]) -> None:
        self.verdict.needed = needed(self.stream, windows)
        if self.verdict.reason:
            if not self.source.may_be_refused:
                self._problem("refused")
        elif self.verdict.encoded is not None and self.verdict.encoded > self.verdict.needed:
            self._problem(f"{self.verdict.encoded} frames encoded, {self.verdict.needed} needed")

    def _judge_decoding(self, out: Path) -> None:
        said = strict_decode(out)
        if said and not strict_decode(self.path):
            self._problem(f"strict decode: {said[0]}")
        copy = copied_again(out, self.folder)
        survives = copy is not None and pictures_md5(copy) == pictures_md5(out)
        if not survives and self._source_survives():
            self._problem("does not survive ffmpeg -c copy")
        if copy is not None:
            copy.unlink()

    def _source_survives(self) -> bool:
        copy = copied_again(self.path, self.folder)
        survives = copy is not None and pictures_md5(copy) == pictures_md5(self.path)
        if copy is not None:
            copy.unlink()
        return survives

    def _judge_samples(self, out: Path) -> None:
        """Sizes, messages that must stay, and bytes that must not."""
        result = read_stream(out)
        gone, new = replaced(self.stream, result), replaced(result, self.stream)
        if gone:
            self.verdict.size_ratio = sum(len(s.data) for s in new) / sum(len(s.data) for s in gone)
        lost = lost_messages(self.stream, result)
        if lost and not self.verdict.remarks:
            self._problem(f"{lost} captions or HDR messages lost without a word")
        self._judge_leftovers(out, gone, new)

    def _judge_leftovers(self, out: Path, gone: list[Sample], new: list[Sample]) -> None:
        ids = {id(sample) for sample in gone}
        found = leftovers(out, [s.data for s in gone], [s.data for s in self.stream.samples if id(s) not in ids])
        encoded = b"".join(sample.data for sample in new)
        written = [run for run in found if run.data in encoded]
        if written:  # an unchanged corner of an intra picture may come out of the encoder as it went in
            self.verdict.remarks.append(f"{sum(len(run.data) for run in written)} bytes encoded again came out the same")
        if len(found) > len(written):
            size = sum(len(run.data) for run in found if run not in written)
            self._problem(f"{size} bytes of replaced samples are in the file, first at {found[0].offset}")

    def _judge_by_oracle(self, out: Path, windows: list[range]) -> None:
        if self.oracle is None:
            return
        words = [sys.executable, str(self.oracle), str(self.path), str(out), "--json"]
        for window in windows:
            is_last = window.stop == len(self.stream.samples)
            end = self.stream.time_of(window.stop - 1) + 1 if is_last else self.stream.time_of(window.stop)
            words += ["--changed", str(self.stream.time_of(window.start)), str(end)]
        done = run([*words, *([] if self.verdict.reason else ["--max-reencoded", str(self.verdict.needed)])])
        report = _json(done)
        if report is None:
            self._problem(f"oracle: {done.last}")
            return
        self.verdict.mean_db, self.verdict.min_db = report["psnr_unmodified_mean"], report["psnr_unmodified_min"]
        for problem in report["problems"]:
            self._problem(f"oracle: {problem}")
        if done.code == 2:
            self._problem(f"oracle: {report['reencoded_frames']} frames are new, {self.verdict.needed} needed")
        if not (self.source.is_broken or self.verdict.reason) and self._is_weak():
            self._problem(f"seam {self.verdict.mean_db} dB, {self.verdict.min_db} at worst")

    def _is_weak(self) -> bool:
        mean, worst = self.verdict.mean_db, self.verdict.min_db
        return (mean is not None and mean < MEAN_DB) or (worst is not None and worst < MIN_DB)

    def _judge_repeat(self, project: Path, out: Path) -> None:
        """The same export with empty caches gives the same bytes."""
        again = self.folder / f"again{self.path.suffix}"
        self._call("export", project, again, home="other-home")
        if not filecmp.cmp(out, again, shallow=False):
            self._problem("a second export has other bytes")
        again.unlink()


def _failed_checks(data: dict[str, Any] | None) -> str:
    return "; ".join(f"{check['name']}: {check['detail']}" for check in (data or {}).get("checks", ()) if not check["ok"])


def _json(done: Done) -> dict[str, Any] | None:
    try:
        data = json.loads(done.out)
    except ValueError:
        return None
    return data if isinstance(data, dict) else None


def emptied(folder: Path) -> Path:
    """The folder, with nothing in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
