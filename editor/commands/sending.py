"""What commands that may ask a service have in common: the option that allows it, and all providers for one project."""

import argparse
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from editor.commands.key_asking import key_store
from editor.commands.opening import Opened
from engine.errors import BadInputError
from engine.jobs.services import Services
from engine.providers.fallback import Chain
from engine.providers.online.fallbacks import REGION_EDIT, Fallbacks

MADE_BEFORE = "made before"


def add_send_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--send", action="store_true", help="allow this command to send crop and words to a service")


def add_fallback_argument(parser: argparse.ArgumentParser, *, more: str = "") -> None:
    parser.add_argument(
        "--fallback", metavar="IDS",
        help=f"who is asked where a service cannot answer now: ids with commas, {more}“made before” for a result that is there,"
        " or none; without it the order that was chosen in the window",
    )


def chain_of(text: str | None, known: Collection[str], operation: str = REGION_EDIT) -> Chain:
    """The order that was given, else the one that was chosen before; without either nobody stands in.

    Raises: BadInputError: an id is none of the `known` ones.
    """
    if text is None:
        return Fallbacks().chosen(operation) or Chain(uses_known=False)
    ids = [one.strip() for one in text.split(",") if one.strip()]
    names = tuple(one for one in ids if one not in {MADE_BEFORE, "none"})
    for unknown in set(names) - set(known):
        raise BadInputError(f"There is no provider “{unknown}” to fall back on.", "--fallback takes provider ids.")
    return Chain(names, uses_known=MADE_BEFORE in ids)


@contextmanager
def services_of(opened: Opened, arguments: argparse.Namespace) -> Iterator[Services]:
    """All providers; a service sends nothing unless `--send` was given or the project allows it."""
    how_to = "Add --send to allow it for this command."
    services = Services(os.path.realpath(opened.path), may_send=arguments.send, how_to=how_to, keys=key_store())
    try:
        yield services
    finally:
        services.close()
