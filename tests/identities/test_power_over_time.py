"""Power over time: closed forms of balanced designs, of people who are lost, and of the noncentral t."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from cpis_analysis.errors import ModelError
from cpis_analysis.lmm import lmer
from cpis_analysis.lmm.fits.at_variances import at_variances, sampling_variance
from cpis_analysis.operating.over_time.known_power import KnownPower, difference_rows, power_of
from cpis_analysis.operating.over_time.simulated_waves import simulate_waves
from cpis_analysis.operating.over_time.wave_study import DIFFERENCES, correlations, wave_weights


def frame(clusters: int, people: int, waves: int) -> pd.DataFrame:
    """Clusters by turns of either arm, everybody at every wave."""
    rows = [(c, f"{c}.{i}", "ab"[c % 2], f"w{t}") for c in range(clusters) for i in range(people) for t in range(waves)]
    return pd.DataFrame(rows, columns=["team", "id", "arm", "wave"]).assign(y=0.0)


def at(formula, data, random, residual, covariance="unstructured"):
    return at_variances(formula, data, random, residual, covariance=covariance, within="id", occasion="wave")


@pytest.mark.parametrize("decay", [False, True])
@pytest.mark.parametrize("waves", [2, 3, 5])
def test_variances_of_balanced_people_are_those_of_their_contrasts(waves, decay):
    """Each person has one value of the contrast c'y, of variance c'Rc; two groups of n: 2 c'Rc / n on 2 n - 2 df."""
    n, R = 15, correlations(waves, 0.6, decay)
    fit = at("y ~ arm * wave", frame(2 * n, 1, waves), [], R)
    names = [f"w{t}" for t in range(waves)]
    variance, df = sampling_variance(fit, difference_rows(fit, "arm", names, list(DIFFERENCES)))
    c = np.array([wave_weights(one, waves) for one in DIFFERENCES])
    np.testing.assert_allclose(variance, 2.0 * np.einsum("ia,ab,ib->i", c, R, c) / n, rtol=1e-9)
    np.testing.assert_allclose(df, 2 * n - 2, rtol=1e-6)


def test_variances_of_balanced_clusters_are_those_of_their_means():
    """Clusters of m people, K an arm, by cluster and by cluster and wave (Hooper et al. 2016).

    A cluster's mean over T waves has the variance s + o / T + w (1 + (T - 1) r) / (T m), on 2 K - 2 df as there is one
    such mean a cluster; the difference of two waves loses what stays.
    """
    K, m, T, s, o, r = 6, 8, 3, 0.06, 0.03, 0.5
    w = 1.0 - s - o
    fit = at(
        "y ~ arm * wave + (1 | team) + (1 | team:wave)",
        frame(2 * K, m, T),
        [s, o],
        w * correlations(T, r, False),
        "compound-symmetry",
    )
    rows = difference_rows(fit, "arm", ["w0", "w1", "w2"], ["last", "average", "change"])
    variance, df = sampling_variance(fit, rows)
    wanted = [s + o + w / m, s + o / T + w * (1 + (T - 1) * r) / (T * m), 2.0 * (o + w * (1 - r) / m)]
    np.testing.assert_allclose(variance, 2.0 * np.array(wanted) / K, rtol=1e-9)
    assert df[1] == pytest.approx(2 * K - 2, rel=1e-6)
    assert df[2] == pytest.approx((2 * K - 2) * (T - 1), rel=1e-6)


def test_variance_at_the_last_of_two_waves_uses_what_those_who_are_lost_have_told():
    """With a share q lost before it the maximum-likelihood mean has the variance (r^2 + (1 - r^2) / (1 - q)) / n.

    Anderson (1957), Journal of the American Statistical Association 52:200, at known covariances.
    """
    n, q, r = 20, 0.25, 0.7
    data = frame(2 * n, 1, 2)
    lost = data["team"].isin(range(int(2 * n * q))) & (data["wave"] == "w1")
    fit = at("y ~ arm * wave", data[~lost], [], correlations(2, r, False))
    row = difference_rows(fit, "arm", ["w0", "w1"], ["last"])[0] @ fit.basis.back
    model = row @ fit.inference.covariance("z", "keep") @ row
    assert model == pytest.approx(2.0 * (r**2 + (1 - r**2) / (1 - q)) / n, rel=1e-9)
    # what estimating the covariance adds
    assert sampling_variance(fit, (row @ np.linalg.inv(fit.basis.back))[None])[0][0] > model


