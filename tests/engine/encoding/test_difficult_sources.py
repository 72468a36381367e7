"""Sources that are not what they say: each is exported all the same, and the reason or a warning says what was met."""

from pathlib import Path

import pytest

from engine.encoding.splice import source as splice_room
from engine.encoding.splice.source import SpliceSource, splice_source
from tests.engine.encoding.makers import Bench, make_clip

pytestmark = pytest.mark.integration


def without_ctts(clip: Path, target: Path) -> Path:
    data = clip.read_bytes()
    assert data.count(b"ctts") == 1
    target.write_bytes(data.replace(b"ctts", b"free"))
    return target


def test_times_that_contradict_the_pictures_are_a_reason(bench: Bench, plain_clip: Path) -> None:
    clip = without_ctts(plain_clip, bench.folder / "in.mp4")
    assert "times contradict the order" in str(splice_source(str(clip)))
    result = bench.export(bench.project(clip, (24, 29)))
    assert result.verified and "times contradict the order" in result.plan.reason


@pytest.mark.parametrize("x264", ["keyint=20:bframes=0", "keyint=20:b-pyramid=normal:bframes=8", "keyint=20:open-gop=1:bframes=3"])
def test_times_in_order_are_none(x264: str, tmp_path: Path) -> None:
    assert isinstance(splice_source(str(make_clip(tmp_path / "in.mp4", x264=x264, audio=False))), SpliceSource)


def test_the_check_of_a_copy_sees_them_too(bench: Bench, plain_clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(splice_room, "contradicts_times", lambda _samples, _sets: False)
    clip = without_ctts(plain_clip, bench.folder / "in.mp4")
    result = bench.export(bench.project(clip, (24, 29)))
    assert "another order than their times say" in result.warnings[0] and result.verified
