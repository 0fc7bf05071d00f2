"""At the variances of a fit the coefficients are linear in the outcomes, and predictions change nothing."""

import numpy as np
import pytest

from cpis_analysis.errors import ModelError
from cpis_analysis.lmm import coefficients_at_fit, lmer, ols, predict, predictable_rows
from made_up_study import study

SIZES = [12, 9, 14, 11, 8, 13, 10, 12, 9, 11]
FORMULAS = {
    "trust and team": "y_6m ~ arm + y_0m + scale(age) + gender + (1 | trust) + (1 | trust:team)",
    "slopes": "y_6m ~ arm * gender + y_0m + (1 + y_0m | trust:team)",
    "trust fixed": "y_6m ~ arm + y_0m + trust + (1 | trust:team)",
    "crossed": "y_6m ~ arm + y_0m + (1 | trust) + (1 | gender)",
    "least squares": "y_6m ~ arm + y_0m + age",
}


def people(seed=5, team_sd=1.5, trust_sd=1.0, lost=()):
    frame = study(size=SIZES, seed=seed, team_sd=team_sd, trust_sd=trust_sd, lost=lost).participants
    missing = np.random.default_rng(seed).random(len(frame)) < 0.4
    frame.loc[missing, "y_6m"] = np.nan
    return frame


def fitted(formula, frame):
    return (lmer if "|" in formula else ols)(formula, frame, reference={"arm": "c"})


def completed(fit, frame):
    outcome = frame["y_6m"].copy()
    missing = outcome.isna()
    outcome[missing] = predict(fit, frame[missing], kind="conditional")
    return outcome.to_numpy()[:, None], missing.to_numpy()


@pytest.mark.parametrize("name", FORMULAS)
@pytest.mark.parametrize(
    "case",
    [{}, {"seed": 2, "team_sd": 0.0, "trust_sd": 0.0}, {"lost": ("A/North/c",)}],
    ids=["variances", "zero variances", "team lost whole"],
)
def test_completing_by_conditional_means_reproduces_the_fit(name, case):
    frame = people(**case)
    fit = fitted(FORMULAS[name], frame)
    outcome, _ = completed(fit, frame)
    np.testing.assert_allclose(coefficients_at_fit(fit, frame, outcome)[:, 0], fit.coefficients, rtol=0, atol=1e-11)


@pytest.mark.parametrize("name", FORMULAS)
def test_shifts_add_up_and_do_not_depend_on_the_order_of_rows(name):
    frame = people()
    fit = fitted(FORMULAS[name], frame)
    outcome, missing = completed(fit, frame)
    shifts = np.array([missing & (frame["arm"] == "c"), missing & (frame["arm"] == "i")], dtype=float).T
    found = coefficients_at_fit(fit, frame, np.hstack([shifts, outcome + shifts @ [[3.0], [-2.0]]]))
    np.testing.assert_allclose(found[:, 2], fit.coefficients + found[:, :2] @ [3.0, -2.0], atol=1e-11)
    order = np.random.default_rng(1).permutation(len(frame))
    np.testing.assert_allclose(coefficients_at_fit(fit, frame.iloc[order], shifts[order]), found[:, :2], atol=1e-12)
    # dense algebra, written out
    X = np.column_stack([coefficient_columns(fit, frame)])
    V = np.eye(len(frame)) * fit.sigma2
    for (_, S), part in zip(fit.random_covariances, fit.design.random, strict=True):
        keys = frame[list(part.variables)].astype(str).agg("/".join, axis=1).to_numpy()
        z = np.ones((len(frame), 1)) if part.q == 1 else np.column_stack([np.ones(len(frame)), frame["y_0m"]])
        V += (keys[:, None] == keys) * (z @ S.to_numpy() @ z.T)
    W = np.linalg.solve(V, X)
    np.testing.assert_allclose(np.linalg.solve(X.T @ W, W.T @ shifts), found[:, :2], atol=1e-9)


def coefficient_columns(fit, frame):
    design = fit.design
    X = design.coding.matrix(design.operand_values(frame, set(design.codings)), design.codings, len(frame))
    return X[:, list(fit.basis.kept)]


def test_everybody_shifted_alike_moves_the_intercept_alone():
    frame = people()
    fit = fitted(FORMULAS["trust and team"], frame)
    change = coefficients_at_fit(fit, frame, np.ones((len(frame), 1)))[:, 0]
    np.testing.assert_allclose(change, [1.0, *[0.0] * (len(change) - 1)], atol=1e-12)


def test_predictable_rows_need_values_known_levels_and_estimable_means():
    frame = people()
    frame["gender"] = frame["gender"].astype(object)
    frame.loc[frame.index[frame["y_6m"].isna()][:2], "gender"] = "other"
    frame.loc[frame.index[frame["y_6m"].isna()][2], "y_0m"] = np.nan
    fit = fitted(FORMULAS["trust and team"], frame)
    good = predictable_rows(fit, frame)
    assert (~good).sum() == 3
    with pytest.raises(ModelError, match="can't be computed") as caught:
        coefficients_at_fit(fit, frame, np.zeros((len(frame), 1)))
    assert "3" in str(caught.value)
    # age in months repeats age in years among those seen, and not among those missing
    frame = people()
    frame["months"] = 12 * frame["age"]
    frame.loc[frame["y_6m"].isna() & (frame["gender"] == "f"), "months"] += 1
    fit = fitted("y_6m ~ arm + age + months + (1 | trust:team)", frame)
    assert fit.dropped_columns == ["months"]
    assert (~predictable_rows(fit, frame) == (frame["y_6m"].isna() & (frame["gender"] == "f"))).all()


def test_weighted_fits_and_wrong_shapes_are_refused():
    frame = people()
    fit = lmer("y_6m ~ arm + (1 | trust:team)", frame, weights=np.ones(len(frame)))
    with pytest.raises(ModelError, match="can't be computed"):
        coefficients_at_fit(fit, frame, np.zeros((len(frame), 1)))
    with pytest.raises(ModelError, match="can't be computed"):
        coefficients_at_fit(fitted("y_6m ~ arm", frame), frame, np.zeros((3, 1)))
