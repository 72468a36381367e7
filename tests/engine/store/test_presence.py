"""Others can tell whether a process still works, however it ended."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.store.network_folder import file_system
from engine.store.presence import Presence

REPOSITORY = Path(__file__).resolve().parents[3]


def test_a_name_is_alive_while_it_is_held(tmp_path: Path) -> None:
    mine, other = Presence(tmp_path), Presence(tmp_path)
    name = mine.name()
    assert mine.name() == name != other.name()
    assert other.is_alive(name) and mine.is_alive(name)
    mine.leave()
    assert not other.is_alive(name)
    assert mine.name() != name
    mine.leave()
    other.leave()
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_never_was_is_not_alive(tmp_path: Path) -> None:
    assert not Presence(tmp_path / "missing").is_alive("nobody")


@pytest.mark.integration
def test_a_killed_process_is_not_alive_and_is_swept_up_later(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from engine.store.presence import Presence\n"
        "print(Presence(Path(sys.argv[1])).name(), flush=True); sys.stdin.read()"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert run.stdout is not None
    name = run.stdout.readline().decode().strip()
    here = Presence(tmp_path)
    assert here.is_alive(name)
    run.kill()
    run.communicate()
    assert not here.is_alive(name)
    os.utime(tmp_path / name, (1, 1))
    here.name()
    assert not (tmp_path / name).exists()
    here.leave()


MOUNTS = r"""21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
36 21 0:45 / /home/ann/share rw - nfs4 server:/export rw
37 21 0:46 / /mnt/two\040words rw - cifs //server/share rw
38 21 0:47 / /mnt/ssh rw - fuse.sshfs ann@host: rw
broken line"""


@pytest.mark.parametrize(("path", "kind"), [
    ("/home/ann/file", "ext4"), ("/home/ann/share", "nfs4"), ("/home/ann/share/deep/file", "nfs4"),
    ("/home/ann/shared/file", "ext4"), ("/mnt/two words/file", "cifs"), ("/mnt/ssh/x", "fuse.sshfs"),
])
def test_the_mount_that_holds_a_path_is_found(path: str, kind: str) -> None:
    assert file_system(MOUNTS, path) == kind
