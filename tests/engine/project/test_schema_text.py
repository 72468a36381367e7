"""Writing values as JSON text: the same as the plain way gives, also where what was written before is used again."""

import dataclasses
import json
from collections.abc import Callable
from dataclasses import replace
from enum import Enum
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.project import clip_edits
from engine.project.file import from_json, to_json, writer
from engine.project.model import Clip, Project, Region, RegionKind, Text, Transform
from engine.project.patch_edits import rename_patch
from engine.project.schema import decode
from engine.project.schema_text import TextWriter
from engine.project.version_edits import attach_version
from tests.engine.project.samples import seconds, version, with_patch


def _plain(value: object) -> Any:
    """The plain way: objects of lists of numbers."""
    if isinstance(value, Fraction):
        return [value.numerator, value.denominator]
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if dataclasses.is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return value


def _full() -> Project:
    return attach_version(with_patch(), "logo", version())


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
TIMES = st.fractions(-(10**9), 10**9, max_denominator=10**6)
CLIPS = st.builds(
    Clip, id=st.text(), start=TIMES, source_range=st.builds(seconds, TIMES, TIMES), media_id=st.none() | st.text(),
    text=st.none() | st.builds(Text, st.text(), font_size=NUMBERS), gain_db=NUMBERS | st.integers(-5, 5),
    transform=st.builds(Transform, NUMBERS, NUMBERS),
)  # fmt: skip
REGIONS = st.builds(
    Region, st.sampled_from(RegionKind), st.lists(st.tuples(NUMBERS | st.just(0), NUMBERS), max_size=5).map(tuple), NUMBERS
)


@given(value=CLIPS | REGIONS)
def test_the_text_says_what_the_value_is(value: Clip | Region) -> None:
    text = TextWriter().text(value)
    assert text.isascii() and json.loads(text) == json.loads(json.dumps(_plain(value)))
    assert decode(type(value), json.loads(text)) == value


def test_a_whole_project_too() -> None:
    data = json.loads(to_json(_full()))
    assert {key: data[key] for key in ("canvas", "captions", "tracks", "patches", "unattached")} == {
        key: value for key, value in json.loads(json.dumps(_plain(_full()))).items() if key != "media"
    }


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_is_no_number_is_not_written(number: float) -> None:
    for value in (Transform(x=number), Region(RegionKind.BOX, ((number, 0.0), (1.0, 1.0)))):
        with pytest.raises(ValueError, match="JSON"):
            TextWriter().text(value)


def test_each_clip_and_patch_has_a_line() -> None:
    lines = to_json(_full()).decode("ascii").splitlines()
    assert sum('"source_range"' in line for line in lines) == 2 and sum('"current_version"' in line for line in lines) == 1


def test_a_writer_that_is_used_again_writes_the_same_as_a_new_one() -> None:
    kept, project = writer(), _full()
    edits: list[Callable[[Project], Project]] = [
        lambda p: p,
        lambda p: clip_edits.move_clip(p, "b", Fraction(20)),
        lambda p: rename_patch(p, "logo", "Sign"),
        lambda p: clip_edits.split_clip(p, "a", Fraction(5)),
        lambda p: replace(p, patches=()),
        lambda _: _full(),
    ]
    for edit in edits:
        project = edit(project)
        text = to_json(project, None, None, kept)
        assert text == to_json(project) and from_json(text).project == project


@pytest.mark.performance
def test_what_did_not_change_is_not_written_out_again(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    real = TextWriter._class_writer

    def counting(self: TextWriter, kind: Any) -> Any:
        write = real(self, kind)

        def counted(value: Any) -> str:
            written.append(kind.__name__)
            return write(value)

        return counted

    monkeypatch.setattr(TextWriter, "_class_writer", counting)
    kept, project = writer(), _full()
    to_json(project, None, None, kept)
    written.clear()
    to_json(clip_edits.move_clip(project, "b", Fraction(20)), None, None, kept)
    assert written.count("Clip") == 1 and written.count("Patch") == 0
