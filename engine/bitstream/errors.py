"""The one error of this room. It must not know the program's error hierarchy, which lies above what bytes can tell."""


class BitstreamError(ValueError):
    """The bytes are not what their format promises: one sentence saying which part is wrong and how."""
