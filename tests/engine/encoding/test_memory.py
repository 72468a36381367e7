"""What an export used and uses no more goes back to the system."""

import sys

import numpy as np
import psutil  # type: ignore[import-untyped]
import pytest

from engine.encoding.memory import _malloc_trim, give_back_memory, peak_rss_mb


@pytest.mark.performance
@pytest.mark.skipif(sys.platform != "linux" or _malloc_trim() is None, reason="only glibc can be asked")
def test_what_is_free_goes_back() -> None:
    process = psutil.Process()
    pieces = [np.ones(100_000, np.uint8) for _ in range(800)]  # small enough to lie in the heap
    last = pieces[-1]
    full = process.memory_info().rss
    del pieces
    give_back_memory()
    assert process.memory_info().rss < full - 40_000_000
    assert last[0] == 1
    assert peak_rss_mb() >= full / 1e6 * 0.9
