"""Speech to text against a server that behaves like it: what leaves, what comes back, what it costs, how it fails."""

import json
import mmap
import tracemalloc
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.captions.transcript import Word
from engine.errors import BadInputError
from engine.providers.online.elevenlabs import ElevenLabs, patience_for
from engine.providers.online.elevenlabs_answers import transcript
from engine.providers.online.failures import FailureKind, ProviderFailure
from engine.providers.online.outgoing import Sending, SendingRefused, refuse, sending_words
from engine.providers.online.transport import Patience, Transport
from engine.providers.transcriber import TranscribeReply, TranscribeRequest
from engine.running import ThreadCancelToken, ignore
from engine.vault import Keys, Source
from tests.engine.providers.online import elevenlabs_service as service
from tests.engine.providers.online.elevenlabs_service import ElevenLabsService
from tests.engine.providers.online.faulty import ELEVENLABS, Case
from tests.engine.providers.online.server import FaithfulServer, instead, json_answer, serving

pytestmark = pytest.mark.integration
IMPATIENT, PATIENT = Patience(0.5, 0.9), Patience(20, 30)


@pytest.fixture
def server() -> Iterator[FaithfulServer]:
    with serving(ElevenLabsService()) as one:
        yield one


def faithful(server: FaithfulServer) -> ElevenLabsService:
    assert isinstance(server.service, ElevenLabsService)
    return server.service


def elevenlabs(server: FaithfulServer, *, patience: Patience = PATIENT, **other: object) -> ElevenLabs:
    transport = Transport("elevenlabs", "ElevenLabs", server.base_url)
    keys = Keys("elevenlabs", {"key": service.KEY}, Source.REQUEST)
    named = {"gate": lambda _sending, _cancel: None, "patience": lambda _seconds: patience, **other}
    return ElevenLabs(transport, lambda: keys, "scribe_v2", **named)  # type: ignore[arg-type]


def beeps(*ranges: tuple[float, float], seconds: float = 3.0) -> bytes:
    sound = np.zeros(round(seconds * 16_000), "<i2")
    for start, end in ranges:
        place = slice(round(start * 16_000), round(end * 16_000))
        sound[place] = 9000 * np.sin(np.arange(place.stop - place.start) * 0.2)
    return sound.tobytes()


SOUND = beeps((0.2, 0.6), (0.7, 1.0), (2.0, 2.5))


def transcribe(heard: ElevenLabs, sound: bytes = SOUND, **params: Any) -> TranscribeReply:
    return heard.transcribe(TranscribeRequest(sound, params), cancel=ThreadCancelToken(), report=ignore)


def test_words_come_back_with_times_at_the_price_on_the_services_bill(server: FaithfulServer) -> None:
    editor = elevenlabs(server)
    reply = transcribe(editor)
    found = editor.read(reply.raw)
    assert [(word.text, word.start, word.end, word.speaker) for word in found.words] == [
        ("One", Fraction(1, 5), Fraction(3, 5), "speaker_0"), ("two", Fraction(7, 10), 1, "speaker_0"),
        ("three", 2, Fraction(5, 2), "speaker_0"),
    ]
    assert found.language == "eng" and found.duration == 3
    assert reply.cost_usd == pytest.approx(server.bill_usd, abs=1e-6) and server.bill_usd > 0


def test_only_the_bare_sound_leaves(server: FaithfulServer) -> None:
    transcribe(elevenlabs(server), language="EN", speakers=2.0, sounds=True)
    (asked,), (received,) = faithful(server).asked, server.received
    assert asked.sound.tobytes() == SOUND and asked.filename == "sound.pcm"
    assert asked.fields == {
        "model_id": "scribe_v2", "file_format": "pcm_s16le_16", "timestamps_granularity": "word", "diarize": "true",
        "num_speakers": "2", "tag_audio_events": "true", "language_code": "en",
    }
    assert received.target == "/v1/speech-to-text" and service.KEY not in received.target
    assert received.body.count(b"Content-Disposition") == len(asked.fields) + 1


