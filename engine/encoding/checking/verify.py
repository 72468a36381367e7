"""Proves a finished file against its plan, from the file alone; an export calls it, and so does the command `verify`.

Nothing that the encoder said is used: packets are read and compared again, seams are decoded again.
"""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.encoding.checking.compare import compare
from engine.encoding.checking.compared_copies import ComparedCopies
from engine.encoding.checking.damage import damage_check, damage_in, torn_check
from engine.encoding.checking.encoded_in_full import encoded_in_full
from engine.encoding.checking.replaced_bytes import check_replaced_bytes
from engine.encoding.checking.report import Comparison, PacketReport
from engine.encoding.checking.seam_check import SeamReport, check_seams
from engine.encoding.checking.whole import audio_check, check_whole
from engine.encoding.facts import SourceFacts
from engine.encoding.result import Check, FileSources
from engine.limits import SEAM_PSNR_MEAN_DB, SEAM_PSNR_MIN_DB
from engine.planning.plan import AudioMode
from engine.planning.planner import Blueprint, blueprint
from engine.planning.splice import splice_points
from engine.project.model import Project
from engine.running import CancelToken


def verify(
    output: Path, project: Project, sources: FileSources, *, cancel: CancelToken, made: Blueprint | None = None,
    full_decode: bool = False, copies: ComparedCopies | None = None,
) -> tuple[Check, ...]:  # fmt: skip
    """Check an exported file; every check says what it found. `made` is the blueprint where it is known already.

    What `copies` compared while the file was written is not compared again. Raises MediaError where a file cannot be opened,
    Cancelled.
    """
    if made is None:
        return _verify_unknown(output, project, sources, cancel, full_decode)
    if made.source is None:
        return check_whole(output, made, cancel=cancel)
    checks = _check_splice(output, made, copies, cancel)
    return (*checks, *_decode_everything(output, made, cancel)) if full_decode else checks


def _decode_everything(output: Path, made: Blueprint, cancel: CancelToken) -> list[Check]:
    """The decode of a whole splice; what the source does not give either is no failure."""
    decodes = check_whole(output, made, cancel=cancel)[-1]
    if decodes.ok:
        return [decodes]
    job = comparison(output, made)
    damage = damage_in(job, range(made.plan.frames), cancel=cancel)
    if not damage.is_the_sources or not (damage.in_output or job.index.torn):
        return [decodes]
    left = made.plan.frames - len(damage.in_output)
    said = [damage_check(len(damage.in_output))] if damage.in_output else []
    torn = [torn_check()] if job.index.torn else []
    return [Check(decodes.name, True, f"{left:,} frames, as many as the source's"), *said, *torn]


def _verify_unknown(
    output: Path, project: Project, sources: FileSources, cancel: CancelToken, full_decode: bool
) -> tuple[Check, ...]:  # fmt: skip
    """The plan must have been the one that copies, unless the file itself says that nothing was copied."""
    facts = SourceFacts(sources)
    found = blueprint(project, facts, lambda _key: False)
    reason = "" if found.source is None else encoded_in_full(str(output), comparison(output, found), cancel=cancel)
    if not reason:
        return _verify_splice(output, project, sources, found, cancel, full_decode)
    whole = blueprint(project, facts, lambda _key: False, encode_all=reason)
    return (Check("Every frame was encoded", True, reason), *check_whole(output, whole, cancel=cancel))


def _verify_splice(
    output: Path, project: Project, sources: FileSources, found: Blueprint, cancel: CancelToken, full_decode: bool
) -> tuple[Check, ...]:  # fmt: skip
    """By the narrow plan, and where that does not hold by the wide one, which an export takes where its first file failed."""
    checks = verify(output, project, sources, cancel=cancel, made=found, full_decode=full_decode)
    if found.source is None or all(check.ok for check in checks):
        return checks
    wide = blueprint(project, SourceFacts(sources), lambda _key: False, widen=1)
    if wide.source is None or wide.plan.encoded_runs == found.plan.encoded_runs:
        return checks
    encoded = sum(map(len, wide.plan.encoded_runs))
    if compare(comparison(output, found), cancel=cancel).copied != wide.plan.frames - encoded:
        return checks  # some of the frames between the plans are the source's: it is a narrow splice that is wrong
    again = verify(output, project, sources, cancel=cancel, made=wide, full_decode=full_decode)
    if not all(check.ok for check in again):
        return checks
    frames = f"{encoded:,} instead of {sum(map(len, found.plan.encoded_runs)):,}"
    return (Check("More frames were encoded around the changes", True, frames), *again)


