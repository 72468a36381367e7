"""Puts the patch side of the window together: viewer and patch panel with everything that works for them."""

from dataclasses import dataclass

from editor.controllers.carrying_controller import CarryingController
from editor.controllers.fallback_controller import FallbackController
from editor.controllers.patch_choice import PatchChoice
from editor.controllers.patch_controller import PatchController
from editor.controllers.patch_images import PatchImages
from editor.controllers.patch_navigation import PatchNavigation
from editor.controllers.patch_points import PatchPoints
from editor.controllers.patch_runs import PatchRuns
from editor.controllers.patch_view import PatchView
from editor.controllers.playback_controller import PlaybackController
from editor.controllers.preview_controller import PreviewController
from editor.controllers.refusal_controller import RefusalController
from editor.controllers.region_controller import RegionController
from editor.controllers.region_tools import RegionTools
from editor.controllers.result_controller import ResultController
from editor.controllers.service_controller import ServiceController
from editor.controllers.version_compare import VersionCompare
from editor.controllers.viewer_controller import ViewerController
from editor.panels.patch_panel import PatchPanel
from editor.panels.viewer_panel import ViewerPanel
from editor.patch_sendings import PatchSendings
from editor.patch_trust import PatchTrust
from editor.services import Services


@dataclass(frozen=True, slots=True)
class PatchSide:
    """Made by `make_patch_side`; hold on to it as long as the window lives."""

    viewer_panel: ViewerPanel
    patch_panel: PatchPanel
    trust: PatchTrust
    runs: PatchRuns
    images: PatchImages
    viewer: ViewerController
    regions: RegionController
    region_tools: RegionTools
    choice: PatchChoice
    points: PatchPoints
    patches: PatchController
    carrying: CarryingController
    navigation: PatchNavigation
    compare: VersionCompare
    results: ResultController
    fallback: FallbackController
    service: ServiceController
    refusals: RefusalController
    view: PatchView

    def stop(self) -> None:
        """Ask for no further work; call it before the threads end."""
        for part in (self.runs, self.view, self.trust, self.service):
            part.stop()


def make_patch_side(services: Services, preview: PreviewController, playback: PlaybackController) -> PatchSide:
    """Panels and controllers, connected. `trust.levels()` and `trust.changed` are for the timeline."""
    viewer_panel, patch_panel = ViewerPanel(), PatchPanel(services.registry.infos())
    trust = PatchTrust(services.cache, services.files, services.threads.media)
    services.document.project_changed.connect(trust.follow_project)
    trust.follow_project(services.document.project, services.document.project)
    runs, images = PatchRuns(services, trust), PatchImages(services)
    choice = PatchChoice(services, trust)
    viewer = ViewerController(services, viewer_panel, preview, playback)
    regions = RegionController(services, viewer_panel, choice, playback.player)
    runs.frame_carried.connect(regions.follow)
    tools = RegionTools(services, viewer_panel, choice, regions)
    points = PatchPoints(services, viewer_panel, choice, regions, playback.player)
    fallback = FallbackController(services, patch_panel)
    service = ServiceController(services, patch_panel, PatchSendings(services, services.look_worker), fallback)
    patches = PatchController(services, patch_panel, choice, runs, regions, images, service)
    refusals = RefusalController(services, patch_panel, runs, patches, service)
    carrying = CarryingController(services, patch_panel, choice, regions)
    navigation = PatchNavigation(services, patch_panel, choice, playback)
    compare = VersionCompare(services, patch_panel, choice, viewer, preview)
    results = ResultController(services, patch_panel, images)
    view = PatchView(services, patch_panel, viewer_panel, choice, trust, runs, images, preview, compare, service)
    return PatchSide(
        viewer_panel, patch_panel, trust, runs, images, viewer, regions, tools, choice, points, patches, carrying, navigation,
        compare, results, fallback, service, refusals, view,
    )  # fmt: skip
