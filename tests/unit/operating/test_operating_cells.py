"""Simulated error rates: exact values come out, what is wrong is seen, and the analyses are those of the plan."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from cpis_analysis.analyses.fitting.rows_to_fit import rows_to_fit
from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.analyses.rows.analysis_rows import analysis_rows
from cpis_analysis.errors import DataError, PlanError
from cpis_analysis.operating import simulated_cell
from cpis_analysis.operating.choice import GRID, cell_named, estimated_cell, headline_and_others
from cpis_analysis.operating.comparators import BY_NORMAL, BY_OPTIMAL, in_report
from cpis_analysis.operating.drawn_outcomes import DEPARTURES, Truth, draw_outcomes, draw_over_time
from cpis_analysis.operating.grid_cell import Cell, not_simulated, simulable, simulable_over_time
from cpis_analysis.operating.many import analyse_many, check_many, with_outcome
from cpis_analysis.operating.merge import merged
from cpis_analysis.operating.next_study import NextStudy, next_analyses, next_data, observed_sizes
from cpis_analysis.operating.simulated_cell import simulate_cell, simulate_cells
from cpis_analysis.operating.simulated_names import LEAST_SQUARES
from cpis_analysis.operating.tested_effects.cell_rows import COLUMNS, wilson
from cpis_analysis.operating.tested_effects.many_tests import ManyTests
from cpis_analysis.plan.specification import BalanceSpec
from made_up_study import spec, study

pytestmark = pytest.mark.thorough

FIXED = "y_6m ~ arm + y_0m"
MIXED = spec(f"{FIXED} + (1 | trust) + (1 | trust:team)", name="y.mixed", model="mixed")
ROBUST = spec(FIXED, estimator="ols_cr2", cluster="trust", name="y.cr2", model="cr2")
MEANS = spec("y_6m ~ arm", estimator="cluster_summary", cluster="team", name="y.means", model="means")
PAIRS = replace(MEANS, pairs=True, name="y.pairs", model="pairs")
ALL = [MIXED, ROBUST, MEANS, PAIRS]
SEED = 20180214


@pytest.fixture(scope="module")
def data():
    return study(size=12)


@pytest.fixture(scope="module")
def clustered(data):
    """ICCs of .05 and .10: enough to see what ignores clusters."""
    rows = simulate_cell(
        ALL, data, Cell(0.05, 0.10), 1500, SEED, comparators=("by Satterthwaite", BY_NORMAL, LEAST_SQUARES)
    )
    return pd.DataFrame(rows).set_index(["model", "comparator"])


@pytest.mark.parametrize("one", [*ALL, replace(ROBUST, cluster="team"), replace(MIXED, df_method="satterthwaite")])
def test_many_responses_give_what_single_analyses_do(data, one):
    rows = analysis_rows(one, data)
    Y = np.random.default_rng(3).normal(size=(len(rows.frame), 3)) * 5 + 10
    (found,) = analyse_many([one], rows, Y)
    for j, y in enumerate(Y.T):
        single = run_analysis(one, with_outcome(one, rows, data, y)).estimate
        assert found.estimate[j] == pytest.approx(single.estimate, rel=1e-8)
        assert found.se[j] == pytest.approx(single.se, rel=1e-8)
        assert found.p_values()[j] == pytest.approx(single.p_value, rel=1e-6)
        assert 2 * found.half_widths(0.95)[j] == pytest.approx(single.ci_high - single.ci_low, rel=1e-6)


@pytest.mark.parametrize("across", [False, True])
def test_many_permutations_are_those_of_single_analyses(data, across):
    one = replace(MEANS, estimator="permutation", cluster=None, df_method="permutation", across=across)
    rows = analysis_rows(one, data)
    Y = np.random.default_rng(4).normal(size=(len(rows.frame), 3)) * 5 + 10
    (found,) = analyse_many([one], rows, Y)
    arm = (rows.frame["arm"] == "i").to_numpy().astype(float)
    for effect in (0.0, 4.0):
        for j, y in enumerate(Y.T):
            single = run_analysis(one, with_outcome(one, rows, data, y + effect * arm)).estimate
            assert found.estimate[j] + effect == pytest.approx(single.estimate, rel=1e-8)
            assert found.se[j] == pytest.approx(single.se, rel=1e-8)
            assert found.p_values(effect)[j] == pytest.approx(single.p_value, abs=1e-12)
    assert np.isnan(found.half_widths(0.95)).all()


SIGNS = replace(ROBUST, estimator="sign_changes", df_method="sign changes", name="y.signs", model="signs")


def test_many_sign_changes_are_those_of_single_analyses(data):
    rows = analysis_rows(SIGNS, data)
    Y = np.random.default_rng(4).normal(size=(len(rows.frame), 3)) * 5 + 10
    (found,) = analyse_many([SIGNS], rows, Y)
    arm = (rows.frame["arm"] == "i").to_numpy().astype(float)
    for effect in (0.0, 4.0):
        for j, y in enumerate(Y.T):
            single = run_analysis(SIGNS, with_outcome(SIGNS, rows, data, y + effect * arm)).estimate
            assert found.estimate[j] + effect == pytest.approx(single.estimate, rel=1e-8)
            assert found.se[j] == pytest.approx(single.se, rel=1e-8)
            assert found.p_values(effect)[j] == pytest.approx(single.p_value, abs=1e-12)
    assert np.isnan(found.half_widths(0.95)).all()


def test_sign_changes_of_five_trusts_never_find_anything_at_five_per_cent(data):
    # 32 changes of signs: no p-value below 1/16; two of them are as extreme as what was observed, by symmetry
    (row,) = simulate_cell([SIGNS], data, Cell(0.05, 0.0), 400, SEED, comparators=())
    assert (row["rejected"], row["power_0.5"], row["failed"]) == (0, 0.0, 0.0)
    rows = analysis_rows(SIGNS, data)
    Y = np.random.default_rng(5).normal(size=(len(rows.frame), 4000))
    (found,) = analyse_many([SIGNS], rows, Y)
    assert found.p_values().min() == pytest.approx(1 / 16)
    assert (found.p_values() <= 1 / 16).mean() == pytest.approx(1 / 16, abs=4 * np.sqrt(15 / 16 / 16 / 4000))


OVERLAP = replace(ROBUST, balance=BalanceSpec("overlap", ("y_0m",)), name="y.overlap", model="overlap")
LOST = replace(ROBUST, predictors=("y_0m",), name="y.lost", model="lost")
MODERATED = replace(MIXED, formula="y_6m ~ arm * y_0m + (1 | trust)", effect="arm:y_0m", name="y.mod", model="mod")


@pytest.mark.parametrize("one", [OVERLAP, LOST, MODERATED], ids=lambda one: one.model)
def test_weights_and_other_effects_are_simulated_like_the_data_are_analysed(data, one):
    assert simulable([one]) == [one]
    rows, _ = rows_to_fit(one, data)
    Y = np.random.default_rng(6).normal(size=(len(rows.frame), 3))
    (found,) = analyse_many([one], rows, Y)
    for j, y in enumerate(Y.T):
        single = run_analysis(one, with_outcome(one, rows, data, y)).estimate
        ours = (found.estimate[j], found.se[j], found.p_values()[j])
        assert ours == pytest.approx((single.estimate, single.se, single.p_value), rel=1e-6)
    (row,) = simulate_cell([one], data, Cell(0.02, 0.05), 800, SEED, comparators=())
    assert row["size_low"] < 0.055
    assert row["bias"] == pytest.approx(0.0, abs=4 * row["rmse"] / np.sqrt(800))


def test_permutations_that_grow_more_extreme_farther_out_count_as_in_single_analyses():
    # with a covariate and few teams, a share of allocations may rise again behind zero: the run stopped there
    people = study(["A/1/c", "A/2/i", "A/3/i", "B/4/c", "B/5/c", "B/6/i"], size=4)
    one = replace(MEANS, formula="y_6m ~ arm + y_0m", estimator="permutation", cluster=None, df_method="permutation")
    rows = analysis_rows(one, people)
    Y = np.random.default_rng(4).normal(size=(len(rows.frame), 60))
    (found,) = analyse_many([one], rows, Y)
    ours = found.p_values()
    theirs = np.array([run_analysis(one, with_outcome(one, rows, people, y)).estimate.p_value for y in Y.T])
    low = ours <= found.exact_below
    assert low.any()
    assert ours[low] == pytest.approx(theirs[low])
    assert (ours[~low] <= theirs[~low] + 1e-12).all()
    assert (theirs > ours + 0.01).any()
    for y in Y.T[np.argsort(ours - theirs)[:2]]:
        check_many(one, rows, people, y[:, None], *analyse_many([one], rows, y[:, None]))


def test_permutations_of_three_arms_are_those_of_the_two_compared():
    people = study([f"{trust}/{team}" for trust in "ABC" for team in ("East/c", "North/i", "South/c", "West/j")])
    for across in (False, True):
        one = replace(MEANS, estimator="permutation", cluster=None, df_method="permutation", across=across)
        rows = analysis_rows(one, people)
        Y = np.random.default_rng(4).normal(size=(len(rows.frame), 2)) * 5 + 10
        (found,) = analyse_many([one], rows, Y)
        check_many(one, rows, people, Y, found)


def test_permutations_of_one_formula_are_told_apart(data):
    within = replace(MEANS, estimator="permutation", cluster=None, df_method="permutation", name="y.within")
    both = [within, replace(within, across=True, name="y.across")]
    rows = analysis_rows(within, data)
    Y = np.random.default_rng(4).normal(size=(len(rows.frame), 2))
    together = analyse_many(both, rows, Y)
    for one, found in zip(both, together, strict=True):
        (alone,) = analyse_many([one], rows, Y)
        assert found.p_values() == pytest.approx(alone.p_values())
    assert together[0].se != pytest.approx(together[1].se)


def test_a_true_difference_moves_the_estimate_and_nothing_else(data, monkeypatch):
    monkeypatch.setattr("cpis_analysis.lmm.optimal_test.training.DRAWS", 4000)
    rows = analysis_rows(MIXED, data)
    Y = np.random.default_rng(4).normal(size=(len(rows.frame), 5))
    treated = (rows.frame["arm"] == "i").to_numpy()
    optimal = simulated_cell.COMPARATORS[BY_OPTIMAL](MIXED)
    plain, moved = (analyse_many([MIXED, optimal], rows, Y + shift * treated[:, None]) for shift in (0.0, 0.7))
    for here, there in zip(plain, moved, strict=True):
        assert here.p_values(0.7) == pytest.approx(there.p_values(), rel=1e-5)


def test_the_nearly_optimal_test_stands_beside_few_clusters_only(data):
    assert in_report(MIXED, data.participants) == (BY_OPTIMAL, BY_NORMAL, LEAST_SQUARES)
    many = study([f"T{trust}/{team}" for trust in range(21) for team in ("1/c", "2/i")], size=2)
    assert in_report(MIXED, many.participants) == (BY_NORMAL, LEAST_SQUARES)


def test_two_stage_t_of_alike_teams_is_exact(data):
    # teams of one size, no covariate, no variance between trusts: Student's t with 8 degrees of freedom
    (row,) = simulate_cell([MEANS], data, Cell(0.0, 0.1), 6000, SEED, comparators=())
    assert row["size_low"] < 0.05 < row["size_high"]
    spread = np.sqrt((0.1 + 0.9 / 12) * (1 / 5 + 1 / 5))
    noncentral = stats.nct(8, 0.5 / spread)
    power = noncentral.sf(stats.t.ppf(0.975, 8)) + noncentral.cdf(stats.t.ppf(0.025, 8))
    assert row["power_0.5"] == pytest.approx(power, abs=4 * np.sqrt(power * (1 - power) / 6000))
    assert row["rmse"] == pytest.approx(spread, rel=0.04)
    assert row["bias"] == pytest.approx(0.0, abs=4 * spread / np.sqrt(6000))


def test_what_ignores_clusters_is_seen_to_fail(clustered):
    size = clustered["size"]
    assert size["mixed", LEAST_SQUARES] > 0.12
    assert size["mixed", BY_NORMAL] > 0.07
    assert size["mixed", ""] < 0.05
    assert size["mixed", "by Satterthwaite"] > size["mixed", ""]
    assert size["pairs", ""] == pytest.approx(0.05, abs=0.025)
    assert (clustered["failed"] == 0).all()
    assert clustered["singular"]["mixed", ""] > 0.2
    assert (clustered["power_0.5"] > clustered["power_0.3"]).all()
    # the difference that is found in four of five studies is found in four of five studies
    assert clustered["detectable_80"]["pairs", ""] > 0.5


def test_a_kernel_that_is_not_the_analysis_stops_the_simulation(data, monkeypatch):
    def other(specs, rows, Y):
        return [replace(one, se=one.se * 1.001) for one in analyse_many(specs, rows, Y)]

    monkeypatch.setattr(simulated_cell, "analyse_many", other)
    with pytest.raises(DataError, match="The simulation and the analysis differ"):
        simulate_cell([MEANS], data, Cell(0.0, 0.1), 10, SEED, comparators=())


OVER_TIME = spec(
    "y ~ arm * wave + (1 | trust) + (1 | trust:team) + (1 | participant_id)",
    effect="arm:wave",
    name="y.long",
    model="long",
)


def test_models_over_time_are_simulated_with_fewer_outcomes(data):
    # the first outcome goes through the analysis itself, with the arms given to whole trusts in the interviews too
    rows = simulate_cell([MEANS, OVER_TIME], data, Cell(0.0, 0.1, allocation="between"), 60, SEED, comparators=())
    means, long = rows
    assert (means["replicates"], long["replicates"], long["model"]) == (60, 6, "long")
    assert long["rmse"] > 0
    (alone,) = simulate_cell([OVER_TIME], data, Cell(0.0, 0.1, allocation="between"), 60, SEED, comparators=())
    assert alone == long


def test_waves_share_half_of_every_variance(data):
    frame = data.interviews
    truth, n = Truth(0.1, 0.2), 4000
    rng = np.random.default_rng(8)
    drawn = draw_over_time(frame, truth, np.zeros(len(frame), bool), "trust", "team", "participant_id", n, rng)
    before, after = ((frame["wave"] == wave).to_numpy() for wave in ("0m", "6m"))
    assert drawn.var(axis=1).mean() == pytest.approx(1.0, abs=0.01)
    assert (drawn[before] * drawn[after]).mean() == pytest.approx(0.5, abs=0.02)
    team = pd.factorize(frame["trust"].astype(str) + frame["team"].astype(str))[0]
    first = [np.flatnonzero(before & (team == k))[:2] for k in range(team.max() + 1)]
    # two people of a team at one wave, and one of them at the other wave
    assert np.mean([drawn[a] * drawn[b] for a, b in first]) == pytest.approx(0.3, abs=0.03)
    later = [np.flatnonzero(after & (team == k))[1] for k in range(team.max() + 1)]
    assert np.mean([drawn[a] * drawn[c] for (a, _), c in zip(first, later, strict=True)]) == pytest.approx(
        0.15, abs=0.03
    )


def test_what_the_grid_leaves_out_is_told_with_its_reason():
    unstructured = replace(OVER_TIME, covariance="unstructured", model="covariance")
    wild = replace(ROBUST, estimator="wild_bootstrap", df_method="wild bootstrap", model="wild")
    moderated = replace(MIXED, effect="arm:age", model="moderated")
    told = not_simulated([MIXED, OVER_TIME, unstructured, wild, moderated])
    assert list(told) == ["covariance", "wild"]
    assert "residuals with a covariance of their own" in told["covariance"]
    assert "resamples" in told["wild"]
    assert headline_and_others([moderated, MIXED]) == []
    assert headline_and_others([MIXED, moderated, SIGNS]) == [MIXED, SIGNS]
    assert simulable_over_time([MIXED, OVER_TIME, unstructured]) == [OVER_TIME]


def test_numbers_come_out_the_same_again_and_depend_on_no_other_analysis(data):
    cell = Cell(0.02, 0.05, loss=0.2, departure="skew")
    (alone,) = simulate_cell([ROBUST], data, cell, 16, SEED, comparators=())
    both = simulate_cell([MEANS, ROBUST], data, cell, 16, SEED, comparators=())
    assert both[1] == alone
    (other,) = simulate_cell([ROBUST], data, cell, 16, SEED, comparators=(), part=1)
    assert other["bias"] != alone["bias"]


def test_cells_of_one_design_are_those_simulated_alone_and_checked_once(data, monkeypatch):
    cells = [Cell(0.02, 0.05), Cell(0.05, 0.10)]
    alone = [simulate_cell([MIXED], data, cell, 50, SEED, comparators=(BY_NORMAL, LEAST_SQUARES)) for cell in cells]
    checks = []
    check = simulated_cell.check_many
    monkeypatch.setattr(simulated_cell, "check_many", lambda one, *more: (checks.append(one.name), check(one, *more)))
    together = simulate_cells([MIXED], data, cells, 50, SEED, comparators=(BY_NORMAL, LEAST_SQUARES), level=MIXED.level)
    assert together == alone
    assert [row["comparator"] for row in together[0]] == ["", BY_NORMAL, LEAST_SQUARES]
    assert checks == ["y.mixed"]


@pytest.mark.parametrize("df", [8.0, np.inf, np.nan])
def test_what_a_test_finds_is_what_its_p_value_finds(df):
    rng = np.random.default_rng(2)
    some = np.where(np.arange(400) < 300, df, rng.uniform(2, 30, 400))
    tests = ManyTests(rng.normal(size=400), rng.uniform(0.2, 1.0, 400), some, np.zeros(400, dtype=bool))
    for level in (0.9, 0.95):
        finds = tests.finding(level)
        for effect in (0.0, 0.5, -1.0):
            assert (finds(effect) == (tests.p_values(effect) <= 1.0 - level)).all()


def test_parts_together_are_sums_and_weighted_averages(data):
    parts = [
        simulate_cell([MEANS], data, Cell(0.0, 0.1), n, SEED, comparators=(), part=part)[0]
        for part, n in enumerate((100, 300))
    ]
    (whole,) = merged(parts)
    assert whole["replicates"] == 400
    assert whole["rejected"] == sum(part["rejected"] for part in parts)
    assert whole["bias"] == pytest.approx((parts[0]["bias"] + 3 * parts[1]["bias"]) / 4)
    assert whole["rmse"] ** 2 == pytest.approx((parts[0]["rmse"] ** 2 + 3 * parts[1]["rmse"] ** 2) / 4)
    assert (whole["size_low"], whole["size_high"]) == wilson(whole["rejected"], 400)
    assert set(whole) <= set(COLUMNS)


def test_wilson_limits_equal_the_published_ones():
    # Newcombe 1998, Stat Med 17:857, table I, method 3
    for count, n, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)):
        assert wilson(count, n) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize("departure", DEPARTURES)
def test_outcomes_have_the_correlations_that_were_asked_for(data, departure):
    rows = analysis_rows(MEANS, data)
    treated = (rows.frame["arm"] == "i").to_numpy()
    Y = draw_outcomes(rows.frame, Truth(0.2, 0.3, departure), treated, "trust", "team", 6000, np.random.default_rng(1))
    codes = rows.frame.groupby(["trust", "team"], observed=True).ngroup().to_numpy()
    same_team, same_trust = np.flatnonzero(codes == 0)[:2], [0, int(np.flatnonzero(codes == 1)[0])]
    if departure == "normal":
        assert Y.var() == pytest.approx(1.0, abs=0.05)
        assert np.corrcoef(Y[same_team])[0, 1] == pytest.approx(0.5, abs=0.04)
        assert np.corrcoef(Y[same_trust])[0, 1] == pytest.approx(0.2, abs=0.05)
    assert np.median(Y.mean(axis=0)) == pytest.approx(0.0, abs=0.25)
    if departure == "unequal":
        assert Y[treated].std() > 1.4 * Y[~treated].std()


def test_arms_given_to_trusts_make_the_two_stage_t_of_teams_fail(data):
    rows = simulate_cell([MIXED, MEANS], data, Cell(0.2, 0.05, allocation="between"), 800, SEED, comparators=())
    size = {row["model"]: row["size"] for row in rows}
    assert size["means"] > 0.09
    assert size["mixed"] < 0.06
    # paired within trusts there is nothing to compare: no row, no error
    assert simulate_cell([PAIRS], data, Cell(0.2, 0.05, allocation="between"), 20, SEED, comparators=()) == []


def test_analyses_that_cannot_be_simulated_are_left_out():
    long = spec("y ~ arm * wave + (1 | trust)", effect="arm:wave")
    logged = spec("log(y_6m) ~ arm + (1 | trust)")
    assert simulable([long, MIXED, logged, replace(MIXED, outcome_type="binary")]) == [MIXED]
    bootstrapped = replace(MIXED, df_method="parametric bootstrap")
    assert simulable([bootstrapped, MIXED]) == [MIXED]
    assert headline_and_others([bootstrapped, ROBUST]) == []
    assert headline_and_others([long, MIXED]) == []
    other_people = replace(ROBUST, population="complete_cases")
    assert headline_and_others([MIXED, replace(MIXED, model="b"), other_people, ROBUST]) == [MIXED, ROBUST]


def test_the_cell_of_the_estimates_takes_the_trusts_from_the_teams():
    assert estimated_cell(0.02, 0.07) == Cell(0.02, pytest.approx(0.05))
    assert estimated_cell(None, 0.9) == Cell(0.0, 0.4)
    assert estimated_cell(0.1, None) == Cell(0.1, 0.0)
    assert estimated_cell(None, None) is None
    assert estimated_cell(np.nan, None) is None


def test_the_grid_has_each_cell_once_and_by_name():
    assert len({cell.name for cell in GRID}) == len(GRID) == 40
    assert cell_named("0.02_0.05_0_observed_normal") == Cell(0.02, 0.05)


def test_the_next_study_has_the_clusters_that_were_asked_for():
    design = NextStudy(trusts=6, teams=2, people=20, cv=0.5, loss=0.25)
    mean, cv = observed_sizes(design.sizes())
    assert mean == pytest.approx(15, abs=0.5)
    assert cv == pytest.approx(0.5, abs=0.1)
    people = next_data(design, MIXED).participants
    assert (people.groupby(["trust", "team"], observed=True)["arm"].nunique() == 1).all()
    assert (people.groupby("trust", observed=True)["arm"].nunique() == 2).all()
    between = next_data(replace(design, arm="between"), MIXED).participants
    assert (between.groupby("trust", observed=True)["arm"].nunique() == 1).all()
    rows = simulate_cell(next_analyses(MIXED), next_data(design, MIXED), Cell(0.0, 0.05), 200, SEED, comparators=())
    assert [row["model"] for row in rows] == [
        "mixed model, Kenward-Roger",
        "least squares, CR2 by trust",
        "two-stage t of team means",
    ]


def test_what_is_no_design_is_refused_with_every_fault():
    with pytest.raises(PlanError) as refused:
        NextStudy(trusts=3, teams=1, people=1, cv=3.0, arm="within", loss=1.5).check()
    said = str(refused.value)
    for part in (
        "people in a cluster",
        "lost",
        "variation of sizes",
        "clusters in an upper cluster",
        "clusters an arm",
    ):
        assert part in said
