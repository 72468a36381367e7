"""The main job on the command line: new, patch, review, diff, plan, export, verify, on a generated clip and on real ones."""

import shutil
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

pytestmark = pytest.mark.integration


def seconds(time: dict[str, Any]) -> float:
    assert time["num"] / time["den"] == pytest.approx(time["seconds"])
    return float(time["seconds"])


def packets(path: Path, kind: str) -> list[tuple[Any, ...]]:
    with av.open(str(path)) as container:
        stream = next(s for s in container.streams if s.type == kind)
        return [(p.pts, p.dts, p.duration, p.is_keyframe, bytes(p)) for p in container.demux(stream) if p.size]


def times(found: list[tuple[Any, ...]]) -> tuple[list[Any], list[Any]]:
    """Frame times, and decode slots with their durations: an encoded run may have another decode order in the same slots."""
    return sorted(p[0] for p in found), [(p[1], p[2]) for p in found]


def luma(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [f.to_ndarray()[: f.height, : f.width] for f in container.decode(video=0)]


def test_the_whole_way(run: Any, clip: Path, tmp_path: Path) -> None:
    project, out = tmp_path / "film.patchreel", tmp_path / "out.mp4"
    made = run("new", project, clip, "--json").data
    assert seconds(made["duration"]) == pytest.approx(3.0) and made["canvas"]["width"] == 320

    # Frame 45 lies in the second GOP (30 … 59): the window 40 … 50 must leave frames 0 … 29 and 60 … 89 alone.
    patch = run("patch", project, "--at", "1.5", "--box", "0.4,0.3,0.2,0.3", "--provider", "local.inpaint",
                "--before", "5", "--after", "5", "--json").data  # fmt: skip
    assert patch["state"] == "published" and patch["provider"] == "local.inpaint" and patch["cost_usd"] == 0
    assert len(patch["frames"]) == 11 and seconds(patch["window"]["start"]) == pytest.approx(40 / 30)
    assert seconds(patch["window"]["end"]) == pytest.approx(51 / 30)
    assert all(0 <= frame["confidence"] <= 1 for frame in patch["frames"])

    plan = run("plan", project, "--json").data
    modes = [s["mode"] for s in plan["segments"]]
    assert modes.count("encode") == 1 and sum(s["frames"] for s in plan["segments"]) == 90
    encoded = next(s for s in plan["segments"] if s["mode"] == "encode")
    assert 30 < encoded["first_frame"] <= 40, "the pictures before the first changed anchor are copied"
    assert encoded["first_frame"] + encoded["frames"] == 60

    result = run("export", project, out, "--json").data
    assert result["verified"] and result["audio"] == "copied" and result["frames"] == 90
    assert result["encoded_frames"] == encoded["frames"] and result["copied_packets"] == 90 - encoded["frames"]
    assert packets(clip, "audio") == packets(out, "audio")
    before, after = packets(clip, "video"), packets(out, "video")
    assert times(before) == times(after), "times and durations are the source's"
    assert len({p[4] for p in before} - {p[4] for p in after}) == encoded["frames"]
    source, written = luma(clip), luma(out)
    for number in [*range(encoded["first_frame"]), *range(60, 90)]:
        assert np.array_equal(source[number], written[number])
    for number in range(40, 51):
        assert not np.array_equal(source[number], written[number])

    checked = run("verify", out, "--project", project, "--json")
    assert checked.code == 0 and checked.data["verified"]


def test_a_region_of_several_shapes_is_patched_and_shown(run: Any, clip: Path, tmp_path: Path) -> None:
    project = tmp_path / "film.patchreel"
    run("new", project, clip)
    run("patch", project, "--at", "1.5", "--ellipse", "0.25,0.25,0.5,0.5", "--subtract", "box 0.4,0.4,0.125,0.25", "--grow", "-2",
        "--provider", "local.blur", "--before", "1", "--after", "1")  # fmt: skip
    patch = run("show", project, "--json").data["patches"][0]
    assert patch["region"] == {
        "kind": "ellipse", "points": [[0.25, 0.25], [0.75, 0.75]], "radius": 0.0, "feather_px": 6.0, "grow_px": -2.0,
        "more": [{"kind": "box", "points": [[0.4, 0.4], [0.525, 0.65]], "radius": 0.0, "is_subtracted": True}],
        "is_inverted": False,
    }  # fmt: skip
    figures = run("diff", project, "--patch", patch["id"], "-o", tmp_path / "heat.png", "--json").data
    assert figures["outside_changed"] == 0 and figures["changed_share"] > 0.02


def test_the_second_export_takes_its_segments_from_the_cache(run: Any, clip: Path, tmp_path: Path) -> None:
    project = tmp_path / "film.patchreel"
    run("new", project, clip)
    run("patch", project, "--at", "1.5", "--box", "0.4,0.3,0.2,0.3", "--provider", "local.blur", "--before", "2", "--after", "2")
    first = run("export", project, tmp_path / "one.mp4", "--json").data
    assert "cached" in [s["mode"] for s in run("plan", project, "--json").data["segments"]]
    second = run("export", project, tmp_path / "two.mp4", "--json").data
    assert first["encoded_frames"] > 0 and second["encoded_frames"] == 0
    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "two.mp4").read_bytes()


