"""The registry knows its providers, refuses what may not be, and checks every parameter."""

from dataclasses import replace

import pytest

from engine.errors import BadInputError
from engine.providers.local.blur import Blur
from engine.providers.protocol import FrameContext, ProviderInfo, RegionEditReply, RegionEditRequest
from engine.providers.registry import Registry, local_registry
from engine.running import CancelToken, Report


class Elsewhere:
    """A remote provider that wants more than it may see."""

    def __init__(self, info: ProviderInfo) -> None:
        self.info = info

    def edit(
        self, request: RegionEditRequest, context: FrameContext | None, *, cancel: CancelToken, report: Report
    ) -> RegionEditReply:
        return RegionEditReply(request.crop)


REMOTE = ProviderInfo("far", "Far", "Elsewhere.", is_remote=True)


def test_the_offline_providers_are_there_and_local() -> None:
    infos = local_registry().infos()
    ids = [info.id for info in infos]
    assert ids[:3] == ["local.inpaint", "local.cleanplate", "local.heal"]
    assert {"local.blur", "local.pixelate", "local.colour", "local.image", "local.text"} <= set(ids)
    for info in infos:
        assert not info.is_remote and info.keeps_depth and info.name and info.description.endswith(".")
        assert all(spec.label for spec in info.parameters)


def test_an_unknown_provider_is_answered_with_those_there_are() -> None:
    with pytest.raises(BadInputError, match=r"no provider “local\.magic”.*local\.inpaint, local\.cleanplate"):
        local_registry().get("local.magic")


def test_a_remote_provider_may_not_ask_for_other_frames() -> None:
    registry = Registry([Elsewhere(REMOTE)])
    with pytest.raises(BadInputError, match="other frames"):
        registry.add(Elsewhere(replace(REMOTE, id="further", needs_context=True)))
    assert [info.id for info in registry.infos()] == ["far"]


def test_an_id_is_taken_once() -> None:
    with pytest.raises(BadInputError, match="already"):
        Registry([Blur(), Blur()])


def test_parameters_are_completed_and_read_from_text() -> None:
    registry = local_registry()
    assert registry.parameters("local.blur", {}) == {"radius": 12.0}
    assert registry.parameters("local.blur", {"radius": "7.5"}) == {"radius": 7.5}
    assert registry.parameters("local.image", {"fit": "contain"})["fit"] == "contain"


@pytest.mark.parametrize(("provider", "given", "says"), [
    ("local.blur", {"radius": 0.5}, "radius.*1 to 100 px"), ("local.blur", {"radius": "wide"}, "radius"),
    ("local.blur", {"radius": float("nan")}, "radius"), ("local.blur", {"size": 3}, "no parameter “size”.*radius"),
    ("local.image", {"fit": "fill"}, "fit.*cover, contain, stretch"), ("local.colour", {"hue": 181}, "hue.*-180 to 180"),
    ("local.blur", {"radius": True}, "radius"),
])
def test_a_bad_parameter_is_named_with_its_range(provider: str, given: dict[str, float | str | bool], says: str) -> None:
    with pytest.raises(BadInputError, match=says):
        local_registry().parameters(provider, given)
