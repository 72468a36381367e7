"""Google's Veo as it behaves: what it demands of a request, an operation that takes some looks, four ends, a file to fetch.

A gateway may give links to itself or, as the service does, to the official address (`links_home`).
"""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.engine.providers.online import pictures
from tests.engine.providers.online.files import file_answer
from tests.engine.providers.online.films import film
from tests.engine.providers.online.gemini_service import KEY, GeminiService, Refusal, error, gone, invalid, quota
from tests.engine.providers.online.server import Answer, Received, json_answer

__all__ = ["KEY", "VeoService", "Asked", "error", "gone", "invalid", "quota"]
MODELS = ("veo-3.1-generate-preview", "veo-3.1-fast-generate-preview", "veo-3.1-lite-generate-preview")
OFFICIAL = "https://generativelanguage.googleapis.com"
PRICES_USD = {
    ("veo-3.1-generate-preview", "720p"): 0.40, ("veo-3.1-generate-preview", "1080p"): 0.40,
    ("veo-3.1-generate-preview", "4k"): 0.60, ("veo-3.1-fast-generate-preview", "720p"): 0.15,
    ("veo-3.1-fast-generate-preview", "1080p"): 0.12, ("veo-3.1-fast-generate-preview", "4k"): 0.30,
    ("veo-3.1-lite-generate-preview", "720p"): 0.05, ("veo-3.1-lite-generate-preview", "1080p"): 0.08,
}
_INSTANCE = frozenset({"prompt", "image", "lastFrame", "video", "referenceImages"})
_PARAMETERS = frozenset({"aspectRatio", "resolution", "durationSeconds", "negativePrompt", "personGeneration", "sampleCount"})


@dataclass(eq=False)
class Asked:
    model: str
    prompt: str
    first: pictures.Rgb8 | None
    last: pictures.Rgb8 | None
    aspect: str
    resolution: str
    seconds: int
    negative: str
    name: str
    looks: int = 0
    is_billed: bool = False
    raw: list[bytes] = field(default_factory=list)


