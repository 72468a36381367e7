"""The gallery by itself: filters, search, cards that come and go, keys, a hundred cards that cost a screenful."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication
from pytestqt.qtbot import QtBot

from widgets.gallery import Action, Card, Gallery, Group, Look, Section
from widgets.gallery.painting import broken
from widgets.gallery.values import clock_words, progress_share, progress_words
from widgets.theme import apply_theme, font, theme_of

SECTIONS = (Section("videos", "Videos"), Section("more", "Continued", "Select a clip.", "Continue a clip"))
ADD, SAVE, TRASH = Action("add", "Add to bin", place="main"), Action("save", "Save", place="quiet"), Action("trash", "Delete")
NOW = 1_000.0


def card(name: str, look: Look = Look.FINISHED, **more: object) -> Card:
    plain = Card(name, look, look.value.capitalize(), f"prompt of {name}", "Veo, 8 s", "videos", actions=(ADD, SAVE, TRASH))
    return replace(plain, **more)  # type: ignore[arg-type]


CARDS = (
    card("run", Look.RUNNING, headline="Generating", began=NOW - 72, usual_s=120.0),
    card("done", duration_s=8.0, thumb=0), card("other", prompt="A red tulip opens"),
    card("no", Look.BLOCKED, headline="Declined"), card("wait", Look.WAITING, retry_at=NOW + 38),
)  # fmt: skip


@pytest.fixture
def gallery(qtbot: QtBot, qapp: QApplication) -> Gallery:
    apply_theme(qapp, "dark")
    made = Gallery(lambda _card: None, ("Nothing yet.", "Write a prompt"), now=lambda: NOW)
    qtbot.addWidget(made)
    made.resize(1200, 900)
    with qtbot.waitExposed(made):
        made.show()
    return made


def settle(gallery: Gallery) -> None:
    """Until everything in view is made."""
    while not gallery.flow.is_complete:
        QApplication.processEvents()


def names(gallery: Gallery) -> list[str]:
    settle(gallery)
    return sorted(name for name, widget in gallery.flow.made.items() if widget.isVisible())


def test_an_empty_gallery_is_one_sentence_and_one_button(gallery: Gallery, qtbot: QtBot) -> None:
    assert gallery.empty.isVisible() and not gallery.filter.isVisible()
    with qtbot.waitSignal(gallery.begin_wished):
        QTest.mouseClick(gallery.empty.button, Qt.MouseButton.LeftButton)


def test_filters_count_and_choose(gallery: Gallery, qtbot: QtBot) -> None:
    gallery.show_cards(SECTIONS, CARDS)
    shown_filters = [button for group in Group if (button := gallery.filter.button(group.value)).isVisible()]
    assert [button.text() for button in shown_filters] == ["All 5", "Running 2", "Finished 2", "Needs you 1"]
    for group, shown in ((Group.RUNNING, ["run", "wait"]), (Group.NEEDS_YOU, ["no"]), (Group.ALL, sorted(c.id for c in CARDS))):
        with qtbot.waitSignal(gallery.view_changed):
            QTest.mouseClick(gallery.filter.button(group.value), Qt.MouseButton.LeftButton)
        assert names(gallery) == shown


def test_deleted_cards_have_a_filter_of_their_own_while_there_are_some(gallery: Gallery) -> None:
    gallery.show_cards(SECTIONS, [*CARDS, card("gone", Look.DELETED)])
    deleted = gallery.filter.button(Group.DELETED.value)
    assert deleted.isVisible() and "gone" not in names(gallery)
    QTest.mouseClick(deleted, Qt.MouseButton.LeftButton)
    assert names(gallery) == ["gone"]
    gallery.show_cards(SECTIONS, CARDS)
    assert not deleted.isVisible() and gallery.view.group is Group.ALL and len(names(gallery)) == 5


def test_search_finds_words_in_any_order_and_esc_shows_all_again(gallery: Gallery) -> None:
    gallery.show_cards(SECTIONS, CARDS)
    QTest.mouseClick(gallery.find_button, Qt.MouseButton.LeftButton)
    QTest.keyClicks(gallery.search, "tulip RED")
    assert names(gallery) == ["other"]
    QTest.keyClicks(gallery.search, "zzz")
    assert names(gallery) == []
    QTest.keyClick(gallery.search, Qt.Key.Key_Escape)
    assert len(names(gallery)) == 5 and not gallery.search.isVisible()


def test_buttons_of_a_card_report_what_is_wished(gallery: Gallery, qtbot: QtBot) -> None:
    gallery.show_cards(SECTIONS, CARDS)
    done = gallery.reach("done")
    assert done is not None
    with qtbot.waitSignal(gallery.wished, check_params_cb=lambda name, key: (name, key) == ("done", "save")):
        QTest.mouseClick(done.button("save"), Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(gallery.judged, check_params_cb=lambda name, thumb: (name, thumb) == ("done", 1)):
        QTest.mouseClick(done.button("up"), Qt.MouseButton.LeftButton)
    gallery.show_cards(SECTIONS, [replace(one, thumb=1) if one.id == "done" else one for one in CARDS])
    with qtbot.waitSignal(gallery.judged, check_params_cb=lambda _name, thumb: thumb == 0):
        QTest.mouseClick(done.button("up"), Qt.MouseButton.LeftButton)


def test_a_card_is_played_by_key_by_button_and_by_double_click(gallery: Gallery, qtbot: QtBot) -> None:
    gallery.show_cards(SECTIONS, CARDS)
    done = gallery.reach("done")
    assert done is not None
    done.setFocus()
    with qtbot.waitSignal(gallery.play_wished):
        QTest.keyClick(done, Qt.Key.Key_Space)
    with qtbot.waitSignal(gallery.play_wished):
        QTest.mouseClick(done.button("play"), Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(gallery.play_wished):
        QTest.mouseDClick(done, Qt.MouseButton.LeftButton, pos=done.picture_rect.center())


def test_a_playing_card_shows_its_frames_and_a_click_on_its_line_goes_there(gallery: Gallery, qtbot: QtBot) -> None:
    gallery.show_cards(SECTIONS, CARDS)
    done = gallery.reach("done")
    assert done is not None
    frame = QImage(160, 90, QImage.Format.Format_RGB32)
    frame.fill(QColor("#20c040"))
    done.show_frame(frame, 2.0)
    middle = done.grab().toImage().pixelColor(done.picture_rect.center() * done.devicePixelRatioF())
    assert middle == QColor("#20c040") and done.button("play").accessibleName() == "Pause"
    groove = done.groove_rect
    with qtbot.waitSignal(gallery.seek_wished, check_params_cb=lambda _name, share: abs(share - 0.5) < 0.02):
        QTest.mouseClick(done, Qt.MouseButton.LeftButton, pos=QPoint(groove.center().x(), groove.center().y()))


def test_what_is_shown_stays_where_it_is_when_one_card_changes(gallery: Gallery) -> None:
    gallery.show_cards(SECTIONS, CARDS)
    settle(gallery)
    before = dict(gallery.flow.made)
    gallery.show_cards(SECTIONS, [replace(CARDS[0], look=Look.FINISHED, status="Finished"), *CARDS[1:-1]])
    assert gallery.flow.made["run"] is before["run"] and gallery.flow.made["run"].card.status == "Finished"
    assert "wait" not in gallery.flow.made


def test_a_section_without_cards_says_how_to_begin(gallery: Gallery, qtbot: QtBot) -> None:
    gallery.show_cards(SECTIONS, CARDS)
    with qtbot.waitSignal(gallery.section_wished, check_params_cb=lambda key: key == "more"):
        QTest.mouseClick(gallery.flow.empty_section("more").button, Qt.MouseButton.LeftButton)


def test_many_cards_are_made_as_they_come_into_view(gallery: Gallery) -> None:
    gallery.show_cards(SECTIONS, [card(f"c{number:03}") for number in range(300)])
    settle(gallery)
    assert 6 <= len(gallery.flow.made) <= 18
    assert gallery.reach("c299") is not None and "c299" in gallery.flow.made


def test_every_card_and_button_has_a_name_and_is_reached_by_tab(gallery: Gallery) -> None:
    gallery.show_cards(SECTIONS, CARDS)
    settle(gallery)
    gallery.grid_button.setFocus()
    reached: set[str] = set()
    for _ in range(60):
        focused = QApplication.focusWidget()
        assert focused is not None
        name = focused.accessibleName() or (focused.text() if isinstance(focused, QAbstractButton) else "")
        assert name, focused
        reached.add(name)
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    assert {one.spoken for one in CARDS} <= reached and {"Add to bin", "Save", "Play", "Good", "Continue a clip"} <= reached


@pytest.mark.parametrize("theme", ["dark", "light", "high contrast"])
@pytest.mark.parametrize("width", [340, 700, 1600])
def test_cards_keep_inside_the_view_and_apart(gallery: Gallery, qapp: QApplication, theme: str, width: int) -> None:
    apply_theme(qapp, theme)
    gallery.resize(width, 900)
    gallery.show_cards(SECTIONS, CARDS)
    settle(gallery)
    places = [widget.geometry() for widget in gallery.flow.made.values() if widget.isVisible()]
    assert all(place.left() >= 0 and place.right() <= gallery.flow.viewport().width() for place in places)
    assert not any(one.intersects(two) for at, one in enumerate(places) for two in places[at + 1 :])
    for widget in gallery.flow.made.values():
        buttons = [b.geometry() for b in widget.buttons() if b.isVisible()]
        assert all(widget.rect().contains(place) for place in buttons)
        assert not any(one.intersects(two) for at, one in enumerate(buttons) for two in buttons[at + 1 :])


def test_a_list_holds_the_same_cards_in_lines(gallery: Gallery, qtbot: QtBot) -> None:
    gallery.show_cards(SECTIONS, CARDS)
    with qtbot.waitSignal(gallery.view_changed):
        QTest.mouseClick(gallery.list_button, Qt.MouseButton.LeftButton)
    settle(gallery)
    lines = sorted(widget.geometry().top() for widget in gallery.flow.made.values() if widget.isVisible())
    assert len(lines) == 5 and len(set(lines)) == 5 and not gallery.view.is_grid


def test_words_of_time() -> None:
    assert clock_words(72.9) == "1:12" and clock_words(-3) == "0:00" and clock_words(3723) == "1:02:03"
    assert progress_words(72, 120) == "1:12 of about 2:00"
    assert progress_words(130, 120) == "2:10" and progress_words(5, None) == "0:05"
    assert progress_share(500, 120) == 0.97 and progress_share(5, None) is None and progress_share(60, 120) == 0.5


def test_a_long_text_is_cut_after_its_lines(gallery: Gallery) -> None:
    lines = broken("one two three " * 50, font(theme_of(gallery), 12), 200, 2)
    assert len(lines) == 2 and lines[1].endswith("…") and not lines[0].endswith("…")
    assert broken("", font(theme_of(gallery), 12), 200, 2) in ((), ("",))
