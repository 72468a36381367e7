"""Paths of a drag: in name order, any bytes, this computer only."""

import os
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QUrl

from widgets.dropped_files import local_files


def test_files_come_in_name_order() -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/b/2 ä.mp4"), QUrl.fromLocalFile("/z/1.mp4"), QUrl("https://example.org/3.mp4")])
    assert local_files(data) == (Path("/z/1.mp4"), Path("/b/2 ä.mp4"))


@pytest.mark.skipif(os.name == "nt", reason="names are not bytes there")
def test_a_name_that_is_no_utf8_survives() -> None:
    data = QMimeData()
    data.setData("text/uri-list", b"file:///tmp/caf%E9.mp4\r\nfile://localhost/tmp/a%23b.mp4\r\nfile://elsewhere/x.mp4\r\n")
    assert local_files(data) == (Path("/tmp/a#b.mp4"), Path(os.fsdecode(b"/tmp/caf\xe9.mp4")))


def test_nothing_of_anything_else() -> None:
    data = QMimeData()
    data.setText("file:///tmp/x.mp4")
    assert local_files(data) == ()
