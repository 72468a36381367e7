"""Saving and opening in the background: order, what counts as saved, closing in the middle, nothing paid is lost."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from editor.document import Document
from editor.document_journal import recoverable
from engine.errors import EditError, StorageError
from engine.project import clip_edits, file, journal
from engine.project.assets import AssetStore, assets_folder, unsaved_assets_folder
from engine.project.atomic import write_atomically
from engine.project.model import Project
from tests.engine.project.samples import version, with_clips, with_patch

HOUR_MS = 3_600_000
FILM = "Film.patchreel"


@dataclass
class Disk:
    """A disk that writes project files only while its gate is open, and notes what it wrote and on which thread."""

    gate: threading.Event = field(default_factory=threading.Event)
    entered: threading.Event = field(default_factory=threading.Event)
    written: list[str] = field(default_factory=list)
    threads: set[int] = field(default_factory=set)
    error: StorageError | None = None

    def write(self, path: Path, data: bytes) -> None:
        self.threads.add(threading.get_ident())
        self.entered.set()
        assert self.gate.wait(20)
        if self.error is not None:
            raise self.error
        write_atomically(path, data)
        self.written.append(path.name)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    made = Disk()
    monkeypatch.setattr("engine.project.file.write_atomically", made.write)
    yield made
    made.gate.set()


@pytest.fixture
def document(qapp: object, disk: Disk) -> Iterator[Document]:
    made = Document(journal_interval_ms=HOUR_MS)
    made.note(lambda _: with_clips())
    yield made
    disk.gate.set()
    made.close()


def _moved(document: Document, to: int) -> Project:
    document.apply("Move clip", _move(to))
    return document.project


def _move(to: int) -> Callable[[Project], Project]:
    return partial(clip_edits.move_clip, clip_id="b", start=Fraction(to))


def test_saving_returns_at_once_and_writes_elsewhere(document: Document, disk: Disk, tmp_path: Path) -> None:
    document.save_as(tmp_path / FILM)
    assert document.is_saving and document.path is None and not (tmp_path / FILM).exists()
    disk.gate.set()
    assert document.wait_for_saves()
    assert not document.is_saving and document.path == tmp_path / FILM
    assert threading.get_ident() not in disk.threads


def test_an_edit_during_a_save_is_not_saved(document: Document, disk: Disk, tmp_path: Path, qtbot: QtBot) -> None:
    snapshot = document.project
    document.save_as(tmp_path / FILM)
    assert disk.entered.wait(5)
    _moved(document, 20)
    with qtbot.waitSignal(document.saved) as told:
        disk.gate.set()
    assert told.args == [tmp_path / FILM]
    assert document.is_modified and document.saved_project is snapshot
    assert file.load(tmp_path / FILM).project == snapshot
    document.undo_stack.undo()
    assert not document.is_modified


def test_saves_keep_their_order_and_the_last_wins(document: Document, disk: Disk, tmp_path: Path) -> None:
    document.save_as(tmp_path / FILM)
    assert disk.entered.wait(5)
    document.save_as(tmp_path / "Other")
    for to in (20, 30, 40):
        last = _moved(document, to)
        document.save_as(tmp_path / FILM)
    disk.gate.set()
    assert document.wait_for_saves()
    assert disk.written == [FILM, "Other.patchreel", FILM], "those that waited for the same file were replaced by the last"
    assert file.load(tmp_path / FILM).project == last == document.project
    assert not document.is_modified and document.path == tmp_path / FILM


def test_a_save_that_fails_says_so_and_the_next_goes_on(
    document: Document, disk: Disk, tmp_path: Path, qtbot: QtBot
) -> None:
    disk.error = StorageError("No space left on device.")
    disk.gate.set()
    with qtbot.waitSignal(document.save_failed) as told:
        document.save_as(tmp_path / FILM)
    assert told.args and str(told.args[1]) == "No space left on device."
    assert document.is_modified and document.path is None
    disk.error = None
    document.save_as(tmp_path / FILM)
    assert document.wait_for_saves() and not document.is_modified


def test_waiting_for_a_save_that_fails_says_so(document: Document, disk: Disk, tmp_path: Path) -> None:
    disk.error = StorageError("No space left on device.")
    disk.gate.set()
    document.save_as(tmp_path / FILM)
    assert not document.wait_for_saves()


# Closing


def test_closing_waits_for_a_save(qapp: object, disk: Disk, tmp_path: Path) -> None:
    document = Document(journal_interval_ms=HOUR_MS)
    document.note(lambda _: with_clips())
    document.save_as(tmp_path / "First")
    document.save_as(tmp_path / FILM)
    assert disk.entered.wait(5)
    opener = threading.Timer(0.05, disk.gate.set)
    opener.start()
    assert document.close()
    opener.join()
    assert disk.written == ["First.patchreel", FILM] and journal.entries() == []


@pytest.mark.parametrize("is_stuck", [True, False])
def test_a_save_that_does_not_end_well_is_left_in_the_journal(
    qapp: object, disk: Disk, tmp_path: Path, is_stuck: bool
) -> None:
    document = Document(journal_interval_ms=HOUR_MS)
    document.note(lambda _: with_clips())
    document.save_as(tmp_path / FILM)
    assert disk.entered.wait(5)
    if not is_stuck:
        disk.error = StorageError("The disk is gone.")
        disk.gate.set()
    assert not document.close(timeout_s=0.2)
    (entry,) = recoverable()
    assert journal.read_entry(entry).project == with_clips()


def test_leaving_a_document_that_is_being_saved_forgets_its_journal_only_after(
    document: Document, disk: Disk, tmp_path: Path, qtbot: QtBot
) -> None:
    document.save_as(tmp_path / FILM)
    assert disk.entered.wait(5)
    document.new()
    qtbot.waitUntil(lambda: len(journal.entries()) == 1)
    assert document.path is None and not document.is_modified
    with qtbot.waitSignal(document.saved):
        disk.gate.set()
    assert journal.entries() == [] and file.load(tmp_path / FILM).project == with_clips()
    assert document.path is None and not document.is_modified, "the document that is open now is another"


# Assets


@pytest.mark.parametrize("was_saved", [False, True])
def test_a_result_that_comes_during_a_save_goes_along(
    document: Document, disk: Disk, tmp_path: Path, was_saved: bool
) -> None:
    if was_saved:
        disk.gate.set()
        document.save_as(tmp_path / "First")
        assert document.wait_for_saves()
        disk.gate.clear()
        disk.entered.clear()
    document.note(lambda _: with_patch())
    early = document.assets.put(b"early", ".png")
    document.save_as(tmp_path / FILM)
    assert disk.entered.wait(5)
    late = document.assets.put(b"paid", ".png")
    document.attach_result("logo", version(late), "Result for Logo")
    disk.gate.set()
    assert document.wait_for_saves() and document.is_modified
    new = AssetStore(assets_folder(tmp_path / FILM))
    assert document.assets.folder == new.folder and new.hashes() == {early, late}
    if was_saved:
        assert AssetStore(assets_folder(tmp_path / "First.patchreel")).hashes() == {early, late}
    else:
        assert not unsaved_assets_folder(document.journal.session).parent.exists()


# Opening


def test_a_file_is_read_as_it_was_saved(document: Document, disk: Disk, tmp_path: Path, qtbot: QtBot) -> None:
    document.save_as(tmp_path / FILM)
    assert disk.entered.wait(5)
    last = _moved(document, 20)
    document.save_as(tmp_path / FILM)
    document.open(tmp_path / FILM)
    with qtbot.waitSignal(document.opened) as told:
        disk.gate.set()
    assert told.args == [tmp_path / FILM, ()]
    assert document.project == last and not document.is_modified and document.undo_stack.count() == 0


def test_the_newest_wish_to_open_wins(document: Document, disk: Disk, tmp_path: Path, qtbot: QtBot) -> None:
    disk.gate.set()
    for name in ("One", "Two"):
        document.save_as(tmp_path / name)
    assert document.wait_for_saves()
    opened: list[Path] = []
    document.opened.connect(lambda path, _warnings: opened.append(path))
    with qtbot.waitSignal(document.opened):
        document.open(tmp_path / "One.patchreel")
        document.open(tmp_path / "Two.patchreel")
    assert opened == [tmp_path / "Two.patchreel"] and document.path == opened[0]


def test_what_was_edited_while_another_was_read_is_not_thrown_away(
    document: Document, disk: Disk, tmp_path: Path, qtbot: QtBot
) -> None:
    disk.gate.set()
    document.save_as(tmp_path / FILM)
    assert document.wait_for_saves()
    with qtbot.waitSignal(document.open_failed) as told:
        document.open(tmp_path / FILM)
        edited = _moved(document, 20)
    assert told.args and isinstance(told.args[1], EditError) and "changed meanwhile" in str(told.args[1])
    assert document.project is edited


def test_a_new_document_takes_back_the_wish_to_open(
    document: Document, disk: Disk, tmp_path: Path, qtbot: QtBot
) -> None:
    disk.gate.set()
    document.save_as(tmp_path / FILM)
    assert document.wait_for_saves()
    with qtbot.assertNotEmitted(document.opened):
        document.open(tmp_path / FILM)
        document.new()
        document.save_as(tmp_path / "Empty")
        assert document.wait_for_saves()
    assert document.path == tmp_path / "Empty.patchreel"


# Journal


def test_the_journal_replaces_what_waits_by_the_newest(
    document: Document, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, entered, written = threading.Event(), threading.Event(), list[Project]()

    def slow(_session: str, project: Project, *_more: object) -> None:
        entered.set()
        assert gate.wait(20)
        written.append(project)

    monkeypatch.setattr("engine.project.journal.write_entry", slow)
    first = document.project
    document.journal.write_now()
    assert entered.wait(5)
    for to in (20, 30):
        _moved(document, to)
        document.journal.write_now()
    last = _moved(document, 40)
    done = document.journal.write_now()
    gate.set()
    done.result(5)
    assert [p is q for p, q in zip(written, (first, last), strict=True)] == [True, True]
