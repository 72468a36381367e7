"""Remembers what a file is: looking again costs opening it and decoding a frame, and its fingerprint says that it is the same."""

import json

from engine.cache.store import Cache
from engine.errors import ProjectFileError
from engine.media.container import SourcePath
from engine.media.probe import Probe, probe
from engine.project.schema import decode
from engine.project.schema_text import TextWriter

_KIND = "probe"
_VERSION = 2
"""Raised whenever `probe` says something else of the same file."""


def known_probe(path: SourcePath, fingerprint: str, cache: Cache) -> Probe:
    """What `probe` says, from the cache where it was asked of the same content before. Raises as `probe`."""
    key = cache.key("probe", _VERSION, fingerprint)
    stored = cache.get(_KIND, key)
    found = _decoded(stored) if stored else None
    if found is None:
        found = probe(path)
        cache.put(_KIND, key, TextWriter().text(found).encode())
    return found


def _decoded(data: bytes) -> Probe | None:
    try:
        return decode(Probe, json.loads(data))
    except (ValueError, ProjectFileError):
        return None
