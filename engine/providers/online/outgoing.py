"""The picture that leaves: the crop, made to fit a service's rules with pixels of its own, as a PNG that says nothing else.

What is said here about a request (`Sending`) is what the user is shown before it leaves. Knows no service and no network.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from engine.errors import BadInputError, ProviderError
from engine.limits import PROMPT_MAX_CHARACTERS
from engine.providers.online.prices import Estimate
from engine.providers.protocol import RegionEditRequest
from engine.running import CancelToken

MODEL_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
"""What may stand in an address or a form as a model's id; whether there is such a model, the service says."""
Rgb8 = npt.NDArray[np.uint8]
Shown = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file that leaves beside the pictures: a mask, a sound."""

    label: str
    """What it is, for people: “Mask”, “Sound”."""
    data: bytes | memoryview = field(repr=False)
    size: tuple[int, int] = (0, 0)
    """Width and height of a picture."""
    seconds: float = 0.0
    """Length of a sound."""


@dataclass(frozen=True, slots=True)
class Sending:
    """Everything about to be sent. `size` is that of `picture`; `crop` that of the crop before padding or shrinking.

    `picture` is empty, and both sizes 0, where words alone are sent, or a sound.
    """

    provider: str
    name: str
    host: str
    model: str
    picture: bytes = field(repr=False)
    size: tuple[int, int]
    crop: tuple[int, int]
    text: str
    cost: Estimate
    request_hash: str
    notes: tuple[str, ...] = ()
    """What was done to the crop beforehand, each a sentence."""
    last_picture: bytes = field(default=b"", repr=False)
    """Sent as well: how a video is to end."""
    leave_out: str = ""
    """The negative prompt."""
    gives: str = ""
    """What is asked for beyond a region's pixels: “8 s, 720p, 16:9, with sound”."""
    enclosed: tuple[Enclosed, ...] = ()
    upper_usd: float | None = None
    """The most it may cost, where that is more than the estimate."""

    @property
    def place(self) -> str:
        """What a remembered answer is for: this service at this host, and no other service there."""
        return f"{self.provider}@{self.host}"


Gate = Callable[[Sending, CancelToken], None]
"""Returns where this may be sent; raises `SendingRefused` otherwise. It is called in the job's thread, may ask the user and wait
for the answer, and raises Cancelled as soon as the job's token says so."""


class SendingRefused(BadInputError):  # noqa: N818 - the user has not said no, only not said yes
    """Nobody has allowed this to be sent; nothing was."""

    code = "PR-4200"


class SendingDeclined(SendingRefused):
    """The user was asked and said no; nothing was sent."""

    code = "PR-4210"


def sending_words(sending: Sending) -> str:
    """One sentence: what would leave, where to, for how much."""
    text = f"the text “{' '.join(sending.text.split())}”"
    if sending.leave_out:
        text += f" (without “{' '.join(sending.leave_out.split())}”)"
    things = [_picture_words(sending)] if sending.picture else []
    things += [_enclosed_words(one) for one in sending.enclosed]
    things += [text] if sending.text else []
    listed = f"{', '.join(things[:-1])} and {things[-1]}" if things[1:] else things[0]
    return f"{listed} would go to {sending.name} at {sending.host} ({sending.cost.words})"


def _picture_words(sending: Sending) -> str:
    shape = f"{sending.size[0]} × {sending.size[1]} px"
    if sending.gives:
        return f"two pictures of {shape}" if sending.last_picture else f"a picture of {shape}"
    if sending.size != sending.crop:
        shape += f" (the region's {sending.crop[0]} × {sending.crop[1]} px, fitted)"
    return f"a crop of {shape}"


def _enclosed_words(one: Enclosed) -> str:
    return f"its {one.label.lower()}" if one.size[0] else f"a {one.label.lower()} of {one.seconds:.0f} s"


