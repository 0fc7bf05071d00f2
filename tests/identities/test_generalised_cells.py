"""The likelihood by cells: its value against the general one, and its derivatives against differences."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from cpis_analysis.lmm import glmer
from cpis_analysis.lmm.generalised.cell_likelihood import CellLikelihood
from cpis_analysis.lmm.generalised.cell_maxima import climb_cells
from cpis_analysis.lmm.generalised.group_cells import cells_of
from cpis_analysis.lmm.generalised.laplace import find_mode, gradient, laplace
from cpis_analysis.lmm.generalised.maximum import _value_of
from cpis_analysis.lmm.generalised.model import read_model
from cpis_analysis.lmm.generalised.search import maximise

NOTHING = {"trials": None, "offset": None, "weights": None, "reference": None}
RANDOM = {
    "one factor": "(1 | team)", "pairs": "(1 | pair/team)", "nested": "(1 | trust/team)",
    "crossed": "(1 | team) + (1 | item)",
}  # fmt: skip


def frame_of(n=160):
    rng = np.random.default_rng(12)
    team = rng.integers(0, 12, n)
    frame = pd.DataFrame({
        "team": [f"t{t}" for t in team], "trust": [f"u{min(t // 3, 2)}" for t in team],
        "pair": [f"p{t // 2}" for t in team], "item": [f"i{k % 4}" for k in range(n)], "arm": team % 2,
        "x": rng.normal(0, 1, n), "tries": rng.integers(1, 5, n), "w": rng.uniform(0.5, 2.0, n),
        "shift": rng.normal(0, 0.3, n),
    })  # fmt: skip
    eta = 0.2 + 0.5 * frame["arm"] + 0.4 * frame["x"] + rng.normal(0, 0.8, 12)[team] + frame["shift"]
    return frame.assign(event=rng.binomial(frame["tries"], expit(eta)), count=rng.poisson(np.exp(eta)))


FRAME = frame_of()


def likelihood_of(family, random):
    options = {"offset": "shift", "weights": "w"} | ({"trials": "tries"} if family == "binomial" else {})
    outcome = "event" if family == "binomial" else "count"
    model = read_model(f"{outcome} ~ arm + x + {random}", FRAME, family=family, **NOTHING | options).model
    cells = cells_of(model)
    return model, cells, CellLikelihood(model.family, cells, replace(model.data, y=model.data.y[None]))


@pytest.mark.parametrize("variances", [(0.5, 0.3), (0.7, 0.0), (0.0, 0.0)])
@pytest.mark.parametrize("family", ["binomial", "poisson"])
@pytest.mark.parametrize("random", RANDOM.values(), ids=RANDOM.keys())
def test_value_gradient_and_hessian_are_right(random, family, variances):
    model, cells, likelihood = likelihood_of(family, random)
    beta, gamma = np.array([0.1, 0.4, 0.3]), np.array(variances[: len(cells.shared)])
    x = np.concatenate([cells.root @ beta, gamma])
    here = likelihood.at(x[None])
    at = model.split(np.concatenate([beta, gamma]))
    mode = find_mode(model, at)
    # the general one takes a variance of zero as one of 1e-8
    lifted = likelihood.at(np.concatenate([cells.root @ beta, np.maximum(gamma, 1e-8)])[None])
    assert lifted.value[0] == pytest.approx(laplace(mode), rel=1e-11, abs=1e-9)
    if gamma.all():
        slope = gradient(model, at, mode)
        turned = np.concatenate([np.linalg.solve(cells.root.T, slope[:3]), slope[3:]])
        assert here.slope[0] == pytest.approx(turned, rel=1e-7, abs=1e-7)
    h = 1e-5
    for j, step in enumerate(np.eye(len(x)) * h):
        # at a variance of zero to one side, by the three-point rule
        points = (-1, 1) if x[j] > 0 or j < 3 else (0, 1, 2)
        found = [likelihood.at((x + k * step)[None]) for k in points]
        for name, derivative in (
            ("slope", here.hessian[0, j]),
            ("a", here.moves[0, ..., j]),
            ("value", here.slope[0, j]),
        ):
            values = [getattr(one, name)[0] for one in found]
            difference = values[1] - values[0] if len(values) == 2 else (-3 * values[0] + 4 * values[1] - values[2])
            assert derivative == pytest.approx(difference / (2 * h), rel=1e-5, abs=2e-5 * np.abs(here.hessian).max())
    assert here.hessian[0] == pytest.approx(here.hessian[0].T, rel=1e-10, abs=1e-9)


@pytest.mark.parametrize("family", ["binomial", "poisson"])
@pytest.mark.parametrize("random", RANDOM.values(), ids=RANDOM.keys())
def test_maximum_is_that_of_the_general_search(random, family):
    model, cells, likelihood = likelihood_of(family, random)
    found = climb_cells(likelihood)
    general = maximise(model, _value_of(model, lambda at, mode: (laplace(mode), gradient(model, at, mode))))
    assert found.value[0] > general.value - 1e-8
    errors = np.sqrt(np.diag(general.covariance)[:3])
    turn = np.linalg.inv(cells.root)
    assert np.abs((turn @ found.x[0, :3] - general.x[:3]) / errors).max() < 1e-3
    covariance = turn @ found.inverse[0, :3, :3] @ turn.T
    assert np.sqrt(np.diag(covariance)) == pytest.approx(errors, rel=1e-4)
    assert found.evaluations < 15


def test_weights_that_are_no_counts_and_large_counts_end_at_the_maximum():
    """Values of the linear predictor whose exponential is beyond numbers are met on the way."""
    rng = np.random.default_rng(5)
    frame = FRAME.assign(count=(rng.poisson(4.0, len(FRAME)) * 10.0 ** (FRAME["arm"] * 3)).round())
    fit = glmer("count ~ arm + x + (1 | trust/team)", frame, family="poisson")
    assert fit.coefficients["arm"] == pytest.approx(3 * np.log(10), abs=1.0)
    model = fit.model
    for step in np.eye(len(fit.maximum.x)) * 1e-4:
        for sign in (-1, 1):
            at = fit.maximum.x + sign * step
            at[3:] = np.maximum(at[3:], 0.0)
            assert laplace(find_mode(model, model.split(at))) <= fit.maximum.value + 1e-6


def test_slopes_and_large_blocks_go_the_general_way():
    slopes = read_model("count ~ x + (1 + x | team)", FRAME, family="poisson", **NOTHING).model
    assert cells_of(slopes) is None
    wide = pd.DataFrame({"a": np.arange(800) % 40, "b": np.arange(800) // 40 % 20, "y": np.arange(800) % 3})
    wide = wide.assign(a="a" + wide["a"].astype(str), b="b" + wide["b"].astype(str))
    assert cells_of(read_model("y ~ 1 + (1 | a) + (1 | b)", wide, family="poisson", **NOTHING).model) is None
