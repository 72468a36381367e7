"""The command for keys: values come from standard input, only their ends are shown, and wrong words are never quoted."""

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from editor.commands.key_asking import fields_in
from engine.errors import BadInputError
from engine.vault import CREDENTIALS, credential

GEMINI = "AIza" + "Sy0123456789abcdefghijklmnopqrst1234"[:35]
MASTER = "ab" * 32

pytestmark = [pytest.mark.integration, pytest.mark.security]
Say = Callable[[str], None]


class _Input(io.TextIOWrapper):
    def __init__(self, text: str) -> None:
        super().__init__(io.BytesIO(text.encode()), encoding="utf-8")


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch) -> Say:
    """What the next command reads on standard input."""
    monkeypatch.setenv("KEY_VAULT_MASTER_KEY", MASTER)
    for name in (field.environment for known in CREDENTIALS for field in known.fields):
        monkeypatch.delenv(name, raising=False)
    return lambda text: monkeypatch.setattr(sys, "stdin", _Input(text))


def _listed(run: Any, provider: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in run("keys", "list", "--json").data["keys"] if one["provider"] == provider)
    return found


def test_a_key_is_set_listed_by_its_end_and_removed(run: Any, say: Say) -> None:
    assert _listed(run, "gemini")["source"] is None
    say(f"  Bearer {GEMINI}\n")
    done = run("keys", "set", "gemini", "--json")
    assert done.data == {"provider": "gemini", "last4": GEMINI[-4:], "saved_in": "file", "warnings": []}
    found = _listed(run, "gemini")
    assert (found["source"], found["last4"], found["locked"]) == ("file", GEMINI[-4:], False)
    text = run("keys", "list").out.decode()
    assert f"····{GEMINI[-4:]}" in text and GEMINI[:8] not in text
    assert run("keys", "remove", "gemini").code == 0
    assert _listed(run, "gemini")["source"] is None
    assert run("keys", "remove", "gemini").code == 1


def test_two_fields_come_as_lines_or_by_name(run: Any, say: Say) -> None:
    say(f"{'a' * 32}\n{'b' * 32}\n")
    assert run("keys", "set", "kling").code == 0
    assert _listed(run, "kling")["last4"] == "aaaa"
    say(f"KLING_SECRET_KEY={'d' * 32}\naccess_key={'c' * 32}\n")
    assert run("keys", "set", "kling").code == 0
    assert _listed(run, "kling")["last4"] == "cccc"


def test_lines_are_understood_or_refused() -> None:
    kling, gemini = credential("kling"), credential("gemini")
    assert fields_in(kling, "x" * 32) == {"key": "x" * 32}
    assert fields_in(gemini, f"\n{GEMINI}\n\n") == {"key": GEMINI}
    assert fields_in(gemini, "abc=def") == {"key": "abc=def"}
    for known, text in ((kling, "a\nb\nc"), (kling, "access_key=a\nb"), (gemini, f"{GEMINI}\n{GEMINI}"), (gemini, "")):
        with pytest.raises(BadInputError) as caught:
            fields_in(known, text)
        assert GEMINI not in str(caught.value)


def test_an_odd_key_is_kept_with_a_warning(run: Any, say: Say) -> None:
    say("sk-0123456789abcdefghijkl")
    done = run("keys", "set", "gemini", "--json")
    assert done.code == 0 and "OpenAI" in done.data["warnings"][0]


@pytest.mark.parametrize("words", [
    ("set", "gemini", GEMINI), ("set", GEMINI), (GEMINI,), ("set", "gemini", f"--key={GEMINI}"), ("list", GEMINI),
    ("remove", GEMINI), ("set", "gemini", "--value", GEMINI), (f"--{GEMINI}",), ("set",), (),
])  # fmt: skip
def test_a_key_in_the_arguments_is_refused_and_never_quoted(run: Any, say: Say, words: tuple[str, ...]) -> None:
    say("")
    done = run("keys", *words)
    assert done.code == 2 and done.out == b""
    assert GEMINI[:8].encode() not in done.err and len(done.err.splitlines()) == 1


def test_the_environment_stands_above_the_vault(run: Any, say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    say(GEMINI)
    run("keys", "set", "gemini")
    monkeypatch.setenv("GEMINI_API_KEY", "AIza" + "e" * 35)
    found = _listed(run, "gemini")
    assert (found["source"], found["last4"], found["saved_in"]) == ("environment", "eeee", "file")
    assert b"environment" in run("keys", "remove", "gemini").out


def test_without_a_place_for_keys_the_way_out_is_said(run: Any, say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    say(GEMINI)
    monkeypatch.delenv("KEY_VAULT_MASTER_KEY")
    monkeypatch.setattr("editor.commands.key_asking._has_terminal", lambda: False)
    done = run("keys", "set", "gemini")
    assert done.code == 1 and "KEY_VAULT_MASTER_KEY" in done.sentence and GEMINI[:8] not in done.sentence


def test_a_wrong_master_key_is_said(run: Any, say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    say(GEMINI)
    run("keys", "set", "gemini")
    monkeypatch.setenv("KEY_VAULT_MASTER_KEY", "cd" * 32)
    assert "does not open" in _listed(run, "gemini")["problem"]
    say(GEMINI)
    assert run("keys", "set", "openai").code == 1


def test_a_damaged_file_is_said_and_left(run: Any, say: Say, patchreel_home: Path) -> None:
    say(GEMINI)
    run("keys", "set", "gemini")
    file = patchreel_home / "data" / "keys.vault"
    file.write_bytes(file.read_bytes()[:-20])
    before = file.read_bytes()
    say(GEMINI)
    done = run("keys", "set", "gemini")
    assert done.code == 1 and "damaged" in done.sentence and file.read_bytes() == before
