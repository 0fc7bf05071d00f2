"""The nearly optimal test against its definition by dense matrices, exact tests, and its own promises."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import special

from cpis_analysis.errors import ModelError
from cpis_analysis.lmm import Region, lmer, nearly_optimal, ols
from cpis_analysis.lmm.optimal_test import kept
from cpis_analysis.lmm.optimal_test import training as optimal_training
from cpis_analysis.lmm.optimal_test.draws import draw
from cpis_analysis.lmm.optimal_test.kept import trained_for, trained_kept_in
from cpis_analysis.lmm.optimal_test.mixtures import Tilt, log_null
from cpis_analysis.lmm.optimal_test.path import Path
from cpis_analysis.lmm.optimal_test.problem import reduced_design
from cpis_analysis.lmm.optimal_test.tested_contrast import _response, reduced_responses, trained_test
from cpis_analysis.lmm.optimal_test.trained import OptimalTest, alternative_of
from cpis_analysis.lmm.optimal_test.training import train
from optimal_reference import DenseDesign

pytestmark = pytest.mark.thorough

SIZES = (10, 15, 12, 9, 14, 11, 12, 13, 8, 13)
FORMULA = "y ~ arm + x + (1 | trust/team)"
SMALL = Region(points=4)
"""A coarse region that is trained in a moment; what is tested with it does not depend on how fine it is."""


def frame(seed=1, sizes=SIZES, effect=0.4, sd=0.3):
    rng = np.random.default_rng(seed)
    team = np.repeat(np.arange(len(sizes)), sizes)
    data = pd.DataFrame(
        {
            "team": [f"t{i:02d}" for i in team],
            "trust": [f"r{i}" for i in team // 2],
            "arm": (team % 2).astype(float),
            "x": rng.normal(size=len(team)),
        }
    )
    data["y"] = (
        effect * data["arm"] + 0.5 * data["x"] + rng.normal(size=len(team)) + rng.normal(0, sd, len(sizes))[team]
    )
    return data


@pytest.fixture(scope="module", autouse=True)
def few_draws():
    """Enough for everything but the promise itself, which is tested with all of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(optimal_training, "DRAWS", 6_000)
        patch.setattr(kept, "_trained", {})
        yield


@pytest.fixture(scope="module")
def data():
    return frame()


@pytest.fixture(scope="module")
def fit(data):
    return lmer(FORMULA, data)


@pytest.fixture(scope="module")
def tested(fit):
    return nearly_optimal(fit, "arm", region=SMALL)


def unit(fit, term="arm"):
    row = np.zeros(len(fit.term_names))
    row[fit.term_names.index(term)] = 1.0
    return row


def dense(data, formula_columns=("x",)):
    X0 = np.column_stack([np.ones(len(data)), *(data[name] for name in formula_columns)])
    arm = data["arm"].to_numpy()
    left = arm - X0 @ np.linalg.lstsq(X0, arm, rcond=None)[0]
    return DenseDesign(X0, arm / np.linalg.norm(left), [pd.factorize(data[name])[0] for name in ("team", "trust")])


@pytest.mark.parametrize("seed", range(4))
def test_statistic_equals_dense_matrices(data, fit, seed):
    design = reduced_design(fit.basis, fit.design.random, unit(fit))
    test = trained_for(design, 0.05, SMALL)
    names = [part.group for part in fit.design.random]
    swap = [names.index(name) for name in ("trust:team", "trust")]
    points, used = SMALL.grid(2), np.exp(test.null.log_weights)
    # the points that are kept are those whose forms are
    kept = [int(np.argmin(np.abs(design.at(points).M - M).sum(axis=(1, 2)))) for M in test.null.forms.M]
    far, reference = SMALL.alternatives(2), dense(data)
    y = reference.response(np.array([0.1, 0.2]), 2.0, np.random.default_rng(seed))
    other = lmer(FORMULA, data.assign(y=y))
    z, rest = _response(other, test.design, unit(other))
    ours = test.statistic(z[:, None], np.array([rest]))[0]
    theirs = reference.statistic(
        y,
        points[kept][:, swap],
        used,
        far[:, swap],
        np.exp(test.alternative.log_weights),
        test.effect * np.sqrt(1 + far.sum(axis=1)),
    )
    assert ours == pytest.approx(theirs, abs=2e-4)


