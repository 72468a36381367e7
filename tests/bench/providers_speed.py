"""What the offline providers cost on a 400×300 region of a 1080p film: by the clock, in CPU seconds, and what of it decodes.

Run by hand from the repository's root: `python -m tests.bench.providers_speed`. Makes a film of 150 frames in a temporary folder.
"""

import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from engine.cache.store import Cache
from engine.errors import Cancelled
from engine.jobs.region_edit import Frame, Shot, ShotContext, edit_region
from engine.jobs.workspace import MediaShot, Workspace
from engine.media.importing import import_media
from engine.media.library import MediaLibrary
from engine.media.picture import Picture
from engine.project.assets import AssetStore
from engine.project.model import Region, RegionKind
from engine.providers.registry import local_registry
from engine.running import ThreadCancelToken, ignore
from tests.engine.providers.makers import moving_scene

_REGION = Region(RegionKind.BOX, ((0.396, 0.361), (0.604, 0.639)), feather_px=0)
"""400 × 300 pixels in the middle of 1920 × 1080."""


def film(path: Path) -> None:
    scene = moving_scene(7, (1920, 1080), 150, speed=0.6)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=25, options={"preset": "veryfast", "crf": "20"})
        stream.width, stream.height, stream.pix_fmt = 1920, 1080, "yuv420p"
        for pixels in scene.frames:
            out.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
        out.mux(stream.encode())


class Asked:
    """Notes which pictures were asked for: they are decoded beside the work, so what that costs is measured apart."""

    def __init__(self, shot: Shot) -> None:
        self._shot = shot
        self.asked: list[tuple[Fraction, ...]] = []

    def picture(self, time: Fraction) -> Picture:
        self.asked.append((time,))
        return self._shot.picture(time)

    def few(self, times: Sequence[Fraction]) -> Iterator[Picture]:
        self.asked.append(tuple(times))
        return self._shot.few(times)


def decoding(path: Path, cache: Cache, anchor: Fraction, asked: list[tuple[Fraction, ...]]) -> float:
    """CPU seconds of decoding these pictures alone, in the same order, once the edited one is there."""
    library = MediaLibrary(cache, lambda _name: b"")
    media = import_media(str(path), cache)
    library.index(media)
    library.picture(media, anchor)
    started = time.process_time()
    for times in asked:
        for _ in library.few(media, times, ThreadCancelToken()):
            pass
    seconds = time.process_time() - started
    library.close()
    return seconds


def cancelled_after(editor_id: str, frame: Frame, context: Callable[[ThreadCancelToken], ShotContext]) -> float:
    """Seconds from a cancel in the middle of an edit to its end."""
    token, asked = ThreadCancelToken(), [0.0]

    def cancel() -> None:
        asked[0] = time.perf_counter()
        token.cancel()

    timer = threading.Timer(0.4, cancel)
    timer.start()
    image = np.full((90, 120, 4), 255, np.uint8)
    try:
        editor = local_registry().get(editor_id)
        edit_region(editor, frame, _REGION, image=image, context=context(token), cancel=token, report=ignore)
    except Cancelled:
        return time.perf_counter() - asked[0]
    finally:
        timer.cancel()
    return 0.0



def main() -> None:
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        film(path)
        cache = Workspace(AssetStore(Path(folder) / "assets"), Cache(Path(folder) / "cache", 1 << 28)).cache
        library = MediaLibrary(cache, lambda _name: b"")
        media = import_media(str(path), cache)
        index = library.index(media)
        anchor = index.time_of(75)
        frame = Frame(library.picture(media, anchor), 0, Fraction(1))
        image = np.full((900, 1200, 4), 255, np.uint8)
        for info in local_registry().infos():
            token = ThreadCancelToken()
            asked = Asked(MediaShot(library, media, token))
            context = ShotContext(index, asked, frame, anchor, token)
            clock, started = time.perf_counter(), time.process_time()
            edit_region(local_registry().get(info.id), frame, _REGION, image=image, context=context, cancel=token, report=ignore)
            clock, whole = time.perf_counter() - clock, time.process_time() - started
            waited = cancelled_after(
                info.id, frame, lambda token: ShotContext(index, MediaShot(library, media, token), frame, anchor, token)
            )
            decoded, count = decoding(path, cache, anchor, asked.asked), sum(map(len, asked.asked))
            print(  # noqa: T201
                f"{info.id:18} {clock:5.2f} s by the clock, {whole:5.2f} CPU s, of which decoding {decoded:.2f} ({count} "
                f"pictures), cancelled after {waited:.2f} s"
            )
        library.close()


if __name__ == "__main__":
    main()
