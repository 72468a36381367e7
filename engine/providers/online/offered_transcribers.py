"""The services that hear words, as they are offered; one is loaded when it is first asked for anything."""

from engine.errors import BadInputError
from engine.providers.online.addresses import moved_base_url
from engine.providers.online.offered import Means
from engine.providers.online.table import provider_facts
from engine.providers.protocol import ParameterSpec, ProviderInfo
from engine.providers.transcriber import Transcriber

TRANSCRIBERS = ("elevenlabs",)


def elevenlabs_info(model: str) -> ProviderInfo:
    return ProviderInfo(
        "elevenlabs", "ElevenLabs", "Hears the words of the timeline. Its sound is sent there, no picture.", is_remote=True,
        parameters=(
            ParameterSpec("model", "Model", model),
            ParameterSpec("language", "Language", "", hint="Two or three letters such as en; found by itself where empty."),
            ParameterSpec("diarize", "Tell speakers apart", True),
            ParameterSpec("speakers", "Speakers", 0.0, 0, 32, 1, hint="How many there are; 0 where nobody knows."),
            ParameterSpec("sounds", "Note sounds such as (laughter)", False),
        ),
        version=model,
    )


def transcriber_info(provider: str) -> ProviderInfo:
    """What is known of one without loading it. Raises: BadInputError: there is no such one."""
    if provider not in TRANSCRIBERS:
        raise BadInputError(f"There is no transcriber “{provider}”.", f"Choose one of: {', '.join(TRANSCRIBERS)}.")
    return elevenlabs_info(provider_facts("elevenlabs").default_model)


def transcriber(provider: str, means: Means) -> Transcriber:
    """Raises: BadInputError: there is no such one, or its address cannot be used."""
    info = transcriber_info(provider)
    from engine.providers.online.elevenlabs import ElevenLabs
    from engine.providers.online.transport import Transport

    transport = Transport(info.id, info.name, moved_base_url(info.id, provider_facts(info.id).base_url))
    return ElevenLabs(transport, lambda: means.keys(info.id), info.version, gate=means.gate, attempts=means.attempts)
