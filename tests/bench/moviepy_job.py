"""The export job as MoviePy does it: a box over some frames, everything encoded. Runs in MoviePy's own environment."""

import sys

from moviepy import ColorClip, CompositeVideoClip, VideoFileClip  # type: ignore[import-not-found]


def main(source: str, output: str, start: float, length: float, whole: float) -> None:
    """Seconds: where the box begins, how long it stays, how much of the source is written."""
    clip = VideoFileClip(source).subclipped(0, whole)
    box = ColorClip((288, 216), (200, 30, 30), duration=length).with_start(start).with_position((768, 324))
    CompositeVideoClip([clip, box]).write_videofile(
        output, codec="libx264", audio_codec="aac", preset="veryfast", ffmpeg_params=["-crf", "20"], threads=2, logger=None
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(float, sys.argv[3:]))