class VeoService:
    """`ends` are what comes instead of a video, for one operation after another; `looks` how often it is still working.

    `made` makes the file of a finished operation.
    """

    def __init__(self) -> None:
        self.key = KEY
        self.models = list(MODELS)
        self.asked: list[Asked] = []
        self.looks = 2
        self.ends: list[dict[str, Any] | None] = []
        self.takes_negative = True
        self.base_url = ""
        self.links_home = False
        self.made: Callable[[Asked], bytes] = lambda _asked: film()
        self.bill_usd = 0.0

    def __call__(self, request: Received) -> Answer:
        try:
            return self._answer(request)
        except Refusal as refusal:
            return refusal.answer

    def _answer(self, request: Received) -> Answer:
        GeminiService._check_key(self, request)  # type: ignore[arg-type]  # the same house, the same key
        if request.method == "GET" and request.path == "/v1beta/models":
            return json_answer({"models": [{"name": f"models/{name}"} for name in self.models]})
        file = re.fullmatch(r"/v1beta/files/file(\d+):download", request.path)
        if request.method == "GET" and file:
            if "alt=media" not in request.target:
                raise Refusal(invalid("alt=media is missing"))
            return file_answer(request, self.made(self.asked[int(file.group(1))]))
        if request.method == "GET" and re.fullmatch(r"/v1beta/models/[^/]+/operations/[\w-]+", request.path):
            return self._looked(request.path.removeprefix("/v1beta/"))
        named = re.fullmatch(r"/v1beta/models/([^/:]+):predictLongRunning", request.path)
        if request.method != "POST" or not named:
            raise Refusal(Answer(404, b"<html>404</html>", {"Content-Type": "text/html"}))
        if named.group(1) not in self.models:
            raise Refusal(gone(named.group(1)))
        asked = self._checked(named.group(1), request)
        self.asked.append(asked)
        return json_answer({"name": asked.name})

    def _checked(self, model: str, request: Received) -> Asked:
        if len(request.body) > 20_971_520:
            raise Refusal(invalid("Request payload size exceeds the limit: 20971520 bytes."))
        body = request.json()
        if set(body) - {"instances", "parameters"}:
            raise Refusal(invalid("Invalid JSON payload received. Unknown name: Cannot find field."))
        (instance,), parameters = body["instances"], body.get("parameters", {})
        for name in (set(instance) - _INSTANCE) | (set(parameters) - _PARAMETERS):
            raise Refusal(invalid(f"`{name}` isn't supported by this model. Please remove it."))
        if "negativePrompt" in parameters and not self.takes_negative:
            raise Refusal(invalid("`negativePrompt` isn't supported by this model."))
        seconds = parameters.get("durationSeconds", 8)
        if not isinstance(seconds, int) or isinstance(seconds, bool):
            raise Refusal(invalid("The value type for `durationSeconds` needs to be a number"))
        aspect, resolution = parameters.get("aspectRatio", "16:9"), parameters.get("resolution", "720p")
        if seconds not in {4, 6, 8} or aspect not in {"16:9", "9:16"} or resolution not in {"720p", "1080p", "4k"}:
            raise Refusal(invalid("The value is out of bounds."))
        if resolution != "720p" and seconds != 8:
            raise Refusal(invalid(f"{resolution} is not supported for a duration of {seconds} seconds"))
        if "image" not in instance and not instance.get("prompt", "").strip():
            raise Refusal(invalid("A prompt is required."))
        raw = [_data(instance[name]) for name in ("image", "lastFrame") if name in instance]
        name = f"models/{model}/operations/op{len(self.asked) + 1}"
        return Asked(
            model, instance.get("prompt", ""), pictures.decoded(raw[0]) if raw else None,
            pictures.decoded(raw[1]) if len(raw) > 1 else None, aspect, resolution, seconds,
            parameters.get("negativePrompt", ""), name, raw=raw,
        )

    def _looked(self, name: str) -> Answer:
        asked = next((one for one in self.asked if one.name == name), None)
        if asked is None:
            raise Refusal(error(404, "NOT_FOUND", "Requested entity was not found."))
        asked.looks += 1
        if asked.looks <= self.looks:
            return json_answer({"name": name})
        number = self.asked.index(asked)
        end = self.ends[number] if number < len(self.ends) else None
        if end is not None:
            return json_answer({"name": name, "done": True, **end})
        price = 0.0 if asked.is_billed else PRICES_USD[asked.model, asked.resolution] * asked.seconds
        asked.is_billed = True
        self.bill_usd += price
        home = OFFICIAL if self.links_home else self.base_url
        return json_answer({"name": name, "done": True, "response": {
            "@type": "type.googleapis.com/google.ai.generativelanguage.v1beta.PredictLongRunningResponse",
            "generateVideoResponse": {"generatedSamples": [
                {"video": {"uri": f"{home}/v1beta/files/file{number}:download?alt=media"}},
            ]},
        }}, bill_usd=price)


def _data(image: dict[str, Any]) -> bytes:
    if "inlineData" in image:
        raise Refusal(invalid("`inlineData` isn't supported by this model. Please remove it."))
    if set(image) != {"bytesBase64Encoded", "mimeType"}:
        raise Refusal(invalid("Invalid value at 'instances[0].image'"))
    try:
        data = base64.b64decode(image["bytesBase64Encoded"], validate=True)
    except binascii.Error:
        raise Refusal(invalid("Base64 decoding failed")) from None
    if image["mimeType"] != ("image/png" if data.startswith(b"\x89PNG") else "image/jpeg"):
        raise Refusal(invalid("Unable to process input image."))
    return data


# The ends that are no video.


def filtered(reason: str = "Sorry, we can't create this video: it seems to show a well-known person.") -> dict[str, Any]:
    return {"response": {"generateVideoResponse": {"raiMediaFilteredCount": 1, "raiMediaFilteredReasons": [reason]}}}


def filtered_beside() -> dict[str, Any]:
    return {"response": {"raiMediaFilteredCount": 1, "raiMediaFilteredReasons": ["It seems to show a well-known person."]}}


def filtered_for_audio() -> dict[str, Any]:
    return filtered("We encountered an issue with the audio for your prompt. You will not be charged for this attempt.")


def failed(code: int, message: str = "an internal error has occurred") -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


def nothing() -> dict[str, Any]:
    return {"response": {"generateVideoResponse": {}}}
