"""Who makes what: a key is held by one thread of this process at a time; the others wait, and then find it made."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from engine.running import CancelToken

_LOOK_S = 0.1
"""How often a waiting thread looks at its token."""


class Claims:
    """Keys that are being worked on."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._held: set[str] = set()

    @contextmanager
    def held(self, key: str, cancel: CancelToken) -> Iterator[None]:
        """Hold `key`, after whoever holds it now. Not reentrant. Raises: Cancelled while waiting."""
        with self._changed:
            while key in self._held:
                cancel.check()
                self._changed.wait(_LOOK_S)
            self._held.add(key)
        try:
            yield
        finally:
            with self._changed:
                self._held.discard(key)
                self._changed.notify_all()
