"""The form of the Generate workspace: what is offered, what it costs, whether it can be sent; and sending it, past the gate."""

from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from editor.controllers.frame_pictures import FramePictures
from editor.generate_asked import asked_of, from_text, key_notes, kind_of, makers, offer_of, request_of, settled, to_text
from editor.generate_pictures import KeptPicture
from editor.generating import Ask, GeneratingNow
from editor.lane import Lane, Work
from editor.notifications import Actions
from editor.panels.generate_page import GeneratePage
from editor.services import Services
from engine.errors import EditError, PatchreelError
from engine.jobs.generation_values import Generation
from engine.project.model import Clip
from engine.providers.generation import GenerateRequest
from engine.providers.online.outgoing import SendingDeclined, SendingRefused
from engine.providers.online.prices import dollars
from engine.store.account import Account
from engine.store.budget import BudgetError
from engine.store.projects import Privacy
from engine.vault import KeyMissingError
from widgets.generate_form import Asked, Ready, Tab

FORM_KEY = "generate/form"
SAVE_MS = 400
WAITING = "Waiting for your decision"


class GenerateController(QObject):
    """Answers the form. `sent` carries the id of what was sent; `form_wished`: something was put in it and it is to be seen."""

    sent = Signal(str)
    form_wished = Signal()

    def __init__(
        self, services: Services, page: GeneratePage, generating: GeneratingNow, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._services, self._page, self._form, self._generating = services, page, page.form, generating
        self.pictures = FramePictures(services, self._form, generating, self)
        self._keys = Lane(services.threads.keys, self)
        self._key_notes: dict[str, str] = {}
        self._tags: dict[str, str] = {}
        self._forms: dict[Tab, Asked] = {}
        self._ticket = 0
        self._is_ready = self._sends_when_asked = False
        self._save = QTimer(self, singleShot=True, interval=SAVE_MS)
        self._save.timeout.connect(self.keep)
        self._form.changed.connect(self._changed)
        self._form.send_wished.connect(self.send)
        self.pictures.taken.connect(self._show_picture)
        self.pictures.lost.connect(self._forget_picture)
        generating.answered.connect(self._answered)
        generating.refused.connect(self._refused)
        generating.dropped.connect(self._dropped)
        generating.replaced.connect(self._show)
        self._keys.done.connect(self._keys_came)
        services.accounts.changed.connect(self._account_changed)
        services.actions.bind("clip.continue", self.continue_clip)

    # Wishes

    def open(self) -> None:
        """The workspace is shown: the form as it was left, the keys as they are now."""
        if not self._is_ready:
            asked, self._tags = from_text(str(self._services.settings.value(FORM_KEY, "")))
            self.put(asked)
        self.look_at_keys()

    def put(self, asked: Asked) -> None:
        """Put a request in the form, with its pictures."""
        self._is_ready = True
        before = self._form.asked
        self._form.fill(settled(asked, self._generating.now, self._project_shape()))
        for name in ("first", "last"):
            picture = getattr(asked, name)
            if picture and picture != getattr(before, name):
                self.pictures.take_known(name, picture, self._tags.get(picture, ""), goes_on=asked.continues)
        self._show()
        self._save.start()

    @Slot(object)
    def edit(self, request: GenerateRequest) -> None:
        """Put a sent request back in the form."""
        self.put(asked_of(request))
        self.form_wished.emit()
        self._page.write_prompt()

    @Slot(object)
    def send(self, asked: Asked) -> None:
        """Ask the gate, then send."""
        request = request_of(asked)
        self._submit(lambda now, cancel, report: now.submit(request, cancel=cancel, report=report))

    @Slot(object)
    def send_again(self, one: Generation) -> None:
        """The same request once more, newly paid. What may cost twice is said before."""
        if not one.may_cost_twice:
            self._retry(one.id)
            return
        self._services.notifications.keep(
            "Send it again?", "The answer to the first request was lost. It may have been charged, and this one is charged too.",
            {"Send again": lambda: self._retry(one.id), "Leave it": lambda: None},
        )  # fmt: skip

    @Slot(object)
    def use_result(self, one: Generation) -> None:
        """A generated picture as first frame."""
        if one.result is not None:
            self.put(replace(self._form.asked, tab=Tab.IMAGE_TO_VIDEO))
            self.pictures.take_file("first", one.result.path)
            self.form_wished.emit()

    @Slot()
    def continue_clip(self) -> None:
        """The last frame of the chosen clip, or of the one under the playhead, as the first of a video that goes on from it."""
        clip = self.pictures.chosen_clip()
        if clip is None:
            self._services.notifications.refuse(EditError("No clip is selected.", "Select a video clip on the timeline first."))
            return
        self.form_wished.emit()
        self._generating.when_ready(lambda: self._continue(clip))

    def _continue(self, clip: Clip) -> None:
        self.open()
        self.put(replace(self._form.asked, tab=Tab.IMAGE_TO_VIDEO, first="", last="", continues=False))
        self.pictures.take_end(clip)
        self._page.write_prompt()

    @Slot()
    def keep(self) -> None:
        """Keep the form for the next session."""
        if self._is_ready:
            self._services.settings.setValue(FORM_KEY, to_text(self._form.asked, self._tags))

    @Slot()
    def look_at_keys(self) -> None:
        """Say beside each service how it stands with its key."""
        infos, store = self._generating.now.infos(), self._services.keys
        self._keys.give(Work("keys", lambda _cancel, _report: key_notes(infos, store)))

    # Showing

    @Slot(object)
    def _changed(self, asked: Asked) -> None:
        """Another tab comes with the service and form it had last; then what that service offers and costs is shown."""
        offered = {info.id for info in makers(self._generating.now.infos(), kind_of(asked))}
        if asked.provider not in offered:
            fresh = self._forms.get(asked.tab, Asked())
            asked = replace(asked, provider=fresh.provider, shape=fresh.shape, size=fresh.size, length_s=fresh.length_s)
        found = settled(asked, self._generating.now, self._project_shape())
        if found != self._form.asked:
            self._form.fill(found)
        self._forms[found.tab] = found
        self._show()
        self._save.start()

    @Slot()
    def _show(self) -> None:
        if self._is_ready:
            self._form.show_offer(offer_of(self._form.asked, self._generating.now, self._key_notes))
            self._show_ready()

    def _show_ready(self) -> None:
        request, now = request_of(self._form.asked), self._generating.now
        if not request.provider:
            self._form.show_ready(Ready(problem="No service makes this."))
            return
        estimate = now.estimate(request)
        words = "Cost not known" if estimate.usd is None else f"About {dollars(estimate.usd)}"
        if self._ticket:
            self._form.show_ready(Ready(words, button=WAITING, is_waiting=True))
        else:
            self._form.show_ready(Ready(words, now.problem(request)))

    def _project_shape(self) -> str:
        canvas = self._services.document.project.canvas
        return "9:16" if canvas.height > canvas.width else "16:9"

    @Slot(str, object, bool)
    def _show_picture(self, name: str, kept: KeptPicture, goes_on: bool) -> None:
        self._tags[kept.name] = kept.tag
        if name == "first":
            self._form.show_first(kept.name, kept.image, kept.tag, continues=goes_on)
        else:
            self._form.show_last(kept.name, kept.image, kept.tag)
        self._show()

    @Slot(str)
    def _forget_picture(self, name: str) -> None:
        """A picture that is named and cannot be shown cannot be sent either."""
        asked = self._form.asked
        if name == "first" and self._form.first.is_empty and asked.first:
            self.put(replace(asked, first="", continues=False))
        elif name == "last" and self._form.last.is_empty and asked.last:
            self.put(replace(asked, last=""))

    # Sending

    def _submit(self, do: Ask) -> None:
        if not self._ticket:
            self._ticket = self._generating.send("submit", do)
            self._show_ready()

    def _retry(self, generation: str) -> None:
        self._submit(lambda now, cancel, report: now.retry(generation, cancel=cancel, report=report))

    def _ended(self) -> None:
        self._ticket = 0
        self._show_ready()

    @Slot(str, object, object)
    def _answered(self, what: str, _about: object, result: object) -> None:
        if what == "submit":
            self._ended()
            self.sent.emit(str(result))

    @Slot(str, object, object)
    def _refused(self, what: str, _about: object, error: PatchreelError) -> None:
        if what != "submit":
            return
        self._ended()
        if isinstance(error, SendingDeclined):
            return  # the user has just said so
        self._services.notifications.fail(error, "It was not sent", self._ways_on(error))

    def _ways_on(self, error: PatchreelError) -> Actions:
        """What can be done about it at once."""
        account = self._services.accounts.current
        if isinstance(error, KeyMissingError):
            return {"Provider keys…": self._services.actions.action("edit.provider_keys").trigger}
        if isinstance(error, BudgetError) and self._services.actions.is_bound("view.costs"):
            return {"Costs and budget…": self._services.actions.action("view.costs").trigger}
        if isinstance(error, SendingRefused) and account is not None and account.privacy is Privacy.OFFLINE:
            return {"Ask before sending": self._ask_from_now_on}
        return {}

    def _ask_from_now_on(self) -> None:
        """The project is no longer offline: what stands in the form goes to the gate."""
        self._sends_when_asked = True
        self._services.accounts.set_privacy(Privacy.ASK)

    @Slot(object)
    def _account_changed(self, account: Account) -> None:
        if self._sends_when_asked and account.privacy is Privacy.ASK:
            self._sends_when_asked = False
            self.send(self._form.asked)

    @Slot(str, object)
    def _dropped(self, what: str, _about: object) -> None:
        if what == "submit":
            self._ended()

    # Keys

    @Slot(object, object)
    def _keys_came(self, _work: Work, notes: dict[str, str]) -> None:
        self._key_notes = notes
        self._show()
