"""The export window: plan, progress, result or failure. Shows what it is told and says what the user wants; runs nothing."""

from functools import cached_property

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from editor.dialogs.export_failure_page import FailurePage
from editor.dialogs.export_plan_page import PlanPage
from editor.dialogs.export_progress_page import ProgressPage
from editor.dialogs.export_result_page import ResultPage
from editor.dialogs.sheet import Sheet
from engine.errors import PatchreelError
from widgets.controls import Button

SIZE_PX = (980, 576)
ONLY_CHANGED = "Only the frames that changed are encoded again."


class ExportDialog(Sheet):
    """Closing it never ends a running export: it goes on in the background, and `sent_to_background` says so.

    Pages are made when they are needed first: all at once would hold the window for longer than it may.
    """

    cancel_wanted = Signal()
    sent_to_background = Signal()
    report_wanted = Signal()
    folder_wanted = Signal()
    again_wanted = Signal()
    change_wanted = Signal()

    def __init__(self, window: QWidget, plan: PlanPage | None = None) -> None:
        super().__init__(window, SIZE_PX)
        self.setWindowTitle("Export")
        self.plan = plan or PlanPage()
        self.pages.addWidget(self.plan)
        self.plan.cancelled.connect(self.reject)

    @cached_property
    def progress(self) -> ProgressPage:
        page = ProgressPage()
        self.pages.addWidget(page)
        page.cancel_wanted.connect(self.cancel_wanted)
        page.background_wanted.connect(self.reject)
        return page

    @cached_property
    def verdict(self) -> ResultPage:
        page = ResultPage()
        self.pages.addWidget(page)
        page.done.connect(self.accept)
        page.report_wanted.connect(self.report_wanted)
        page.folder_wanted.connect(self.folder_wanted)
        return page

    @cached_property
    def failure(self) -> FailurePage:
        page = FailurePage()
        self.pages.addWidget(page)
        page.closed.connect(self.reject)
        page.again_wanted.connect(self.again_wanted)
        page.change_wanted.connect(self.change_wanted)
        return page

    @property
    def is_planning(self) -> bool:
        """Whether the page of choices and plan is to be seen."""
        return self.isVisible() and self.pages.currentWidget() is self.plan

    def show_plan(self) -> None:
        """Choices and plan."""
        self._turn_to(self.plan, "Export", ONLY_CHANGED, "", "", self.plan.export)
        self.plan.form.take_focus()

    def say_what_is_encoded(self, sentence: str) -> None:
        """The plan in a sentence, in its head, once it is known."""
        self.head.show_words("Export", sentence)

    def show_progress(self, name: str, folder: str) -> None:
        """A running export."""
        self._turn_to(self.progress, "Exporting", f"{name} into {folder}", "", "", self.progress.background)
        self.progress.background.setFocus()

    def show_result(self, name: str, copies: bool) -> None:
        """A finished one; where packets were copied, they were compared."""
        sentence = f"{name} was read back from the disk and {'compared with the source' if copies else 'decoded to its end'}."
        self._turn_to(self.verdict, "Exported and verified", sentence, "shield", "gr", self.verdict.done_button)
        self.verdict.done_button.setFocus()

    def show_failure(self, name: str, error: PatchreelError) -> None:
        """One that was not made."""
        self.failure.show_error(error)
        self._turn_to(self.failure, "The export was not made", name, "warning", "rd", self.failure.again)
        self.failure.again.setFocus()

    def reject(self) -> None:
        """Esc, the cross, or the window's own close."""
        was_running = self.isVisible() and isinstance(self.pages.currentWidget(), ProgressPage)
        super().reject()
        if was_running:
            self.sent_to_background.emit()

    def _turn_to(self, page: QWidget, title: str, sentence: str, icon_name: str, role: str, default: Button) -> None:
        self.head.show_words(title, sentence, icon_name, role or "t1")
        self.pages.setCurrentWidget(page)
        default.setDefault(True)
