"""Pictures after words by Gemini's image models: the interface of their edits without a picture."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from engine.providers.generation import GeneratedImage, GenerateRequest, Prepared
from engine.providers.online.answers import json_of
from engine.providers.online.bounds import patience_of
from engine.providers.online.gemini import upper_usd
from engine.providers.online.gemini_answers import ID, NAME, answered
from engine.providers.online.generator_rules import Ruled
from engine.providers.online.google_errors import failure_of
from engine.providers.online.outgoing import Sending
from engine.providers.online.prices import estimate_usd
from engine.providers.online.transport import Patience, Transport
from engine.running import CancelToken
from engine.vault import Keys

ANSWER_MAX_BYTES = 128 << 20
_FIRMER = " Answer with the image itself and no words."


class GeminiImages(Ruled):
    """An ImageGenerator."""

    def __init__(self, transport: Transport, keys: Callable[[], Keys], *, patience: Patience | None = None) -> None:
        self._transport, self._keys, self._patience = transport, keys, patience or patience_of(ID)
        super().__init__(ID)

    def prepared(self, request: GenerateRequest) -> Prepared:
        """Raises: BadInputError."""
        self._rules.check(request)
        model = self._rules.model(request)
        sending = Sending(
            ID, NAME, str(self._transport.origin), model, b"", (0, 0), (0, 0), request.prompt.strip(),
            estimate_usd(ID, model, images=1, variant=request.resolution), digest(model, _body(request, "")),
            gives=f"a picture, {request.resolution}, {request.aspect}", upper_usd=upper_usd(model, request.resolution),
        )
        return Prepared(request, sending, _body(request, ""))

    def generate(self, prepared: Prepared, *, insists: bool, cancel: CancelToken) -> GeneratedImage:
        keys, model = self._keys(), prepared.sending.model
        body = _body(prepared.request, _FIRMER) if insists else prepared.body
        reply = self._transport.post_json(
            f"/v1beta/models/{model}:generateContent", body, keys={"x-goog-api-key": keys["key"]}, patience=self._patience,
            max_bytes=ANSWER_MAX_BYTES, cancel=cancel,
        )
        if not reply.is_ok:
            raise failure_of(reply, model, keys.secrets())
        found = answered(json_of(reply, ID, NAME), model, prepared.request.resolution)
        return GeneratedImage(
            found.raw, found.model, found.cost_usd, found.tokens, found.request_id, found.told(), found.is_priced
        )


def _body(request: GenerateRequest, more: str) -> dict[str, Any]:
    return {
        "contents": [{"role": "user", "parts": [{"text": request.prompt.strip() + more}]}],
        "generationConfig": {
            "responseModalities": ["IMAGE"], "imageConfig": {"aspectRatio": request.aspect, "imageSize": request.resolution},
        },
    }


def digest(model: str, body: object) -> str:
    """Names what is sent, and where to: equal for equal requests."""
    return hashlib.blake2b(json.dumps([model, body], sort_keys=True).encode(), digest_size=16).hexdigest()
