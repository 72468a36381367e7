"""The README's table of faults is the one that is tested."""

from pathlib import Path

import pytest

from engine.jobs.generation_values import GenerationState
from tests.engine.providers.online.faulty import ELEVENLABS, GEMINI, OPENAI, Case
from tests.engine.providers.online.faulty_videos import KLING, KLING_STEPS, VEO, VEO_STEPS, Step

README = Path(__file__).with_name("README.md")


TABLES = [("gemini", GEMINI), ("openai", OPENAI), ("elevenlabs", ELEVENLABS), ("veo", VEO), ("kling", KLING)]


@pytest.mark.parametrize(("adapter", "cases"), TABLES)
def test_every_fault_stands_in_the_table_with_its_outcome(adapter: str, cases: tuple[Case, ...]) -> None:
    told = _rows(f"## Fault × {adapter} ×")
    assert list(told) == [case.name for case in cases]
    for case in cases:
        outcome = told[case.name]
        assert outcome.startswith("a result" if case.kind is None else case.kind.value), case.name
        assert ("asked again by itself" in outcome) == case.is_repeatable
        assert ("may have been charged" in outcome) == case.may_have_billed


@pytest.mark.parametrize(("adapter", "steps"), [("veo", VEO_STEPS), ("kling", KLING_STEPS)])
def test_every_fault_after_sending_stands_in_the_table_with_its_end(adapter: str, steps: tuple[Step, ...]) -> None:
    told = _rows(f"## Fault × {adapter}, once it was sent ×")
    assert list(told) == [step.name for step in steps]
    for step in steps:
        outcome = told[step.name]
        assert outcome.startswith("a result" if step.state is GenerationState.DONE else step.state.value), step.name
        assert ("2 requests" in outcome) == (step.requests == 2)
        assert ("may have been charged" in outcome) == step.may_have_billed


def _rows(title: str) -> dict[str, str]:
    section = README.read_text(encoding="utf-8").partition(title)[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ") and not line.startswith("| fault")]
    return {name.strip(): outcome.strip() for name, outcome in (line.strip("|").split(" | ") for line in lines)}
