"""A server on this machine that stands for the services: it is asked over real HTTP, keeps all it receives, and fails on request.

What a service demands and answers is in `gemini_service.py` and `openai_service.py`; faults on the way (a reset, a drip, a web
page, a redirect) are here. It knows nothing of the program.
"""

import gzip
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SIGN_IN = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Welcome to the hotel's network</body></html>"


@dataclass(frozen=True)
class Received:
    """A request as it came; header names are in small letters."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    def json(self) -> Any:
        return json.loads(self.body)

    def everything(self) -> bytes:
        """All that left, in one piece, to be searched."""
        return "\n".join([self.method, self.target, *(f"{k}: {v}" for k, v in self.headers.items())]).encode() + b"\n" + self.body


@dataclass
class Answer:
    """`bill_usd` is what the service writes on its bill for it."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json; charset=UTF-8"})
    bill_usd: float = 0.0


Service = Callable[[Received], Answer]
Fault = Callable[["_Handler", Callable[[], Answer]], None]
"""Answers in the service's stead; the function gives what the service would have answered (and writes its bill)."""


def json_answer(value: object, status: int = 200, bill_usd: float = 0.0, **headers: str) -> Answer:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    body = json.dumps(value, indent=1).encode()
    return Answer(status, body, {"Content-Type": "application/json; charset=UTF-8", **named}, bill_usd)


