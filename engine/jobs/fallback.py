"""A region edit asked of one provider after the other, as the user's order for it says; each answer is the answering one's own.

What another provider made is a recipe of that provider: the same words, its own parameters.
"""

from dataclasses import dataclass, field, replace

from engine.jobs.answer import Answer, Question, answer, known_answer
from engine.jobs.workspace import ProjectSources, Workspace
from engine.project.model import Recipe
from engine.providers.fallback import Chain, through
from engine.providers.registry import Registry
from engine.running import CancelToken, Report


@dataclass(frozen=True, slots=True)
class Providers:
    """`registry` waits for a service that asks for it; `hasty` does not wait long, because there is another one to ask."""

    registry: Registry
    hasty: Registry
    chain: Chain = field(default_factory=Chain)


@dataclass(frozen=True, slots=True)
class Answered:
    """Who answered in the end, and what was passed on the way."""

    recipe: Recipe
    answer: Answer


def answered(
    question: Question, providers: Providers, workspace: Workspace, sources: ProjectSources, *, cancel: CancelToken,
    report: Report,
) -> Answered:
    """Raises: what `answer` raises, where nobody else may be asked (see `through`)."""
    def asked(provider: str, is_last: bool) -> Answer:
        registry = providers.registry if is_last else providers.hasty
        return answer(_question(question, provider), workspace, registry, sources, cancel=cancel, report=report)

    def known(provider: str) -> Answer | None:
        return known_answer(_question(question, provider), workspace, providers.registry)

    first = question.recipe.provider
    if not providers.registry.get(first).info.is_remote:
        return Answered(question.recipe, asked(first, is_last=True))
    reached = through(first, _offered(providers), asked, known)
    name = providers.registry.get(reached.provider).info.name
    what = f"This was made before by {name}, and cost nothing." if reached.is_known else f"{name} was asked instead."
    warnings = (*reached.passed, what) if reached.passed else ()
    made = replace(reached.result, warnings=(*warnings, *reached.result.warnings))
    return Answered(_question(question, reached.provider).recipe, made)


def _question(question: Question, provider: str) -> Question:
    recipe = question.recipe
    if provider == recipe.provider:
        return question
    return replace(question, recipe=Recipe(provider, recipe.prompt, seed=recipe.seed))


def _offered(providers: Providers) -> Chain:
    """Without the names that the program does not know (any more), and those that would need a picture of the user's."""
    infos = {info.id: info for info in providers.registry.infos()}
    usable = tuple(one for one in providers.chain.providers if one in infos and not infos[one].needs_image)
    return replace(providers.chain, providers=usable)
