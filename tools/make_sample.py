"""Makes the bundled sample in resources/sample: the clip, where its logo is, and a picture to put there instead.

    .venv/bin/python tools/make_sample.py [--font FILE] [--out FOLDER]

Nothing is downloaded or photographed: the picture is painted by sample_scene.py and its brushes, the sound made
by sample_sound.py. The same libraries give the same pixels and samples again; the bytes of the files also depend
on the encoder's version.
"""

import argparse
import json
import re
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from sample_paint import HEIGHT, WIDTH
from sample_scene import FRAMES, Scene, sign_box
from sample_sound import RATE, soundtrack

FPS = 25
SEED = 7
ANCHOR = 150
REPOSITORY = Path(__file__).resolve().parent.parent
FONTS = ("Inter-SemiBold.ttf", "Inter-Medium.ttf")
# High profile, a keyframe every two seconds and nowhere else: six whole GOPs, so that a patch leaves some of them to copy.
X264 = {
    "preset": "slower",
    "crf": "21",
    "profile": "high",
    "x264-params": "keyint=50:min-keyint=50:scenecut=0:bframes=3:open-gop=0:threads=2",
}


def write_clip(target: Path, scene: Scene) -> None:
    """Encodes picture and sound into an MP4 that can start playing before it is read to its end."""
    options = {"movflags": "+faststart", "fflags": "+bitexact"}
    with av.open(str(target), "w", format="mp4", options=options) as container:
        video = container.add_stream("libx264", rate=FPS, options=X264)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        video.time_base = Fraction(1, 12_800)
        context = video.codec_context
        context.color_primaries = context.color_trc = context.colorspace = 1  # BT.709
        context.color_range = 1  # limited
        audio = container.add_stream("aac", rate=RATE, layout="stereo", options={"b": "128k"})
        for number in range(FRAMES):
            container.mux(video.encode(_video_frame(scene.frame(number), number)))
        container.mux(video.encode(None))
        _write_sound(container, audio)


def _video_frame(picture: NDArray[np.uint8], number: int) -> av.VideoFrame:
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(
        format="yuv420p",
        src_color_range=ColorRange.JPEG,
        dst_color_range=ColorRange.MPEG,
        dst_colorspace=Colorspace.ITU709,
    )
    frame.pts, frame.time_base = number * 12_800 // FPS, Fraction(1, 12_800)
    return frame


def _write_sound(container: av.container.OutputContainer, audio: av.AudioStream) -> None:
    samples = soundtrack(FRAMES / FPS, SEED)
    step = 1024
    for start in range(0, samples.shape[1], step):
        chunk = np.ascontiguousarray(samples[:, start : start + step])
        frame = av.AudioFrame.from_ndarray(chunk, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
        container.mux(audio.encode(frame))
    container.mux(audio.encode(None))


def describe() -> dict[str, object]:
    """What the demo and the tests must know about the clip. Boxes are fractions 0..1 of the picture: x, y, width, height."""
    return {
        "file": "lake.mp4",
        "width": WIDTH,
        "height": HEIGHT,
        "frames": FRAMES,
        "fps": FPS,
        "logo": {
            "text": "LAKE 7",
            "frame": ANCHOR,
            "box": _rounded(ANCHOR),
            "track": [{"frame": n, "box": _rounded(n)} for n in (*range(0, FRAMES, 25), FRAMES - 1)],
        },
        "replacement": "postcard.png",
        "licence": "painted and synthesised by tools/make_sample.py, same licence as the program",
    }


def _on_one_line(box: re.Match[str]) -> str:
    return "[" + " ".join(box[1].split()) + "]"


def _rounded(number: int) -> list[float]:
    return [round(float(value), 5) for value in sign_box(number)]


def postcard(picture: NDArray[np.uint8], font: Path) -> Image.Image:
    """A picture to put in the logo's place: the left of the view in autumn light, with a border and a greeting."""
    view = cv2.resize(picture[150:570, 120:840], (480, 280), interpolation=cv2.INTER_AREA)
    warm = np.clip(view.astype(np.float32) * [1.22, 1.02, 0.74] + [14, 8, 0], 0, 255).astype(np.uint8)
    card = Image.new("RGB", (512, 312), (242, 234, 216))
    card.paste(Image.fromarray(warm), (16, 16))
    draw = ImageDraw.Draw(card)
    letters = ImageFont.truetype(str(font), 44)
    draw.text((258, 62), "STILL WATER", fill=(46, 30, 40), anchor="mm", font=letters)
    draw.text((256, 60), "STILL WATER", fill=(255, 244, 222), anchor="mm", font=letters)
    return card


def _default_font() -> Path:
    folder = REPOSITORY / "resources" / "fonts"
    found = [folder / name for name in FONTS if (folder / name).is_file()]
    if not found:
        raise SystemExit(f"No font in {folder}: name one with --font.")
    return found[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=REPOSITORY / "resources" / "sample")
    parser.add_argument(
        "--font", type=Path, default=None, help="font of the logo; default: the bundled Inter"
    )
    arguments = parser.parse_args()
    font = arguments.font or _default_font()
    arguments.out.mkdir(parents=True, exist_ok=True)
    scene = Scene(font, SEED)
    postcard(scene.frame(ANCHOR), font).save(arguments.out / "postcard.png", optimize=True)
    text = re.sub(r"\[\s+(0\.[^\[\]]*?)\s+\]", _on_one_line, json.dumps(describe(), indent=2)) + "\n"
    (arguments.out / "sample.json").write_text(text, encoding="utf-8")
    write_clip(arguments.out / "lake.mp4", scene)


if __name__ == "__main__":
    main()
