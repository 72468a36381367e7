"""What may be asked of each service that generates, known without calling it and without loading what calls it.

The window enables its choices by this, and a request that breaks a rule is refused here with a sentence before anything is shown
to the user or sent. Ids of models stand in the table of services; a rule goes by the beginning of an id, so that newer ids of a
family follow it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from engine.errors import BadInputError
from engine.limits import PROMPT_MAX_CHARACTERS
from engine.providers.generation import Choices, GenerateKind, GenerateRequest, GeneratorInfo
from engine.providers.online.outgoing import MODEL_ID
from engine.providers.online.table import ProviderFacts, provider_facts

K = GenerateKind
_IMAGE_RATIOS = ("16:9", "9:16", "1:1", "4:3", "3:4", "3:2", "2:3", "5:4", "4:5", "21:9")
_KLING_LONG = (5, *range(3, 5), *range(6, 16))
"""Newer models take any whole number of seconds from 3 to 15."""


@dataclass(frozen=True, slots=True)
class Rules:
    """One service's rules. `together` names what is not allowed together in a request, as a sentence, or nothing."""

    info: GeneratorInfo
    choose: Callable[[GenerateKind, str], Choices]
    together: Callable[[GenerateRequest], str] = lambda _request: ""

    def choices(self, kind: GenerateKind, model: str = "") -> Choices:
        return self.choose(kind, model or self.info.models[0])

    def model(self, request: GenerateRequest) -> str:
        return request.model or self.info.models[0]

    def problem(self, request: GenerateRequest) -> str:
        """Why a request cannot be sent, as a sentence; empty where it can. Costs microseconds."""
        if request.kind not in self.info.kinds:
            return f"{self.info.name} does not do “{request.kind.value}”."
        if not MODEL_ID.fullmatch(self.model(request)):
            return f"“{request.model}” is no model id."
        return self._words(request) or self._pictures(request) or self._settings(request) or self.together(request)

    def check(self, request: GenerateRequest) -> None:
        """Raises: BadInputError."""
        if problem := self.problem(request):
            raise BadInputError(problem, "Nothing was sent.")

    def _words(self, request: GenerateRequest) -> str:
        facts = provider_facts(self.info.id)
        most = int(min(PROMPT_MAX_CHARACTERS, facts.limit("prompt_characters") or PROMPT_MAX_CHARACTERS))
        if not request.prompt.strip() and not request.kind.needs_first:
            return "Say what is to be seen."
        for words, what in ((request.prompt, "prompt"), (request.negative_prompt, "negative prompt")):
            if len(words.strip()) > most:
                return f"The {what} is longer than the {most} characters that {self.info.name} takes."
        if request.negative_prompt.strip() and not self.choices(request.kind, request.model).takes_negative_prompt:
            return f"{self.info.name} takes no negative prompt."
        return ""

    def _pictures(self, request: GenerateRequest) -> str:
        if request.kind.needs_first and not request.first_image:
            return "Choose the picture it begins with."
        if request.kind.needs_last and not request.last_image:
            return "Choose the picture it ends with."
        if request.last_image and not request.kind.needs_last:
            return f"“{request.kind.value}” takes no last frame."
        return ""

    def _settings(self, request: GenerateRequest) -> str:
        known, model = self.choices(request.kind, request.model), self.model(request)
        if not known.resolutions:
            return f"{model} does not do “{request.kind.value}”."
        if not known.follows_picture and request.aspect not in known.aspects:
            return f"{self.info.name} has the shapes {_listed(known.aspects)}, not {request.aspect}."
        if request.resolution not in known.resolutions:
            return f"{model} makes {_listed(known.resolutions)} here, not {request.resolution}."
        if known.durations_s and request.duration_s not in known.durations_s:
            seconds = _listed(tuple(str(one) for one in sorted(known.durations_s)))
            return f"{model} makes {seconds} s, not {request.duration_s} s."
        return ""


class Ruled:
    """What a generator says of itself, by the rules of its service."""

    def __init__(self, provider: str) -> None:
        self._rules = rules_of(provider)

    @property
    def info(self) -> GeneratorInfo:
        return self._rules.info

    def choices(self, kind: GenerateKind, model: str = "") -> Choices:
        return self._rules.choices(kind, model)


