"""A motion service as a `MotionContinuer`: the two pictures leave in a shape that it takes, its video is an operation like any
other generation, so it is paid once, survives any end and stands in the ledger and the gallery.
"""

from dataclasses import replace

from engine.jobs.generation_fallback import HASTY_S
from engine.jobs.generation_values import Generating
from engine.providers.fallback import Chain, through
from engine.providers.generation import ContinuedMotion, GenerateKind, GenerateRequest, Rgb8
from engine.providers.online.generator_rules import all_rules, rules_of
from engine.providers.online.outgoing import nearest_ratio, padded, png, shown_in
from engine.running import CancelToken, Report, part

KIND = GenerateKind.FIRST_AND_LAST
_LONGEST = 2.5
"""Kling takes pictures at most this many times as wide as high, or as high as wide."""


class MotionService:
    """Veo or Kling, asked through `generations`. Raises: BadInputError: it takes no two frames."""

    def __init__(
        self, generations: Generating, provider: str, model: str = "", longest_wait_s: float | None = None
    ) -> None:
        self._generations, self._rules, self._model = generations, rules_of(provider), model
        self._longest_wait_s = longest_wait_s
        self._choices = self._rules.choices(KIND, model)

    @property
    def name(self) -> str:
        return self._rules.info.name

    def between(
        self, first: Rgb8, last: Rgb8, seconds: float, prompt: str, *, cancel: CancelToken, report: Report
    ) -> ContinuedMotion:
        ratio, aspect = self._shape(first)
        picture, place = padded(first, ratio)
        end, _ = padded(last, ratio)
        keep = self._generations.keep_picture
        request = replace(
            self.asked(seconds, prompt), first_image=keep(png(picture)), last_image=keep(png(end)), aspect=aspect
        )
        made = self._generations.submit(
            request, cancel=cancel, report=part(report, 0.0, 0.05), takes_up=True, longest_wait_s=self._longest_wait_s
        )
        card = self._generations.wait(made, cancel=cancel, report=part(report, 0.05, 1.0))
        assert card.result is not None
        return ContinuedMotion(
            card.result.path, shown_in(place, (picture.shape[1], picture.shape[0])), card.cost.usd, card.model, self.name,
            card.warnings,
        )

    def asked(self, seconds: float, prompt: str = "") -> GenerateRequest:
        """What is asked for a span of that length, still without its pictures: enough for its price."""
        resolution = next(iter(self._choices.resolutions), "")
        return GenerateRequest(
            self._rules.info.id, KIND, prompt, resolution=resolution, duration_s=self._duration_s(seconds), model=self._model
        )

    def _shape(self, picture: Rgb8) -> tuple[tuple[int, int], str]:
        """The ratio that the pictures are padded to, and the service's word for it."""
        height, width = picture.shape[:2]
        if not self._choices.follows_picture:
            known = [(int(one.partition(":")[0]), int(one.partition(":")[2])) for one in self._choices.aspects]
            ratio = nearest_ratio(width, height, known)
            return ratio, f"{ratio[0]}:{ratio[1]}"
        if width > height * _LONGEST:
            return (5, 2), "16:9"
        return ((2, 5), "16:9") if height > width * _LONGEST else ((width, height), "16:9")

    def _duration_s(self, seconds: float) -> int:
        """The shortest that is long enough, else the longest."""
        known = sorted(self._choices.durations_s)
        return next((one for one in known if one >= seconds), known[-1] if known else 0)


class BackedMotion:
    """A `MotionContinuer`: for every span the first service, and where that cannot answer now the next one of the chain.

    Raises: what `MotionService` raises, where nobody else may be asked (see `through`).
    """

    def __init__(self, generations: Generating, provider: str, chain: Chain) -> None:
        makes = {rules.info.id for rules in all_rules() if KIND in rules.info.kinds}
        self._order = (provider, *(one for one in chain.after(provider) if one in makes))
        self._generations = generations

    @property
    def name(self) -> str:
        return MotionService(self._generations, self._order[0]).name

    def between(
        self, first: Rgb8, last: Rgb8, seconds: float, prompt: str, *, cancel: CancelToken, report: Report
    ) -> ContinuedMotion:
        def ask(provider: str, is_last: bool) -> ContinuedMotion:
            service = MotionService(self._generations, provider, longest_wait_s=None if is_last else HASTY_S)
            return service.between(first, last, seconds, prompt, cancel=cancel, report=report)

        reached = through(self._order[0], Chain(self._order[1:], uses_known=False), ask, lambda _provider: None)
        made = reached.result
        told = (*reached.passed, f"{made.by} was asked instead.") if reached.passed else ()
        return replace(made, warnings=(*told, *made.warnings))
