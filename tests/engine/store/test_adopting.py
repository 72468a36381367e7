"""A project that gets a file keeps what it has spent and was allowed; a copy of one keeps its rules and is asked again."""

from engine.store.account import account_of
from engine.store.adopting import copy_rules, move_project
from engine.store.consents import Consents
from engine.store.database import Store
from engine.store.ledger import Charge, Intent, Ledger
from engine.store.projects import Privacy, Projects


def _spend(store: Store, project: str, usd: float) -> None:
    ledger = Ledger(store)
    ledger.settle(ledger.begin(Intent("gemini", "m", "region edit", project, "h", usd)), Charge(usd))


def test_all_of_an_unsaved_project_goes_to_its_file(store: Store) -> None:
    _spend(store, "unsaved 1", 0.25)
    Projects(store).set_privacy("unsaved 1", Privacy.ALLOW)
    Projects(store).set_cap("unsaved 1", 2.0)
    Consents(store).remember("unsaved 1", "gemini@host", is_allowed=True)
    Projects(store).set_cap("film", 9.0)  # of a file that was replaced
    move_project(store, "unsaved 1", "film")
    account = account_of(store, "film")
    assert (account.privacy, account.cap_usd, account.spent_usd) == (Privacy.ALLOW, 2.0, 0.25)
    assert Consents(store).remembered("film", "gemini@host") is True
    assert account_of(store, "unsaved 1", Privacy.OFFLINE).privacy is Privacy.OFFLINE
    move_project(store, "unsaved 1", "film")
    assert account_of(store, "film") == account, "nothing to move, nothing lost"


def test_a_copy_has_spent_nothing_keeps_its_cap_and_is_asked_again(store: Store) -> None:
    _spend(store, "film", 1.0)
    Projects(store).set_privacy("film", Privacy.ALLOW)
    Projects(store).set_cap("film", 2.0)
    Consents(store).remember("film", "gemini@host", is_allowed=True)
    copy_rules(store, "film", "copy", Privacy.OFFLINE)
    account = account_of(store, "copy")
    assert (account.privacy, account.cap_usd, account.spent_usd) == (Privacy.ASK, 2.0, 0.0)
    assert Consents(store).remembered("copy", "gemini@host") is None
    copy_rules(store, "nothing was chosen", "third", Privacy.OFFLINE)
    assert account_of(store, "third").privacy is Privacy.OFFLINE


def test_an_account_counts_what_may_still_be_charged(store: Store) -> None:
    ledger = Ledger(store)
    _spend(store, "film", 0.5)
    ledger.begin(Intent("gemini", "m", "region edit", "film", "h2", 0.1, 0.3))
    ledger.lose(ledger.begin(Intent("gemini", "m", "region edit", "film", "h3", 0.1, 0.2)))
    account = account_of(store, "film")
    assert (account.spent_usd, round(account.committed_usd, 9), account.unknown) == (0.5, 1.0, 1)
