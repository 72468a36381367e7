"""What an export does where the file it wrote does not hold: it encodes more, says so, and never passes on a wrong file.

The faults are real: bytes of the written file are damaged before it is checked.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import pytest

from engine.encoding import export as module
from engine.encoding.checking.verify import verify
from engine.encoding.full.write import write_full
from engine.encoding.result import Seam
from engine.encoding.splice.errors import SpliceError
from engine.encoding.splice.write import SpliceExport, write_splice
from engine.errors import VerificationError
from engine.running import ThreadCancelToken
from tests.engine.encoding.makers import Bench

pytestmark = pytest.mark.integration

Damage = Callable[[Path], None]


def damage_frame(number: int) -> Damage:
    """Overwrites a sample of the video but for its first bytes, so that no decoder can take it; by its place in the file."""

    def damage(path: Path) -> None:
        with av.open(str(path)) as container:
            packets = [packet for packet in container.demux(video=0) if packet.size]
        packet = sorted(packets, key=lambda p: p.dts or 0)[number]
        assert packet.pos is not None
        with path.open("r+b") as file:
            file.seek(packet.pos + min(12, packet.size // 2))
            file.write(b"\xaa" * (packet.size - min(12, packet.size // 2)))

    return damage


def damaging(damage: Damage, times: int) -> tuple[Callable[..., int], list[SpliceExport]]:
    """The real way of writing, with damage done behind it the first `times` times; and what it was asked for."""
    asked: list[SpliceExport] = []

    def write(job: SpliceExport, **named: Any) -> int:
        asked.append(job)
        encoded = write_splice(job, **named)
        if len(asked) <= times:
            damage(job.part_path)
        return encoded

    return write, asked


@pytest.mark.parametrize("frame", [2, 26, 34, 57], ids=["copied before", "changed", "beside a change", "copied after"])
def test_a_damaged_file_is_written_again_with_more_encoded(
    frame: int, bench: Bench, plain_clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, asked = damaging(damage_frame(frame), 1)
    monkeypatch.setattr(module, "write_splice", write)
    project = bench.project(plain_clip, (24, 29))
    result = bench.export(project)
    assert len(asked) == 2 and result.verified
    assert 16 < result.encoded_frames < 60, "more than planned, less than all"
    assert len(result.warnings) == 1
    assert "did not pass its check" in result.warnings[0]
    assert "more frames around the changes were encoded" in result.warnings[0]
    with bench.sources() as sources:
        checks = verify(result.output, project, sources, cancel=ThreadCancelToken())
    assert checks[0].name == "More frames were encoded around the changes"
    assert all(check.ok for check in checks), checks


def test_a_file_that_is_damaged_every_time_is_encoded_in_full(
    bench: Bench, plain_clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, asked = damaging(damage_frame(57), 99)
    monkeypatch.setattr(module, "write_splice", write)
    result = bench.export(bench.project(plain_clip, (3, 5)))
    assert len(asked) == 2 and result.verified
    assert result.encoded_frames == 60 and result.plan.share_copied == 0
    assert [("more frames" in text, "every frame" in text) for text in result.warnings] == [(True, False), (False, True)]


def test_where_there_is_nothing_to_widen_everything_is_encoded_at_once(
    bench: Bench, plain_clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, asked = damaging(damage_frame(30), 99)
    monkeypatch.setattr(module, "write_splice", write)
    result = bench.export(bench.project(plain_clip, (0, 60)))
    assert len(asked) == 1 and result.verified and len(result.warnings) == 1
    assert "every frame was encoded" in result.warnings[0]


def test_frames_that_do_not_fit_are_tried_wider(bench: Bench, plain_clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[SpliceExport] = []

    def write(job: SpliceExport, **named: Any) -> int:
        asked.append(job)
        if len(asked) == 1:
            raise SpliceError("The encoded frames do not fit the decode times of the source.")
        return write_splice(job, **named)

    monkeypatch.setattr(module, "write_splice", write)
    result = bench.export(bench.project(plain_clip, (24, 29)))
    assert result.verified and 0 < result.plan.share_copied < 1
    assert result.warnings == (
        "The encoded frames do not fit the decode times of the source, so more frames around the changes were encoded.",
    )


def test_a_wider_run_never_comes_from_the_cache(bench: Bench, plain_clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What failed may have been what was cached."""
    project = bench.project(plain_clip, (24, 29))
    bench.export(project, cache=bench.cache)
    write, _ = damaging(damage_frame(26), 1)
    monkeypatch.setattr(module, "write_splice", write)
    result = bench.export(project, cache=bench.cache)
    assert result.verified and result.encoded_frames == 60 - round(60 * result.plan.share_copied) > 0


def test_a_file_that_was_encoded_in_full_and_is_wrong_is_no_export(
    bench: Bench, plain_clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = write_full

    def write(*arguments: Any, **named: Any) -> Any:
        done = real(*arguments, **named)
        damage_frame(30)(arguments[5])
        return done

    monkeypatch.setattr("engine.encoding.full.write.write_full", write)
    (bench.folder / "out.mp4").write_bytes(b"old")
    with pytest.raises(VerificationError):
        bench.export(bench.project(plain_clip, (24, 29)), seam=Seam.FULL)
    assert (bench.folder / "out.mp4").read_bytes() == b"old"
    assert {path.name for path in bench.folder.iterdir()} == {"cache", "out.mp4"}