def refuse(sending: Sending, cancel: CancelToken) -> None:
    """The gate that lets nothing through: offline by default. Raises: SendingRefused."""
    raise SendingRefused(
        f"{sending.name} is a service elsewhere and nothing was sent: {sending_words(sending)}.", "Allow it, and run it again.",
    )


def checked_prompt(prompt: str, name: str) -> str:
    """Raises: BadInputError for no words, and for too many."""
    words = prompt.strip()
    if not words:
        raise BadInputError(f"{name} needs words that say what to change.", "Give it a prompt.")
    if len(words) > PROMPT_MAX_CHARACTERS:
        raise BadInputError(f"The prompt is longer than {PROMPT_MAX_CHARACTERS} characters.", "Shorten it.")
    return words


def nearest_ratio(width: int, height: int, ratios: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The ratio that needs the least padding."""
    return min(ratios, key=lambda ratio: _padded_area(width, height, ratio))


def _padded_area(width: int, height: int, ratio: tuple[int, int]) -> float:
    return max(width, height * ratio[0] / ratio[1]) * max(height, width * ratio[1] / ratio[0])


def padded(crop: Rgb8, ratio: tuple[int, int]) -> tuple[Rgb8, tuple[int, int, int, int]]:
    """`crop` (h, w, 3) grown to a ratio by repeating its rim, and where it lies in that: x, y, width, height."""
    height, width = crop.shape[:2]
    wide, high = max(width, round(height * ratio[0] / ratio[1])), max(height, round(width * ratio[1] / ratio[0]))
    x, y = (wide - width) // 2, (high - height) // 2
    grown = cv2.copyMakeBorder(crop, y, high - height - y, x, wide - width - x, cv2.BORDER_REPLICATE)
    return grown.astype(np.uint8, copy=False), (x, y, width, height)


def shown_in(place: tuple[int, int, int, int], size: tuple[int, int]) -> Shown:
    """A place inside a picture of `size` as fractions: left, top, right, bottom."""
    x, y, width, height = place
    return x / size[0], y / size[1], (x + width) / size[0], (y + height) / size[1]


def shrunk(picture: Rgb8, max_side: int) -> Rgb8:
    """The picture at most `max_side` wide and high."""
    height, width = picture.shape[:2]
    scale = max_side / max(width, height)
    if scale >= 1:
        return picture
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def png(picture: npt.NDArray[np.uint8]) -> bytes:
    """(h, w, 3) R'G'B' or (h, w, 4) with alpha: a PNG of pixels alone, without a time, a name or a profile."""
    turned = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR if picture.shape[2] == 3 else cv2.COLOR_RGBA2BGRA)
    done, data = cv2.imencode(".png", turned, [cv2.IMWRITE_PNG_COMPRESSION, 3])
    if not done:
        raise ProviderError("The region's crop could not be written as a PNG.")
    return data.tobytes()


def region_words(mask: npt.NDArray[np.float32], place: tuple[int, int, int, int], size: tuple[int, int]) -> str:
    """Where the region lies in the picture sent, in percent: for services that take no mask. `place` is the crop's."""
    inside = np.nonzero(mask > 0.5) if (mask > 0.5).any() else np.nonzero(mask > 0)
    rows, columns = inside
    if not rows.size:
        return "the middle of the picture"
    left, right = (place[0] + columns.min()) / size[0], (place[0] + columns.max() + 1) / size[0]
    top, bottom = (place[1] + rows.min()) / size[1], (place[1] + rows.max() + 1) / size[1]
    return (
        f"the area from {left * 100:.0f}% to {right * 100:.0f}% of the width, counted from the left edge, "
        f"and from {top * 100:.0f}% to {bottom * 100:.0f}% of the height, counted from the top edge"
    )


def model_of(request: RegionEditRequest, default: str) -> str:
    """The model that is asked for. Raises: BadInputError: it is no model's id."""
    model = str(request.params.get("model", "") or default)
    if not MODEL_ID.fullmatch(model):
        raise BadInputError(f"“{model}” is no model id.", "It is made of letters, digits, dots and dashes.")
    return model
