"""The commands of the region: its tools, adding and taking away, inverting, fitting to edges, putting it right on a frame."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import partial

from PySide6.QtCore import QObject, QPoint, QTimer, Signal, Slot

from editor.controllers.patch_choice import PatchChoice
from editor.controllers.region_controller import DRAWING, RegionController
from editor.edge_fit import EdgeFitRequest
from editor.panels.viewer_panel import ViewerPanel
from editor.picture_menu import show_picture_menu
from editor.render_thread import Outcome
from editor.services import Services
from editor.session import Tool
from engine.errors import PatchreelError
from engine.project.carrying_edits import set_region_key
from engine.project.model import MediaKind, Patch, Region, RegionKey

NO_REGION = "There is no region on this frame. Draw one, or go to the frame it was drawn on."
SLOW_MS = 400
"""Looking for edges that takes longer is told of."""
LOOKING = "Looking for the edges of the picture"
FITS_ALREADY = "The outline lies on the edges of the picture already."


class RegionTools(QObject):
    """Binds the commands; the buttons beside the viewer do the same."""

    fitting_changed = Signal(bool)
    """Whether edges are looked for now."""

    def __init__(
        self, services: Services, panel: ViewerPanel, choice: PatchChoice, regions: RegionController,
        parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._services, self._panel, self._choice, self._regions = services, panel, choice, regions
        self._asked = 0
        self._slow = QTimer(self)
        self._slow.setSingleShot(True)
        self._slow.setInterval(SLOW_MS)
        self._slow.timeout.connect(self._say_fitting)
        commands: dict[str, Callable[[], None]] = {
            "patch.ellipse": lambda: services.session.set_tool(Tool.ELLIPSE),
            "patch.brush": lambda: services.session.set_tool(Tool.BRUSH),
            "patch.add": partial(self._combine, "add"), "patch.subtract": partial(self._combine, "subtract"),
            "patch.invert": self.invert, "patch.fit_edges": self.fit_edges, "patch.key": self.put_right,
        }  # fmt: skip
        for command, slot in commands.items():
            services.actions.bind(command, slot)
        panel.rail.combine_chosen.connect(self._take_tool)
        panel.rail.invert_wanted.connect(self.invert)
        panel.rail.fit_wanted.connect(self.fit_edges)
        panel.menu_wished.connect(self._show_menu)
        regions.shown_changed.connect(self._enable)
        thread = services.threads.edges
        thread.succeeded.connect(self._fitted)
        thread.failed.connect(self._failed)
        thread.cancelled.connect(self._ended)
        self._enable()

    def _combine(self, how: str) -> None:
        """What is drawn next changes the region; a second time, it makes a new one again."""
        self._panel.set_combine("new" if self._panel.canvas.combine() == how else how)
        self._take_tool(self._panel.canvas.combine())

    @Slot(str)
    def _take_tool(self, how: str) -> None:
        """Adding and taking away need a tool: the box, where none that draws is in the hand."""
        if self._services.session.tool not in DRAWING and how != "new":
            self._services.session.set_tool(Tool.BOX)

    @Slot()
    def invert(self) -> None:
        """Everything but the region becomes the region."""
        self._regions.change("Invert region", lambda region: replace(region, is_inverted=not region.is_inverted))

    @Slot()
    def put_right(self) -> None:
        """Hold the region on the frame at the playhead as it lies there, so that it can be put right."""
        found, patch = self._regions.shown(), self._choice.patch()
        time = self._choice.source_time(patch) if patch is not None else None
        if patch is None or time is None or (found is not None and found.is_drawn):
            return
        key = RegionKey(time, found.region if found is not None else _nearest(patch, time))
        if self._services.edit("Put region right", lambda project: set_region_key(project, patch.id, key)):
            self._panel.canvas.set_selected(True)

    @Slot(QPoint)
    def _show_menu(self, at: QPoint) -> None:
        has_patch = self._choice.patch() is not None
        show_picture_menu(self._panel.window(), self._services.actions, at, has_patch=has_patch)

    # Fitting to edges

    @Slot()
    def fit_edges(self) -> None:
        """Ask for the region with its outline on the edges of the picture; it comes when it is ready. Asked again, it stops."""
        if self._asked:
            self.stop_fitting()
            return
        found = self._regions.shown()
        if found is None:
            self._services.notifications.say(NO_REGION)
            return
        patch = found.patch
        request = EdgeFitRequest(patch.id, self._choice.media(patch), found.time, found.region, self._services.workspace())
        self._tell(True)
        self._slow.start()
        self._asked = self._services.threads.edges.submit(self._services.edge_worker, request)

    @Slot()
    def stop_fitting(self) -> None:
        """Nobody waits for the edges any more: what is found is dropped, and the region stays as it is."""
        if self._asked:
            ticket = self._asked
            self._ended(ticket)
            self._services.threads.edges.cancel(ticket)

    @Slot()
    def _say_fitting(self) -> None:
        self._services.notifications.say(LOOKING, "Shift+F or Esc stops it.")

    @Slot(int, object)
    def _fitted(self, ticket: int, outcome: Outcome) -> None:
        if ticket != self._asked:
            return
        self._ended(ticket)
        request, fitted = outcome.request, outcome.result
        found = self._regions.shown()
        if found is None or (found.patch.id, found.time, found.region) != (request.patch_id, request.time, request.region):
            return  # the region is another one by now
        if fitted == request.region:
            self._services.notifications.say(FITS_ALREADY)
        else:
            self._regions.change("Fit region to edges", lambda _before: fitted)

    @Slot(int, object)
    def _failed(self, ticket: int, error: PatchreelError) -> None:
        if ticket == self._asked:
            self._ended(ticket)
            self._services.notifications.refuse(error)

    @Slot(int)
    def _ended(self, ticket: int) -> None:
        if ticket == self._asked:
            self._asked = 0
            self._slow.stop()
            self._services.notifications.withdraw(LOOKING)
            self._tell(False)

    def _tell(self, is_fitting: bool) -> None:
        self._panel.rail.set_fitting(is_fitting)
        self.fitting_changed.emit(is_fitting)

    @Slot()
    def _enable(self) -> None:
        found, patch = self._regions.shown(), self._choice.patch()
        actions = self._services.actions
        is_free = found is not None and not found.patch.locked
        for command in ("patch.invert", "patch.fit_edges", "patch.add", "patch.subtract"):
            actions.set_enabled(command, is_free)
        here = self._choice.source_time(patch) if patch is not None else None
        is_video = patch is not None and self._choice.media(patch).kind is MediaKind.VIDEO
        can_key = patch is not None and is_video and here is not None and not patch.locked and not (found and found.is_drawn)
        actions.set_enabled("patch.key", can_key)


def _nearest(patch: Patch, time: Fraction) -> Region:
    """The region as it was drawn on the nearest frame that has one."""
    drawn = [(patch.anchor, patch.region), *((key.time, key.region) for key in patch.keys)]
    return min(drawn, key=lambda pair: abs(pair[0] - time))[1]
