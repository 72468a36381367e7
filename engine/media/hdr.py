"""HDR and wide-gamut R'G'B' brought to sRGB for showing: PQ and HLG are tone-mapped, BT.2020 primaries become BT.709's.

For the eye only: nothing that is stored or sent goes through here. Sources: SMPTE ST 2084 (PQ), ITU-R BT.2100 (HLG), BT.2408
(reference white at 203 cd/m²), BT.2087 (primaries), Reinhard's curve with a white point for what is brighter.
"""

from functools import cache
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from engine.media.picture import Colour

Floats = npt.NDArray[np.float32]
Rgb8 = npt.NDArray[np.uint8]

_PQ, _HLG, _BT2020 = 16, 18, 9
_REFERENCE_WHITE = 203.0
_PEAK = 1000.0
"""Light at which the picture becomes white, in cd/m²: what most HDR is graded to."""

_STEPS = 4096
_BT2020_TO_BT709 = np.array([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]])


def needs_mapping(colour: Colour) -> bool:
    """True for PQ, HLG and BT.2020: their codes shown as they are look dull and grey."""
    return colour.transfer in {_PQ, _HLG} or colour.primaries == _BT2020


def is_hdr(colour: Colour) -> bool:
    """True for PQ and HLG."""
    return colour.transfer in {_PQ, _HLG}


def to_srgb(rgb: Floats, colour: Colour) -> Rgb8:
    """(h, w, 3) non-linear R'G'B' (0..1) of `colour` as 8-bit sRGB."""
    light = _looked_up(_light_table(colour.transfer), rgb)
    if is_hdr(colour):
        light = _tone_mapped(light)
    if colour.primaries == _BT2020:
        light = cast(Floats, cv2.transform(light, _BT2020_TO_BT709))
    return cast(Rgb8, _looked_up(_srgb_table(), np.sqrt(np.clip(light, 0, 1))))


def _tone_mapped(light: Floats) -> Floats:
    """Light where 1 is reference white, compressed by its brightest component so that hues stay."""
    brightest = np.maximum(light.max(axis=2, keepdims=True), 1e-6)
    peak = _PEAK / _REFERENCE_WHITE
    mapped = brightest * (1 + brightest / peak**2) / (1 + brightest)
    return cast(Floats, (light * (mapped / brightest)).astype(np.float32))


def _looked_up(table: npt.NDArray[np.float32] | Rgb8, values: Floats) -> Floats:
    places = np.clip(values * np.float32(_STEPS - 1) + np.float32(0.5), 0, _STEPS - 1).astype(np.int32)
    return cast(Floats, np.take(table, places))


@cache
def _light_table(transfer: int) -> npt.NDArray[np.float32]:
    """Code value to light, 1 being reference white."""
    code = np.linspace(0, 1, _STEPS)
    if transfer == _PQ:
        power = code ** (1 / 78.84375)
        light = (np.maximum(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)) ** (1 / 0.1593017578125)
        return (light * 10_000 / _REFERENCE_WHITE).astype(np.float32)
    if transfer == _HLG:
        scene = np.where(code <= 0.5, code**2 / 3, (np.exp((code - 0.55991073) / 0.17883277) + 0.28466892) / 12)
        return (scene**1.2 * _PEAK / _REFERENCE_WHITE).astype(np.float32)  # system gamma of a 1000 cd/m² display
    return (code**2.4).astype(np.float32)


@cache
def _srgb_table() -> Rgb8:
    """Square root of light to 8-bit code: the root spreads the dark steps."""
    light = np.linspace(0, 1, _STEPS) ** 2
    code = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return cast(Rgb8, np.rint(code * 255).astype(np.uint8))
