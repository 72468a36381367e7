"""Where things lie. `PATCHREEL_HOME` moves every folder of the program under one root."""

import os
from pathlib import Path

import platformdirs

_NAME = "patchreel"


def _home() -> Path | None:
    home = os.environ.get("PATCHREEL_HOME")
    return Path(home) if home else None


def cache_dir() -> Path:
    """What can be computed again; may be deleted at any time."""
    home = _home()
    return home / "cache" if home else Path(platformdirs.user_cache_dir(_NAME))


def data_dir() -> Path:
    """What must be kept: assets of projects that were never saved, the journal."""
    home = _home()
    return home / "data" if home else Path(platformdirs.user_data_dir(_NAME))


def settings_file() -> Path:
    """Window layout and preferences."""
    home = _home()
    return (home / "config" if home else Path(platformdirs.user_config_dir(_NAME))) / "settings.ini"
