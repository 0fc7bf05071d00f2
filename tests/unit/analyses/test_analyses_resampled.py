"""Permutation, wild bootstrap and sign changes as analyses of a plan: design, refusals, and what is reported."""

import math
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from cpis_analysis.analyses.collect import collect_estimates
from cpis_analysis.analyses.fitting.forecast import forecast
from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.errors import ModelError
from cpis_analysis.study.dataset import AnalysisData
from made_up_study import read_back, spec, study

pytestmark = pytest.mark.thorough

FORMULA = "y_6m ~ arm + y_0m + age"
TRUSTS = tuple(f"{trust}/{team}/{arm}" for trust, arm in zip("ABCDEF", "icicic", strict=True) for team in ("N", "S"))
WHICH = {
    "permutation": {},
    "across": {"across": True},
    "wild_bootstrap": {"cluster": "team", "weights": "rademacher"},
    "sign_changes": {"cluster": "trust"},
}


def wanted(which, formula=FORMULA, **changes):
    return spec(formula, "permutation" if which == "across" else which, **(WHICH[which] | changes))


@pytest.fixture(scope="module")
def data():
    return study(effect=2.0, size=[4, 9, 5, 7, 6, 8, 3, 6, 7, 5])


@pytest.fixture(scope="module")
def found(data):
    return {name: run_analysis(wanted(name), data) for name in WHICH}


def test_permutation_within_trusts_has_the_estimate_of_the_paired_t_and_its_smallest_p(data, found):
    paired = run_analysis(spec(FORMULA, "cluster_summary", cluster="team", pairs=True), data)
    one = found["permutation"]
    assert one.estimate.estimate == pytest.approx(paired.estimate.estimate, rel=1e-12)
    assert one.estimate.se == pytest.approx(paired.estimate.se, rel=1e-12)
    assert one.adjusted_means == paired.adjusted_means
    assert one.resampling["n"] == 32
    assert one.resampling["smallest_p"] == 2 / 32
    assert (one.estimate.ci_low, one.estimate.ci_high) == (-math.inf, math.inf)
    assert "With 32 allocations no p-value can be below 0.0625: the interval of this level has no ends." in (
        one.estimate.warnings
    )
    narrow = run_analysis(wanted("permutation", level=1 - 2 / 32), data).estimate
    ends = (one.resampling["attainable_low"], one.resampling["attainable_high"])
    assert one.resampling["attainable_level"] == 0.9375
    assert ends == (narrow.ci_low, narrow.ci_high)


def test_permutation_with_one_level_warns_of_no_level_below():
    one = run_analysis(wanted("permutation", levels=("trust",)), study(TRUSTS, effect=2.0))
    assert not [warning for warning in one.estimate.warnings if "too optimistic" in warning]


def test_permutation_across_trusts_has_the_estimate_of_the_two_stage_t(data, found):
    plain = run_analysis(spec(FORMULA, "cluster_summary", cluster="team"), data).estimate
    one = found["across"]
    assert one.estimate.estimate == pytest.approx(plain.estimate, rel=1e-12)
    assert one.resampling["n"] == 252
    assert one.resampling["smallest_p"] == pytest.approx(2 / 252)
    assert one.estimate.ci_low < plain.estimate < one.estimate.ci_high


def test_permutation_of_whole_trusts_where_the_arm_belongs_to_them():
    data = study(TRUSTS, effect=3.0)
    one = run_analysis(wanted("permutation"), data)
    plain = run_analysis(spec(FORMULA, "cluster_summary", cluster="trust"), data).estimate
    assert one.resampling["n"] == 20
    assert one.estimate.estimate == pytest.approx(plain.estimate, rel=1e-12)
    for name, message in (("across", "could not have exchanged it"), ("sign_changes", "does not vary within a trust")):
        with pytest.raises(ModelError, match=message):
            run_analysis(wanted(name), data)
    with pytest.raises(ModelError, match="not independent of each other"):
        run_analysis(wanted("wild_bootstrap"), data)
    assert run_analysis(wanted("wild_bootstrap", cluster="trust"), data).resampling["n"] == 64


def test_permutation_leaves_out_trusts_of_one_arm():
    teams = ("A/N/c", "A/S/i", "B/N/c", "B/S/i", "C/N/c", "C/S/i", "D/N/c", "D/S/c", "E/N/i", "E/S/i")
    one = run_analysis(wanted("permutation"), study(teams))
    assert one.resampling["n"] == 8
    assert any("2 of 5 trusts have one arm only" in text for text in one.messages)


def test_adjusted_permutation_is_the_two_stage_comparison_at_levels_of_its_own():
    teams = tuple(f"{trust}/{side}" for trust in "ABCDEF" for side in ("North/c", "South/i"))
    data = study(teams, effect=3.0)
    plain = run_analysis(spec(FORMULA, "cluster_summary", cluster="team"), data)
    one = run_analysis(spec(FORMULA, "adjusted_permutation"), data)
    assert one.estimate.estimate == pytest.approx(plain.estimate.estimate, rel=1e-12)
    assert one.adjusted_means == plain.adjusted_means
    assert (one.resampling["n"], one.resampling["smallest_p"], one.estimate.p_value) == (924, 0.05, 0.05)
    # the clusters' means by hand, of which the fourth swap from either side ends the interval
    people = data.participants
    X = np.column_stack([np.ones(len(people)), people["arm"] == "i", people["y_0m"], people["age"]]).astype(float)
    slopes = np.linalg.lstsq(X, people["y_6m"], rcond=None)[0][2:]
    left = people["y_6m"] - people[["y_0m", "age"]] @ slopes
    c, i = (left[people["arm"] == arm].groupby(people["trust"], observed=True).mean().to_numpy() for arm in "ci")
    ways = [list(part) for k in range(1, 7) for part in combinations(range(6), k)]
    swaps = sorted(i[lose].mean() - c[gain].mean() for lose in ways for gain in ways if len(lose) == len(gain))
    assert (one.estimate.ci_low, one.estimate.ci_high) == pytest.approx((swaps[3], swaps[-4]), rel=1e-9)


