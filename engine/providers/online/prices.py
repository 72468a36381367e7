"""What a request will cost and what an answer did cost, in US dollars, by the table of services. Sends nothing."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from engine.providers.online.table import Mark, Price, ProviderFacts, provider_facts

_MILLION = 1e6
_HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """`usd` is None where no price is known. `is_sure` is False as soon as one uncertain price is in it."""

    usd: float | None
    is_sure: bool = True
    read: str = ""
    """When the oldest price in it was read, year and month."""

    @property
    def words(self) -> str:
        """For people: “About $0.14, list price read 2026-05”."""
        if self.usd is None:
            return "Cost not known"
        doubt = "" if self.is_sure else ", uncertain"
        return f"About {dollars(self.usd)}, list price read {self.read}{doubt}" if self.read else f"About {dollars(self.usd)}"


def settled_usd(usd: float) -> float:
    """To the billionth of a dollar, which is what the ledger counts in, and downwards: rounding settles no more than the bill."""
    return math.floor(usd * 1e9 + 1e-3) / 1e9


def dollars(usd: float) -> str:
    """An amount as it is shown: two places from a cent up, else four."""
    return f"${usd:.2f}" if usd >= 0.01 or usd == 0 else f"${usd:.4f}"


def unpriced_words(model: str) -> str:
    """What is said of an answer by a model whose price is not in the table."""
    return f"What “{model}” costs is not known here; Costs counts the most that it may be."


def estimate_usd(
    provider: str, model: str = "", *, images: int = 0, images_in: int = 0, variant: str = "", seconds: float = 0.0,
    sound_seconds: float = 0.0,
) -> Estimate:
    """What a request will cost: `images` made and `images_in` sent, or `seconds` of video made, or `sound_seconds` heard.

    `variant` is a size (“1K”, “720p”) or quality (“high”); without one, or with one of unknown price, the dearest counts.
    """
    facts = provider_facts(provider)
    model = model or facts.default_model
    wanted = (
        ("image", float(images), variant), ("second", float(seconds), variant), ("hour", sound_seconds / _HOUR_S, ""),
    )  # fmt: skip
    parts = [(amount, _dearest(facts, model, unit, part)) for unit, amount, part in wanted if amount > 0]
    if images_in > 0 and (extra := _dearest(facts, model, "input_image", "")) is not None:
        parts.append((float(images_in), extra))  # where there is no such price, what is sent is in the price of what is made
    return _sum(parts)


def charged_usd(provider: str, model: str, tokens: Mapping[str, int]) -> Estimate:
    """What an answer cost by the tokens it names; the names are text_input, image_input, text_output and image_output."""
    facts = provider_facts(provider)
    parts = [(count / _MILLION, _dearest(facts, model, f"{kind}_mtok", "")) for kind, count in tokens.items() if count > 0]
    return _sum(parts)


def unit_usd(provider: str) -> float | None:
    """The price of a unit that a service counts in, where it sells such."""
    facts = provider_facts(provider)
    return next((price.usd for price in facts.prices if price.unit == "unit"), None)


def dearest_video_usd(provider: str, seconds: float) -> float:
    """The most that a video can cost by the table: what a model counts as whose own price is not known."""
    facts = provider_facts(provider)
    return seconds * max((price.usd for price in facts.prices if price.unit == "second"), default=0.0)


def dearest_image_usd(provider: str) -> float:
    """The same for a picture."""
    return max((price.usd for price in provider_facts(provider).prices if price.unit == "image"), default=0.0)


def _dearest(facts: ProviderFacts, model: str, unit: str, variant: str) -> Price | None:
    prices = facts.prices_of(model, unit)
    fitting = [price for price in prices if price.variant == variant] or prices
    return max(fitting, key=lambda price: price.usd, default=None)


def _sum(parts: list[tuple[float, Price | None]]) -> Estimate:
    known = [(amount, price) for amount, price in parts if price is not None]
    if not known or len(known) < len(parts):
        return Estimate(None, is_sure=False)
    usd = sum(amount * price.usd for amount, price in known)
    return Estimate(usd, all(price.mark is not Mark.UNCERTAIN for _, price in known), min(price.read for _, price in known))
