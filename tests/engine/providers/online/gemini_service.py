"""Gemini's image editing as it behaves: what it demands of a request, how it answers, how it refuses."""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.engine.providers.online import pictures
from tests.engine.providers.online.server import Answer, Fault, Received, instead, json_answer

KEY = "AIzaSyFakeFakeFakeFakeFakeFakeFake00abcd"
SIZES_1K = {
    "1:1": (1024, 1024), "2:3": (848, 1264), "3:2": (1264, 848), "3:4": (896, 1200), "4:3": (1200, 896), "4:5": (928, 1152),
    "5:4": (1152, 928), "9:16": (768, 1376), "16:9": (1376, 768), "21:9": (1584, 672),
}
MODELS = ("gemini-3-pro-image", "gemini-nano-banana-2.1")
_FACTORS = {"1K": 1, "2K": 2, "4K": 4}
_KNOWN: dict[str, frozenset[str]] = {
    "": frozenset({
        "contents", "generationConfig", "safetySettings", "systemInstruction", "tools", "toolConfig", "cachedContent",
    }),
    "contents": frozenset({"role", "parts"}),
    "contents.parts": frozenset({"text", "inlineData", "fileData", "thought", "thoughtSignature"}),
    "contents.parts.inlineData": frozenset({"mimeType", "data"}),
    "generationConfig": frozenset({"responseModalities", "imageConfig", "temperature", "seed", "candidateCount", "topP", "topK"}),
    "generationConfig.imageConfig": frozenset({"aspectRatio", "imageSize"}),
    "safetySettings": frozenset({"category", "threshold"}),
}
_LIMIT_BYTES = 20_971_520
PRICE_USD = 0.134


class Refusal(Exception):  # noqa: N818 - the service's, not ours
    def __init__(self, answer: Answer) -> None:
        self.answer = answer


def error(code: int, status: str, message: str, details: list[dict[str, Any]] | None = None) -> Answer:
    """A google.rpc.Status."""
    body: dict[str, Any] = {"code": code, "message": message, "status": status}
    if details:
        body["details"] = details
    return json_answer({"error": body}, code)


@dataclass
class Asked:
    model: str
    text: str
    picture: pictures.Rgb8
    """Of a request in words alone: grey."""
    ratio: str
    size: str


