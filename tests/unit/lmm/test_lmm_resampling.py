"""Resampling tests: against brute force, exact tests by hand, and what must not matter."""

import math
from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from cpis_analysis.errors import ModelError
from cpis_analysis.lmm import cluster_jackknife, ols
from cpis_analysis.lmm.resampling.allocations import (
    DRAWN,
    allocations,
    cluster_signs,
    cluster_weights,
    count_allocations,
)
from cpis_analysis.lmm.resampling.inversion import Resampled
from cpis_analysis.lmm.resampling.many_permuted import permuted_many
from cpis_analysis.lmm.resampling.signs import changed_signs
from cpis_analysis.lmm.resampling.two_stage import TwoStages, permuted
from cpis_analysis.lmm.resampling.wild import wild_bootstrap

pytestmark = pytest.mark.thorough


def random(seed=1):
    return np.random.default_rng(seed)


CLUSTERS = 8
TREATED = np.tile([False, True], 4)


def frame(seed=1, effect=0.8):
    rng = random(seed)
    cluster = np.repeat(np.arange(CLUSTERS), rng.integers(3, 8, CLUSTERS))
    own = rng.normal(size=CLUSTERS)
    people = pd.DataFrame({"cluster": cluster, "x": rng.normal(size=len(cluster)), "z": own[cluster]})
    people["arm"] = TREATED[cluster].astype(float)
    people["y"] = rng.normal(size=len(cluster)) + rng.normal(size=CLUSTERS)[cluster] + 0.5 * people["x"]
    people["y"] += effect * people["arm"]
    return people


def stages(people, *, level=False, strata=None, shift=0.0):
    """A two-stage comparison of the made-up people; in pairs, with columns of the strata."""
    cluster = people["cluster"].to_numpy()
    first = np.unique(cluster, return_index=True)[1]
    columns = [np.ones(len(people)), people["x"]]
    columns += [people["z"]] if level else []
    columns += [(strata[cluster] == one).astype(float) for one in np.unique(strata)[1:]] if strata is not None else []
    return TwoStages(
        y=people["y"].to_numpy() - shift * TREATED[cluster],
        others=np.column_stack(columns),
        within=np.array([False, True] + [False] * (len(columns) - 2)),
        cluster=cluster,
        treated=TREATED,
        level=people["z"].to_numpy()[first][:, None] if level else np.zeros((CLUSTERS, 0)),
        strata=strata,
    )


def by_hand(people, arms, value, level):
    """Both stages by least squares, for one allocation and one tested value: the statistic."""
    cluster = people["cluster"].to_numpy()
    y = people["y"].to_numpy() - value * TREATED[cluster]
    X = np.column_stack([np.ones(len(y)), arms[cluster], people["x"], *([people["z"]] if level else [])]).astype(float)
    slope = np.linalg.lstsq(X, y, rcond=None)[0][2]
    means = pd.Series(y - slope * people["x"]).groupby(cluster).mean().to_numpy()
    M = np.column_stack([np.ones(CLUSTERS), arms, *([people.groupby("cluster")["z"].mean()] if level else [])])
    back = np.linalg.pinv(M.astype(float))
    left = means - M @ (back @ means)
    se = np.sqrt((back[1] ** 2 * left**2 / (1 - np.diag(M @ back))).sum())
    return (back @ means)[1], se


def share_by_hand(people, value, level, strata=None):
    own = by_hand(people, TREATED, value, level)
    groups = [np.arange(CLUSTERS)] if strata is None else [np.flatnonzero(strata == one) for one in np.unique(strata)]
    ways = product(*(combinations(group.tolist(), int(TREATED[group].sum())) for group in groups))
    found = []
    for way in ways:
        arms = np.isin(np.arange(CLUSTERS), [place for part in way for place in part])
        estimate, se = by_hand(people, arms, value, level)
        found.append(abs(estimate / se) >= abs(own[0] / own[1]) * (1 - 1e-9))
    return float(np.mean(found))


@pytest.mark.parametrize("level", [False, True])
def test_permutation_matches_enumeration_by_hand(level):
    people = frame()
    found = permuted(stages(people, level=level), allocations(np.zeros(CLUSTERS), TREATED, random()))
    test = found.test()
    assert test.n == math.comb(8, 4)
    assert (test.estimate, test.se) == pytest.approx(by_hand(people, TREATED, 0.0, level), rel=1e-10)
    assert test.p_value == share_by_hand(people, 0.0, level)
    # the interval holds what is not rejected and nothing beyond it
    step = 1e-6 * test.se
    for end, outward in ((test.ci_low, -1), (test.ci_high, 1)):
        assert share_by_hand(people, end - outward * step, level) > 0.05
        assert share_by_hand(people, end + outward * step, level) <= 0.05


