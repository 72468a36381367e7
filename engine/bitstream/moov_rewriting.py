"""Rewrites a `moov` box for a track some of whose samples get other bytes; everything else in it stays byte for byte.

Decode times, durations and chunks stay, so `stts`, `stsc`, edit lists and all metadata are not touched. Opens no file and must
not know why samples change. Source: ISO/IEC 14496-12, 8.6 and 8.7, and Apple's QuickTime File Format.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.bitstream.box_editing import edited, edited_children, put_after, with_body
from engine.bitstream.boxes import Box, child_boxes, find_box, require_box, unpack
from engine.bitstream.errors import BitstreamError
from engine.bitstream.mp4 import Movie, Track
from engine.bitstream.sample_entries import VISUAL_FIELDS_BYTES
from engine.bitstream.sample_table_writing import (
    NewSamples,
    moved_auxiliary_places,
    moved_chunks,
    new_composition_offsets,
    new_dependencies,
    new_groups,
    new_offset_bounds,
    new_partial_sync,
    new_shadow_sync,
    new_sizes,
    new_sub_samples,
    new_sync,
)
from engine.bitstream.sample_tables import Int64Array

__all__ = ["Moved", "NewSamples", "rewrite_moov", "surgery_refusal"]

Moved = Callable[[Int64Array], Int64Array]
"""Absolute file offsets in the source as offsets in the output."""

_PATH = ("mdia", "minf", "stbl")
_ENCRYPTED = {"encv", "drmi"}


def rewrite_moov(movie: Movie, track_id: int, samples: Sequence[NewSamples], config: bytes, moved: Moved) -> bytes:
    """The new `moov`. `config` is the new body of `avcC` in the only sample entry of that track; `samples` ascend.

    Chunk offsets of every track go through `moved`. The length depends on nothing about the offsets but which tracks have one
    beyond 32 bits. Raises BitstreamError where a table is damaged.
    """
    data = movie.moov
    whole = child_boxes(data, 0, len(data))[0]
    tracks = iter(movie.tracks)

    def track(box: Box) -> bytes:
        found = next(tracks)
        change = _Change(samples, config) if found.track_id == track_id else None
        return _nested(data, box, _PATH, lambda stbl: _rewrite_stbl(data, stbl, change, moved))

    return edited_children(data, whole, lambda box: track(box) if box.kind == "trak" else None)


def surgery_refusal(movie: Movie, track_id: int) -> str:
    """Why the tables of this file cannot be kept by rewriting, a clause without a full stop; empty where they can."""
    track = next((track for track in movie.tracks if track.track_id == track_id), None)
    if track is None:
        return "the file has no such track"
    if movie.is_fragmented:
        return "the file is fragmented"
    if movie.is_truncated:
        return "the file is cut off"
    if len(track.entries) != 1 or track.entries[0].config_kind != "avcC":
        return "the video changes its form inside the file"
    if track.entries[0].fourcc in _ENCRYPTED:
        return "the video is encrypted"
    if find_box(movie.boxes, "meta") or b"iloc" in movie.moov:
        return "the file names places of items that would move"
    return _table_refusal(movie, track)


def _table_refusal(movie: Movie, track: Track) -> str:
    try:
        if _has_external_data(movie):
            return "its samples lie in other files"
        boxes = child_boxes(track.stbl, 0, len(track.stbl))
        if find_box(boxes, "csgp"):
            return "its sample groups are compressed"
        table = track.samples()
    except BitstreamError as error:
        return str(error).rstrip(".")
    is_whole = not len(table) or int((table.offsets + table.sizes).max()) <= track.file_size
    return "" if is_whole else "samples are missing at the file's end"


def _has_external_data(movie: Movie) -> bool:
    data = movie.moov
    whole = child_boxes(data, 0, len(data))[0]
    for trak in child_boxes(data, whole.body, whole.end):
        dref = _descend(data, trak, ("mdia", "minf", "dinf", "dref")) if trak.kind == "trak" else None
        if dref is not None:
            references = child_boxes(data, dref.body + 8, dref.end)
            if any(not unpack("I", data, entry.body, entry.end)[0] & 1 for entry in references):
                return True
    return False


def _descend(data: bytes, box: Box, path: tuple[str, ...]) -> Box | None:
    found: Box | None = box
    for kind in path:
        if found is None:
            return None
        found = find_box(child_boxes(data, found.body, found.end), kind)
    return found


def _nested(data: bytes, box: Box, path: tuple[str, ...], edit: Callable[[Box], bytes]) -> bytes:
    """The box with the one inside it at `path` edited."""
    if not path:
        return edit(box)
    inner = require_box(child_boxes(data, box.body, box.end), path[0])
    return edited_children(data, box, lambda child: _nested(data, child, path[1:], edit) if child == inner else None)


@dataclass(frozen=True, slots=True)
class _Change:
    samples: Sequence[NewSamples]
    config: bytes


def _rewrite_stbl(data: bytes, stbl: Box, change: _Change | None, moved: Moved) -> bytes:
    tables = child_boxes(data, stbl.body, stbl.end)
    made = {box: table for box in tables if (table := _moved_table(data, box, moved)) is not None}
    if change is not None:
        made |= {box: table for box in tables if (table := _changed_table(data, tables, box, change)) is not None}
    body = edited(data, stbl.body, stbl.end, tables, made)
    for kind, after in (("ctts", ("stts",)), ("stss", ("ctts", "stts"))):
        if change is not None and change.samples and find_box(tables, kind) is None:
            missing = new_composition_offsets if kind == "ctts" else new_sync
            body = put_after(body, after, missing(data, tables, None, change.samples))
    return with_body(data, stbl, body)


def _moved_table(data: bytes, box: Box, moved: Moved) -> bytes | None:
    if box.kind in {"stco", "co64"}:
        return moved_chunks(data, box, moved)
    return moved_auxiliary_places(data, box, moved) if box.kind == "saio" else None


_SAMPLE_TABLES = {
    "stsz": new_sizes, "stz2": new_sizes, "ctts": new_composition_offsets, "stss": new_sync, "stps": new_partial_sync,
    "sdtp": new_dependencies, "sbgp": new_groups, "subs": new_sub_samples, "stsh": new_shadow_sync, "cslg": new_offset_bounds,
}  # fmt: skip


def _changed_table(data: bytes, tables: tuple[Box, ...], box: Box, change: _Change) -> bytes | None:
    if box.kind == "stsd":
        return _new_description(data, box, change.config)
    write = _SAMPLE_TABLES.get(box.kind)
    return write(data, tables, box, change.samples) if write and change.samples else None


def _new_description(data: bytes, stsd: Box, config: bytes) -> bytes:
    entry = child_boxes(data, stsd.body + 8, stsd.end)[0]
    record = require_box(child_boxes(data, entry.body + VISUAL_FIELDS_BYTES, entry.end), "avcC")
    children = child_boxes(data, entry.body + VISUAL_FIELDS_BYTES, entry.end)
    inner = edited(data, entry.body, entry.end, children, {record: with_body(data, record, config)})
    boxes = child_boxes(data, stsd.body + 8, stsd.end)
    return with_body(data, stsd, edited(data, stsd.body, stsd.end, boxes, {entry: with_body(data, entry, inner)}))
