"""The name of a provider's answer: everything that decides it, in one place (the seed's cache key, S3-11).

Knows no provider and asks nothing: whoever asks says which model would answer.
"""

from collections.abc import Mapping
from fractions import Fraction

from engine.cache.keys import key
from engine.project.model import Recipe, Region
from engine.project.regions import region_values

PIPELINE = "region-edit-2"
"""Changes when the same request would give other pixels: crop, mask, registration, colour match."""


def patch_key(
    fingerprint: str, time: Fraction, region: Region, recipe: Recipe, *, model: str, params: Mapping[str, float | str | bool],
) -> str:
    """64 hexadecimal digits that are equal only for requests with equal answers.

    `fingerprint` is the source's, `time` the frame's (source time, exact), `model` the version of what answers, `params` all
    parameters with the defaults filled in, so that a default that changes gives another name.
    """
    return key(
        PIPELINE, fingerprint, time, *region_values(region), recipe.provider, model, recipe.prompt, recipe.image,
        sorted(params.items()), recipe.seed,
    )
