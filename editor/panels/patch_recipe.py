"""What is asked for: the provider, its knobs built from their specs, words or a picture where it takes them, and the feather.

Emits the whole recipe with a gesture number: changes of one drag carry one number, so that they become one step of undo.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QWidget

from editor.panels.parameter_fields import ParameterFields
from editor.panels.parts import CalmChoice, Section, label, row
from engine.limits import FEATHER_MAX_PX
from engine.project.model import Recipe
from engine.providers.protocol import ProviderInfo
from widgets.controls import LabelledSlider, SecondaryButton
from widgets.icons import icon
from widgets.theme import theme_of

FEATHER_SHOWN_MAX = 64.0
GROW_SHOWN_MAX = 60.0
FEATHER_HINT = "How softly the change ends outside the outline."
GROW_HINT = "Moves the outline outwards on all sides, or inwards below 0: more of the picture is changed, or less."


DESCRIPTION_ASKED = "For example: a plain wall in the same light"
WORDS_ASKED = "The words that cover the region"


class PromptField(QPlainTextEdit):
    """Words for the provider; tells when the hand has left."""

    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTabChangesFocus(True)
        self.setPlaceholderText(DESCRIPTION_ASKED)
        self.setAccessibleName("What should be there instead?")
        self.setFixedHeight(theme_of(self).px(52))
        self.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self and event.type() == QEvent.Type.FocusOut:
            self.left.emit()
        return False


class RecipeForm(Section):
    """Shows a recipe and the region's feather; reports what the hand makes of them."""

    recipe_edited = Signal(object, int)  # Recipe, gesture
    feather_edited = Signal(float, int)  # px, gesture
    grow_edited = Signal(float, int)  # px, gesture
    image_wanted = Signal()

    def __init__(self, providers: Sequence[ProviderInfo], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._infos = {info.id: info for info in providers}
        self._recipe = Recipe(providers[0].id)
        self._gesture = 0
        self.provider = CalmChoice("Provider")
        self._description = label("", "hint", wraps=True)
        self.prompt = PromptField()
        self._prompt_label = label("What should be there instead?", "label")
        self.image = SecondaryButton("Choose a picture…", "image")
        self._image_name = label("", "hint")
        self.parameters = ParameterFields()
        self.feather = LabelledSlider("Feather", 0, FEATHER_SHOWN_MAX, 6, "px")
        self.grow = LabelledSlider("Grow region", -GROW_SHOWN_MAX, GROW_SHOWN_MAX, 0, "px")
        self.feather.setToolTip(FEATHER_HINT)
        self.grow.setToolTip(GROW_HINT)
        self._fill_providers(providers)
        self._lay_out()
        self._connect()
        self._show_fields_of(self._recipe.provider)

    def show_recipe(self, recipe: Recipe, feather_px: float, image_name: str) -> None:
        """Another recipe; a field that is being typed in keeps what is typed."""
        changed = recipe.provider != self._recipe.provider
        self._recipe = recipe
        if changed:
            self._show_fields_of(recipe.provider)
        self.parameters.show_values(dict(recipe.params))
        self.feather.set_value(min(feather_px, FEATHER_SHOWN_MAX))
        self._image_name.setText(image_name or "No picture chosen yet")
        self.image.setText("Choose another…" if image_name else "Choose a picture…")
        self._show_provider(recipe.provider)
        if not self.prompt.hasFocus() and self.prompt.toPlainText() != recipe.prompt:
            self.prompt.blockSignals(True)
            self.prompt.setPlainText(recipe.prompt)
            self.prompt.blockSignals(False)

    def show_keys(self, ends: Mapping[str, str]) -> None:
        """The ends of the user's keys by service, beside the services' names; "" where there is no key yet."""
        for provider, end in ends.items():
            place = self.provider.findData(provider)
            if place >= 0:
                words = f"your key ••••{end}" if len(end) == 4 else "your key" if end else "no key yet"
                self.provider.setItemText(place, f"{self._infos[provider].name}   {words}")

    def show_grow(self, grow_px: float | None) -> None:
        """How far the region that is seen is grown; None where there is none on this frame."""
        self.grow.setEnabled(grow_px is not None)
        if grow_px is not None:
            self.grow.set_value(max(-GROW_SHOWN_MAX, min(grow_px, GROW_SHOWN_MAX)))

    def set_compact(self, compact: bool) -> None:
        """In a small window the second lines go, and what the inspector has too."""
        self._description.setVisible(not compact)
        self.grow.setVisible(not compact)

    def _lay_out(self) -> None:
        theme = theme_of(self)
        self.body.addWidget(label("Provider", "label"))
        self.body.addWidget(self.provider)
        self.body.addWidget(self._description)
        self.body.addWidget(self._prompt_label)
        self.body.addWidget(self.prompt)
        self._image_row = QWidget()
        self._image_row.setLayout(row(self.image, self._image_name, None, spacing=theme.px(8)))
        self.body.addWidget(self._image_row)
        self.body.addWidget(self.parameters)
        self.body.addWidget(self.feather)
        self.body.addWidget(self.grow)

    def _connect(self) -> None:
        self.provider.activated.connect(self._provider_chosen)
        self.parameters.edited.connect(self._parameter_edited)
        self.parameters.settled.connect(self._next_gesture)
        self.feather.value_changed.connect(lambda px: self.feather_edited.emit(min(px, FEATHER_MAX_PX), self._gesture))
        self.feather.editing_finished.connect(self._next_gesture)
        self.grow.value_changed.connect(lambda px: self.grow_edited.emit(px, self._gesture))
        self.grow.editing_finished.connect(self._next_gesture)
        self.prompt.textChanged.connect(self._prompt_edited)
        self.prompt.left.connect(self._next_gesture)
        self.image.clicked.connect(lambda: self.image_wanted.emit())

    def _fill_providers(self, providers: Sequence[ProviderInfo]) -> None:
        for info in providers:
            self.provider.addItem(info.name, info.id)
            self.provider.setItemData(self.provider.count() - 1, info.description, Qt.ItemDataRole.ToolTipRole)
        self._draw_marks()

    def _draw_marks(self) -> None:
        """The icons of the providers in the colour of the theme."""
        theme = theme_of(self)
        for place, info in enumerate(self._infos.values()):
            self.provider.setItemIcon(place, icon("cloud" if info.is_remote else "offline", theme, "t2"))
        self.provider.setIconSize(QSize(theme.px(16), theme.px(16)))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "provider"):
            self._draw_marks()
        super().changeEvent(event)

    def _show_provider(self, provider: str) -> None:
        place = self.provider.findData(provider)
        if place < 0:
            self.provider.addItem(icon("warning", theme_of(self), "am"), f"{provider} (not installed)", provider)
            place = self.provider.count() - 1
        self.provider.setCurrentIndex(place)

    def _show_fields_of(self, provider: str) -> None:
        info = self._infos.get(provider)
        self._description.setText(info.description if info else "This provider is not installed. Choose another one.")
        for field in (self.prompt, self._prompt_label):
            field.setVisible(bool(info and info.uses_prompt))
        self.prompt.setPlaceholderText(WORDS_ASKED if info and info.draws_words else DESCRIPTION_ASKED)
        self._image_row.setVisible(bool(info and info.needs_image and not info.draws_words))
        self.parameters.set_specs(info.parameters if info else ())

    def _provider_chosen(self, place: int) -> None:
        provider = str(self.provider.itemData(place))
        if provider != self._recipe.provider:
            self._next_gesture()
            self._emit(Recipe(provider, self._recipe.prompt, self._recipe.image, (), self._recipe.seed))

    def _parameter_edited(self, name: str, text: str) -> None:
        params = {**dict(self._recipe.params), name: text}
        self._emit(replace(self._recipe, params=tuple(sorted(params.items()))))

    def _prompt_edited(self) -> None:
        self._emit(replace(self._recipe, prompt=self.prompt.toPlainText()))

    def _emit(self, recipe: Recipe) -> None:
        self.recipe_edited.emit(recipe, self._gesture)

    def _next_gesture(self) -> None:
        self._gesture += 1

    def image_name(self) -> QLabel:
        """The label that names the picture."""
        return self._image_name
