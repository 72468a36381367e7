"""The table of services: complete, dated, marked; a user's own figures take the place of single ones; bad ones are named."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import BadInputError
from engine.providers.online.prices import charged_usd, dollars, estimate_usd, settled_usd
from engine.providers.online.table import Mark, Table, provider_facts, provider_table, read_table
from engine.store.units import nano
from resources import path

TABLE = path("providers.toml")


@pytest.fixture
def table() -> Table:
    return read_table(TABLE)


def test_every_service_has_what_an_adapter_needs(table: Table) -> None:
    assert set(table.providers) == {"gemini", "openai", "veo", "kling", "elevenlabs"}
    for facts in table.providers.values():
        assert facts.base_url.startswith("https://") and facts.header
        assert facts.model(facts.default_model) is not None
        for kind in ("requests_per_minute", "concurrent", "answer_seconds"):
            assert (facts.limit(kind) or 0) > 0, (facts.id, kind)
        assert facts.prices and all(price.read for price in facts.prices)


def test_the_default_is_an_id_that_goes_on_and_ids_of_before_are_known(table: Table) -> None:
    for facts in table.providers.values():
        default = facts.model(facts.default_model)
        assert default is not None and default.ended is None and not default.replaced_by
        for model in facts.models:
            assert not model.replaced_by or facts.model(model.replaced_by) is not None
    before = table.facts("gemini").model("gemini-3-pro-image-preview")
    assert before is not None and before.replaced_by == "gemini-3-pro-image"
    assert table.facts("gemini").prices_of("gemini-3-pro-image-preview", "image")


def test_an_estimate_is_what_the_page_says_and_says_how_sure_it_is() -> None:
    picture = estimate_usd("gemini", images=1, images_in=1, variant="1K")
    assert picture.usd == pytest.approx(0.1351) and not picture.is_sure
    assert picture.words == "About $0.14, list price read 2026-05, uncertain"
    film = estimate_usd("veo", "veo-3.1-generate-preview", seconds=8, variant="720p")
    assert film.usd == pytest.approx(3.2) and film.is_sure
    assert estimate_usd("elevenlabs", sound_seconds=1800).usd == pytest.approx(0.11)


def test_an_unknown_variant_costs_the_dearest_and_an_unknown_model_nothing_known() -> None:
    assert estimate_usd("openai", images=1, images_in=1, variant="auto").usd == pytest.approx(0.167)
    assert estimate_usd("gemini", images=1, variant="8K").usd == pytest.approx(0.24)
    unknown = estimate_usd("gemini", "no-such-model", images=1)
    assert unknown.usd is None and unknown.words == "Cost not known"


def test_an_answer_is_priced_by_its_tokens() -> None:
    tokens = {"text_input": 1000, "image_input": 10_000, "image_output": 4000}
    assert charged_usd("openai", "gpt-image-2.5-flare", tokens).usd == pytest.approx(0.005 + 0.08 + 0.12)
    assert charged_usd("openai", "gpt-image-2", {"text_output": 5}).usd is None


def test_amounts_read_well() -> None:
    assert [dollars(usd) for usd in (0, 0.0011, 0.04, 3.2)] == ["$0.00", "$0.0011", "$0.04", "$3.20"]


def test_own_figures_replace_single_ones(tmp_path: Path) -> None:
    own = tmp_path / "providers.toml"
    own.write_text(
        '[gemini]\nbase_url = "https://gateway.example.org"\n'
        '[[gemini.models]]\nid = "my-model"\nmark = "ours"\ndefault = true\n'
        '[[gemini.prices]]\nmodel = "gemini-3-pro-image"\nunit = "image"\nvariant = "1K"\n'
        'usd = 0.5\nmark = "ours"\nread = "2026-11"\n'
        '[[gemini.limits]]\nkind = "requests_per_minute"\nvalue = 100\nmark = "ours"\n',
        encoding="utf-8",
    )
    facts, before = read_table(TABLE, own).facts("gemini"), read_table(TABLE).facts("gemini")
    assert facts.base_url == "https://gateway.example.org" and facts.header == before.header
    assert facts.default_model == "my-model" and facts.model("gemini-3-pro-image") is not None
    assert facts.limit("requests_per_minute") == 100 and facts.limit("concurrent") == before.limit("concurrent")
    changed = {price.variant: (price.usd, price.mark) for price in facts.prices_of("gemini-3-pro-image", "image")}
    assert changed["1K"] == (0.5, Mark.OURS) and changed["4K"][0] == 0.24
    assert len(facts.prices) == len(before.prices)


@pytest.mark.parametrize(("text", "word"), [
    ("[gemini]\nbase_url = 'http://example.org'", "base_url"),
    ("[gemini]\nbase_url = 'https://me:secret@example.org'", "base_url"),
    ("[nobody]\nname = 'x'", "nobody"),
    ("gemini = 3", "gemini"),
    ("[gemini]\nbase_url = 3", "base_url"),
    ("[gemini]\nmodels = 3", "models"),
    ("[gemini]\nsurprise = 3", "surprise"),
    ("[[gemini.limits]]\nkind = 'concurrent'\nvalue = -1\nmark = 'ours'", "concurrent"),
    ("[[gemini.limits]]\nkind = 'concurrent'\nvalue = true\nmark = 'ours'", "concurrent"),
    ("[[gemini.prices]]\nmodel = 'm'\nunit = 'image'\nusd = nan\nmark = '?'\nread = '2026-05'", "price"),
    ("[[gemini.prices]]\nmodel = 'm'\nunit = 'image'\nusd = 1\nmark = '?'\nread = 'May'", "price"),
    ("[[gemini.models]]\nid = 'x'\nmark = 'certain'", "certain"),
    ("[gemini", "providers.toml"),
])  # fmt: skip
def test_a_figure_that_cannot_be_used_is_named(tmp_path: Path, text: str, word: str) -> None:
    own = tmp_path / "providers.toml"
    own.write_text(text, encoding="utf-8")
    with pytest.raises(BadInputError, match=word):
        read_table(TABLE, own)


def test_the_own_file_lies_beside_the_settings(patchreel_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = patchreel_home / "config" / "providers.toml"
    own.parent.mkdir(parents=True)
    own.write_text('[[veo.limits]]\nkind = "poll_seconds"\nvalue = 7\nmark = "ours"\n', encoding="utf-8")
    provider_table.cache_clear()
    try:
        assert provider_facts("veo").limit("poll_seconds") == 7
    finally:
        provider_table.cache_clear()


@given(st.floats(0, 1000, allow_nan=False))
def test_rounding_settles_no_more_than_the_bill(usd: float) -> None:
    settled = settled_usd(usd)
    assert usd - 2e-9 <= settled <= usd + 1e-11 and nano(settled) == round(settled * 1e9)
    assert settled_usd(0.134) == 0.134 and settled_usd(0.22 / 3600 * 3) <= 0.22 / 3600 * 3
