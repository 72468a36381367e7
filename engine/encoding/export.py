"""An export from request to checked file.

Writes, verifies, and only then puts the file in its place. Where a check of copied packets fails, more is encoded around the
changes; where that fails too, everything; and the result says why.
"""

import os
import time
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av.error

from engine.bitstream.errors import BitstreamError
from engine.encoding.checking.compared_copies import ComparedCopies
from engine.encoding.facts import SourceFacts
from engine.encoding.forward_sources import ForwardSources
from engine.encoding.memory import give_back_memory, keep_pictures_in_heap, peak_rss_mb
from engine.encoding.part_file import part_file, start_sync
from engine.encoding.plan_warnings import with_warnings
from engine.encoding.presets import preset_named
from engine.encoding.result import Check, ExportRequest, ExportResult, Seam
from engine.encoding.source_watch import SourceWatch
from engine.encoding.splice.containers import refused_target
from engine.encoding.splice.encoder_settings import encoder_version
from engine.encoding.splice.errors import SpliceError, UnwritableError
from engine.encoding.splice.segment_cache import SegmentStore
from engine.encoding.splice.source import SpliceSource
from engine.encoding.splice.write import SpliceExport, write_splice
from engine.encoding.target import check_target, estimate_bytes, is_disk_error, muxer_name
from engine.encoding.trimming import cut_to
from engine.errors import BadInputError, ExportError, VerificationError
from engine.media.container import open_container, video_stream
from engine.planning.facts import Versions
from engine.planning.plan import AudioMode, RenderPlan
from engine.planning.planner import Blueprint, blueprint
from engine.project.model import Project
from engine.running import CancelToken, Progress, Report, Throttled, part

if TYPE_CHECKING:
    from engine.encoding.mix import MixedAudio
    from engine.encoding.soft_captions.spans import SoftCaptions
    from engine.encoding.splice.stitch import ExtraAudio

_MAY_HOLD_OTHERWISE = (VerificationError, SpliceError, UnwritableError, BitstreamError, av.error.FFmpegError)
RENDERER_VERSION = "1"


def export_plan(request: ExportRequest) -> RenderPlan:
    """What `export` would do. Raises PatchreelError."""
    with request.open_sources() as sources:
        return _blueprint(request, _project(request), SourceFacts(sources)).plan


def export(request: ExportRequest, *, cancel: CancelToken, report: Report) -> ExportResult:
    """Write `request.output`. Raises PatchreelError, Cancelled; then nothing is left but what was there before."""
    started = time.perf_counter()
    keep_pictures_in_heap()
    project = _project(request)
    with request.open_sources() as opened, ForwardSources(opened) as sources:
        return _Export(request, project, sources, cancel, Throttled(report), started, _soft(request)).run()


def _project(request: ExportRequest) -> Project:
    project = cut_to(request.project, request.range) if request.range else request.project
    undrawn = [c.text.text for t in project.tracks if t.visible for c in t.clips if c.text and c.text.text and not c.text.bitmap]
    if undrawn:
        raise ExportError(f"The text “{undrawn[0]}” was not drawn yet.", "Draw the texts, then export.")
    return project


def _soft(request: ExportRequest) -> "SoftCaptions | None":
    """Raises: BadInputError: there are no captions, or the file cannot hold them."""
    if not request.soft_captions:
        return None
    from engine.encoding.soft_captions.spans import refuse_holder, soft_captions

    refuse_holder(request.output)
    return soft_captions(request.project, request.range)


def key_versions(motion_version: str, seam: Seam) -> Versions:
    """What the keys of encoded segments hold of the program itself."""
    return Versions(RENDERER_VERSION, motion_version, encoder_version(seam))


