"""A content-addressed store on disk for what can be computed again, bounded in size, with a small layer in memory.

It knows nothing of what it stores: an entry is bytes under a kind (a folder) and a key (a hash of what decided the content).
Several processes and threads share one folder: an entry is written beside its place and renamed, so a reader sees all of it
or nothing. Everything may be deleted at any time at no loss but time, and a failed write never fails the caller.
"""

import contextlib
import hashlib
import os
import re
import threading
import time
import uuid
from collections import OrderedDict
from pathlib import Path

from engine.cache.claims import Claims
from engine.cache.keys import key as make_key

_MAGIC = b"PRC1"
_DIGEST_BYTES = 16
_HEAD_BYTES = len(_MAGIC) + _DIGEST_BYTES
_RAM_BYTES = 32 << 20
_RAM_ENTRY_BYTES = 1 << 20
_BLOCK_BYTES = 1 << 16
_EVICT_TO = 0.9
"""Share of `max_bytes` that is left after an eviction, so that the next one is not due at once."""
_SCAN_SHARE = 16
"""The folder is walked once for every `max_bytes / 16` written, by all processes together."""
_TOUCH_S = 600.0
"""An entry's time of last use is exact to this: a touch for every read would be a write for every read."""
_STALE_PART_S = 3600.0
_KIND = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_KEY = re.compile(r"[A-Za-z0-9_-]{4,128}")


class Cache:
    """Entries up to `max_bytes` on disk (exceeded by at most a sixteenth between two evictions); least recently used go first."""

    key = staticmethod(make_key)

    def __init__(self, root: Path, max_bytes: int) -> None:
        self._root, self._max_bytes = Path(root), max_bytes
        self._lock = threading.Lock()
        self._ram: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._ram_bytes = 0
        self.claims = Claims()

    def __reduce__(self) -> "tuple[type[Cache], tuple[Path, int]]":
        """Sent to another process it is the same folder there, with a layer in memory of its own."""
        return type(self), (self._root, self._max_bytes)

    def get(self, kind: str, key: str) -> bytes | None:
        """The entry's bytes, or None where there is none; one that was damaged on disk is removed and counts as none."""
        path = self._path(kind, key)
        with self._lock:
            if (kind, key) in self._ram:
                self._ram.move_to_end((kind, key))
                return self._ram[kind, key]
        try:
            data = _read_checked(path)
        except OSError:
            return None
        if data is None:
            with contextlib.suppress(OSError):
                path.unlink()
            return None
        self._remember(kind, key, data)
        return data

    def has(self, kind: str, key: str) -> bool:
        """Whether there is an entry, by a look at its file: hundreds are asked for at once. `get` may still find it damaged."""
        path = self._path(kind, key)
        with self._lock:
            if (kind, key) in self._ram:
                return True
        try:
            found = path.stat()
        except OSError:
            return False
        _touch(path, found)
        return found.st_size > _HEAD_BYTES

    def put(self, kind: str, key: str, data: bytes) -> None:
        """Store an entry; one of the same name is replaced. Nothing is raised where the disk is full or not writable."""
        path = self._path(kind, key)
        data = bytes(data)
        self._remember(kind, key, data)
        if len(data) > self._max_bytes:
            return
        with contextlib.suppress(OSError):
            _write(path, _MAGIC + _digest(data) + data)
            if self._note_written(len(data)):
                self.evict()

    @property
    def max_bytes(self) -> int:
        return self._max_bytes

    def used_bytes(self) -> int:
        """What lies on disk now. Walks the folder, so not for the window's thread."""
        return sum(size for _, size, _ in self._scan())

    def evict(self) -> None:
        """Walk the folder once and remove the least recently used entries where it is over its size."""
        entries = self._scan()
        total = sum(size for _, size, _ in entries)
        with contextlib.suppress(OSError):
            os.truncate(self._log, 0)
        if total <= self._max_bytes:
            return
        for _, size, path in sorted(entries):
            with contextlib.suppress(OSError):
                Path(path).unlink()
            total -= size
            if total <= self._max_bytes * _EVICT_TO:
                return

    @property
    def _log(self) -> Path:
        """Its length in bytes is how many blocks all processes have written since the last walk."""
        return self._root / "written"

    def _path(self, kind: str, key: str) -> Path:
        if not _KIND.fullmatch(kind) or not _KEY.fullmatch(key):
            raise ValueError(f"no name for a cache entry: {kind!r}, {key!r}")
        return self._root / kind / key[:2] / key

    def _remember(self, kind: str, key: str, data: bytes) -> None:
        with self._lock:
            self._ram_bytes -= len(self._ram.pop((kind, key), b""))
            if len(data) > _RAM_ENTRY_BYTES:
                return
            self._ram[kind, key] = data
            self._ram_bytes += len(data)
            while self._ram_bytes > _RAM_BYTES:
                self._ram_bytes -= len(self._ram.popitem(last=False)[1])

    def _note_written(self, size: int) -> bool:
        """Add to the common count; True when a walk is due."""
        blocks = -(-size // _BLOCK_BYTES) or 1
        with self._log.open("ab") as file:
            file.write(b"." * blocks)
            return file.tell() * _BLOCK_BYTES > self._max_bytes // _SCAN_SHARE

    def _scan(self) -> list[tuple[float, int, str]]:
        """(last use, size, path) of every entry; what crashed writers left is removed on the way."""
        entries: list[tuple[float, int, str]] = []
        now = time.time()
        for folder in self._root.glob("*/*"):
            with contextlib.suppress(OSError), os.scandir(folder) as files:
                for file in files:
                    status = file.stat()
                    if not file.name.endswith(".part"):
                        entries.append((status.st_mtime, status.st_size, file.path))
                    elif now - status.st_mtime > _STALE_PART_S:
                        Path(file.path).unlink()
        return entries


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=_DIGEST_BYTES).digest()


def _read_checked(path: Path) -> bytes | None:
    """The bytes of an entry, or None where they are not what was written (a crash can leave an empty or torn file)."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        data = file.read()
        _touch(path, os.fstat(file.fileno()))
    return data if head == _MAGIC + _digest(data) else None


def _touch(path: Path, status: os.stat_result) -> None:
    """The entry was used now; noted where that is not known already."""
    if time.time() - status.st_mtime > _TOUCH_S:
        with contextlib.suppress(OSError):
            os.utime(path)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{uuid.uuid4().hex[:12]}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink()
        raise
