"""The cards of the Generate workspace: shows what is generated for the project, and carries out what is wished of a card."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog

from editor import generation_words as words
from editor.clip_player import ClipPlayer
from editor.controllers.gallery_playing import GalleryPlaying
from editor.gate_words import run_price
from editor.generate_asked import other_maker
from editor.generating import GeneratingNow
from editor.result_media import ResultMedia
from editor.services import Services
from engine.errors import PatchreelError
from engine.jobs.generation_values import Generation, GenerationState
from engine.project.atomic import write_atomically
from engine.project.model import Project
from engine.providers.online.prices import dollars
from engine.store.account import Account
from widgets.gallery import Card, Gallery, Group, View

VIEW_KEY, FOLDER_KEY = "generate/view", "folders/save"
NEWS = {
    GenerationState.DONE: "Your generated {} is ready", GenerationState.FAILED: "A {} could not be generated",
    GenerationState.BLOCKED: "The service declined to generate a {}", GenerationState.UNKNOWN: "The answer for a {} was lost",
}  # fmt: skip

REFUSED = {
    "save": "It was not saved", "rate": "This was not kept", "trash": "It was not deleted", "restore": "It stays deleted",
    "cancel": "It goes on", "look_again": "The service was not asked", "list": "The gallery is not up to date",
    "resume": "What was under way was not taken up",
}  # fmt: skip


class GalleryController(QObject):
    """Signals: edit_wished(GenerateRequest); sent_again, first_wished (as first frame), add_wished, sound_wished (on the music
    track) and shown_wished (in the bin) carry a Generation.
    """

    edit_wished = Signal(object)
    sent_again = Signal(object)
    first_wished = Signal(object)
    add_wished = Signal(object)
    sound_wished = Signal(object)
    shown_wished = Signal(object)

    def __init__(
        self, services: Services, gallery: Gallery, generating: GeneratingNow, results: ResultMedia, player: ClipPlayer,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._services, self._gallery, self._generating = services, gallery, generating
        self._results, self._player = results, player
        self._all: dict[str, Generation] = {}
        self._expected = self._project = ""
        gallery.wished.connect(self._do)
        self._playing = GalleryPlaying(gallery, player, results, services.notifications, self.generation, self)
        gallery.judged.connect(self._judge)
        gallery.view_changed.connect(self._keep_view)
        generating.listed.connect(self._listed)
        generating.replaced.connect(self._begin)
        generating.answered.connect(self._answered)
        generating.refused.connect(self._refused)
        results.arrived.connect(gallery.flow.refresh_pictures)
        services.document.project_changed.connect(self._project_changed)
        services.accounts.changed.connect(self._account_changed)
        gallery.set_view(_view_of(str(services.settings.value(VIEW_KEY, ""))))
        self._wishes: Mapping[str, Callable[[Generation], object]] = {
            words.ADD: self.add_wished.emit, words.SHOW: self.shown_wished.emit, words.SOUND: self.sound_wished.emit,
            words.SAVE: self._save, words.EDIT: lambda one: self.edit_wished.emit(one.request), words.OTHER: self._other,
            words.RETRY: self.sent_again.emit, words.TRASH: self._trash,
            words.RESTORE: partial(self._ask, "restore"), words.CANCEL: partial(self._ask, "cancel"),
            words.LOOK: partial(self._ask, "look_again"),
            words.COSTS: lambda _one: services.actions.action("view.costs").trigger(),
            words.AS_FIRST: self.first_wished.emit,
        }  # fmt: skip

    def picture_of(self, card_id: str) -> QImage | None:
        """The still picture of a card: its result, else the frame it begins with."""
        one = self._all.get(card_id)
        if one is None:
            return None
        path = one.result.path if one.result is not None else self._first_frame(one)
        return None if path is None else self._results.picture(path)

    def generation(self, card_id: str) -> Generation | None:
        return self._all.get(card_id)

    def reach(self, card_id: str) -> None:
        """Scroll to a card."""
        self._gallery.reach(card_id)

    @Slot(str)
    def expect(self, card_id: str) -> None:
        """A card comes, or is there already: it is scrolled to when the list is read."""
        self._expected = card_id
        self._generating.read()

    # Showing

    @Slot(object)
    def _listed(self, found: tuple[Generation, ...]) -> None:
        before, self._all = self._all, {one.id: one for one in found}
        if before:
            for one in found:
                self._tell_end(before.get(one.id), one)
        if {one.id: one.cost for one in found} != {one.id: one.cost for one in before.values()}:
            self._services.accounts.look_later()
        self._show()
        self._gallery.flow.refresh_pictures()
        if self._expected in self._all:
            expected, self._expected = self._expected, ""
            self._gallery.reach(expected)

    def _show(self) -> None:
        infos, in_bin = self._generating.now.infos() if self._all else (), self._in_bin()
        has_costs = self._services.actions.is_bound("view.costs")

        def card(one: Generation) -> Card:
            other = other_maker(infos, one.request)
            return words.card_of(one, words.Around(in_bin, other.name if other else "", has_costs, self._again(one)))

        self._gallery.show_cards(words.SECTIONS, [card(one) for one in self._all.values()])

    def _again(self, one: Generation) -> str:
        """What it costs to send it once more."""
        if one.state in words.UNDER_WAY:
            return ""
        try:
            return run_price(self._generating.now.estimate(one.request).usd)
        except PatchreelError:  # a model or a size that is no longer offered: sending says so
            return ""

    @Slot(object)
    def _account_changed(self, account: Account) -> None:
        """What the project has cost; and what had no file before has come to its name."""
        self._gallery.show_cost(f"This project: {dollars(account.spent_usd)}" if account.spent_usd else "")
        if self._generating.is_used and self._project != account.project:
            self._generating.read()
        self._project = account.project

    def _in_bin(self) -> frozenset[str]:
        return frozenset(media.derived_from for media in self._services.document.project.media if media.derived_from)

    @Slot(object, object)
    def _project_changed(self, before: Project, after: Project) -> None:
        if before.media is not after.media and self._all:
            self._show()

    @Slot()
    def _begin(self) -> None:
        """Another project: nothing of the last one stays."""
        self._player.stop()
        self._all = {}
        self._show()

    def _first_frame(self, one: Generation) -> Path | None:
        if not one.request.first_image:
            return None
        try:
            return self._generating.now.picture_path(one.request.first_image)
        except PatchreelError:
            return None

    def _tell_end(self, before: Generation | None, now: Generation) -> None:
        """What ends while the gallery is not looked at is said."""
        was_open = before is not None and before.state in words.UNDER_WAY
        if not was_open or now.state not in NEWS or self._gallery.isVisible():
            return
        what = "video" if now.request.kind.makes_video else "picture"
        self._services.notifications.say(
            NEWS[now.state].format(what), now.request.prompt[:80], {"Show": partial(self._bring_up, now.id)}
        )

    def _bring_up(self, card_id: str) -> None:
        self._services.actions.action("view.generate_workspace").trigger()
        self.reach(card_id)

    @Slot(object)
    def _keep_view(self, view: View) -> None:
        kept = {"group": view.group.value, "is_grid": view.is_grid}
        self._services.settings.setValue(VIEW_KEY, json.dumps(kept))

    # Wishes

    @Slot(str, str)
    def _do(self, card_id: str, key: str) -> None:
        one = self._all.get(card_id)
        if one is not None:
            self._wishes[key](one)

    def _ask(self, what: str, one: Generation) -> None:
        self._generating.ask(what, lambda now, _cancel, _report: getattr(now, what)(one.id), one)

    @Slot(str, int)
    def _judge(self, card_id: str, thumb: int) -> None:
        self._generating.ask("rate", lambda now, _cancel, _report: now.rate(card_id, thumb))

    def _trash(self, one: Generation) -> None:
        self._ask("trash", one)
        name = words.file_name(one)
        self._services.notifications.say("Deleted from the gallery", name, {"Undo": partial(self._ask, "restore", one)})

    def _other(self, one: Generation) -> None:
        """The same with the next service, in the form; what waits for this one's slot is given up."""
        other = other_maker(self._generating.now.infos(), one.request)
        if other is None:
            return
        if one.state is GenerationState.WAITING:
            self._ask("cancel", one)
        self.edit_wished.emit(replace(one.request, provider=other.id, model=""))

    def _save(self, one: Generation) -> None:
        """A copy, where the user says."""
        if one.result is None:
            return
        source, folder = one.result.path, str(self._services.settings.value(FOLDER_KEY, ""))
        chosen, _ = QFileDialog.getSaveFileName(self._gallery, "Save a copy", str(Path(folder) / words.file_name(one)))
        if chosen:
            target = Path(chosen)
            self._services.settings.setValue(FOLDER_KEY, str(target.parent))
            self._generating.ask("save", lambda _now, _cancel, _report: copied(source, target), one)

    @Slot(str, object, object)
    def _answered(self, what: str, _about: object, result: object) -> None:
        if what == "save" and isinstance(result, Path):
            self._services.notifications.say(f"Saved as {result.name}", str(result.parent))
        if what in {"rate", "trash", "restore", "cancel", "look_again"}:
            self._generating.read()

    @Slot(str, object, object)
    def _refused(self, what: str, _about: object, error: PatchreelError) -> None:
        if what in REFUSED:
            self._services.notifications.fail(error, REFUSED[what])


def copied(source: Path, target: Path) -> Path:
    """A copy of a result. Raises: StorageError."""
    write_atomically(target, source.read_bytes())
    return target


def _view_of(text: str) -> View:
    try:
        data = json.loads(text)
        return View(Group(data["group"]), bool(data["is_grid"]))
    except (ValueError, TypeError, KeyError):
        return View()
