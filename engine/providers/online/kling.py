"""Videos by Kling from one picture or two, over both of its interfaces: which one is asked is decided by the model's id.

Every request carries a name of ours (`external_task_id`), so that one whose answer was lost can be found again.
"""

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.providers.generation import Accepted, GenerateRequest, Look, Prepared, Rgb8
from engine.providers.online import downloads
from engine.providers.online.answers import json_of, snake_cased, table
from engine.providers.online.bounds import patience_of
from engine.providers.online.failures import FailureKind, ProviderFailure
from engine.providers.online.frames_out import frames_out
from engine.providers.online.generator_rules import Ruled, is_second_generation
from engine.providers.online.kling_answers import CLOCK_CODES, ID, NAME, accepted, code_of, failure_of, looked, task_of
from engine.providers.online.kling_keys import Bearer
from engine.providers.online.outgoing import Sending
from engine.providers.online.prices import dearest_video_usd, estimate_usd
from engine.providers.online.table import provider_facts
from engine.providers.online.transport import Patience, Reply, Transport
from engine.running import CancelToken, Report
from engine.store.operation_values import Download
from engine.vault import Keys

MIN_SIDE = 300
RATIO_MAX = 2.5
PICTURE_MAX_BYTES = 10_000_000
_LONG_SIDE = {"720p": 1280, "1080p": 1920, "4k": 1920}
_ANSWER_MAX_BYTES = 1 << 20
_TO_SEND_S = 30.0
_LOOK = Patience(read_s=20.0, total_s=30.0)
_FIRST, _SECOND = "/v1/videos/image2video", "/image-to-video"


class Kling(Ruled):
    """A VideoGenerator."""

    takes_names = True

    def __init__(
        self, transport: Transport, keys: Callable[[], Keys], *, bearer: Bearer | None = None, send: Patience | None = None,
        look: Patience = _LOOK,
    ) -> None:
        self._transport, self._keys, self._bearer = transport, keys, bearer or Bearer()
        self._send, self._look = send or patience_of(ID, _TO_SEND_S), look
        super().__init__(ID)

    def prepared(self, request: GenerateRequest, first: Rgb8 | None, last: Rgb8 | None) -> Prepared:
        """Raises: BadInputError."""
        self._rules.check(request)
        model, pictures = self._rules.model(request), [one for one in (first, last) if one is not None]
        ratio = pictures[0].shape[1] / pictures[0].shape[0]
        most = int(provider_facts(ID).limit("image_bytes") or PICTURE_MAX_BYTES)
        sent = frames_out(
            pictures, min(max(ratio, 1 / RATIO_MAX), RATIO_MAX), max_side=_LONG_SIDE.get(request.resolution, 1920),
            min_side=MIN_SIDE, max_bytes=most * 9 // 10 * len(pictures), max_each=most,
        )
        body = (_second_body if is_second_generation(model) else _first_body)(request, model, sent.pngs)
        estimate = estimate_usd(ID, model, seconds=float(request.duration_s), variant=request.resolution)
        sending = Sending(
            ID, NAME, str(self._transport.origin), model, sent.pngs[0], sent.size, sent.source, request.prompt.strip(), estimate,
            _digest(model, body), sent.notes, last_picture=sent.pngs[1] if len(sent.pngs) > 1 else b"",
            leave_out=request.negative_prompt.strip(), gives=f"{request.duration_s} s, {request.resolution}, silent",
            upper_usd=None if estimate.usd is not None else dearest_video_usd(ID, request.duration_s),
        )
        return Prepared(request, sending, body)

    def submit(self, prepared: Prepared, name: str, *, cancel: CancelToken) -> Accepted:
        model, body = prepared.sending.model, dict(prepared.body)
        if is_second_generation(model):
            path, body["options"] = f"{_SECOND}/{model}", {**body["options"], "external_task_id": name}
        else:
            path, body["external_task_id"] = _FIRST, name

        def post(header: dict[str, str]) -> Reply:
            return self._transport.post_json(
                path, body, keys=header, patience=self._send, max_bytes=_ANSWER_MAX_BYTES, cancel=cancel
            )

        return accepted(self._answered(post, model))

    def look(self, remote_id: str, model: str, *, cancel: CancelToken) -> Look:
        task = self._task("task_ids", remote_id, model, cancel)
        if task is None:
            text = f"{NAME} does not know this task (any more)."
            raise ProviderFailure(FailureKind.INVALID, ID, text, "It is asked again later.")
        return looked(task, self._keys().secrets())

    def find(self, name: str, model: str, *, cancel: CancelToken) -> Accepted | None:
        task = self._task("external_task_ids", name, model, cancel)
        return accepted({"data": task}) if task is not None else None

    def fetch(
        self, download: Download, part: Path, *, noted: Callable[[Download], None], cancel: CancelToken, report: Report
    ) -> None:
        """The link needs no key, and gets none."""
        downloads.fetch(self._transport, download, part, keys={}, noted=noted, cancel=cancel, report=report)

    def _task(self, by: str, name: str, model: str, cancel: CancelToken) -> dict[str, Any] | None:
        """What is known of a task; the older interface takes both kinds of names at one place."""
        is_second = is_second_generation(model)
        path = f"/tasks?{by}={name}" if is_second else f"{_FIRST}/{name}"

        def get(header: dict[str, str]) -> Reply:
            return self._transport.get(path, keys=header, patience=self._look, max_bytes=_ANSWER_MAX_BYTES, cancel=cancel)

        try:
            body = self._answered(get, model)
        except ProviderFailure as failure:
            if failure.kind in {FailureKind.MODEL_GONE, FailureKind.INVALID}:  # “no such resource”, and that is the task here
                return None
            raise
        return task_of(body)

    def _answered(self, call: Callable[[dict[str, str]], Reply], model: str) -> dict[str, Any]:
        """The body of a good answer. A token that is refused for its time is renewed once, by the service's own clock."""
        keys, is_second = self._keys(), is_second_generation(model)
        reply = call(self._bearer.header(keys, is_second=is_second))
        body = _body_of(reply)
        if code_of(body) in CLOCK_CODES:
            self._bearer.corrected(reply.headers.get("date", ""))
            reply = call(self._bearer.header(keys, is_second=is_second))
            body = _body_of(reply)
        if not reply.is_ok or code_of(body) > 0:
            raise failure_of(reply, body, model, keys.secrets())
        return body


