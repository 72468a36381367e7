"""What decides how a patch looks is in the key of the frames it decides, and in no other."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest

from engine.planning.facts import Versions
from engine.planning.keys import SegmentKeys
from engine.planning.sample_times import source_clock
from engine.planning.spans import spans_of
from engine.project.model import AnchorPixels, Carrying, Method, Patch, Project, Region, RegionKey, RegionKind
from tests.engine.planning.makers import OUTPUT, index_of, patch_of, project_of

INDEX = index_of([list(range(50))])
START, STOP = 10, 40
BOX = Region(RegionKind.BOX, ((0.2, 0.2), (0.5, 0.5)))


def at(frame: int) -> Fraction:
    return Fraction(frame, 25)


def anchored(patch: Patch, *frames: int) -> Patch:
    assert patch.version is not None
    others = tuple(AnchorPixels(at(n), BOX, f"pixels at {n}", (1, 2, 30, 40)) for n in frames)
    return replace(patch, versions=(replace(patch.version, anchor=at(20), others=others),))


PLAIN = anchored(patch_of(at(START), at(STOP)))


def project(patch: Patch) -> Project:
    """A rate, so that fades have a length."""
    made = project_of(INDEX, (patch,))
    return replace(made, media=(replace(made.media[0], rate=Fraction(25)),))


def changed_frames(before: Patch, after: Patch) -> set[int]:
    """Frames whose own key differs."""
    keys = []
    for patch in (before, after):
        made = project(patch)
        keys.append(SegmentKeys(made, spans_of(made), source_clock(INDEX), OUTPUT, Versions("r", "m", "e")))
    return {n for n in range(50) if keys[0].key(range(n, n + 1)) != keys[1].key(range(n, n + 1))}


def carried(patch: Patch, **changes: object) -> Patch:
    return replace(patch, carrying=replace(patch.carrying, **changes))  # type: ignore[arg-type]


def test_a_further_anchor_changes_the_frames_up_to_its_neighbours_only() -> None:
    assert changed_frames(PLAIN, anchored(PLAIN, 30)) == set(range(20, STOP))
    assert changed_frames(anchored(PLAIN, 30), anchored(PLAIN, 25, 30)) == set(range(20, 30))
    assert changed_frames(anchored(PLAIN, 30), anchored(PLAIN, 14, 30)) == set(range(START, 20))


def test_rebuilding_changes_the_frames_between_two_anchors_only() -> None:
    assert changed_frames(PLAIN, carried(PLAIN, method=Method.REBUILD)) == set()
    assert changed_frames(anchored(PLAIN, 30), carried(anchored(PLAIN, 30), method=Method.REBUILD)) == set(range(20, 30))


def test_a_falloff_changes_the_frames_that_fade_only() -> None:
    assert changed_frames(PLAIN, carried(PLAIN, falloff_frames=4)) == {*range(10, 14), *range(36, 40)}
    assert changed_frames(carried(PLAIN, falloff_frames=4), carried(PLAIN, falloff_frames=6)) == {*range(10, 16), *range(34, 40)}
    longer = replace(carried(PLAIN, falloff_frames=4), window=replace(PLAIN.window, duration=at(33)))
    assert changed_frames(carried(PLAIN, falloff_frames=4), longer) == {*range(10, 14), *range(36, 43)}
    assert changed_frames(PLAIN, carried(PLAIN, falloff_frames=100)) == set(range(START, STOP))


EVERYWHERE: dict[str, Callable[[], Patch]] = {
    "method": lambda: carried(PLAIN, method=Method.HOLD),
    "frame by frame": lambda: carried(PLAIN, method=Method.TRACK),
    "grain": lambda: carried(PLAIN, matches_grain=False),
    "in front": lambda: carried(PLAIN, in_front=(RegionKey(at(20), BOX),)),
    "what is in front": lambda: carried(PLAIN, in_front=(RegionKey(at(20), replace(BOX, feather_px=1.0)),)),
}


@pytest.mark.parametrize("case", EVERYWHERE)
def test_how_it_is_carried_changes_the_whole_window(case: str) -> None:
    assert changed_frames(PLAIN, EVERYWHERE[case]()) == set(range(START, STOP))


def test_what_a_provider_is_asked_matters_where_it_works_on_every_frame() -> None:
    def asked(patch: Patch, method: Method) -> Patch:
        assert patch.version is not None
        recipe = replace(patch.version.recipe, seed=7)
        return replace(patch, carrying=Carrying(method), versions=(replace(patch.version, recipe=recipe),))

    assert changed_frames(carried(PLAIN, method=Method.TRACK), asked(PLAIN, Method.TRACK)) == set(range(START, STOP))
    assert changed_frames(PLAIN, asked(PLAIN, Method.FLOW)) == set()
