"""Rewrites a `moov` box for a track some of whose samples get other bytes; everything else in it stays byte for byte.

Decode times, durations and chunks stay, so `stts`, `stsc`, edit lists and all metadata are not touched. Opens no file and must
not know why samples change. Source: ISO/IEC 14496-12, 8.6 and 8.7, and Apple's QuickTime File Format.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from engine.bitstream.box_editing import edited, edited_children, with_body
from engine.bitstream.boxes import Box, child_boxes, find_box, require_box, unpack
from engine.bitstream.errors import BitstreamError
from engine.bitstream.item_places import has_item_places
from engine.bitstream.mp4 import Movie, Track
from engine.bitstream.place_writing import Moved, moved_table
from engine.bitstream.sample_entries import VISUAL_FIELDS_BYTES
from engine.bitstream.sample_table_writing import NewSamples, missing_tables, new_table, replacement
from engine.bitstream.sample_tables import data_end

__all__ = ["Moved", "NewSamples", "rewrite_moov", "surgery_refusal"]

_PATH = ("mdia", "minf", "stbl")
_ENCRYPTED = {"encv", "drmi"}


def rewrite_moov(movie: Movie, track_id: int, samples: Sequence[NewSamples], config: bytes, moved: Moved) -> bytes:
    """The whole new `moov`. `config` is the new body of `avcC` in the only sample entry of that track.

    Offsets in the file, of every track, go through `moved`. Their effect on the result's length is only which tables have one
    beyond 32 bits, so a caller whose offsets depend on that length finds both by trying again while it grows.
    Raises BitstreamError where a table is damaged or cannot hold what is asked for.
    """
    data = movie.moov
    whole = child_boxes(data, 0, len(data))[0]
    tracks = iter(movie.tracks)

    def track(box: Box) -> bytes:
        change = _Change(samples, config) if next(tracks).track_id == track_id else None
        return _nested(data, box, _PATH, lambda stbl: _rewrite_stbl(data, stbl, change, moved))

    return edited_children(data, whole, lambda box: track(box) if box.kind == "trak" else None)


@dataclass(frozen=True, slots=True)
class _Change:
    samples: Sequence[NewSamples]
    config: bytes


def _nested(data: bytes, box: Box, path: tuple[str, ...], edit: Callable[[Box], bytes]) -> bytes:
    """The box with the one inside it at `path` edited."""
    if not path:
        return edit(box)
    inner = require_box(child_boxes(data, box.body, box.end), path[0])
    return edited_children(data, box, lambda child: _nested(data, child, path[1:], edit) if child == inner else None)


def _rewrite_stbl(data: bytes, stbl: Box, change: _Change | None, moved: Moved) -> bytes:
    tables = child_boxes(data, stbl.body, stbl.end)
    new = replacement(data, tables, change.samples if change else ())
    missing = missing_tables(new)
    times = find_box(tables, "stts")

    def edit(box: Box) -> bytes | None:
        if box.kind == "stsd" and change is not None:
            return _new_description(data, box, change.config)
        if box == times and missing:
            return with_body(data, box, data[box.body : box.end]) + missing
        return moved_table(data, box, moved) or new_table(box, new)

    return edited_children(data, stbl, edit)


def _new_description(data: bytes, stsd: Box, config: bytes) -> bytes:
    entries = child_boxes(data, stsd.body + 8, stsd.end)
    if not entries:
        raise BitstreamError("The track has no sample entry.")
    entry = entries[0]
    children = child_boxes(data, entry.body + VISUAL_FIELDS_BYTES, entry.end)
    record = require_box(children, "avcC")
    inner = edited(data, entry.body, entry.end, children, {record: with_body(data, record, config)})
    return with_body(data, stsd, edited(data, stsd.body, stsd.end, entries, {entry: with_body(data, entry, inner)}))


def surgery_refusal(movie: Movie, track_id: int) -> str:
    """Why the tables of this file cannot be kept by rewriting, a clause without a full stop; empty where they can."""
    tracks = [track for track in movie.tracks if track.track_id == track_id]
    if len(tracks) != 1:
        return "the file has no such track" if not tracks else "two tracks have one number"
    try:
        return _file_refusal(movie) or _track_refusal(movie, tracks[0])
    except BitstreamError as error:
        return f"its structure is damaged: {str(error).rstrip('.')}"


def _file_refusal(movie: Movie) -> str:
    if movie.is_fragmented:
        return "the file is fragmented"
    if movie.is_truncated:
        return "the file is cut off"
    kinds = [box.kind for box in movie.boxes]
    if kinds.count("moov") != 1:
        return "the file has no movie header of its own, or several"
    if kinds.count("meta") > 1 or _has_item_places(movie):
        return "the file names the places of metadata items"
    return ""


def _track_refusal(movie: Movie, track: Track) -> str:
    if len(track.entries) != 1:
        return "the video has several sample entries"
    if track.entries[0].config_kind != "avcC":
        return "the video is not H.264"
    if track.entries[0].fourcc in _ENCRYPTED or "sinf" in _kinds_in_entry(track.stbl):
        return "the video is encrypted"
    if any(_is_external(movie.moov, trak) for trak in _traks(movie.moov)):
        return "samples of a track lie in another file"
    if find_box(child_boxes(track.stbl, 0, len(track.stbl)), "csgp"):
        return "its sample groups are compressed"
    track.samples()  # refuses damage that rewriting alone would not meet
    if any(data_end(other.stbl) > other.file_size for other in movie.tracks):
        return "samples are missing at the end of the file"
    return ""


def _kinds_in_entry(stbl: bytes) -> set[str]:
    """The kinds of the boxes inside the track's only sample entry."""
    stsd = require_box(child_boxes(stbl, 0, len(stbl)), "stsd")
    entry = child_boxes(stbl, stsd.body + 8, stsd.end)[0]
    return {box.kind for box in child_boxes(stbl, entry.body + VISUAL_FIELDS_BYTES, entry.end)}


def _traks(moov: bytes) -> Iterator[Box]:
    whole = child_boxes(moov, 0, len(moov))[0]
    return (box for box in child_boxes(moov, whole.body, whole.end) if box.kind == "trak")


def _is_external(data: bytes, trak: Box) -> bool:
    """Whether an entry of the track's `dref` does not say that its data is in this very file."""
    found: Box | None = trak
    for kind in ("mdia", "minf", "dinf", "dref"):
        if found is None:
            return False
        found = find_box(child_boxes(data, found.body, found.end), kind)
    if found is None:
        return False
    references = child_boxes(data, found.body + 8, found.end)
    return any(not unpack("I", data, entry.body, entry.end)[0] & 1 for entry in references)


def _has_item_places(movie: Movie) -> bool:
    """Of the file, the movie and its tracks."""
    data = movie.moov
    whole = child_boxes(data, 0, len(data))[0]
    parents = [whole, *_traks(data)]
    boxes = (box for parent in parents for box in child_boxes(data, parent.body, parent.end))
    own = child_boxes(movie.meta, 0, len(movie.meta))
    return any(has_item_places(data, box) for box in boxes if box.kind == "meta") or any(
        has_item_places(movie.meta, box) for box in own
    )
