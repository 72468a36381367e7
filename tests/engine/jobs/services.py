"""A service of region edits as they are: it redraws the whole crop at a size of its own, moved, zoomed and in other colours."""

import io
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from engine.compositing.resampling import resampled
from engine.providers.protocol import FrameContext, ProviderInfo, RegionEditReply, RegionEditRequest
from engine.running import CancelToken, Report

Rgb01 = npt.NDArray[np.float32]


def encoded(rgb: Rgb01, codec: str = "PNG", quality: int = 80) -> bytes:
    """(h, w, 3) 0..1 as the bytes of an 8-bit picture."""
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(np.rint(np.clip(rgb, 0, 1) * 255).astype(np.uint8)).save(out, codec, quality=quality)
    return out.getvalue()


@dataclass
class Service:
    """Paints the region in stripes and answers with bytes. `shift` is in pixels of the crop."""

    size: tuple[float, float] = (1.0, 1.0)
    """Of the answer, as factors of the crop's."""
    shift: tuple[float, float] = (0.0, 0.0)
    zoom: float = 1.0
    gain: tuple[float, float, float] = (1.0, 1.0, 1.0)
    offset: float = 0.0
    codec: str = "PNG"
    raw: bytes | None = None
    """Answered instead, where set."""
    version: str = "painter-1"
    asked: list[RegionEditRequest] = field(default_factory=list)

    @property
    def info(self) -> ProviderInfo:
        return ProviderInfo("test.service", "Painter", "", is_remote=True, uses_prompt=True, version=self.version)

    def edit(
        self, request: RegionEditRequest, context: FrameContext | None, *, cancel: CancelToken, report: Report
    ) -> RegionEditReply:
        self.asked.append(request)
        raw = self.raw if self.raw is not None else encoded(self.drawn(request), self.codec)
        return RegionEditReply(raw=raw, cost_usd=0.04, model=f"{self.version}-of-today")

    def drawn(self, request: RegionEditRequest) -> Rgb01:
        """What it answers, before it is encoded."""
        meant = self.meant(request)
        height, width = meant.shape[:2]
        size = max(8, round(width * self.size[0])), max(8, round(height * self.size[1]))
        fit = np.diag([size[0] / width, size[1] / height])
        middle = np.array([width, height]) / 2
        offset = fit @ (middle * (1 - self.zoom) + self.shift)
        onto = np.column_stack([fit * self.zoom, offset])
        drawn, _ = resampled(meant, np.asarray(cv2.invertAffineTransform(onto), np.float64), size)
        return np.asarray(np.clip(drawn * np.array(self.gain) + self.offset, 0, 1), np.float32)

    @staticmethod
    def meant(request: RegionEditRequest) -> Rgb01:
        """What a perfect service would answer: the crop with soft stripes in the region."""
        crop = request.crop.astype(np.float32) / np.float32(np.iinfo(request.crop.dtype).max)
        along = np.add.outer(np.arange(crop.shape[0]), np.arange(crop.shape[1]))
        stripes = np.asarray(0.5 + 0.3 * np.sin(along / 4), np.float32)
        return np.asarray(crop + request.mask[..., None] * (stripes[..., None] - crop), np.float32)


def textured(width: int, height: int, seed: int) -> Rgb01:
    """(h, w, 3) 0..1: something to see at every size, kept off black and white."""
    random = np.random.default_rng(seed)
    picture = np.zeros((height, width, 3), np.float32)
    for cell, share in ((5, 0.4), (12, 0.35), (30, 0.25)):
        noise = random.random((height // cell + 3, width // cell + 3, 3)).astype(np.float32)
        picture += share * cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(picture * 0.8 + 0.1, 0.02, 0.98), np.float32)
