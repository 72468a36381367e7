"""What commands that may ask a service have in common: the option that allows it, and all providers for one project."""

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager

from editor.commands.key_asking import key_store
from editor.commands.opening import Opened
from engine.jobs.services import Services


def add_send_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--send", action="store_true", help="allow this command to send crop and words to a service")


@contextmanager
def services_of(opened: Opened, arguments: argparse.Namespace) -> Iterator[Services]:
    """All providers; a service sends nothing unless `--send` was given or the project allows it."""
    how_to = "Add --send to allow it for this command."
    services = Services(os.path.realpath(opened.path), may_send=arguments.send, how_to=how_to, keys=key_store())
    try:
        yield services
    finally:
        services.close()
