"""The error that makes an export encode everything instead of copying."""

from engine.errors import ExportError


class SpliceError(ExportError):
    """New frames could not be put between the source's packets; the text says why."""


class UnwritableError(ExportError):
    """The source's packets cannot stay as they are; the text says why. Encoding more around the changes does not help."""
