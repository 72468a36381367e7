"""MKV and MPEG-TS of every form: packets outside the encoded run are the source's, and so are all times."""

import numpy as np
import pytest

from engine.planning.plan import Mode
from tests.engine.encoding.makers import Bench, lumas_of, make_clip, packets_of

pytestmark = pytest.mark.integration

KINDS: dict[str, dict[str, object]] = {
    "in.mkv": {},
    "no B-frames.mkv": {"x264": "keyint=20:bframes=0"},
    "pyramid.mkv": {"x264": "keyint=30:bframes=8:b-pyramid=normal:ref=6"},
    "open GOP.mkv": {"x264": "keyint=15:open-gop=1:bframes=3"},
    "10 bit.mkv": {"pix_fmt": "yuv420p10le"},
    "variable rate.mkv": {"pts": [n + n // 3 + 2 * (n // 7) for n in range(60)]},
    "in.ts": {},
    "pyramid.ts": {"x264": "keyint=30:bframes=8:b-pyramid=normal:ref=6"},
    "open GOP.ts": {"x264": "keyint=15:open-gop=1:bframes=3"},
    "near the clock's end.ts": {"options": {"output_ts_offset": "95442"}},
    "variable rate.ts": {"pts": [n + n // 3 + 2 * (n // 7) for n in range(60)]},
    "blu-ray.m2ts": {},
}


ENDS = [(name, window) for name in ("in.mkv", "in.ts") for window in ((0, 2), (58, 60))]


@pytest.mark.parametrize(("name", "window"), [*((name, (24, 29)) for name in KINDS), *ENDS])
def test_only_the_touched_packets_change(name: str, window: tuple[int, int], bench: Bench) -> None:
    clip = make_clip(bench.folder / name, **KINDS[name])  # type: ignore[arg-type]
    project = bench.project(clip, window)
    result = bench.export(project, "out" + clip.suffix)
    assert result.verified and not result.plan.reason, (result.checks, result.plan.reason)

    run = next(range(s.first_frame, s.first_frame + s.frames) for s in result.plan.segments if s.mode is Mode.ENCODE)
    index = bench.index(project.media[0])
    replaced = {int(pts) * index.time_base for pts in index.pts[run.start : run.stop]}
    before, after = packets_of(clip), packets_of(result.output)
    keeps_dts = clip.suffix != ".mkv"
    rows = {kind: [(r[0], r[1] if keeps_dts else None, *r[2:]) for r in found] for kind, found in before.items()}
    new = {kind: [(r[0], r[1] if keeps_dts else None, *r[2:]) for r in found] for kind, found in after.items()}
    assert new["audio"] == rows["audio"]
    assert [r[1:3] for r in new["video"]] == [r[1:3] for r in rows["video"]]
    assert [r for r in new["video"] if r[0] not in replaced] == [r for r in rows["video"] if r[0] not in replaced]

    old, shown = lumas_of(clip), lumas_of(result.output)
    same = [np.array_equal(a, b) for a, b in zip(old, shown, strict=True)]
    assert all(same[frame] for frame in range(60) if frame not in run)
    assert not any(same[frame] for frame in range(*window))
