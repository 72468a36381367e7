"""A small server for the browser: a page, films with byte ranges, a job to fetch and an answer to post. On this machine only."""

import json
import re
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

_KINDS = {".mp4": "video/mp4", ".mov": "video/mp4", ".mkv": "video/x-matroska", ".ts": "video/mp2t"}


class FilmServer(ThreadingHTTPServer):
    """Serves until it is shut down; `answer` waits for what the page posts."""

    daemon_threads = True

    def __init__(self, page: Path, films: Mapping[str, Path], job: Any) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.page, self.films, self.job = page, films, job
        self._answer: dict[str, Any] | None = None
        self._answered = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"

    def take(self, answer: dict[str, Any]) -> None:
        self._answer = answer
        self._answered.set()

    def answer(self, limit: float) -> dict[str, Any] | None:
        """What the page posted; None where nothing came in so many seconds."""
        self._answered.wait(limit)
        return self._answer

    def handle_error(self, *_: Any) -> None:
        """A browser that closes a connection early is no news."""


@contextmanager
def serving(page: Path, films: Mapping[str, Path], job: Any) -> Iterator[FilmServer]:
    """A server that runs in a thread of its own for as long as the block."""
    with FilmServer(page, films, job) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FilmServer

    def do_GET(self) -> None:
        if self.path == "/":
            self._send(self.server.page.read_bytes(), "text/html")
        elif self.path == "/job":
            self._send(json.dumps(self.server.job).encode(), "application/json")
        elif self.path.removeprefix("/film/") in self.server.films:
            self._send_film(self.server.films[self.path.removeprefix("/film/")])
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._send(b"", "text/plain")
        self.server.take(json.loads(body))

    def log_message(self, *_: Any) -> None:
        """Nothing: standard error belongs to the check."""

    def _send(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _send_film(self, path: Path) -> None:
        size = path.stat().st_size
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        begin = int(asked[1]) if asked else 0
        end = min(size, int(asked[2]) + 1) if asked and asked[2] else size
        self.send_response(206 if asked else 200)
        self.send_header("Content-Type", _KINDS.get(path.suffix, "application/octet-stream"))
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(end - begin))
        if asked:
            self.send_header("Content-Range", f"bytes {begin}-{end - 1}/{size}")
        self.end_headers()
        with path.open("rb") as file:
            file.seek(begin)
            if end == size:
                shutil.copyfileobj(file, self.wfile)
            else:
                self.wfile.write(file.read(end - begin))
