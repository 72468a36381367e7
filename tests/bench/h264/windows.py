"""The windows that are patched in each class: where they begin and end, and the region."""

from dataclasses import dataclass

from tests.bench.h264.packets import Stream, idr_frames

_REGION, _ODD_REGION = "0.41,0.33,0.2,0.25", f"{101 / 640},{77 / 360},{95 / 640},{71 / 360}"


@dataclass(frozen=True, slots=True)
class Patch:
    """A patch at a visible frame that reaches some frames to either side."""

    at: int
    before: int
    after: int
    box: str = _REGION

    @property
    def visible(self) -> range:
        return range(self.at - self.before, self.at + self.after + 1)


def patches(name: str, stream: Stream) -> list[Patch]:
    """The patches of a named window; empty where the file has no place for it (no inner keyframe)."""
    count, middle = len(stream.visible), len(stream.visible) * 5 // 12
    if name == "border":
        border = _inner_idr(stream, middle)
        return [] if border is None else [Patch(border, min(6, border), min(6, count - 1 - border))]
    if name == "two":
        start = (_inner_idr(stream, middle) or 0) + 10
        return [Patch(start, 2, 2), Patch(start + 20, 2, 2, _ODD_REGION)]
    return {
        "middle": [Patch(middle, 5, 6)], "first": [Patch(0, 0, 5)], "last": [Patch(count - 1, 5, 0)],
        "one": [Patch(middle + 7, 0, 0)], "odd": [Patch(middle, 3, 3, _ODD_REGION)],
    }[name]  # fmt: skip


def _inner_idr(stream: Stream, middle: int) -> int | None:
    """The visible number of the keyframe nearest to the middle, the first one left out."""
    place = {number: at for at, number in enumerate(stream.visible)}
    found = [place[number] for number in idr_frames(stream) if place.get(number, 0) > 6]
    return min(found, key=lambda at: abs(at - middle)) if found else None
