"""Pictures to build upon: a damaged frame may be looked at, but nobody should pay for, or carry, what a decoder has guessed."""

from fractions import Fraction

from engine.compositing.sources import Sources
from engine.media.picture import Picture
from engine.media.video_reader import damaged_frame
from engine.project.model import Media

_WAYS = "Choose another frame, copy the file again, or mend it with “Rebuild from neighbours”, which does not look at it."


def whole_picture(sources: Sources, media: Media, time: Fraction) -> Picture:
    """The picture shown at a source time. Raises: MediaError, also where a part of it is only guessed."""
    picture = sources.picture(media, time)
    if picture.is_damaged:
        index = sources.index(media)
        raise damaged_frame(media.path, index, index.frame_at(time), "changed", _WAYS)
    return picture