def test_draws_have_the_distribution_of_dense_responses(data, fit):
    design = reduced_design(fit.basis, fit.design.random, unit(fit))
    test = trained_for(design, 0.05, SMALL)
    rng, reference = np.random.default_rng(7), dense(data)
    z, rest = design.draws(np.array([[0.2, 0.1]]), 4000, np.zeros(1), rng)
    ratios = np.array([0.2, 0.1]) if fit.design.random[0].group != "trust" else np.array([0.1, 0.2])
    Y = np.column_stack([reference.response(ratios, 0.0, rng) for _ in range(4000)])
    basis = fit.basis
    R, beta, scale = basis.reduce(Y)
    full = R * scale + np.outer(
        basis.Q @ (unit(fit) @ basis.back) / np.linalg.norm(unit(fit) @ basis.back),
        unit(fit) @ beta / np.linalg.norm(unit(fit) @ basis.back),
    )
    sums = [pd.DataFrame(full).groupby(part.codes).sum().to_numpy() for part in fit.design.random]
    direction = basis.Q @ (unit(fit) @ basis.back) / np.linalg.norm(unit(fit) @ basis.back)
    ours = test.statistic(z, rest)
    theirs = test.statistic(*design.reduce(np.vstack([*sums, design.sign * direction @ full]), (full**2).sum(axis=0)))
    for q in (0.5, 0.8, 0.9, 0.95):
        # a share of 4,000 has a standard error of 0.8 points at most
        assert abs((theirs > np.quantile(ours, q)).mean() - (1 - q)) < 0.03


