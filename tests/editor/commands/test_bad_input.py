"""Bad input: one clear sentence, exit code 1 or 2, nothing changed, no file left behind."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import pytest

pytestmark = pytest.mark.integration

BOX = ("--box", "0.4,0.3,0.2,0.3", "--provider", "local.blur", "--before", "1", "--after", "1")


@pytest.fixture
def project(run: Any, clip: Path, tmp_path: Path) -> Path:
    path = tmp_path / "work" / "film.patchreel"
    path.parent.mkdir()
    assert run("new", path, clip).code == 0
    return path


def refused(outcome: Any, *words: str, codes: tuple[int, ...] = (1, 2)) -> None:
    """One sentence on standard error that names the reason, nothing on standard output, no traceback."""
    assert outcome.code in codes, outcome.err.decode()
    assert outcome.out == b""
    sentence = outcome.sentence
    assert "Traceback" not in outcome.err.decode() and "PR-1000" not in sentence
    assert sentence.rstrip().endswith(".") and len(sentence) < 300
    for word in words:
        assert word.lower() in sentence.lower(), sentence


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.mark.parametrize("command", ["probe", "new", "frame"])
def test_missing_file(run: Any, tmp_path: Path, command: str) -> None:
    missing, empty = tmp_path / "no.mp4", tmp_path / "empty"
    empty.mkdir()
    words = {"probe": (missing,), "new": (empty / "x", missing), "frame": (missing, "--at", "0", "-o", empty / "x.png")}[command]
    refused(run(command, *words), "no.mp4")
    assert not list(empty.iterdir())


def test_truncated_and_foreign_files(run: Any, clip: Path, tmp_path: Path) -> None:
    cut, text = tmp_path / "cut.mp4", tmp_path / "text.mp4"
    cut.write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])
    text.write_text("Dear diary, this is no film.\n" * 50, encoding="utf-8")
    for path in (cut, text):
        refused(run("probe", path), path.name)
        refused(run("new", tmp_path / "film", path), path.name)
    assert not (tmp_path / "film.patchreel").exists()


@pytest.mark.parametrize(
    "region",
    [("--box", "0.9,0.9,0.4,0.4"), ("--box", "1.2,0,0.1,0.1"), ("--box", "0.2,0.2,0,0.1"), ("--box", "a,b,c,d"),
     ("--lasso", "0,0 1,1"), ("--lasso", "0,0 0.5,0.5 1.5,0.2")],
)  # fmt: skip
def test_region_outside_the_frame(run: Any, project: Path, region: tuple[str, str]) -> None:
    before = files(project.parent)
    refused(run("patch", project, "--at", "1", *region, "--provider", "local.blur"), codes=(2,))
    assert files(project.parent) == before


def test_window_beyond_the_clip_is_clamped_and_said(run: Any, project: Path) -> None:
    made = run("patch", project, "--at", "f:2", "--box", "0.4,0.3,0.2,0.3", "--provider", "local.blur",
               "--before", "500", "--after", "3", "--json").data  # fmt: skip
    assert len(made["frames"]) == 6 and any("2 frames before" in warning for warning in made["warnings"])


@pytest.mark.parametrize("at", ["99", "f:90", "-1", "soon", "00:99:00.0"])
def test_times_that_are_not_there(run: Any, project: Path, at: str) -> None:
    before = files(project.parent)
    refused(run("patch", project, f"--at={at}", *BOX), codes=(2,))
    assert files(project.parent) == before


def test_unknown_provider_parameter_and_patch(run: Any, project: Path) -> None:
    refused(run("patch", project, "--at", "1", "--box", "0,0,1,1", "--provider", "local.magic"), "local.inpaint", codes=(2,))
    refused(run("patch", project, "--at", "1", *BOX, "--param", "radius=9999"), "radius", codes=(2,))
    refused(run("patch", project, "--at", "1", *BOX, "--param", "colour=red"), "colour", codes=(2,))
    refused(run("review", project, "--patch", "patch-none", "--accept"), "patch-none", codes=(2,))
    refused(run("patch", project, "--at", "1", "--box", "0,0,1,1", "--provider", "local.image"), "--image", codes=(2,))


def test_target_that_is_a_source_or_an_asset(run: Any, project: Path, clip: Path) -> None:
    run("patch", project, "--at", "1.5", *BOX)
    asset = next((project.parent / "film.data" / "assets").iterdir())
    folder = project.parent
    (folder / "link.mp4").symlink_to(clip)
    os.link(asset, folder / "hard.mp4")
    before, source = files(folder), clip.read_bytes()
    for target in (clip, folder / "link.mp4", asset, folder / "hard.mp4", project):
        refused(run("export", project, target))
    assert files(folder) == before and clip.read_bytes() == source


def test_unwritable_targets(run: Any, project: Path) -> None:
    before = files(project.parent)
    refused(run("export", project, project.parent / "nowhere" / "out.mp4"))
    refused(run("export", project, project.parent))
    refused(run("export", project, "/proc/out.mp4"))
    assert files(project.parent) == before


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 160 kB. Only root may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=160k", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small file system can be mounted by root only, on Linux")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_fills(run: Any, project: Path, small_disk: Path) -> None:
    run("patch", project, "--at", "1.5", *BOX)
    refused(run("export", project, small_disk / "out.mp4"), codes=(1,))
    assert not list(small_disk.iterdir())


def test_newer_schema(run: Any, project: Path, tmp_path: Path) -> None:
    made = run("patch", project, "--at", "1.5", *BOX, "--json").data
    data = json.loads(project.read_bytes())
    data["schema_version"] += 1
    data["a_new_field"] = {"x": 1}
    project.write_text(json.dumps(data), encoding="utf-8")
    before = files(project.parent)
    assert any("newer" in warning for warning in run("show", project, "--json").data["warnings"])
    assert any("newer" in warning for warning in run("plan", project, "--json").data["warnings"])
    refused(run("patch", project, "--at", "1", *BOX), "newer", codes=(2,))
    refused(run("review", project, "--patch", made["patch_id"], "--reject"), "newer", codes=(2,))
    refused(run("export", project, tmp_path / "out.mp4"), "newer", codes=(2,))
    assert files(project.parent) == before and not (tmp_path / "out.mp4").exists()


def test_a_name_that_is_not_utf8_works(run: Any, clip: Path, tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path)
    odd = os.fsdecode(folder + b"/caf\xe9.mp4")
    Path(odd).write_bytes(clip.read_bytes())
    project = os.fsdecode(folder + b"/fil\xe9m.patchreel")
    out = os.fsdecode(folder + b"/\xe9xport.mp4")
    assert run("probe", odd, "--json").data["video"]["frames"] == 90
    assert run("new", project, odd).code == 0
    assert run("show", project).code == 0
    assert run("patch", project, "--at", "1.5", *BOX, "--json").data["state"] == "published"
    result = run("export", project, out, "--json")
    assert result.code == 0 and result.data["verified"], result.err.decode("utf-8", "replace")
    assert run("verify", out, "--project", project, "--json").data["verified"]


def test_broken_project_files(run: Any, tmp_path: Path) -> None:
    for content in (b"", b"{", b"[1, 2]", b"\xff\xfe\x00", b'{"schema_version": "x"}', b'{"schema_version": 1, "tracks": 5}'):
        path = tmp_path / "broken.patchreel"
        path.write_bytes(content)
        refused(run("show", path), codes=(2,))
    refused(run("show", tmp_path / "none.patchreel"), "none.patchreel", codes=(2,))


def test_wrong_use_is_one_sentence(run: Any) -> None:
    outcome = run("patch")
    assert outcome.code == 2 and outcome.out == b"" and len(outcome.err.splitlines()) == 1


def test_new_does_not_overwrite_a_project(run: Any, project: Path, clip: Path) -> None:
    before = files(project.parent)
    refused(run("new", project, clip), "exists", codes=(2,))
    assert files(project.parent) == before


def test_every_command_says_what_a_file_that_was_cut_off_lacks(run: Any, clip: Path, tmp_path: Path) -> None:
    cut, project = tmp_path / "cut.mp4", tmp_path / "film.patchreel"
    with av.open(str(clip)) as whole, av.open(str(cut), "w", options={"movflags": "faststart"}) as out:
        stream = out.add_stream_from_template(whole.streams.video[0], opaque=True)
        for packet in (packet for packet in whole.demux(video=0) if packet.size):
            packet.stream = stream
            out.mux(packet)
    with av.open(str(cut)) as container:
        cut.write_bytes(cut.read_bytes()[: [packet.pos for packet in container.demux() if packet.size][20]])
    sentence = json.loads(run("probe", cut, "--json").out)["warnings"][0]
    assert sentence.startswith("“cut.mp4” was cut off at ") and sentence.endswith("or work with what is there.")
    for words in (("new", project, cut), ("plan", project), ("export", project, tmp_path / "out.mp4")):
        outcome = run(*words, "--json")
        assert outcome.code == 0 and json.loads(outcome.out)["warnings"] == [sentence], words


def test_a_range_ends_with_the_timeline_and_not_before_it_begins(run: Any, project: Path, tmp_path: Path) -> None:
    shown = json.loads(run("plan", project, "--json").out)
    frames = sum(segment["frames"] for segment in shown["segments"])
    out = tmp_path / "out.mp4"
    last = run("export", project, out, "--from", f"f:{frames - 1}", "--to", f"f:{frames}", "--json")
    assert last.code == 0 and json.loads(last.out)["frames"] == 1
    out.unlink()
    wrong = (("f:5", "f:5", "is empty"), ("f:9", "f:2", "is empty"), ("f:1", f"f:{frames + 1}", "behind the end"),
             ("0", "9999", "does not lie on the timeline"))  # fmt: skip
    for start, end, words in wrong:
        refused(run("export", project, out, "--from", start, "--to", end), words)
    assert not out.exists()
