"""The key file as bytes: AES-256-GCM, every entry under a nonce of its own, with the service's name as associated data.

The file is JSON. `digest` is the SHA-256 of the rest, so that damage is told from a wrong key; `check` is a known text under the
same key, so that a wrong key is told before anything is written with it. Opens no file and asks nobody.
"""

import base64
import binascii
import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.vault.keys import DamagedVaultError, VaultError, WrongKeyError

FORMAT, VERSION = "patchreel-keys", 1
KEY_BYTES, NONCE_BYTES, SALT_BYTES = 32, 12, 16
_CHECK, _CHECK_TEXT = "", b"patchreel"
_URL_SAFE = str.maketrans("-_", "+/")
_HEX = re.compile(r"[0-9a-fA-F]{64}")


@dataclass(frozen=True, slots=True)
class ScryptCost:
    """What a guess at the passphrase costs: n × r × 128 bytes of memory, here 128 MiB and about half a second (RFC 7914)."""

    n: int = 1 << 17
    r: int = 8
    p: int = 1

    def is_sane(self) -> bool:
        """Whether a file may ask for it: neither cheap to guess nor a way to use up this computer's memory."""
        is_power = self.n & (self.n - 1) == 0
        return is_power and 1 << 14 <= self.n <= 1 << 20 and 8 <= self.r <= 16 and 1 <= self.p <= 4


@dataclass(frozen=True, slots=True)
class Derivation:
    """How the key comes from a passphrase."""

    salt: bytes
    cost: ScryptCost


@dataclass(frozen=True, slots=True)
class Box:
    """One sealed text."""

    nonce: bytes
    data: bytes


@dataclass(frozen=True, slots=True)
class SealedKeys:
    """The whole file; `derivation` is None where the key is a master key from the environment."""

    derivation: Derivation | None
    check: Box
    entries: Mapping[str, Box] = field(default_factory=dict)


def new_file(key: bytes, derivation: Derivation | None) -> SealedKeys:
    """An empty file under this key."""
    return SealedKeys(derivation, _seal(key, _CHECK, _CHECK_TEXT, derivation, ()))


def new_derivation(cost: ScryptCost) -> Derivation:
    return Derivation(os.urandom(SALT_BYTES), cost)


def require_right(file: SealedKeys, key: bytes) -> None:
    """Raises: WrongKeyError: the file was not made with this key."""
    _open(key, _CHECK, file.check, file.derivation)


def with_entry(file: SealedKeys, key: bytes, name: str, fields: Mapping[str, str]) -> SealedKeys:
    """The file with one entry put in or replaced, under a fresh nonce. Raises: WrongKeyError."""
    require_right(file, key)
    used = (file.check.nonce, *(box.nonce for box in file.entries.values()))
    box = _seal(key, name, json.dumps(dict(fields)).encode(), file.derivation, used)
    return replace(file, entries={**file.entries, name: box})


def without_entry(file: SealedKeys, name: str) -> SealedKeys:
    return replace(file, entries={other: box for other, box in file.entries.items() if other != name})


def entry(file: SealedKeys, key: bytes, name: str) -> dict[str, str] | None:
    """The fields of one entry; None where there is none. Raises: WrongKeyError, DamagedVaultError."""
    require_right(file, key)
    if name not in file.entries:
        return None
    try:
        return dict(json.loads(_open(key, name, file.entries[name], file.derivation)))
    except WrongKeyError:
        raise damaged() from None


def master_key(text: str) -> bytes:
    """The 32 bytes that `KEY_VAULT_MASTER_KEY` holds as hex or base64. Raises: VaultError, without the text."""
    text = text.strip()
    if _HEX.fullmatch(text):
        return bytes.fromhex(text)
    text = text.translate(_URL_SAFE).rstrip("=")
    try:
        made = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        made = b""
    if len(made) != KEY_BYTES:
        raise VaultError(
            "KEY_VAULT_MASTER_KEY holds no key: it must be 32 bytes, as base64 (44 characters) or as hex (64 characters).",
            'Make one with: python -c "import secrets; print(secrets.token_hex(32))"',
        )
    return made


def derived_key(passphrase: str, derivation: Derivation) -> bytes:
    """The key that belongs to a passphrase (scrypt)."""
    import unicodedata

    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt  # slow to import, and seldom needed

    cost = derivation.cost
    made = Scrypt(salt=derivation.salt, length=KEY_BYTES, n=cost.n, r=cost.r, p=cost.p)
    return made.derive(unicodedata.normalize("NFC", passphrase).encode("utf-8"))


def to_bytes(file: SealedKeys) -> bytes:
    """The file as it stands on the disk."""
    body = {
        "format": FORMAT, "version": VERSION, "derivation": _derivation_json(file.derivation), "check": _box_json(file.check),
        "entries": {name: _box_json(box) for name, box in file.entries.items()},
    }  # fmt: skip
    return json.dumps({**body, "digest": _digest(body)}, indent=1).encode()


def from_bytes(data: bytes) -> SealedKeys:
    """Raises: DamagedVaultError: this is not what was written; VaultError: written by a newer version."""
    try:
        body = json.loads(data)
        digest = body.pop("digest")
        if body["format"] != FORMAT or digest != _digest(body):
            raise damaged()
        if body["version"] != VERSION:
            raise VaultError("The key file was written by a newer version of Patchreel.", "Use that version.")
        boxes = {name: _box(value) for name, value in body["entries"].items()}
        return SealedKeys(_derivation(body["derivation"]), _box(body["check"]), boxes)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise damaged() from None


def damaged() -> DamagedVaultError:
    return DamagedVaultError(
        "The key file is damaged and was left as it is.", "Put back a copy of it, or move it away and set the keys again."
    )


def _seal(key: bytes, name: str, text: bytes, derivation: Derivation | None, used: tuple[bytes, ...]) -> Box:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(NONCE_BYTES)
    while nonce in used:
        nonce = os.urandom(NONCE_BYTES)
    return Box(nonce, AESGCM(key).encrypt(nonce, text, _associated(name, derivation)))


def _open(key: bytes, name: str, box: Box, derivation: Derivation | None) -> bytes:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(key).decrypt(box.nonce, box.data, _associated(name, derivation))
    except InvalidTag:
        raise WrongKeyError("This passphrase or master key does not open the key file.", "Nothing was changed.") from None


def _associated(name: str, derivation: Derivation | None) -> bytes:
    """Binds an entry to its service and to this kind of file, so that entries cannot be exchanged."""
    return json.dumps([FORMAT, VERSION, _derivation_json(derivation), name], sort_keys=True).encode()


def _digest(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def _derivation_json(derivation: Derivation | None) -> dict[str, Any] | None:
    if derivation is None:
        return None
    cost = derivation.cost
    return {"name": "scrypt", "salt": _text(derivation.salt), "n": cost.n, "r": cost.r, "p": cost.p}


def _derivation(value: dict[str, Any] | None) -> Derivation | None:
    if value is None:
        return None
    cost = ScryptCost(int(value["n"]), int(value["r"]), int(value["p"]))
    if value["name"] != "scrypt" or not cost.is_sane():
        raise ValueError("not a derivation of ours")
    return Derivation(_bytes(value["salt"]), cost)


def _box_json(box: Box) -> dict[str, str]:
    return {"nonce": _text(box.nonce), "data": _text(box.data)}


def _box(value: Mapping[str, str]) -> Box:
    made = Box(_bytes(value["nonce"]), _bytes(value["data"]))
    if len(made.nonce) != NONCE_BYTES:
        raise ValueError("a nonce of another size")
    return made


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
