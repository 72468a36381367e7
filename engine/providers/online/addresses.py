"""Which addresses are spoken to: a service's own or the one that the environment moves it to, and when two are the same place.

Knows no network.
"""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from engine.errors import BadInputError

_HOUSES = {"veo": "gemini"}
"""Which service another one shares its host and its key with."""
_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port: what may see a key is decided by all three."""

    scheme: str
    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def is_safe(self) -> bool:
        """https anywhere, or http that does not leave this machine."""
        return self.scheme == "https" or (self.scheme == "http" and self.is_loopback)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def origin_of(url: str) -> Origin:
    """Raises: ValueError for what is no http or https address, or names a user."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc:
        raise ValueError("no address of a service")
    return Origin(parts.scheme, parts.hostname.lower(), parts.port or _PORTS[parts.scheme])


def address(base_url: str, path: str) -> str:
    """A path of a service at its address. Gateways often name theirs with the version in it: that is not said twice."""
    version = path[: path.find("/", 1)]
    return base_url.removesuffix(version) + path


def moved_base_url(provider: str, default: str, environ: Mapping[str, str] | None = None) -> str:
    """The address a service is found at, without a slash at its end; PATCHREEL_<PROVIDER>_BASE_URL stands above `default`.

    Services of one house move together where only one is told to: the key is the same, and a gateway's key must not reach the
    house itself. Raises: BadInputError where that is neither https nor http to this machine.
    """
    known = os.environ if environ is None else environ
    names = [f"PATCHREEL_{one.upper()}_BASE_URL" for one in (provider, _HOUSES.get(provider, provider))]
    name = next((one for one in names if known.get(one, "").strip()), names[0])
    given = known.get(name, "").strip()
    url = (given or default).rstrip("/")
    try:
        is_good = origin_of(url).is_safe and not urlsplit(url).query and not urlsplit(url).fragment
    except ValueError:
        is_good = False
    if not is_good:
        where = name if given else f"The address of {provider}"
        raise BadInputError(f"{where} is no address that may be used.", "It is https://…, or http:// to this machine.")
    return url
