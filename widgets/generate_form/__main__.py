"""The demo: python -m widgets.generate_form."""

import sys

from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QHBoxLayout, QWidget

from widgets.demo import show
from widgets.generate_form import Asked, GenerateForm, Offer, Ready, Service, Tab

SERVICES = (Service("veo", "Veo", "your key ••••7Q2F"), Service("kling", "Kling", "no key yet"))
NOTES = ("1080p takes 8 s.",)
PROMPT = "He stretches, looks around and walks out of the picture to the left. The camera does not move."


def make() -> QWidget:
    page = QWidget()
    row = QHBoxLayout(page)
    image = QImage(384, 216, QImage.Format.Format_RGB32)
    image.fill(QColor("#4a6b3a"))
    for tab in Tab:
        form = GenerateForm()
        is_image = tab is Tab.TEXT_TO_IMAGE
        form.fill(Asked(tab, "veo", PROMPT, "text, logos, other animals", shape="16:9", size="720p", length_s=8))
        form.show_offer(Offer(SERVICES, sizes=("1K", "2K") if is_image else ("720p", "1080p"),
                              lengths_s=() if is_image else (4, 6, 8), takes_leave_out=not is_image, notes=NOTES))  # fmt: skip
        form.show_ready(Ready("About $0.80", "" if tab is Tab.IMAGE_TO_VIDEO else "1080p takes 8 s. Choose 8 s, or 720p."))
        if tab is Tab.IMAGE_TO_VIDEO:
            form.show_first("a", image, "meadow_take3, frame 70")
        row.addWidget(form)
    return page


if __name__ == "__main__":
    sys.exit(show(make, (1000, 860)))
