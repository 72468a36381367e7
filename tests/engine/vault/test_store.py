"""Which keys are used, where they are kept, and what is said when the system's key store is absent, slow or refuses."""

import threading
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail, null
from keyring.errors import PasswordSetError

from engine.errors import BadInputError
from engine.vault import KeyMissingError, KeyStore, Source, VaultError, VaultLockedError
from engine.vault.file import FileVault
from engine.vault.sealed import ScryptCost
from engine.vault.system import SystemVault

GEMINI = "AIza" + "Sy0123456789abcdefghijklmnopqrstuvw"
OTHER = "AIza" + "Zy9876543210abcdefghijklmnopqrstuvw"
MASTER = {"KEY_VAULT_MASTER_KEY": "ab" * 32}

pytestmark = pytest.mark.security


class _Memory(KeyringBackend):
    """A key store that works."""

    priority = 1

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class _Refusing(_Memory):
    """A key store whose user says no."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise PasswordSetError(f"no: {password}")


def _store(path: Path, backend: KeyringBackend | None = None, environ: dict[str, str] | None = None) -> KeyStore:
    environ = environ if environ is not None else {}
    return KeyStore(system=SystemVault(lambda: backend), file=FileVault(path / "keys.vault", environ), environ=environ)


def test_the_request_stands_above_the_environment_above_the_vault(tmp_path: Path) -> None:
    memory = _Memory()
    _store(tmp_path, memory).save("gemini", {"key": OTHER})
    environ = {"GEMINI_API_KEY": f" '{GEMINI}' "}
    given = "AIza" + "g" * 35
    store = _store(tmp_path, memory, environ)
    assert (found := store.keys_for("gemini", {"key": given}))["key"] == given and found.source is Source.REQUEST
    assert (found := store.keys_for("gemini"))["key"] == GEMINI and found.source is Source.ENVIRONMENT
    environ.clear()
    assert (found := store.keys_for("veo"))["key"] == OTHER and found.source is Source.SYSTEM
    assert store.keys_for("gemini", {"key": ""})["key"] == OTHER


def test_without_a_key_the_ways_to_give_one_are_said(tmp_path: Path) -> None:
    with pytest.raises(KeyMissingError, match="GEMINI_API_KEY"):
        _store(tmp_path).keys_for("gemini")
    with pytest.raises(BadInputError):
        _store(tmp_path).keys_for("nobody")


def test_half_a_pair_in_the_environment_is_never_completed_from_elsewhere(tmp_path: Path) -> None:
    memory = _Memory()
    _store(tmp_path, memory).save("kling", {"access_key": "a" * 32, "secret_key": "b" * 32})
    store = _store(tmp_path, memory, {"KLING_ACCESS_KEY": "c" * 32})
    with pytest.raises(KeyMissingError, match="KLING_SECRET_KEY"):
        store.keys_for("kling")
    assert "KLING_SECRET_KEY" in store.state("kling").problem


def test_a_pair_is_kept_and_removed_as_one(tmp_path: Path) -> None:
    memory = _Memory()
    store = _store(tmp_path, memory)
    saved = store.save("kling", {"secret_key": "b" * 28 + "BBBB", "access_key": "a" * 28 + "AAAA"})
    assert saved.where is Source.SYSTEM and saved.last4 == "AAAA"
    assert len(memory.kept) == 1
    state = store.state("kling")
    assert (state.source, state.last4, state.saved_in) == (Source.SYSTEM, "AAAA", Source.SYSTEM)
    assert store.remove("kling") and not store.remove("kling")
    assert memory.kept == {} and store.state("kling").source is None


def test_the_environment_is_shown_as_used_and_what_is_kept_can_be_removed(tmp_path: Path) -> None:
    memory = _Memory()
    store = _store(tmp_path, memory, {"GEMINI_API_KEY": GEMINI})
    store.save("gemini", {"key": OTHER})
    state = store.state("gemini")
    assert (state.source, state.last4, state.saved_in) == (Source.ENVIRONMENT, GEMINI[-4:], Source.SYSTEM)
    assert store.remove("gemini") and store.state("gemini").saved_in is None


@pytest.mark.parametrize("module", [fail, null])
def test_a_system_that_keeps_nothing_means_the_file(
    tmp_path: Path, module: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    import keyring

    monkeypatch.setattr(keyring, "get_keyring", module.Keyring)  # type: ignore[attr-defined]
    store = KeyStore(file=FileVault(tmp_path / "keys.vault", MASTER), environ=MASTER)
    assert store.save("gemini", {"key": GEMINI}).where is Source.FILE
    assert store.keys_for("gemini").source is Source.FILE


def test_what_a_system_store_gets_is_taken_out_of_the_file(tmp_path: Path) -> None:
    _store(tmp_path, None, dict(MASTER)).save("gemini", {"key": OTHER})
    store = _store(tmp_path, _Memory(), {})
    assert store.save("gemini", {"key": GEMINI}).where is Source.SYSTEM
    assert FileVault(tmp_path / "keys.vault", {}).names() == ()


def test_a_store_that_hangs_is_left_after_its_time_and_not_asked_again(tmp_path: Path) -> None:
    released, asked = threading.Event(), []

    class Hanging(_Memory):
        def get_password(self, service: str, username: str) -> str | None:
            asked.append(username)
            released.wait(30)
            return None

    store = KeyStore(system=SystemVault(Hanging, limit_s=0.05), file=FileVault(tmp_path / "keys.vault", {}), environ={})
    try:
        for _ in range(2):
            with pytest.raises(VaultError, match="did not answer"):
                store.keys_for("gemini")
        assert "did not answer" in store.state("openai").problem
        assert asked == ["gemini"]
    finally:
        released.set()


def test_a_store_that_refuses_is_quoted_by_the_kind_of_its_error_only(tmp_path: Path) -> None:
    with pytest.raises(VaultError, match="PasswordSetError") as caught:
        _store(tmp_path, _Refusing()).save("gemini", {"key": GEMINI})
    assert GEMINI not in str(caught.value) and caught.value.__cause__ is None and caught.value.__context__ is None


def test_the_passphrase_is_asked_for_when_the_file_needs_it(tmp_path: Path) -> None:
    asked: list[bool] = []

    def answer(is_new: bool) -> str:
        asked.append(is_new)
        return "correct horse battery"

    def store(**more: object) -> KeyStore:
        file = FileVault(tmp_path / "keys.vault", {}, ScryptCost(1 << 14, 8, 1))
        return KeyStore(system=SystemVault(lambda: None), file=file, environ={}, **more)  # type: ignore[arg-type]

    assert store(ask_passphrase=answer).save("gemini", {"key": GEMINI}).where is Source.FILE
    reopened = store(ask_passphrase=answer)
    assert reopened.needs_passphrase() and not reopened.is_new()
    assert reopened.keys_for("gemini")["key"] == GEMINI
    assert asked == [True, False]

    silent = store()
    assert silent.state("gemini").is_locked and silent.state("openai").source is None
    with pytest.raises(VaultLockedError):
        silent.keys_for("gemini")
    silent.unlock("correct horse battery")
    assert silent.state("gemini").last4 == GEMINI[-4:]


def test_keys_that_are_refused_leave_those_that_were_kept(tmp_path: Path) -> None:
    store = _store(tmp_path, _Memory())
    store.save("gemini", {"key": GEMINI})
    with pytest.raises(BadInputError):
        store.save("gemini", {"key": "two words and more"})
    assert store.keys_for("gemini")["key"] == GEMINI
