"""Who is asked when a service cannot answer: always an end with a result or one clear choice, and nothing paid twice."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import BadInputError, PatchreelError
from engine.providers.fallback import Chain, moves_on, through
from engine.providers.online.failures import FailureKind, ProviderFailure
from engine.providers.online.fallbacks import REGION_EDIT, Fallbacks
from engine.providers.online.outgoing import SendingDeclined
from engine.vault import KeyMissingError

NOW = datetime(2026, 11, 28, tzinfo=UTC)
K = FailureKind


def failure(kind: FailureKind, name: str = "A", *, billed: bool = False, wait_s: int | None = None) -> ProviderFailure:
    at = None if wait_s is None else NOW + timedelta(seconds=wait_s)
    return ProviderFailure(kind, name.lower(), f"{name} failed ({kind.value}).", may_have_billed=billed, retry_at=at)


class Service:
    """Answers or raises as told, by provider id."""

    def __init__(self, **ends: object) -> None:
        self.ends, self.asked = ends, list[tuple[str, bool]]()

    def __call__(self, provider: str, is_last: bool) -> str:
        self.asked.append((provider, is_last))
        end = self.ends[provider]
        if isinstance(end, BaseException):
            raise end
        return str(end)


def test_a_rate_limit_goes_to_the_backup_which_may_be_waited_for() -> None:
    service = Service(a=failure(K.QUOTA), b="picture")
    reached = through("a", Chain(("a", "b")), service, lambda _: None)
    assert (reached.provider, reached.result, reached.is_known) == ("b", "picture", False)
    assert service.asked == [("a", False), ("b", True)] and reached.passed == ("A failed (quota).",)


def test_then_to_what_was_made_before_and_then_the_user_is_told_of_all_with_the_earliest_time() -> None:
    service = Service(a=failure(K.QUOTA, wait_s=900), b=failure(K.QUOTA, "B", wait_s=60))
    reached = through("a", Chain(("b",)), service, lambda one: "old" if one == "b" else None)
    assert (reached.provider, reached.result, reached.is_known) == ("b", "old", True)
    with pytest.raises(ProviderFailure) as told:
        through("a", Chain(("b",), uses_known=False), service, lambda _: "old")
    assert told.value.text == "A failed (quota). B failed (quota)." and told.value.retry_at == NOW + timedelta(seconds=60)
    assert told.value.kind is K.QUOTA and not told.value.may_have_billed


def test_a_backup_without_a_key_or_that_may_get_nothing_is_passed_over_and_the_first_ones_failure_stays() -> None:
    for error in (KeyMissingError("no key"), SendingDeclined("no")):
        with pytest.raises(ProviderFailure) as told:
            through("a", Chain(("b",)), Service(a=failure(K.QUOTA, wait_s=5), b=error), lambda _: None)
        assert told.value.kind is K.QUOTA and told.value.retry_at is not None
        with pytest.raises(type(error)):
            through("b", Chain(("a",)), Service(a="picture", b=error), lambda _: None)


@given(st.sampled_from(FailureKind), st.booleans(), st.sampled_from(FailureKind), st.booleans())
def test_whatever_may_have_been_paid_for_is_never_followed_by_another_request(
    first: FailureKind, first_billed: bool, second: FailureKind, second_billed: bool
) -> None:
    service = Service(a=failure(first, billed=first_billed), b=failure(second, "B", billed=second_billed), c="picture")
    try:
        through("a", Chain(("b", "c")), service, lambda _: None)
    except PatchreelError as error:
        ends = {"a": service.ends["a"], "b": service.ends["b"]}[service.asked[-1][0]]
        assert error is ends and not moves_on(error)
    for (asked, _), _following in zip(service.asked, service.asked[1:], strict=False):
        before = service.ends[asked]
        assert isinstance(before, ProviderFailure) and not before.may_have_billed
        assert before.kind in {K.QUOTA, K.TRANSIENT, K.OFFLINE, K.MODEL_GONE}


def test_the_order_is_kept_beside_the_settings_and_damage_is_said(tmp_path: Path) -> None:
    kept = Fallbacks(tmp_path / "config" / "fallbacks.json")
    assert kept.chosen(REGION_EDIT) is None and kept.chain(REGION_EDIT).providers == ("gemini", "openai")
    kept.choose(REGION_EDIT, Chain(("openai", "local.inpaint"), uses_known=False))
    kept.choose("transcription", Chain(()))
    assert Fallbacks(tmp_path / "config" / "fallbacks.json").chosen(REGION_EDIT) == Chain(("openai", "local.inpaint"), False)
    assert [file.name for file in (tmp_path / "config").iterdir()] == ["fallbacks.json"]
    for damage in ("{", "[]", '{"region edit": ["gemini"]}', '{"region edit": {"order": [1], "made before": true}}'):
        (tmp_path / "config" / "fallbacks.json").write_text(damage, encoding="utf-8")
        with pytest.raises(BadInputError):
            kept.chain(REGION_EDIT)
        with pytest.raises(BadInputError):
            kept.choose(REGION_EDIT, Chain())
        assert (tmp_path / "config" / "fallbacks.json").read_text(encoding="utf-8") == damage
