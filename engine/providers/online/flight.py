"""One request on its way, in a thread of its own: it can be stopped at any moment, and says how far it had come.

`requests` hides the socket until the answer's head is there; the connections here show it to the flight that uses them, so that
stopping means closing it. Knows no service.
"""

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from requests.adapters import HTTPAdapter
from urllib3 import PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

T = TypeVar("T")
_LOOK_S = 0.05
"""How often who waits looks whether to go on."""
_FAREWELL_S = 0.2
"""How long a stopped thread is waited for; one that is still looking for its host ends by itself."""


class FlightStopped(Exception):  # noqa: N818 - nothing went wrong: it was told to
    """Raised in the flight's thread where it was stopped before its request had left."""


class Flight(Generic[T]):
    """`work` done in a thread of its own; `wait` gives what it returns or raises what it raises."""

    def __init__(self, work: Callable[[], T], name: str) -> None:
        self._work = work
        self._lock, self._done = threading.Lock(), threading.Event()
        self._result: T | None = None
        self._error: BaseException | None = None
        self._socket: socket.socket | None = None
        self._is_stopped = False
        self.is_leaving = False
        """True once a byte of the request may have left."""
        self.has_left = False
        """True once all of it has left: from then on the service may carry it out."""
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def wait(self, is_over: Callable[[], bool]) -> bool:
        """Start, and wait for the end: True; or False, and stopped, as soon as `is_over` says so."""
        self._thread.start()
        while not self._done.wait(_LOOK_S):
            if is_over() and not self._done.is_set():
                self._stop()
                return False
        return True

    def result(self) -> T:
        """What came of it; after `wait` said True."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._result  # type: ignore[return-value]  # it is a T where there was no error

    def _stop(self) -> None:
        with self._lock:
            self._is_stopped = True
            if self._socket is not None:
                with contextlib.suppress(OSError):
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
        self._thread.join(_FAREWELL_S)

    def _run(self) -> None:
        _CURRENT.flight = self
        try:
            self._result = self._work()
        except BaseException as error:  # whatever it is, it is raised again where it is waited for
            self._error = error
        self._done.set()

    def uses(self, used: socket.socket | None) -> None:
        """Called by a connection before it sends through `used`. Raises: FlightStopped."""
        with self._lock:
            if self._is_stopped:
                raise FlightStopped
            self._socket = used
            self.is_leaving = self.is_leaving or used is not None

    def left(self) -> None:
        self.has_left = True


class _Current(threading.local):
    flight: "Flight[Any] | None" = None


_CURRENT = _Current()


class _Watched(HTTPConnection):
    """Shows its socket to the flight of the thread that uses it."""

    def connect(self) -> None:
        _uses(None)
        super().connect()
        _uses(self.sock)

    def request(self, *args: Any, **named: Any) -> None:
        if self.sock is not None:
            _uses(self.sock)
        super().request(*args, **named)
        if _CURRENT.flight is not None:
            _CURRENT.flight.left()


class _WatchedTls(_Watched, HTTPSConnection):
    pass


def _uses(used: socket.socket | None) -> None:
    if _CURRENT.flight is not None:
        _CURRENT.flight.uses(used)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Watched


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedTls


class WatchedAdapter(HTTPAdapter):
    """Requests' adapter over such connections; it repeats nothing by itself."""

    def __init__(self) -> None:
        super().__init__(pool_connections=4, pool_maxsize=8, max_retries=0)

    def init_poolmanager(self, *args: Any, **named: Any) -> None:
        super().init_poolmanager(*args, **named)
        _watch(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **named: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **named)
        _watch(manager)
        return manager


def _watch(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
