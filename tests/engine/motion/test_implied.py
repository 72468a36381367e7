"""Doubts in levels of the patch: nothing where it lies right, about what it would cost where it does not."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from engine.motion import implied
from engine.motion.evidence import Evidence, Witness
from engine.motion.flow import Box
from engine.motion.glance import Glance, Stakes, glance, stakes
from engine.motion.judging import Track
from engine.motion.light import Light
from tests.engine.motion.scenes import texture

HEIGHT, WIDTH = 90, 120
BOX = Box(20, 10, WIDTH, HEIGHT)
Image = npt.NDArray[np.float32]

ANCHOR = texture(HEIGHT + 40, WIDTH + 40, 5) / np.float32(255)
PATCH = texture(HEIGHT + 40, WIDTH + 40, 6) / np.float32(255)


def cut(image: Image, right: int = 0) -> Image:
    return np.ascontiguousarray(image[20 : 20 + HEIGHT, 20 - right : 20 - right + WIDTH])


def tracked(frame: Image, anchor: Image | None = None, gain: float | Image = 1.0, covered: float = 0.0) -> Track:
    """A track that lies where the anchor lay, whatever the frame shows."""
    mask = np.zeros((HEIGHT, WIDTH), np.float32)
    mask[20:70, 25:95] = 1
    gains = np.asarray(np.ones_like(frame) * gain, np.float32)
    hidden = np.zeros_like(mask)
    hidden[20:70, 25:60] = covered
    nothing = np.zeros_like(mask)
    return Track(
        BOX, BOX.grid(), mask, hidden, frame, Light(gains, np.zeros_like(frame)), cut(ANCHOR) if anchor is None else anchor,
        np.zeros_like(frame), nothing, np.ones_like(mask), 0.0, 0.0, 0.2, 0.2, 0.0, True, 0.0, 1.5,
    )


def known(patch: Image | None = None) -> Stakes:
    return stakes(cut(PATCH) if patch is None else patch, BOX, 0.5)


def look(track: Track, patch: Image | None = None) -> tuple[Glance, Stakes]:
    anchor = known(patch)
    return glance(track, anchor), anchor


def test_what_lies_right_costs_nothing() -> None:
    witness = Witness(known())
    for _ in range(2):
        seen = witness.look(tracked(cut(ANCHOR)))
        assert seen.implied < 0.3 and seen.astray < 0.05 and seen.torn == 0 and seen.left_over < 0.5


@pytest.mark.parametrize("shift", [1, 3])
def test_a_shift_costs_what_it_makes_of_the_patch(shift: int) -> None:
    seen, anchor = look(tracked(cut(ANCHOR, shift)))
    patch = cut(PATCH)
    truth = float(np.abs(cut(PATCH, shift) - patch).mean(axis=2)[20:70, 25:95].mean()) * 255
    guess = implied.Flows().still_to_go(seen, anchor)
    assert 0.5 * truth < guess < 1.6 * truth
    plain, anchor = look(tracked(cut(ANCHOR, shift)), np.full_like(patch, 0.5))
    assert implied.Flows().still_to_go(plain, anchor) < 0.01 and implied.slipped(plain, anchor) < 0.01


def test_a_step_that_the_picture_did_not_make_is_seen_by_the_frame_before() -> None:
    witness = Witness(known())
    witness.look(tracked(cut(ANCHOR)))
    still = tracked(cut(ANCHOR))
    moved = replace(still, at=still.at + np.float32(3))
    since = implied.Flows().since_before(glance(moved, known()), known(), still)
    assert since > 8 and implied.Flows().since_before(glance(still, known()), known(), still) < 0.5


def test_what_repeats_or_is_plain_has_places_that_look_the_same() -> None:
    assert implied.alike(look(tracked(cut(ANCHOR)))[0]) == 0
    bars = np.zeros((HEIGHT, WIDTH, 3), np.float32) + 0.5
    bars += 0.3 * np.sign(np.sin(np.arange(WIDTH) * 2 * np.pi / 7))[None, :, None].astype(np.float32)
    assert implied.alike(look(tracked(bars, bars))[0]) > 8
    assert implied.alike(look(tracked(bars, bars), np.full_like(bars, 0.4))[0]) < 0.01


def test_even_light_costs_next_to_nothing_and_uneven_light_what_it_makes_of_the_patch() -> None:
    assert implied.relit(look(tracked(0.7 * cut(ANCHOR), gain=0.7))[0]) < 2
    slope = np.linspace(0.5, 1.5, WIDTH, dtype=np.float32)[None, :, None]
    assert implied.relit(look(tracked(slope * cut(ANCHOR), gain=slope))[0]) > 5


def test_what_differs_though_it_was_taken_as_seen_costs_the_whole_difference() -> None:
    frame = cut(ANCHOR)
    frame[20:70, 25:60] = 1.0
    seen, anchor = look(tracked(frame))
    apart = float(np.abs(cut(PATCH) - frame).mean(axis=2)[20:70, 25:60].mean()) * 255
    assert 0.3 * apart < implied.unlike(seen, anchor) < 0.7 * apart
    assert implied.ragged(seen) == 0 and implied.ragged(look(tracked(frame, covered=1.0))[0]) > 0.5


def test_a_frame_with_nothing_of_the_patch_is_no_error() -> None:
    empty = tracked(cut(ANCHOR))
    gone = replace(empty, mask=np.zeros_like(empty.mask))
    assert isinstance(Witness(known()).look(gone), Evidence)


def test_what_was_doubtful_stays_so_for_a_while_even_where_it_fits_again() -> None:
    """A twin of the surface takes the patch along, or it comes back elsewhere: what fits again may be another place."""
    witness = Witness(known())
    right = witness.look(tracked(cut(ANCHOR)))
    wrong = witness.look(tracked(cut(ANCHOR, 3)))
    witness.lose()
    after = [witness.look(tracked(cut(ANCHOR))) for _ in range(3)]
    assert right.doubted == right.implied < 0.3 and wrong.doubted == wrong.implied > 1 and wrong.strayed == wrong.astray
    assert all(seen.implied < 0.3 for seen in after)
    assert wrong.doubted > after[0].doubted > after[1].doubted > after[2].doubted > 0.9 * wrong.doubted
    assert wrong.strayed > after[2].strayed > 0.9 * wrong.strayed
