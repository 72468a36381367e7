"""Nothing is allowed that was not said, and what was sent is on record."""

import os
from pathlib import Path

from engine.store.consents import Consents, How, Sending
from engine.store.database import Store
from engine.store.projects import Privacy, ProjectRules, Projects, project_name
from tests.engine.store.clock import START, StoppedClock


def test_an_answer_is_remembered_for_one_project_and_one_host(store: Store) -> None:
    consents = Consents(store)
    assert consents.remembered("film", "api.example.com") is None
    consents.remember("film", "API.example.com", is_allowed=True)
    assert consents.remembered("film", "api.example.COM") is True
    assert consents.remembered("film", "example.com") is None
    assert consents.remembered("clip", "api.example.com") is None
    consents.remember("film", "api.example.com", is_allowed=False)
    assert Consents(store).remembered("film", "api.example.com") is False


def test_answers_are_forgotten_one_by_one_or_all(store: Store) -> None:
    consents = Consents(store)
    for host in ("a.example", "b.example", "c.example"):
        consents.remember("film", host, is_allowed=True)
    consents.remember("clip", "a.example", is_allowed=True)
    consents.forget("film", "A.example")
    assert [consents.remembered("film", host) for host in ("a.example", "b.example")] == [None, True]
    consents.forget("film")
    assert consents.remembered("film", "c.example") is None
    assert consents.remembered("clip", "a.example") is True


def test_sendings_are_noted_with_the_word_they_were_sent_on(store: Store, clock: StoppedClock) -> None:
    consents = Consents(store, clock.now)
    consents.note_sending("film", "a.example", How.ONCE, "hash-1")
    consents.note_sending("film", "a.example", How.FLAG, "hash-2")
    consents.note_sending("clip", "a.example", How.ALWAYS, "hash-3")
    assert consents.sendings("film") == (
        Sending("film", "a.example", How.ONCE, "hash-1", START), Sending("film", "a.example", How.FLAG, "hash-2", START),
    )


def test_a_project_is_named_by_its_file_and_by_where_that_lies(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "a")
    here, there = tmp_path / "a" / "My film.patchreel", tmp_path / "My film.patchreel"
    assert project_name(here).startswith("My film ")
    assert project_name(here) == project_name(tmp_path / "link" / "My film.patchreel") != project_name(there)
    assert str(tmp_path) not in project_name(here)
    assert project_name(None) == ""


def test_a_name_that_is_no_text_is_a_name_as_well(store: Store) -> None:
    odd = Path(os.fsdecode(b"caf\xe9.patchreel"))
    projects = Projects(store)
    projects.set_cap(project_name(odd), 1.0)
    assert projects.rules(project_name(odd)).cap_usd == 1.0


def test_a_project_asks_before_it_sends_and_has_no_cap_until_it_is_told(store: Store) -> None:
    projects = Projects(store)
    assert projects.rules("film") == ProjectRules(Privacy.ASK, None)
    projects.set_cap("film", 2.5)
    assert projects.rules("film") == ProjectRules(Privacy.ASK, 2.5)
    projects.set_privacy("film", Privacy.OFFLINE)
    projects.set_privacy("clip", Privacy.ALLOW)
    assert Projects(store).rules("film") == ProjectRules(Privacy.OFFLINE, 2.5)
    assert projects.rules("clip") == ProjectRules(Privacy.ALLOW, None)
    projects.set_cap("film", None)
    assert projects.rules("film") == ProjectRules(Privacy.OFFLINE, None)
