"""Whether a folder lies on another machine: SQLite's write-ahead log needs memory shared by all who use the file, which a network
folder cannot give.
"""

import os
import sys
from pathlib import Path

_REMOTE = frozenset({
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "davfs", "ncpfs", "virtiofs",
})
_MOUNTS = Path("/proc/self/mountinfo")
_DRIVE_REMOTE = 4


def is_on_network(path: Path) -> bool:
    """False where it cannot be found out: SQLite itself then refuses the log if the folder cannot hold it."""
    if sys.platform == "win32":
        return _is_remote_drive(path)
    try:
        mounts = _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return False
    kind = file_system(mounts, os.path.realpath(path))
    return kind in _REMOTE or kind.startswith("fuse.")


def file_system(mounts: str, path: str) -> str:
    """The kind of file system that holds `path`, from the text of Linux's mountinfo; empty where no line fits.

    A line is `id parent device root MOUNT options… - KIND source options`; blanks in names are written as \\040 (proc(5)). Of
    several mounts on one place the last one is seen.
    """
    best, kind = "", ""
    for line in mounts.splitlines():
        left, _, right = line.partition(" - ")
        fields = left.split(" ")
        if len(fields) < 5 or not right:
            continue
        mount = _unescaped(fields[4])
        if len(mount) >= len(best) and (path == mount or path.startswith(mount.rstrip("/") + "/")):
            best, kind = mount, right.split(" ")[0]
    return kind


def _unescaped(name: str) -> str:
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        name = name.replace(code, character)
    return name


def _is_remote_drive(path: Path) -> bool:
    if sys.platform != "win32":
        return False
    import ctypes

    resolved = path.absolute()
    if resolved.drive.startswith("\\\\"):
        return True
    return bool(ctypes.windll.kernel32.GetDriveTypeW(resolved.drive + "\\") == _DRIVE_REMOTE)