def _blueprint(request: ExportRequest, project: Project, facts: SourceFacts, encode_all: str = "", widen: int = 0) -> Blueprint:
    preset = preset_named(request.preset)
    versions = key_versions(request.motion_version, request.seam)
    reason = encode_all or preset.reason
    if not reason and request.seam is Seam.FULL:
        reason = "You chose to encode every frame."
    if not reason and request.range is not None:
        reason = "Only a part of the timeline is exported, so every frame of it is encoded for now."
    with SegmentStore(None if widen else request.cache, request.output.parent) as store:
        made = blueprint(project, facts, store.has, versions=versions, encode_all=reason, rate=preset.rate, widen=widen)
        splice = facts.splice(made.source.media) if made.source else None
        if isinstance(splice, SpliceSource) and (refusal := refused_target(splice.kind, request.output)):
            made = blueprint(project, facts, store.has, versions=versions, encode_all=refusal, rate=preset.rate)
    return with_warnings(made, project, facts)


@dataclass(slots=True)
class _Export:
    request: ExportRequest
    project: Project
    sources: ForwardSources
    cancel: CancelToken
    report: Report
    started: float
    captions: "SoftCaptions | None" = None

    def run(self) -> ExportResult:
        facts = SourceFacts(self.sources)
        made = _blueprint(self.request, self.project, facts)
        if not made.plan.frames:
            raise BadInputError("There is nothing on the timeline to export.", "Put a clip on it.")
        protected = [*(Path(media.path) for media in self.request.project.media), *self.request.protected]
        target = check_target(self.request.output, protected, estimate_bytes(self.project, made))
        watch = SourceWatch.over(_files(self.project))
        with part_file(target, cancel=self.cancel, last_look=watch.check) as path, watch:
            result = self._with_captions(self._until_it_holds(made, facts, path, watch), made, path)
        return replace(result, seconds=time.perf_counter() - self.started)

    def _with_captions(self, result: ExportResult, made: Blueprint, path: Path) -> ExportResult:
        """The checked file with its captions as a track. Raises: ExportError, VerificationError, OSError."""
        captions = self.captions
        if captions is None:
            return result
        from engine.encoding.soft_captions.check import captions_check  # most exports have none

        if muxer_name(path) in {"mp4", "mov"}:
            from engine.encoding.soft_captions.mp4 import Place, append_captions

            canvas = self.project.canvas
            append_captions(path, captions, Place(_first_frame_at(path), made.plan.duration, canvas.width, canvas.height))
        check = captions_check(path, captions)
        if not check.ok:
            raise VerificationError(f"{check.name}: {check.detail}", "Nothing was written.")
        return replace(result, checks=(*result.checks, check))

    def _until_it_holds(self, made: Blueprint, facts: SourceFacts, path: Path, watch: SourceWatch) -> ExportResult:
        """Write what is planned; where that fails, encode more: first around the changes, then everything."""
        warnings: tuple[str, ...] = ()
        while True:
            try:
                return self._written(made, facts, path, warnings)
            except _MAY_HOLD_OTHERWISE as failure:
                watch.check()
                if made.source is None or is_disk_error(failure):
                    raise
                os.truncate(path, 0)
                wide = None if warnings else self._widened(made, facts, failure)
                result = "more frames around the changes were encoded" if wide else "every frame was encoded"
                warnings = (*warnings, f"{_what_failed(failure)}, so {result}.")
                made = wide or _blueprint(self.request, self.project, facts, warnings[-1])

    def _widened(self, made: Blueprint, facts: SourceFacts, failure: Exception) -> Blueprint | None:
        """The plan with more frames around each change; None where that cannot help, or where there are no more."""
        if not isinstance(failure, VerificationError | SpliceError):
            return None
        wide = _blueprint(self.request, self.project, facts, widen=1)
        return wide if wide.plan.share_copied < made.plan.share_copied else None

    def _written(self, made: Blueprint, facts: SourceFacts, part_path: Path, warnings: tuple[str, ...]) -> ExportResult:
        write_started = time.perf_counter()
        source, size = (made.source.media.path, made.source.media.size_bytes) if made.source else ("", 0)
        with ComparedCopies(source, part_path, size, self.cancel) as copies:
            encoded, more = self._write(made, facts, part_path, copies)
            seconds_write = time.perf_counter() - write_started
            start_sync(part_path)
            checks, seconds_verify = self._verify(made, part_path, copies)
        damage = (f"{check.name}: {check.detail}." for check in checks if check.is_warning)
        return ExportResult(
            output=self.request.output, duration=made.plan.duration, frames=made.plan.frames, plan=made.plan,
            copied_packets=_copied(made), encoded_frames=encoded, audio=made.plan.audio,
            seconds=time.perf_counter() - self.started, seconds_write=seconds_write, seconds_verify=seconds_verify,
            peak_rss_mb=peak_rss_mb(), verified=all(check.ok for check in checks), checks=checks,
            warnings=(*warnings, *more, *damage, *made.plan.warnings),
        )  # fmt: skip

    def _write(
        self, made: Blueprint, facts: SourceFacts, part_path: Path, copies: ComparedCopies
    ) -> tuple[int, tuple[str, ...]]:
        report = part(self.report, 0.0, 0.9)
        self.sources.only_whole = made.source is not None
        audio = self._with_text(self._mixed(made) if made.plan.audio is AudioMode.MIXED else None, made, part_path)
        if made.source is None:
            from engine.encoding.full.write import write_full  # most exports copy

            return write_full(
                self.request, self.project, self.sources, made, facts, part_path, audio, cancel=self.cancel, report=report
            )
        splice = facts.splice(made.source.media)
        assert isinstance(splice, SpliceSource)
        request = self.request
        with SegmentStore(request.cache, request.output.parent) as store:
            job = SpliceExport(
                self.project, self.sources, made, splice, store, part_path, audio, request.open_sources, request.seam,
                request.workers, copies.follow,
            )
            return write_splice(job, cancel=self.cancel, report=report), ()

    def _mixed(self, made: Blueprint) -> "MixedAudio":
        from engine.encoding.mix import mixed_audio  # most exports copy the sound

        return mixed_audio(self.project, made)

    def _with_text(self, audio: "MixedAudio | None", made: Blueprint, path: Path) -> "ExtraAudio | None":
        """In an MKV captions are written between the packets; in an MP4 they are put behind the finished file."""
        if self.captions is None or muxer_name(path) != "matroska":
            return audio
        from engine.encoding.soft_captions.matroska import MatroskaText

        index = made.source.facts.index if made.source else None
        offset = int(index.pts[0]) * index.time_base if index is not None else Fraction(0)
        return MatroskaText(self.captions, offset, audio)

    def _verify(self, made: Blueprint, part_path: Path, copies: ComparedCopies) -> tuple[tuple[Check, ...], float]:
        started = time.perf_counter()
        self.report(Progress(0.9, "Checking"))
        self.sources.rest()
        give_back_memory()
        from engine.encoding.checking.verify import verify  # loaded when the file is written, not before it is begun

        checks = verify(part_path, self.project, self.sources, cancel=self.cancel, made=made, copies=copies)
        failed = [check for check in checks if not check.ok]
        if failed:
            raise VerificationError(f"{failed[0].name}: {failed[0].detail}", "Nothing was written.")
        self.report(Progress(1.0, "Checked"))
        return checks, time.perf_counter() - started


def _what_failed(failure: Exception) -> str:
    if isinstance(failure, VerificationError):
        return f"The copied file did not pass its check ({failure.text})"
    if isinstance(failure, av.error.FFmpegError):
        return f"The source's packets could not be written to this kind of file ({failure.strerror})"
    return str(failure).rstrip(".").removesuffix(". Use the source's own container")


def _first_frame_at(path: Path) -> Fraction:
    """When a file shows its first frame, by its own clock (seconds)."""
    with open_container(path) as container:
        video = video_stream(container)
        return Fraction(video.start_time or 0) * Fraction(video.time_base or 1) if video is not None else Fraction(0)


def _copied(made: Blueprint) -> int:
    if made.source is None:
        return 0
    return round(made.plan.share_copied * made.plan.frames)


def _files(project: Project) -> list[str]:
    """The files that the timeline shows or sounds."""
    used = {clip.media_id for track in project.tracks for clip in track.clips}
    return [media.path for media in project.media if media.id in used]
