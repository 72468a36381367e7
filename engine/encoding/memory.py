"""How much memory this process has used at most."""

import sys


def peak_rss_mb() -> float:
    """Peak resident memory in MB (10⁶ bytes); 0 on systems that do not say."""
    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6
