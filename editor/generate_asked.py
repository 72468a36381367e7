"""What stands in the form of the Generate workspace, as a request of the engine and back, and kept between sessions. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from engine.jobs.generation_values import Generating
from engine.providers.generation import GenerateKind, GenerateRequest, GeneratorInfo
from engine.vault import KeyStore
from widgets.generate_form import Asked, Offer, Service, Tab

_TABS = {GenerateKind.TEXT_TO_IMAGE: Tab.TEXT_TO_IMAGE, GenerateKind.TEXT_TO_VIDEO: Tab.TEXT_TO_VIDEO}


def kind_of(asked: Asked) -> GenerateKind:
    """What is asked for, by tab and pictures."""
    if asked.tab is Tab.TEXT_TO_IMAGE:
        return GenerateKind.TEXT_TO_IMAGE
    if asked.tab is Tab.TEXT_TO_VIDEO:
        return GenerateKind.TEXT_TO_VIDEO
    if asked.last:
        return GenerateKind.FIRST_AND_LAST
    return GenerateKind.CONTINUATION if asked.continues else GenerateKind.IMAGE_TO_VIDEO


def request_of(asked: Asked) -> GenerateRequest:
    """What would be sent."""
    kind = kind_of(asked)
    return GenerateRequest(
        asked.provider, kind, asked.prompt.strip(), asked.leave_out.strip(),
        first_image=asked.first if kind.needs_first else "", last_image=asked.last if kind.needs_last else "",
        aspect=asked.shape, resolution=asked.size, duration_s=asked.length_s if kind.makes_video else 0,
    )  # fmt: skip


def asked_of(request: GenerateRequest) -> Asked:
    """A request put back in the form."""
    return Asked(
        _TABS.get(request.kind, Tab.IMAGE_TO_VIDEO), request.provider, request.prompt, request.negative_prompt,
        request.first_image, request.last_image, request.aspect, request.resolution, request.duration_s,
        request.kind is GenerateKind.CONTINUATION,
    )  # fmt: skip


def makers(infos: Sequence[GeneratorInfo], kind: GenerateKind) -> tuple[GeneratorInfo, ...]:
    """Those that make this kind."""
    return tuple(info for info in infos if kind in info.kinds)


def other_maker(infos: Sequence[GeneratorInfo], request: GenerateRequest) -> GeneratorInfo | None:
    """The next service that makes the same kind."""
    return next((info for info in makers(infos, request.kind) if info.id != request.provider), None)


def settled(asked: Asked, generating: Generating, shape: str) -> Asked:
    """With a service that makes the kind, and its usual form for whatever was never chosen. What was chosen of it stays."""
    offered = makers(generating.infos(), kind_of(asked))
    if not offered:
        return asked
    if asked.provider not in {info.id for info in offered}:
        asked = replace(asked, provider=offered[0].id, shape="", size="", length_s=0)
    choices = generating.choices(asked.provider, kind_of(asked))
    if not asked.shape and choices.aspects:
        asked = replace(asked, shape=shape if shape in choices.aspects else choices.aspects[0])
    if not asked.size and choices.resolutions:
        asked = replace(asked, size=choices.resolutions[0])
    if not asked.length_s and choices.durations_s:
        asked = replace(asked, length_s=choices.durations_s[0])
    return asked


def offer_of(asked: Asked, generating: Generating, key_notes: Mapping[str, str]) -> Offer:
    """What the form shows of the chosen service; `key_notes` say how it stands with each key."""
    kind, infos = kind_of(asked), generating.infos()
    offered = makers(infos, kind)
    services = tuple(Service(info.id, info.name, key_notes.get(info.id, "")) for info in offered)
    if asked.provider not in {info.id for info in offered}:
        return Offer(services, (), (), (), takes_leave_out=False, takes_last=False)
    choices = generating.choices(asked.provider, kind)
    chosen = next(info for info in offered if info.id == asked.provider)
    return Offer(
        services, () if choices.follows_picture else choices.aspects, choices.resolutions, tuple(sorted(choices.durations_s)),
        choices.takes_negative_prompt, GenerateKind.FIRST_AND_LAST in chosen.kinds, choices.notes,
    )  # fmt: skip


def key_notes(infos: Sequence[GeneratorInfo], store: KeyStore) -> dict[str, str]:
    """How it stands with the key of each service. May wait for the system's key store."""
    notes = {}
    for info in infos:
        state = store.state(info.id)
        notes[info.id] = f"your key ••••{state.last4}" if state.last4 else "locked" if state.is_locked else "no key yet"
    return notes


def to_text(asked: Asked, tags: Mapping[str, str]) -> str:
    """For the settings."""
    used = {name: tag for name, tag in tags.items() if name in {asked.first, asked.last}}
    return json.dumps({"asked": {**asdict(asked), "tab": asked.tab.name}, "tags": used})


def from_text(text: str) -> tuple[Asked, dict[str, str]]:
    """Back from the settings; the usual form where they hold nothing that can be read."""
    try:
        data: dict[str, Any] = json.loads(text)
        asked = Asked(**{**data["asked"], "tab": Tab[data["asked"]["tab"]]})
        return asked, {str(name): str(tag) for name, tag in data["tags"].items()}
    except (ValueError, TypeError, KeyError, AttributeError):
        return Asked(), {}