def rules_of(provider: str) -> Rules:
    """Raises: BadInputError: it generates nothing."""
    if provider not in _MAKERS:
        raise BadInputError(f"“{provider}” makes no pictures or videos.", f"Choose one of: {', '.join(_MAKERS)}.")
    return _MAKERS[provider]()


def all_rules() -> tuple[Rules, ...]:
    """In the order in which they are offered."""
    return tuple(make() for make in _MAKERS.values())


def _listed(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _models(facts: ProviderFacts) -> tuple[str, ...]:
    usual = facts.default_model
    return (usual, *(one.id for one in facts.models if one.id != usual and one.ended is None))


def _veo() -> Rules:
    info = GeneratorInfo(
        "veo", "Veo", "Videos with sound after your words and pictures, at Google.",
        (K.TEXT_TO_VIDEO, K.IMAGE_TO_VIDEO, K.FIRST_AND_LAST, K.CONTINUATION), _models(provider_facts("veo")),
        ("AI generated", "SynthID", "Audio"),
    )
    return Rules(info, _veo_choices, _veo_together)


def _veo_choices(kind: GenerateKind, model: str) -> Choices:
    sizes = ("720p", "1080p") if "-lite-" in model else ("720p", "1080p", "4k")
    return Choices(
        ("16:9", "9:16"), sizes, (8, 6, 4), takes_negative_prompt=True, has_audio=True,
        notes=(f"{_listed(sizes[1:])} {'takes' if len(sizes) == 2 else 'take'} 8 s.",),
    )


def _veo_together(request: GenerateRequest) -> str:
    if request.resolution != "720p" and request.duration_s != 8:
        return f"Veo makes {request.resolution} in 8 s only."
    return ""


def _kling() -> Rules:
    info = GeneratorInfo(
        "kling", "Kling", "Videos from one picture, or between two.", (K.IMAGE_TO_VIDEO, K.FIRST_AND_LAST, K.CONTINUATION),
        _models(provider_facts("kling")),
    )
    return Rules(info, _kling_choices)


def _kling_choices(kind: GenerateKind, model: str) -> Choices:
    """By the “capability map” as far as it is known: a last frame needs 1080p, and some models take none."""
    is_second = is_second_generation(model)
    sizes: tuple[str, ...] = ("720p", "1080p", "4k") if is_second else ("720p", "1080p")
    notes: tuple[str, ...] = ()
    if kind is K.FIRST_AND_LAST:
        if "master" in model or (model.endswith("-turbo") and is_second):
            return Choices((), (), (), follows_picture=True, notes=(f"{model} takes no last frame.",))
        if not is_second and not model.startswith("kling-v3"):
            sizes, notes = ("1080p",), ("A last frame takes 1080p.",)
    seconds = _KLING_LONG if is_second or model.startswith("kling-v3") else (5, 10)
    return Choices((), sizes, seconds, takes_negative_prompt=not is_second, follows_picture=True, notes=notes)


def is_second_generation(model: str) -> bool:
    """Whether a model is asked for by the newer of Kling's two interfaces."""
    return model.startswith("kling-3")


def _gemini() -> Rules:
    info = GeneratorInfo(
        "gemini", "Gemini", "Pictures after your words, at Google.", (K.TEXT_TO_IMAGE,), _models(provider_facts("gemini")),
        ("AI generated", "SynthID"),
    )
    return Rules(info, lambda _kind, _model: Choices(_IMAGE_RATIOS, ("1K", "2K", "4K")))


def _openai() -> Rules:
    info = GeneratorInfo(
        "openai", "OpenAI", "Pictures after your words, at OpenAI.", (K.TEXT_TO_IMAGE,), _models(provider_facts("openai")),
    )
    return Rules(info, lambda _kind, _model: Choices(("16:9", "9:16", "1:1", "3:2", "2:3"), ("1K", "2K")))


_MAKERS: dict[str, Callable[[], Rules]] = {"veo": _veo, "kling": _kling, "gemini": _gemini, "openai": _openai}
