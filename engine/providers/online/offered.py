"""The services that edit regions, as they are offered: known at once, loaded when one is first asked for anything."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from engine.providers.online.addresses import moved_base_url
from engine.providers.online.attempting import Attempts, once
from engine.providers.online.outgoing import Gate, refuse
from engine.providers.online.table import provider_facts
from engine.providers.protocol import FrameContext, ParameterSpec, ProviderInfo, RegionEditor, RegionEditReply, RegionEditRequest
from engine.running import CancelToken, Report
from engine.vault import Keys


@dataclass(frozen=True, slots=True)
class Means:
    """What a service is used with: its keys, who lets a request out, counts and repeats it."""

    keys: Callable[[str], Keys]
    gate: Gate = refuse
    attempts: Attempts = once


def gemini_info(model: str) -> ProviderInfo:
    return ProviderInfo(
        "gemini", "Gemini", "Redraws the region after your words, at Google. The crop is sent there.", is_remote=True,
        uses_prompt=True,
        parameters=(
            ParameterSpec("model", "Model", model),
            ParameterSpec("size", "Answer's size", "auto", choices=("auto", "1K", "2K", "4K")),
        ),
        keeps_depth=False, version=model,
    )


def openai_info(model: str) -> ProviderInfo:
    return ProviderInfo(
        "openai", "OpenAI", "Redraws the region after your words, at OpenAI. The crop and its mask are sent there.",
        is_remote=True, uses_prompt=True,
        parameters=(
            ParameterSpec("model", "Model", model),
            ParameterSpec("quality", "Quality", "high", choices=("low", "medium", "high")),
        ),
        keeps_depth=False, version=model,
    )


def remote_editors(means: Means) -> tuple[RegionEditor, ...]:
    """Raises: BadInputError where the table of services cannot be read."""
    return (
        _Offered(gemini_info(provider_facts("gemini").default_model), lambda info: _gemini(info, means)),
        _Offered(openai_info(provider_facts("openai").default_model), lambda info: _openai(info, means)),
    )


class _Offered:
    """A RegionEditor that is made when it is first used. Thread-safe."""

    def __init__(self, info: ProviderInfo, make: Callable[[ProviderInfo], RegionEditor]) -> None:
        self.info = info
        self._make = make
        self._lock = threading.Lock()
        self._made: RegionEditor | None = None

    def edit(
        self, request: RegionEditRequest, context: FrameContext | None, *, cancel: CancelToken, report: Report
    ) -> RegionEditReply:
        with self._lock:
            if self._made is None:
                self._made = self._make(self.info)
            made = self._made
        return made.edit(request, context, cancel=cancel, report=report)


def _gemini(info: ProviderInfo, means: Means) -> RegionEditor:
    from engine.providers.online.gemini import Gemini
    from engine.providers.online.transport import Transport

    transport = Transport(info.id, info.name, moved_base_url(info.id, provider_facts(info.id).base_url))
    return Gemini(transport, lambda: means.keys(info.id), info.version, gate=means.gate, attempts=means.attempts)


def _openai(info: ProviderInfo, means: Means) -> RegionEditor:
    from engine.providers.online.openai import OpenAi
    from engine.providers.online.transport import Transport

    transport = Transport(info.id, info.name, moved_base_url(info.id, provider_facts(info.id).base_url))
    return OpenAi(transport, lambda: means.keys(info.id), info.version, gate=means.gate, attempts=means.attempts)
