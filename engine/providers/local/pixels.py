"""What the offline providers share: depth in and out, and nothing outside the mask."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from engine.errors import ProviderError
from engine.providers.protocol import Crop, ParameterSpec, RegionEditReply, RegionEditRequest

Rgb01 = npt.NDArray[np.float32]


def as_float(crop: Crop) -> Rgb01:
    """(h, w, 3) 0..1."""
    return crop.astype(np.float32) / np.float32(np.iinfo(crop.dtype).max)


def reply(request: RegionEditRequest, pixels: Rgb01) -> RegionEditReply:
    """`pixels` at the crop's depth inside the mask, the crop itself where the mask is 0."""
    peak = np.iinfo(request.crop.dtype).max
    edited = np.rint(np.clip(pixels, 0, 1) * np.float32(peak)).astype(request.crop.dtype)
    return RegionEditReply(np.where(request.mask[..., None] > 0, edited, request.crop))


def number(params: Mapping[str, float | str | bool], spec: ParameterSpec) -> float:
    """A parameter's value, or its default."""
    return float(params.get(spec.name, spec.default))


def word(params: Mapping[str, float | str | bool], spec: ParameterSpec) -> str:
    return str(params.get(spec.name, spec.default))


def colour(text: str) -> npt.NDArray[np.float32]:
    """(3,) 0..1 of “#rrggbb”. Raises: ProviderError."""
    digits = text.strip().removeprefix("#")
    try:
        if len(digits) != 6:
            raise ValueError(text)
        return np.frombuffer(bytes.fromhex(digits), np.uint8).astype(np.float32) / np.float32(255)
    except ValueError:
        raise ProviderError(f"“{text}” is not a colour.", "Write it as # and six digits, like #c03020.") from None


def mask_box(mask: npt.NDArray[np.float32]) -> tuple[slice, slice]:
    """Rows and columns that hold the mask; the whole array where it is empty."""
    rows, columns = np.flatnonzero((mask > 0).any(axis=1)), np.flatnonzero((mask > 0).any(axis=0))
    if not len(rows):
        return slice(0, mask.shape[0]), slice(0, mask.shape[1])
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