def test_an_equal_request_is_not_computed_twice(run: Any, clip: Path, tmp_path: Path) -> None:
    project = tmp_path / "film.patchreel"
    run("new", project, clip)
    words = ("patch", project, "--at", "f:45", "--lasso", "0.4,0.3 0.6,0.3 0.5,0.6", "--provider", "local.pixelate",
             "--before", "1", "--after", "1", "--json")  # fmt: skip
    assert run(*words).data["cached"] is False
    assert run(*words).data["cached"] is True


def test_only_accepted_patches_are_exported(run: Any, clip: Path, tmp_path: Path) -> None:
    project, out = tmp_path / "film.patchreel", tmp_path / "out.mp4"
    run("new", project, clip)
    made = run("patch", project, "--at", "1.5", "--box", "0.4,0.3,0.2,0.3", "--provider", "local.blur", "--review",
               "--before", "1", "--after", "1", "--json").data  # fmt: skip
    assert made["state"] == "qa_ready"
    exported = run("export", project, out, "--json").data
    assert exported["encoded_frames"] == 0 and any("review" in warning for warning in exported["warnings"])
    assert packets(out, "video") == packets(clip, "video")
    accepted = run("review", project, "--patch", made["patch_id"], "--accept", "--json").data
    assert accepted["state"] == "published"
    assert run("plan", project, "--json").data["encoded_frames"] > 0
    assert run("review", project, "--patch", made["patch_id"], "--reject", "--json").data["state"] == "rejected"
    assert run("plan", project, "--json").data["encoded_frames"] == 0
    again = run("review", project, "--patch", made["patch_id"], "--retry", "--json").data
    assert again["state"] == "qa_ready" and again["version"] == 2, "another variation, beside the first"
    chosen = run("review", project, "--patch", made["patch_id"], "--choose", "1", "--json").data
    assert chosen["version"] == 1 and chosen["state"] == "qa_ready"
    (patch,) = run("show", project, "--json").data["patches"]
    assert [(v["number"], v["seed"], v["provider"]) for v in patch["versions"]] == [(1, 0, "local.blur"), (2, 1, "local.blur")]
    assert patch["carrying"]["method"] == "track" and all(v["created"] and v["seconds"] >= 0 for v in patch["versions"])


def test_heatmap_and_strip(run: Any, clip: Path, tmp_path: Path) -> None:
    project, png = tmp_path / "film.patchreel", tmp_path / "heat.png"
    run("new", project, clip)
    made = run("patch", project, "--at", "1.5", "--box", "0.4,0.3,0.2,0.3", "--provider", "local.colour", "--param", "hue=90",
               "--before", "1", "--after", "1", "--json").data  # fmt: skip
    stats = run("diff", project, "--patch", made["patch_id"], "-o", png, "--json").data
    assert stats["outside_changed"] == 0 and 0.02 < stats["changed_share"] < 0.12 and stats["largest"] > 20
    assert png.read_bytes().startswith(b"\x89PNG")
    strip = run("diff", project, "--patch", made["patch_id"], "-o", png, "--strip", "--json").data
    assert strip["height"] == 3 * 96


def test_probe_and_frame(run: Any, clip: Path, tmp_path: Path) -> None:
    found = run("probe", clip, "--json").data
    assert found["video"]["frames"] == 90 and found["video"]["keyframes"] == 3 and found["video"]["can_copy"] is True
    assert found["video"]["vfr"] is False and found["audio"][0]["codec"] == "aac"
    shot = run("frame", clip, "--at", "f:45", "-o", tmp_path / "f.png", "--json").data
    assert shot["frame"] == 45 and seconds(shot["time"]) == 1.5 and (shot["width"], shot["height"]) == (320, 180)


