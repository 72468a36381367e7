"""The files that ship with the program: fonts, icons, the sample. Knows nothing of who reads them."""

from importlib.resources import files
from pathlib import Path


def path(name: str) -> Path:
    """The path of a bundled file or folder, `name` being relative to this folder, with forward slashes."""
    return Path(str(files(__name__).joinpath(name)))
