"""The program's own store, and what is put right in it when a program starts."""

from dataclasses import dataclass

from engine.folders import STORE_NAME, data_dir
from engine.store.database import Store
from engine.store.ledger import Ledger
from engine.store.operation_values import Operation
from engine.store.operations import Operations
from engine.store.units import Now, utc_now


@dataclass(frozen=True, slots=True)
class Recovered:
    """What programs that ended in the middle left to this one."""

    operations: tuple[Operation, ...]
    """Claimed by this process; what their states ask for is said at `Operations.recover`."""
    lost_requests: int
    """Rows of the ledger that became `unknown`."""


def program_store() -> Store:
    """The one file of this user. Make one object of it per process and close it at the end."""
    return Store(data_dir() / STORE_NAME)


def recover(store: Store, now: Now = utc_now) -> Recovered:
    """To be called once when a program starts that sends requests or shows costs. Raises: StorageError."""
    operations = Operations(store, now).recover()
    return Recovered(operations, Ledger(store, now).recover())
