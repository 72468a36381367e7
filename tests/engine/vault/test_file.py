"""The key file: what is kept comes back, the wrong key and damage are told apart, and neither ever costs what was kept."""

import base64
import json
import os
import stat
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.vault import DamagedVaultError, VaultError, VaultLockedError, WrongKeyError, sealed
from engine.vault.file import FileVault
from engine.vault.sealed import ScryptCost

CHEAP = ScryptCost(1 << 14, 8, 1)
MASTER = {"KEY_VAULT_MASTER_KEY": "ab" * 32}
SECRET = "AIzaPLANTED0123456789abcdefghijklmnopqr"

pytestmark = pytest.mark.security


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "keys.vault"


def _with_passphrase(path: Path, passphrase: str) -> FileVault:
    vault = FileVault(path, {}, CHEAP)
    vault.unlock(passphrase)
    return vault


def test_what_is_kept_comes_back_and_is_not_readable(path: Path) -> None:
    FileVault(path, MASTER).write("gemini", {"key": SECRET})
    assert FileVault(path, MASTER).read("gemini") == {"key": SECRET}
    assert FileVault(path, {}).names() == ("gemini",)
    raw = path.read_bytes()
    assert SECRET.encode() not in raw and base64.b64encode(SECRET.encode())[:20] not in raw
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_master_key_may_be_hex_or_base64(path: Path) -> None:
    raw = bytes.fromhex(MASTER["KEY_VAULT_MASTER_KEY"])
    FileVault(path, MASTER).write("gemini", {"key": SECRET})
    for text in (base64.b64encode(raw), base64.urlsafe_b64encode(raw).rstrip(b"="), b" " + base64.b64encode(raw) + b"\n"):
        assert FileVault(path, {"KEY_VAULT_MASTER_KEY": text.decode()}).read("gemini") == {"key": SECRET}


@pytest.mark.parametrize("bad", ["hunter2", "ab" * 31, "é" * 44, "zz" * 32, "AAAA" * 12])
def test_a_master_key_of_another_form_is_a_clear_error_that_does_not_quote_it(path: Path, bad: str) -> None:
    with pytest.raises(VaultError, match="KEY_VAULT_MASTER_KEY") as caught:
        FileVault(path, {"KEY_VAULT_MASTER_KEY": bad}).write("gemini", {"key": SECRET})
    assert bad not in str(caught.value) and SECRET not in str(caught.value)
    assert not path.exists()


def test_a_passphrase_opens_what_it_closed(path: Path) -> None:
    _with_passphrase(path, "correct horse battery").write("kling", {"access_key": "a" * 32, "secret_key": "b" * 32})
    again = FileVault(path, {}, CHEAP)
    assert again.needs_passphrase()
    with pytest.raises(VaultLockedError):
        again.read("kling")
    again.unlock("correct horse battery")
    assert again.read("kling") == {"access_key": "a" * 32, "secret_key": "b" * 32}
    stored = json.loads(path.read_bytes())["derivation"]
    assert (stored["n"], stored["r"], stored["p"]) == (CHEAP.n, CHEAP.r, CHEAP.p) and len(base64.b64decode(stored["salt"])) == 16


def test_a_passphrase_is_the_same_however_its_letters_are_composed(path: Path) -> None:
    _with_passphrase(path, "caf\u00e9 au lait").write("gemini", {"key": SECRET})
    assert _with_passphrase(path, "cafe\u0301 au lait").read("gemini") == {"key": SECRET}


def test_the_wrong_key_is_said_and_changes_nothing(path: Path) -> None:
    _with_passphrase(path, "correct horse battery").write("gemini", {"key": SECRET})
    before = path.read_bytes()
    with pytest.raises(WrongKeyError):
        FileVault(path, {}, CHEAP).unlock("another horse battery")
    assert path.read_bytes() == before

    other = path.with_name("other.vault")
    FileVault(other, MASTER).write("gemini", {"key": SECRET})
    wrong = FileVault(other, {"KEY_VAULT_MASTER_KEY": "cd" * 32})
    before = other.read_bytes()
    with pytest.raises(WrongKeyError):
        wrong.read("gemini")
    with pytest.raises(WrongKeyError):
        wrong.write("openai", {"key": "k" * 20})
    assert other.read_bytes() == before


