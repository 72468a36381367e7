"""A command whose output is closed, full or read by nobody any more does its work, and says so without a traceback."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(sys.platform == "win32", reason="there is no shell that closes a program's output"),
]
MAIN = Path(__file__).parents[3] / "main.py"


@pytest.mark.parametrize(("redirected", "code"), [
    (">&- 2>&-", 0), ("2>&- >/dev/null", 0), ("2> >(exec true)", 0), (">/dev/full", 1), ("> >(exec true)", 1),
])  # fmt: skip
def test_an_export_is_made_whoever_listens(run: Any, clip: Path, tmp_path: Path, redirected: str, code: int) -> None:
    project, out = tmp_path / "film.patchreel", tmp_path / "out.mp4"
    assert run("new", project, clip).code == 0
    command = f'"$0" "$1" export "$2" "$3" {redirected}'
    words = ["bash", "-c", command, sys.executable, str(MAIN), str(project), str(out)]
    done = subprocess.run(words, capture_output=True, check=False, env=os.environ, timeout=60)
    assert done.returncode == code, done.stderr
    assert out.stat().st_size > 1000
    assert b"Traceback" not in done.stderr and b"Exception ignored" not in done.stderr, done.stderr
    assert (b"The answer could not be written" in done.stderr) == (code == 1)
