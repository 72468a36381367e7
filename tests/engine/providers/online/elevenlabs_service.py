"""ElevenLabs' speech to text as it behaves: what it demands of a form, how it answers, how it refuses.

It hears beeps: every stretch of sound is a word, so that a test knows what must come out of what was sent.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.engine.providers.online.forms import Form, form_of
from tests.engine.providers.online.server import Answer, Received, json_answer

KEY = "sk_fakefakefakefakefakefakefakefakefakefakefake9qrs"
MODELS = ("scribe_v2", "scribe_v1")
RATE = 16_000
USD_AN_HOUR = 0.22
_FIELDS = frozenset({
    "model_id", "file_format", "timestamps_granularity", "diarize", "num_speakers", "diarization_threshold", "tag_audio_events",
    "language_code", "keyterms", "no_verbatim", "temperature", "seed", "use_multi_channel", "webhook", "source_url",
    "cloud_storage_url",
})  # fmt: skip
_HOP = RATE // 50


class Refusal(Exception):  # noqa: N818 - the service's, not ours
    def __init__(self, answer: Answer) -> None:
        self.answer = answer


def error(status: int, code: str, message: str, *, param: str | None = None, **headers: str) -> Answer:
    """An error of today: `code` beside the older `status`."""
    kind = {401: "authentication_error", 429: "rate_limit_error"}.get(status, "invalid_request_error")
    detail = {"type": kind, "code": code, "message": message, "status": code, "request_id": "req_7", "param": param}
    made = json_answer({"detail": detail}, status, request_id="req_7")
    made.headers |= {name.replace("_", "-"): text for name, text in headers.items()}
    return made


def older(status: int, name: str, message: str) -> Answer:
    """An error of older answers."""
    return json_answer({"detail": {"status": name, "message": message}}, status)


@dataclass
class Asked:
    model: str
    fields: dict[str, str]
    sound: npt.NDArray[np.int16]
    filename: str

    @property
    def seconds(self) -> float:
        return len(self.sound) / RATE


class ElevenLabsService:
    """`made` is the body of a good answer; replaced by tests."""

    def __init__(self) -> None:
        self.key = KEY
        self.asked: list[Asked] = []
        self.made: Callable[[Asked], dict[str, Any]] = response

    def __call__(self, request: Received) -> Answer:
        try:
            return self._answer(request)
        except Refusal as refusal:
            return refusal.answer

    def _answer(self, request: Received) -> Answer:
        given = request.headers.get("xi-api-key", "")
        if not given:
            raise Refusal(error(401, "missing_api_key", "Neither authorization header nor xi-api-key received."))
        if given != self.key:
            raise Refusal(bad_key())
        if request.method == "GET" and request.path == "/v1/user":
            return json_answer({"user_id": "u", "subscription": {"tier": "creator"}})
        if request.method != "POST" or request.path != "/v1/speech-to-text":
            raise Refusal(json_answer({"detail": "Not Found"}, 404))
        asked = _checked(form_of(request))
        self.asked.append(asked)
        return json_answer(self.made(asked), bill_usd=asked.seconds / 3600 * USD_AN_HOUR, request_id="req_7")


def _checked(form: Form | None) -> Asked:
    if form is None or "model_id" not in form.fields:
        raise Refusal(unprocessable("model_id", "Field required"))
    fields, files = form.fields, form.files
    for name in (*fields, *(set(files) - {"file"})):
        if name not in _FIELDS:
            raise Refusal(unprocessable(name, "Extra inputs are not permitted"))
    if fields["model_id"] not in MODELS:
        raise Refusal(gone(fields["model_id"]))
    if ("file" in files) + ("source_url" in fields) + ("cloud_storage_url" in fields) != 1:
        raise Refusal(error(400, "invalid_parameters", "Must provide either file or source_url.", param="file"))
    for name in ("diarize", "tag_audio_events"):
        if fields.get(name, "true") not in {"true", "false"}:
            raise Refusal(unprocessable(name, "Input should be a valid boolean"))
    if fields.get("timestamps_granularity", "word") not in {"none", "word", "character"}:
        raise Refusal(unprocessable("timestamps_granularity", "Input should be 'none', 'word' or 'character'"))
    if not 1 <= int(fields.get("num_speakers", "1")) <= 32:
        raise Refusal(error(400, "invalid_parameters", "num_speakers must be between 1 and 32.", param="num_speakers"))
    if fields.get("file_format", "other") != "pcm_s16le_16":
        raise Refusal(unreadable())
    data = files["file"].data
    if len(data) % 2 or len(data) < RATE // 5:
        raise Refusal(unreadable())
    return Asked(fields["model_id"], fields, np.frombuffer(data, "<i2"), files["file"].filename)


def heard(sound: npt.NDArray[np.int16]) -> list[tuple[float, float]]:
    """Start and end in seconds of each stretch that is not silent."""
    count = len(sound) // _HOP
    loud = np.abs(sound[: count * _HOP].reshape(count, _HOP).astype(np.int32)).max(axis=1) > 500
    edges = np.flatnonzero(np.diff(np.concatenate(([0], loud.view(np.int8), [0]))))
    return [(first * _HOP / RATE, last * _HOP / RATE) for first, last in edges.reshape(-1, 2).tolist()]


def response(asked: Asked) -> dict[str, Any]:
    """Words “one”, “two” … for the stretches, parted by spacing."""
    names = ("One", "two", "three", "four.", "Five", "six", "seven", "eight.")
    words: list[dict[str, Any]] = []
    for number, (start, end) in enumerate(heard(asked.sound)):
        if words:
            words.append(_item(" ", words[-1]["end"], start, "spacing", asked))
        words.append(_item(names[number % len(names)], start, end, "word", asked))
    return {
        "language_code": asked.fields.get("language_code", "eng"), "language_probability": 0.98,
        "text": "".join(word["text"] for word in words), "words": words, "transcription_id": "t_1",
        "audio_duration_secs": asked.seconds,
    }


def _item(text: str, start: float, end: float, kind: str, asked: Asked) -> dict[str, Any]:
    speaker = "speaker_0" if asked.fields.get("diarize") == "true" else None
    return {"text": text, "start": start, "end": end, "type": kind, "speaker_id": speaker, "logprob": -0.02}


# Refusals and errors, as they were seen.


def bad_key() -> Answer:
    return error(401, "invalid_api_key", "Invalid API key")


def no_permission() -> Answer:
    return error(401, "missing_permissions", "The API key you used is missing the permission speech_to_text.")


def out_of_credit() -> Answer:
    return error(401, "quota_exceeded", "This request exceeds your quota. You have 3 credits remaining, while 120 are required.")


def unpaid() -> Answer:
    return older(401, "payment_issue", "Your subscription has a failed or incomplete payment.")


def rate_limited(**headers: str) -> Answer:
    return error(429, "rate_limit_exceeded", "Rate limit exceeded.", **headers)


def too_many_at_once() -> Answer:
    return error(429, "concurrent_limit_exceeded", "Too many concurrent requests. Your plan allows 4.")


def older_too_many() -> Answer:
    return older(429, "too_many_concurrent_requests", "Too many concurrent requests.")


def busy() -> Answer:
    return error(429, "system_busy", "The system is experiencing heavy traffic, please try again.")


def unreadable() -> Answer:
    return error(400, "invalid_parameters", "The file could not be read as audio.", param="file")


def unprocessable(name: str, message: str) -> Answer:
    return json_answer({"detail": [{"loc": ["body", name], "msg": message, "type": "value_error"}]}, 422)


def gone(model: str) -> Answer:
    return error(400, "model_not_found", f"'{model}' is not a valid model_id.", param="model_id")
