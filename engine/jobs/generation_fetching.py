"""The last step of a generation: the finished video is fetched, looked at, and safe before anybody says that it is done."""

from pathlib import Path

from engine.errors import MediaError, PatchreelError, ProviderError, StorageError
from engine.jobs.generation_errand import Errand, interval_s
from engine.media.video_check import check_video
from engine.providers.online.downloads import ResultGone
from engine.providers.online.table import provider_facts
from engine.store.ledger import UNPRICED, Charge, LedgerState, Outcome
from engine.store.operation_values import Download, Operation, OperationState, poll_wait_s

S = OperationState
FETCHES_MAX = 8
"""Fetches in a row that brought nothing, until the user is asked."""


class Fetching:
    """Fetches the result of one operation."""

    def __init__(self, errand: Errand) -> None:
        self._errand, self._id = errand, errand.id
        self._operations, self._files = errand.tools.operations, errand.tools.files
        self._in_vain = 0

    def fetch(self, now: Operation) -> None:
        """Once; whoever calls comes again as long as it is ready. Raises: Cancelled, StorageError."""
        kept, part = now.facts.get("kept"), self._files.part(self._id)
        if kept and self._files.assets.has(kept):
            self._done(kept)
            return
        before = _size(part)
        try:
            self._errand.tools.generators.video(now.provider).fetch(
                now.download, part, cancel=self._errand.cancel, report=self._errand.report,
                noted=lambda known: self._operations.fetching(self._id, known),
            )
            self._keep(now, part)
        except ResultGone as gone:
            self._gone(now, gone)
        except (ProviderError, StorageError) as failure:
            self._in_vain = 1 if _size(part) > before else self._in_vain + 1
            self._broken_off(now, failure)

    def _keep(self, now: Operation, part: Path) -> None:
        try:
            facts = check_video(part)
        except MediaError:
            self._damaged(now, part)
            return
        shape = {
            "width": facts.width, "height": facts.height, "has_audio": facts.has_audio, "mime": "video/mp4",
            "duration": [facts.duration.numerator, facts.duration.denominator],
        }
        self._done(self._files.adopt_video(self._id, lambda name: self._operations.note(self._id, kept=name, **shape)))

    def _done(self, asset: str) -> None:
        now = self._operations.get(self._id)
        took_s = (self._errand.tools.clock.now() - (now.running_since or now.created)).total_seconds()
        self._errand.written(lambda: self._operations.done(self._id, asset, _charged(now), took_s=round(took_s, 1)))
        self._errand.say("Done", 1.0)

    def _damaged(self, now: Operation, part: Path) -> None:
        """Fetched once more from the beginning; the second time what came is kept as it is."""
        if not now.facts.get("was_damaged"):
            part.unlink(missing_ok=True)
            self._operations.note(self._id, was_damaged=True)
            self._operations.fetching(self._id, Download(now.download.url))
            return
        self._operations.note(self._id, damaged=self._files.assets.adopt(part, ".bin"))
        name = provider_facts(now.provider).name
        text = f"What {name} sent is no video that can be used, twice. It is kept, and was charged. Look again to fetch it anew."
        self._operations.end(self._id, S.FAILED, text, _charged(now))

    def _gone(self, now: Operation, gone: ResultGone) -> None:
        """The service is asked once for a new link."""
        if not now.facts.get("asked_anew"):
            self._operations.note(self._id, asked_anew=True)
            self._operations.accepted(self._id, now.remote_id, interval_s(now))
            return
        self._files.part(self._id).unlink(missing_ok=True)
        text = f"{gone.text} It was charged, and cannot be fetched any more."
        self._operations.end(self._id, S.EXPIRED, text, _charged(now))

    def _broken_off(self, now: Operation, failure: PatchreelError) -> None:
        if self._in_vain >= FETCHES_MAX:
            text = f"The finished video could not be fetched: {failure.text} Look again to go on with it."
            self._operations.end(self._id, S.STOPPED, text, _charged(now))
            return
        self._operations.waiting(self._id, failure.text)
        self._errand.say("Fetching broke off, going on")
        self._errand.wait_s(min(2.0 ** (self._in_vain - 1), poll_wait_s(0, self._in_vain)), "Going on in")


def _charged(now: Operation) -> Outcome:
    """Ready means charged, whether the file comes or not; at a price that is not known, up to the highest there is."""
    cost, seconds = now.facts.get("cost_usd"), float(now.facts.get("seconds", 0.0))
    if cost is None:
        return Outcome(LedgerState.UNKNOWN, Charge(0.0, seconds=seconds), UNPRICED)
    return Outcome(LedgerState.SETTLED, Charge(cost, seconds=seconds))


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0
