"""Operations as they stand in the table: a row as a value, what is known of a fetch as columns."""

import json
from datetime import datetime
from typing import Any

from engine.store.operation_values import Download, Operation, OperationState
from engine.store.units import moment, stamped


def columns_of(download: Download) -> dict[str, Any]:
    return {
        "result_url": download.url, "part_name": download.part_name, "validator": download.validator,
        "total_bytes": download.total_bytes,
    }


def _time(amount: int | None) -> datetime | None:
    return None if amount is None else moment(amount)


def operation_of(row: Any) -> Operation:
    return Operation(
        row["id"], row["provider"], row["model"], row["kind"], row["project"], row["request_hash"], row["request"],
        row["input_hash"], row["ledger_id"], OperationState(row["state"]), row["remote_id"], row["message"],
        stamped(row["created"]), stamped(row["updated"]), _time(row["running_us"]), _time(row["next_poll_us"]), row["polls"],
        row["bad_polls"], Download(row["result_url"], row["part_name"], row["validator"], row["total_bytes"]),
        row["result_hash"], json.loads(row["facts"]), row["thumb"], stamped(row["trashed"]) if row["trashed"] else None,
    )
