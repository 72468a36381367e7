"""Requests to one service: sent once, bounded in time and size, stoppable, clear about whether they may have been carried out.

Keys travel in headers to the service's own address only. Nothing is logged here, and no text raised here holds a header, a body
or an address with a query. What an answer means is the adapter's business; so is whether to ask again.
"""

import json
import os
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urljoin

import requests
from requests.utils import get_environ_proxies
from urllib3.exceptions import HTTPError

from engine.errors import Cancelled, PatchreelError
from engine.providers.online.addresses import Origin, address, origin_of
from engine.providers.online.failures import HIDDEN, CancelledInFlight, FailureKind, ProviderFailure
from engine.providers.online.flight import Flight, FlightStopped, WatchedAdapter
from engine.providers.online.forms import Form, Part, form
from engine.providers.online.reading import Read, Taker, in_pieces, read_whole
from engine.providers.online.reading import Reply as Reply
from engine.running import CancelToken

REDIRECTS_MAX = 5
_IDLE_S = 20.0
"""A connection unused for longer is not trusted with a request that costs money: the other end may be closing it just now."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: to be connected, between two bytes of an answer, and for everything together."""

    read_s: float
    total_s: float
    connect_s: float = 10.0


@dataclass(frozen=True, slots=True)
class _Outgoing:
    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    secret_headers: Mapping[str, str] = field(repr=False)
    body: bytes | Form = field(repr=False)


