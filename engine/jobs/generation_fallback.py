"""A picture or a video asked of one service after the other, as the user's order for it says.

What stands in is asked for the same thing as far as it makes such: a size or a length that it does not make becomes the nearest
that it does, and that is said.
"""

from dataclasses import dataclass, replace

from engine.jobs.generation_values import Generation
from engine.jobs.generations import Generations
from engine.providers.fallback import Chain, through
from engine.providers.generation import GenerateRequest
from engine.providers.online.generator_rules import all_rules, rules_of
from engine.running import CancelToken, Report, part

HASTY_S = 8.0
"""How long a service is waited for where another one could be asked."""


@dataclass(frozen=True, slots=True)
class Made:
    """What came in the end, by whoever made it, and what is to be said about the way there."""

    card: Generation
    warnings: tuple[str, ...] = ()


def generated(
    generations: Generations, request: GenerateRequest, chain: Chain, *, cancel: CancelToken, report: Report
) -> Made:
    """The request as it is, or by another service of the chain. Raises: what `Generations.submit` and `wait` raise, where nobody
    else may be asked (see `through`).
    """
    asked = {one: made for one in chain.after(request.provider) if (made := as_asked_of(request, one)) is not None}
    asked[request.provider] = request

    def ask(provider: str, is_last: bool) -> Generation:
        made = generations.submit(
            asked[provider], cancel=cancel, report=part(report, 0.0, 0.05), takes_up=True,
            longest_wait_s=None if is_last else HASTY_S,
        )
        return generations.wait(made, cancel=cancel, report=part(report, 0.05, 1.0))

    usable = replace(chain, providers=tuple(one for one in chain.providers if one in asked))
    reached = through(request.provider, usable, ask, lambda provider: generations.made_before(asked[provider]))
    if not reached.passed:
        return Made(reached.result)
    return Made(reached.result, (*reached.passed, _words(request, reached.result, is_known=reached.is_known)))


def as_asked_of(request: GenerateRequest, provider: str) -> GenerateRequest | None:
    """The same request to another service, at its usual model; None where it makes nothing of the kind."""
    if provider not in {rules.info.id for rules in all_rules()}:
        return None
    rules = rules_of(provider)
    if request.kind not in rules.info.kinds:
        return None
    known = rules.choices(request.kind)
    sizes, lengths = known.resolutions, sorted(known.durations_s)
    made = replace(
        request, provider=provider, model="",
        resolution=request.resolution if request.resolution in sizes or not sizes else sizes[-1],
        duration_s=next((one for one in lengths if one >= request.duration_s), lengths[-1] if lengths else request.duration_s),
        negative_prompt=request.negative_prompt if known.takes_negative_prompt else "",
    )
    return None if rules.problem(made) else made


def _words(request: GenerateRequest, card: Generation, *, is_known: bool) -> str:
    made = card.request
    if is_known:
        return f"This was made before by {card.provider_name}, and cost nothing."
    is_other = (made.resolution, made.duration_s) != (request.resolution, request.duration_s)
    length = f", {made.duration_s} s" if made.kind.makes_video else ""
    return f"{card.provider_name} was asked instead{f', for {made.resolution}{length}' if is_other else ''}."
