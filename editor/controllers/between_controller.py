"""Between two anchors a motion service may move the patch: who can and at what price, one at a time, its answer a new version.

What the service makes is an operation as any other: the gate asks, the gallery and the list of jobs show it, and it is paid once.
"""

from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from PySide6.QtCore import QObject, Slot

from editor.controllers.patch_choice import PatchChoice
from editor.controllers.patch_run import bring_along
from editor.gate_words import run_price
from editor.generate_asked import makers
from editor.generating import GeneratingNow
from editor.panels.patch_carrying import CarryingForm
from editor.render_thread import Outcome
from editor.services import Services
from engine.errors import PatchreelError
from engine.jobs import continuing
from engine.jobs.continuing import ContinueRequest
from engine.jobs.generation_values import Generating
from engine.jobs.workspace import Workspace
from engine.project.anchors import anchors_of
from engine.project.model import Media, Patch
from engine.providers.generation import GenerateKind, GeneratorInfo
from engine.providers.online.outgoing import SendingDeclined
from engine.running import CancelToken, Progress, Report
from widgets.controls import Menu

KIND = GenerateKind.FIRST_AND_LAST
USUAL_PROMPT = "It moves evenly from the first frame to the last."


@dataclass(frozen=True, slots=True)
class Moving:
    """One patch with a service; `session` is the document it belongs to."""

    request: ContinueRequest
    provider: GeneratorInfo
    workspace: Workspace
    session: str


def move(moving: Moving, generating: Generating, *, cancel: CancelToken, report: Report) -> continuing.Continued:
    """The job. Raises what `continuing.run` raises."""
    from engine.jobs.motion_service import MotionService  # brings what fetches videos

    service = MotionService(generating, moving.provider.id)
    return continuing.run(moving.request, service, moving.workspace, cancel=cancel, report=report)


class BetweenController(QObject):
    """Answers the row “Between anchors” of the carrying section."""

    def __init__(
        self, services: Services, form: CarryingForm, choice: PatchChoice, generating: GeneratingNow,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._services, self._form, self._choice, self._generating = services, form, choice, generating
        self._running: dict[int, Moving] = {}
        self._ticket = 0
        form.between_wanted.connect(self._ask)
        form.between_cancelled.connect(self.cancel)
        thread = services.threads.moving
        thread.progressed.connect(self._progressed)
        thread.succeeded.connect(self._succeeded)
        thread.failed.connect(self._failed)
        thread.cancelled.connect(self._ended)
        services.document.project_changed.connect(self._refresh)
        services.session.selection_changed.connect(self._refresh)
        services.session.playhead_changed.connect(self._refresh)
        self._refresh()

    @property
    def is_working(self) -> bool:
        return bool(self._running)

    @Slot()
    def cancel(self) -> None:
        """Wait no longer; what was sent may still be made, and is in the gallery then."""
        if self._ticket:
            self._services.threads.moving.cancel(self._ticket)

    # Asking

    @Slot()
    def _ask(self) -> None:
        self._generating.when_ready(self._offer)

    def _offer(self) -> None:
        """Who can do it, at what price."""
        patch = self._patch()
        if patch is None:
            return
        menu = Menu("", self._form)
        for info in makers(self._generating.now.infos(), KIND):
            price = self._price(info, patch)
            menu.addAction(f"{info.name}, {price}" if price else info.name).triggered.connect(partial(self._start, info))
        menu.aboutToHide.connect(menu.deleteLater)
        button = self._form.between
        menu.popup(button.mapToGlobal(button.rect().bottomLeft()))

    def _price(self, info: GeneratorInfo, patch: Patch) -> str:
        """Of all spans together."""
        from engine.jobs.motion_service import MotionService

        now, version = self._generating.now, patch.version
        spans = pairwise(anchors_of(version)) if version is not None else ()
        service = MotionService(now, info.id)
        each = [now.estimate(service.asked(float(after.anchor - before.anchor))).usd for before, after in spans]
        return "" if None in each else run_price(sum(usd for usd in each if usd is not None))

    def _start(self, info: GeneratorInfo, _checked: bool = False) -> None:
        patch = self._patch()
        if patch is None or self._running:
            return
        media: Media = self._choice.media(patch)
        request = ContinueRequest(media, patch, patch.recipe.prompt or USUAL_PROMPT)
        moving = Moving(request, info, self._services.workspace(), self._services.document.journal.session)
        now = self._generating.now
        self._ticket = self._services.threads.moving.submit(partial(move, generating=now), moving)
        self._running[self._ticket] = moving
        self._form.show_between(can=True, working=f"{info.name}: asking")

    # What comes back

    @Slot(int, object)
    def _progressed(self, ticket: int, progress: Progress) -> None:
        moving = self._running.get(ticket)
        if moving is not None:
            self._form.show_between(can=True, working=f"{moving.provider.name}: {int(100 * progress.fraction)} %")

    @Slot(int, object)
    def _succeeded(self, ticket: int, outcome: Outcome) -> None:
        moving = self._running.get(ticket)
        self._ended(ticket)
        if moving is None or moving.session != self._services.document.journal.session:
            return  # the video is in the gallery of its project
        result: continuing.Continued = outcome.result
        bring_along(moving.workspace, self._services.workspace(), result.version)
        self._services.document.attach_result(moving.request.patch.id, result.version, "Move between anchors")
        self._services.notifications.say(f"{moving.provider.name} moved {result.frames} frames", "\n".join(result.warnings[:2]))

    @Slot(int, object)
    def _failed(self, ticket: int, error: PatchreelError) -> None:
        if ticket in self._running:
            self._ended(ticket)
            if not isinstance(error, SendingDeclined):  # the user has just said so
                self._services.notifications.fail(error, "Nothing was moved between the anchors")

    @Slot(int)
    def _ended(self, ticket: int) -> None:
        if self._running.pop(ticket, None) is not None:
            self._ticket = 0
            self._refresh()

    # Showing

    def _patch(self) -> Patch | None:
        """The chosen one, where there is anything between anchors."""
        patch = self._choice.patch()
        version = patch.version if patch is not None else None
        is_whole = version is not None and len(anchors_of(version)) > 1
        return patch if patch is not None and is_whole and not patch.locked else None

    @Slot()
    def _refresh(self, *_told: object) -> None:
        if not self._running:
            self._form.show_between(can=self._patch() is not None, working="")
