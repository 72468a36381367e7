"""Region edits by Gemini's image models ("Nano Banana"): an instruction and a picture in, a redrawn picture out.

There is no mask in this service: it gets the crop alone, padded to a ratio that it knows, and is told in words where to change
something. What it answers is never of the crop's size; the region's mask is enforced by us afterwards.
"""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from engine import limits
from engine.providers.online.answers import json_of
from engine.providers.online.attempting import Attempts, PaidRequest, once
from engine.providers.online.bounds import patience_of, pictures_max_bytes
from engine.providers.online.gemini_answers import ID, NAME, Answered, NoPicture, answered
from engine.providers.online.google_errors import failure_of
from engine.providers.online.offered import gemini_info
from engine.providers.online.outgoing import (
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
    region_words,
    shown_in,
    shrunk,
)
from engine.providers.online.prices import charged_usd, dearest_image_usd, estimate_usd
from engine.providers.online.transport import Patience, Transport
from engine.providers.protocol import FrameContext, ProviderInfo, RegionEditReply, RegionEditRequest
from engine.running import CancelToken, Progress, Report
from engine.vault import Keys

RATIOS = ((1, 1), (2, 3), (3, 2), (3, 4), (4, 3), (4, 5), (5, 4), (9, 16), (16, 9), (21, 9))
SIDE_1K = 1024
"""Longer crops are answered at 2K, which costs the same."""
SENT_MAX_SIDE = 4096
ANSWER_MAX_BYTES = 2 * limits.REPLY_MAX_BYTES
"""A picture in base64, with a few drafts."""
_DRAFTS_MAX = 2
"""Pictures that the service may add and bill."""
_WORDS_TOKENS = 4000
"""More text than any request or answer has."""
_FIRMER = " Answer with the edited image itself and no words."


@dataclass(frozen=True, slots=True)
class _Request:
    picture: bytes = field(repr=False)
    size: tuple[int, int]
    shown: Shown
    text: str
    ratio: str
    image_size: str
    notes: tuple[str, ...]

    def digest(self, model: str, more: str = "") -> str:
        """Names what is sent, and where to: equal for equal requests."""
        text = f"{model}\n{self.ratio} {self.image_size}\n{self.text}{more}\n"
        return hashlib.blake2b(text.encode() + self.picture, digest_size=16).hexdigest()

    def body(self, more: str = "") -> dict[str, object]:
        image = {"mimeType": "image/png", "data": base64.b64encode(self.picture).decode("ascii")}
        return {
            "contents": [{"role": "user", "parts": [{"text": self.text + more}, {"inlineData": image}]}],
            "generationConfig": {
                "responseModalities": ["IMAGE"], "imageConfig": {"aspectRatio": self.ratio, "imageSize": self.image_size},
            },
        }


@dataclass(frozen=True, slots=True)
class _Order:
    asked: _Request
    model: str
    keys: Keys
    estimate_usd: float
    upper_usd: float
    keep: Callable[[RegionEditReply], str] = field(repr=False)

    def reply(self, found: Answered, spent: float) -> RegionEditReply:
        """`spent` is what answers without a picture have cost before."""
        told = found.told()
        return RegionEditReply(
            cost_usd=round(found.cost_usd + spent, 6), raw=found.raw, model=found.model, shown=self.asked.shown,
            warnings=(*self.asked.notes, *told), kept=found.kept,
        )


