"""A region in words on the command line is the region that was meant, or one sentence says why not."""

import argparse

import pytest

from editor.commands.regions import add_region_arguments, region_from
from engine.errors import BadInputError
from engine.project.model import Region, RegionKind, Shape


def read(*words: str) -> Region:
    parser = argparse.ArgumentParser(exit_on_error=False)
    add_region_arguments(parser)
    return region_from(parser.parse_args(words))


def test_each_kind_is_read() -> None:
    assert read("--box", "0.1,0.2,0.25,0.5") == Region(RegionKind.BOX, ((0.1, 0.2), (0.35, 0.7)))
    assert read("--ellipse", "0.5,0.5,0.25,0.5", "--feather", "2") == Region(RegionKind.ELLIPSE, ((0.5, 0.5), (0.75, 1.0)), 2.0)
    assert read("--lasso", "0,0 1,0 0.5,1").points == ((0.0, 0.0), (1.0, 0.0), (0.5, 1.0))
    assert read("--brush", "0.1,0.1 0.2,0.3", "--radius", "0.05") == Region(
        RegionKind.BRUSH, ((0.1, 0.1), (0.2, 0.3)), radius=0.05
    )


def test_further_shapes_keep_their_order() -> None:
    region = read(
        "--box", "0.1,0.1,0.5,0.5", "--add", "ellipse 0.5,0.5,0.25,0.25", "--subtract", "brush 0.02 0.2,0.2 0.3,0.3",
        "--add", "lasso 0,0 0.5,0 0.5,0.5", "--grow", "-3.5", "--invert",
    )  # fmt: skip
    assert region.more == (
        Shape(RegionKind.ELLIPSE, ((0.5, 0.5), (0.75, 0.75))),
        Shape(RegionKind.BRUSH, ((0.2, 0.2), (0.3, 0.3)), 0.02, is_subtracted=True),
        Shape(RegionKind.LASSO, ((0.0, 0.0), (0.5, 0.0), (0.5, 0.5))),
    )
    assert region.grow_px == -3.5 and region.is_inverted


def test_a_box_up_to_the_very_edge_is_inside() -> None:
    assert read("--box", "0.7,0.1,0.3,0.9").bounds == (0.7, 0.1, 1.0, 1.0)


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--brush", "0.1,0.1"), "--radius belongs to --brush"),
        (("--box", "0,0,1,1", "--radius", "0.1"), "--radius belongs to --brush"),
        (("--brush", "0.1,0.1", "--radius", "0.9"), "pen of 0.9"),
        (("--brush", "", "--radius", "0.1"), "needs a point"),
        (("--ellipse", "0,0,0,1"), "ellipse has no area"),
        (("--ellipse", "0.9,0.9,0.4,0.4"), "outside the picture"),
        (("--box", "0,0,1,1", "--add", "star 0,0,1,1"), "--add wants a box, an ellipse, a lasso or a brush"),
        (("--box", "0,0,1,1", "--subtract", "box 0,0,1"), "--subtract box wants x,y,w,h"),
        (("--box", "0,0,1,1", "--subtract", "brush 0.1"), "needs a point"),
        (("--box", "0,0,1,1", "--subtract", "brush wide 0,0"), "--subtract wants “brush R x,y"),
        (("--box", "0,0,1,1", "--add", "lasso 0,0 1,1"), "at least three points"),
        (("--box", "0,0,1,1", "--grow", "500"), "grown by 500 px"),
        (("--box", "0,0,1,1", "--grow", "nan"), "grown by nan px"),
        (("--box", "0,0,1,1", "--feather", "-1"), "feather of -1 px"),
    ],
)
def test_what_is_none_is_refused_in_a_sentence(words: tuple[str, ...], named: str) -> None:
    with pytest.raises(BadInputError, match=rf"{named}.*\.?"):
        read(*words)
