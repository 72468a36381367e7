"""The viewer shows exactly the image's pixels at 1:1, and its modes, wipe, zoom and pan follow the hand."""

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QKeyEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from widgets.diff_heatmap import Tag
from widgets.frame_image import from_qimage, to_qimage
from widgets.viewer import HEATMAP, ORIGINAL, RESULT, SPLIT, Naming, Viewer

WIDTH, HEIGHT = 200, 120


def noise(seed: int, width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.fixture
def viewer(qtbot: QtBot) -> Viewer:
    made = Viewer()
    qtbot.addWidget(made)
    made.resize(480, 320)
    with qtbot.waitExposed(made):
        made.show()
    return made


def shown(viewer: Viewer) -> np.ndarray:
    """What lies on the screen where the picture is."""
    rect = viewer.image_rect()
    ratio = viewer.devicePixelRatioF()
    grabbed = viewer.grab().toImage()
    area = QRectF(rect.x() * ratio, rect.y() * ratio, rect.width() * ratio, rect.height() * ratio).toRect()
    return from_qimage(grabbed.copy(area))


def test_full_size_shows_exactly_the_pixels(viewer: Viewer) -> None:
    picture = noise(1)
    viewer.set_images(to_qimage(picture), None, None)
    viewer.set_zoom(1.0)
    assert np.array_equal(shown(viewer), picture)


def test_full_size_is_exact_when_the_picture_is_larger_than_the_window(viewer: Viewer) -> None:
    picture = noise(2, 900, 700)
    viewer.set_images(to_qimage(picture), None, None)
    viewer.set_zoom(1.0)
    rect = viewer.image_rect().toRect()
    seen = from_qimage(viewer.grab().toImage())
    assert np.array_equal(seen, picture[-rect.y() :, -rect.x() :][: viewer.height(), : viewer.width()])


def test_doubled_each_pixel_is_a_square(viewer: Viewer) -> None:
    picture = noise(3)
    viewer.set_images(to_qimage(picture), None, None)
    viewer.set_zoom(2.0)
    assert np.array_equal(shown(viewer)[::2, ::2], picture)
    assert np.array_equal(shown(viewer)[1::2, 1::2], picture)


def test_split_shows_each_side_exactly(viewer: Viewer) -> None:
    result, original = noise(4), noise(5)
    viewer.set_images(to_qimage(result), to_qimage(original), None)
    viewer.set_mode(SPLIT)
    viewer.set_zoom(1.0)
    viewer.set_wipe_position(0.5)
    seen = shown(viewer)
    edge, plate_free = WIDTH // 2, slice(50, 70)  # between the names above and the grip below
    assert np.array_equal(seen[plate_free, : edge - 20], original[plate_free, : edge - 20])
    assert np.array_equal(seen[plate_free, edge + 20 :], result[plate_free, edge + 20 :])


def test_dragging_the_line_moves_the_wipe(viewer: Viewer, qtbot: QtBot) -> None:
    viewer.set_images(to_qimage(noise(4)), to_qimage(noise(5)), None)
    viewer.set_mode(SPLIT)
    rect = viewer.image_rect()
    at = QPoint(round(rect.center().x()), round(rect.center().y()))
    grip = viewer.childAt(at)
    assert grip is not None and grip.accessibleName().startswith("Wipe")
    QTest.mousePress(grip, Qt.MouseButton.LeftButton, pos=grip.mapFrom(viewer, at))
    for step in (20, 60):
        QTest.mouseMove(grip, grip.mapFrom(viewer, at + QPoint(step, 0)))
    QTest.mouseRelease(grip, Qt.MouseButton.LeftButton, pos=grip.mapFrom(viewer, at + QPoint(60, 0)))
    assert viewer.wipe_position() == pytest.approx(0.5 + 60 / rect.width(), abs=0.01)


def test_arrows_move_the_wipe_and_home_takes_it_to_the_edge(viewer: Viewer, qtbot: QtBot) -> None:
    viewer.set_images(to_qimage(noise(4)), to_qimage(noise(5)), None)
    viewer.set_mode(SPLIT)
    grip = next(child for child in viewer.findChildren(QWidget) if child.accessibleName().startswith("Wipe"))
    QTest.keyClick(grip, Qt.Key.Key_Right)
    assert viewer.wipe_position() == pytest.approx(0.51)
    QTest.keyClick(grip, Qt.Key.Key_Home)
    assert viewer.wipe_position() == 0.0


def test_each_mode_keeps_its_own_wipe(viewer: Viewer) -> None:
    viewer.set_images(to_qimage(noise(4)), to_qimage(noise(5)), to_qimage(noise(6)))
    viewer.set_mode(SPLIT)
    viewer.set_wipe_position(0.8)
    viewer.set_mode(HEATMAP)
    assert viewer.wipe_position() != 0.8
    viewer.set_mode(SPLIT)
    assert viewer.wipe_position() == 0.8


def test_heatmap_lays_colours_over_a_third_of_grey(viewer: Viewer) -> None:
    result = np.full((300, 450, 3), 150, np.uint8)
    heat = np.zeros((300, 450, 4), np.uint8)
    heat[100:140, 300:] = (252, 136, 60, 255)
    viewer.set_images(to_qimage(result), to_qimage(result), to_qimage(heat))
    viewer.set_mode(HEATMAP)
    viewer.set_zoom(1.0)
    seen = shown(viewer)
    assert tuple(seen[150, 200]) == (50, 50, 50)
    assert tuple(seen[120, 320]) == (252, 136, 60)
    assert tuple(seen[120, 5]) == (150, 150, 150)  # left of the line: the result


def test_holding_shows_the_original_and_letting_go_returns(viewer: Viewer, qtbot: QtBot) -> None:
    result, original = noise(7), noise(8)
    viewer.set_images(to_qimage(result), to_qimage(original), None)
    viewer.set_zoom(1.0)
    before = viewer.image_rect()
    with qtbot.assertNotEmitted(viewer.mode_changed), qtbot.waitSignal(viewer.shown_mode_changed) as lit:
        viewer.hold_original(True)
    assert lit.args == [ORIGINAL]
    assert np.array_equal(shown(viewer), original) and viewer.image_rect() == before
    viewer.hold_original(False)
    assert viewer.mode() == RESULT and np.array_equal(shown(viewer), result)


def test_modes_go_round_and_are_reported(viewer: Viewer, qtbot: QtBot) -> None:
    heard: list[str] = []
    viewer.mode_changed.connect(heard.append)
    for _ in range(4):
        viewer.next_mode()
    assert heard == [ORIGINAL, SPLIT, HEATMAP, RESULT]
    with pytest.raises(ValueError, match="no mode"):
        viewer.set_mode("Overlay")


def test_without_a_frame_a_sentence_stands_there(viewer: Viewer) -> None:
    viewer.set_message("greenhouse.mp4 is offline. Relink it in the bin.")
    assert viewer.image_rect() == QRectF()
    assert "offline" in viewer.accessibleDescription()
    assert from_qimage(viewer.grab().toImage()).std() > 0  # words on the ground


def wheel(viewer: Viewer, at: QPointF, turned: int) -> None:
    event = QWheelEvent(
        at,
        viewer.mapToGlobal(at),
        QPoint(),
        QPoint(0, turned),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(viewer, event)


def test_the_wheel_zooms_at_the_pointer_and_stops_at_full_size(viewer: Viewer, qtbot: QtBot) -> None:
    viewer.set_images(to_qimage(noise(9, 1200, 800)), None, None)
    texts: list[str] = []
    viewer.zoom_text_changed.connect(texts.append)
    rect = viewer.image_rect()
    at = QPointF(rect.x() + rect.width() * 0.3, rect.y() + rect.height() * 0.6)
    while viewer.zoom() < 1.0:
        wheel(viewer, at, 120)
    after = viewer.image_rect()
    assert viewer.zoom() == 1.0 and texts[-1] == "100 %"
    assert after.x() + after.width() * 0.3 == pytest.approx(at.x(), abs=2)
    assert after.y() + after.height() * 0.6 == pytest.approx(at.y(), abs=2)
    viewer.zoom_fit()
    assert viewer.is_fit() and viewer.image_rect() == rect


def test_the_middle_button_pans(viewer: Viewer, qtbot: QtBot) -> None:
    viewer.set_images(to_qimage(noise(9, 1200, 800)), None, None)
    viewer.set_zoom(1.0)
    before = viewer.image_rect()
    QTest.mousePress(viewer, Qt.MouseButton.MiddleButton, pos=QPoint(200, 200))
    QTest.mouseMove(viewer, QPoint(230, 190))
    QTest.mouseRelease(viewer, Qt.MouseButton.MiddleButton, pos=QPoint(230, 190))
    assert viewer.image_rect().topLeft() - before.topLeft() == QPointF(30, -10)


def test_space_pans_while_held_and_a_tap_is_given_back(viewer: Viewer, qtbot: QtBot) -> None:
    viewer.set_images(to_qimage(noise(9, 1200, 800)), None, None)
    viewer.set_zoom(1.0)
    overlay = QWidget()
    viewer.add_overlay(overlay)
    with qtbot.waitSignal(viewer.space_tapped):
        QTest.keyClick(viewer, Qt.Key.Key_Space)
    before = viewer.image_rect()
    with qtbot.assertNotEmitted(viewer.space_tapped):
        QTest.keyPress(viewer, Qt.Key.Key_Space)
        assert viewer.childAt(QPoint(200, 200)) is None  # overlays let the mouse through meanwhile
        QTest.mousePress(viewer, Qt.MouseButton.LeftButton, pos=QPoint(200, 200))
        QTest.mouseMove(viewer, QPoint(180, 215))
        QTest.mouseRelease(viewer, Qt.MouseButton.LeftButton, pos=QPoint(180, 215))
        QTest.keyRelease(viewer, Qt.Key.Key_Space)
    assert viewer.image_rect().topLeft() - before.topLeft() == QPointF(-20, 15)
    assert viewer.childAt(QPoint(200, 200)) is overlay


def test_what_lets_the_mouse_through_does_so_after_panning_too(viewer: Viewer) -> None:
    below, above = QWidget(), QWidget()
    above.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    for overlay in (below, above):
        viewer.add_overlay(overlay)
    for hand in (True, False):
        viewer.set_hand(hand)
    assert viewer.childAt(QPoint(200, 200)) is below


def test_the_hand_pans_with_the_left_button(viewer: Viewer, qtbot: QtBot) -> None:
    viewer.set_images(to_qimage(noise(9, 1200, 800)), None, None)
    viewer.set_zoom(1.0)
    viewer.set_hand(True)
    before = viewer.image_rect()
    QTest.mousePress(viewer, Qt.MouseButton.LeftButton, pos=QPoint(200, 200))
    QTest.mouseMove(viewer, QPoint(190, 240))
    QTest.mouseRelease(viewer, Qt.MouseButton.LeftButton, pos=QPoint(190, 240))
    assert viewer.image_rect().topLeft() - before.topLeft() == QPointF(-10, 40)
    viewer.set_hand(False)
    QTest.mousePress(viewer, Qt.MouseButton.LeftButton, pos=QPoint(200, 200))
    QTest.mouseMove(viewer, QPoint(100, 100))
    QTest.mouseRelease(viewer, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    assert viewer.image_rect().topLeft() - before.topLeft() == QPointF(-10, 40)


def test_space_is_kept_from_the_shortcuts(viewer: Viewer) -> None:
    override = QKeyEvent(QKeyEvent.Type.ShortcutOverride, Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier)
    override.ignore()
    QApplication.sendEvent(viewer, override)
    assert override.isAccepted()


def test_a_proxy_is_shown_in_source_coordinates(viewer: Viewer) -> None:
    viewer.set_images(to_qimage(noise(1, 100, 60)), None, None)
    viewer.set_picture_size(QSize(WIDTH, HEIGHT))
    viewer.set_zoom(1.0)
    assert viewer.image_rect().size().toSize() == QSize(WIDTH, HEIGHT)
    assert viewer.picture_size() == QSize(WIDTH, HEIGHT)


def test_another_frame_of_the_same_size_moves_nothing(viewer: Viewer, qtbot: QtBot) -> None:
    viewer.set_images(to_qimage(noise(1)), None, None)
    with qtbot.assertNotEmitted(viewer.view_changed):
        viewer.set_images(to_qimage(noise(2)), None, None)


def test_the_badge_says_its_words(viewer: Viewer) -> None:
    viewer.set_images(to_qimage(noise(1, 900, 600)), None, None)
    viewer.set_badge("Outside: 0 px changed", ok=True)
    badge = next(w for w in viewer.findChildren(QWidget) if w.accessibleName() == "Outside: 0 px changed")
    assert badge.isVisible() and viewer.image_rect().contains(QRectF(badge.geometry()))
    viewer.set_badge("", ok=True)
    assert not badge.isVisible()


def test_a_small_copy_is_made_once_per_frame(viewer: Viewer, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[QSize] = []
    real = QImage.scaled

    def counted(image: QImage, size: QSize, *how: Any) -> QImage:
        calls.append(size)
        return real(image, size, *how)

    monkeypatch.setattr(QImage, "scaled", counted)
    viewer.set_images(to_qimage(noise(1, 2000, 1200)), None, None)
    viewer.set_playing(True)
    viewer.grab()
    assert not calls
    viewer.set_playing(False)
    for _ in range(3):
        viewer.grab()
    assert len(calls) == 1


# Outputs, compared versions, the loupe


def test_an_output_is_shown_alone_with_how_to_read_it(viewer: Viewer) -> None:
    picture, extra = noise(21), noise(22)
    viewer.set_naming(Naming(output="white is patched"))
    viewer.set_mode("Location")
    viewer.set_images(to_qimage(picture), to_qimage(picture), None, to_qimage(extra))
    viewer.set_zoom(1.0)
    for plate in viewer.findChildren(Tag):
        plate_names = plate.accessibleName()
        if plate.isVisible():
            assert plate_names == "Location white is patched"
            plate.hide()
    assert np.array_equal(shown(viewer), extra)
    viewer.next_mode()
    assert viewer.mode() == RESULT, "D leads back to the four"


def test_split_lays_two_versions_beside_each_other_and_names_both_beside_a_badge(viewer: Viewer) -> None:
    result, other = noise(23), noise(24)
    viewer.set_naming(Naming(compared=("v1", "Blur"), result=("v2", "Remove")))
    viewer.set_badge("Outside: 0 px changed", True)
    viewer.set_mode(SPLIT)
    viewer.set_images(to_qimage(result), to_qimage(noise(25)), None, None, to_qimage(other))
    viewer.set_zoom(2.0)
    names = {tag.accessibleName(): tag.geometry() for tag in viewer.findChildren(Tag) if tag.isVisible()}
    assert {"v1 Blur", "v2 Remove", "Outside: 0 px changed"} <= set(names)
    places = list(names.values())
    assert not any(a.intersects(b) for n, a in enumerate(places) for b in places[n + 1 :])


def test_the_loupe_reads_the_pixel_under_the_pointer(viewer: Viewer, qtbot: QtBot) -> None:
    before, after = noise(26), noise(27)
    viewer.set_images(to_qimage(after), to_qimage(before), None)
    viewer.set_zoom(1.0)
    rect, loupe = viewer.image_rect(), viewer.magnifier.loupe
    QTest.mouseMove(viewer, QPoint(round(rect.x()) + 30, round(rect.y()) + 20))
    viewer.magnifier.set_on(True)
    assert loupe.isVisible()
    values = [" ".join(map(str, picture[20, 30])) for picture in (before, after)]
    assert loupe.accessibleDescription() == f"x 30, y 20; Before {values[0]}; After {values[1]}; 8 times"
    grabbed = from_qimage(loupe.grab().toImage())
    assert (np.abs(grabbed.astype(int) - after[20, 30]).max(axis=2) == 0).any()


def test_the_loupe_goes_by_keys(viewer: Viewer, qtbot: QtBot) -> None:
    viewer.set_images(to_qimage(noise(28)), None, None)
    viewer.setFocus()
    viewer.magnifier.set_on(True)
    loupe = viewer.magnifier.loupe
    qtbot.waitUntil(loupe.hasFocus)
    for key, held in ((Qt.Key.Key_Right, False), (Qt.Key.Key_Down, True), (Qt.Key.Key_Plus, False)):
        shift = Qt.KeyboardModifier.ShiftModifier if held else Qt.KeyboardModifier.NoModifier
        QTest.keyClick(loupe, key, shift)
    x, y = WIDTH // 2 + 1, HEIGHT // 2 + 10
    assert loupe.words().startswith(f"x {x}, y {y};") and loupe.factor() == 16
    for _ in range(3):
        QTest.keyClick(loupe, Qt.Key.Key_Minus)
    assert loupe.factor() == 4
    QTest.keyClick(loupe, Qt.Key.Key_Escape)
    assert not loupe.isVisible() and viewer.hasFocus()


def test_the_loupe_never_leaves_the_picture_nor_covers_its_pixel(viewer: Viewer) -> None:
    viewer.set_images(to_qimage(noise(29)), None, None)
    viewer.set_zoom(1.0)
    viewer.magnifier.set_on(True)
    loupe, rect = viewer.magnifier.loupe, viewer.image_rect()
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Right, Qt.Key.Key_Down):
        for _ in range(30):
            QTest.keyClick(loupe, key, Qt.KeyboardModifier.ShiftModifier)
        x, y = (int(word.strip("xy ,;")) for word in loupe.words().split(";")[0].split(","))
        assert 0 <= x < WIDTH and 0 <= y < HEIGHT
        assert not loupe.geometry().contains(QPoint(round(rect.x()) + x, round(rect.y()) + y))
        assert viewer.rect().contains(loupe.geometry().center())