@pytest.mark.parametrize("rows", [len(frame()), len(frame()) - 1])
def test_densities_of_draws_equal_those_by_logarithms(data, rows):
    # of an even and an odd number of dimensions
    fit = lmer(FORMULA, data.iloc[:rows])
    design = reduced_design(fit.basis, fit.design.random, unit(fit))
    far = alternative_of(design, SMALL, 1.0)
    points = np.vstack([SMALL.grid(2)[5:7], SMALL.grid(2)[::4]])
    drawn = draw(design, points, far, 300, np.random.default_rng(3), kept=len(points) - 1)
    forms = design.at(points)
    A = np.einsum("an,jab,bn->jn", drawn.z, forms.M, drawn.z) + drawn.rest
    nulls = np.exp(log_null(forms, design.m, A) - drawn.log_mixture)
    assert drawn.each_null == pytest.approx(nulls[:-1], rel=1e-9)
    assert drawn.log_far == pytest.approx(far.log_density(drawn.z, drawn.rest), abs=1e-10)
    # what they were drawn from is half the one and half the other
    from_null = nulls.mean(axis=0)
    from_far = np.exp(far.each(far.forms.quadratic(drawn.z, drawn.rest), far.forms.linear(drawn.z)))
    share = len(points) * -(-300 // len(points)) / len(drawn.rest)
    whole = share * from_null + (1 - share) * from_far.mean(axis=0) / np.exp(drawn.log_mixture)
    assert whole == pytest.approx(np.ones(len(whole)), rel=1e-9)


def test_known_ratios_give_the_exact_t_test(data):
    # a region of the single point zero is least squares, whose t test is exact
    fit = lmer(FORMULA, data)
    exact = ols("y ~ arm + x", data).summary().loc["arm"]
    found = nearly_optimal(fit, "arm", region=Region(largest=0.0, points=2))
    assert found.p_value == pytest.approx(exact["p_value"], abs=0.005)
    assert found.power == pytest.approx(found.bound, abs=0.01)
    assert (found.ci_high - found.ci_low) / (exact["ci_high"] - exact["ci_low"]) == pytest.approx(1.0, abs=0.02)


def test_table_of_the_tilt_equals_kummers_function():
    for m in (3, 12, 125):
        tilt = Tilt(m, 8.0)
        b = np.array([0.0, 0.01, 0.7, 3.0, 7.9])
        exact = np.log(special.hyp1f1(m / 2, 0.5, b**2 / 2))
        assert np.interp(b, tilt.nodes, tilt.values) == pytest.approx(exact, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("scale", [1.0, -2.0])
def test_many_responses_give_what_single_ones_do(data, fit, scale):
    Y = np.random.default_rng(9).normal(size=(len(data), 5))
    test = trained_test(fit, {"arm": scale}, region=SMALL)
    many = test.p_value(test.statistic(*reduced_responses(fit, test, {"arm": scale}, Y)))
    single = [nearly_optimal(lmer(FORMULA, data.assign(y=y)), "arm", region=SMALL).p_value for y in Y.T]
    # single ones take the largest p-value farther out, where the statistic is not monotone
    assert (many <= np.array(single) + 1e-12).all()
    assert np.isclose(many, single).sum() >= 4


@pytest.fixture(scope="module")
def paths(data, fit):
    """Responses to one design with the statistic along the values of the contrast."""
    test = trained_test(fit, "arm", region=SMALL)
    rng = np.random.default_rng(12)
    Y = rng.normal(size=(len(data), 25)) + np.outer(data["arm"], np.linspace(0, 1, 25))
    Y += rng.normal(0, 0.4, (len(SIZES), 25))[pd.factorize(data["team"])[0]]
    z, rest = reduced_responses(fit, test, "arm", Y)
    # generalised least squares at a middling ratio
    k = test.alternative.forms.k
    at = int(np.argsort(k)[len(k) // 2])
    estimates = (test.alternative.forms.linear(z) / k[:, None])[at]
    return test, [Path(test, z[:, j], float(rest[j]), float(estimates[j])) for j in range(25)], z, rest


def test_statistic_along_a_line_equals_that_of_moved_responses(paths):
    test, found, z, rest = paths
    for j, path in enumerate(found):
        shifts = path.estimate + path.step * np.array([-900.0, -3.0, -0.7, 0.0, 0.01, 2.0, 50.0])
        moved = test.statistic(z[:, [j]] - np.outer(test.design.arm, shifts), np.full(len(shifts), rest[j]))
        assert path.at(shifts) == pytest.approx(moved, rel=1e-9, abs=1e-9)


def test_ends_lie_next_to_what_is_rejected(paths):
    test, found, _, _ = paths
    for path in found:
        for side, end in zip((-1.0, 1.0), path.ends(), strict=True):
            inside, outside = path.at(np.array([end, end + side * 1.1e-10 * path.step]))
            assert inside < test.critical <= outside
            beyond = path.at(end + side * path.step * np.linspace(0.001, 8, 4000))
            assert (beyond >= test.critical).all()


def test_smallest_statistic_farther_out_equals_a_fine_grid(paths):
    _, found, _, _ = paths
    dips = 0
    for path in found:
        for side in (-1.0, 1.0):
            start = path.estimate + side * 0.001 * path.step
            along = path.at(start + side * path.step * np.linspace(0, 6, 60_001))
            dips += along.argmin() > 0
            # the grid's own lowest point is higher than the bottom by as much as it misses it
            assert -1e-7 < path.farther(start) - along.min() < 2e-9
    assert dips >= 5


def test_p_value_and_interval_agree(fit, tested):
    step = 1e-6 * (tested.ci_high - tested.ci_low)
    for end, outwards in ((tested.ci_low, -step), (tested.ci_high, step)):
        assert nearly_optimal(fit, "arm", region=SMALL, null=end - outwards).p_value > 0.05
        assert nearly_optimal(fit, "arm", region=SMALL, null=end + outwards).p_value <= 0.05
    assert tested.ci_low < tested.estimate < tested.ci_high
    assert nearly_optimal(fit, "arm", region=SMALL, null=tested.estimate).p_value > 0.9


def test_p_value_falls_with_the_distance_from_the_estimate(fit, tested):
    for side in (-1, 1):
        values = tested.estimate + side * np.linspace(0, 6, 40)
        p = [nearly_optimal(fit, "arm", region=SMALL, null=value).p_value for value in values]
        assert (np.diff(p) <= 0).all()
        assert p[-1] < 1e-3


def test_rows_in_another_order_change_nothing(data, tested):
    found = nearly_optimal(lmer(FORMULA, data.sample(frac=1, random_state=3)), "arm", region=SMALL)
    assert found.p_value == pytest.approx(tested.p_value, rel=1e-9)
    assert [found.ci_low, found.ci_high] == pytest.approx([tested.ci_low, tested.ci_high], rel=1e-9)


def test_response_shifted_and_scaled_changes_nothing(data, tested):
    moved = data.assign(y=1e6 + 3 * data["x"] - 250 * data["y"])
    found = nearly_optimal(lmer(FORMULA, moved), "arm", region=SMALL)
    assert found.p_value == pytest.approx(tested.p_value, rel=1e-9)
    assert [found.ci_low, found.ci_high] == pytest.approx([-250 * tested.ci_high, -250 * tested.ci_low], rel=1e-6)


def test_contrast_scaled_and_turned_round_changes_nothing(fit, tested):
    found = nearly_optimal(fit, {"arm": -3.0}, region=SMALL)
    assert found.p_value == pytest.approx(tested.p_value, rel=1e-9)
    assert [found.ci_low, found.ci_high] == pytest.approx([-3 * tested.ci_high, -3 * tested.ci_low], rel=1e-9)
    assert found.effect == pytest.approx(3 * tested.effect)


def test_arms_swapped_mirror_the_interval(data, tested):
    found = nearly_optimal(lmer(FORMULA, data.assign(arm=1 - data["arm"])), "arm", region=SMALL)
    assert found.p_value == pytest.approx(tested.p_value, rel=1e-9)
    assert [found.ci_low, found.ci_high] == pytest.approx([-tested.ci_high, -tested.ci_low], rel=1e-9)


def test_training_is_the_same_each_time_and_shared_by_the_design(data, fit):
    design = reduced_design(fit.basis, fit.design.random, unit(fit))
    one, two = train(design, region=SMALL), train(design, region=SMALL)
    assert (one.critical, one.power, one.bound) == (two.critical, two.power, two.bound)
    other = lmer(FORMULA, frame(2).assign(x=data["x"]))
    assert reduced_design(other.basis, other.design.random, unit(other)).digest() == design.digest()
    fewer = lmer(FORMULA, data.iloc[1:])
    assert reduced_design(fewer.basis, fewer.design.random, unit(fewer)).digest() != design.digest()


def test_a_kept_test_is_the_same_to_the_last_bit_and_not_trained_again(data, fit, monkeypatch):
    kept_tests = {}

    class Store:
        def read(self, digest):
            return kept_tests.get(digest)

        def write(self, digest, record):
            kept_tests[digest] = json.loads(json.dumps(record))

    small = Region(points=3)
    with trained_kept_in(Store()):
        first = nearly_optimal(fit, "arm", region=small)
        assert len(kept_tests) == 1
        monkeypatch.setattr(kept, "_trained", {})
        monkeypatch.setattr(kept, "train", None)
        again = nearly_optimal(fit, "arm", region=small)
        assert (again.p_value, again.ci_low, again.ci_high) == (first.p_value, first.ci_low, first.ci_high)
        assert again.bound == first.bound
        # what is no record is trained again
        monkeypatch.setattr(kept, "_trained", {})
        monkeypatch.setattr(kept, "train", train)
        (digest,) = kept_tests
        kept_tests[digest] = {"alpha": 0.05}
        assert nearly_optimal(fit, "arm", region=small).p_value == first.p_value
    assert isinstance(kept._trained[digest], OptimalTest)


DRAWS = optimal_training.DRAWS
ARMS = {"A": [0, 1] * 5, "B": [0, 0, 0, 1, 0, 1, 0, 1, 1, 1], "C": [0, 0, 1, 1] * 2 + [0, 0]}


def promise(design, draws, points, evaluation=100_000):
    """Largest size between the points of the grid, and how far power stays below its bound.

    A fifth of the draws finds the eight points that look worst; new draws tell how bad they are.
    """
    test, rng = train(design, draws=draws), np.random.default_rng(11)

    def size(ratios, count):
        z, rest = design.draws(np.array([ratios], dtype=float), count, np.zeros(1), rng)
        return float((test.statistic(z, rest) > test.critical).mean())

    first = [size(ratios, evaluation // 5) for ratios in points]
    worst = [points[place] for place in np.argsort(first)[-8:]]
    return max(size(ratios, evaluation) for ratios in worst), test.bound - test.power


def test_size_holds_between_the_points_of_training(fit):
    design = reduced_design(fit.basis, fit.design.random, unit(fit))
    largest, _ = promise(design, 20_000, [[0, 0.05], [0.07, 0.2]], 20_000)
    assert largest < 0.055


@pytest.mark.slow
@pytest.mark.parametrize("regime", list(ARMS))
def test_size_holds_and_power_reaches_its_bound(regime):
    data = frame()
    data["arm"] = np.repeat(ARMS[regime], SIZES).astype(float)
    fit = lmer(FORMULA, data)
    design = reduced_design(fit.basis, fit.design.random, unit(fit))
    largest, missing = promise(design, DRAWS, Region().grid(2, 8))
    assert largest <= 0.052
    assert missing < 0.01


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_size_holds_and_power_reaches_its_bound_in_random_designs(seed):
    """6 to 40 clusters of unequal size, one to three covariates, one or two random terms."""
    rng = np.random.default_rng(seed)
    teams = 2 * int(rng.integers(3, 21))
    data = frame(seed, rng.integers(4, 40, teams))
    data["arm"] = rng.permutation(np.arange(teams) % 2)[pd.factorize(data["team"])[0]].astype(float)
    for name in ("x2", "x3"):
        data[name] = rng.normal(size=len(data))
    covariates = ["x", "x2", "x3"][: int(rng.integers(1, 4))]
    random = "(1 | trust/team)" if seed % 2 else "(1 | team)"
    fit = lmer(f"y ~ arm + {' + '.join(covariates)} + {random}", data)
    design = reduced_design(fit.basis, fit.design.random, unit(fit))
    largest, missing = promise(design, DRAWS, Region().grid(len(design.R), 6 if seed % 2 else 29))
    assert largest <= 0.052
    assert missing < 0.01


def test_crossed_intercepts_are_as_good(data):
    rng = np.random.default_rng(4)
    data = data.assign(rater=rng.integers(0, 6, len(data)))
    fit = lmer("y ~ arm + x + (1 | team) + (1 | rater)", data)
    found = nearly_optimal(fit, "arm", region=SMALL)
    assert found.ci_low < found.estimate < found.ci_high
    assert found.largest_size <= 0.05


def test_a_single_ratio_and_prior_weights(data):
    weights = np.random.default_rng(5).uniform(0.5, 2, len(data))
    fit = lmer("y ~ arm + x + (1 | team)", data, weights=weights)
    found = nearly_optimal(fit, "arm", region=SMALL)
    assert found.ci_low < found.estimate < found.ci_high


def test_large_estimated_ratio_is_named():
    found = nearly_optimal(lmer("y ~ arm + (1 | team)", frame(sd=4.0)), "arm", region=SMALL)
    assert found.outside == ("team",)


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("y ~ arm + (1 + x | team)", "random intercepts"),
        ("y ~ arm + (1 | trust) + (1 | trust:team) + (1 | x2)", "more unknown variance ratios"),
    ],
)
def test_models_beyond_the_test_are_refused_in_words(data, formula, said):
    fit = lmer(formula, data.assign(x2=np.arange(len(data)) % 7))
    with pytest.raises(ModelError, match=said) as refused:
        nearly_optimal(fit, "arm", region=SMALL)
    # and what to use instead
    assert "use Kenward-Roger" in str(refused.value)


def test_many_clusters_and_odd_levels_are_refused(data, fit):
    many = pd.DataFrame({"team": np.repeat(np.arange(120), 3), "y": np.random.default_rng(1).normal(size=360)})
    with pytest.raises(ModelError, match="so many clusters"):
        nearly_optimal(lmer("y ~ arm + (1 | team)", many.assign(arm=many["team"] % 2)), "arm", region=SMALL)
    with pytest.raises(ModelError, match="level of the interval"):
        nearly_optimal(fit, "arm", level=1.0)
