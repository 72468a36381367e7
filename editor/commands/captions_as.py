"""The option of `plan`, `export` and `verify` that says what becomes of the captions."""

import argparse

from editor.commands.opening import Opened
from engine.encoding.result import CaptionsAs
from engine.project.model import Project


def add_captions_as(parser: argparse.ArgumentParser) -> None:
    words = "the captions: none, soft (a track that players show or hide), burn (drawn into the picture)"
    parser.add_argument("--captions", choices=[way.value for way in CaptionsAs], default=CaptionsAs.NONE.value, help=words)


def captioned(opened: Opened, arguments: argparse.Namespace) -> Project:
    """The project as it is exported: with drawn captions where they are burnt in. Raises: BadInputError, StorageError."""
    if CaptionsAs(arguments.captions) is not CaptionsAs.BURN:
        return opened.project
    from editor.burning import CaptionDrawer, drawing_application  # only drawing needs Qt

    drawing_application()
    return CaptionDrawer(opened.workspace.assets).burnt(opened.project)


def is_soft(arguments: argparse.Namespace) -> bool:
    return CaptionsAs(arguments.captions) is CaptionsAs.SOFT


def left_out_words(opened: Opened, arguments: argparse.Namespace) -> list[str]:
    """What to say of captions that are not in the file."""
    number = len(opened.project.captions.cues)
    if not number or CaptionsAs(arguments.captions) is not CaptionsAs.NONE:
        return []
    what = "1 caption is" if number == 1 else f"{number} captions are"
    return [f"{what} not in the file; --captions soft or burn puts them in."]
