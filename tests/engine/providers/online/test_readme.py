"""The README's table of faults is the one that is tested."""

from pathlib import Path

import pytest

from tests.engine.providers.online.faulty import ELEVENLABS, GEMINI, OPENAI, Case

README = Path(__file__).with_name("README.md")


@pytest.mark.parametrize(("adapter", "cases"), [("gemini", GEMINI), ("openai", OPENAI), ("elevenlabs", ELEVENLABS)])
def test_every_fault_stands_in_the_table_with_its_outcome(adapter: str, cases: tuple[Case, ...]) -> None:
    section = README.read_text(encoding="utf-8").partition(f"## Fault × {adapter} ×")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ") and not line.startswith("| fault")]
    rows = dict(line.strip("|").split(" | ") for line in lines)
    told = {name.strip(): outcome.strip() for name, outcome in rows.items()}
    assert list(told) == [case.name for case in cases]
    for case in cases:
        outcome = told[case.name]
        assert outcome.startswith("a result" if case.kind is None else case.kind.value), case.name
        assert ("asked again by itself" in outcome) == case.is_repeatable
        assert ("may have been charged" in outcome) == case.may_have_billed