class FaithfulServer:
    """`then` says what goes wrong with the next requests; else the service answers. `received` and `bill_usd` are the truth."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.received: list[Received] = []
        self.bill_usd = 0.0
        self.is_closing = threading.Event()
        self.came = threading.Event()
        """Set once a whole request is there."""
        self._faults: list[Fault | None] = []
        self._at_the_door: list[Callable[[_Handler], None]] = []
        self._lock = threading.Lock()
        self._http = _Server(self)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), name="faithful server", daemon=True)
        self._thread.start()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def then(self, *faults: Fault | None) -> None:
        self._faults.extend(faults)

    def at_the_door(self, *faults: "Callable[[_Handler], None]") -> None:
        """What goes wrong with the next requests before they are read."""
        self._at_the_door.extend(faults)

    def met(self) -> "Callable[[_Handler], None] | None":
        with self._lock:
            return self._at_the_door.pop(0) if self._at_the_door else None

    def close(self) -> None:
        self.is_closing.set()
        self._http.shutdown()
        self._http.hang_up()
        self._http.server_close()
        self._thread.join(5)

    def take(self, request: Received) -> Fault | None:
        with self._lock:
            self.received.append(request)
            fault = self._faults.pop(0) if self._faults else None
        self.came.set()
        return fault

    def answer(self, request: Received) -> Answer:
        made = self.service(request)
        with self._lock:
            self.bill_usd += made.bill_usd
        return made


@contextmanager
def serving(service: Service) -> Iterator[FaithfulServer]:
    server = FaithfulServer(service)
    try:
        yield server
    finally:
        server.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True

    def __init__(self, owner: FaithfulServer) -> None:
        self.owner = owner
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End the connections that clients keep for their next request."""
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RD)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    timeout = 10

    def handle_one_request(self) -> None:
        with suppress(ConnectionError, TimeoutError):
            super().handle_one_request()

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        owner = self.server.owner
        if (met := owner.met()) is not None:
            met(self)
            self.close_connection = True
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        request = Received(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
        fault = owner.take(request)
        if fault is None:
            self.send(owner.answer(request))
        else:
            fault(self, lambda: owner.answer(request))

    def send(self, answer: Answer) -> None:
        self.head(answer, len(answer.body))
        self.wfile.write(answer.body)

    def head(self, answer: Answer, length: int) -> None:
        self.begun(answer, {"Content-Length": str(length)})

    def begun(self, answer: Answer, framing: Mapping[str, str]) -> None:
        self.send_response_only(answer.status)
        if "Date" not in answer.headers:
            self.send_header("Date", self.date_time_string())
        for name, value in {**answer.headers, **framing}.items():
            self.send_header(name, value)
        self.end_headers()

    def reset(self) -> None:
        """Close the connection so that the client sees a reset, not an end."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.wfile.flush()
        self.close_connection = True
        self.connection.close()

    def log_message(self, format: str, *args: Any) -> None:
        """Tests are quiet."""


# Faults on the way, the same for every service.


def status(code: int, body: bytes = b"", **headers: str) -> Fault:
    named = {"Content-Type": "application/json", **{name.replace("_", "-"): text for name, text in headers.items()}}
    return lambda handler, _made: handler.send(Answer(code, body, dict(named)))


def instead(answer: Answer) -> Fault:
    return lambda handler, _made: handler.send(answer)


def html_page(handler: _Handler, _made: Callable[[], Answer]) -> None:
    handler.send(Answer(200, SIGN_IN, {"Content-Type": "text/html"}))


def bad_gateway(handler: _Handler, _made: Callable[[], Answer]) -> None:
    handler.send(Answer(502, b"<html><body>502 Bad Gateway</body></html>", {"Content-Type": "text/html"}))


def truncated_json(handler: _Handler, made: Callable[[], Answer]) -> None:
    answer = made()
    answer.body = answer.body[: len(answer.body) // 2]
    handler.send(answer)


def reset_mid_body(handler: _Handler, made: Callable[[], Answer]) -> None:
    answer = made()
    handler.head(answer, len(answer.body))
    handler.wfile.write(answer.body[: len(answer.body) // 2])
    handler.reset()


def short_body(handler: _Handler, made: Callable[[], Answer]) -> None:
    """Ends politely before the length that was announced."""
    answer = made()
    handler.head(answer, len(answer.body))
    handler.wfile.write(answer.body[: len(answer.body) // 2])
    handler.close_connection = True


def reset_at_once(handler: _Handler, made: Callable[[], Answer]) -> None:
    made()
    handler.reset()


def slow_drip(handler: _Handler, made: Callable[[], Answer]) -> None:
    """A byte now and then, for as long as anybody listens."""
    answer = made()
    handler.head(answer, len(answer.body))
    for at in range(len(answer.body)):
        if handler.server.owner.is_closing.wait(0.1):
            break
        handler.wfile.write(answer.body[at : at + 1])
        handler.wfile.flush()
    handler.close_connection = True


def endless_wait(handler: _Handler, made: Callable[[], Answer]) -> None:
    """Takes the request, works on it, and never says a word."""
    made()
    handler.server.owner.is_closing.wait(60)
    handler.close_connection = True


def reads_nothing(handler: _Handler) -> None:
    """Takes the head of a request and then no more of it."""
    handler.server.owner.is_closing.wait(60)


def reads_slowly(handler: _Handler) -> None:
    """Takes a little now and then, for as long as anybody sends."""
    while not handler.server.owner.is_closing.wait(0.1) and handler.rfile.read(64):
        pass


def reset_while_reading(handler: _Handler) -> None:
    handler.rfile.read(1 << 16)
    handler.reset()


def renamed(how: Callable[[Any], Any]) -> Fault:
    """The service's answer with its names spelled otherwise."""

    def fault(handler: _Handler, made: Callable[[], Answer]) -> None:
        answer = made()
        answer.body = json.dumps(how(json.loads(answer.body))).encode()
        handler.send(answer)

    return fault


# The same answer in other ways that HTTP allows.


def in_chunks(handler: _Handler, made: Callable[[], Answer]) -> None:
    """Without a length, in pieces that say their own."""
    answer = made()
    handler.begun(answer, {"Transfer-Encoding": "chunked"})
    for start in range(0, len(answer.body), 777):
        piece = answer.body[start : start + 777]
        handler.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
    handler.wfile.write(b"0\r\n\r\n")


def to_the_end(handler: _Handler, made: Callable[[], Answer]) -> None:
    """Without a length, ended by the end of the connection."""
    answer = made()
    handler.begun(answer, {"Connection": "close"})
    handler.wfile.write(answer.body)
    handler.close_connection = True


def packed(handler: _Handler, made: Callable[[], Answer]) -> None:
    """Compressed, as far as the client takes it."""
    answer = made()
    if "gzip" in handler.headers.get("Accept-Encoding", ""):
        answer.body = gzip.compress(answer.body)
        answer.headers["Content-Encoding"] = "gzip"
    handler.send(answer)


OTHER_WAYS: dict[str, Fault] = {"in chunks": in_chunks, "to the end of the connection": to_the_end, "packed": packed}


def huge_body(size: int) -> Fault:
    def fault(handler: _Handler, made: Callable[[], Answer]) -> None:
        answer = made()
        handler.head(answer, size)
        piece = b" " * (1 << 16)
        for _ in range(size // len(piece)):
            handler.wfile.write(piece)

    return fault


def redirect(to: str, code: int = 307) -> Fault:
    return lambda handler, _made: handler.send(Answer(code, b"", {"Location": to}))
