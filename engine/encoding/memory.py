"""How much memory this process has used at most, and how it gives back what it uses no more."""

import ctypes
import functools
import sys
from collections.abc import Callable

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_LARGEST_PICTURE_BYTES, _KEPT_HEAP_BYTES = 32 << 20, 128 << 20


def peak_rss_mb() -> float:
    """Peak resident memory in MB (10⁶ bytes); 0 on systems that do not say."""
    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


def give_back_memory() -> None:
    """Return what is free to the system, where the C library can be asked to (glibc); takes a few milliseconds.

    Each segment has an encoder, a decoder and threads of its own, and glibc keeps what such threads freed in arenas that others
    do not use: measured on 1080p, every window of changes left some 10 MB more, and checking began on top of all of it.
    """
    trim = _malloc_trim()
    if trim is not None:
        trim(0)


@functools.cache
def keep_pictures_in_heap() -> None:
    """Let the C library (glibc) reuse the memory of freed pictures instead of asking the system for each anew.

    Pictures of megabytes come and go with every frame; fetched from the system and given back each time, their pages cost a tenth
    of an export's time. `give_back_memory` gives back what is left at the end.
    """
    if sys.platform != "linux":
        return
    tune = getattr(ctypes.CDLL(None), "mallopt", None)
    if tune is not None:
        tune(_M_MMAP_THRESHOLD, _LARGEST_PICTURE_BYTES)
        tune(_M_TRIM_THRESHOLD, _KEPT_HEAP_BYTES)


@functools.cache
def _malloc_trim() -> Callable[[int], int] | None:
    if sys.platform != "linux":
        return None
    found: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return found
