"""What is taken from a paste, what is refused, and that no word about it holds any of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import BadInputError
from engine.vault.fields import MAX_CHARACTERS, checked, cleaned, credential

GEMINI = "AIza" + "Sy0123456789abcdefghijklmnopqrstuvw"

pytestmark = pytest.mark.security


@pytest.mark.parametrize("pasted", [
    GEMINI, f"  {GEMINI}\n", f'"{GEMINI}"', f"'{GEMINI}',", f"“{GEMINI}”", f"Bearer {GEMINI}", f"Authorization: Bearer {GEMINI}",
    f"x-goog-api-key: {GEMINI}\r\n", f"export GEMINI_API_KEY='{GEMINI}'", f"gemini_api_key={GEMINI};", f"\ufeff{GEMINI}\u200b",
    f"bearer   `{GEMINI}`", f"$env:GEMINI_API_KEY = \"{GEMINI}\"",
])  # fmt: skip
def test_what_comes_along_with_a_paste_is_taken_off(pasted: str) -> None:
    fields, warnings = checked(credential("gemini"), {"key": pasted})
    assert fields == {"key": GEMINI}
    assert warnings == ()


@given(st.text(max_size=60))
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert cleaned(cleaned(text)) == cleaned(text)


@given(st.text(alphabet=st.characters(codec="ascii", categories=("L", "N")), min_size=8, max_size=60))
def test_a_plain_key_stays_as_it_is(text: str) -> None:
    assert cleaned(text) == text


@pytest.mark.parametrize("bad", [
    "AIzaSy0123456789 abcdefghij", "AIzaSy0123456789\nabcdefghij", "AIza••••••••1234", "short", "x" * (MAX_CHARACTERS + 1),
    "AIzaSy0123456789\x00abcdefghij",
])  # fmt: skip
def test_what_cannot_be_a_key_is_refused_without_quoting_it(bad: str) -> None:
    with pytest.raises(BadInputError) as caught:
        checked(credential("gemini"), {"key": bad})
    assert bad not in str(caught.value) and "AIza" not in str(caught.value)


def test_an_unknown_shape_is_warned_about_and_taken() -> None:
    fields, (warning,) = checked(credential("gemini"), {"key": "a-new-kind-of-key-0123456789"})
    assert fields == {"key": "a-new-kind-of-key-0123456789"}
    assert "usually" in warning and "a-new-kind" not in warning


def test_a_key_of_another_service_is_named() -> None:
    _, (warning,) = checked(credential("gemini"), {"key": "sk-proj-0123456789abcdefghij"})
    assert "OpenAI" in warning


def test_kling_takes_a_pair_or_one_key() -> None:
    kling = credential("kling")
    pair = {"access_key": "a" * 32, "secret_key": "b" * 32}
    assert checked(kling, pair)[0] == pair
    assert checked(kling, {"key": "c" * 32})[0] == {"key": "c" * 32}
    assert checked(kling, {"access_key": "", "secret_key": " ", "key": "c" * 32})[0] == {"key": "c" * 32}
    with pytest.raises(BadInputError, match="Secret key"):
        checked(kling, {"access_key": "a" * 32})


def test_nothing_at_all_and_unknown_names_are_refused() -> None:
    for values in ({}, {"key": "  "}, {"password": "x" * 20}):
        with pytest.raises(BadInputError):
            checked(credential("openai"), values)
    with pytest.raises(BadInputError, match="gemini"):
        credential("nobody")
    assert credential("veo").provider == "gemini"