def test_power_is_that_of_the_noncentral_t():
    for df, effect in ((6.5, 0.4), (40.0, 0.7), (300.0, 0.01)):
        known = KnownPower("last", 0.2, df, 0.95)
        limit = stats.t.ppf(0.975, df)
        wanted = stats.nct.sf(limit, df, effect / 0.2) + stats.nct.cdf(-limit, df, effect / 0.2)
        assert known.power(effect) == pytest.approx(wanted, rel=1e-7)
        assert known.power(-effect) == pytest.approx(known.power(effect), rel=1e-12)
        assert known.power(known.detectable(0.8)) == pytest.approx(0.8, abs=1e-9)
    assert known.power(0.0) == pytest.approx(0.05, abs=1e-9)


def test_covariances_that_a_model_cannot_have_are_refused():
    data = frame(6, 4, 3)
    with pytest.raises(ModelError, match="not of this kind"):
        at("y ~ arm * wave", data, [], correlations(3, 0.6, True), "compound-symmetry")
    with pytest.raises(ModelError, match="one variance for each random intercept"):
        at("y ~ arm * wave + (1 | team)", data, [], correlations(3, 0.6, True))
    with pytest.raises(ModelError, match="difference of arm at each wave"):
        power_of(at("y ~ arm + wave", data, [], np.eye(3)), "arm", ["w0", "w1", "w2"], ["last"], 0.95)


@pytest.mark.thorough
def test_power_is_what_studies_that_are_drawn_and_fitted_anew_find():
    """400 studies drawn here from three waves of 10 clusters, a third of the people lost, each fitted by `lmer`."""
    rng = np.random.default_rng(4)
    data = frame(10, 6, 3)
    person, team, wave = (pd.factorize(data[name])[0] for name in ("id", "team", "wave"))
    data = data[~((person % 3 == 0) & (wave == 2))].reset_index(drop=True)
    person, team = (pd.factorize(data[name])[0] for name in ("id", "team"))
    formula = "y ~ arm * wave + (1 | team)"
    truth = at(formula, data, [0.15], 0.85 * correlations(3, 0.5, False), "compound-symmetry")
    known = power_of(truth, "arm", ["w0", "w1", "w2"], ["average"], 0.95)[0]
    effect = known.detectable(0.8)
    found = []
    for _ in range(400):
        y = (
            effect * (data["arm"] == "b") + np.sqrt(0.15) * rng.normal(size=10)[team]
            + np.sqrt(0.425) * (rng.normal(size=60)[person] + rng.normal(size=len(data)))
        )  # fmt: skip
        fit = lmer(formula, data.assign(y=y), residual="compound-symmetry", within="id", occasion="wave")
        row = difference_rows(fit, "arm", ["w0", "w1", "w2"], ["average"])[0]
        found.append(float(fit.contrast(row).iloc[0]["p_value"]) <= 0.05)
    assert np.mean(found) == pytest.approx(0.8, abs=3 * np.sqrt(0.8 * 0.2 / 400))


def test_simulated_studies_agree_with_the_formula():
    data = frame(8, 5, 2)
    truth = at("y ~ arm * wave + (1 | team)", data, [0.2], 0.8 * correlations(2, 0.5, False))
    known = power_of(truth, "arm", ["w0", "w1"], ["average"], 0.95, unit=2.0)[0]
    tests = simulate_waves(truth, "arm", ["w0", "w1"], ["average"], 150, 1, unit=2.0)[0]
    assert not tests.failed.any()
    assert tests.estimate.std() == pytest.approx(known.standard_error, rel=0.2)
    share = float((tests.p_values(known.detectable(0.8)) <= 0.05).mean())
    assert share == pytest.approx(0.8, abs=3.5 * np.sqrt(0.8 * 0.2 / 150))