@pytest.mark.parametrize("strata", [None, np.repeat(np.arange(2), 4)])
@pytest.mark.parametrize("level", [False, True])
def test_permutations_of_many_responses_are_those_of_each(level, strata):
    people = frame()
    ways = allocations(np.zeros(CLUSTERS) if strata is None else strata, TREATED, random())
    one = stages(people, level=level and strata is None, strata=strata)
    # far from zero, where sums of squares of numbers that were not centred lose half their digits
    Y = np.column_stack([one.y, one.y[::-1] + 1e6])
    many = permuted_many(one, ways, Y)
    for j in range(2):
        single = permuted(replace(one, y=Y[:, j]), ways)
        assert many.estimate[j] == pytest.approx(single.estimate, rel=1e-8)
        assert many.se[j] == pytest.approx(single.se, rel=1e-8)
        assert many.effects[:, j] == pytest.approx(single.above[:, 0], rel=1e-7, abs=1e-8)
        below = np.column_stack([many.squares[:, j], many.cross[:, j], many.of_arm[:, 1]])
        assert below == pytest.approx(single.below, rel=1e-7, abs=1e-8)


def test_permutation_within_balanced_pairs_is_the_exact_sign_flip():
    """One cluster of each arm in a stratum: the t of the differences, as scipy's exact sign flips have it."""
    people, strata = frame(effect=0.3), np.repeat(np.arange(4), 2)
    people["x"] = 0.0
    means = people.groupby("cluster")["y"].mean().to_numpy()
    apart = means[1::2] - means[::2]
    exact = stats.permutation_test(
        (apart,), lambda d, axis: np.mean(d, axis=axis), permutation_type="samples", n_resamples=np.inf
    )
    plain = stages(people, strata=strata)
    one = TwoStages(**(vars(plain) | {"within": np.zeros_like(plain.within)}))
    test = permuted(one, allocations(strata, TREATED, random())).test(level=0.8)
    assert test.n == 16
    assert test.p_value == pytest.approx(exact.pvalue, abs=1e-12)
    assert test.se == pytest.approx(apart.std(ddof=1) / 2, rel=1e-12)
    # and of the signs of the same differences
    signs = changed_signs(apart, cluster_signs(4, random())).test(level=0.8)
    for name in ("estimate", "se", "p_value", "ci_low", "ci_high", "smallest_p", "n"):
        assert getattr(signs, name) == pytest.approx(getattr(test, name), rel=1e-9), name


def test_permutation_is_walshs_interval_of_signs():
    """Sign flips of a mean: the largest values not rejected are means of sign-changed subsets (Hartigan 1969)."""
    values = np.array([0.2, 1.1, 0.7, -0.4, 1.9, 0.9, 1.4])
    test = changed_signs(values, cluster_signs(7, random())).test(level=0.9)
    subsets = sorted(np.mean(values[list(rows)]) for k in range(1, 8) for rows in combinations(range(7), k))
    # the value d is not rejected while more than 10% of 128 signs are as extreme: six pairs may lie outside
    assert test.ci_low == pytest.approx(subsets[5], abs=1e-7)
    assert test.ci_high == pytest.approx(subsets[-6], abs=1e-7)


@pytest.mark.parametrize("seed", range(2))
def test_p_value_and_interval_agree_at_every_value_and_level(seed):
    people = frame(seed)
    found = permuted(stages(people, level=True), allocations(np.zeros(CLUSTERS), TREATED, random()))
    for level in (0.5, 0.8, 0.95):
        whole = found.test(level)
        assert whole.ci_low <= whole.estimate <= whole.ci_high
        for value in np.linspace(-6, 8, 29):
            p = found.test(level, value).p_value
            assert (p > (1 - level) * (1 + 1e-9)) == (whole.ci_low <= value <= whole.ci_high)
    # monotone in the distance from the estimate
    up = [found.test(0.95, found.estimate + d).p_value for d in np.linspace(0, 20, 20)]
    assert up[0] == 1.0
    assert (np.diff(up) <= 0).all()
    assert up[-1] == pytest.approx(2 / 70)


def resampled(kind, people):
    if kind == "permutation":
        return permuted(stages(people), allocations(np.zeros(CLUSTERS), TREATED, random()))
    fit = ols("y ~ arm + x", people)
    return wild_bootstrap(fit, "arm", "cluster", cluster_weights(CLUSTERS, kind, random())[:500], data=people)


@pytest.mark.parametrize("kind", ["permutation", "rademacher", "webb"])
def test_shift_scale_and_the_order_of_rows_change_nothing(kind):
    people = frame(3)
    plain = resampled(kind, people).test()
    moved = resampled(kind, people.assign(y=7.0 - 3.0 * people["y"] + 2.0 * people["x"])).test()
    assert moved.p_value == plain.p_value
    assert (moved.ci_low, moved.ci_high) == pytest.approx((-3 * plain.ci_high, -3 * plain.ci_low), rel=1e-9)
    mixed = resampled(kind, people.sample(frac=1.0, random_state=2).reset_index(drop=True)).test()
    assert mixed.p_value == plain.p_value
    assert (mixed.ci_low, mixed.ci_high) == pytest.approx((plain.ci_low, plain.ci_high), rel=1e-9)
    # what is added to an arm moves the tested value
    shifted = resampled(kind, people.assign(y=people["y"] + 0.6 * people["arm"])).test(null=0.6)
    assert shifted.p_value == plain.p_value
    assert shifted.ci_low == pytest.approx(plain.ci_low + 0.6, rel=1e-9)