def test_a_short_passphrase_is_refused(path: Path) -> None:
    with pytest.raises(VaultError, match="characters"):
        FileVault(path, {}, CHEAP).unlock("seven77")


def test_without_any_key_nothing_is_written(path: Path) -> None:
    with pytest.raises(VaultLockedError, match="KEY_VAULT_MASTER_KEY"):
        FileVault(path, {}).write("gemini", {"key": SECRET})
    assert not path.exists()


@given(damage=st.data())
@settings(max_examples=60)
def test_any_damage_is_told_and_never_written_over(damage: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("vault") / "keys.vault"
    FileVault(path, MASTER).write("gemini", {"key": SECRET})
    raw = bytearray(path.read_bytes())
    place = damage.draw(st.integers(0, len(raw) - 1))
    if damage.draw(st.booleans()):
        raw = raw[:place]
    else:
        raw[place] ^= damage.draw(st.integers(1, 127))
    if _same_json(bytes(raw), path.read_bytes()):
        return
    path.write_bytes(raw)
    vault = FileVault(path, MASTER)
    key = {"key": "k" * 20}
    for attempt in (lambda: vault.read("gemini"), lambda: vault.write("openai", key), lambda: vault.remove("gemini")):
        with pytest.raises(DamagedVaultError):
            attempt()
    assert path.read_bytes() == bytes(raw)


def _same_json(one: bytes, other: bytes) -> bool:
    """Whether only blanks between the values changed."""
    try:
        return bool(json.loads(one) == json.loads(other))
    except ValueError:
        return False


def test_entries_cannot_be_exchanged(path: Path) -> None:
    vault = FileVault(path, MASTER)
    vault.write("gemini", {"key": SECRET})
    vault.write("openai", {"key": "sk-" + "o" * 30})
    file = sealed.from_bytes(path.read_bytes())
    swapped = {"gemini": file.entries["openai"], "openai": file.entries["gemini"]}
    path.write_bytes(sealed.to_bytes(sealed.SealedKeys(file.derivation, file.check, swapped)))
    with pytest.raises(DamagedVaultError):
        vault.read("gemini")


def test_a_nonce_is_never_used_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vault = FileVault(path, MASTER)
    seen: set[bytes] = set()
    for turn in range(8):
        vault.write(f"service {turn % 3}", {"key": SECRET})
        file = sealed.from_bytes(path.read_bytes())
        seen.add(file.entries[f"service {turn % 3}"].nonce)
        assert file.check.nonce not in seen
    assert len(seen) == 8
    file = sealed.from_bytes(path.read_bytes())
    answers = iter([file.check.nonce, *(box.nonce for box in file.entries.values()), b"n" * 12])
    monkeypatch.setattr(os, "urandom", lambda _size: next(answers))
    assert sealed.with_entry(file, bytes.fromhex("ab" * 32), "new", {"key": "x"}).entries["new"].nonce == b"n" * 12


def test_removing_needs_no_key_and_leaves_the_others(path: Path) -> None:
    vault = FileVault(path, MASTER)
    vault.write("gemini", {"key": SECRET})
    vault.write("openai", {"key": "sk-" + "o" * 30})
    assert FileVault(path, {}).remove("gemini") and not FileVault(path, {}).remove("gemini")
    assert vault.read("gemini") is None and vault.read("openai") == {"key": "sk-" + "o" * 30}


def test_a_file_that_asks_for_too_much_work_or_too_little_is_not_ours() -> None:
    for cost in (ScryptCost(1 << 30, 8, 1), ScryptCost(2, 8, 1), ScryptCost((1 << 14) + 1, 8, 1), ScryptCost(1 << 14, 8, 99)):
        derivation = sealed.Derivation(b"s" * 16, cost)
        raw = sealed.to_bytes(sealed.new_file(b"k" * 32, derivation))
        with pytest.raises(DamagedVaultError):
            sealed.from_bytes(raw)


def test_writers_at_once_lose_nothing(path: Path) -> None:
    names = [f"service {number}" for number in range(6)]
    writers = [threading.Thread(target=FileVault(path, MASTER).write, args=(name, {"key": name})) for name in names]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(FileVault(path, {}).names()) == names