def test_defaults_are_said_outright(server: FaithfulServer) -> None:
    transcribe(elevenlabs(server), diarize=False, speakers=3, model="scribe_v1")
    (asked,) = faithful(server).asked
    assert asked.model == "scribe_v1" and asked.fields["diarize"] == "false" and asked.fields["tag_audio_events"] == "false"
    assert "language_code" not in asked.fields and "num_speakers" not in asked.fields


def test_what_cannot_be_asked_is_not_sent(server: FaithfulServer) -> None:
    for name, value in (("model", "a b"), ("language", "english"), ("language", "e1"), ("speakers", 33)):
        with pytest.raises(BadInputError):
            transcribe(elevenlabs(server), SOUND, **{name: value})
    with pytest.raises(BadInputError, match="too short"):
        transcribe(elevenlabs(server), b"\0" * 100)
    assert server.received == []


def test_a_long_sound_is_waited_for_longer() -> None:
    short, hour = patience_for(10), patience_for(3600)
    assert hour.total_s - short.total_s == 3590 and short.total_s >= 600 and hour.read_s >= 3600


@pytest.mark.parametrize("case", ELEVENLABS, ids=lambda case: case.name)
def test_every_fault_ends_in_a_result_or_a_clear_choice(server: FaithfulServer, case: Case) -> None:
    server.then(*case.faults)
    if case.at_the_door is not None:
        server.at_the_door(case.at_the_door)
    kept: list[TranscribeReply] = []
    heard = elevenlabs(server, patience=IMPATIENT if case.is_slow else PATIENT)
    sound = SOUND if case.at_the_door is None else bytes(24 << 20)  # more than the system takes along for nobody
    request = TranscribeRequest(sound, {}, lambda reply: kept.append(reply) or "asset")  # type: ignore[func-returns-value]
    with pytest.raises(ProviderFailure) as caught:
        heard.transcribe(request, cancel=ThreadCancelToken(), report=ignore)
    failure = caught.value
    assert failure.kind is case.kind and case.says in failure.text, failure
    assert failure.hint and failure.text.endswith(".") and not kept
    assert failure.is_repeatable == case.is_repeatable and (failure.retry_at is not None) == case.is_waited_for
    assert failure.may_have_billed == case.may_have_billed and len(server.received) == case.requests
    shown = str(failure) + repr(vars(failure))
    assert service.KEY not in shown and service.KEY[-4:] not in shown


def test_a_long_sound_is_sent_without_a_copy_of_it_in_memory(server: FaithfulServer, tmp_path: Path) -> None:
    length, got = 48 << 20, [0]

    def listens(handler: Any) -> None:
        left = int(handler.headers["Content-Length"])
        while piece := handler.rfile.read(min(left, 1 << 16)):
            left, got[0] = left - len(piece), got[0] + len(piece)
        handler.send(json_answer({"words": [], "text": ""}))

    with (tmp_path / "sound").open("w+b") as file:
        file.truncate(length)
        sound = memoryview(mmap.mmap(file.fileno(), length, access=mmap.ACCESS_READ))
        server.at_the_door(listens)
        tracemalloc.start()
        try:
            elevenlabs(server).transcribe(TranscribeRequest(sound), cancel=ThreadCancelToken(), report=ignore)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert got[0] > length and peak < 4 << 20, f"{peak >> 20} MB"


def test_a_wrong_key_and_a_missing_one_are_told_from_an_empty_account(server: FaithfulServer) -> None:
    faithful(server).key = "another"
    with pytest.raises(ProviderFailure) as caught:
        transcribe(elevenlabs(server))
    assert caught.value.kind is FailureKind.AUTH
    server.then(lambda handler, _made: handler.send(service.out_of_credit()))
    with pytest.raises(ProviderFailure) as caught:
        transcribe(elevenlabs(server))
    assert caught.value.kind is FailureKind.QUOTA and caught.value.retry_at is None and not caught.value.is_repeatable
    assert "3 credits remaining" in caught.value.text


