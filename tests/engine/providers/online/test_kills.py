"""Programs that are killed while they ask a service: what it bills lies between what is settled and that and what is unknown."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.store.database import Store
from engine.store.ledger import Ledger, LedgerState
from engine.store.ledger_totals import totals
from engine.store.opening import recover
from tests.engine.providers.online.gemini_service import KEY, GeminiService
from tests.engine.providers.online.server import FaithfulServer, serving, status

REPOSITORY = Path(__file__).resolve().parents[4]
PROGRAM = """
import sys
from dataclasses import replace
from pathlib import Path
import numpy as np
from engine.providers.online.counted import CountedAttempts
from engine.providers.online.gemini import Gemini
from engine.providers.online.table import provider_facts
from engine.providers.online.transport import Transport
from engine.providers.protocol import RegionEditRequest
from engine.running import ThreadCancelToken, ignore
from engine.store.database import Store
from engine.vault import Keys, Source
keys = Keys("gemini", {"key": sys.argv[3]}, Source.REQUEST)
unlimited = replace(provider_facts("gemini"), limits=())
counted = CountedAttempts(Store(Path(sys.argv[1])), "film", facts=lambda _: unlimited)
transport = Transport("gemini", "Gemini", sys.argv[2])
gemini = Gemini(transport, lambda: keys, "gemini-3-pro-image", gate=lambda *_: None, attempts=counted)
for number in range(1000):
    request = RegionEditRequest(np.full((30, 40, 3), 90, np.uint8), np.ones((30, 40), np.float32), f"paint it {number}")
    gemini.edit(request, None, cancel=ThreadCancelToken(), report=ignore)
"""


@pytest.mark.integration
def test_killed_while_it_asks_every_billed_request_has_its_row(tmp_path: Path) -> None:
    chance, path = random.Random(11), tmp_path / "store.sqlite"
    with serving(GeminiService()) as server:
        for kill in range(1, 4):
            _killed_in_the_middle(server, path, chance)
            store = Store(path)
            recover(store)
            (total,) = totals(store)
            rows = Ledger(store).rows()
            store.close()
            assert isinstance(server.service, GeminiService)
            billed = len(server.service.asked)
            assert total.running == 0
            assert total.settled <= billed <= total.settled + total.unknown
            assert total.unknown <= kill, "as many as were in flight"
            assert all(row.upper_usd > 0 for row in rows if row.state is LedgerState.UNKNOWN)
            assert len(server.received) <= total.requests <= len(server.received) + kill, "each request has a row"


def _killed_in_the_middle(server: FaithfulServer, path: Path, chance: random.Random) -> None:
    """Killed at any moment after some requests have come; one of them was refused for a moment and asked again."""
    server.then(None, status(503, b'{"error": {"code": 503, "status": "UNAVAILABLE", "message": "overloaded"}}'))
    before, wanted = len(server.received), chance.randrange(1, 5)
    run = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(path), server.base_url, KEY], cwd=REPOSITORY, stderr=subprocess.PIPE
    )
    end = time.monotonic() + 60
    while len(server.received) < before + wanted and time.monotonic() < end and run.poll() is None:
        server.came.clear()
        server.came.wait(0.2)
    time.sleep(chance.random() * 0.06)  # the moment is what is tried, not waited for
    run.kill()
    _, errors = run.communicate()
    assert errors == b"", errors.decode()
    assert len(server.received) >= before + wanted
    server._faults.clear()