def _body_of(reply: Reply) -> dict[str, Any]:
    """Of a bad answer whatever can be read. Raises: ProviderFailure where a good one cannot be read."""
    if reply.is_ok:
        return table(snake_cased(json_of(reply, ID, NAME)))
    try:
        value = json.loads(reply.body)
    except (ValueError, RecursionError):
        return {}
    return table(snake_cased(value))


def _first_body(request: GenerateRequest, model: str, pngs: tuple[bytes, ...]) -> dict[str, Any]:
    """Bare base64 without `data:`; seconds as a text; the size as a mode."""
    body: dict[str, Any] = {
        "model_name": model, "image": _base64(pngs[0]), "mode": "std" if request.resolution == "720p" else "pro",
        "duration": str(request.duration_s),
    }
    if len(pngs) > 1:
        body["image_tail"] = _base64(pngs[1])
    words = {"prompt": request.prompt.strip(), "negative_prompt": request.negative_prompt.strip()}
    return body | {name: text for name, text in words.items() if text}


def _second_body(request: GenerateRequest, model: str, pngs: tuple[bytes, ...]) -> dict[str, Any]:
    contents: list[dict[str, str]] = []
    if request.prompt.strip():
        contents.append({"type": "prompt", "text": request.prompt.strip()})
    for kind, picture in zip(("first_frame", "last_frame"), pngs, strict=False):
        contents.append({"type": kind, "url": _base64(picture)})
    settings = {"resolution": request.resolution, "duration": request.duration_s, "audio": "off", "multi_shot": False}
    return {"contents": contents, "settings": settings, "options": {"watermark_info": {"enabled": False}}}


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _digest(model: str, body: dict[str, Any]) -> str:
    text = json.dumps([model, body], sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
