"""A fit and a refit say the same of an outcome that can't be fitted."""

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.errors import ModelError
from cpis_analysis.lmm import glmer, likelihood_grid, lmer, refit, refit_generalised
from cpis_analysis.lmm.designs.unusable import UnusableResponse
from cpis_analysis.lmm.fits.model import fit_response

FORMULAS = ["y ~ x + (1 | team)", "y ~ x + (1 + x | team)"]


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"team": np.repeat(np.arange(8), 6), "x": rng.normal(size=48)})
    return frame.assign(y=rng.normal(size=48) + rng.normal(size=8)[frame["team"]])


def infinite(y):
    return np.where(np.arange(len(y)) < 2, np.inf, y)


def constant(y):
    return np.full(len(y), 7.0)


def groups_only(y):
    return np.repeat(np.arange(8.0) ** 2, 6)


def error(call):
    with pytest.raises(ModelError) as caught:
        call()
    return type(caught.value), str(caught.value)


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("spoil", [infinite, constant, groups_only])
def test_fit_and_refit_refuse_an_outcome_in_the_same_words(formula, spoil, frame):
    fit, y = lmer(formula, frame), spoil(frame["y"].to_numpy())
    first = error(lambda: lmer(formula, frame.assign(y=y)))
    assert first[0] is UnusableResponse
    assert first == error(lambda: refit(fit, y)) == error(lambda: fit_response(fit, y))


def test_fit_and_refit_refuse_a_wrong_length_in_the_same_words(frame):
    fit = lmer(FORMULAS[0], frame)
    columns = {name: frame[name].to_numpy() for name in frame} | {"y": np.zeros(9)}
    first = error(lambda: lmer(FORMULAS[0], columns))
    assert "different lengths" in first[1]
    assert first == error(lambda: refit(fit, np.zeros(9))) == error(lambda: likelihood_grid(fit, np.zeros((9, 2)), [1]))


@pytest.mark.parametrize("bad", ["raise", "mark"])
def test_nothing_to_refit_is_said_by_whatever_takes_many_responses(frame, bad):
    fit, nothing = lmer(FORMULAS[0], frame), np.empty((len(frame), 0))
    first = error(lambda: refit(fit, nothing, bad=bad))
    assert "variable y: there is no response" in first[1]
    assert first == error(lambda: refit(fit, pd.DataFrame(index=frame.index), contrasts=[fit.term_names[1]], bad=bad))
    assert first == error(lambda: likelihood_grid(fit, nothing, [1])) == error(lambda: fit_response(fit, nothing))


def test_nothing_to_refit_is_said_by_generalised_refits(frame):
    fit = glmer(
        "event ~ 1 + (1 | team)", frame.assign(event=(frame["y"] > frame["y"].median()).astype(int)), family="binomial"
    )
    _, text = error(lambda: refit_generalised(fit, np.empty((len(frame), 0))))
    assert f"({len(frame)}, 0)" in text


def test_refit_refuses_missing_values_as_a_fit_without_any_row_does(frame):
    fit = lmer(FORMULAS[0], frame)
    y = frame["y"].to_numpy().copy()
    y[:3] = np.nan
    kind, text = error(lambda: refit(fit, y))
    assert kind is UnusableResponse
    assert "variable y: missing values" in text
    assert "[3 times]" in text


@pytest.mark.parametrize("formula", FORMULAS)
def test_refit_names_each_bad_response_or_marks_it(formula, frame):
    fit, y = lmer(formula, frame), frame["y"].to_numpy()
    Y = pd.DataFrame({"good": y, "flat": constant(y), "odd": infinite(y), "same": y, "teams": groups_only(y)})
    _, text = error(lambda: refit(fit, Y.drop(columns="odd")))
    assert "(response flat)" in text
    assert "(response teams)" in text
    found = refit(fit, Y, bad="mark")
    assert found.converged.tolist() == [True, False, False, True, False]
    assert [*found.problems] == [1, 2, 4]
    assert np.isnan(found.coefficients[[1, 2, 4]]).all()
    assert np.array_equal(found.coefficients[0], found.coefficients[3])


def test_responses_of_the_whole_frame_lose_the_rows_that_the_fit_lost(frame):
    holes = frame.assign(x=frame["x"].where(frame.index % 7 > 0))
    fit = lmer(FORMULAS[0], holes)
    whole = frame["y"].to_numpy()
    assert refit(fit, whole).coefficients == pytest.approx(fit.coefficients.to_numpy()[None], rel=1e-9)
    grid = np.array([[0.5]])
    assert np.array_equal(likelihood_grid(fit, whole, grid), likelihood_grid(fit, whole[fit.design.rows], grid))
