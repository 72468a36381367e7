"""Whatever a service answers, in whatever shape: an adapter reads it, or says in a sentence what is wrong with it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.providers.online import (
    elevenlabs_answers,
    gemini_answers,
    google_errors,
    kling_answers,
    openai_answers,
    veo_answers,
)
from engine.providers.online.answers import json_of, retry_time
from engine.providers.online.failures import ProviderFailure
from engine.providers.online.transport import Reply

GEMINI = {
    "candidates": [{
        "content": {"role": "model", "parts": [{"text": "so"}, {"inlineData": {"mimeType": "image/png", "data": "iVBO"}}]},
        "finishReason": "STOP", "finishMessage": "well",
    }],
    "promptFeedback": {"blockReason": ""}, "usageMetadata": {"promptTokenCount": 6, "totalTokenCount": 20},
    "modelVersion": "m", "responseId": "r",
}  # fmt: skip
GOOGLE_ERROR = {"error": {"code": 429, "message": "retry in 5s", "status": "RESOURCE_EXHAUSTED", "details": [
    {"violations": [{"quotaId": "PerMinute", "quotaMetric": "m"}]}, {"retryDelay": "5s"}, {"reason": "API_KEY_INVALID"},
]}}  # fmt: skip
VEO = {"name": "models/m/operations/7", "done": True, "error": {}, "response": {"generateVideoResponse": {
    "generatedSamples": [{"video": {"uri": "https://host.example/f"}}], "raiMediaFilteredCount": 1,
    "raiMediaFilteredReasons": ["x"],
}}}  # fmt: skip
KLING = {"code": 0, "message": "SUCCEED", "request_id": "r", "data": {
    "task_id": "t", "task_status": "succeed", "task_status_msg": "x", "final_unit_deduction": "2",
    "task_result": {"videos": [{"id": "v", "url": "https://host.example/v", "duration": "5"}]},
}}  # fmt: skip
NEWER_KLING = {"code": 0, "data": [{
    "id": "t", "status": "succeeded", "message": "x", "billing": [{"charge_type": "unit", "amount": 2}],
    "outputs": [{"type": "video", "url": "https://host.example/v", "duration": "5"}],
}]}  # fmt: skip
OPENAI = {"data": [{"b64_json": "iVBO"}], "usage": {
    "input_tokens": 5, "output_tokens": 9, "total_tokens": 14, "input_tokens_details": {"image_tokens": 3, "text_tokens": 2},
}}  # fmt: skip
OPENAI_ERROR = {"error": {"message": "try again in 2s", "type": "t", "param": "model", "code": "moderation_blocked",
                          "moderation_details": {"moderation_stage": "output"}}}
ELEVENLABS = {"language_code": "eng", "text": "Hi", "audio_duration_secs": 3.0, "words": [
    {"text": "Hi", "start": 0.1, "end": 0.4, "type": "word", "speaker_id": "s"}, {"text": " ", "type": "spacing"},
]}  # fmt: skip
ELEVENLABS_ERROR = {"detail": {"type": "t", "code": "invalid_api_key", "message": "x", "status": "s", "param": "p"}}

ODD: list[Any] = [
    None, True, "", "word", "12s", "%%", -1, 10**400, 1e308, float("inf"), float("nan"), [], {}, [[]], [None], [{}], {"x": 1},
]
STATUSES = st.sampled_from([200, 400, 401, 403, 404, 408, 409, 418, 422, 429, 500, 502, 503, 504])


def _task(body: dict[str, Any]) -> object:
    task = kling_answers.task_of(body)
    return kling_answers.looked(task, ()) if task is not None else None


Reader = Callable[[dict[str, Any], Reply], object]
READERS: dict[str, tuple[Any, Reader]] = {
    "gemini": (GEMINI, lambda body, _reply: gemini_answers.answered(body, "gemini-3-pro-image", "1K")),
    "google's errors": (GOOGLE_ERROR, lambda _body, reply: google_errors.failure_of(reply, "m", ())),
    "veo's name": (VEO, lambda body, _reply: veo_answers.operation_name(body)),
    "veo": (VEO, lambda body, _reply: veo_answers.looked(body, ())),
    "kling's name": (KLING, lambda body, _reply: kling_answers.accepted(body)),
    "kling": (KLING, lambda body, _reply: _task(body)),
    "kling 3.0": (NEWER_KLING, lambda body, _reply: _task(body)),
    "kling's errors": (KLING, lambda body, reply: kling_answers.failure_of(reply, body, "m", ())),
    "openai": (OPENAI, lambda body, reply: openai_answers.answered(body, reply, "gpt-image-2", 0.1)),
    "openai's errors": (OPENAI_ERROR, lambda _body, reply: openai_answers.failure_of(reply, "m", ())),
    "elevenlabs": (ELEVENLABS, lambda body, reply: elevenlabs_answers.answered(body, reply, "scribe_v2", 3.0)),
    "elevenlabs' words": (ELEVENLABS, lambda _body, reply: elevenlabs_answers.transcript(reply.body)),
    "elevenlabs' errors": (ELEVENLABS_ERROR, lambda _body, reply: elevenlabs_answers.failure_of(reply, "m", ())),
}


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for name, item in inner for place in _places(item, (*path, name)))]


def _changed(value: Any, path: tuple[Any, ...], odd: Any) -> Any:
    if not path:
        return odd
    if isinstance(value, dict):
        return {name: _changed(item, path[1:], odd) if name == path[0] else item for name, item in value.items()}
    return [_changed(item, path[1:], odd) if place == path[0] else item for place, item in enumerate(value)]


@pytest.mark.parametrize("what", READERS)
def test_an_answer_with_one_thing_odd_in_it_is_read_or_refused_with_a_sentence(what: str) -> None:
    good, read = READERS[what]
    for path in _places(good):
        for odd in ODD:
            _read(read, _changed(good, path, odd), 429)


@pytest.mark.parametrize("what", READERS)
@settings(max_examples=30, deadline=None)
@given(st.data(), STATUSES)
def test_so_is_one_with_several(what: str, data: st.DataObject, status: int) -> None:
    good, read = READERS[what]
    answer = good
    for _ in range(3):
        answer = _changed(answer, data.draw(st.sampled_from(_places(answer))), data.draw(st.sampled_from(ODD)))
    _read(read, answer, status)


def _read(read: Reader, answer: Any, status: int) -> None:
    reply = Reply(status, {"retry-after": "soon"}, json.dumps(answer).encode(), is_to_post=True)
    try:
        found = read(json_of(reply, "x", "X"), reply)
    except ProviderFailure as failure:
        found = failure
    if isinstance(found, ProviderFailure):
        assert found.text.endswith((".", "”")) and "\n" not in found.text


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=20), st.text(max_size=30))
def test_any_word_about_waiting_is_a_time_or_none(word: str, text: str) -> None:
    for name in ("retry-after", "retry-after-ms", "x-ratelimit-reset-requests"):
        retry_time({name: word}, f"try again in {text}")
