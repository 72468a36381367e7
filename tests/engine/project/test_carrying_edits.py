"""Keys of a tracked region and how a patch is carried: in order, inside the window, held by the locks, kept in the file."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest

from engine.errors import EditError
from engine.limits import FALLOFF_MAX_FRAMES
from engine.project.carrying_edits import remove_region_key, set_carrying, set_region_key
from engine.project.consistency import InconsistentProject, check_consistency
from engine.project.file import from_json, to_json
from engine.project.lookup import with_patch as with_changed
from engine.project.model import AnchorPixels, Carrying, Method, Project, Region, RegionKey, RegionKind
from engine.project.patch_edits import add_patch, lock_window, set_anchor, set_patch_locked, set_window
from engine.project.version_edits import attach_version
from tests.engine.project.samples import BOX, RECIPE, seconds, version, with_patch

MOVED = Region(RegionKind.BOX, ((0.3, 0.25), (0.55, 0.5)))


def key_at(time: float | Fraction, region: Region = MOVED) -> RegionKey:
    return RegionKey(Fraction(time), region)


def keyed(*times: float) -> Project:
    project = with_patch()
    for time in times:
        project = set_region_key(project, "logo", key_at(time))
    check_consistency(project)
    return project


def test_keys_are_kept_in_order_and_one_of_the_same_frame_is_replaced() -> None:
    project = keyed(6.5, 4, 6)
    assert [k.time for k in project.patch_by_id("logo").keys] == [4, 6, Fraction(13, 2)]
    again = set_region_key(project, "logo", key_at(6, BOX))
    assert [k.region for k in again.patch_by_id("logo").keys] == [MOVED, BOX, MOVED]
    assert set_region_key(again, "logo", key_at(6, BOX)) is again


def test_a_key_beyond_the_window_widens_it_and_a_window_never_loses_one() -> None:
    project = keyed(4, 8)
    assert project.patch_by_id("logo").window == seconds(4, Fraction(8) + Fraction(1001, 30000))
    check_consistency(narrow := set_window(project, "logo", seconds(5, 6)))
    assert narrow.patch_by_id("logo").window.contains(Fraction(4)) and narrow.patch_by_id("logo").window.contains(Fraction(8))
    free = remove_region_key(remove_region_key(narrow, "logo", Fraction(4)), "logo", Fraction(8))
    assert set_window(free, "logo", seconds(5, 6)).patch_by_id("logo").window == seconds(5, 6)


REFUSED: dict[str, tuple[Callable[[Project], Project], str]] = {
    "the anchor": (lambda p: set_region_key(p, "logo", key_at(5)), "anchor"),
    "no frame": (lambda p: set_region_key(p, "logo", key_at(99)), "no frame"),
    "no area": (lambda p: set_region_key(p, "logo", key_at(6, replace(BOX, points=((0.2, 0.2), (0.2, 0.4))))), "area"),
    "locked window": (lambda p: set_region_key(lock_window(p, "logo", True), "logo", key_at(9)), "locked"),
    "locked patch": (lambda p: set_region_key(set_patch_locked(p, "logo", True), "logo", key_at(6)), "locked"),
    "no key": (lambda p: remove_region_key(p, "logo", Fraction(6)), "no key"),
    "anchor on a key": (lambda p: set_anchor(set_region_key(p, "logo", key_at(6)), "logo", Fraction(6)), "key"),
    "endless fade": (lambda p: set_carrying(p, "logo", Carrying(falloff_frames=FALLOFF_MAX_FRAMES + 1)), "fade"),
    "negative fade": (lambda p: set_carrying(p, "logo", Carrying(falloff_frames=-1)), "fade"),
    "in front of nothing": (lambda p: set_carrying(p, "logo", Carrying(in_front=(key_at(99),))), "no frame"),
    "carrying when locked": (
        lambda p: set_carrying(set_patch_locked(p, "logo", True), "logo", Carrying(Method.HOLD)), "locked"
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_makes_no_sense_is_refused_with_a_sentence(case: str) -> None:
    edit, word = REFUSED[case]
    with pytest.raises(EditError, match=word):
        edit(with_patch())


def test_a_still_has_no_keys() -> None:
    project = add_patch(with_patch(), "still", BOX, Fraction(0), seconds(0, 3), RECIPE, patch_id="s")
    with pytest.raises(EditError, match="still"):
        set_region_key(project, "s", key_at(1))


def test_all_of_it_goes_through_the_file() -> None:
    carrying = Carrying(Method.TRACK, 5, matches_grain=False, in_front=(key_at(6.5), key_at(4)))
    project = set_carrying(keyed(4, 6), "logo", carrying)
    assert [k.time for k in project.patch_by_id("logo").carrying.in_front] == [4, Fraction(13, 2)]
    made = replace(version(), others=(AnchorPixels(Fraction(6), MOVED, "b" * 40, (1, 2, 3, 4), request_hash="r"),))
    project = attach_version(project, "logo", made)
    check_consistency(project)
    assert from_json(to_json(project)).project == project


def test_keys_out_of_order_are_no_project() -> None:
    project = keyed(4, 6)
    patch = project.patch_by_id("logo")
    for broken in (
        replace(patch, keys=patch.keys[::-1]), replace(patch, keys=(key_at(5),)), replace(patch, window=seconds(5, 7)),
        replace(patch, carrying=Carrying(falloff_frames=-1)),
        replace(patch, versions=(replace(version(), number=1, others=(AnchorPixels(Fraction(5), BOX, "b", (0, 0, 1, 1)),)),),
                current_version=1),
    ):  # fmt: skip
        with pytest.raises(InconsistentProject):
            check_consistency(with_changed(project, broken))
