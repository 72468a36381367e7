"""How a patch is carried, said on the command line, is how it is carried; or one sentence says why not."""

import argparse
from fractions import Fraction

import pytest

from editor.commands.carrying import add_carrying_arguments, carried_as
from engine.errors import PatchreelError
from engine.project.model import Method, Patch, RegionKind
from tests.engine.project.samples import with_patch


def said(*words: str) -> Patch:
    parser = argparse.ArgumentParser(exit_on_error=False)
    add_carrying_arguments(parser)
    project = with_patch()
    done = carried_as(project, project.patch_by_id("logo"), parser.parse_args(words), Fraction)
    return done.patch_by_id("logo")


def test_nothing_said_changes_nothing() -> None:
    assert said() == with_patch().patch_by_id("logo")


def test_all_of_it_is_read() -> None:
    patch = said(
        "--method", "track", "--falloff", "5", "--no-grain", "--key", "6 box 0.1,0.1,0.2,0.2", "--key", "5.5 ellipse 0,0,0.5,0.5",
        "--in-front", "4 brush 0.05 0.2,0.2 0.4,0.4",
    )  # fmt: skip
    assert patch.carrying.method is Method.TRACK and patch.carrying.falloff_frames == 5 and not patch.carrying.matches_grain
    assert [(float(k.time), k.region.kind) for k in patch.keys] == [(5.5, RegionKind.ELLIPSE), (6.0, RegionKind.BOX)]
    assert patch.keys[1].region.points[0] == (0.1, 0.1) and patch.keys[1].region.feather_px == patch.region.feather_px
    front = patch.carrying.in_front[0]
    assert front.time == 4 and front.region.kind is RegionKind.BRUSH and front.region.radius == 0.05


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--falloff", "-1"), "fade of -1 frames"),
        (("--key", "5 box 0,0,1,1"), "anchor"),
        (("--key", "6 star 0,0,1,1"), "--key wants a box"),
        (("--in-front", "99 box 0,0,1,1"), "no frame"),
        (("--in-front", "4"), "--in-front wants a box"),
    ],
)
def test_what_makes_no_sense_is_said(words: tuple[str, ...], named: str) -> None:
    with pytest.raises(PatchreelError, match=named):
        said(*words)
