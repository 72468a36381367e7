"""The encrypted key file of systems without a key store: who may write it when, and with which key.

Several programs may have it open: a change is made under a lock, on what the file then holds, and is moved into place whole.
"""

import os
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from engine.errors import StorageError
from engine.project.atomic import write_atomically
from engine.vault import sealed
from engine.vault.keys import VaultError, VaultLockedError
from engine.vault.sealed import Derivation, ScryptCost, SealedKeys

MASTER_KEY = "KEY_VAULT_MASTER_KEY"
MIN_PASSPHRASE = 8
_LOCK_LIMIT_S, _LOCK_LOOK_S = 10.0, 0.05


class FileVault:
    """Entries of several fields in one file. A key that opened it is remembered until the object goes."""

    def __init__(self, path: Path, environ: Mapping[str, str] | None = None, cost: ScryptCost | None = None) -> None:
        self._path, self._cost = path, cost or ScryptCost()
        self._environ = os.environ if environ is None else environ
        self._guard = threading.RLock()
        self._passphrase_key: tuple[Derivation, bytes] | None = None

    @property
    def path(self) -> Path:
        return self._path

    def names(self) -> tuple[str, ...]:
        """The services it has keys of; needs no key. Raises: DamagedVaultError, VaultError."""
        file = self._read()
        return tuple(file.entries) if file is not None else ()

    def needs_passphrase(self) -> bool:
        """Whether `unlock` must be called before it can be read or written. Raises: DamagedVaultError, VaultError."""
        with self._guard:
            file = self._read()
            if file is None:
                return not self._environ.get(MASTER_KEY) and self._passphrase_key is None
            return file.derivation is not None and not self._knows(file.derivation)

    def unlock(self, passphrase: str) -> None:
        """Try a passphrase; of a new file it becomes the passphrase. Takes half a second.

        Raises: WrongKeyError; VaultError: too short for a new file, or the file has a master key instead.
        """
        with self._guard:
            file = self._read()
            if file is None:
                self._begin(passphrase)
                return
            if file.derivation is None:
                raise VaultError(f"The key file has no passphrase; {MASTER_KEY} opens it.", f"Set {MASTER_KEY}.")
            key = sealed.derived_key(passphrase, file.derivation)
            sealed.require_right(file, key)
            self._passphrase_key = (file.derivation, key)

    def read(self, name: str) -> dict[str, str] | None:
        """The fields kept under a name. Raises: VaultLockedError, WrongKeyError, DamagedVaultError, VaultError."""
        with self._guard:
            file = self._read()
            if file is None or name not in file.entries:
                return None
            return sealed.entry(file, self._key(file), name)

    def write(self, name: str, fields: Mapping[str, str]) -> None:
        """Keep fields under a name; the first write makes the file.

        Raises: VaultLockedError, WrongKeyError, DamagedVaultError, VaultError, StorageError; then the file is as it was.
        """
        with self._guard, self._locked():
            file = self._read() or self._new()
            self._put(sealed.with_entry(file, self._key(file), name, fields))

    def remove(self, name: str) -> bool:
        """Whether there was something to remove; needs no key. Raises: DamagedVaultError, VaultError, StorageError."""
        with self._guard:
            if name not in self.names():
                return False
            with self._locked():
                file = self._read()
                if file is not None:
                    self._put(sealed.without_entry(file, name))
            return True

    def _begin(self, passphrase: str) -> None:
        if len(passphrase) < MIN_PASSPHRASE:
            raise VaultError(f"The passphrase has fewer than {MIN_PASSPHRASE} characters.", "Several words make a good one.")
        derivation = sealed.new_derivation(self._cost)
        self._passphrase_key = (derivation, sealed.derived_key(passphrase, derivation))

    def _new(self) -> SealedKeys:
        if master := self._environ.get(MASTER_KEY):
            return sealed.new_file(sealed.master_key(master), None)
        if self._passphrase_key is None:
            raise VaultLockedError(
                "This system has no key store, so keys are kept in an encrypted file, and that needs a passphrase.",
                f"Give one, or set {MASTER_KEY}.",
            )
        derivation, key = self._passphrase_key
        return sealed.new_file(key, derivation)

    def _key(self, file: SealedKeys) -> bytes:
        if file.derivation is not None:
            if self._passphrase_key is None or not self._knows(file.derivation):
                raise VaultLockedError("The key file is locked.", "Give its passphrase.")
            return self._passphrase_key[1]
        if not (master := self._environ.get(MASTER_KEY)):
            raise VaultLockedError(f"The key file was made with {MASTER_KEY}, which is not set.", "Set it to the same key.")
        return sealed.master_key(master)

    def _knows(self, derivation: Derivation) -> bool:
        return self._passphrase_key is not None and self._passphrase_key[0] == derivation

    def _read(self) -> SealedKeys | None:
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StorageError(f"The key file cannot be read: {error.strerror}.", "Check who may read it.") from error
        return sealed.from_bytes(data)

    def _put(self, file: SealedKeys) -> None:
        write_atomically(self._path, sealed.to_bytes(file), is_private=True)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Between programs. The lock is on a file beside it, since the file itself is replaced."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            lock = self._path.with_suffix(".lock").open("ab")
        except OSError as error:
            raise StorageError(f"The key file cannot be written: {error.strerror}.", "Check who may write it.") from error
        with lock:
            _hold(lock)
            yield


def _hold(file: BinaryIO) -> None:
    """Lock until the file is closed. Raises: VaultError: another program holds it for too long."""
    until = time.monotonic() + _LOCK_LIMIT_S
    while not _try_lock(file):
        if time.monotonic() > until:
            raise VaultError("Another program has been writing the key file for ten seconds.", "Close it and try again.")
        time.sleep(_LOCK_LOOK_S)


def _try_lock(file: BinaryIO) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
