"""What the window proposes: names that are free, folders that are there, and where to look first."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from editor.export_proposals import file_name, folders, source_suffix, timeline_time
from engine.project.model import Clip, LayerKind, Media, MediaKind, Project, Track
from engine.rational_time import TimeRange

MEDIA = Media("m", MediaKind.VIDEO, "Lake.MOV", "/films/Lake.MOV", "f", 1, 1, TimeRange(Fraction(0), Fraction(10)))
CLIP = Clip("c", Fraction(5), TimeRange(Fraction(2), Fraction(4)), "m")
PROJECT = Project(media=(MEDIA,), tracks=(Track("t", LayerKind.SUBJECT, "V1", clips=(CLIP,)),))


def test_a_name_that_is_taken_is_counted_up(tmp_path: Path) -> None:
    assert file_name(PROJECT, None, tmp_path) == "Lake_v1.mov"
    (tmp_path / "Lake_v1.mov").touch()
    assert file_name(PROJECT, None, tmp_path) == "Lake_v2.mov"
    assert file_name(PROJECT, Path("/p/Spot.patchreel"), tmp_path) == "Spot_v1.mov"


def test_the_ending_is_the_sources_or_mp4() -> None:
    assert source_suffix(PROJECT) == ".mov"
    camera = replace(PROJECT, media=(replace(MEDIA, path="/films/lake.MTS"),))
    assert source_suffix(camera) == ".mts"
    odd = replace(PROJECT, media=(replace(MEDIA, path="/films/lake.avi"),))
    assert source_suffix(odd) == source_suffix(Project()) == ".mp4"


def test_only_folders_that_are_there_are_proposed_the_last_used_first(tmp_path: Path) -> None:
    gone, kept = tmp_path / "gone", tmp_path / "kept"
    kept.mkdir()
    found = folders(PROJECT, tmp_path / "Spot.patchreel", [gone, kept])
    assert found[:2] == (kept, tmp_path)
    assert gone not in found and len(set(found)) == len(found)


def test_a_source_time_is_found_where_a_clip_shows_it() -> None:
    assert timeline_time(PROJECT, "m", Fraction(3)) == Fraction(6)
    assert timeline_time(PROJECT, "m", Fraction(7)) is None
