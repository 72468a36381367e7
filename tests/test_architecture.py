"""The rules of the house, checked on every run: lint, types, import contracts, who may load what."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
PACKAGES = ("editor", "widgets", "engine")
QT = ("PySide6", "shiboken6")

pytestmark = pytest.mark.integration


def _run(*arguments: str) -> str:
    """Output of a Python command run in the repository. The test fails, with that output, if the command does."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=REPOSITORY,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        pytest.fail(f"{' '.join(arguments[:3])}\n{done.stdout}{done.stderr}", pytrace=False)
    return done.stdout


def _modules_under(package: str) -> list[str]:
    files = sorted((REPOSITORY / package).rglob("*.py"))
    names = [".".join(file.relative_to(REPOSITORY).with_suffix("").parts) for file in files]
    return [name.removesuffix(".__init__") for name in names if not name.endswith("__main__")]


def _imported_roots(file: Path) -> set[str]:
    roots: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"), str(file))):
        if isinstance(node, ast.Import):
            roots.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            roots.add(node.module.split(".")[0])
    return roots


def _shipped_files() -> list[Path]:
    return sorted(file for package in PACKAGES for file in (REPOSITORY / package).rglob("*.py"))


def test_import_contracts_hold() -> None:
    # The command prints a table of contracts; its exit status says whether all were kept.
    _run("-c", "from importlinter.cli import lint_imports_command; lint_imports_command()")


def test_lint_is_clean() -> None:
    _run("-m", "ruff", "check", ".")


@pytest.mark.timeout(280)
def test_types_are_clean() -> None:
    _run("-m", "mypy")


def test_main_imports_only_the_editor() -> None:
    roots = _imported_roots(REPOSITORY / "main.py")
    ours = roots - set(sys.stdlib_module_names)
    assert ours == {"editor"}


def test_the_engine_loads_no_qt() -> None:
    imports = "\n".join(f"import {name}" for name in _modules_under("engine"))
    loaded = _run("-W", "error", "-c", f"import sys\n{imports}\nprint(*sys.modules)").split()
    assert "engine.rational_time" in loaded
    assert [name for name in loaded if name.split(".")[0] in QT] == []


def test_widgets_load_nothing_heavy_of_the_engine() -> None:
    imports = "\n".join(f"import {name}" for name in _modules_under("widgets"))
    loaded = _run("-c", f"import sys\n{imports}\nprint(*sys.modules)").split()
    assert not {"av", "cv2"} & set(loaded)
    engine_rooms = {name.split(".")[1] for name in loaded if name.startswith("engine.")}
    assert engine_rooms <= {"project", "rational_time"}


def test_choosing_a_command_loads_nothing_heavy() -> None:
    # `main.py probe FILE` must answer at once: Qt, FFmpeg, OpenCV and numpy come with the command that needs them.
    loaded = _run("-c", "import sys, main\nprint(*sys.modules)").split()
    assert "editor.command_line" in loaded
    assert not {*QT, "av", "cv2", "numpy", "PIL"} & set(loaded)


def test_no_test_folder_is_a_package() -> None:
    # tests/engine/__init__.py would shadow the real engine under --import-mode=importlib.
    assert list((REPOSITORY / "tests").rglob("__init__.py")) == []


def test_no_test_of_the_window_sends_the_mouse_straight_to_the_picture() -> None:
    # What lies over the canvas would never be noticed; see tests/pointer.py.
    straight = re.compile(r"QTest\.mouse\w+\(\s*(?:\w+\.)*(?:canvas|handles?\b)")
    files = [*(REPOSITORY / "tests" / "editor").rglob("*.py"), *(REPOSITORY / "tests" / "bench").rglob("*.py")]
    assert [file.name for file in files if straight.search(file.read_text(encoding="utf-8"))] == []


def test_no_file_of_numpy_is_read_where_threads_read() -> None:
    # Its headers go through Python's parser, which two threads cannot use at once; see engine/cache/arrays.py.
    assert [file.name for file in _shipped_files() if re.search(r"np\.(load|savez?)\b", file.read_text(encoding="utf-8"))] == []


def test_every_file_stays_readable() -> None:
    lengths = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in _shipped_files()}
    too_long = {str(file.relative_to(REPOSITORY)): lines for file, lines in lengths.items() if lines > 400}
    assert not too_long, "what second thing lives in these files?"


def test_what_ships_imports_nothing_that_only_developers_have() -> None:
    offenders = {
        str(file.relative_to(REPOSITORY)): found
        for file in _shipped_files()
        if (found := _imported_roots(file) & {"pytest", "pytestqt", "hypothesis", "psutil", "mypy"})
    }
    assert not offenders