class GeminiService:
    """`reply` makes the parts of a good answer; replaced by tests."""

    def __init__(self) -> None:
        self.key = KEY
        self.asked: list[Asked] = []
        self.models = list(MODELS)
        self.parts: Callable[[Asked], list[dict[str, Any]]] = lambda asked: [
            {"text": "Here is the edited image."}, image_part(drawn(asked), "image/jpeg", "JPEG")
        ]

    def __call__(self, request: Received) -> Answer:
        try:
            return self._answer(request)
        except Refusal as refusal:
            return refusal.answer

    def _answer(self, request: Received) -> Answer:
        self._check_key(request)
        if request.method == "GET" and request.path == "/v1beta/models":
            return json_answer({"models": [{"name": f"models/{name}", "version": "3"} for name in self.models]})
        named = re.fullmatch(r"/v1beta/models/([^/:]+):generateContent", request.path)
        if request.method != "POST" or not named:
            raise Refusal(Answer(404, b"<html>404</html>", {"Content-Type": "text/html"}))
        if named.group(1) not in self.models:
            raise Refusal(gone(named.group(1)))
        asked = self._checked(named.group(1), request)
        self.asked.append(asked)
        parts = self.parts(asked)
        count = sum("inlineData" in part for part in parts)
        return json_answer(response(asked.model, parts, count), bill_usd=PRICE_USD * count)

    def _check_key(self, request: Received) -> None:
        if "key=" in request.target:
            raise AssertionError("a key in an address")
        if "authorization" in request.headers:
            raise Refusal(error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials."))
        given = request.headers.get("x-goog-api-key")
        if given is None:
            raise Refusal(error(
                403, "PERMISSION_DENIED", "Method doesn't allow unregistered callers (callers without established identity)."
            ))
        if given != self.key:
            raise Refusal(bad_key())

    def _checked(self, model: str, request: Received) -> Asked:
        if len(request.body) > _LIMIT_BYTES:
            raise Refusal(invalid(f"Request payload size exceeds the limit: {_LIMIT_BYTES} bytes."))
        if request.headers.get("content-type", "").partition(";")[0] != "application/json":
            raise Refusal(invalid("Invalid JSON payload received."))
        body = request.json()
        _check_names(body, "")
        config = body.get("generationConfig", {})
        image = config.get("imageConfig", {})
        ratio, size = image.get("aspectRatio", "1:1"), image.get("imageSize", "1K")
        if ratio not in SIZES_1K or size not in _FACTORS:
            raise Refusal(invalid(f"Invalid value at 'generation_config.image_config': {ratio} {size}"))
        if not set(config.get("responseModalities", [])) <= {"TEXT", "IMAGE"}:
            raise Refusal(invalid("Invalid value at 'generation_config.response_modalities'"))
        (content,) = body["contents"]
        if content.get("role") != "user":
            raise Refusal(invalid("Please use a valid role: user, model."))
        text = " ".join(part["text"] for part in content["parts"] if "text" in part)
        seen = [_picture(part["inlineData"]) for part in content["parts"] if "inlineData" in part]
        return Asked(model, text, seen[0] if seen else np.full((9, 16, 3), 90, np.uint8), ratio, size)


def _check_names(value: Any, where: str) -> None:
    if isinstance(value, list):
        for item in value:
            _check_names(item, where)
    if isinstance(value, dict) and where in _KNOWN:
        for name, item in value.items():
            if name not in _KNOWN[where]:
                raise Refusal(invalid(f'Invalid JSON payload received. Unknown name "{name}" at \'{where}\': Cannot find field.'))
            _check_names(item, f"{where}.{name}".lstrip("."))


def _picture(inline: dict[str, Any]) -> pictures.Rgb8:
    try:
        data = base64.b64decode(inline["data"], validate=True)
    except binascii.Error:
        raise Refusal(invalid("Invalid value at 'inline_data.data' (TYPE_BYTES), Base64 decoding failed")) from None
    is_png = data.startswith(b"\x89PNG")
    if inline["mimeType"] != ("image/png" if is_png else "image/jpeg"):
        raise Refusal(invalid("Unable to process input image."))
    return pictures.decoded(data)


def drawn(asked: Asked) -> pictures.Rgb8:
    """At the size that the service has for the ratio."""
    width, height = SIZES_1K[asked.ratio]
    return pictures.painted(asked.picture, (width * _FACTORS[asked.size], height * _FACTORS[asked.size]))


def image_part(picture: pictures.Rgb8, mime: str = "image/png", kind: str = "PNG", **more: Any) -> dict[str, Any]:
    return raw_part(pictures.encoded(picture, kind), mime, **more)


def raw_part(data: bytes, mime: str = "image/png", **more: Any) -> dict[str, Any]:
    return {"inlineData": {"mimeType": mime, "data": base64.b64encode(data).decode()}, "thoughtSignature": "c2lnbmVk", **more}


def response(
    model: str, parts: list[dict[str, Any]] | None, count: int = 1, reason: str = "STOP", message: str = ""
) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": parts}, "finishReason": reason, "index": 0}
    if message:
        candidate["finishMessage"] = message
    image = 1120 * count
    return {
        "candidates": [candidate],
        "usageMetadata": {
            "promptTokenCount": 615, "candidatesTokenCount": image + 120, "thoughtsTokenCount": 208,
            "totalTokenCount": 615 + image + 120 + 208,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 99}, {"modality": "IMAGE", "tokenCount": 516}],
            "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": image}],
        },
        "modelVersion": model, "responseId": "resp-1",
    }


# Refusals and errors, as they were seen.


def bad_key() -> Answer:
    return error(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", [
        {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID", "domain": "googleapis.com"},
    ])


def invalid(message: str) -> Answer:
    return error(400, "INVALID_ARGUMENT", message)


def gone(model: str) -> Answer:
    return error(404, "NOT_FOUND", f"models/{model} is not found for API version v1beta, or is not supported.")


def quota(retry_delay: object = "25s", quota_id: str = "GenerateRequestsPerMinutePerProjectPerModel", text: str = "") -> Answer:
    details: list[dict[str, Any]] = [
        {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaId": quota_id, "quotaValue": "10"}]},
        {"@type": "type.googleapis.com/google.rpc.Help", "links": []},
    ]
    if retry_delay:
        details.append({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": retry_delay})
    return error(429, "RESOURCE_EXHAUSTED", text or "You exceeded your current quota.", details)


def blocked_input(reason: str = "PROHIBITED_CONTENT") -> Fault:
    body = {"promptFeedback": {"blockReason": reason}, "usageMetadata": {"promptTokenCount": 615, "totalTokenCount": 615}}
    return instead(json_answer(body))


def blocked_beside(reason: str = "OTHER") -> Fault:
    empty = {"content": {}, "finishReason": "STOP"}
    return instead(json_answer({"promptFeedback": {"blockReason": reason}, "candidates": [empty]}))


def blocked_output(reason: str = "IMAGE_SAFETY", message: str = "Unable to show the generated image.") -> Fault:
    body = response("gemini-3-pro-image", None, 0, reason, message)
    return instead(json_answer(body))


def words_only(reason: str = "STOP") -> Fault:
    return instead(json_answer(response("gemini-3-pro-image", [{"text": "I cannot edit images of this kind."}], 0, reason)))
