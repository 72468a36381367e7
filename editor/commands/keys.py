"""List, set or remove the keys of services; values are read from standard input, never from arguments."""

import argparse
from typing import Any

from editor.commands.key_asking import key_store, read_fields
from editor.commands.running import Answer
from engine.errors import BadInputError
from engine.vault import CREDENTIALS, KeyMissingError, KeyState, KeyStore, Source, credential

HIDDEN = "····"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    names = ", ".join(known.provider for known in CREDENTIALS)
    parser.add_argument("action", choices=("list", "set", "remove"))
    parser.add_argument("name", nargs="?", metavar="NAME", help=names)
    parser.add_argument("more", nargs="*", help=argparse.SUPPRESS)


def run(arguments: argparse.Namespace) -> Answer:
    if arguments.more or (arguments.action == "list" and arguments.name):
        sentence = "A key must not stand in a command's arguments: others can read them there, and the shell keeps them."
        raise BadInputError(sentence, "Write it to standard input, and make a new key if this was one.")
    if arguments.action == "list":
        return _listed(key_store())
    if not arguments.name:
        raise BadInputError(f"Say which service's key to {arguments.action}.", f"Services: {', '.join(_names())}.")
    if arguments.name not in _names():
        raise BadInputError("There is no such service.", f"Services: {', '.join(_names())}.")  # it could be a key: not quoted
    return (_set if arguments.action == "set" else _removed)(key_store(), arguments.name)


def _names() -> tuple[str, ...]:
    return tuple(known.provider for known in CREDENTIALS)


def _listed(store: KeyStore) -> Answer:
    states = store.states()
    return Answer({"keys": [_data(state) for state in states]}, "\n".join(_line(state) for state in states))


def _data(state: KeyState) -> dict[str, Any]:
    return {
        "provider": state.provider, "name": state.name, "source": _word(state.source), "last4": state.last4,
        "saved_in": _word(state.saved_in), "locked": state.is_locked, "problem": state.problem,
    }  # fmt: skip


def _word(source: Source | None) -> str | None:
    return source.name.lower() if source is not None else None


def _line(state: KeyState) -> str:
    if state.problem and state.source is None:
        said = state.problem
    elif state.is_locked:
        said = "set, locked: the key file needs its passphrase or KEY_VAULT_MASTER_KEY"
    elif state.source is None:
        said = "not set"
    else:
        said = f"set, {HIDDEN}{state.last4}, {state.source.value}"
    return f"{state.provider:11s} {said}"


def _set(store: KeyStore, name: str) -> Answer:
    saved = store.save(name, read_fields(credential(name)))
    data = {"provider": saved.provider, "last4": saved.last4, "saved_in": _word(saved.where), "warnings": list(saved.warnings)}
    lines = [f"{name}: kept {saved.where.value}, {HIDDEN}{saved.last4}", *saved.warnings]
    return Answer(data, "\n".join(lines))


def _removed(store: KeyStore, name: str) -> Answer:
    if not store.remove(name):
        raise KeyMissingError(f"No key of {credential(name).name} is kept.", "A key in the environment is removed there.")
    left = store.state(name)
    more = f"; the one {left.source.value} is used" if left.source is not None else ""
    return Answer({"provider": name, "removed": True, "source": _word(left.source)}, f"{name}: removed{more}")