def test_wild_bootstrap_matches_refits_by_hand():
    people = frame(5)
    fit = ols("y ~ arm + x", people)
    V = cluster_weights(CLUSTERS, "rademacher", random())
    test = wild_bootstrap(fit, "arm", "cluster", V, data=people).test()
    observed = cluster_jackknife(fit, "cluster", "CV3", data=people).summary().loc["arm"]
    assert (test.estimate, test.se) == pytest.approx((observed["estimate"], observed["std_error"]), rel=1e-12)
    null = ols("y ~ x", people)
    left = null.marginal_residuals
    larger = []
    for weights in V[:: len(V) // 32]:
        again = people.assign(y=people["y"] - left + left * weights[people["cluster"]])
        row = cluster_jackknife(ols("y ~ arm + x", again), "cluster", "CV3", data=again).summary().loc["arm"]
        larger.append((row["estimate"] / row["std_error"]) ** 2)
    found = wild_bootstrap(fit, "arm", "cluster", V[:: len(V) // 32], data=people)
    ours = found.above[:, 0] ** 2 / found.below[:, 0]
    np.testing.assert_allclose(ours, larger, rtol=1e-9)


def test_wild_bootstrap_refuses_what_one_cluster_alone_tells():
    people = frame()
    people["arm"] = (people["cluster"] == 0).astype(float)
    with pytest.raises(ModelError, match="alone tells arm"):
        wild_bootstrap(ols("y ~ arm + x", people), "arm", "cluster", cluster_signs(CLUSTERS, random()), data=people)


def test_allocations_are_all_once_or_drawn_from_a_seed():
    strata = np.array([0, 0, 1, 1, 1, 2])
    treated = np.array([True, False, True, False, False, True])
    found = allocations(strata, treated, random())
    assert len(found) == len(np.unique(found, axis=0)) == count_allocations(strata, treated) == 6
    assert all((found[:, strata == one].sum(axis=1) == treated[strata == one].sum()).all() for one in range(3))
    many = np.tile([False, True], 12)
    drawn = allocations(np.zeros(24), many, random(4))
    assert drawn.shape == (DRAWN + 1, 24)
    assert (drawn[0] == many).all()
    assert (drawn.sum(axis=1) == 12).all()
    assert (drawn == allocations(np.zeros(24), many, random(4))).all()


def test_weights_have_mean_zero_and_variance_one():
    for kind, count in (("rademacher", 6), ("webb", 4)):
        every = cluster_weights(count, kind, random())
        assert len(every) == len(np.unique(every, axis=0)) == {"rademacher": 2, "webb": 6}[kind] ** count
        np.testing.assert_allclose(every.mean(axis=0), 0.0, atol=1e-12)
        np.testing.assert_allclose((every**2).mean(axis=0), 1.0)


def test_resamples_without_a_statistic_count_as_extreme():
    """An allocation in which the covariates explain the arm has none; leaving it out would make p too small."""
    people = frame()
    people["z"] = np.array([1.0, 1, 0, 0, 1, 1, 0, 0])[people["cluster"]]  # another allocation
    every = allocations(np.zeros(CLUSTERS), TREATED, random())
    found = permuted(stages(people, level=True), every)
    same = (every == [1, 1, 0, 0, 1, 1, 0, 0]).all(axis=1) | (every == [0, 0, 1, 1, 0, 0, 1, 1]).all(axis=1)
    np.testing.assert_array_equal(found.extreme, same)
    assert found.test().smallest_p == pytest.approx(4 / 70)


def test_interval_has_no_ends_where_nothing_can_be_rejected():
    test = changed_signs(np.array([1.0, 2.0, 4.0]), cluster_signs(3, random())).test()
    assert (test.p_value, test.smallest_p) == (0.25, 0.25)
    assert (test.ci_low, test.ci_high) == (-math.inf, math.inf)
    # at the level of the smallest p-value it ends at the smallest and the largest value
    narrow = changed_signs(np.array([1.0, 2.0, 4.0]), cluster_signs(3, random())).test(0.75)
    assert (narrow.ci_low, narrow.ci_high) == pytest.approx((1.0, 4.0), abs=1e-7)


def test_shares_that_are_not_monotone_are_filled_up():
    """A resample that is as extreme again farther out keeps every value up to there in the interval."""
    above = np.array([[0.0, 1.0], [3.0, 2.9]])
    below = np.array([[1.0, 0.0, 0.0], [8.0, 4.0, 2.05]])
    found = Resampled(0.0, 1.0, above, below, extreme=np.zeros(2, dtype=bool))
    values = np.linspace(0.01, 12, 400)
    t2 = (above[1, 0] - above[1, 1] * values) ** 2 / (below[1] @ np.array([values**0, -2 * values, values**2]))
    raw = np.where(t2 >= values**2, 1.0, 0.5)
    filled = np.maximum.accumulate(raw[::-1])[::-1]
    np.testing.assert_array_equal([found.test(0.3, value).p_value for value in values], filled)