def test_nothing_leaves_without_leave_and_the_gate_sees_it(server: FaithfulServer) -> None:
    with pytest.raises(SendingRefused, match="a sound of 3 s would go to ElevenLabs"):
        transcribe(elevenlabs(server, gate=refuse))
    assert server.received == []
    seen: list[Sending] = []
    transcribe(elevenlabs(server, gate=lambda sending, _cancel: seen.append(sending)))
    assert seen[0].enclosed[0].data in server.received[0].body and "$" in sending_words(seen[0])
    assert "16 kHz" in seen[0].notes[0] and "No picture" in seen[0].notes[0]
    assert seen[0].upper_usd == 2 * (seen[0].cost.usd or 0) and not seen[0].picture


def test_what_was_paid_for_is_kept_before_it_is_looked_at(server: FaithfulServer) -> None:
    faithful(server).made = lambda _asked: {"words": [{"text": 5, "start": "x"}, None, {"text": "Yes", "type": "word"}]}
    kept: list[bytes] = []
    request = TranscribeRequest(SOUND, {}, lambda reply: kept.append(reply.raw) or "asset")  # type: ignore[func-returns-value]
    heard = elevenlabs(server)
    reply = heard.transcribe(request, cancel=ThreadCancelToken(), report=ignore)
    assert kept == [reply.raw] and reply.kept == "asset"
    assert [word.text for word in heard.read(reply.raw).words] == ["Yes"]


def raw(*words: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"words": list(words), **more}).encode()


def test_words_without_times_or_speakers_are_not_lost() -> None:
    found = transcript(raw(
        {"text": "A", "start": 1, "end": 2, "type": "word", "speaker_id": None}, {"text": " ", "type": "spacing"},
        {"text": "b", "type": "word"}, {"text": " ", "type": "spacing", "start": None},
        {"text": "c", "start": 4.5, "end": 4.0, "type": "word"},
        {"text": "(laughter)", "start": 5, "end": 6, "type": "audio_event"},
    )).words  # fmt: skip
    assert [(word.text, word.start, word.end) for word in found] == [
        ("A", 1, 2), ("b", 2, Fraction(9, 2)), ("c", Fraction(9, 2), Fraction(9, 2)), ("(laughter)", 5, 6),
    ]
    assert found[-1].is_event and all(word.has_space_before for word in found)


def test_scripts_without_spaces_and_several_channels() -> None:
    found = transcript(raw(*({"text": sign, "start": n, "end": n + 1, "type": "word"} for n, sign in enumerate("春は"))))
    assert [word.has_space_before for word in found.words] == [True, False]
    channel = {"words": [{"text": "left", "start": 1, "end": 2}], "language_code": "de"}
    other = {"words": [{"text": "right", "start": 0, "end": 1}], "language_code": "de"}
    both = transcript(json.dumps({"transcripts": [channel, other]}).encode())
    assert [word.text for word in both.words] == ["right", "left"] and both.language == "de"
    assert transcript(raw()) == transcript(json.dumps({"words": []}).encode()) and transcript(raw()).words == ()


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b'{"words": 3}', b'{"transcripts": []}', b'{"transcripts": [{"text": "x"}]}'])
def test_what_holds_no_words_is_a_failure(data: bytes) -> None:
    with pytest.raises(ProviderFailure, match="cannot be read"):
        transcript(data)


def test_words_have_a_type(server: FaithfulServer) -> None:
    assert isinstance(elevenlabs(server).read(transcribe(elevenlabs(server)).raw).words[0], Word)


def test_a_wrong_address_is_not_called_a_model_that_is_gone(server: FaithfulServer) -> None:
    for answer, kind in (
        (json_answer({"detail": "Not Found"}, 404), FailureKind.INVALID),
        (service.older(404, "model_not_found", "No such model"), FailureKind.MODEL_GONE),
        (json_answer({"detail": "Unauthorized"}, 401), FailureKind.AUTH),
        (json_answer("what?", 429), FailureKind.QUOTA),
    ):
        server.then(instead(answer))
        with pytest.raises(ProviderFailure) as caught:
            transcribe(elevenlabs(server))
        assert caught.value.kind is kind and caught.value.hint