def comparison(output: Path, made: Blueprint) -> Comparison:
    """What a spliced output is compared with."""
    assert made.source is not None
    index = made.source.facts.index
    return Comparison(made.source.media.path, str(output), index, made.plan.encoded_runs, made.plan.audio is AudioMode.COPIED)


def _check_splice(output: Path, made: Blueprint, copies: ComparedCopies | None, cancel: CancelToken) -> tuple[Check, ...]:
    job = comparison(output, made)
    with ThreadPoolExecutor(1, "seams") as beside:  # decoding leaves the interpreter to the packets
        checking = beside.submit(check_seams, job, splice_points(job.index), made.changed, cancel=cancel)
        job = replace(job, equal=copies.equal_ranges()) if copies else job
        packets = compare(job, cancel=cancel)
        left = check_replaced_bytes(job, packets, cancel=cancel) if job.runs else None
        seams = checking.result()
    _leave_out_captions(packets, output)
    found = [*_packet_checks(packets, made), *_other_checks(packets, made)]
    if not job.with_audio:
        found.append(audio_check(output, made))
    return (*found, left, *_seam_checks(seams)) if left else tuple(found)


def _leave_out_captions(packets: PacketReport, output: Path) -> None:
    """Captions that an export has put into the file as a track of its own are none of the source's."""
    if not packets.unpaired["subtitle"]:
        return
    from engine.encoding.soft_captions.check import held_captions  # few files have some

    held = held_captions(output)
    packets.unpaired["subtitle"] -= held.packets if held is not None else 0
    packets.unpaired += Counter()  # without what is 0 now


def _packet_checks(packets: PacketReport, made: Blueprint) -> list[Check]:
    assert made.source is not None
    index = made.source.facts.index
    planned = len(index) - sum(len(run) for run in made.plan.encoded_runs)
    count = len(packets.output_pts)
    times_equal = np.array_equal(np.sort(np.array(packets.output_pts, np.int64)), index.pts)
    slots = f"{packets.bad_slots:,} have another decode time or duration" if packets.bad_slots else "equal to the source's"
    return [
        Check("Frames", count == len(index), f"{count:,} of {len(index):,}"),
        Check("Frame times", times_equal and not packets.bad_slots, slots if times_equal else "differ"),
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
        is_lost = bool(packets.unpaired["audio"])
        found.append(Check("Audio packets", not is_lost, "none" if is_lost else "none, as in the source"))
    return found


def _seam_checks(seams: SeamReport) -> list[Check]:
    decoded = f"{seams.seams} {'seam' if seams.seams == 1 else 'seams'}, {seams.decoded:,} frames decoded"
    problem = "; ".join([*seams.errors[:2], *([f"{seams.missing} frames missing"] if seams.missing else [])])
    found = [Check("Seams", not problem, problem or f"{decoded}, no error")]
    if seams.damaged:
        found.append(damage_check(seams.damaged))
    if seams.changed_frames:
        frames = f"{seams.changed_decoded:,} of {seams.changed_frames:,} decoded"
        found.append(Check("Changed frames", seams.changed_decoded == seams.changed_frames, frames))
    if seams.psnr_db:
        worst, mean = min(seams.psnr_db), float(np.mean(seams.psnr_db))
        figures = f"{worst:.1f} dB at worst, {mean:.1f} dB on average, {len(seams.psnr_db):,} frames"
        is_close = worst >= SEAM_PSNR_MIN_DB and mean >= SEAM_PSNR_MEAN_DB
        found.append(Check("Unchanged frames beside a change", is_close, figures))
    return found
