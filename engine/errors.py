"""What can go wrong, as values: a sentence for the user, a hint what to do, a category and a short code.

The text says what happened and what it means; it never holds a key, a token or a traceback.
"""

from enum import Enum


class Category(Enum):
    """Decides the exit code of a command (`BAD_INPUT` is 2, the others are 1) and the icon in the window."""

    BAD_INPUT = "bad input"
    MEDIA = "media"
    STORAGE = "storage"
    PROVIDER = "provider"
    EXPORT = "export"
    INTERNAL = "internal"


class PatchreelError(Exception):
    """The root of all errors that a user may meet; `str(error)` is one sentence, `hint` says what to do."""

    category = Category.INTERNAL
    code = "PR-1000"

    def __init__(self, text: str, hint: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.text} {self.hint}".strip()


class BadInputError(PatchreelError):
    """An argument, option or value that cannot be used as given."""

    category = Category.BAD_INPUT
    code = "PR-1100"


class EditError(BadInputError):
    """An edit that cannot be done on this project; nothing was changed."""

    code = "PR-1200"


class ProjectFileError(BadInputError):
    """A project file that cannot be read or written."""

    code = "PR-1300"


class NewerSchemaError(ProjectFileError):
    """A project written by a newer version: it may be shown, never changed."""

    code = "PR-1310"


class MediaError(PatchreelError):
    """A file that is missing, unreadable or of no known kind; the text names the file and the reason."""

    category = Category.MEDIA
    code = "PR-2000"


class StorageError(PatchreelError):
    """The disk: no room, no permission, no folder."""

    category = Category.STORAGE
    code = "PR-3000"


class ProviderError(PatchreelError):
    """A provider refused, failed or answered with something that is no picture."""

    category = Category.PROVIDER
    code = "PR-4000"


class ExportError(PatchreelError):
    """An export that could not be made or did not hold its own check."""

    category = Category.EXPORT
    code = "PR-5000"


class VerificationError(ExportError):
    """The finished file differs from what was planned."""

    code = "PR-5100"


class Cancelled(Exception):  # noqa: N818 - it is not an error: the user asked for it
    """Raised inside a job when its token was cancelled."""
