"""A small clip on disk with a patch on it: what the tests of carrying begin with."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from engine.cache.store import Cache
from engine.jobs import patch as patch_job
from engine.jobs import propagate
from engine.jobs.workspace import Workspace
from engine.media.importing import import_media
from engine.project.assets import AssetStore
from engine.project.clip_edits import append_clip
from engine.project.media_edits import add_media
from engine.project.model import Carrying, Media, Patch, PatchState, Project, Recipe, Region, RegionKey, RegionKind
from engine.project.patch_edits import add_patch
from engine.project.track_edits import new_project
from engine.project.version_edits import attach_version, set_patch_state
from engine.providers.protocol import ProviderInfo, RegionEditReply, RegionEditRequest
from engine.providers.registry import Registry
from engine.rational_time import TimeRange
from engine.running import CancelToken, Report, ThreadCancelToken, ignore

WIDTH, HEIGHT, RATE = 160, 96, 25
BOX = Region(RegionKind.BOX, ((0.3, 0.3), (0.6, 0.7)), feather_px=2.0)


def at(frame: int) -> Fraction:
    return Fraction(frame, RATE)


def box(left: float, top: float, right: float, bottom: float, feather_px: float = 2.0) -> Region:
    """In pixels of the clip."""
    points = ((left / WIDTH, top / HEIGHT), (right / WIDTH, bottom / HEIGHT))
    return Region(RegionKind.BOX, points, feather_px)


def panning(number: int) -> np.ndarray:
    """(96, 160, 3): a texture that moves left by one pixel a frame."""
    random = np.random.default_rng(3)
    texture = cv2.resize(random.integers(30, 220, (30, 60, 3), np.uint8), (480, 240), interpolation=cv2.INTER_CUBIC)
    return texture[10 : 10 + HEIGHT, 20 + number : 20 + number + WIDTH].copy()


def make_clip(path: Path, picture: Callable[[int], np.ndarray], frames: int = 24) -> Path:
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=RATE, options={"crf": "8", "g": "8", "threads": "1"})
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(frames):
            out.mux(video.encode(av.VideoFrame.from_ndarray(picture(number), "rgb24")))
        out.mux(video.encode(None))
    return path


class Painter:
    """A provider that paints its crop in one colour and counts how often it is asked."""

    def __init__(self, *, is_remote: bool = False, level: int = 250, cost_usd: float = 0.0) -> None:
        self.info = ProviderInfo("test.painter", "Painter", "", is_remote=is_remote)
        self.asked, self.level, self.cost_usd = 0, level, cost_usd

    def edit(self, request: RegionEditRequest, context: object, *, cancel: CancelToken, report: Report) -> RegionEditReply:
        self.asked += 1
        pixels = request.crop.copy()
        pixels[request.mask > 0] = self.level
        return RegionEditReply(pixels, self.cost_usd)


@dataclass
class Scene:
    """A project with one patch, “one”, on a clip: anchor at frame 12, window 4 to 20."""

    project: Project
    media: Media
    workspace: Workspace
    registry: Registry

    @classmethod
    def of(cls, clip: Path, folder: Path, painter: Painter, region: Region = BOX) -> "Scene":
        cache = Cache(folder / "cache", 1 << 30)
        media = import_media(str(clip), cache)
        project = append_clip(add_media(new_project(), media), media.id)
        window = TimeRange.between(at(4), at(20))
        project = add_patch(project, media.id, region, at(12), window, Recipe(painter.info.id), patch_id="one")
        return cls(project, media, Workspace(AssetStore(folder / "assets"), cache), Registry([painter]))

    @property
    def patch(self) -> Patch:
        return self.project.patch_by_id("one")

    def make(self) -> patch_job.PatchResult:
        """Run the provider and attach what it made."""
        for state in (PatchState.QUEUED, PatchState.PROCESSING):
            if self.patch.state is not state:
                self.project = set_patch_state(self.project, "one", state)
        request = patch_job.PatchRequest(self.media, self.patch)
        made = patch_job.run(request, self.workspace, self.registry, cancel=ThreadCancelToken(), report=ignore)
        self.project = attach_version(self.project, "one", made.version)
        return made

    def carry(self) -> propagate.Propagated:
        request = propagate.PropagateRequest(self.media, self.patch)
        return propagate.run(request, self.workspace, cancel=ThreadCancelToken(), report=ignore, registry=self.registry)

    def carried_by(self, **changes: object) -> None:
        """Without the edit's checks, so that a test may say it briefly."""
        carrying: Carrying = replace(self.patch.carrying, **changes)  # type: ignore[arg-type]
        self.project = replace(self.project, patches=(replace(self.patch, carrying=carrying),))

    def keyed(self, *keys: RegionKey) -> None:
        self.project = replace(self.project, patches=(replace(self.patch, keys=keys),))
