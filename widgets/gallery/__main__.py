"""The demo: python -m widgets.gallery."""

import sys
import time

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QLinearGradient, QPainter
from PySide6.QtWidgets import QWidget

from widgets.demo import show
from widgets.gallery import Action, Card, Gallery, Look, Section

SECTIONS = (
    Section("videos", "Videos"), Section("images", "Images"),
    Section("continuations", "Motion continuations", "Select a clip on the timeline to let it go on past its last frame.",
            "Continue a clip"),
)  # fmt: skip
NOW = time.time()
CANCEL, LEAVE = Action("cancel", "Cancel", place="far"), Action("cancel", "Cancel", place="end")
DONE = (Action("add", "Add to bin", "plus", "main"), Action("save", "Save", "download", "quiet"), Action("trash", "Delete"))
CARDS = (
    Card("a", Look.RUNNING, "Running", "The bank from behind, slow push in, first light, dew on the grass",
         "Veo, image to video, 8 s, 720p, about $0.80", "videos", "Generating", actions=(CANCEL,),
         hint="Goes on if you close the window", began=NOW - 72, usual_s=120),
    Card("b", Look.FINISHED, "Finished", "A red tulip opens in one take, shallow focus, soft garden light",
         "Veo, text to video, 8 s, 720p, $0.80, 1:48", "videos", badges=("AI generated", "SynthID", "Audio"), actions=DONE,
         duration_s=8, thumb=1),
    Card("c", Look.BLOCKED, "Blocked by policy", "The mayor waves from the balcony as the lights go on",
         "Veo, text to video, 6 s, your prompt is kept", "videos", "The service declined this prompt",
         "Reason given: a real person is named. Nothing was charged.",
         actions=(Action("edit", "Edit prompt", place="main"), Action("other", "Other provider", place="quiet"),
                  Action("trash", "Delete", "trash", "icon"))),
    Card("d", Look.UNKNOWN, "Outcome unknown", "Cars leave one by one, seen from above, light rain",
         "Kling, image to video, 5 s, up to $0.35", "videos", "The answer was lost after sending",
         "It may have been charged. It was not sent again.",
         actions=(Action("look", "Ask the service", place="main"), Action("costs", "Open in Costs", place="quiet"),
                  Action("retry", "Send again"))),
    Card("e", Look.WAITING, "Waiting for a free slot", "Same meadow in winter, first snow, camera still",
         "Veo, text to video, 8 s, 720p, about $0.80", "videos", "Waiting", "Veo allows the next request at 14:33:10",
         actions=(Action("other", "Use Kling now", place="main"), LEAVE), retry_at=NOW + 38),
)  # fmt: skip


def picture(card_id: str) -> QImage | None:
    """Something to look at for what is finished or under way."""
    if card_id not in {"a", "b"}:
        return None
    image = QImage(384, 216, QImage.Format.Format_RGB32)
    slope = QLinearGradient(0, 0, 384, 216)
    slope.setColorAt(0, Qt.GlobalColor.darkGreen if card_id == "a" else Qt.GlobalColor.darkRed)
    slope.setColorAt(1, Qt.GlobalColor.lightGray)
    painter = QPainter(image)
    painter.fillRect(image.rect(), slope)
    painter.end()
    return image


def make() -> QWidget:
    gallery = Gallery(picture, ("Videos and pictures that you generate will be here.", "Write a prompt"))
    gallery.show_cards(SECTIONS, CARDS)
    gallery.show_cost("This project: $2.27")
    return gallery


if __name__ == "__main__":
    sys.exit(show(make, (1220, 980)))
