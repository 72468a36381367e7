"""Whether the files an export reads are still those it began with. Must not know what they are read for."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from engine.errors import Cancelled, MediaError
from engine.media.container import check_file, display_name

_State = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class SourceWatch:
    """Remembers files by time, size and place on the disk. As a context: what fails inside because of them is their error."""

    states: tuple[tuple[str, _State], ...]

    @classmethod
    def over(cls, paths: Iterable[str]) -> "SourceWatch":
        """Begin to watch. Raises MediaError where one is not there."""
        return cls(tuple((path, _state(check_file(path))) for path in dict.fromkeys(paths)))

    def check(self) -> None:
        """Raises MediaError where a file is another than at the beginning, or gone."""
        for path, before in self.states:
            name, hint = display_name(path), "Nothing was written. Put the file back, or import it again."
            try:
                is_same = _state(Path(path).stat()) == before
            except OSError as error:
                raise MediaError(f"“{name}” was removed while it was exported.", hint) from error
            if not is_same:
                raise MediaError(f"“{name}” was changed while it was exported.", hint)

    def __enter__(self) -> "SourceWatch":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if isinstance(error, Exception) and not isinstance(error, Cancelled):
            self.check()


def _state(status: os.stat_result) -> _State:
    return status.st_mtime_ns, status.st_size, status.st_ino, status.st_dev
