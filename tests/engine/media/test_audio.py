"""Sound lies where it belongs, to the sample, at random as in order."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
import pytest
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream

from engine.cache.store import Cache
from engine.errors import Cancelled, MediaError
from engine.media.audio import SAMPLE_RATE, AudioReader, Samples
from engine.media.downmix import stereo_matrix
from engine.media.importing import import_media
from engine.media.peaks import Peaks, peaks
from engine.running import ThreadCancelToken

Write = Callable[..., Path]


def chirp(rate: int, seconds: float) -> Samples:
    """(n,) a rising tone: no two places of it are alike. A loud click marks every whole second."""
    time = np.arange(int(rate * seconds)) / rate
    sound = 0.3 * np.sin(2 * np.pi * (200 + 150 * time) * time)
    sound[::rate] = 0.9
    return sound.astype(np.float32)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """`write(name, codec, rate=…, seconds=…, layout=…, late=…)`: a file with one sound stream, beginning `late` seconds in."""

    def make(
        name: str, codec: str, *, rate: int = 48_000, seconds: float = 4.0, layout: str = "mono", late: float = 0.0,
        picture: bool = False,
    ) -> Path:
        sound = chirp(rate, seconds)
        with av.open(tmp_path / name, "w") as output:
            if picture:
                video = output.add_stream("libx264", rate=25)
                video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
            stream = cast(AudioStream, output.add_stream(codec, rate=rate, layout=layout))
            channels = stream.codec_context.layout.nb_channels
            if picture:
                for number in range(int(25 * seconds)):
                    image = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
                    image.pts = number
                    output.mux(video.encode(image))
                output.mux(video.encode(None))
            for start in range(0, len(sound), 1000):
                part = np.tile(sound[start : start + 1000], (channels, 1))
                frame = AudioFrame.from_ndarray(np.ascontiguousarray(part), format="fltp", layout=layout)
                frame.sample_rate, frame.pts, frame.time_base = rate, start + round(late * rate), Fraction(1, rate)
                output.mux(stream.encode(frame))
            output.mux(stream.encode(None))
        return tmp_path / name

    return make


def lag(found: Samples, expected: Samples) -> int:
    """By how many samples `found` lies behind `expected`."""
    size = 1 << (len(found) + len(expected)).bit_length()
    product = np.fft.irfft(np.fft.rfft(found, size) * np.conj(np.fft.rfft(expected, size)))
    place = int(np.argmax(product))
    return place - size if place > size // 2 else place


CODECS = [
    ("a.wav", "pcm_s16le", 48_000), ("a.wav", "pcm_s16le", 44_100), ("a.flac", "flac", 44_100), ("a.m4a", "aac", 48_000),
    ("a.m4a", "aac", 44_100), ("a.mp3", "libmp3lame", 44_100), ("a.mkv", "aac", 44_100), ("a.ogg", "libopus", 48_000),
    ("a.mov", "pcm_s16le", 22_050), ("a.mkv", "flac", 96_000),
]


@pytest.mark.integration
@pytest.mark.parametrize(("name", "codec", "rate"), CODECS)
def test_every_sample_lies_where_it_was_put(write: Write, name: str, codec: str, rate: int) -> None:
    reader = AudioReader(write(name, codec, rate=rate))
    expected = chirp(SAMPLE_RATE, 4.0)
    for first, count in [(0, 48_000), (100_000, 30_000), (40_001, 20_000), (150_000, 42_000)]:
        samples = reader.read_samples(first, count)
        assert samples.shape == (count, 2)
        assert samples.dtype == np.float32
        assert abs(lag(samples[:, 0], expected[first : first + count])) <= 1
        assert np.array_equal(samples[:, 0], samples[:, 1])
    reader.close()


@pytest.mark.integration
@pytest.mark.parametrize(("name", "codec", "rate"), [c for c in CODECS if c[1] != "aac"])
def test_at_random_is_as_in_order(write: Write, name: str, codec: str, rate: int) -> None:
    path = write(name, codec, rate=rate)
    reader = AudioReader(path)
    whole = reader.read_samples(0, 4 * SAMPLE_RATE)
    parts = np.concatenate([AudioReader.read_samples(reader, first, 7_000) for first in range(0, 189_000, 7_000)])
    assert np.array_equal(parts, whole[:189_000])
    random = np.random.default_rng(1)
    for first in random.integers(0, 180_000, 12):
        assert np.abs(reader.read_samples(int(first), 4_321) - whole[first : first + 4_321]).max() < 1e-5
    reader.close()


@pytest.mark.integration
def test_silence_before_and_after_and_no_sound_lost(write: Write) -> None:
    path = write("a.wav", "pcm_s16le", seconds=1.0)
    reader = AudioReader(path)
    samples = reader.read(Fraction(-1, 2), Fraction(2))
    assert len(samples) == 120_000
    assert not samples[:24_000].any()
    assert not samples[72_000:].any()
    assert np.abs(samples[24_000:72_000, 0] - chirp(48_000, 1.0)).max() < 1e-4
    assert reader.read(Fraction(1), Fraction(1)).shape == (0, 2)
    reader.close()


@pytest.mark.integration
def test_a_late_stream_is_late_against_the_video(write: Write) -> None:
    late = 24_016  # less the encoder's 1,024 a whole number of milliseconds, which is all that an edit list can say
    reader = AudioReader(write("late.mp4", "aac", late=late / 48_000, picture=True))
    expected = np.concatenate([np.zeros(late, np.float32), chirp(48_000, 4.0)])
    for first in (0, 60_000):
        samples = reader.read_samples(first, 48_000)
        assert abs(lag(samples[:, 0], expected[first : first + 48_000])) <= 1
    assert np.abs(reader.read_samples(0, 22_000)).max() < 0.01
    reader.close()


@pytest.mark.integration
def test_the_priming_of_aac_is_not_heard(write: Write) -> None:
    for name in ("a.m4a", "a.mkv"):
        reader = AudioReader(write(name, "aac"))
        samples = reader.read_samples(0, 100)
        assert np.abs(samples[:, 0]).argmax() <= 2, name
        reader.close()


@pytest.mark.integration
def test_the_real_clips_are_as_long_as_they_say(shared_media: Path, cache: Cache) -> None:
    for name in ("trumpet_90bpm.ogg", "friday_640x480_30_speech.mp4", "bbb_720p25_aac51.mp4"):
        media = import_media(shared_media / name, cache)
        assert media.available_range is not None
        reader = AudioReader(media.path)
        samples = reader.read(Fraction(0), media.available_range.duration + 1)
        reader.close()
        assert abs(int(np.flatnonzero(samples.any(axis=1))[-1]) / SAMPLE_RATE - media.available_range.duration) < 0.1, name


@pytest.mark.integration
def test_the_stream_that_is_wanted(shared_media: Path) -> None:
    path = shared_media / "nasa_multistream.mp4"
    readers = [AudioReader(path), AudioReader(path, 1), AudioReader(path, 4)]
    default, first, second = (reader.read_samples(48_000, 9_600) for reader in readers)
    assert np.array_equal(default, first)
    assert not np.array_equal(first, second)
    for reader in readers:
        reader.close()
    with pytest.raises(MediaError, match="no such sound"):
        AudioReader(path, 0)


@pytest.mark.integration
def test_a_stream_that_changes_its_layout_goes_on(write: Write, tmp_path: Path) -> None:
    parts = [write(f"{layout}.aac", "aac", seconds=1.0, layout=layout).read_bytes() for layout in ("mono", "stereo", "mono")]
    (tmp_path / "joined.aac").write_bytes(b"".join(parts))
    reader = AudioReader(tmp_path / "joined.aac")
    samples = reader.read_samples(0, 3 * SAMPLE_RATE)
    reader.close()
    for second in range(3):
        assert np.sqrt(np.mean(np.square(samples[second * 48_000 + 9_600 : (second + 1) * 48_000]))) > 0.15


def test_a_silent_clip_has_no_sound_to_open(clips: Any) -> None:
    with pytest.raises(MediaError, match=r"“a\.mp4” has no such sound"):
        AudioReader(clips.write("a.mp4", 3))


def test_mixing_down_keeps_sides_and_never_clips() -> None:
    surround = stereo_matrix(("FL", "FR", "FC", "LFE", "BL", "BR"))
    assert surround.sum(axis=1).max() <= 1.0001
    assert surround[0, 0] > 0 == surround[0, 1]
    assert surround[0, 2] == surround[1, 2] > 0
    assert surround[:, 3].max() == 0
    assert np.array_equal(stereo_matrix(("FL", "FR")), np.eye(2))
    assert np.array_equal(stereo_matrix(("FC",)), np.ones((2, 1)))
    assert stereo_matrix(("UNK0", "UNK1")).shape == (2, 2)


@pytest.mark.integration
def test_peaks_say_where_the_sound_is_loud(write: Write, cache: Cache) -> None:
    media = import_media(write("a.wav", "pcm_s16le", rate=44_100, seconds=2.5), cache)
    found = peaks(media, cache)
    assert 250 <= len(found.minimum) == len(found.maximum) == len(found.rms) <= 251
    assert found.maximum.dtype == np.float16
    assert [int(place) for place in np.flatnonzero(found.maximum > 0.6)] == [0, 100, 200]
    assert 0.15 < float(found.rms[50]) < 0.25
    assert float(found.minimum[50]) == pytest.approx(-0.3, abs=0.01)


@pytest.mark.integration
def test_peaks_are_made_once_and_can_be_cancelled(write: Write, cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    media = import_media(write("a.wav", "pcm_s16le", seconds=1.0), cache)
    token = ThreadCancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        peaks(media, cache, cancel=token)
    shares: list[float] = []
    first = peaks(media, cache, report=lambda progress: shares.append(progress.fraction))
    assert shares[-1] == 1
    monkeypatch.setattr(AudioReader, "__init__", lambda *_: pytest.fail("decoded again"))
    again = peaks(media, cache, cancel=token)
    assert isinstance(again, Peaks)
    assert np.array_equal(again.rms, first.rms)
