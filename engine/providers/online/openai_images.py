"""Pictures after words by OpenAI's image models; answers and errors are those of their edits."""

from collections.abc import Callable
from typing import Any

from engine.providers.generation import GeneratedImage, GenerateRequest, Prepared
from engine.providers.online.answers import json_of
from engine.providers.online.bounds import patience_of
from engine.providers.online.gemini_images import digest
from engine.providers.online.generator_rules import Ruled
from engine.providers.online.openai_answers import ID, NAME, answered, failure_of
from engine.providers.online.outgoing import Sending
from engine.providers.online.prices import Estimate, dearest_image_usd, estimate_usd, unpriced_words
from engine.providers.online.transport import Patience, Transport
from engine.running import CancelToken
from engine.vault import Keys

ANSWER_MAX_BYTES = 128 << 20
QUALITY = "high"
_SIZES = {
    "1:1": (1024, 1024), "3:2": (1536, 1024), "2:3": (1024, 1536), "16:9": (1536, 864), "9:16": (864, 1536),
}
_OLDER = {"16:9": (1536, 1024), "9:16": (1024, 1536)}
"""What models before gpt-image-2 have nearest to these shapes."""
_GRID = 16
_UPPER = 2.0
"""Newer models may draw finer than the ones that the table knows."""
_SMALLEST = 1024 * 1024


class OpenAiImages(Ruled):
    """An ImageGenerator."""

    def __init__(self, transport: Transport, keys: Callable[[], Keys], *, patience: Patience | None = None) -> None:
        self._transport, self._keys, self._patience = transport, keys, patience or patience_of(ID)
        super().__init__(ID)

    def prepared(self, request: GenerateRequest) -> Prepared:
        """Raises: BadInputError."""
        self._rules.check(request)
        model = self._rules.model(request)
        body = _body(request, model)
        estimate = _estimate(model, size_of(request, model))
        most = _scaled(dearest_image_usd(ID), size_of(request, model)) if estimate.usd is None else estimate.usd
        sending = Sending(
            ID, NAME, str(self._transport.origin), model, b"", (0, 0), (0, 0), request.prompt.strip(), estimate,
            digest(model, body), gives=f"a picture, {body['size'].replace('x', ' × ')} px",
            upper_usd=_UPPER * most,
        )
        return Prepared(request, sending, body)

    def generate(self, prepared: Prepared, *, insists: bool, cancel: CancelToken) -> GeneratedImage:
        keys, model = self._keys(), prepared.sending.model
        reply = self._transport.post_json(
            "/v1/images/generations", prepared.body, keys={"Authorization": f"Bearer {keys['key']}"}, patience=self._patience,
            max_bytes=ANSWER_MAX_BYTES, cancel=cancel,
        )
        if not reply.is_ok:
            raise failure_of(reply, model, keys.secrets())
        found = answered(json_of(reply, ID, NAME), reply, model, prepared.sending.cost.usd)
        told = () if found.is_priced else (unpriced_words(model),)
        return GeneratedImage(found.raw, model, found.cost_usd, found.tokens, found.request_id, told, found.is_priced)


def size_of(request: GenerateRequest, model: str) -> tuple[int, int]:
    """Width and height that are asked for."""
    if not model.startswith("gpt-image-2"):
        return _OLDER.get(request.aspect, _SIZES[request.aspect])
    factor = 4 / 3 if request.resolution == "2K" else 1.0
    width, height = (round(side * factor / _GRID) * _GRID for side in _SIZES[request.aspect])
    return width, height


def _body(request: GenerateRequest, model: str) -> dict[str, Any]:
    width, height = size_of(request, model)
    return {
        "model": model, "prompt": request.prompt.strip(), "size": f"{width}x{height}", "quality": QUALITY,
        "output_format": "png",
    }


def _estimate(model: str, size: tuple[int, int]) -> Estimate:
    """The table has the price of the smallest size; tokens grow with the area."""
    found = estimate_usd(ID, model, images=1, variant=QUALITY)
    return Estimate(None if found.usd is None else _scaled(found.usd, size), found.is_sure, found.read)


def _scaled(usd: float, size: tuple[int, int]) -> float:
    return usd * max(1.0, size[0] * size[1] / _SMALLEST)
