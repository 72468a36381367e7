"""The tables of the store, as the steps that lead from each version of the file to the next.

A step that was released is never changed: the next change is a new step. Money is whole nano-dollars, so that sums are exact;
times of rows are ISO 8601 in UTC with six decimals (they sort as text); times that are reckoned with are whole microseconds
since 1970 (UTC).
"""

Step = tuple[str, ...]
"""Statements that run in one transaction."""

_LEDGER = (
    """CREATE TABLE ledger (
        id INTEGER PRIMARY KEY,
        owner TEXT NOT NULL,
        provider TEXT NOT NULL,
        model TEXT NOT NULL,
        operation TEXT NOT NULL,
        project TEXT NOT NULL,
        request_hash TEXT NOT NULL,
        estimated_nano INTEGER NOT NULL CHECK (estimated_nano >= 0),
        upper_nano INTEGER NOT NULL CHECK (upper_nano >= estimated_nano),
        actual_nano INTEGER NOT NULL DEFAULT 0 CHECK (actual_nano >= 0),
        tokens INTEGER NOT NULL DEFAULT 0 CHECK (tokens >= 0),
        seconds REAL NOT NULL DEFAULT 0 CHECK (seconds >= 0),
        state TEXT NOT NULL CHECK (state IN ('started', 'settled', 'refused', 'unknown', 'failed_free')),
        request_id TEXT NOT NULL DEFAULT '',
        note TEXT NOT NULL DEFAULT '',
        result TEXT NOT NULL DEFAULT '',
        created TEXT NOT NULL,
        updated TEXT NOT NULL
    )""",
    "CREATE INDEX ledger_by_time ON ledger (created)",
    "CREATE INDEX ledger_by_project ON ledger (project, state)",
    "CREATE INDEX ledger_by_request ON ledger (request_hash)",
    "CREATE INDEX ledger_open ON ledger (owner) WHERE state = 'started'",
)
_OPERATIONS = (
    """CREATE TABLE operations (
        id TEXT PRIMARY KEY,
        owner TEXT NOT NULL,
        provider TEXT NOT NULL,
        model TEXT NOT NULL,
        kind TEXT NOT NULL,
        project TEXT NOT NULL,
        request_hash TEXT NOT NULL,
        request TEXT NOT NULL,
        input_hash TEXT NOT NULL,
        ledger_id INTEGER REFERENCES ledger (id),
        state TEXT NOT NULL CHECK (state IN
            ('created', 'running', 'ready', 'done', 'failed', 'blocked', 'stopped', 'unknown', 'expired')),
        remote_id TEXT NOT NULL DEFAULT '',
        message TEXT NOT NULL DEFAULT '',
        created TEXT NOT NULL,
        updated TEXT NOT NULL,
        running_us INTEGER,
        next_poll_us INTEGER,
        polls INTEGER NOT NULL DEFAULT 0,
        bad_polls INTEGER NOT NULL DEFAULT 0,
        result_url TEXT NOT NULL DEFAULT '',
        part_name TEXT NOT NULL DEFAULT '',
        validator TEXT NOT NULL DEFAULT '',
        total_bytes INTEGER,
        result_hash TEXT NOT NULL DEFAULT ''
    )""",
    "CREATE INDEX operations_by_project ON operations (project, created)",
    "CREATE UNIQUE INDEX operations_joined ON operations (provider, project, request_hash)"
    " WHERE state IN ('created', 'running', 'ready')",
)
_LIMITS = (
    "CREATE TABLE tokens (bucket TEXT NOT NULL, window_us INTEGER NOT NULL, back_us INTEGER NOT NULL)",
    "CREATE INDEX tokens_by_return ON tokens (bucket, window_us, back_us)",
    "CREATE TABLE pauses (bucket TEXT PRIMARY KEY, until_us INTEGER NOT NULL)",
)
_CONSENTS = (
    """CREATE TABLE consents (
        project TEXT NOT NULL,
        host TEXT NOT NULL,
        is_allowed INTEGER NOT NULL CHECK (is_allowed IN (0, 1)),
        decided TEXT NOT NULL,
        PRIMARY KEY (project, host)
    )""",
    """CREATE TABLE sendings (
        id INTEGER PRIMARY KEY,
        project TEXT NOT NULL,
        host TEXT NOT NULL,
        how TEXT NOT NULL,
        request_hash TEXT NOT NULL,
        allowed TEXT NOT NULL
    )""",
    """CREATE TABLE projects (
        project TEXT PRIMARY KEY,
        privacy TEXT,
        cap_nano INTEGER CHECK (cap_nano >= 0)
    )""",
)

_SLOTS = (
    "CREATE TABLE slots (id INTEGER PRIMARY KEY, bucket TEXT NOT NULL, owner TEXT NOT NULL)",
    "CREATE INDEX slots_by_bucket ON slots (bucket)",
)

_GALLERY = (
    "ALTER TABLE operations ADD COLUMN facts TEXT NOT NULL DEFAULT '{}'",
    "ALTER TABLE operations ADD COLUMN thumb INTEGER NOT NULL DEFAULT 0 CHECK (thumb IN (-1, 0, 1))",
    "ALTER TABLE operations ADD COLUMN trashed TEXT NOT NULL DEFAULT ''",
)

_FINISHED = (
    """CREATE TABLE finished (
        project TEXT NOT NULL,
        name TEXT NOT NULL,
        made TEXT NOT NULL,
        PRIMARY KEY (project, name)
    )""",
)

MIGRATIONS: tuple[Step, ...] = ((*_LEDGER, *_OPERATIONS, *_LIMITS, *_CONSENTS), _SLOTS, _GALLERY, _FINISHED)
"""Step n leads from version n to n + 1; a new file has version 0."""
