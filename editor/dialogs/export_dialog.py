"""The export window: plan, progress, result or failure. Shows what it is told and says what the user wants; runs nothing."""

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
PLAN_SENTENCE = "Only the frames that changed are encoded again."


class ExportDialog(Sheet):
    """Closing it never ends a running export: it goes on in the background, and `sent_to_background` says so."""

    sent_to_background = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window, SIZE_PX)
        self.setWindowTitle("Export")
        self.plan, self.progress = PlanPage(), ProgressPage()
        self.verdict, self.failure = ResultPage(), FailurePage()
        for page in (self.plan, self.progress, self.verdict, self.failure):
            self.pages.addWidget(page)
        self.plan.cancelled.connect(self.reject)
        self.progress.background_wanted.connect(self.reject)
        self.verdict.done.connect(self.accept)
        self.failure.closed.connect(self.reject)
        self.failure.change_wanted.connect(self.show_plan)

    def show_plan(self) -> None:
        """Choices and plan."""
        self._turn_to(self.plan, "Export", PLAN_SENTENCE, "", "", self.plan.export)
        self.plan.form.take_focus()

    def show_progress(self, name: str, folder: str) -> None:
        """A running export."""
        self._turn_to(self.progress, "Exporting", f"{name} into {folder}", "", "", self.progress.background)
        self.progress.background.setFocus()

    def show_result(self, name: str) -> None:
        """A finished one."""
        sentence = f"{name} was read back from the disk and compared with the source."
        self._turn_to(self.verdict, "Exported and verified", sentence, "shield", "gr", self.verdict.done_button)
        self.verdict.done_button.setFocus()

    def show_failure(self, name: str, error: PatchreelError) -> None:
        """One that was not made."""
        self.failure.show_error(error)
        self._turn_to(self.failure, "The export was not made", name, "warning", "rd", self.failure.again)
        self.failure.again.setFocus()

    def reject(self) -> None:
        """Esc, the cross, or the window's own close."""
        was_running = self.pages.currentWidget() is self.progress and self.isVisible()
        super().reject()
        if was_running:
            self.sent_to_background.emit()

    def _turn_to(self, page: QWidget, title: str, sentence: str, icon_name: str, role: str, default: Button) -> None:
        self.head.show_words(title, sentence, icon_name, role or "t1")
        self.pages.setCurrentWidget(page)
        default.setDefault(True)
