"""Make a picture or a video out of words and pictures, by a service."""

import argparse
from pathlib import Path
from typing import Any

from editor.commands.key_asking import key_store
from editor.commands.opening import existing_file
from editor.commands.running import Answer, cancel_token, progress_report
from editor.commands.sending import add_fallback_argument, add_send_argument, chain_of
from engine.errors import BadInputError
from engine.jobs.generation_fallback import generated
from engine.jobs.generation_values import Generation
from engine.jobs.generations import Generations
from engine.jobs.services import Services
from engine.limits import REPLY_MAX_BYTES, REPLY_MAX_PIXELS
from engine.media.picture_bytes import decode_picture
from engine.project.atomic import write_atomically
from engine.providers.generation import GenerateKind, GenerateRequest
from engine.providers.online.fallbacks import PICTURE, VIDEO

K = GenerateKind
LONGEST_WAIT_S = 120.0
"""A command does not wait longer than this for a service that says when it may go on."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--provider", required=True, metavar="ID", help="videos: veo, kling; pictures: gemini, openai")
    parser.add_argument("--prompt", default="", metavar="TEXT")
    parser.add_argument("--negative", default="", metavar="TEXT", help="what is not to be seen")
    parser.add_argument("--image", metavar="FILE", help="the picture that a video begins with")
    parser.add_argument("--last-image", metavar="FILE", help="the picture that it ends with")
    parser.add_argument("--aspect", metavar="W:H", help="16:9 where left out; with --image Kling follows the picture")
    parser.add_argument("--resolution", metavar="R", help="720p, 1080p, 4k; of a picture 1K, 2K, 4K")
    parser.add_argument("--duration", type=int, metavar="S", help="seconds; what a service makes it says")
    parser.add_argument("--model", default="", metavar="ID", help="another model than the service's usual one")
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="an .mp4, or a .png")
    add_send_argument(parser)
    add_fallback_argument(parser)


def run(arguments: argparse.Namespace) -> Answer:
    out = Path(arguments.output)
    services = Services("", may_send=arguments.send, how_to="Add --send to allow it for this command.", keys=key_store())
    try:
        generations = services.generations(longest_wait_s=LONGEST_WAIT_S)
        try:
            return _run(arguments, out, generations, services)
        finally:
            generations.close()
    finally:
        services.close()


def _run(arguments: argparse.Namespace, out: Path, generations: Generations, services: Services) -> Answer:
    kind = _kind(arguments, generations)
    wanted = ".mp4" if kind.makes_video else ".png"
    if out.suffix.lower() != wanted:
        raise BadInputError(f"“{out.name}” does not end in {wanted}.", "Videos are written as MP4, pictures as PNG.")
    if out.is_dir():
        raise BadInputError(f"“{out.name}” is a folder.", "Name a file.")
    request = _request(arguments, kind, generations)
    chain = chain_of(arguments.fallback, [info.id for info in generations.infos()], VIDEO if kind.makes_video else PICTURE)
    made = generated(generations, request, chain, cancel=cancel_token(), report=progress_report())
    _write(made.card, out)
    generations.handed_out(made.card.id)
    data = _data(made.card, out, [*services.warnings, *made.warnings, *made.card.warnings])
    return Answer(data, _text(data))


def _kind(arguments: argparse.Namespace, generations: Generations) -> GenerateKind:
    known = {info.id: info for info in generations.infos()}
    if arguments.provider not in known:
        raise BadInputError(f"“{arguments.provider}” makes no pictures or videos.", f"Choose one of: {', '.join(known)}.")
    makes_pictures = K.TEXT_TO_IMAGE in known[arguments.provider].kinds
    if makes_pictures and (arguments.image or arguments.last_image):
        raise BadInputError(f"{arguments.provider} makes pictures after words here.", "To change a picture, make a patch.")
    if makes_pictures:
        return K.TEXT_TO_IMAGE
    if arguments.last_image and not arguments.image:
        raise BadInputError("A last frame needs a first one.", "Name it with --image FILE.")
    return K.FIRST_AND_LAST if arguments.last_image else K.IMAGE_TO_VIDEO if arguments.image else K.TEXT_TO_VIDEO


def _request(arguments: argparse.Namespace, kind: GenerateKind, generations: Generations) -> GenerateRequest:
    known = generations.choices(arguments.provider, kind, arguments.model)
    duration = arguments.duration if arguments.duration is not None else next(iter(known.durations_s), 0)
    usual = GenerateRequest(
        arguments.provider, kind, arguments.prompt, arguments.negative, "?" if arguments.image else "",
        "?" if arguments.last_image else "", arguments.aspect or next(iter(known.aspects), "16:9"),
        arguments.resolution or next(iter(known.resolutions), ""), duration, arguments.model,
    )
    if problem := generations.problem(usual):
        raise BadInputError(problem, "Nothing was sent.")
    pictures = {
        name: generations.keep_picture(_read(path))
        for name, path in (("first_image", arguments.image), ("last_image", arguments.last_image)) if path
    }
    return GenerateRequest(**{**{name: getattr(usual, name) for name in GenerateRequest.__slots__}, **pictures})


def _read(path: str) -> bytes:
    if not Path(existing_file(path)).is_file():
        raise BadInputError(f"“{path}” is no file.", "Name a picture.")
    return Path(path).read_bytes()


def _write(card: Generation, out: Path) -> None:
    """The video as it came; a picture of another kind than PNG is written as one."""
    assert card.result is not None
    data = card.result.path.read_bytes()
    if card.result.mime in {"video/mp4", "image/png"}:
        write_atomically(out, data)
        return
    from engine.jobs.pixels import png_of

    write_atomically(out, png_of(decode_picture(data, REPLY_MAX_BYTES, REPLY_MAX_PIXELS)[..., :3]))


def _data(card: Generation, out: Path, warnings: list[str]) -> dict[str, Any]:
    made = card.result
    assert made is not None
    return {
        "output": str(out), "generation": card.id, "state": card.state.value, "provider": card.request.provider,
        "kind": card.request.kind.value, "model": card.model, "width": made.width, "height": made.height,
        "duration": float(made.duration), "has_audio": made.has_audio, "badges": list(card.badges),
        "cost_usd": card.cost.usd, "seconds": round(card.elapsed_s, 1), "warnings": warnings,
    }


def _text(data: dict[str, Any]) -> str:
    length = f", {data['duration']:.2f} s" if data["duration"] else ""
    lines = [
        f"{data['output']}: {data['width']} × {data['height']} px{length}, by {data['model']}, ${data['cost_usd']:.4g}",
        *(f"  ! {warning}" for warning in data["warnings"]),
    ]
    return "\n".join(lines)
