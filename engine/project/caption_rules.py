"""What captions may be: how long a text, which looks. Asked by the edits, and of every file before it is believed."""

import math
import re

from engine.project.caption_values import Captions, CaptionStyle, Cue

TEXT_MAX_CHARACTERS = 2_000
"""A caption is read in seconds; what is longer than a page is no caption."""
SIZE_MIN, SIZE_MAX = 0.01, 0.3
_INVISIBLE = "\u200c\u200d\u00a0"
"""Joiners of scripts and of emoji, and the space that no line breaks at: they are no characters of their own, and needed."""
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def captions_fault(captions: Captions, media_ids: frozenset[str]) -> str:
    """The first thing that is wrong, as the end of a sentence; empty where all is well."""
    fault = style_fault(captions.style)
    if fault:
        return f"the captions have {fault}"
    return next(filter(None, (_cue_fault(cue, media_ids) for cue in captions.cues)), "")


def _cue_fault(cue: Cue, media_ids: frozenset[str]) -> str:
    name = f"the caption “{cue.id}”"
    if not cue.places:
        return f"{name} is nowhere"
    for place in cue.places:
        if place.media_id is not None and place.media_id not in media_ids:
            return f"{name} belongs to the media “{place.media_id}”, which is missing"
        if place.range.duration <= 0:
            return f"{name} has no length"
        if place.media_id is None and place.range.start < 0:
            return f"{name} begins before the timeline"
    if len(cue.text) > TEXT_MAX_CHARACTERS or cue.text != tidy(cue.text):
        return f"{name} has no text that can be shown"
    fault = style_fault(cue.style) if cue.style is not None else ""
    return fault and f"{name} has {fault}"


def style_fault(style: CaptionStyle) -> str:
    """What is wrong with a look, such as “the size 7”; empty where nothing is."""
    if not (math.isfinite(style.size) and SIZE_MIN <= style.size <= SIZE_MAX):
        return f"the size {style.size:g}"
    for colour in (style.colour, style.box_colour):
        if not _COLOUR.fullmatch(colour):
            return f"the colour “{colour}”"
    if not 0 <= style.box_opacity <= 1:
        return f"a box of the opacity {style.box_opacity:g}"
    return "" if 0 < style.bottom <= 1 else f"its end at {style.bottom:g} of the height"


def tidy(text: str) -> str:
    """Plain text as captions hold it: no blank lines, no spaces at the ends of lines, no control characters."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").split("\n")
    clean = ("".join(c for c in line if c.isprintable() or c in _INVISIBLE).strip() for line in lines)
    return "\n".join(line for line in clean if line)
