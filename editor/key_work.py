"""What the key dialog asks for, done on a thread of its own: look, keep, remove, test, unlock.

The system's key store may wait for its user, and a service may not answer; each wish has a limit, and a window that closes does
not wait for it.
"""

import queue
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeVar

from engine.errors import Cancelled, PatchreelError, ProviderError
from engine.running import CancelToken, Report
from engine.vault import CREDENTIALS, Keys, KeyState, KeyStore, Saved

T = TypeVar("T")
KeyTest = Callable[[str, Keys], str]
"""Asks a service about its keys for nothing; returns a sentence or raises a PatchreelError."""

TEST_LIMIT_S = 10.0
_WORK_LIMIT_S = 45.0
"""The key store has ten seconds per call; a wish makes up to four."""
_LOOK_S = 0.05


class KeyAction(Enum):
    LOOK = "look"
    SAVE = "save"
    REMOVE = "remove"
    TEST = "test"
    UNLOCK = "unlock"


@dataclass(frozen=True, slots=True)
class KeyWish:
    """One thing to do; `values` are the fields as they were typed, `passphrase` that of the key file."""

    action: KeyAction
    provider: str = ""
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    passphrase: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence about one service ("" for all of them); `kind` is good, check or bad."""

    provider: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class KeysShown:
    """Everything the dialog shows. `testable` are the services that can be asked for nothing."""

    states: tuple[KeyState, ...]
    testable: frozenset[str]
    needs_passphrase: bool = False
    is_new: bool = False
    said: Said | None = None


class KeyWorker:
    """Called on one thread only. `test` and `testable` are the engine's where they are left out."""

    def __init__(self, store: KeyStore, test: KeyTest | None = None, limit_s: float = TEST_LIMIT_S) -> None:
        self._store, self._test, self._limit_s = store, test, limit_s

    def __call__(self, wish: KeyWish, *, cancel: CancelToken, report: Report) -> KeysShown:
        """Raises: Cancelled."""
        return _bounded(lambda: self._done(wish, cancel), cancel, _WORK_LIMIT_S) or KeysShown((), frozenset())

    def _done(self, wish: KeyWish, cancel: CancelToken) -> KeysShown:
        try:
            said = self._carried_out(wish, cancel)
        except Cancelled:
            raise
        except PatchreelError as error:
            said = Said(wish.provider, "bad", str(error))
        return self._shown(said)

    def _carried_out(self, wish: KeyWish, cancel: CancelToken) -> Said | None:
        if wish.action is KeyAction.SAVE:
            return _kept(self._store.save(wish.provider, wish.values))
        if wish.action is KeyAction.REMOVE:
            was_there = self._store.remove(wish.provider)
            return Said(wish.provider, "good" if was_there else "check", "Removed." if was_there else "No key was kept here.")
        if wish.action is KeyAction.TEST:
            return self._tested(wish, cancel)
        if wish.action is KeyAction.UNLOCK:
            self._store.unlock(wish.passphrase)
        return None

    def _tested(self, wish: KeyWish, cancel: CancelToken) -> Said:
        test = self._test or _engine_test(cancel)
        keys = self._store.keys_for(wish.provider, wish.values)
        text = _bounded(lambda: test(wish.provider, keys), cancel, self._limit_s)
        if text is None:
            raise ProviderError(f"No answer within {self._limit_s:g} s.", "The key may be right; test it again later.")
        return Said(wish.provider, "good", text)

    def _shown(self, said: Said | None) -> KeysShown:
        try:
            needs, problem = self._store.needs_passphrase(), ""
        except PatchreelError as error:
            needs, problem = False, str(error)
        said = said or (Said("", "bad", problem) if problem else None)
        return KeysShown(self._store.states(), _testable(self._test), needs, needs and self._store.is_new(), said)


def _kept(saved: Saved) -> Said:
    text = " ".join((f"Kept {saved.where.value}.", *saved.warnings))
    return Said(saved.provider, "check" if saved.warnings else "good", text)


def _engine_test(cancel: CancelToken) -> KeyTest:
    from engine.providers.online.key_test import try_key  # brings the network, which looking at keys must not wait for

    return lambda provider, keys: try_key(provider, keys, cancel)


def _testable(test: KeyTest | None) -> frozenset[str]:
    if test is not None:
        return frozenset(known.provider for known in CREDENTIALS)
    from engine.providers.online.key_test import testable

    try:
        return testable()
    except PatchreelError:  # whoever sends something will hear what is wrong with the table
        return frozenset()


def _bounded(call: Callable[[], T], cancel: CancelToken, limit_s: float) -> T | None:
    """What the call returns or raises; None when it takes too long. Raises: Cancelled, at once."""
    answers: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()
    threading.Thread(target=_answer, args=(call, answers), name="keys", daemon=True).start()
    for _ in range(round(limit_s / _LOOK_S)):
        cancel.check()
        try:
            value, error = answers.get(timeout=_LOOK_S)
        except queue.Empty:
            continue
        if error is not None:
            raise error
        return value
    return None


def _answer(call: Callable[[], T], answers: "queue.SimpleQueue[tuple[T | None, BaseException | None]]") -> None:
    try:
        answers.put((call(), None))
    except BaseException as error:  # it goes on in the thread that asked
        answers.put((None, error))
