"""Separation is found before the fit, named by term and level, and answered as the caller says."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from cpis_analysis.errors import ModelError
from cpis_analysis.lmm import glmer, pseudo_likelihood
from cpis_analysis.lmm.designs.separating import Sides, growing_columns
from cpis_analysis.lmm.generalised.cell_likelihood import CellLikelihood
from cpis_analysis.lmm.generalised.endless import _has_finite_estimate, separation_problem
from cpis_analysis.lmm.generalised.group_cells import cells_of
from cpis_analysis.lmm.generalised.model import read_model

pytestmark = pytest.mark.thorough

NOTHING = {"trials": None, "offset": None, "weights": None, "reference": None}


def frame_of(n=80, seed=3):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({
        "team": [f"t{k % 8}" for k in range(n)], "arm": np.where(np.arange(n) % 2 == 0, "A", "B"),
        "x": rng.normal(size=n),
        "stage": rng.choice(["early", "middle", "late"], n, p=[0.6, 0.3, 0.1]),
    })  # fmt: skip
    frame["event"] = rng.binomial(1, expit(0.3 + 0.5 * frame["x"]))
    return frame.assign(tries=3, count=rng.poisson(2.0, n), grade=rng.integers(0, 3, n))


FRAME = frame_of()
LATE = FRAME["stage"] == "late"
BINARY, COUNT = {"family": "binomial"}, {"family": "poisson"}
CASES = [
    ("event", FRAME["event"].where(~LATE, 1), BINARY, "every row with stage = late has the event"),
    ("event", FRAME["event"].where(FRAME["arm"] == "A", 0), BINARY, "no row with arm = B has the event"),
    ("event", (FRAME["x"] > 0.1).astype(int), BINARY, "x tells of some rows exactly what happened"),
    ("event", FRAME["event"].where(~LATE, 3), BINARY | {"trials": "tries"}, "late are at the largest possible"),
    ("count", FRAME["count"].where(~LATE, 0), COUNT, "all counts with stage = late are zero"),
    ("count", FRAME["count"].where(~LATE, 0), {"family": "negative_binomial"}, "all counts with stage = late"),
    ("grade", FRAME["grade"].where(~LATE, 2), {"family": "ordinal"}, "stage = late are in the highest category"),
]


@pytest.mark.parametrize(("outcome", "values", "options", "said"), CASES)
def test_separation_is_named_by_term_and_level(outcome, values, options, said):
    with pytest.raises(ModelError, match=said):
        glmer(f"{outcome} ~ arm + x + stage + (1 | team)", FRAME.assign(**{outcome: values}), **options)


def test_cell_of_an_interaction_is_named_and_pseudo_likelihood_refuses_too():
    both = (FRAME["arm"] == "A") & (FRAME["stage"] == "middle")
    frame = FRAME.assign(event=FRAME["event"].where(~both, 1))
    for fit in (glmer, pseudo_likelihood):
        with pytest.raises(ModelError, match="every row with arm = A and stage = middle has the event"):
            fit("event ~ arm * stage + x + (1 | team)", frame, family="binomial")
    # without the interaction nothing separates
    assert glmer("event ~ arm + stage + x + (1 | team)", frame, family="binomial").converged


def test_what_became_of_a_few_rows_is_not_said():
    rare = (FRAME.index == FRAME.index[FRAME["event"] == 1][0]) | (FRAME.index == FRAME.index[FRAME["event"] == 1][1])
    frame = FRAME.assign(stage=FRAME["stage"].where(~rare, "other"))
    with pytest.raises(ModelError, match="fewer than 5 rows have stage = other, too few") as refused:
        glmer("event ~ arm + stage + (1 | team)", frame, family="binomial")
    assert "has the event" not in str(refused.value)


def test_what_a_fit_without_separation_is_does_not_depend_on_the_answer():
    one = glmer("event ~ arm + x + (1 | team)", FRAME, family="binomial")
    two = glmer("event ~ arm + x + (1 | team)", FRAME, family="binomial", separation="penalise")
    assert one.summary().equals(two.summary())
    assert two.messages == ()
    with pytest.raises(ModelError, match="separation"):
        glmer("event ~ arm + x + (1 | team)", FRAME, family="binomial", separation="ignore")
    outcome, values, options, _ = CASES[-1]
    frame = FRAME.assign(**{outcome: values})
    with pytest.raises(ModelError, match="penalised fit"):
        glmer(f"{outcome} ~ arm + x + stage + (1 | team)", frame, separation="penalise", **options)


def test_certificate_and_linear_programme_agree_on_small_samples():
    """One in three of these separates, completely or in part."""
    found = []
    for seed in range(120):
        rng = np.random.default_rng(seed)
        n = int(rng.integers(8, 26))
        frame = pd.DataFrame({"team": [f"t{k % 4}" for k in range(n)], "arm": np.arange(n) // 4 % 2,
                              "x": rng.normal(size=n).round(1), "count": rng.poisson(0.4, n)})  # fmt: skip
        frame["event"] = rng.binomial(1, expit(1.5 * frame["x"] + frame["arm"]))
        for outcome, family in (("event", "binomial"), ("count", "poisson")):
            if frame[outcome].nunique() < 2:
                continue
            read = read_model(f"{outcome} ~ arm + x + (1 | team)", frame, family=family, **NOTHING)
            model = read.model
            separates = bool(growing_columns(Sides.of(model.X, model.family.side(model.data))))
            certified = _has_finite_estimate(model)
            assert not (certified and separates)
            assert (separation_problem(read.design, model, read.terms) is not None) == separates
            found.append((certified, separates))
    certified, separated = np.mean(found, axis=0)
    assert 0.15 < separated < 0.6
    # the linear programme is rarely asked where nothing separates
    assert certified > 0.95 * (1 - separated)


@pytest.mark.parametrize("family", ["binomial", "poisson"])
def test_penalty_is_half_the_log_determinant_and_its_derivatives_are_right(family):
    outcome = "event" if family == "binomial" else "count"
    model = read_model(f"{outcome} ~ arm + x + (1 | team)", FRAME, family=family, **NOTHING).model
    cells = cells_of(model)
    data = replace(model.data, y=model.data.y[None])
    plain, penalised = (CellLikelihood(model.family, cells, data, penalised=one) for one in (False, True))
    x = np.array([[0.2, -0.4, 0.5, 0.6]])
    here = penalised.at(x)
    mean = np.exp(cells.X @ x[0, :3]) if family == "poisson" else expit(cells.X @ x[0, :3])
    weights = mean if family == "poisson" else mean * (1 - mean)
    penalty = 0.5 * np.linalg.slogdet(cells.X.T @ (cells.X * weights[:, None]))[1]
    assert here.value[0] - plain.at(x).value[0] == pytest.approx(penalty, abs=1e-12)
    for j, step in enumerate(np.eye(4) * 1e-5):
        ahead, behind = penalised.at(x + step), penalised.at(x - step)
        assert here.slope[0, j] == pytest.approx((ahead.value[0] - behind.value[0]) / 2e-5, abs=1e-5)
        assert here.hessian[0, j] == pytest.approx((ahead.slope[0] - behind.slope[0]) / 2e-5, abs=1e-4)
