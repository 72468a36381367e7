"""Words for a region are drawn when the patch is run, and a parameter that is free text has a field to write in."""

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from editor.panels.parameter_fields import ParameterFields
from editor.panels.patch_recipe import RecipeForm
from engine.project.model import Recipe
from engine.providers.registry import local_registry


def test_a_free_text_parameter_is_written(qtbot: QtBot) -> None:
    fields = ParameterFields()
    qtbot.addWidget(fields)
    fields.set_specs(local_registry().get("local.colour").info.parameters)
    field = fields.field("to")
    assert isinstance(field, QLineEdit) and field.accessibleName()
    fields.show_values({"to": "#102030"})
    assert field.text() == "#102030"
    heard = []
    fields.edited.connect(lambda name, text: heard.append((name, text)))
    field.selectAll()
    QTest.keyClicks(field, "#ff")
    assert heard[-1] == ("to", "#ff")


@pytest.mark.parametrize(("provider", "prompt", "picture"), [
    ("local.text", True, False), ("local.image", False, True), ("local.cleanplate", False, False),
])
def test_words_are_asked_for_and_no_picture_is(qtbot: QtBot, provider: str, prompt: bool, picture: bool) -> None:
    form = RecipeForm(local_registry().infos())
    qtbot.addWidget(form)
    form.show_recipe(Recipe(provider), 6, "")
    assert form.prompt.isVisibleTo(form) == prompt and form.image.isVisibleTo(form) == picture
