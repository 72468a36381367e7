"""Keys and passphrases from people: read from standard input or typed unseen at a terminal, never from arguments."""

import getpass
import os
import sys

from engine.errors import BadInputError
from engine.vault import Credential, KeyStore

MAX_INPUT_BYTES = 16 << 10


def key_store() -> KeyStore:
    """The keys of this user; a locked key file asks for its passphrase where somebody sits at a terminal."""
    return KeyStore(ask_passphrase=_passphrase)


def read_fields(known: Credential) -> dict[str, str]:
    """The fields of a service's keys. Raises: BadInputError, which never holds any of what was read."""
    if sys.stdin.isatty():
        return _typed(known)
    data = sys.stdin.buffer.read(MAX_INPUT_BYTES + 1)
    if len(data) > MAX_INPUT_BYTES:
        raise BadInputError("What came on standard input is too long for a key.")
    return fields_in(known, data.decode("utf-8", "replace"))


def fields_in(known: Credential, text: str) -> dict[str, str]:
    """The fields in lines: FIELD=value, or the values alone, in the order in which the service lists its fields.

    FIELD is the field's name or that of its environment variable. Raises: BadInputError.
    """
    lines = [line for line in (line.strip().lstrip("\ufeff") for line in text.splitlines()) if line]
    names = {name.lower(): field.name for field in known.fields for name in (field.name, field.environment)}
    named = [(names.get(_name(line)), line.partition("=")[2]) for line in lines]
    if not lines:
        raise BadInputError("No key came on standard input.", f"Write it there: keys set {known.provider} < FILE.")
    if all(name is not None for name, _ in named):
        return {name: value for name, value in named if name is not None}
    if any(name is not None for name, _ in named):
        raise BadInputError("Some lines name their field and some do not.", "Write FIELD=value on every line, or on none.")
    fits = [names_ for names_ in known.complete if len(names_) == len(lines)]
    if not fits:
        raise BadInputError(f"{known.name} takes {_counts(known)}, and {len(lines)} came.", "Write one value per line.")
    return dict(zip(fits[0], lines, strict=True))


def _name(line: str) -> str:
    return line.partition("=")[0].strip().removeprefix("export ").strip().lower() if "=" in line else ""


def _counts(known: Credential) -> str:
    return " or ".join(f"{len(names)} value{'s' if len(names) > 1 else ''}" for names in known.complete)


def _typed(known: Credential) -> dict[str, str]:
    """Each field typed unseen; the rest is not asked for once a set is complete."""
    fields: dict[str, str] = {}
    for field in known.fields:
        if not fields or known.missing(fields):
            value = getpass.getpass(f"{known.name}, {field.label}: ")
            fields |= {field.name: value} if value.strip() else {}
    return fields


def _passphrase(is_new: bool) -> str | None:
    if not _has_terminal():
        return None
    if not is_new:
        return getpass.getpass("Passphrase of the key file: ")
    first = getpass.getpass("A passphrase for the new key file: ")
    if first != getpass.getpass("The same again: "):
        raise BadInputError("The two passphrases differ.", "Nothing was kept.")
    return first


def _has_terminal() -> bool:
    """Whether somebody can type unseen: without a terminal, getpass would read standard input and show what it reads."""
    if sys.platform == "win32":
        return sys.stdin.isatty()
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True
