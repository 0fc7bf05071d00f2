"""Tipping points against proper multiple imputation: Rubin's rules give the same estimate and the same variance.

At known variances the imputations have a closed form, so what many imputations approach can be computed exactly, and
a few hundred drawn ones must lie around it.
"""

import numpy as np
import pytest

from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.analyses.missing_values import imputed_shift
from cpis_analysis.analyses.tipping import find_tipping
from cpis_analysis.lmm import coefficients_at_fit, lmer
from made_up_study import spec, study

FORMULA = "y_6m ~ arm + y_0m + age + gender + (1 | trust) + (1 | trust:team)"
DELTA = (-3.0, 2.0)


@pytest.fixture(scope="module", autouse=True)
def few_imputations():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(imputed_shift, "IMPUTATIONS", 4)
        yield


@pytest.fixture(scope="module", params=[{}, {"trust_sd": 0.0, "team_sd": 0.0, "seed": 2}], ids=["variances", "zeros"])
def parts(request):
    data = study(**({"size": [12, 9, 14, 11, 8, 13, 10, 12, 9, 11], "trust_sd": 1.0, "seed": 5} | request.param))
    people = data.participants
    people.loc[np.random.default_rng(3).random(len(people)) < 0.4, "y_6m"] = np.nan
    fit = lmer(FORMULA, people, reference={"arm": "c"})
    design = fit.design
    X = design.coding.matrix(design.operand_values(people, set(design.codings)), design.codings, len(people))
    V = np.eye(len(people)) * fit.sigma2
    for (_, S), part in zip(fit.random_covariances, design.random, strict=True):
        key = people[list(part.variables)].astype(str).agg("/".join, axis=1).to_numpy()
        V += (key[:, None] == key) * S.to_numpy()[0, 0]
    missing = people["y_6m"].isna().to_numpy()
    seen = ~missing
    C = np.linalg.solve(V[np.ix_(seen, seen)], V[np.ix_(seen, missing)]).T
    y = people["y_6m"].to_numpy()[seen]
    beta = fit.coefficients.to_numpy()
    within = np.linalg.inv(X[seen].T @ np.linalg.solve(V[np.ix_(seen, seen)], X[seen]))
    gap = X[missing] - C @ X[seen]
    mean = X[missing] @ beta + C @ (y - X[seen] @ beta)
    covariance = V[np.ix_(missing, missing)] - C @ V[np.ix_(seen, missing)] + gap @ within @ gap.T
    shift = np.where(people["arm"] == "c", *DELTA)[missing]
    return data, people, fit, X, V, missing, mean + shift, covariance, within


def test_estimate_and_variance_are_those_of_infinitely_many_imputations(parts):
    data, people, fit, X, V, missing, mean, covariance, under_mar = parts
    complete = np.linalg.inv(X.T @ np.linalg.solve(V, X))
    weights = complete @ np.linalg.solve(V, X).T
    y = people["y_6m"].to_numpy(copy=True)
    y[missing] = mean
    at = fit.term_names.index("arm[i]")
    found = find_tipping(run_analysis(spec(FORMULA, tipping_point=True, df_method="z"), data), [DELTA[0], 0, DELTA[1]])
    one = next(one for one in found.grid if (one.delta_reference, one.delta_other) == DELTA)
    assert (weights @ y)[at] == pytest.approx(one.estimate, abs=1e-9)
    # Rubin: within + between, with infinitely many imputations
    total = complete + weights[:, missing] @ covariance @ weights[:, missing].T
    np.testing.assert_allclose(total, under_mar, rtol=1e-8, atol=1e-12)
    assert np.sqrt(total[at, at]) == pytest.approx(one.se, rel=1e-8)


def test_drawn_imputations_lie_around_the_estimate(parts):
    data, people, fit, _, _, missing, mean, covariance, _ = parts
    random = np.random.default_rng(20180214)
    draws = 400
    Y = np.repeat(people["y_6m"].to_numpy()[:, None], draws, axis=1)
    Y[missing] = random.multivariate_normal(mean, covariance, size=draws, method="eigh").T
    estimates = coefficients_at_fit(fit, people, Y)[fit.term_names.index("arm[i]")]
    found = find_tipping(run_analysis(spec(FORMULA, tipping_point=True), data), [DELTA[0], 0, DELTA[1]])
    one = next(one for one in found.grid if (one.delta_reference, one.delta_other) == DELTA)
    assert abs(estimates.mean() - one.estimate) < 4 * estimates.std(ddof=1) / np.sqrt(draws)
