"""Logistic regression by Newton's method: sets the few weights that `engine.motion` holds as constants. For the benches only."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def fit(
    features: Floats, truth: npt.NDArray[np.bool_], *, ridge: float = 1.0, weight: Floats | None = None
) -> tuple[Floats, float]:
    """Weights (n,) and the constant, for (m, n) features; `ridge` holds the weights of the standardised features small."""
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-9
    scaled = np.column_stack([(features - mean) / spread, np.ones(len(features))])
    penalty = np.diag([ridge] * features.shape[1] + [0.0])
    share = np.ones(len(truth)) if weight is None else weight
    found = np.zeros(scaled.shape[1])
    for _ in range(25):
        chance = 1 / (1 + np.exp(-np.clip(scaled @ found, -40, 40)))
        slope = scaled.T @ (share * (chance - truth)) + penalty @ found
        curvature = (scaled * (share * chance * (1 - chance) + 1e-9)[:, None]).T @ scaled + penalty
        found = found - np.linalg.solve(curvature, slope)
    weights = found[:-1] / spread
    return weights, float(found[-1] - (weights * mean).sum())
