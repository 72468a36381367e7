"""OpenAI's image edits as they behave: what they demand of a form, how they answer, how they refuse."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.engine.providers.online import pictures
from tests.engine.providers.online.forms import form_of
from tests.engine.providers.online.server import Answer, Fault, Received, instead, json_answer

KEY = "sk-proj-FakeFakeFakeFakeFakeFakeFakeFakeFake0wxyz"
MODELS = ("gpt-image-2.5-sunburst", "gpt-image-2.5-flare", "gpt-image-2")
_FIELDS = frozenset({
    "model", "prompt", "size", "quality", "output_format", "output_compression", "background", "n", "input_fidelity", "user",
    "stream", "partial_images",
})
_FILES = frozenset({"image", "image[]", "mask"})
_MASK_MAX_BYTES, _IMAGE_MAX_BYTES = 4_000_000, 50_000_000
_TOKENS = {"low": 272, "medium": 1056, "high": 4160}


class Refusal(Exception):  # noqa: N818 - the service's, not ours
    def __init__(self, answer: Answer) -> None:
        self.answer = answer


def error(
    code: int, name: str | None, message: str, kind: str = "invalid_request_error", *, param: str | None = None,
    headers: dict[str, str] | None = None, **more: Any,
) -> Answer:
    body = {"error": {"message": message, "type": kind, "param": param, "code": name, **more}}
    made = json_answer(body, code)
    made.headers |= {"x-request-id": "req_1", **(headers or {})}
    return made


@dataclass
class Asked:
    model: str
    text: str
    picture: pictures.Rgb8
    mask: npt.NDArray[np.uint8]
    """Alpha."""
    size: tuple[int, int]
    quality: str


class OpenAiService:
    """`made` draws a good answer's picture as bytes; replaced by tests."""

    def __init__(self) -> None:
        self.key = KEY
        self.asked: list[Asked] = []
        self.models = list(MODELS)
        self.made: Callable[[Asked], bytes] = lambda asked: pictures.encoded(pictures.painted(asked.picture, asked.size))

    def __call__(self, request: Received) -> Answer:
        try:
            return self._answer(request)
        except Refusal as refusal:
            return refusal.answer

    def _answer(self, request: Received) -> Answer:
        self._check_key(request)
        if request.method == "GET" and request.path == "/v1/models":
            return json_answer({"object": "list", "data": [{"id": name, "object": "model"} for name in self.models]})
        if request.method != "POST" or request.path not in {"/v1/images/edits", "/v1/images/generations"}:
            raise Refusal(error(404, None, f"Invalid URL ({request.method} {request.path})"))
        asked = self._in_words(request) if request.path.endswith("generations") else self._checked(request)
        self.asked.append(asked)
        return json_answer(response(self.made(asked), asked), bill_usd=bill_of(asked), x_request_id="req_1")

    def _check_key(self, request: Received) -> None:
        given = request.headers.get("authorization", "")
        if not given.startswith("Bearer "):
            raise Refusal(error(401, None, "Missing bearer authentication in header"))
        if given != f"Bearer {self.key}":
            raise Refusal(bad_key(given.removeprefix("Bearer ")))

    def _in_words(self, request: Received) -> Asked:
        """A picture after words alone: JSON, and any size that is a multiple of 16."""
        body = request.json()
        for name in set(body) - (_FIELDS | {"moderation"}):
            raise Refusal(error(400, "unknown_parameter", f"Unknown parameter: '{name}'.", param=name))
        if body["model"] not in self.models:
            raise Refusal(gone(body["model"]))
        width, height = (int(side) for side in body["size"].split("x"))
        if width % 16 or height % 16 or not 1 / 3 <= width / height <= 3 or max(width, height) > 3840:
            raise Refusal(error(400, "invalid_value", f"Invalid value: '{body['size']}'.", param="size"))
        grey = np.full((9, 16, 3), 90, np.uint8)
        return Asked(body["model"], body["prompt"], grey, grey[..., 0], (width, height), body.get("quality", "auto"))

    def _checked(self, request: Received) -> Asked:
        fields, files = _form(request)
        for name in [*fields, *files]:
            if name not in (_FIELDS if name in fields else _FILES):
                raise Refusal(error(400, "unknown_parameter", f"Unknown parameter: '{name}'.", param=name))
        for name in ("prompt", "model"):
            if not fields.get(name):
                raise Refusal(error(400, "missing_required_parameter", f"Missing required parameter: '{name}'.", param=name))
        if fields["model"] not in self.models:
            raise Refusal(gone(fields["model"]))
        if len(fields["prompt"]) > 32000:
            raise Refusal(error(400, "string_above_max_length", "Invalid 'prompt': string too long."))
        quality = fields.get("quality", "auto")
        if quality not in {*_TOKENS, "auto"} or fields.get("output_format", "png") not in {"png", "jpeg", "webp"}:
            raise Refusal(error(400, "invalid_value", "Invalid value: 'quality' or 'output_format'."))
        image, mask = self._pictures(files)
        return Asked(fields["model"], fields["prompt"], image, mask, _size(fields.get("size", "auto")), quality)

    def _pictures(self, files: dict[str, tuple[str, bytes]]) -> tuple[pictures.Rgb8, npt.NDArray[np.uint8]]:
        for name, (mime, data) in files.items():
            if mime not in {"image/png", "image/jpeg", "image/webp"}:
                raise Refusal(error(400, "unsupported_file_mimetype", f"Invalid file '{name}': unsupported mimetype ('{mime}')."))
            if len(data) > (_MASK_MAX_BYTES if name == "mask" else _IMAGE_MAX_BYTES):
                raise Refusal(error(400, "image_too_large", "Image is too large."))
        if "image" not in files and "image[]" not in files:
            raise Refusal(error(400, "missing_required_parameter", "Missing required parameter: 'image'.", param="image"))
        image = pictures.decoded(files.get("image", files.get("image[]", ("", b"")))[1])
        if "mask" not in files:
            return image, np.zeros(image.shape[:2], np.uint8)
        alpha = pictures.alpha_of(files["mask"][1])
        if alpha is None:
            raise Refusal(error(400, "invalid_mask_image_format", "Invalid mask image - it has no alpha channel."))
        if alpha.shape != image.shape[:2]:
            raise Refusal(error(400, "invalid_image_mask", "Invalid mask image - mask size does not match image size."))
        return image, alpha


