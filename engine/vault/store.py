"""Finding and keeping the keys of services: from the request, then the environment, then the vault.

The vault is the system's key store where there is one, else the encrypted file. May wait for the system for ten seconds per
call and half a second for a passphrase: never call it from a thread that draws.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from engine import folders
from engine.errors import PatchreelError
from engine.vault.fields import CREDENTIALS, Credential, checked, cleaned, credential
from engine.vault.file import FileVault
from engine.vault.keys import KeyMissingError, Keys, Source, VaultLockedError, keep_out_of_core_dumps, last4
from engine.vault.system import SystemVault

FILE_NAME = "keys.vault"

T = TypeVar("T")

AskPassphrase = Callable[[bool], str | None]
"""Asked for the passphrase of the key file, True for a new one; None where nobody answers."""


@dataclass(frozen=True, slots=True)
class KeyState:
    """What may be said about the keys of one service; `saved_in` is where the vault has some, though others are used."""

    provider: str
    name: str
    source: Source | None = None
    last4: str = ""
    saved_in: Source | None = None
    is_locked: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Saved:
    """What was kept: where, the end of the key, and what is odd about it."""

    provider: str
    where: Source
    last4: str
    warnings: tuple[str, ...] = ()


class KeyStore:
    """All keys of this user. Thread-safe."""

    def __init__(
        self, *, system: SystemVault | None = None, file: FileVault | None = None, environ: Mapping[str, str] | None = None,
        ask_passphrase: AskPassphrase | None = None,
    ) -> None:
        self._environ = os.environ if environ is None else environ
        self._system = system or SystemVault()
        self._file = file or FileVault(folders.data_dir() / FILE_NAME, self._environ)
        self._ask = ask_passphrase

    def keys_for(self, provider: str, given: Mapping[str, str] | None = None) -> Keys:
        """The keys to use: those given with the request, else the environment's, else the vault's.

        Raises: KeyMissingError: none, or only a part; BadInputError: they cannot be keys; VaultError: they cannot be read.
        """
        known = credential(provider)
        keep_out_of_core_dumps()
        if given is not None and any(given.values()):
            return Keys(known.provider, checked(known, given)[0], Source.REQUEST)
        found = self._from_environment(known) or self._from_vault(known)
        if found is None:
            names = " and ".join(known.field(name).environment for name in known.complete[0])
            raise KeyMissingError(
                f"There is no key for {known.name}.", f"Set it with “keys set {known.provider}”, in Provider keys, or as {names}."
            )
        return found

    def states(self) -> tuple[KeyState, ...]:
        """How it stands with each service that takes keys. A vault that cannot be read is said in the states."""
        return tuple(self.state(known.provider) for known in CREDENTIALS)

    def state(self, provider: str) -> KeyState:
        """The same for one service."""
        known = credential(provider)
        try:
            used = self._from_environment(known)
        except KeyMissingError as error:
            return KeyState(known.provider, known.name, problem=str(error))
        try:
            saved = self._saved(known)
        except VaultLockedError:
            return _state(known, used, Source.FILE, is_locked=True)
        except PatchreelError as error:
            return _state(known, used, None, problem=str(error))
        return _state(known, used or saved, saved.source if saved else None)

    def save(self, provider: str, values: Mapping[str, str]) -> Saved:
        """Keep the keys of a service instead of those kept before.

        Raises: BadInputError: they cannot be keys; VaultError, StorageError: they cannot be kept, and what was kept is as it was.
        """
        known = credential(provider)
        fields, warnings = checked(known, values)
        if self._system.is_there():
            self._system.write(known.provider, fields)
            self._file.remove(known.provider)  # what is kept twice would be removed once
            return Saved(known.provider, Source.SYSTEM, _end(fields), warnings)
        self._opened(lambda: self._file.write(known.provider, fields))
        return Saved(known.provider, Source.FILE, _end(fields), warnings)

    def remove(self, provider: str) -> bool:
        """Forget the keys of a service; whether there were any. Raises: VaultError, StorageError."""
        known = credential(provider)
        was_in_system = self._system.remove(known.provider)
        return self._file.remove(known.provider) or was_in_system

    def needs_passphrase(self) -> bool:
        """Whether keys cannot be kept or read before `unlock`. Raises: VaultError."""
        return not self._system.is_there() and self._file.needs_passphrase()

    def is_new(self) -> bool:
        """Whether the passphrase given to `unlock` will be that of a new file."""
        return not self._file.path.exists()

    def unlock(self, passphrase: str) -> None:
        """Open the key file. Raises: WrongKeyError, VaultError."""
        self._file.unlock(passphrase)

    def _from_environment(self, known: Credential) -> Keys | None:
        found = {field.name: text for field in known.fields if (text := cleaned(self._environ.get(field.environment, "")))}
        if not found:
            return None
        if missing := known.missing(found):
            has, lacks = (known.field(name).environment for name in (next(iter(found)), missing[0]))
            raise KeyMissingError(f"{has} is set, but {lacks} is not.", "Set both, or neither.")
        return Keys(known.provider, checked(known, found)[0], Source.ENVIRONMENT)

    def _from_vault(self, known: Credential) -> Keys | None:
        return self._opened(lambda: self._saved(known))

    def _saved(self, known: Credential) -> Keys | None:
        if (fields := self._system.read(known.provider)) is not None:
            return Keys(known.provider, fields, Source.SYSTEM)
        fields = self._file.read(known.provider)
        return Keys(known.provider, fields, Source.FILE) if fields is not None else None

    def _opened(self, call: Callable[[], T]) -> T:
        """What the call returns, after asking for the passphrase where it needs one and somebody can be asked."""
        try:
            return call()
        except VaultLockedError:
            passphrase = self._ask(self.is_new()) if self._ask is not None and self._file.needs_passphrase() else None
            if not passphrase:
                raise
        self._file.unlock(passphrase)
        return call()


def _state(
    known: Credential, used: Keys | None, saved_in: Source | None, *, is_locked: bool = False, problem: str = ""
) -> KeyState:
    source = used.source if used is not None else saved_in
    end = used.last4 if used is not None else ""
    return KeyState(known.provider, known.name, source, end, saved_in, is_locked and used is None, problem)


def _end(fields: Mapping[str, str]) -> str:
    return last4(next(iter(fields.values()), ""))