class Gemini:
    """A RegionEditor. `keys` is asked at each edit; `gate` sees everything before it leaves."""

    def __init__(
        self, transport: Transport, keys: Callable[[], Keys], model: str, *, gate: Gate = refuse, attempts: Attempts = once,
        patience: Patience | None = None,
    ) -> None:
        self._transport, self._keys, self._model = transport, keys, model
        self._gate, self._attempts, self._patience = gate, attempts, patience or patience_of(ID)

    @property
    def info(self) -> ProviderInfo:
        return gemini_info(self._model)

    def edit(
        self, request: RegionEditRequest, context: FrameContext | None, *, cancel: CancelToken, report: Report
    ) -> RegionEditReply:
        """Raises: BadInputError, SendingRefused, ProviderFailure; Cancelled."""
        asked, model = prepared(request), model_of(request, self._model)
        estimate = estimate_usd(ID, model, images=1, images_in=1, variant=asked.image_size)
        crop = request.crop.shape[1], request.crop.shape[0]
        self._gate(Sending(
            ID, NAME, str(self._transport.origin), model, asked.picture, asked.size, crop, asked.text, estimate,
            asked.digest(model), asked.notes, upper_usd=upper_usd(model, asked.image_size),
        ), cancel)
        order = _Order(asked, model, self._keys(), estimate.usd or 0.0, upper_usd(model, asked.image_size), request.kept)
        return self._asked(order, cancel, report)

    def _asked(self, order: _Order, cancel: CancelToken, report: Report) -> RegionEditReply:
        """The answer, in firmer words where one in words came at first."""
        try:
            return order.reply(self._attempted(order, "", 0.0, cancel, report), 0.0)
        except NoPicture as failure:
            spent = failure.cost_usd
        try:
            return order.reply(self._attempted(order, _FIRMER, spent, cancel, report), spent)
        except NoPicture as failure:
            failure.cost_usd += spent
            raise

    def _attempted(self, order: _Order, more: str, spent: float, cancel: CancelToken, report: Report) -> Answered:
        report(Progress(0.05, f"Waiting for {NAME}"))
        paid = PaidRequest(
            ID, "region edit", order.model, order.estimate_usd, order.asked.digest(order.model, more), order.upper_usd
        )

        def post() -> Answered:
            found = self._post(order, more, cancel)
            return replace(found, kept=order.keep(order.reply(found, spent)))

        return self._attempts(paid, post, cancel=cancel, report=report)

    def _post(self, order: _Order, more: str, cancel: CancelToken) -> Answered:
        reply = self._transport.post_json(
            f"/v1beta/models/{order.model}:generateContent", order.asked.body(more), keys={"x-goog-api-key": order.keys["key"]},
            patience=self._patience, max_bytes=ANSWER_MAX_BYTES, cancel=cancel,
        )
        if not reply.is_ok:
            raise failure_of(reply, order.model, order.keys.secrets())
        return answered(json_of(reply, ID, NAME), order.model, order.asked.image_size)


def upper_usd(model: str, size: str) -> float:
    """The most that one answer costs: drafts beside the picture, and a long thought."""
    pictures = estimate_usd(ID, model, images=1 + _DRAFTS_MAX, images_in=1, variant=size).usd
    if pictures is None:
        pictures = (1 + _DRAFTS_MAX) * dearest_image_usd(ID)
    return pictures + (charged_usd(ID, model, {"text_input": _WORDS_TOKENS, "text_output": _WORDS_TOKENS}).usd or 0.0)


def prepared(request: RegionEditRequest) -> _Request:
    """What is sent for an edit: the crop with square pixels in 8 bit, padded, and the words."""
    words = checked_prompt(request.prompt, NAME)
    crop: Rgb8 = request.crop.astype("uint8", copy=False)
    ratio = nearest_ratio(crop.shape[1], crop.shape[0], RATIOS)
    picture, place = padded(crop, ratio)
    whole = picture.shape[1], picture.shape[0]
    small, data = _small_enough(picture)
    size = small.shape[1], small.shape[0]
    shrinking = f"The crop was shrunk from {whole[0]} × {whole[1]} to {size[0]} × {size[1]} px to be sent."
    notes = () if size == whole else (shrinking,)
    text = _text(words, region_words(request.mask, place, whole), is_padded=whole != place[2:])
    chosen = str(request.params.get("size", "auto"))
    auto = "1K" if max(size) <= SIDE_1K else "2K"
    return _Request(
        data, size, shown_in(place, whole), text, f"{ratio[0]}:{ratio[1]}", auto if chosen == "auto" else chosen, notes
    )


def _small_enough(picture: Rgb8) -> tuple[Rgb8, bytes]:
    side, most = SENT_MAX_SIDE, pictures_max_bytes(ID)
    while True:
        small = shrunk(picture, side)
        data = png(small)
        if len(data) <= most:
            return small, data
        side = int(max(small.shape) * 0.8)


def _text(words: str, where: str, *, is_padded: bool) -> str:
    padding = " The smeared rim at the edges is padding; leave it as it is." if is_padded else ""
    return (
        f"Edit this image: {words}\nChange only {where}. Keep everything outside it exactly as it is: the same framing, scale, "
        f"perspective, light, colours and grain.{padding}"
    )