def test_adjusted_permutation_says_what_too_few_clusters_let_it(data):
    one = run_analysis(spec(FORMULA, "adjusted_permutation"), data)
    assert one.estimate.warnings[0] == (
        "With 252 allocations of 5 and 5 clusters no p-value can be below 0.1: the interval of this level has no ends."
    )
    narrow = run_analysis(spec(FORMULA, "adjusted_permutation", level=0.9), data).estimate
    assert (one.resampling["attainable_level"], one.resampling["attainable_low"]) == (0.9, narrow.ci_low)
    few = study(("A/N/c", "A/S/i", "B/N/c", "B/S/i", "C/N/c", "C/S/i", "D/N/c", "E/N/c"))
    with pytest.raises(ModelError) as caught:
        run_analysis(spec(FORMULA, "adjusted_permutation"), few)
    assert (caught.value.problems[0].message, caught.value.problems[0].value) == (
        "there are levels for 4 to 12 teams in either arm",
        "3 and 5",
    )
    with pytest.raises(ModelError, match="constant within clusters"):
        run_analysis(spec(f"{FORMULA} + trust", "adjusted_permutation"), data)


def test_people_who_got_the_arm_one_by_one_are_not_permuted_but_their_trusts_change_signs():
    data = study(size=12)
    people = data.participants
    arm = np.where(np.arange(len(people)) % 2 == 0, "c", "i")
    data = AnalysisData(people.assign(arm=arm), data.interviews)
    with pytest.raises(ModelError, match="one by one"):
        run_analysis(wanted("permutation"), data)
    by_trust, by_team = (run_analysis(wanted("sign_changes", cluster=level), data) for level in ("trust", "team"))
    assert (by_trust.resampling["n"], by_team.resampling["n"]) == (32, 1024)
    assert math.isfinite(by_team.estimate.ci_low)


def test_sign_changes_are_least_squares_in_each_trust(data, found):
    people = data.participants
    own = []
    for _, here in people.groupby("trust", observed=True):
        X = np.column_stack([np.ones(len(here)), here["arm"] == "i", here["y_0m"], here["age"]]).astype(float)
        own.append(np.linalg.lstsq(X, here["y_6m"], rcond=None)[0][1])
    one = found["sign_changes"].estimate
    assert (one.estimate, one.se) == pytest.approx((np.mean(own), np.std(own, ddof=1) / 5**0.5), rel=1e-9)
    assert found["sign_changes"].estimate.p_value == (2 / 32 if min(own) > 0 else one.p_value)
    with pytest.raises(ModelError, match="does not vary within a team"):
        run_analysis(wanted("sign_changes", cluster="team"), data)


def test_small_clusters_are_left_out_of_sign_changes_and_counted():
    data = study(size=[2, 2, *[8] * 8])
    one = run_analysis(wanted("sign_changes"), data)
    assert one.resampling["n"] == 16
    assert any(text.startswith("1 of 5 trusts can't tell") for text in one.estimate.warnings)


@pytest.mark.parametrize("name", WHICH)
def test_results_are_read_back_as_they_were_written(name, found):
    again = read_back(found[name])
    assert again.resampling == found[name].resampling
    assert (again.estimate.ci_low, again.estimate.p_value) == (
        found[name].estimate.ci_low,
        found[name].estimate.p_value,
    )


def test_estimates_say_how_small_the_p_value_could_have_been(found):
    drawn = run_analysis(wanted("wild_bootstrap", weights="webb", name="y.webb", model="webb"), study())
    named = [
        replace(one, spec=replace(one.spec, name=f"y.{name}"), estimate=replace(one.estimate, analysis=f"y.{name}"))
        for name, one in found.items()
    ]
    rows = collect_estimates([*named, drawn], {}).set_index("analysis")
    assert rows.loc["y.permutation", "smallest_p"] == 0.0625
    assert rows.loc["y.webb", "resamples"] == 10_000
    p = rows.loc["y.webb", "p_value"]
    assert rows.loc["y.webb", "mc_error_p"] == pytest.approx((p * (1 - p) / 10_000) ** 0.5)
    assert rows["df"].isna().all()
    assert rows["df_method"].tolist() == ["permutation"] * 2 + ["wild bootstrap", "sign changes", "wild bootstrap"]


def test_drawn_resamples_follow_from_the_seed_and_the_name(data):
    webb = wanted("wild_bootstrap", weights="webb")
    one, same = (run_analysis(webb, data, seed=1).estimate for _ in range(2))
    assert (one.p_value, one.ci_low) == (same.p_value, same.ci_low)
    others = [run_analysis(webb, data, seed=2), run_analysis(replace(webb, name="y.other"), data, seed=1)]
    assert all(other.estimate.ci_low != one.ci_low for other in others)


def test_forecast_says_what_the_design_refuses_before_the_outcome_is_seen():
    data = study(TRUSTS)
    assert "does not vary within a trust" in forecast(wanted("sign_changes"), data).refused[0].message
    ahead = forecast(wanted("permutation"), study())
    assert not ahead.refused
    assert ahead.df is None
    assert any("no p-value can be below 0.0625" in line for line in ahead.remarks)
