"""Videos by Google's Veo: words, a first frame, a last frame in; an operation that is looked at until its file can be fetched.

The same host and the same key as Gemini. The forms are those that the service takes, which differ from its own samples: pictures
as `bytesBase64Encoded`, seconds as a number, nothing that it might refuse.
"""

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from engine.providers.generation import (
    Accepted,
    GenerateRequest,
    Look,
    Prepared,
    Rgb8,
)
from engine.providers.online import downloads
from engine.providers.online.addresses import address, origin_of
from engine.providers.online.answers import json_of
from engine.providers.online.bounds import patience_of, pictures_max_bytes
from engine.providers.online.failures import FailureKind, ProviderFailure
from engine.providers.online.frames_out import FramesOut, frames_out
from engine.providers.online.generator_rules import Ruled
from engine.providers.online.google_errors import VEO, failure_of
from engine.providers.online.outgoing import Sending
from engine.providers.online.prices import dearest_video_usd, estimate_usd
from engine.providers.online.transport import Patience, Reply, Transport
from engine.providers.online.veo_answers import ID, NAME, is_operation_name, looked, operation_name
from engine.running import CancelToken, Report
from engine.store.operation_values import Download
from engine.vault import Keys

_LONG_SIDE = {"720p": 1280, "1080p": 1920, "4k": 1920}
"""Larger pictures are not looked at any finer."""
_ANSWER_MAX_BYTES = 1 << 20
_TO_SEND_S = 30.0
_LOOK = Patience(read_s=20.0, total_s=30.0)


class Veo(Ruled):
    """A VideoGenerator. `official` is the service's own address: links in answers lead there, also through a gateway."""

    takes_names = False

    def __init__(
        self, transport: Transport, keys: Callable[[], Keys], official: str, *, send: Patience | None = None,
        look: Patience = _LOOK,
    ) -> None:
        self._transport, self._keys, self._official = transport, keys, official
        self._send, self._look = send or patience_of(ID, _TO_SEND_S), look
        super().__init__(ID)

    def prepared(self, request: GenerateRequest, first: Rgb8 | None, last: Rgb8 | None) -> Prepared:
        """Raises: BadInputError."""
        self._rules.check(request)
        model, pictures = self._rules.model(request), [one for one in (first, last) if one is not None]
        wide, high = (int(part) for part in request.aspect.split(":"))
        sent = FramesOut((), (0, 0), (0, 0))
        if pictures:
            side = _LONG_SIDE.get(request.resolution, 1920)
            sent = frames_out(pictures, wide / high, max_side=side, max_bytes=pictures_max_bytes(ID))
        body = _body(request, sent.pngs)
        estimate = estimate_usd(ID, model, seconds=float(request.duration_s), variant=request.resolution)
        sending = Sending(
            ID, NAME, str(self._transport.origin), model, sent.pngs[0] if sent.pngs else b"", sent.size, sent.source,
            request.prompt.strip(), estimate, _digest(model, body), sent.notes,
            last_picture=sent.pngs[1] if len(sent.pngs) > 1 else b"", leave_out=request.negative_prompt.strip(),
            gives=f"{request.duration_s} s, {request.resolution}, {request.aspect}, with sound",
            upper_usd=None if estimate.usd is not None else dearest_video_usd(ID, request.duration_s),
        )
        return Prepared(request, sending, body)

    def submit(self, prepared: Prepared, name: str, *, cancel: CancelToken) -> Accepted:
        try:
            return self._submitted(prepared.sending.model, prepared.body, cancel)
        except ProviderFailure as failure:
            without = _without_negative(prepared.body)
            if failure.kind is not FailureKind.INVALID or "negativeprompt" not in failure.text.lower() or without is None:
                raise
        # A refusal proves that nothing was begun. The documents differ on whether this parameter is taken.
        return self._submitted(
            prepared.sending.model, without, cancel, warnings=(f"{NAME} takes no negative prompt now; it was left out.",)
        )

    def _submitted(self, model: str, body: dict[str, Any], cancel: CancelToken, warnings: tuple[str, ...] = ()) -> Accepted:
        keys = self._keys()
        reply = self._transport.post_json(
            f"/v1beta/models/{model}:predictLongRunning", body, keys=_header(keys), patience=self._send,
            max_bytes=_ANSWER_MAX_BYTES, cancel=cancel,
        )
        if not reply.is_ok:
            raise failure_of(reply, model, keys.secrets(), who=VEO)
        return Accepted(operation_name(json_of(reply, ID, NAME)), warnings=warnings)

    def look(self, remote_id: str, model: str, *, cancel: CancelToken) -> Look:
        keys = self._keys()
        if not is_operation_name(remote_id):
            raise ProviderFailure(FailureKind.INVALID, ID, f"“{remote_id[:80]}” is no name of an operation of {NAME}.")
        reply = self._transport.get(
            f"/v1beta/{remote_id}", keys=_header(keys), patience=self._look, max_bytes=_ANSWER_MAX_BYTES, cancel=cancel
        )
        if not reply.is_ok:
            raise self._not_looked(reply, model, keys)
        return looked(json_of(reply, ID, NAME), keys.secrets())

    def _not_looked(self, reply: Reply, model: str, keys: Keys) -> ProviderFailure:
        if reply.status == 404:
            text = f"{NAME} does not know this operation (any more)."
            return ProviderFailure(FailureKind.INVALID, ID, text, "It is kept there for two days.", raw_code="404")
        return failure_of(reply, model, keys.secrets(), who=VEO)

    def find(self, name: str, model: str, *, cancel: CancelToken) -> Accepted | None:
        return None

    def fetch(
        self, download: Download, part: Path, *, noted: Callable[[Download], None], cancel: CancelToken, report: Report
    ) -> None:
        link = Download(self._moved(download.url), download.part_name, download.validator, download.total_bytes)
        downloads.fetch(
            self._transport, link, part, keys=_header(self._keys()), cancel=cancel, report=report,
            noted=lambda known: noted(Download(download.url, known.part_name, known.validator, known.total_bytes)),
        )

    def _moved(self, url: str) -> str:
        """The link at the address that the service was moved to; a link that leads elsewhere as it is."""
        try:
            is_official = origin_of(url) == origin_of(self._official)
        except ValueError:
            return url
        parts = urlsplit(url)
        query = f"?{parts.query}" if parts.query else ""
        return address(self._transport.base_url, f"{parts.path}{query}") if is_official and parts.path else url


def _header(keys: Keys) -> dict[str, str]:
    return {"x-goog-api-key": keys["key"]}


def _body(request: GenerateRequest, pngs: tuple[bytes, ...]) -> dict[str, Any]:
    instance: dict[str, Any] = {"prompt": request.prompt.strip()} if request.prompt.strip() else {}
    for name, picture in zip(("image", "lastFrame"), pngs, strict=False):
        instance[name] = {"bytesBase64Encoded": base64.b64encode(picture).decode("ascii"), "mimeType": "image/png"}
    parameters: dict[str, Any] = {
        "aspectRatio": request.aspect, "resolution": request.resolution, "durationSeconds": request.duration_s,
    }
    if request.negative_prompt.strip():
        parameters["negativePrompt"] = request.negative_prompt.strip()
    return {"instances": [instance], "parameters": parameters}


def _without_negative(body: dict[str, Any]) -> dict[str, Any] | None:
    parameters = {name: value for name, value in body["parameters"].items() if name != "negativePrompt"}
    return {**body, "parameters": parameters} if "negativePrompt" in body["parameters"] else None


def _digest(model: str, body: dict[str, Any]) -> str:
    text = json.dumps([model, body], sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
