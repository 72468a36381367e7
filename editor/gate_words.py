"""A question of a job as the words that the gate shows. Knows the forms of files, not what a service does."""

from editor.panels.budget_bar import Budget
from editor.panels.gate_panel import GateFacts, GatePicture
from editor.sending_desk import Question
from engine.providers.online.outgoing import Sending
from engine.providers.online.prices import dollars

_MAGIC = ((b"\x89PNG", "PNG"), (b"\xff\xd8\xff", "JPEG"), (b"RIFF", "WebP"))


def facts_of(question: Question) -> GateFacts:
    """Everything the gate shows of a question."""
    sending, account = question.sending, question.account
    return GateFacts(
        title=f"Send this to {sending.name}?",
        reason="It may be charged a second time." if question.warning else "This project asks before every paid request.",
        pictures=_pictures(question), text=sending.text, leave_out=sending.leave_out,
        others=tuple(
            f"{one.label}: {one.seconds:.1f} s, {size_words(len(one.data))}." for one in sending.enclosed if one.seconds
        ),
        notes=sending.notes, rows=_rows(question),
        budget=Budget(account.committed_usd, account.cap_usd, sending.cost.usd or 0.0),
        remember=f"Do not ask again for {sending.name} in this project",
        send=_send_words(question), warning=question.warning,
    )


def size_words(count: int) -> str:
    """ "58 kB", "1.2 MB", "640 bytes"."""
    if count < 1000:
        return f"{count} bytes"
    return f"{count / 1000:.0f} kB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"


def cost_words(sending: Sending) -> str:
    """ "About $0.13", with how much it may be at most where that is more."""
    if sending.cost.usd is None:
        return "Not known"
    upper = sending.upper_usd or 0.0
    most = f", {dollars(upper)} at most" if upper > sending.cost.usd * 1.01 else ""
    return f"About {dollars(sending.cost.usd)}{most}"


def run_price(usd: float | None) -> str:
    """What stands on the button that spends it: "about $0.13"; "free"; empty where the price is not known."""
    return "" if usd is None else "free" if usd == 0 else f"about {dollars(usd)}"


def _send_words(question: Question) -> str:
    usd = question.sending.cost.usd
    word = "Send again" if question.warning else "Send"
    return word if usd is None else f"{word}, about {dollars(usd)}"


def _rows(question: Question) -> tuple[tuple[str, str, str], ...]:
    sending = question.sending
    host = sending.host.partition("://")[2] or sending.host
    price = f"read {sending.cost.read}{'' if sending.cost.is_sure else ', uncertain'}"
    return (
        ("rows", "Host", host), ("key", "Key", f"yours, ••••{question.key_end}" if question.key_end else "yours"),
        ("film" if sending.gives else "image", "You get", sending.gives or "A picture of the region"),
        ("cost", "Cost", cost_words(sending)), *((("info", "Prices", price),) if sending.cost.read else ()),
    )


def _pictures(question: Question) -> tuple[GatePicture, ...]:
    sending = question.sending
    parts = [("", sending.picture, sending.size), ("Last frame", sending.last_picture, sending.size)]
    parts += [(one.label, bytes(one.data), one.size) for one in sending.enclosed if one.size[0]]
    parts = [part for part in parts if part[1]]
    if len(parts) > 1 and not parts[0][0]:
        parts[0] = ("First frame" if sending.last_picture else "Crop", *parts[0][1:])
    return tuple(
        GatePicture(image, f"{size[0]} × {size[1]} px, {_form(data)}, {size_words(len(data))}", title)
        for (title, data, size), image in zip(parts, question.pictures, strict=True)
    )


def _form(data: bytes) -> str:
    return next((name for magic, name in _MAGIC if data.startswith(magic)), "file")
