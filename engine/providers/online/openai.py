"""Region edits by OpenAI's image models: the crop, a mask whose transparency says where to change, and an instruction.

The mask is advice to this service, which redraws the whole picture; the region's own mask is enforced by us afterwards.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
import numpy.typing as npt

from engine import limits
from engine.providers.online.answers import json_of
from engine.providers.online.attempting import Attempts, PaidRequest, once
from engine.providers.online.bounds import patience_of
from engine.providers.online.forms import Part
from engine.providers.online.offered import openai_info
from engine.providers.online.openai_answers import ID, NAME, Answered, answered, failure_of
from engine.providers.online.outgoing import (
    Enclosed,
    Gate,
    Rgb8,
    Sending,
    Shown,
    checked_prompt,
    model_of,
    nearest_ratio,
    padded,
    png,
    refuse,
    shown_in,
)
from engine.providers.online.prices import Estimate, dearest_image_usd, estimate_usd, unpriced_words
from engine.providers.online.transport import Patience, Transport
from engine.providers.protocol import FrameContext, ProviderInfo, RegionEditReply, RegionEditRequest
from engine.running import CancelToken, Progress, Report
from engine.vault import Keys

SIZES = ((1024, 1024), (1536, 1024), (1024, 1536))
"""Those that every model of this service answers with; the crop is padded to the ratio of the nearest and scaled to it."""
ANSWER_MAX_BYTES = 2 * limits.REPLY_MAX_BYTES
_UPPER = 2.0
"""A request costs at most this many times its estimate: what is sent costs too, and newer models may draw finer."""


@dataclass(frozen=True, slots=True)
class _Request:
    picture: bytes = field(repr=False)
    mask: bytes = field(repr=False)
    size: tuple[int, int]
    shown: Shown
    text: str
    quality: str
    notes: tuple[str, ...]

    def digest(self, model: str) -> str:
        """Names what is sent, and where to: equal for equal requests."""
        text = f"{model}\n{self.quality} {self.size}\n{self.text}\n"
        return hashlib.blake2b(text.encode() + self.picture + self.mask, digest_size=16).hexdigest()

    def fields(self, model: str) -> dict[str, str]:
        return {
            "model": model, "prompt": self.text, "size": f"{self.size[0]}x{self.size[1]}", "quality": self.quality,
            "output_format": "png",
        }

    def parts(self) -> list[Part]:
        return [Part("image", "image.png", "image/png", self.picture), Part("mask", "mask.png", "image/png", self.mask)]


class OpenAi:
    """A RegionEditor. `keys` is asked at each edit; `gate` sees everything before it leaves."""

    def __init__(
        self, transport: Transport, keys: Callable[[], Keys], model: str, *, gate: Gate = refuse, attempts: Attempts = once,
        patience: Patience | None = None,
    ) -> None:
        self._transport, self._keys, self._model = transport, keys, model
        self._gate, self._attempts, self._patience = gate, attempts, patience or patience_of(ID)

    @property
    def info(self) -> ProviderInfo:
        return openai_info(self._model)

    def edit(
        self, request: RegionEditRequest, context: FrameContext | None, *, cancel: CancelToken, report: Report
    ) -> RegionEditReply:
        """Raises: BadInputError, SendingRefused, ProviderFailure; Cancelled."""
        asked, model = prepared(request), model_of(request, self._model)
        estimate, digest = _estimate(asked, model), asked.digest(model)
        crop, upper = (request.crop.shape[1], request.crop.shape[0]), _upper_usd(estimate, asked.size)
        self._gate(Sending(
            ID, NAME, str(self._transport.origin), model, asked.picture, asked.size, crop, asked.text, estimate, digest,
            asked.notes, enclosed=(Enclosed("Mask", asked.mask, asked.size),), upper_usd=upper,
        ), cancel)
        report(Progress(0.05, f"Waiting for {NAME}"))
        keys = self._keys()

        def reply(found: Answered) -> RegionEditReply:
            notes = asked.notes if found.is_priced else (*asked.notes, unpriced_words(model))
            return RegionEditReply(
                cost_usd=found.cost_usd, raw=found.raw, model=model, shown=asked.shown, warnings=notes, kept=found.kept
            )

        def post() -> Answered:
            found = self._post(asked, model, keys, estimate.usd, cancel)
            return replace(found, kept=request.kept(reply(found)))

        paid = PaidRequest(ID, "region edit", model, estimate.usd or 0.0, digest, upper)
        return reply(self._attempts(paid, post, cancel=cancel, report=report))

    def _post(self, asked: _Request, model: str, keys: Keys, estimate: float | None, cancel: CancelToken) -> Answered:
        reply = self._transport.post_form(
            "/v1/images/edits", asked.fields(model), asked.parts(), keys={"Authorization": f"Bearer {keys['key']}"},
            patience=self._patience, max_bytes=ANSWER_MAX_BYTES, cancel=cancel,
        )
        if not reply.is_ok:
            raise failure_of(reply, model, keys.secrets())
        return answered(json_of(reply, ID, NAME), reply, model, estimate)


def _upper_usd(estimate: Estimate, size: tuple[int, int]) -> float:
    area = size[0] * size[1] / (SIZES[0][0] * SIZES[0][1])
    return _UPPER * (dearest_image_usd(ID) * area if estimate.usd is None else estimate.usd)


def _estimate(asked: _Request, model: str) -> Estimate:
    """The table has the price of the smallest size; tokens grow with the area."""
    of_smallest = estimate_usd(ID, model, images=1, images_in=1, variant=asked.quality)
    area = asked.size[0] * asked.size[1] / (SIZES[0][0] * SIZES[0][1])
    return of_smallest if of_smallest.usd is None else replace(of_smallest, usd=of_smallest.usd * area)


def prepared(request: RegionEditRequest) -> _Request:
    """What is sent for an edit: the crop (square pixels, 8 bit) padded and scaled to a size of the service, and its mask."""
    words = checked_prompt(request.prompt, NAME)
    crop: Rgb8 = request.crop.astype("uint8", copy=False)
    size = nearest_ratio(crop.shape[1], crop.shape[0], SIZES)
    picture, place = padded(crop, size)
    whole = picture.shape[1], picture.shape[0]
    mask = np.zeros((whole[1], whole[0]), np.float32)
    mask[place[1] : place[1] + place[3], place[0] : place[0] + place[2]] = request.mask
    shrinking = f"The crop was shrunk from {whole[0]} × {whole[1]} to {size[0]} × {size[1]} px to be sent."
    return _Request(
        png(_scaled(picture, size)), mask_png(mask, size), size, shown_in(place, whole), words,
        str(request.params.get("quality", "high")), (shrinking,) if whole[0] > size[0] else (),
    )


def _scaled(picture: Rgb8, size: tuple[int, int]) -> Rgb8:
    if (picture.shape[1], picture.shape[0]) == size:
        return picture
    how = cv2.INTER_AREA if picture.shape[1] > size[0] else cv2.INTER_CUBIC
    return cv2.resize(picture, size, interpolation=how).astype(np.uint8, copy=False)


def mask_png(mask: npt.NDArray[np.float32], size: tuple[int, int]) -> bytes:
    """RGBA with alpha 0 where something may change, 255 elsewhere: the reverse of ours. Black, so that it shows nothing else."""
    scaled = cv2.resize(mask, size, interpolation=cv2.INTER_LINEAR)
    rgba = np.zeros((size[1], size[0], 4), np.uint8)
    rgba[..., 3] = np.where(scaled > 0, 0, 255)
    return png(rgba)
