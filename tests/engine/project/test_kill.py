"""The program is killed while it saves: the project file is always one of those that were saved, whole."""

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.project.file import load, save
from engine.project.track_edits import new_project
from tests.engine.project.samples import with_clips

REPOSITORY = Path(__file__).resolve().parents[3]
KILLS = 12

SAVE_FOR_EVER = """
import sys
from pathlib import Path
from engine.project.file import load, save
from engine.project.track_edits import new_project
path, other = Path(sys.argv[1]), Path(sys.argv[2])
full, empty = load(other).project, new_project()
print("ready", flush=True)
while True:
    save(full, path)
    save(empty, path)
"""


@pytest.mark.integration
@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_kill_at_any_moment_leaves_a_whole_file(tmp_path: Path) -> None:
    path, other = tmp_path / "Film.patchreel", tmp_path / "Full.patchreel"
    save(with_clips(), other)
    save(with_clips(), path)
    moments = random.Random(7)
    for _ in range(KILLS):
        command = [sys.executable, "-c", SAVE_FOR_EVER, str(path), str(other)]
        with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE) as child:
            assert child.stdout is not None and child.stdout.readline() == b"ready\n"
            try:
                child.wait(moments.uniform(0, 0.05))
            except subprocess.TimeoutExpired:
                child.send_signal(signal.SIGKILL)
            assert child.wait() == -signal.SIGKILL
        assert load(path).project in {new_project(), with_clips()}