class Transport:
    """A pooled connection to one service; calls may come from several threads.

    Every call raises ProviderFailure (OFFLINE: not reached; TRANSIENT: lost, and free; OUTCOME_UNKNOWN: a POST whose answer was
    lost; PROVIDER_BUG: an answer without end) and Cancelled, at most 0.5 s after the token was cancelled; CancelledInFlight
    where a POST was on its way.
    """

    def __init__(self, provider: str, name: str, base_url: str) -> None:
        self.provider, self.name, self.base_url = provider, name, base_url
        self.origin = origin_of(base_url)
        self._lock = threading.Lock()
        self._used_at = 0.0
        self._session = requests.Session()
        self._session.trust_env = False  # a .netrc would put another key over ours
        self._session.headers = requests.structures.CaseInsensitiveDict({"User-Agent": "patchreel"})
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, WatchedAdapter())

    def close(self) -> None:
        self._session.close()

    def post_json(
        self, path: str, value: object, *, keys: Mapping[str, str], patience: Patience, max_bytes: int, cancel: CancelToken
    ) -> Reply:
        """`keys` are headers that only the service's own address may see."""
        body, kind = json.dumps(value, separators=(",", ":")).encode("ascii"), {"Content-Type": "application/json"}
        return self._call("POST", path, kind, keys, body, patience, self._whole(max_bytes), cancel)

    def post_form(
        self, path: str, fields: Mapping[str, str], parts: Sequence[Part], *, keys: Mapping[str, str], patience: Patience,
        max_bytes: int, cancel: CancelToken,
    ) -> Reply:
        body = form(fields, parts)
        return self._call("POST", path, {"Content-Type": body.content_type}, keys, body, patience, self._whole(max_bytes), cancel)

    def get(
        self, path: str, *, keys: Mapping[str, str], patience: Patience, max_bytes: int, cancel: CancelToken
    ) -> Reply:
        return self._call("GET", path, {}, keys, b"", patience, self._whole(max_bytes), cancel)

    def download(
        self, url: str, *, keys: Mapping[str, str], headers: Mapping[str, str], taker: Taker, patience: Patience,
        cancel: CancelToken,
    ) -> Reply:
        """GET a whole address that the service named. `taker` gets the body of a good answer piece by piece, in another thread;
        the reply then has none. Keys go along only where the address is the service's own.
        """
        there = self._checked(url)
        head = {"Accept": "*/*", "Accept-Encoding": "identity", **headers}
        own = keys if there == self.origin else {}
        return self._call("GET", url, head, own, b"", patience, in_pieces(taker), cancel)

    def _checked(self, url: str) -> Origin:
        """Where an address from an answer leads. Raises: ProviderFailure: not to be followed."""
        try:
            there = origin_of(url)
        except ValueError:
            raise self._bug(f"{self.name} named what is no address as the place of its result.") from None
        is_inside = there.is_loopback and not self.origin.is_loopback
        if not there.is_safe or is_inside or (self.origin.scheme == "https" and there.scheme == "http"):
            raise self._bug(f"{self.name} named an address that is not safe, {there}; nothing was fetched there.")
        return there

    def _call(
        self, method: str, path: str, headers: Mapping[str, str], keys: Mapping[str, str], body: bytes | Form, patience: Patience,
        read: Read, cancel: CancelToken,
    ) -> Reply:
        cancel.check()
        self._check_keys(keys)
        head = {"Accept": "application/json", "Accept-Encoding": "gzip, deflate", **headers}
        url = address(self.base_url, path) if path.startswith("/") else path
        outgoing = _Outgoing(method, url, head, keys, body)
        self._forget_idle()
        until = time.monotonic() + patience.total_s
        flight = Flight(lambda: self._followed(outgoing, patience, read), f"request to {self.provider}")
        if not flight.wait(lambda: cancel.is_cancelled() or time.monotonic() > until):
            if cancel.is_cancelled():
                raise CancelledInFlight if flight.is_leaving and method == "POST" else Cancelled
            raise self._lost(method, flight, f"took longer than {patience.total_s:.0f} s")
        failure = None
        try:
            return _without_keys(flight.result(), keys)
        except FlightStopped:
            raise Cancelled from None
        except PatchreelError:
            raise
        except Exception as error:  # also what nobody expects: its text may quote a header
            failure = self._failure(error, method, flight)
        raise failure  # outside the handler: the error of `requests` holds the request, and with it the key

    def _forget_idle(self) -> None:
        now = time.monotonic()
        with self._lock:
            is_idle, self._used_at = now - self._used_at > _IDLE_S, now
        if is_idle:
            self._session.close()

    def _followed(self, outgoing: _Outgoing, patience: Patience, read: Read) -> Reply:
        first_method = outgoing.method
        for _ in range(REDIRECTS_MAX + 1):
            response = self._sent(outgoing, patience)
            target = response.headers.get("Location") if response.status_code in {301, 302, 303, 307, 308} else None
            if target is None:
                return read(response, first_method)
            response.close()
            outgoing = self._redirected(outgoing, target, response.status_code)
        raise self._bug(f"{self.name} sent the request from one address to the next without end.")

    def _redirected(self, outgoing: _Outgoing, target: str, status: int) -> _Outgoing:
        """Keys stay with scheme, host and port; so does what was meant for that host only: a POST's body."""
        url = urljoin(outgoing.url, target)
        here, there = origin_of(outgoing.url), origin_of(url)
        if not there.is_safe or (here.scheme == "https" and there.scheme == "http"):
            raise self._bug(f"{self.name} sent the request on to an address that is not safe, {there}; it was not followed.")
        if status == 303 and outgoing.method == "POST":
            outgoing = _Outgoing("GET", outgoing.url, {"Accept": "application/json"}, outgoing.secret_headers, b"")
        if outgoing.method == "POST" and here != there:
            raise self._bug(f"{self.name} sent the request on to another address, {there}; nothing was sent there.")
        keys = outgoing.secret_headers if here == there else {}
        return _Outgoing(outgoing.method, url, outgoing.headers, keys, outgoing.body)

    def _sent(self, outgoing: _Outgoing, patience: Patience) -> requests.Response:
        headers = {**outgoing.headers, **outgoing.secret_headers}
        body = outgoing.body.opened() if isinstance(outgoing.body, Form) else outgoing.body or None
        wanted = requests.Request(outgoing.method, outgoing.url, headers=headers, data=body)
        prepared = self._session.prepare_request(wanted)
        # The adapter and not Session.send: that one reads a redirect's whole body, keeps cookies and builds the next request.
        return self._session.get_adapter(outgoing.url).send(
            prepared, stream=True, timeout=(patience.connect_s, patience.read_s), verify=_certificates(),
            proxies=_proxies(outgoing.url, origin_of(outgoing.url)),
        )

    def _whole(self, max_bytes: int) -> Read:
        return lambda response, method: read_whole(response, max_bytes, method, lambda: self._too_much(max_bytes, method))

    def _too_much(self, max_bytes: int, method: str) -> ProviderFailure:
        text = f"{self.name} answered with more than {max_bytes >> 20} MB; it was not taken."
        return self._bug(text, may_have_billed=method == "POST")

    def _failure(self, error: Exception, method: str, flight: Flight[Reply]) -> ProviderFailure:
        if isinstance(error, requests.exceptions.SSLError) and not flight.has_left:
            return self._fault(
                FailureKind.OFFLINE, f"There is no safe connection to {self.name}: its certificate was not accepted.",
                "Nothing was sent. Check the date of this computer and what stands between it and the network.",
            )
        if not isinstance(error, requests.RequestException | HTTPError | OSError | ValueError):
            return self._ours(error, may_have_billed=flight.has_left and method == "POST")
        if isinstance(error, ValueError) and not isinstance(error, requests.RequestException):
            return self._bug(f"{self.name} sent the request on to what is no address.")
        return self._lost(method, flight, "did not answer" if isinstance(error, requests.Timeout) else "broke off")

    def _ours(self, error: Exception, *, may_have_billed: bool) -> ProviderFailure:
        text = f"Something inside Patchreel failed while {self.name} was asked ({type(error).__name__})."
        hint = "It may have been charged." if may_have_billed else "Nothing was sent."
        return self._fault(FailureKind.PROVIDER_BUG, text, hint, may_have_billed=may_have_billed)

    def _lost(self, method: str, flight: Flight[Reply], what: str) -> ProviderFailure:
        if not flight.is_leaving:
            text = f"{self.name} could not be reached at {self.origin}."
            return self._fault(FailureKind.OFFLINE, text, "Nothing was sent. Check the network, then try again.")
        if not flight.has_left:
            text = f"The connection to {self.name} broke off while the request was being sent."
            return self._fault(FailureKind.TRANSIENT, text, "It was not carried out. Try again.")
        if method != "POST":
            return self._fault(FailureKind.TRANSIENT, f"{self.name} {what}.", "Try again.")
        return self._fault(
            FailureKind.OUTCOME_UNKNOWN,
            f"{self.name} {what} after the request had left, so it may have been carried out and charged.",
            "It is not repeated by itself. Asking again may cost twice.", may_have_billed=True,
        )

    def _fault(self, kind: FailureKind, text: str, hint: str, *, may_have_billed: bool = False) -> ProviderFailure:
        return ProviderFailure(kind, self.provider, text, hint, may_have_billed=may_have_billed)

    def _bug(self, text: str, *, may_have_billed: bool = False) -> ProviderFailure:
        hint = "Try again later, or use another provider."
        return self._fault(FailureKind.PROVIDER_BUG, text, hint, may_have_billed=may_have_billed)

    def _check_keys(self, keys: Mapping[str, str]) -> None:
        """A key with a line break or a letter of another script cannot be sent, and would be quoted in the error."""
        if not all(value.isascii() and value.isprintable() for value in keys.values()):
            text = f"The key for {self.name} holds characters that no key has."
            raise self._fault(FailureKind.AUTH, text, "Set it again; it may have been pasted with something around it.")


def _without_keys(reply: Reply, keys: Mapping[str, str]) -> Reply:
    """A service may quote the key it was given, in an error or in the name of a request: what comes in here never holds it."""
    secrets = [value.split()[-1] for value in keys.values() if value.strip()]
    headers, body = dict(reply.headers), reply.body
    for secret in secrets:
        headers = {name: value.replace(secret, HIDDEN) for name, value in headers.items()}
        body = body.replace(secret.encode("ascii"), HIDDEN.encode())
    return replace(reply, headers=headers, body=body)


def _certificates() -> str | bool:
    return os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True


def _proxies(url: str, origin: Origin) -> dict[str, str]:
    """Those of the environment; this machine is spoken to directly."""
    return {} if origin.is_loopback else get_environ_proxies(url)
