"""Where things lie. `PATCHREEL_HOME` moves every folder of the program under one root."""

import os
from pathlib import Path

_NAME = "patchreel"
STORE_NAME = "patchreel.sqlite"
"""The store of what was spent and allowed, in `data_dir()`."""

GENERATED = "generated"
"""What services have generated, for all projects, in `data_dir()`."""


def _folder(kind: str) -> Path:
    """`kind` is cache, data or config."""
    home = os.environ.get("PATCHREEL_HOME")
    if home:
        return Path(home) / kind
    import platformdirs  # a move of the whole program needs it not

    named = {"cache": platformdirs.user_cache_dir, "data": platformdirs.user_data_dir, "config": platformdirs.user_config_dir}
    return Path(named[kind](_NAME))


def cache_dir() -> Path:
    """What can be computed again; may be deleted at any time."""
    return _folder("cache")


def data_dir() -> Path:
    """What must be kept: assets of projects that were never saved, the journal."""
    return _folder("data")


def settings_file() -> Path:
    """Window layout and preferences."""
    return _folder("config") / "settings.ini"
