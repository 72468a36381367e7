"""What the file says of itself, by ffprobe: streams, chapters and tags of source and output side by side."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bench.h264.programs import run

_FREE = {
    "filename", "size", "bit_rate", "max_bit_rate", "extradata_size", "probe_score", "encoder", "ENCODER", "BPS",
    "NUMBER_OF_BYTES", "major_brand", "minor_version", "compatible_brands", "refs",
}  # fmt: skip
"""What may well be another: sizes, and who wrote the file."""


def differences(source: Path, output: Path) -> list[str]:
    """Each fact that became another one, as a few words."""
    before, after = dict(_facts(source)), dict(_facts(output))
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return [f"{name}: {before.get(name, 'nothing')} became {after.get(name, 'nothing')}" for name in names]


def _facts(path: Path) -> Iterator[tuple[str, str]]:
    words = ["ffprobe", "-v", "quiet", "-show_streams", "-show_chapters", "-show_format", "-of", "json", str(path)]
    yield from _flat("", json.loads(run(words).out or "{}"))


def _flat(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in _FREE:
                yield from _flat(f"{name}.{key}" if name else key, inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _flat(f"{name}[{number}]", inner)
    else:
        yield name, str(value)
