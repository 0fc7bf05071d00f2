"""What the generator produces, against what its parameters promise."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.instruments.eq5d import state_index, state_values
from cpis_analysis.instruments.gas import t_score
from cpis_analysis.synthetic import Design, SyntheticStudy, simulate
from cpis_analysis.synthetic.parameters_outcomes import OUTCOMES

LARGE = Design(trusts=120, teams_per_trust=2, recruits=20)
MIDDLE = Design(trusts=80, teams_per_trust=2, recruits=15)
COLUMNS = {o.name: list(o.columns) for o in OUTCOMES}
# outcome: mean, SD, change, correlation, team ICC, trust ICC
WANTED = {
    "rguk": (13.0, 6.5, 0.5, 0.65, 0.03, 0.02),
    "wemwbs": (40.0, 10.5, 2.0, 0.60, 0.03, 0.02),
    "qpr": (36.0, 11.0, 1.5, 0.60, 0.03, 0.02),
    "scope": (3.0, 1.0, 0.1, 0.50, 0.02, 0.01),
    "index": (0.55, 0.30, 0.01, 0.65, 0.02, 0.01),
    "eq_vas": (55.0, 22.0, 2.0, 0.55, 0.02, 0.01),
}


@cache
def large() -> SyntheticStudy:
    return simulate("null", 5, messy=False, design=LARGE)


@cache
def middle(scenario: str = "null") -> SyntheticStudy:
    return simulate(scenario, 5, messy=False, design=MIDDLE)


@cache
def totals(study: SyntheticStudy, wave: str, held: bool = False) -> pd.DataFrame:
    """Complete totals of all recruits at a wave, or of those who were interviewed."""
    frame = study.truth["complete"]
    frame = frame[frame["wave"] == wave].set_index("participant_id")
    made = pd.DataFrame({name: frame[columns].sum(axis=1) for name, columns in COLUMNS.items() if name != "gas"})
    made["index"] = state_values("vanhout_uk")[state_index(frame[COLUMNS["eq5d5l"]].to_numpy())]
    people = study.truth["participants"].set_index("participant_id")
    made = made.join(people[["trust", "team", "arm", "status"]])
    return made[made["status"] == "completed"] if held else made


def nested_icc(frame: pd.DataFrame, name: str, recruits: int) -> tuple[float, float]:
    """ANOVA estimates of the team and trust ICC in a balanced design of two teams in a trust."""
    team = frame.groupby(["trust", "team"], observed=True)[name]
    means = team.mean()
    trusts = means.groupby("trust", observed=True).mean()
    within = team.var().mean()
    between_teams = recruits * means.groupby("trust", observed=True).var().mean()
    between_trusts = 2 * recruits * trusts.var()
    v_team = (between_teams - within) / recruits
    v_trust = (between_trusts - between_teams) / (2 * recruits)
    total = v_team + v_trust + within
    return v_team / total, v_trust / total


def arm_difference(frame: pd.DataFrame, name: str) -> float:
    mean = frame.groupby("arm", observed=True)[name].mean()
    return mean["implementation"] - mean["comparison"]


@pytest.mark.parametrize("name", list(WANTED))
def test_moments_large_null_study_matches_parameters(name):
    mean, sd, change, correlation, icc_team, icc_trust = WANTED[name]
    before, after = totals(large(), "0m"), totals(large(), "6m")
    assert before[name].mean() == pytest.approx(mean, abs=0.08 * sd)
    assert before[name].std() == pytest.approx(sd, rel=0.05)
    assert (after[name] - before[name]).mean() == pytest.approx(change, abs=0.08 * sd)
    assert np.corrcoef(before[name], after[name])[0, 1] == pytest.approx(correlation, abs=0.05)
    found = nested_icc(before, name, LARGE.recruits)
    assert found == pytest.approx((icc_team, icc_trust), abs=0.03)


def test_moments_index_has_a_tail_to_the_left():
    index = totals(large(), "0m")["index"]
    assert ((index - index.mean()) ** 3).mean() / index.std() ** 3 < -0.5
    assert index.min() < -0.2


def test_moments_gas_t_is_centred_below_fifty():
    complete = large().truth["complete"]
    weights = complete[complete["wave"] == "0m"][[f"gas_{i}_weight" for i in (1, 2, 3)]].to_numpy()
    scores = complete[complete["wave"] == "6m"][[f"gas_{i}_score" for i in (1, 2, 3)]].to_numpy()
    t = t_score(scores, weights)
    assert t.mean() == pytest.approx(47.0, abs=1.0)
    assert t.std() == pytest.approx(10.0, abs=0.7)


def test_moments_outcomes_correlate_through_recovery():
    r = totals(large(), "0m")[list(WANTED)].corr()
    assert 0.3 < r.loc["wemwbs", "qpr"] < 0.6
    assert 0.1 < r.loc["rguk", "wemwbs"] < 0.4
    assert (r.to_numpy() > 0.05).all()


def test_moments_characteristics_match_parameters():
    complete = large().truth["complete"]
    first = complete[complete["wave"] == "0m"]
    assert first["age"].mean() == pytest.approx(43.0, abs=1.5)
    assert first["age"].between(18, 75).all()
    assert (first["gender"] == "female").mean() == pytest.approx(0.55, abs=0.03)
    assert (first["paid_work"] == "yes").mean() == pytest.approx(0.15, abs=0.03)
    assert first["leisure_7d"].mean() == pytest.approx(2.4, abs=0.15)
    assert (first["diagnosis"] == "psychosis").mean() == pytest.approx(0.35, abs=0.03)


def test_moments_losses_and_gaps_have_their_rates():
    study = large()
    status = study.truth["participants"]["status"].value_counts(normalize=True)
    assert status["lost_before_baseline"] == pytest.approx(8 / 159, abs=0.015)
    assert status["lost_after_baseline"] == pytest.approx(24 / 159, abs=0.03)
    interviews = study.truth["interviews"]
    gaps = interviews[COLUMNS["rguk"]].isna()
    assert gaps.all(axis=1).mean() == pytest.approx(0.02, abs=0.008)
    assert gaps[~gaps.all(axis=1)].mean(axis=None) == pytest.approx(0.015, abs=0.003)


@pytest.mark.parametrize("seed", [20180214, 2, 3])
def test_moments_small_null_studies_stay_near(seed):
    study = simulate("null", seed, messy=False)
    before = totals(study, "0m")
    for name, (mean, sd, *_) in WANTED.items():
        assert before[name].mean() == pytest.approx(mean, abs=0.4 * sd)
        assert before[name].std() == pytest.approx(sd, rel=0.25)


def test_scenario_effect_raises_what_it_should_and_no_more():
    null, effect = totals(middle(), "6m"), totals(middle("effect"), "6m")
    pd.testing.assert_frame_equal(totals(middle(), "0m"), totals(middle("effect"), "0m"))
    for name, wanted in (("rguk", 2.0), ("wemwbs", 3.0), ("qpr", 4.0), ("scope", 0.0), ("eq_vas", 0.0)):
        assert arm_difference(effect, name) - arm_difference(null, name) == pytest.approx(wanted, abs=0.15)
    stated = middle("effect").truth["effects"].set_index("outcome")["effect"]
    assert stated["rguk"] == 2.0
    assert (middle().truth["effects"]["effect"] == 0).all()


def test_scenario_one_trained_team_changes_that_team_alone():
    null, trained = totals(middle(), "6m"), totals(middle("one_trained_team"), "6m")
    changed = (trained["rguk"] != null["rguk"]) | (trained["qpr"] != null["qpr"])
    teams = trained.loc[changed, ["trust", "team"]].drop_duplicates()
    assert teams.astype(str).to_numpy().tolist() == [["C", "Central"]]
    assert changed.sum() > 5


def test_scenario_mnar_observed_difference_is_biased():
    mnar = middle("mnar")
    pd.testing.assert_frame_equal(
        totals(middle(), "6m")[list(WANTED)], totals(mnar, "6m")[list(WANTED)], check_like=True
    )
    bias = arm_difference(totals(mnar, "6m", held=True), "rguk") - arm_difference(totals(mnar, "6m"), "rguk")
    assert bias < -0.6
    null = totals(middle(), "6m", held=True)
    assert abs(arm_difference(null, "rguk") - arm_difference(totals(middle(), "6m"), "rguk")) < 0.35


def test_scenario_baseline_imbalance_leads_at_both_waves():
    study = middle("baseline_imbalance")
    for wave in ("0m", "6m"):
        lead = arm_difference(totals(study, wave), "rguk") - arm_difference(totals(middle(), wave), "rguk")
        assert lead == pytest.approx(0.4 * 6.5 * 0.93, abs=0.35)
    assert (study.truth["effects"]["effect"] == 0).all()


def test_scenario_tiny_icc_has_next_to_no_cluster_variance():
    before = totals(middle("tiny_icc"), "0m")
    for name in ("rguk", "wemwbs", "qpr"):
        assert max(nested_icc(before, name, MIDDLE.recruits)) < 0.015


def test_support_differs_most_in_the_trust_with_the_trained_team():
    support = []
    for seed in range(1, 5):
        truth = simulate("null", seed, messy=False).truth
        after = truth["complete"][truth["complete"]["wave"] == "6m"]
        arm = after["participant_id"].map(truth["participants"].set_index("participant_id")["arm"].astype(str))
        yes = after["support_received"].astype(str).eq("yes")
        support.append(yes.groupby([after["trust"].astype(str), arm]).mean())
    share = pd.concat(support, axis=1).mean(axis=1).unstack()
    assert share.loc["C", "implementation"] == pytest.approx(0.80, abs=0.15)
    assert share.loc["C", "comparison"] == pytest.approx(0.30, abs=0.15)
    assert (share.drop(index="C")["implementation"] - share.drop(index="C")["comparison"]).abs().max() < 0.25
