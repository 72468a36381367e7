"""Speech to text by ElevenLabs: a bare sound (16 kHz, one channel) and what is to be told of it. Never a film, never a name."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from engine import limits
from engine.captions.transcript import Transcript
from engine.errors import BadInputError
from engine.providers.online.answers import json_of
from engine.providers.online.attempting import Attempts, PaidRequest, once
from engine.providers.online.elevenlabs_answers import ID, NAME, Answered, answered, failure_of, transcript
from engine.providers.online.forms import Data, Part
from engine.providers.online.offered_transcribers import elevenlabs_info
from engine.providers.online.outgoing import MODEL_ID, Enclosed, Gate, Sending, refuse
from engine.providers.online.prices import estimate_usd
from engine.providers.online.table import provider_facts
from engine.providers.online.transport import Patience, Transport
from engine.providers.protocol import ProviderInfo
from engine.providers.transcriber import TranscribeReply, TranscribeRequest
from engine.running import CancelToken, Progress, Report
from engine.vault import Keys

ANSWER_MAX_BYTES = 2 * limits.REPLY_MAX_BYTES
_UPPER = 2.0
"""A request costs at most this many times its estimate: plans differ, and an older official table asked for 0.40 an hour."""
_ANSWER_S, _SOUND_MAX_S = 600.0, 36_000.0
_LEAST_S = 0.1
_SPEAKERS_MAX = 32
NOTE = "The timeline's sound, mixed to one channel at 16 kHz. No picture and no name goes with it."
Patient = Callable[[float], Patience]
"""How long an answer to so many seconds of sound is waited for."""


def patience_for(seconds: float) -> Patience:
    """As long as the table says, and with every second of sound one more: it must be sent before it is heard."""
    whole = (provider_facts(ID).limit("answer_seconds") or _ANSWER_S) + seconds
    return Patience(read_s=whole, total_s=whole)


@dataclass(frozen=True, slots=True)
class _Asked:
    sound: Data = field(repr=False)
    fields: tuple[tuple[str, str], ...]

    def digest(self) -> str:
        """Names what is sent; equal for equal requests."""
        text = "\n".join(f"{name}={value}" for name, value in self.fields) + "\n"
        found = hashlib.blake2b(text.encode(), digest_size=16)
        found.update(self.sound)
        return found.hexdigest()


class ElevenLabs:
    """A Transcriber. `keys` is asked at each request; `gate` sees everything before it leaves."""

    def __init__(
        self, transport: Transport, keys: Callable[[], Keys], model: str, *, gate: Gate = refuse, attempts: Attempts = once,
        patience: Patient = patience_for,
    ) -> None:
        self._transport, self._keys, self._model = transport, keys, model
        self._gate, self._attempts, self._patience = gate, attempts, patience

    @property
    def info(self) -> ProviderInfo:
        return elevenlabs_info(self._model)

    def read(self, raw: bytes) -> Transcript:
        return transcript(raw)

    def transcribe(self, request: TranscribeRequest, *, cancel: CancelToken, report: Report) -> TranscribeReply:
        """Raises: BadInputError, SendingRefused, ProviderFailure; Cancelled."""
        model = str(request.params.get("model", "") or self._model)
        asked, seconds = _Asked(request.sound, tuple(_fields(request, model).items())), request.seconds
        estimate = estimate_usd(ID, model, sound_seconds=seconds)
        usd = estimate.usd or 0.0
        self._gate(Sending(
            ID, NAME, str(self._transport.origin), model, b"", (0, 0), (0, 0), "", estimate, asked.digest(),
            (NOTE,), enclosed=(Enclosed("Sound", asked.sound, seconds=seconds),), gives="Words with their times",
            upper_usd=usd * _UPPER,
        ), cancel)
        report(Progress(0.05, f"Waiting for {NAME}"))
        keys = self._keys()

        def post() -> Answered:
            found = self._post(asked, model, seconds, keys, cancel)
            return replace(found, kept=request.kept(TranscribeReply(found.raw, found.cost_usd, model)))

        paid = PaidRequest(ID, "transcription", model, usd, asked.digest(), usd * _UPPER)
        found = self._attempts(paid, post, cancel=cancel, report=report)
        return TranscribeReply(found.raw, found.cost_usd, model, found.kept)

    def _post(self, asked: _Asked, model: str, seconds: float, keys: Keys, cancel: CancelToken) -> Answered:
        sound = Part("file", "sound.pcm", "application/octet-stream", asked.sound)
        reply = self._transport.post_form(
            "/v1/speech-to-text", dict(asked.fields), [sound], keys={"xi-api-key": keys["key"]}, patience=self._patience(seconds),
            max_bytes=ANSWER_MAX_BYTES, cancel=cancel,
        )
        if not reply.is_ok:
            raise failure_of(reply, model, keys.secrets())
        return answered(json_of(reply, ID, NAME), reply, model, seconds)


def _fields(request: TranscribeRequest, model: str) -> dict[str, str]:
    """Raises: BadInputError: no model's id, no language, no sound or too much of it."""
    params, seconds = request.params, request.seconds
    if not MODEL_ID.fullmatch(model):
        raise BadInputError(f"“{model}” is no model id.", "It is made of letters, digits, dots and dashes.")
    longest = provider_facts(ID).limit("sound_seconds") or _SOUND_MAX_S
    if not _LEAST_S <= seconds <= longest:
        how = "too short to hold words" if seconds < _LEAST_S else f"longer than the {longest / 3600:g} hours {NAME} takes"
        raise BadInputError(f"The sound is {how}.", "Choose another range.")
    language, speakers = str(params.get("language", "")).strip().lower(), int(float(params.get("speakers", 0)))
    if language and not (language.isascii() and language.isalpha() and len(language) in {2, 3}):
        raise BadInputError(f"“{language}” is no language code.", "Give two or three letters such as en, or none.")
    fields = {
        "model_id": model, "file_format": "pcm_s16le_16", "timestamps_granularity": "word",
        "diarize": _switch(params.get("diarize", True)), "tag_audio_events": _switch(params.get("sounds", False)),
    }
    if not 0 <= speakers <= _SPEAKERS_MAX:
        raise BadInputError(f"{NAME} tells at most {_SPEAKERS_MAX} speakers apart, not {speakers}.", "0 lets it count them.")
    if speakers and fields["diarize"] == "true":
        fields["num_speakers"] = str(speakers)
    if language:
        fields["language_code"] = language
    return fields


def _switch(value: float | str | bool) -> str:
    return "true" if value else "false"
