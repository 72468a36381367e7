"""The list of versions: what each was made with, what was put right about it, in a large window and in a small one."""

from dataclasses import replace
from fractions import Fraction

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from editor.application import make_application
from editor.panels.patch_versions import Versions
from editor.patch_facts import facts_of
from engine.project.model import AnchorPixels, PatchVersion, Recipe, Region, RegionKind

REGION = Region(RegionKind.BOX, ((0.1, 0.1), (0.5, 0.5)))
WARNING = "The reply was shifted by 4.2 px; it was laid back."
PAID = PatchVersion(
    2, Recipe("gemini", "Remove the boulders", params=(("strength", "0.8"),), seed=7), REGION, Fraction(0), "b" * 40,
    (0, 0, 8, 8), cost_usd=0.04, seconds=6.2, created="2026-11-20T14:32:00+00:00", model="gemini-3-image",
    warnings=(WARNING,),
)  # fmt: skip
FREE = PatchVersion(1, Recipe("local.blur"), REGION, Fraction(0), "a" * 40, (0, 0, 8, 8), seconds=0.1)
NAMES = {"gemini": "Gemini image", "local.blur": "Blur"}


@pytest.fixture
def panel(qtbot: QtBot) -> Versions:
    make_application()
    made = Versions()
    qtbot.addWidget(made)
    made.resize(348, 300)
    made.show_versions((FREE, PAID), 2, NAMES)
    made.show()
    return made


def _words(panel: Versions) -> str:
    return "\n".join(label.text() for label in panel.findChildren(QLabel) if label.isVisible())


def test_a_version_says_all_that_it_was_made_with() -> None:
    facts = facts_of(PAID, "Gemini image")
    made_with = ("v2 Gemini image", "$0.04, 6.2 s", "gemini-3-image", "seed 7", "Nov 2026", "Remove the boulders", "strength 0.8")
    for fact in made_with:
        assert fact in facts.lines
    assert WARNING in facts.lines
    assert "Free, 0.1 s" in facts_of(FREE, "Blur").lines and "anchors" not in facts_of(FREE, "Blur").lines
    others = tuple(AnchorPixels(Fraction(n), REGION, "b" * 40, (0, 0, 8, 8)) for n in (1, 2))
    assert "seed 0, 3 anchors" in facts_of(replace(FREE, others=others), "Blur").lines


def test_the_shown_version_is_explained_below_its_picture(panel: Versions) -> None:
    assert "gemini-3-image, seed 7" in _words(panel) and "“Remove the boulders”, strength 0.8" in _words(panel)
    assert WARNING in _words(panel)
    panel.show_versions((FREE, PAID), 1, NAMES)
    assert WARNING not in _words(panel) and "local.blur, seed 0" in _words(panel)


def test_in_a_small_window_only_what_was_wrong_is_said(panel: Versions) -> None:
    panel.set_compact(True)
    assert WARNING in _words(panel) and "seed 7" not in _words(panel)
    assert not panel.cards()[2].isVisible() and panel.list.currentData() == 2
    panel.show_versions((FREE, PAID), 1, NAMES)
    assert not panel.facts.isVisible(), "nothing was wrong: no room is taken"


def test_compare_asks_for_the_other_version_and_stops(panel: Versions, qtbot: QtBot) -> None:
    with qtbot.waitSignal(panel.compare_wanted) as asked:
        panel.compare.click()
    assert asked.args == [1]
    panel.show_versions((FREE, PAID), 2, NAMES, compared=1)
    assert panel.compare.text() == "Comparing with v1" and panel.compare.isChecked()
    with qtbot.waitSignal(panel.compare_wanted) as asked:
        panel.compare_small.click()
    assert asked.args == [0]
    panel.show_versions((FREE,), 1, NAMES)
    assert not panel.compare.isEnabled()
