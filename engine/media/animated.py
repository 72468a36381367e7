"""Is a file an animated picture? Most are not, and then Pillow is not even imported: it takes as long as opening a video does."""

from pathlib import Path

from engine.media.container import SourcePath, check_file


def is_animation(path: SourcePath) -> bool:
    """True for a WebP or PNG of several frames. Looks at the first bytes of other files only. Raises as `check_file`."""
    check_file(path)
    try:
        with Path(path).open("rb") as file:
            head = file.read(12)
    except OSError:
        return False
    if head[:8] != b"\x89PNG\r\n\x1a\n" and not (head[:4] == b"RIFF" and head[8:] == b"WEBP"):
        return False
    from engine.media.animation import frame_count

    return frame_count(path) > 1
