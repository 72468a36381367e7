"""A key changes with everything that decides pixels and with nothing else; the clock is exact."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest

from engine.compositing.output import OutputFormat
from engine.media.picture import Colour
from engine.planning.facts import Versions
from engine.planning.keys import SegmentKeys
from engine.planning.output_form import output_format
from engine.planning.sample_times import output_clock, source_clock
from engine.planning.spans import spans_of
from engine.project.model import Canvas, Clip, LayerKind, Media, MediaKind, PatchVersion, Project, Region, Text, Track, Transform
from engine.rational_time import TimeRange
from tests.engine.planning.makers import OUTPUT, Facts, facts_of, index_of, patch_of, project_of, simple_index, with_clips

INDEX = simple_index(50, 25)
PATCH = patch_of(Fraction(4, 25), Fraction(9, 25))


def titled(project: Project, text: Text) -> Project:
    clip = Clip("t", Fraction(0), TimeRange(Fraction(0), Fraction(1)), text=text)
    return replace(project, tracks=(*project.tracks, Track("C1", LayerKind.CAPTIONS, "Captions", clips=(clip,))))


BASE = titled(project_of(INDEX, (PATCH,)), Text("Hello", bitmap="drawn"))


def key(
    project: Project = BASE, frames: range = range(2, 20), output: OutputFormat = OUTPUT, versions: Versions | None = None
) -> str:
    made = SegmentKeys(project, spans_of(project), source_clock(INDEX), output, versions or Versions("r", "m", "e"))
    return made.key(frames)


def with_version(**changes: object) -> Project:
    assert PATCH.version is not None
    version: PatchVersion = replace(PATCH.version, **changes)  # type: ignore[arg-type]
    return replace(BASE, patches=(replace(PATCH, versions=(version,)),))


def with_clip(**changes: object) -> Project:
    return with_clips(BASE, replace(BASE.tracks[0].clips[0], **changes))  # type: ignore[arg-type]


def with_region(**changes: object) -> Project:
    assert PATCH.version is not None
    region: Region = replace(PATCH.version.region, **changes)  # type: ignore[arg-type]
    return with_version(region=region)


CHANGES: dict[str, Callable[[], str]] = {
    "source": lambda: key(replace(BASE, media=(replace(BASE.media[0], fingerprint="other"),))),
    "source time": lambda: key(with_clip(start=Fraction(-1, 25))),
    "frames": lambda: key(frames=range(2, 21)),
    "patch pixels": lambda: key(with_version(pixels="other")),
    "patch anchor": lambda: key(with_version(anchor=Fraction(1, 25))),
    "patch place": lambda: key(with_version(crop=(0, 0, 2, 2))),
    "region": lambda: key(with_region(points=((0.2, 0.2), (0.4, 0.4)))),
    "feather": lambda: key(with_region(feather_px=7.0)),
    "patch window": lambda: key(replace(BASE, patches=(replace(PATCH, window=TimeRange(Fraction(4, 25), Fraction(6, 25))),))),
    "patch hidden": lambda: key(replace(BASE, patches=(replace(PATCH, visible=False),))),
    "placement": lambda: key(with_clip(transform=Transform(x=0.1))),
    "opacity": lambda: key(with_clip(transform=Transform(opacity=0.5))),
    "text": lambda: key(titled(project_of(INDEX, (PATCH,)), Text("Hello", bitmap="drawn otherwise"))),
    "size": lambda: key(output=replace(OUTPUT, width=322)),
    "colour": lambda: key(output=replace(OUTPUT, colour=Colour(matrix=9))),
    "renderer": lambda: key(versions=Versions("r2", "m", "e")),
    "motion": lambda: key(versions=Versions("r", "m2", "e")),
    "encoder": lambda: key(versions=Versions("r", "m", "e2")),
}


@pytest.mark.parametrize("part", CHANGES)
def test_every_part_changes_the_key(part: str) -> None:
    assert CHANGES[part]() != key()


def test_names_ids_and_paths_do_not_change_the_key() -> None:
    clip, media = BASE.tracks[0].clips[0], BASE.media[0]
    renamed = replace(BASE, media=(replace(media, name="x", path="/x", mtime_ns=5),), patches=(replace(PATCH, name="x"),))
    assert key(with_clips(renamed, replace(clip, id="other", gain_db=-3.0))) == key()


def test_a_change_elsewhere_does_not_change_the_key() -> None:
    far = patch_of(Fraction(40, 25), Fraction(45, 25), "far")
    assert key(replace(BASE, patches=(PATCH, far))) == key()
    halves = (
        replace(BASE.tracks[0].clips[0], source_range=TimeRange(Fraction(0), Fraction(5, 25))),
        Clip("b", Fraction(5, 25), TimeRange(Fraction(5, 25), Fraction(45, 25)), "m"),
    )
    assert key(with_clips(BASE, *halves)) == key()


def test_the_clock_is_the_sources_where_it_plays_at_its_own_rate() -> None:
    index = index_of([list(range(6))], [1, 4, 2, 2, 1, 5])
    project = project_of(index)
    clock = output_clock(project, spans_of(project), facts_of(index))
    assert [clock.time_of(n) for n in range(7)] == [Fraction(t, 25) for t in (0, 1, 5, 7, 9, 10, 15)]
    moved = with_clips(project, replace(project.tracks[0].clips[0], start=Fraction(1, 3)))
    later = output_clock(moved, spans_of(moved), facts_of(index))
    inside = [later.time_of(n) - Fraction(1, 3) for n in range(len(later)) if later.time_of(n) >= Fraction(1, 3)]
    assert inside == [clock.time_of(n) for n in range(6)]
    assert later.is_exact


def test_stills_and_gaps_have_the_projects_rate() -> None:
    still = Media("s", MediaKind.IMAGE, "s.png", "/s.png", "print-s", 1, 1, None, 320, 180)
    project = Project(Canvas(320, 180, Fraction(10), True), (still,), (
        Track("V1", LayerKind.SUBJECT, "Subject", clips=(Clip("a", Fraction(1), TimeRange(Fraction(0), Fraction(1)), "s"),)),
    ))
    clock = output_clock(project, spans_of(project), Facts())
    assert len(clock) == 20
    assert clock.duration == 2


def test_a_trim_inside_a_frame_shows_that_frame_from_the_start() -> None:
    index = simple_index(10, 10)
    project = with_clips(project_of(index), Clip("a", Fraction(0), TimeRange(Fraction(1, 50), Fraction(4, 25)), "m"))
    clock = output_clock(project, spans_of(project), facts_of(index))
    assert [clock.time_of(n) * 50 for n in range(len(clock))] == [0, 1, 3, 5, 7]


def test_clocks_without_a_common_multiple_are_rounded_and_say_so() -> None:
    odd = replace(simple_index(10, 10), time_base=Fraction(1, 9_999_991))
    facts = facts_of(simple_index(10, 10))
    facts.videos["n"] = replace(facts.videos["m"], index=odd)
    project = project_of(simple_index(10, 10))
    other = replace(project.media[0], id="n")
    clips = (*project.tracks[0].clips, Clip("b", project.duration, TimeRange(Fraction(0), odd.duration), "n"))
    project = with_clips(replace(project, media=(*project.media, other)), *clips)
    clock = output_clock(project, spans_of(project), facts)
    assert not clock.is_exact
    assert clock.time_base == Fraction(1, 90_000)


def test_the_form_is_the_sources_where_it_fills_the_canvas() -> None:
    project = project_of(INDEX)
    spans = spans_of(project)
    assert output_format(project, spans, facts_of(INDEX)) == OUTPUT
    wide = replace(project, canvas=Canvas(641, 361, Fraction(25), True))
    made = output_format(wide, spans, facts_of(INDEX))
    assert (made.width, made.height, made.pixel_format) == (640, 360, OUTPUT.pixel_format)
