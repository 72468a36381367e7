"""Which paid requests were on their way when a program was killed: by the clock of the server that took them and by the rows of
the store, one laid beside the other.

A row is written before its request leaves, and every request has a row of its own. So the rows of one life and lane are the
requests that the server saw, in the same order, and at most one more: the one that was killed before it had left.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from engine.store.ledger import LedgerRow, LedgerState
from tests.engine.providers.online.server import Received

Lane = tuple[str, str]
"""A service and what it is asked for: one request of each is on its way at most."""
_NAMED = frozenset({"kling"})
"""Services that are asked for a request by our own name, so that no outcome stays unknown."""
_OPERATIONS = {"veo": "text to video", "kling": "image to video", "gemini": "text to image"}
_PROMPT = re.compile(rb'"(?:text|prompt)":"[^"]*?([0-9a-f]{32})')


class When(Enum):
    """What a request had come to at the moment of a kill."""

    NOT_LEFT = "its row was there and the server never had it"
    ON_ITS_WAY = "the server had it, and not all of its answer was sent"
    ANSWERED = "all of its answer was sent, and the row did not say so yet"


@dataclass
class Post:
    """A paid request as the server saw it. `answered_s` is the moment before the last piece of its answer was written."""

    lane: Lane
    prompt: str
    answered_s: float | None = None


@dataclass(frozen=True)
class Flight:
    lane: Lane
    when: When

    @property
    def stays_unknown(self) -> bool:
        """Whether nobody can ever say what became of it."""
        return self.lane[0] not in _NAMED and self.when is not When.ANSWERED


def post_of(provider: str, request: Received) -> Post:
    is_edit = provider == "gemini" and b"inlineData" in request.body
    named = _PROMPT.search(request.body)
    assert named is not None, "a paid request without words"
    return Post((provider, "region edit" if is_edit else _OPERATIONS[provider]), named.group(1).decode())


def flights(rows: Sequence[LedgerRow], followed: set[int], posts: Sequence[Post], killed_s: float) -> dict[int, Flight]:
    """What was on its way at a kill, by row. `rows` and `posts` are those of that life, `rows` as they stood at the kill;
    `followed` are rows of operations that their service had given a name.

    Raises: AssertionError: the server was asked for something that no open row tells of.
    """
    found: dict[int, Flight] = {}
    for lane in {(row.provider, row.operation) for row in rows} | {post.lane for post in posts}:
        of_lane = [row for row in rows if (row.provider, row.operation) == lane]
        seen: list[Post | None] = [post for post in posts if post.lane == lane]
        assert 0 <= len(of_lane) - len(seen) <= 1, f"{lane}: {len(of_lane)} rows, {len(seen)} requests"
        seen += [None] * (len(of_lane) - len(seen))
        for row, post in zip(of_lane, seen, strict=True):
            is_open = row.state is LedgerState.STARTED and row.id not in followed
            when = _when(post, killed_s)
            assert is_open or when is When.ANSWERED, f"row {row.id} is {row.state.value} and its request was not answered"
            assert not is_open or row is of_lane[-1], f"row {row.id} is open and not the last of its lane"
            if is_open:
                found[row.id] = Flight(lane, when)
    return found


def _when(post: Post | None, killed_s: float) -> When:
    if post is None:
        return When.NOT_LEFT
    return When.ANSWERED if post.answered_s is not None and post.answered_s <= killed_s else When.ON_ITS_WAY


def counted(found: dict[int, Flight], rows: Iterable[LedgerRow]) -> Counter[str]:
    """How many of each kind became what."""
    states = {row.id: row.state for row in rows}
    return Counter(
        f"{' '.join(flight.lane)}, {flight.when.name.lower()}: {states[row].value}" for row, flight in sorted(found.items())
    )
