"""`slow` on the command line: the clip gives its place to a slowed one, and what was asked wrongly is said."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.editor.commands.conftest import RATE

pytestmark = pytest.mark.integration


@pytest.fixture
def project(run: Any, clip: Path, tmp_path: Path) -> Path:
    """Two short clips of one video."""
    from engine.project import file
    from engine.project.clip_edits import Edge, append_clip, trim_clip

    path = tmp_path / "film.patchreel"
    assert run("new", path, clip).code == 0
    made = file.load(path).project
    first = next(one for track in made.tracks for one in track.clips)
    made = trim_clip(made, first.id, Edge.END, Fraction(4, RATE))
    made = append_clip(made, first.media_id or "", source_range=first.source_range.__class__(Fraction(0), Fraction(6, RATE)))
    file.save(made, path)
    return path


def clips_of(run: Any, project: Path) -> list[dict[str, Any]]:
    return [clip for layer in run("show", project, "--json").data["layers"] for clip in layer["clips"]]


def test_the_clip_at_a_time_is_slowed_and_saved(run: Any, project: Path) -> None:
    before = clips_of(run, project)
    made = run("slow", project, "--at", "0", "--times", "4", "--json").data
    assert made["replaces"] == before[0]["id"] and made["times"] == 4
    assert (made["frames"], made["made_frames"], made["cuts"], made["patches"]) == (16, 12, [], 0)
    assert made["warnings"] == ["Its sound is left out."]
    assert Path(made["output"]).parent == project.with_suffix(".data") / "assets"
    first, second = clips_of(run, project)
    assert first["id"] == made["clip"] and first["media"] == made["media"]
    assert second["id"] == before[1]["id"] and second["range"]["start"] == made["duration"]
    assert run("plan", project, "--json").code == 0


def test_what_is_asked_wrongly_is_said(run: Any, project: Path) -> None:
    several = run("slow", project)
    assert several.code == 2 and "There are 2 clips" in several.sentence
    assert run("slow", project, "--clip", "nobody").code == 2
    many = run("slow", project, "--at", "0", "--times", "20")
    assert many.code == 2 and "2 to 8 times" in many.sentence
    assert not project.with_suffix(".data").exists()
