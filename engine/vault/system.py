"""The key store of the operating system, through `keyring`: Keychain, Credential Manager, Secret Service, KWallet.

Such a store may ask its user to unlock it, or hang; so every call runs in a thread of its own and has ten seconds. Never call it
from a thread that draws.
"""

import json
import os
import queue
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar

from engine.vault.keys import VaultError

if TYPE_CHECKING:  # slow to import, and most runs of the program need no key
    from keyring.backend import KeyringBackend

T = TypeVar("T")
LIMIT_S = 10.0
_SERVICE = "patchreel"
_NO_STORES = ("keyring.backends.fail", "keyring.backends.null", "keyring.backends.chainer", "keyrings.alt")
"""Backends that keep nothing, and those that keep keys in plain files."""


class SystemVault:
    """Entries of several fields, one JSON text per service. `backend` finds the store, None where there is none."""

    def __init__(self, backend: "Callable[[], KeyringBackend | None] | None" = None, limit_s: float = LIMIT_S) -> None:
        self._find = backend or _backend
        self._limit_s = limit_s
        self._found: list[KeyringBackend | None] = []
        self._hung: threading.Thread | None = None

    def is_there(self) -> bool:
        """Whether this system has a store that keeps secrets as secrets. Raises: VaultError: it does not answer."""
        if not self._found:
            self._found.append(self._timed(self._find))
        return self._found[0] is not None

    def read(self, name: str) -> dict[str, str] | None:
        """The fields kept under a name; None where there are none or there is no store. Raises: VaultError."""
        store = self._store()
        text = self._timed(lambda: store.get_password(service_name(), name)) if store is not None else None
        if text is None:
            return None
        try:
            fields = json.loads(text)
            return {str(field): str(value) for field, value in fields.items()}
        except (ValueError, AttributeError):
            raise VaultError(f"The system's key store holds something else under “{name}”.", "Set this key again.") from None

    def write(self, name: str, fields: Mapping[str, str]) -> None:
        """Keep fields under a name. Raises: VaultError."""
        store = self._store()
        if store is None:
            raise VaultError("This system has no key store.")
        text = json.dumps(dict(fields))
        self._timed(lambda: store.set_password(service_name(), name, text))

    def remove(self, name: str) -> bool:
        """Whether there was something to remove. Raises: VaultError."""
        store = self._store()
        if store is None or self._timed(lambda: store.get_password(service_name(), name)) is None:
            return False
        self._timed(lambda: store.delete_password(service_name(), name))
        return True

    def _store(self) -> "KeyringBackend | None":
        return self._found[0] if self.is_there() else None

    def _timed(self, call: Callable[[], T]) -> T:
        if self._hung is not None and self._hung.is_alive():
            raise _silent(self._limit_s)
        answers: queue.SimpleQueue[tuple[T | None, str]] = queue.SimpleQueue()
        thread = threading.Thread(target=_answer, args=(call, answers), name="key store", daemon=True)
        thread.start()
        try:
            value, problem = answers.get(timeout=self._limit_s)
        except queue.Empty:
            self._hung = thread
            raise _silent(self._limit_s) from None
        if problem:
            raise VaultError(f"The system's key store refused ({problem}).", "Unlock it and try again.")
        return value  # type: ignore[return-value]  # without a problem it is what the call returned


def service_name() -> str:
    """The name entries stand under; a program that was moved to a folder of its own has keys of its own."""
    home = os.environ.get("PATCHREEL_HOME")
    return f"{_SERVICE} ({home})" if home else _SERVICE


def _answer(call: Callable[[], T], answers: "queue.SimpleQueue[tuple[T | None, str]]") -> None:
    """Only the kind of an error goes on: its text is another program's, and could quote what it was given."""
    try:
        answers.put((call(), ""))
    except Exception as error:
        answers.put((None, type(error).__name__))


def _silent(limit_s: float) -> VaultError:
    return VaultError(
        f"The system's key store did not answer within {limit_s:g} s.", "It may be waiting to be unlocked: look for its window."
    )


def _backend() -> "KeyringBackend | None":
    import keyring
    from keyring.backends.chainer import ChainerBackend

    found = keyring.get_keyring()
    several = list(found.backends) if isinstance(found, ChainerBackend) else [found]
    return next((store for store in several if not type(store).__module__.startswith(_NO_STORES)), None)
