"""Puts the export side of the window together: the board of jobs with its panel, the export dialog, and slow motion."""

from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from editor.away import Away
from editor.controllers.export_controller import ExportController
from editor.controllers.jobs_controller import JobsController
from editor.controllers.patch_runs import PatchRuns
from editor.controllers.slow_controller import SlowController
from editor.export_runs import ExportRuns
from editor.jobs_board import JobsBoard
from editor.patch_trust import PatchTrust
from editor.services import Services
from editor.top_bar import TopBar


@dataclass(frozen=True, slots=True)
class ExportSide:
    """Made by `make_export_side`; hold on to it as long as the window lives."""

    board: JobsBoard
    runs: ExportRuns
    export: ExportController
    jobs: JobsController
    slow: SlowController


def make_export_side(
    services: Services, trust: PatchTrust, patch_runs: PatchRuns, top_bar: TopBar, window: QWidget, parent: QObject
) -> ExportSide:
    """Binds “Export…”, “Jobs” and slow motion. `window` is what the dialog is modal for."""
    board = JobsBoard(parent)
    Away(board, window, parent)
    runs = ExportRuns(services, board, parent)
    export = ExportController(services, runs, trust, window, parent)
    jobs = JobsController(services, board, patch_runs, top_bar, window, parent)
    return ExportSide(board, runs, export, jobs, SlowController(services, board, parent))
