"""How a patch is carried, in words: the options of the command line, and their way into a patch.

    --method flow|hold|track|rebuild   --falloff N   --no-grain
    --key "TIME box x,y,w,h"        the region put right on another frame, as in --add; may be repeated
    --in-front "TIME lasso x,y …"   what stays in front of the patch, drawn on one frame; may be repeated
"""

import argparse
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from editor.commands.regions import region_in_words
from engine.project.carrying_edits import set_carrying, set_region_key
from engine.project.model import Method, Patch, Project, RegionKey

FrameAt = Callable[[str], Fraction]
"""A time as it was typed -> source time of the frame shown there."""


def add_carrying_arguments(parser: argparse.ArgumentParser) -> None:
    """The options; `carried_as` reads them."""
    usual = (
        "flow: with the motion; hold: where it is; track: the provider works on every frame (usual for blurs and colours); "
        "rebuild: between two anchors (see --key) made from these alone, for frames that are damaged or do not show what moves"
    )
    parser.add_argument("--method", choices=[method.value for method in Method], help=usual)
    parser.add_argument("--falloff", type=int, default=0, metavar="N", help="frames over which the patch fades in and out")
    parser.add_argument("--no-grain", action="store_true", help="do not give the patch the grain of the picture around it")
    shapes = (("--key", "the region on another frame"), ("--in-front", "what stays in front of the patch"))
    for name, what in shapes:
        parser.add_argument(
            name, action="append", default=[], metavar="'TIME SHAPE'", help=f"{what}; SHAPE as in --add; may be repeated"
        )


def carried_as(project: Project, patch: Patch, arguments: argparse.Namespace, frame_at: FrameAt) -> Project:
    """The project with the patch carried as the options say. Raises: BadInputError, EditError."""
    method = Method(arguments.method) if arguments.method else patch.carrying.method
    in_front = tuple(_key(text, "--in-front", patch, frame_at) for text in arguments.in_front)
    carrying = replace(
        patch.carrying, method=method, falloff_frames=arguments.falloff, matches_grain=not arguments.no_grain, in_front=in_front
    )
    project = set_carrying(project, patch.id, carrying)
    for text in arguments.key:
        project = set_region_key(project, patch.id, _key(text, "--key", patch, frame_at))
    return project


def _key(text: str, option: str, patch: Patch, frame_at: FrameAt) -> RegionKey:
    time, _, shape = text.strip().partition(" ")
    return RegionKey(frame_at(time), region_in_words(shape, option, patch.region.feather_px))
