"""Proves a finished file against its plan, from the file alone; an export calls it, and so does the command `verify`.

Nothing that the export remembered is used: packets are read and compared again, seams are decoded again.
"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path

import numpy as np

from engine.compositing.sources import Sources
from engine.encoding.checking.packet_compare import PacketReport, compare_packets
from engine.encoding.checking.seam_check import SeamReport, check_seams
from engine.encoding.checking.whole import audio_check, check_whole
from engine.encoding.facts import SourceFacts
from engine.encoding.forward_sources import ForwardSources
from engine.encoding.result import Check
from engine.encoding.splice.containers import kind_of
from engine.encoding.splice.source import SpliceSource
from engine.limits import SEAM_PSNR_MIN_DB
from engine.media.container import open_container, video_stream
from engine.planning.plan import AudioMode, Mode
from engine.planning.planner import Blueprint, blueprint
from engine.planning.splice import splice_points
from engine.project.model import Project
from engine.running import CancelToken


def verify(
    output: Path, project: Project, sources: Sources, *, cancel: CancelToken, made: Blueprint | None = None,
    full_decode: bool = False,
) -> tuple[Check, ...]:  # fmt: skip
    """Check an exported file; every check says what it found. `made` is the blueprint where it is known already.

    Raises MediaError where a file cannot be opened, Cancelled.
    """
    made = made or _plan_of(output, project, sources)
    if made.source is None:
        return check_whole(output, made, cancel=cancel)
    forwarding = nullcontext(sources) if isinstance(sources, ForwardSources) else ForwardSources(sources, project)
    with forwarding as forward:
        checks = _check_splice(output, made, forward, cancel)
    return (*checks, *check_whole(output, made, cancel=cancel)[-1:]) if full_decode else checks


def _plan_of(output: Path, project: Project, sources: Sources) -> Blueprint:
    """The plan by which the file must have been made: one that copies, unless codec or container say that nothing was."""
    facts = SourceFacts(sources)
    found = blueprint(project, facts, lambda _key: False)
    if found.source is None:
        return found
    with open_container(output) as container:
        stream = video_stream(container)
        is_same_kind = stream is not None and stream.codec_context.name == found.source.facts.codec
        splice = facts.splice(found.source.media)
        is_same_kind &= isinstance(splice, SpliceSource) and kind_of(container) is splice.kind
    return found if is_same_kind else blueprint(project, facts, lambda _key: False, encode_all="It is of another kind.")


def encoded_frames(made: Blueprint) -> list[range]:
    """The runs that are not copied."""
    segments = (s for s in made.plan.segments if s.mode is not Mode.COPY)
    return [range(s.first_frame, s.first_frame + s.frames) for s in segments]


def _check_splice(output: Path, made: Blueprint, sources: Sources, cancel: CancelToken) -> tuple[Check, ...]:
    assert made.source is not None
    media, index = made.source.media, made.source.facts.index
    runs = encoded_frames(made)
    replaced = frozenset(int(pts) for run in runs for pts in index.pts[run.start : run.stop])
    is_copied = made.plan.audio is AudioMode.COPIED
    with ThreadPoolExecutor(1, "seams") as beside:  # decoding leaves the interpreter to the packets
        checking = beside.submit(
            check_seams, str(output), index, splice_points(index), runs, list(made.changed),
            lambda frame: sources.picture(media, index.time_of(frame)), cancel=cancel,
        )  # fmt: skip
        packets = compare_packets(media.path, str(output), replaced, with_audio=is_copied, cancel=cancel)
        seams = checking.result()
    found = [*_packet_checks(packets, made), *_other_checks(packets, made)]
    if not is_copied:
        found.append(audio_check(output, made))
    return (*found, *_seam_checks(seams)) if runs else tuple(found)


def _packet_checks(packets: PacketReport, made: Blueprint) -> list[Check]:
    assert made.source is not None
    index = made.source.facts.index
    planned = len(index) - sum(len(run) for run in encoded_frames(made))
    count = len(packets.output_pts)
    times_equal = np.array_equal(np.sort(np.array(packets.output_pts, np.int64)), index.pts)
    return [
        Check("Frames", count == len(index), f"{count:,} of {len(index):,}"),
        Check("Frame times", times_equal and not packets.bad_slots, "equal to the source's" if times_equal else "differ"),
        Check("Copied packets", packets.copied == planned, f"{packets.copied:,} of {planned:,} byte for byte"),
        Check("Encoded outside the plan", packets.strays == 0, f"{packets.strays:,} frames"),
    ]


def _other_checks(packets: PacketReport, made: Blueprint) -> list[Check]:
    found: list[Check] = []
    kinds = sorted({*packets.others_equal, *packets.others_different})
    for kind in kinds:
        equal, different = packets.others_equal[kind], packets.others_different[kind]
        found.append(Check(f"{kind.capitalize()} packets", not different, f"{equal:,} of {equal + different:,} byte for byte"))
    data = packets.unpaired.pop("data", 0)
    if data:
        found.append(Check("Data packets", True, f"{data:,} left out: the file cannot hold such a track"))
    if packets.unpaired:
        found.append(Check("Streams", False, f"{packets.unpaired.total():,} packets are missing or new"))
    if made.plan.audio is AudioMode.COPIED and "audio" not in kinds:
        found.append(Check("Audio packets", False, "none"))
    return found


def _seam_checks(seams: SeamReport) -> list[Check]:
    decoded = f"{seams.seams} seams, {seams.decoded:,} frames decoded"
    problem = "; ".join([*seams.errors[:2], *([f"{seams.missing} frames missing"] if seams.missing else [])])
    found = [Check("Seams", not problem, problem or f"{decoded}, no error")]
    if seams.psnr_db:
        worst, mean = min(seams.psnr_db), float(np.mean(seams.psnr_db))
        figures = f"{worst:.1f} dB at worst, {mean:.1f} dB on average, {len(seams.psnr_db):,} frames"
        found.append(Check("Unchanged frames beside a change", worst >= SEAM_PSNR_MIN_DB, figures))
    return found
