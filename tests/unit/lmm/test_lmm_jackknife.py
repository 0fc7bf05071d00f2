"""Jackknife over clusters: against fits without each cluster, R and CR3, and where designs become singular."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.errors import ModelError
from cpis_analysis.lmm import cluster_jackknife, cluster_robust, lmer, ols

GEE = Path(__file__).parents[2] / "golden" / "data" / "gee"


def frame(seed=1):
    rng = np.random.default_rng(seed)
    team = np.repeat(np.arange(9), rng.integers(4, 9, 9))
    n = len(team)
    data = pd.DataFrame({"team": [f"t{k}" for k in team], "arm": team % 2, "x": rng.normal(size=n)})
    data = data.assign(rare=(team == 3) * rng.integers(0, 2, n), w=rng.uniform(0.5, 2, n))
    return data.assign(y=rng.normal(size=9)[team] + data["x"] + rng.normal(size=len(team)))


@pytest.mark.parametrize("weights", [None, "w"])
def test_coefficients_are_those_of_fits_without_each_cluster(weights):
    data = frame()
    fit = ols("y ~ arm + x", data, weights=weights)
    found = cluster_jackknife(fit, "team", data=data)
    for place, team in enumerate(sorted(set(data["team"]))):
        again = ols("y ~ arm + x", data[data["team"] != team], weights=weights)
        assert found.coefficients[place] == pytest.approx(again.beta, abs=1e-10)
    change = found.coefficients - fit.beta
    assert found.vcov().to_numpy() == pytest.approx(change.T @ change, abs=1e-12)
    assert found.messages == ()
    # the influence of each row, from which degrees of freedom come, gives the same coefficients
    root = np.ones(len(data)) if weights is None else np.sqrt(data["w"] / data["w"].mean()).to_numpy()
    assert found._influence @ (data["y"].to_numpy() * root) == pytest.approx(change, abs=1e-10)


def test_v5_is_cr3_where_no_cluster_makes_the_design_singular():
    data = frame()
    fit = ols("y ~ arm + x", data)
    one = cluster_jackknife(fit, "team", data=data).summary()
    two = cluster_robust(fit, "team", "CR3", data=data).summary()
    pd.testing.assert_frame_equal(one, two, rtol=1e-9)
    row = cluster_jackknife(fit, "team", data=data).contrast({"x": 1.0}).iloc[0]
    assert row.to_numpy(float) == pytest.approx(one.loc["x"].to_numpy(float))


def test_cv3_equals_fits_without_each_cluster_in_r():
    expected = json.loads((GEE / "corrections.json").read_text())
    data = pd.read_csv(GEE / "trialglmm.csv")
    found = cluster_jackknife(ols("bin ~ arm * wave", data), "team", "CV3", data=data).summary()
    assert found["std_error"].to_numpy() == pytest.approx(expected["cv3"], rel=1e-8)
    assert (found["df"] == data["team"].nunique() - 1).all()


def test_coefficient_of_one_cluster_alone_is_named_and_its_whole_size_is_error():
    data = frame()
    fit = ols("y ~ arm + x + rare", data)
    found = cluster_jackknife(fit, "team", data=data)
    assert [one for one in found.lost if one] == [("rare",)]
    assert "can't tell rare" in found.messages[0]
    assert found.coefficients[3, 3] == pytest.approx(0.0, abs=1e-10)
    rest = data[data["team"] != "t3"]
    assert found.coefficients[3, :3] == pytest.approx(ols("y ~ arm + x", rest).beta, abs=1e-9)
    robust = cluster_robust(fit, "team", data=data)
    assert robust.lost == {"rare": 1}
    assert "rare" in robust.messages[0]
    assert "V5" in robust.messages[0]
    # a coefficient that one cluster tells has no robust error at all there
    assert np.isnan(robust.summary().loc["rare", "std_error"])
    assert found.summary().loc["rare", "std_error"] > abs(fit.beta[3]) * 0.99


def test_v5_is_on_average_no_smaller_than_the_variance_where_designs_become_singular():
    """Exact expectations, with errors in one cluster, correlated or not: both arms in one trust only, trusts fixed."""
    rng = np.random.default_rng(4)
    trust = np.repeat(np.arange(5), 8)
    data = pd.DataFrame({"trust": [f"u{k}" for k in trust], "x": rng.normal(size=40), "y": rng.normal(size=40)})
    data["arm"] = np.where(trust == 0, np.tile([0, 1], 20), trust % 2)
    fit = ols("y ~ arm + trust + x", data)
    found = cluster_jackknife(fit, "trust", data=data)
    assert sum(bool(one) for one in found.lost) == 5
    X = fit.design.X
    own = np.linalg.pinv(X)
    for place in range(5):
        inside = (trust == place).astype(float)
        for errors in (np.diag(inside), np.outer(inside, inside) + 0.1 * np.diag(inside)):
            expected = np.einsum("jpn,nm,jpm->p", found._influence, errors, found._influence)
            assert (expected >= np.einsum("pn,nm,pm->p", own, errors, own) * (1 - 1e-9)).all()


def test_v5_is_never_too_small_where_clusters_hold_a_coefficient_and_cr2_is():
    """Nearly all of a column lies in one cluster, whose errors are larger."""
    rng = np.random.default_rng(2)
    team = np.repeat(np.arange(6), 6)
    data = pd.DataFrame(
        {"team": [f"t{k}" for k in team], "x": (team == 2) * np.tile([0.0, 1.0], 18) + 0.02 * (team == 4)}
    )
    fits, robust, jackknife = [], [], []
    for _ in range(150):
        data["y"] = rng.normal(size=36) * (1.0 + 3.0 * (team == 2))
        fit = ols("y ~ x", data)
        fits.append(fit.beta[1])
        robust.append(cluster_robust(fit, "team", data=data).summary().loc["x", "std_error"] ** 2)
        jackknife.append(cluster_jackknife(fit, "team", data=data).summary().loc["x", "std_error"] ** 2)
    assert np.mean(robust) < 0.5 * np.var(fits)
    assert np.mean(jackknife) > np.var(fits)


def test_jackknife_refuses_what_it_is_not_for():
    data = frame()
    fit = ols("y ~ arm + x", data)
    with pytest.raises(ModelError, match="least squares"):
        cluster_jackknife(lmer("y ~ arm + (1 | team)", data), "team")
    with pytest.raises(ModelError, match="one cluster only"):
        cluster_jackknife(fit, np.zeros(len(data)))
    with pytest.raises(ModelError, match="V5, CV3"):
        cluster_jackknife(fit, "team", "CR2", data=data)
