"""Keys of services: where they are found, where they are kept, and that they are never shown.

Knows which fields a service's credentials have; knows nothing of requests, models or prices.
"""

from engine.vault.fields import CREDENTIALS, Credential, Field, credential
from engine.vault.keys import DamagedVaultError, KeyMissingError, Keys, Source, VaultError, VaultLockedError, WrongKeyError
from engine.vault.store import KeyState, KeyStore, Saved

__all__ = [
    "KeyStore", "KeyState", "Saved", "Keys", "Source", "CREDENTIALS", "Credential", "Field", "credential", "VaultError",
    "VaultLockedError", "WrongKeyError", "DamagedVaultError", "KeyMissingError",
]  # fmt: skip
