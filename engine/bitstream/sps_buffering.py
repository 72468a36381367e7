"""Declares another reordering depth in an H.264 sequence parameter set, so that two sets ask the same of a player.

Must not know why. Source: ITU-T H.264, E.1.1: the two numbers are the last fields of the set.
"""

from engine.bitstream.errors import BitstreamError
from engine.bitstream.nal import insert_emulation_prevention, remove_emulation_prevention
from engine.bitstream.sps import parse_sps


def with_buffering(nal: bytes, reorder_frames: int, buffered_frames: int) -> bytes:
    """The set with `max_num_reorder_frames` and `max_dec_frame_buffering`, which must not be less than its own.

    A set that declares neither stays as it is. Raises BitstreamError.
    """
    vui = parse_sps(nal).vui
    if vui is None or vui.max_num_reorder_frames is None or vui.max_dec_frame_buffering is None:
        return nal
    if reorder_frames < vui.max_num_reorder_frames or buffered_frames < max(vui.max_dec_frame_buffering, reorder_frames):
        raise BitstreamError("A parameter set cannot promise less buffering than its pictures need.")
    bits = "".join(f"{byte:08b}" for byte in remove_emulation_prevention(nal)).rstrip("0")[:-1]
    own = _code(vui.max_num_reorder_frames) + _code(vui.max_dec_frame_buffering)
    if not bits.endswith(own):
        raise BitstreamError("A parameter set goes on behind its last field.")
    changed = bits.removesuffix(own) + _code(reorder_frames) + _code(buffered_frames) + "1"
    changed += "0" * (-len(changed) % 8)
    data = int(changed, 2).to_bytes(len(changed) // 8, "big")
    return data[:1] + insert_emulation_prevention(data[1:])


def _code(value: int) -> str:
    """Exp-Golomb."""
    digits = f"{value + 1:b}"
    return "0" * (len(digits) - 1) + digits
