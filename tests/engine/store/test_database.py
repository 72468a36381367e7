"""The file grows from version to version without losing anything, and serves several threads and processes at once."""

import pickle
import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from engine.errors import StorageError
from engine.store import database
from engine.store.database import NewerStoreError, Store
from engine.store.schema import MIGRATIONS

REPOSITORY = Path(__file__).resolve().parents[3]
ONE = ("CREATE TABLE notes (text TEXT NOT NULL)",)
TWO = ("ALTER TABLE notes ADD COLUMN rank INTEGER NOT NULL DEFAULT 7", "CREATE INDEX notes_by_rank ON notes (rank)")
BROKEN = ("ALTER TABLE notes ADD COLUMN colour TEXT", "INSERT INTO nowhere VALUES (1)")


def filled(path: Path) -> None:
    store = Store(path, migrations=[ONE])
    with store.writing() as base:
        base.execute("INSERT INTO notes VALUES ('kept')")
    store.close()


def version_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as base:
        return int(base.execute("PRAGMA user_version").fetchone()[0])


def test_a_new_file_has_all_tables_and_is_the_users_alone(store: Store) -> None:
    names = {row[0] for row in store.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert {"ledger", "operations", "tokens", "pauses", "consents", "sendings", "projects"} <= names
    assert version_of(store.path) == len(MIGRATIONS)
    if sys.platform != "win32":
        assert stat.S_IMODE(store.path.stat().st_mode) == 0o600


def test_a_migration_keeps_the_rows_and_a_copy_from_before_it(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    filled(path)
    store = Store(path, migrations=[ONE, TWO])
    assert [tuple(row) for row in store.rows("SELECT * FROM notes")] == [("kept", 7)]
    store.close()
    assert version_of(path) == 2
    copy = tmp_path / "store.sqlite.before-2"
    with closing(sqlite3.connect(copy)) as base:
        assert base.execute("SELECT * FROM notes").fetchall() == [("kept",)]
    assert version_of(copy) == 1
    assert not list(tmp_path.glob(".*")), "the copy was renamed into place and nothing is left beside it"


def test_the_copy_holds_what_is_still_in_the_log_of_another_process(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    filled(path)
    other = Store(path, migrations=[ONE])
    with other.writing() as base:
        base.execute("INSERT INTO notes VALUES ('late')")
    store = Store(path, migrations=[ONE, TWO])
    assert len(store.rows("SELECT * FROM notes")) == 2
    with closing(sqlite3.connect(tmp_path / "store.sqlite.before-2")) as base:
        assert base.execute("SELECT text FROM notes").fetchall() == [("kept",), ("late",)]
    store.close()
    other.close()


def test_a_migration_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    filled(path)
    store = Store(path, migrations=[ONE, TWO, BROKEN])
    with pytest.raises(StorageError, match="nowhere"):
        store.rows("SELECT 1")
    store.close()
    assert version_of(path) == 2, "the step before it stands"
    with closing(sqlite3.connect(path)) as base:
        assert base.execute("SELECT * FROM notes").fetchall() == [("kept", 7)]


def test_a_newer_file_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    filled(path)
    with closing(sqlite3.connect(path)) as base:
        base.execute("PRAGMA user_version = 99")
        base.execute("PRAGMA journal_mode = delete")
    before = path.read_bytes()
    store = Store(path)
    with pytest.raises(NewerStoreError, match="newer version") as caught:
        store.rows("SELECT 1")
    store.close()
    assert str(caught.value).count(". ") == 1, "one sentence and what to do"
    assert path.read_bytes() == before


def test_a_damaged_file_is_said_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    path.write_bytes(b"no database at all, but long enough to have a head" * 100)
    with pytest.raises(StorageError, match="damaged"):
        Store(path).rows("SELECT 1")


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match=r"patchreel\.sqlite"):
        Store(tmp_path / "file" / "patchreel.sqlite").rows("SELECT 1")


def test_an_error_inside_a_transaction_undoes_it(store: Store) -> None:
    with pytest.raises(RuntimeError), store.writing() as base:
        base.execute("INSERT INTO projects (project) VALUES ('a')")
        raise RuntimeError
    assert store.rows("SELECT * FROM projects") == []
    with pytest.raises(sqlite3.IntegrityError), store.writing() as base:
        base.execute("INSERT INTO projects (project, cap_nano) VALUES ('b', -1)")
    assert store.rows("SELECT * FROM projects") == []


def test_a_writer_that_waits_too_long_says_so(store: Store) -> None:
    impatient = Store(store.path, busy_s=0.05)
    with store.writing(), pytest.raises(StorageError, match="another process has held it"), impatient.writing():
        pass
    impatient.close()


def test_threads_have_connections_of_their_own_and_ended_ones_are_closed(store: Store) -> None:
    def write(name: str) -> None:
        for number in range(10):
            with store.writing() as base:
                base.execute("INSERT INTO projects (project) VALUES (?)", (f"{name}{number}",))

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.rows("SELECT count(*) FROM projects")[0][0] == 40
    assert len(store._opened) <= 2


def test_it_can_be_used_again_after_it_was_closed(store: Store) -> None:
    store.rows("SELECT 1")
    store.close()
    assert [tuple(row) for row in store.rows("SELECT 1")] == [(1,)]


def test_sent_to_another_process_it_is_the_same_file(store: Store) -> None:
    assert pickle.loads(pickle.dumps(store)).path == store.path


def test_on_a_network_folder_there_is_no_write_ahead_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "is_on_network", lambda _path: True)
    store = Store(tmp_path / "store.sqlite")
    assert store.rows("PRAGMA journal_mode")[0][0] == "delete"
    store.close()


@pytest.mark.integration
def test_a_second_thread_does_not_drop_the_locks_of_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that closes any handle of a file loses all its locks on it (fcntl), also those of its other threads."""
    monkeypatch.setattr(database, "is_on_network", lambda _path: True)
    store = Store(tmp_path / "store.sqlite")
    script = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None).execute('BEGIN IMMEDIATE')"
    with store.writing() as base:
        base.execute("INSERT INTO projects (project) VALUES ('a')")
        thread = threading.Thread(target=store.rows, args=("SELECT 1",))
        thread.start()
        thread.join()
        run = subprocess.run([sys.executable, "-c", script, str(store.path)], capture_output=True, check=False)
    assert b"database is locked" in run.stderr
    store.close()


def test_the_log_is_kept_and_every_commit_is_on_the_disk(store: Store) -> None:
    assert store.rows("PRAGMA journal_mode")[0][0] == "wal"
    assert store.rows("PRAGMA synchronous")[0][0] == 2


@pytest.mark.integration
def test_processes_that_make_the_file_at_once_and_write_at_once_lose_nothing(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from engine.store.database import Store\n"
        "store = Store(Path(sys.argv[1])); print('ready', flush=True); sys.stdin.readline()\n"
        "for number in range(40):\n"
        "    with store.writing() as base:\n"
        "        base.execute('INSERT INTO projects (project) VALUES (?)', (f'{sys.argv[2]}-{number}',))\n"
        "store.close()"
    )
    path = tmp_path / "new" / "store.sqlite"
    run = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(path), name], cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for name in "abc"
    ]
    for one in run:
        assert one.stdout is not None and one.stdout.readline() == b"ready\n"
    for one in run:
        assert one.stdin is not None
        one.stdin.write(b"go\n")
        one.stdin.flush()
    for one in run:
        one.communicate(timeout=60)
        assert one.returncode == 0
    store = Store(path)
    assert store.rows("SELECT count(*) FROM projects")[0][0] == 120
    store.close()
