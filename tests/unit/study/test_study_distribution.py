"""Means with cluster intervals and smooth curves: against arithmetic by hand, and against reading people off."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, t

from cpis_analysis.disclosure.curves import protect_observed_means, protect_spreads
from cpis_analysis.study.distribution import GRID, nearest_distance, observed_means, smooth_density, spreads


def frame(values, teams, arm="new"):
    return pd.DataFrame({"y_6m": values, "trust": "A", "team": teams, "arm": arm})


def test_observed_mean_equals_linearisation_by_hand():
    people = frame([1.0, 2.0, 3.0, 10.0, 12.0, np.nan], ["x", "x", "x", "y", "y", "y"])
    row = observed_means(people, ["y"], "arm", ["trust", "team"], ["0m", "6m"]).iloc[0]
    totals = np.array([6.0 - 3 * 5.6, 22.0 - 2 * 5.6])
    se = math.sqrt(2 * (totals**2).sum()) / 5
    assert (row["n"], row["n_clusters"], row["df"]) == (5, 2, 1)
    assert row["mean"] == pytest.approx(5.6)
    assert row["se"] == pytest.approx(se)
    assert row["ci_high"] == pytest.approx(5.6 + t.ppf(0.975, 1) * se)


@pytest.mark.parametrize("kind", [object, "category"])
def test_observed_means_are_those_of_groups_to_the_last_bit(kind):
    rng = np.random.default_rng(5)
    people = pd.DataFrame({"y_6m": rng.normal(50, 10, 200), "arm": rng.choice(["new", "old"], 200)})
    people["team"] = pd.Series(rng.choice([*"abcdefgh"], 200)).where(rng.random(200) > 0.05).astype(kind)
    people.loc[rng.random(200) < 0.1, "y_6m"] = np.nan
    found = observed_means(people, ["y"], "arm", ["team"], ["6m"]).set_index("arm")
    for arm, own in people.dropna(subset="y_6m").groupby("arm"):
        mean = own["y_6m"].mean()
        totals = (own["y_6m"] - mean).groupby(own["team"], observed=True).sum()
        se = math.sqrt(len(totals) / (len(totals) - 1) * float((totals**2).sum())) / len(own)
        assert found.loc[arm, ["n", "n_clusters", "mean", "se"]].tolist() == [len(own), len(totals), mean, se]


def test_observed_mean_of_clusters_of_one_equals_the_t_interval():
    values = np.array([1.0, 4.0, 2.5, 8.0])
    row = observed_means(frame(values, list("abcd")), ["y"], "arm", ["trust", "team"], ["6m"]).iloc[0]
    assert row["se"] == pytest.approx(values.std(ddof=1) / 2)


def test_observed_mean_of_one_cluster_has_no_interval():
    row = observed_means(frame([1.0, 2.0], ["x", "x"]), ["y"], "arm", ["trust", "team"], ["6m"]).iloc[0]
    assert row["mean"] == 1.5
    assert math.isnan(row["se"])


def test_density_integrates_to_one_within_the_scale():
    random = np.random.default_rng(3)
    values = random.normal(13, 6, 60).clip(0, 27)
    places = np.linspace(0, 27, 2001)
    curve = smooth_density(values, places, 0, 27, 5)
    assert np.trapezoid(curve, places) == pytest.approx(1, abs=0.03)


def test_density_of_many_normal_values_is_near_normal():
    values = norm.ppf((np.arange(2000) + 0.5) / 2000)
    curve = smooth_density(values, np.array([0.0, 1.0]), None, None, 5)
    assert curve == pytest.approx(norm.pdf([0, 1]), abs=0.03)


def test_density_has_no_bump_at_somebody_who_stands_alone():
    values = np.append(np.linspace(10, 14, 40), 27.0)
    places = np.linspace(0, 27, 271)
    curve = smooth_density(values, places, None, None, 5)
    slope = np.diff(curve[places > 16])
    assert (slope < 1e-4 * curve.max()).all()
    assert curve[-1] < 0.05 * curve.max()


def test_density_hardly_moves_when_one_person_leaves():
    random = np.random.default_rng(5)
    values = random.normal(50, 10, 40)
    places = np.linspace(20, 80, GRID)
    full = smooth_density(values, places, None, None, 5)
    for place in (0, 7, 20, int(values.argmax())):
        rest = smooth_density(np.delete(values, place), places, None, None, 5)
        assert abs(full - rest).max() < 0.06 * full.max()


@pytest.mark.parametrize("values", [[], [1.0], [2.0] * 30, [1.0, 2.0, 3.0, 4.0, 5.0]])
def test_density_of_too_few_or_of_one_value_is_none(values):
    assert smooth_density(np.array(values), np.array([1.0]), None, None, 5) is None


def test_spreads_use_one_grid_and_the_scale():
    random = np.random.default_rng(1)
    people = pd.DataFrame({"arm": ["a", "b"] * 30, "y_0m": random.normal(5, 2, 60), "y_6m": random.normal(5, 2, 60)})
    found = spreads(people, ["y"], "arm", ["0m", "6m"], {"y": (0.0, 10.0)}, 5)
    assert len(found) == 4 * GRID
    assert found["x"].min() == 0
    assert found["x"].max() == 10


def test_protected_spreads_hold_few_digits_and_no_small_group():
    random = np.random.default_rng(2)
    people = pd.DataFrame({"arm": ["a"] * 9 + ["b"] * 30, "y_6m": random.normal(5, 2, 39)})
    found = spreads(people, ["y"], "arm", ["6m"], {"y": (None, None)}, 5)
    part = protect_spreads(found, 5)
    safe = part.frames["spreads"]
    assert set(safe["arm"]) == {"b"}
    assert "density" not in safe
    assert safe["height"].max() == 1
    assert (safe["height"] * 200).to_list() == pytest.approx((safe["height"] * 200).round().to_list())
    assert part.log[["table", "group", "why"]].to_numpy().tolist() == [["spreads", "a, 6m", "too few"]]


def test_protected_means_give_no_interval_beside_a_withheld_team():
    means = pd.DataFrame(
        {
            "outcome": "y",
            "wave": ["0m", "6m", "6m"],
            "arm": ["a", "a", "b"],
            "n": [30, 20, 3],
            "n_clusters": 3,
            "mean": 1.0,
            "se": 0.1,
            "df": 2.0,
            "ci_low": 0.5,
            "ci_high": 1.5,
        }
    )
    teams = pd.DataFrame({"outcome": "y", "wave": ["0m", "6m"], "arm": ["a", "a"], "state": ["shown", "withheld"]})
    safe = protect_observed_means(means, teams, 5).frames["observed_means"]
    assert safe["mean"].notna().tolist() == [True, True, False]
    assert safe["ci_low"].notna().tolist() == [True, False, False]
    assert safe["se"].notna().tolist() == [True, False, False]


@pytest.mark.parametrize(("n", "at_least"), [(6, 5), (7, 5), (40, 5), (300, 12)])
def test_nearest_distance_is_that_of_all_distances_in_order(n, at_least):
    """Brute force, to the bit: in any order, with ties and without."""
    rng = np.random.default_rng([n, at_least])
    for values in (rng.normal(size=n), rng.integers(0, 9, n).astype(float)):
        wanted = np.sort(np.abs(values[:, None] - values[None, :]), axis=1)[:, at_least]
        np.testing.assert_array_equal(nearest_distance(values, at_least), wanted)
