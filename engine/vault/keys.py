"""The keys of one service as a value that cannot be shown by accident, and what can go wrong with them."""

from collections.abc import Mapping
from contextlib import suppress
from enum import Enum
from typing import NoReturn

from engine.errors import Category, PatchreelError, ProviderError

LAST = 4
_SHOWN_FROM = 12
"""Of a shorter secret the last four characters would be too large a part."""


class Source(Enum):
    """Where keys were found; the value is what a user reads."""

    REQUEST = "given with this request"
    ENVIRONMENT = "from environment"
    SYSTEM = "in the system's key store"
    FILE = "in the encrypted key file"


class VaultError(PatchreelError):
    """Keys that cannot be read or kept. The text never holds one."""

    category = Category.STORAGE
    code = "PR-3100"


class VaultLockedError(VaultError):
    """The key file needs its passphrase (or its master key) first."""

    code = "PR-3110"


class WrongKeyError(VaultError):
    """This passphrase or master key does not open the key file."""

    code = "PR-3120"


class DamagedVaultError(VaultError):
    """The key file is no longer what was written; it is left as it is."""

    code = "PR-3130"


class KeyMissingError(ProviderError):
    """There is no key for a service."""

    code = "PR-4010"


class Keys:
    """The credentials of one service: `keys["key"]` is a value; everything that prints, formats or copies it shows none.

    It is never equal to another and cannot be pickled or copied, so that it reaches no other process, file or crash report.
    """

    __slots__ = ("_fields", "_provider", "_source")

    def __init__(self, provider: str, fields: Mapping[str, str], source: Source) -> None:
        self._provider, self._fields, self._source = provider, dict(fields), source

    @property
    def provider(self) -> str:
        return self._provider

    @property
    def source(self) -> Source:
        return self._source

    def __getitem__(self, field: str) -> str:
        """The secret itself, for the one place that puts it into a header. Raises: KeyError, with the field's name only."""
        return self._fields[field]

    def __contains__(self, field: object) -> bool:
        return field in self._fields

    def secrets(self) -> tuple[str, ...]:
        """All secrets in it, for those who must take them out of texts; the longest first."""
        return tuple(sorted(self._fields.values(), key=len, reverse=True))

    @property
    def last4(self) -> str:
        """The end of the first field, by which a user knows the key; "" where it is too short to show any of it."""
        return last4(next(iter(self._fields.values()), ""))

    def __repr__(self) -> str:
        return f"<keys of {self._provider}, {self._source.value}>"

    def __str__(self) -> str:
        return repr(self)

    def __format__(self, _spec: str) -> str:
        return repr(self)

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        raise TypeError("Keys leave their process only in a request's header.")


def keep_out_of_core_dumps() -> None:
    """From now on a crash of this process leaves no image of its memory, in which keys would stand. Where the system knows such a
    limit; a limit that was set already stays.
    """
    try:
        import resource
    except ImportError:  # Windows keeps none unless somebody asks for it
        return
    _soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, hard))


def last4(secret: str) -> str:
    """What may be shown of a secret."""
    return secret[-LAST:] if len(secret) >= _SHOWN_FROM else ""
