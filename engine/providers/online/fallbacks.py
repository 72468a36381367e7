"""The user's order of providers per operation: a small file beside the settings, shared by the window and the commands.

    {"region edit": {"order": ["gemini", "openai"], "made before": true}}
"""

import json
import os
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

from engine import folders
from engine.errors import BadInputError, StorageError
from engine.providers.fallback import Chain

FILE_NAME = "fallbacks.json"
REGION_EDIT, VIDEO, PICTURE, TRANSCRIPTION = "region edit", "video", "picture", "transcription"
_USUAL = {REGION_EDIT: Chain(("gemini", "openai")), TRANSCRIPTION: Chain(("elevenlabs",))}
"""A service without a key is passed over, and each asks before it is sent anything."""


class Fallbacks:
    """Reads and writes the file; nothing is kept in memory."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path or folders.settings_file().with_name(FILE_NAME)

    def chain(self, operation: str) -> Chain:
        """The order that was chosen, else the usual one. Raises: BadInputError: the file cannot be read."""
        return self.chosen(operation) or _USUAL.get(operation, Chain())

    def chosen(self, operation: str) -> Chain | None:
        """The same, None where nothing was chosen: for commands, which send to nobody that was not named."""
        found = self._read().get(operation)
        return None if found is None else Chain(tuple(found["order"]), bool(found["made before"]))

    def choose(self, operation: str, chain: Chain) -> None:
        """Keep an order. Raises: BadInputError: what is there cannot be read, and stays as it is; StorageError."""
        kept = {**self._read(), operation: {"order": list(chain.providers), "made before": chain.uses_known}}
        temp = self._path.with_name(f".{self._path.name}.{uuid.uuid4().hex}.tmp")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with temp.open("w", encoding="utf-8") as file:
                json.dump(kept, file, indent=1, sort_keys=True)
                file.flush()
                os.fsync(file.fileno())
            temp.replace(self._path)
        except OSError as error:
            raise StorageError(f"The order of providers could not be kept: {error.strerror or error}.") from error
        finally:
            with suppress(OSError):
                temp.unlink()

    def _read(self) -> dict[str, Any]:
        try:
            text = self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return {}
        except (OSError, UnicodeDecodeError) as error:
            raise BadInputError(f"“{self._path.name}” beside the settings cannot be read ({error}).") from error
        try:
            found = json.loads(text)
            if all(_is_chain(one) for one in found.values()):
                return dict(found)
        except (ValueError, AttributeError):
            pass
        raise BadInputError(
            f"“{self._path.name}” beside the settings says no order of providers.",
            "Put it right, or remove it for the usual order.",
        )


def _is_chain(value: Any) -> bool:
    return (
        isinstance(value, dict) and set(value) == {"order", "made before"} and isinstance(value["made before"], bool)
        and isinstance(value["order"], list) and all(isinstance(one, str) for one in value["order"])
    )
