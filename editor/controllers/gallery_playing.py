"""Plays what was generated in the cards of the gallery: one at a time, begun when it is asked for."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QImage

from editor.clip_player import ClipPlayer
from editor.notifications import Notifications
from editor.result_media import ResultMedia
from engine.errors import PatchreelError
from engine.jobs.generation_values import Generation
from widgets.gallery import Gallery

PLAYED_PX = (640, 640)


class GalleryPlaying(QObject):
    """Between the gallery and the player. `generation_of` finds what a card shows."""

    def __init__(
        self, gallery: Gallery, player: ClipPlayer, results: ResultMedia, notifications: Notifications,
        generation_of: Callable[[str], Generation | None], parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._gallery, self._player, self._results = gallery, player, results
        self._notifications, self._generation_of = notifications, generation_of
        gallery.play_wished.connect(self._play)
        gallery.seek_wished.connect(lambda _card, share: player.seek(share))
        player.frame.connect(self._show_frame)
        player.ended.connect(self._ended)
        player.failed.connect(self._cannot_play)

    @Slot(str)
    def _play(self, card_id: str) -> None:
        """Play, or stop what plays; only one plays."""
        one = self._generation_of(card_id)
        if self._player.playing == card_id:
            self._player.stop()
        elif one is not None and one.result is not None:
            self._results.when_known(one.result.path, lambda media: self._player.play(card_id, media, PLAYED_PX))

    @Slot(str, QImage, float)
    def _show_frame(self, card_id: str, image: QImage, position_s: float) -> None:
        widget = self._gallery.flow.card(card_id)
        if widget is not None:
            widget.show_frame(image, position_s)

    @Slot(str)
    def _ended(self, card_id: str) -> None:
        widget = self._gallery.flow.card(card_id)
        if widget is not None:
            widget.stop()

    @Slot(str, object)
    def _cannot_play(self, _card_id: str, error: PatchreelError) -> None:
        self._notifications.fail(error, "It cannot be played")