def test_a_project_moves_with_its_media(run: Any, clip: Path, tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    shutil.copy(clip, here / "clip.mp4")
    run("new", here / "film", here / "clip.mp4")
    run("patch", here / "film.patchreel", "--at", "1.5", "--box", "0.4,0.3,0.2,0.3", "--provider", "local.blur", "--after", "1")
    here.rename(there)
    shown = run("show", there / "film.patchreel", "--json").data
    assert shown["media"][0]["online"] is True and len(shown["patches"]) == 1
    assert run("export", there / "film.patchreel", there / "out.mp4", "--json").data["verified"]


@pytest.mark.parametrize("name", ["vfr_phone_derived.mp4", "rotate90_derived.mp4"])
def test_own_times_and_orientation_are_kept(run: Any, shared_media: Path, tmp_path: Path, name: str) -> None:
    project, out, source = tmp_path / "film.patchreel", tmp_path / "out.mp4", shared_media / name
    run("new", project, source)
    run("patch", project, "--at", "2", "--box", "0.3,0.3,0.3,0.3", "--provider", "local.blur", "--before", "4", "--after", "4")
    assert run("export", project, out, "--json").data["verified"]
    before, after = packets(source, "video"), packets(out, "video")
    assert times(before) == times(after)
    assert packets(source, "audio") == packets(out, "audio")
    assert run("probe", source, "--json").data["video"]["rotation"] == run("probe", out, "--json").data["video"]["rotation"]


def test_a_full_encode_is_planned_written_and_verified(run: Any, clip: Path, tmp_path: Path) -> None:
    project, out = tmp_path / "film.patchreel", tmp_path / "out.mp4"
    run("new", project, clip)
    plan = run("plan", project, "--seam", "full", "--json").data
    assert plan["seam"] == "full" and plan["share_copied"] == 0 and plan["encoded_frames"] == 90
    assert [s["mode"] for s in plan["segments"]] == ["encode"] and "every frame" in plan["reason"]
    result = run("export", project, out, "--seam", "full", "--json").data
    assert result["seam"] == "full" and result["encoded_frames"] == 90 and result["copied_packets"] == 0 and result["verified"]
    assert run("verify", out, "--project", project, "--json").data["verified"]


def test_seam_and_workers(run: Any, clip: Path, tmp_path: Path) -> None:
    """The best seam encodes the same frames; the number of workers changes no byte; nonsense is wrong use."""
    project, one, two = tmp_path / "film.patchreel", tmp_path / "one.mp4", tmp_path / "two.mp4"
    run("new", project, clip)
    run("patch", project, "--at", "1.5", "--box", "0.4,0.3,0.2,0.3", "--provider", "local.blur", "--before", "2", "--after", "2")
    planned = run("plan", project, "--seam", "best", "--json").data
    best = run("export", project, one, "--seam", "best", "--json").data
    assert best["seam"] == planned["seam"] == "best" and best["encoded_frames"] == planned["encoded_frames"] > 0
    assert run("export", project, two, "--seam", "best", "--workers", "2", "--json").code == 0
    assert one.read_bytes() == two.read_bytes()
    for words in (("--seam", "pretty"), ("--workers", "0"), ("--workers", "many")):
        refused = run("export", project, tmp_path / "no.mp4", *words)
        assert refused.code == 2 and len(refused.err.splitlines()) == 1
    assert not (tmp_path / "no.mp4").exists()


def test_the_ending_of_a_project_may_be_left_out(run: Any, clip: Path, tmp_path: Path) -> None:
    name, out = tmp_path / "film", tmp_path / "out.mp4"
    name.mkdir()
    assert run("new", name, clip).code == 0
    patched = run("patch", name, "--at", "1.5", "--box", "0.4,0.3,0.2,0.3", "--provider", "local.colour", "--before", "1",
                  "--after", "1", "--json").data  # fmt: skip
    assert {path.name for path in tmp_path.glob("film*")} == {"film", "film.patchreel", "film.data"}
    assert run("show", name, "--json").data["project"] == f"{name}.patchreel"
    assert run("review", name, "--patch", patched["patch_id"], "--accept").code == 0
    assert run("diff", name, "--patch", patched["patch_id"], "-o", tmp_path / "map.png").code == 0
    assert run("plan", name).code == 0
    assert run("export", name, out).code == 0
    assert run("verify", out, "--project", name).code == 0
