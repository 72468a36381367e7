"""Fetches a result that is too large for memory: into a part file, from where that ends, to exactly the length announced.

What a broken fetch needs to go on stands in a `Download` (the store keeps it) and in the part file itself. Whether the file is a
video is looked at elsewhere.
"""

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from engine.errors import StorageError
from engine.providers.online.failures import FailureKind, ProviderFailure
from engine.providers.online.transport import Patience, Reply, Transport
from engine.running import CancelToken, Progress, Report
from engine.store.operation_values import Download

MAX_BYTES = 2 << 30
"""No service makes videos of this size."""
_PATIENCE = Patience(read_s=30.0, total_s=1800.0)
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+)")
Noted = Callable[[Download], None]


class ResultGone(ProviderFailure):
    """The link leads to nothing (any more)."""


def fetch(
    transport: Transport, download: Download, part: Path, *, keys: Mapping[str, str], noted: Noted, cancel: CancelToken,
    report: Report, patience: Patience = _PATIENCE,
) -> None:
    """See `VideoGenerator.fetch`. Where the server gives no tag, the file's length stands for it.

    Raises: ResultGone; ProviderFailure, TRANSIENT where another call goes on; StorageError; Cancelled.
    """
    have = part.stat().st_size if part.exists() else 0
    if download.total_bytes is not None and have == download.total_bytes:
        return
    goes_on = 0 < have < (download.total_bytes or 0)
    headers = {"Range": f"bytes={have}-"} if goes_on else {}
    if goes_on and download.validator:
        headers["If-Range"] = download.validator
    taker = _Part(transport, download, part, have if goes_on else 0, noted, report)
    try:
        reply = transport.download(
            download.url, keys=keys, headers=headers, taker=taker, patience=patience, cancel=cancel
        )
    finally:
        taker.close()
    if reply.status not in {200, 206}:
        _refused(transport, reply, part)
    taker.check()


class _Part:
    """Writes the part file, in the request's thread, until it is closed by whoever waits."""

    def __init__(
        self, transport: Transport, download: Download, part: Path, start: int, noted: Noted, report: Report
    ) -> None:
        self._transport, self._download, self._part = transport, download, part
        self._start, self._noted, self._report = start, noted, report
        self._lock = threading.Lock()
        self._file: BinaryIO | None = None
        self._is_closed = False
        self._written, self._total = start, download.total_bytes

    def begin(self, head: Reply) -> None:
        if "html" in head.headers.get("content-type", ""):
            raise self._broken(
                f"A web page came where {self._transport.name}'s video should have come.",
                "Check the network: a sign-in page or a proxy may stand in between.",
            )
        self._total = self._announced(head)
        validator = head.headers.get("etag", "") or head.headers.get("last-modified", "")
        if validator.startswith("W/"):
            validator = head.headers.get("last-modified", "")  # a weak tag does not say that the bytes are the same
        if (self._total or 0) > MAX_BYTES:
            raise self._bug(f"{self._transport.name} announced a file of {(self._total or 0) >> 20} MB; it was not taken.")
        self._noted(replace(self._download, part_name=self._part.name, validator=validator, total_bytes=self._total))
        with self._lock, _stored(self._part):
            if not self._is_closed:
                self._part.parent.mkdir(parents=True, exist_ok=True)
                self._file = self._part.open("r+b" if self._start else "wb")
                self._file.truncate(self._start)
                self._file.seek(self._start)

    def _announced(self, head: Reply) -> int | None:
        """The length of the whole file; sets where the answer's bytes belong."""
        found = _RANGE.fullmatch(head.headers.get("content-range", "").strip())
        if head.status == 206:
            if found is None or int(found[1]) != self._start:
                raise self._broken(f"{self._transport.name} answered with another part of the video.", "Try again.")
            if self._total is not None and int(found[2]) != self._total:
                self._part.unlink(missing_ok=True)  # without a tag, its length says that it is another file
                raise self._broken(f"{self._transport.name} has another video there than before.", "It is fetched anew.")
            return int(found[2])
        self._start = self._written = 0
        length = head.headers.get("content-length", "")
        return int(length) if length.isdigit() and "content-encoding" not in head.headers else None

    def take(self, piece: bytes) -> None:
        self._written += len(piece)
        if self._written > (self._total or MAX_BYTES):
            raise self._bug(f"{self._transport.name} sent more than it had announced.")
        with self._lock, _stored(self._part):
            if self._file is None or self._is_closed:
                raise OSError("nobody waits for it any more")
            self._file.write(piece)
        if self._total:
            megabytes = f"{self._written / 1e6:.1f} of {self._total / 1e6:.1f} MB"
            self._report(Progress(self._written / self._total, f"Fetching {megabytes}"))

    def close(self) -> None:
        with self._lock, _stored(self._part):
            self._is_closed = True
            if self._file is not None:
                self._file.close()

    def check(self) -> None:
        """Raises: ProviderFailure where less came than was announced."""
        if self._total is not None and self._written != self._total:
            raise self._broken(f"{self._transport.name}'s video came incomplete.", "It goes on where it stopped.")

    def _broken(self, text: str, hint: str) -> ProviderFailure:
        return ProviderFailure(FailureKind.TRANSIENT, self._transport.provider, text, hint)

    def _bug(self, text: str) -> ProviderFailure:
        return ProviderFailure(FailureKind.PROVIDER_BUG, self._transport.provider, text, "Try again later.")


@contextmanager
def _stored(part: Path) -> Iterator[None]:
    """The disk's errors as ours: the request's own are OSErrors too."""
    try:
        yield
    except OSError as error:
        text = f"“{part.name}” could not be written: {error.strerror or error}."
        raise StorageError(text, "Make room on the disk; it then goes on where it stopped.") from error


def _refused(transport: Transport, reply: Reply, part: Path) -> None:
    if reply.status == 416:  # what is here belongs to another file
        part.unlink(missing_ok=True)
    if reply.status in {403, 404, 410}:
        raise ResultGone(
            FailureKind.INVALID, transport.provider,
            f"{transport.name} does not have the video at its place any more ({reply.status}).",
            "Results are kept for a limited time.", raw_code=str(reply.status),
        )
    kind = FailureKind.AUTH if reply.status == 401 else FailureKind.TRANSIENT
    raise ProviderFailure(
        kind, transport.provider, f"{transport.name} did not hand out the video ({reply.status}).", "It is tried again.",
        raw_code=str(reply.status),
    )