def _form(request: Received) -> tuple[dict[str, str], dict[str, tuple[str, bytes]]]:
    found = form_of(request)
    if found is None:
        raise Refusal(error(400, None, "Unsupported content type."))
    return found.fields, {name: (part.mime, part.data) for name, part in found.files.items()}


def _size(text: str) -> tuple[int, int]:
    if text not in {"1024x1024", "1536x1024", "1024x1536"}:
        raise Refusal(error(400, "invalid_value", f"Invalid value: '{text}'.", param="size"))
    width, _, height = text.partition("x")
    return int(width), int(height)


def bill_of(asked: Asked) -> float:
    usage = _usage(asked)
    details = usage["input_tokens_details"]
    return float(details["image_tokens"] * 8 + details["text_tokens"] * 5 + usage["output_tokens"] * 30) / 1e6


def _usage(asked: Asked) -> dict[str, Any]:
    made = _TOKENS.get(asked.quality, 1056)
    text = max(1, len(asked.text) // 4)
    return {
        "input_tokens": 388 + text, "output_tokens": made, "total_tokens": 388 + text + made,
        "input_tokens_details": {"image_tokens": 388, "text_tokens": text},
    }


def response(data: bytes, asked: Asked) -> dict[str, Any]:
    return {
        "created": 1795190400, "background": "opaque", "output_format": "png", "quality": asked.quality,
        "size": f"{asked.size[0]}x{asked.size[1]}", "data": [{"b64_json": base64.b64encode(data).decode()}],
        "usage": _usage(asked),
    }


# Refusals and errors, as they were seen.


def bad_key(given: str) -> Answer:
    quoted = f"{given[:8]}{'*' * 20}{given[-4:]}"
    return error(401, "invalid_api_key", f"Incorrect API key provided: {quoted}. You can find your API key at their site.")


def gone(model: str) -> Answer:
    return error(404, "model_not_found", f"The model '{model}' does not exist or you do not have access to it.")


def rate_limited(headers: dict[str, str] | None = None) -> Answer:
    return error(429, "rate_limit_exceeded", "Rate limit reached. Please try again in 12s.", "requests", headers=headers)


def unpaid(code: int = 429, name: str = "insufficient_quota") -> Answer:
    return error(code, name, "You exceeded your current quota, please check your plan and billing details.", name)


def blocked(stage: str = "input") -> Fault:
    return instead(error(
        400, "moderation_blocked", "Your request was rejected by the safety system.", "image_generation_user_error",
        moderation_details={"moderation_stage": stage, "categories": ["violence"]},
    ))
