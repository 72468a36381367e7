"""Whether a service takes a key, asked by a call that costs nothing. Which call that is stands in the table of services."""

from engine.errors import BadInputError
from engine.providers.online.addresses import moved_base_url
from engine.providers.online.failures import FailureKind, ProviderFailure
from engine.providers.online.table import ProviderFacts, provider_table
from engine.providers.online.transport import Patience, Reply, Transport
from engine.running import CancelToken, ThreadCancelToken
from engine.vault import Keys

LIMIT_S = 10.0
_MAX_BYTES = 4 << 20
_NOBODYS_TASK = "patchreel-key-test"
_BAD_KEY = (b"API_KEY_INVALID", b"API key not valid", b"API key expired")
_KNOWN_KEY = (b"quota_exceeded", b"payment_issue", b"missing_permissions")
"""ElevenLabs answers 401 to keys it knows, too: for an account that cannot pay, or a key that may not see its account."""


def testable() -> frozenset[str]:
    """The credentials that can be tested without spending money. Raises: BadInputError: the table cannot be read."""
    return frozenset(facts.credential for facts in provider_table().providers.values() if facts.key_test)


def try_key(provider: str, keys: Keys, cancel: CancelToken | None = None) -> str:
    """Ask the service; returns a sentence about a key that it knows. Takes at most 10 s.

    Raises: ProviderFailure: AUTH where the key is refused, OFFLINE and others where nothing can be said about it; BadInputError:
    there is no such call; Cancelled.
    """
    facts = provider_table().facts(provider)
    if not facts.key_test:
        raise BadInputError(f"{facts.name} has no call that tests a key and costs nothing.", "It is tested by its first use.")
    transport = Transport(provider, facts.name, moved_base_url(provider, facts.base_url))
    try:
        return (_asked_for_nothing if provider == "kling" else _asked)(facts, keys, transport, cancel or ThreadCancelToken())
    finally:
        transport.close()


def _asked(facts: ProviderFacts, keys: Keys, transport: Transport, cancel: CancelToken) -> str:
    reply = transport.get(facts.key_test, keys=_headers(facts, keys), patience=_patience(), max_bytes=_MAX_BYTES, cancel=cancel)
    return _verdict(facts, reply)


def _asked_for_nothing(facts: ProviderFacts, keys: Keys, transport: Transport, cancel: CancelToken) -> str:
    """Kling signs its requests, has two kinds of keys, and asks nothing for a look: that it knows no task by a name that nobody
    gave it shows that it takes the key.
    """
    from engine.providers.online.kling import Kling

    service = Kling(transport, lambda: keys, look=_patience())
    kinds = [model for field, model in (("secret_key", "kling-v2-6"), ("key", "kling-3.0")) if field in keys]
    for model in kinds:
        service.find(_NOBODYS_TASK, model, cancel=cancel)
    return f"{facts.name} takes {'these keys' if 'secret_key' in keys else 'this key'}."


def _patience() -> Patience:
    return Patience(read_s=LIMIT_S, total_s=LIMIT_S)


def _headers(facts: ProviderFacts, keys: Keys) -> dict[str, str]:
    return {facts.header: f"{facts.scheme} {keys['key']}".strip()}


def _verdict(facts: ProviderFacts, reply: Reply) -> str:
    """The body is looked at and never quoted: some services repeat the key in it."""
    if reply.is_ok and _looks_like_json(reply):
        return f"{facts.name} takes this key."
    if any(mark in reply.body for mark in _KNOWN_KEY):
        return f"{facts.name} knows this key, but its account or its permissions may not allow every call."
    if reply.status in {401, 403} or any(mark in reply.body for mark in _BAD_KEY):
        text, hint = f"{facts.name} refuses this key.", "Copy it again from your account there, or make a new one."
        raise ProviderFailure(FailureKind.AUTH, facts.id, text, hint, raw_code=str(reply.status))
    text = f"{facts.name} answered with {reply.status}, which says nothing about the key."
    raise ProviderFailure(FailureKind.TRANSIENT, facts.id, text, "Test it again in a minute.", raw_code=str(reply.status))


def _looks_like_json(reply: Reply) -> bool:
    """A portal of the network answers everything with a page and 200."""
    return reply.body.lstrip()[:1] in {b"{", b"["}
