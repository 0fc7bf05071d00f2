"""Simulated error rates of answers and counts: drawn as given, analysed as the study is, without numbers of people."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.analyses.rows.analysis_rows import analysis_rows
from cpis_analysis.errors import CpisError
from cpis_analysis.methods.degrees import PSEUDO_KENWARD_ROGER
from cpis_analysis.operating.drawn_answers import draw_answers
from cpis_analysis.operating.drawn_outcomes import Truth, draw_outcomes
from cpis_analysis.operating.grid_cell import Cell, simulable_answers
from cpis_analysis.operating.many import analyse_many, with_outcome
from cpis_analysis.operating.simulated_answers import simulate_answers
from made_up_study import spec, study

pytestmark = pytest.mark.thorough

SEED = 20180214
BINARY = {"outcome_type": "binary", "model": "m"}
CHOSEN = spec("y_6m ~ arm + age", estimator="by_design", name="y.chosen", **BINARY)
ODDS = spec("y_6m ~ arm + age + (1 | trust) + (1 | trust:team)", estimator="glmm", family="binomial",
            df_method="between-within", name="y.odds", **BINARY)  # fmt: skip
WITHIN = tuple(f"{trust}/{team}/{'ci'[team]}" for trust in "ABCDE" for team in (0, 1))
BETWEEN = tuple(f"{trust}/{team}/{'ci'[place % 2]}" for place, trust in enumerate("ABCDE") for team in (0, 1))


def answered(teams, size=12, values=None):
    """The made-up study, its outcome made a yes or no, or what `values` makes of it."""
    data = study(teams, size=size)
    values = values or (lambda y: (y > y.median()).astype(float))
    return replace(data, participants=data.participants.assign(y_6m=values(data.participants["y_6m"])))


@pytest.mark.parametrize("teams", [WITHIN, BETWEEN], ids=["within", "between"])
@pytest.mark.parametrize("one", [CHOSEN, ODDS], ids=["by_design", "glmm"])
def test_many_answers_give_what_single_analyses_do(one, teams):
    data = answered(teams)
    rows = analysis_rows(one, data)
    Y = np.random.default_rng(4).binomial(1, 0.4, (len(rows.frame), 3)).astype(float)
    (found,) = analyse_many([one], rows, Y)
    for j, y in enumerate(Y.T):
        single = run_analysis(one, with_outcome(one, rows, data, y)).estimate
        assert found.estimate[j] == pytest.approx(single.estimate, rel=1e-6)
        assert found.se[j] == pytest.approx(single.se, rel=1e-6)
        assert found.p_values()[j] == pytest.approx(single.p_value, rel=1e-5)


@pytest.mark.parametrize("one", [CHOSEN, ODDS], ids=["by_design", "glmm"])
def test_an_answer_that_an_arm_did_not_give_has_no_result_in_either(one):
    data = answered(WITHIN)
    rows = analysis_rows(one, data)
    arm = (rows.frame["arm"] == "i").to_numpy(float)
    Y = np.column_stack([np.random.default_rng(4).binomial(1, 0.4, len(arm)), arm, np.zeros(len(arm))]).astype(float)
    (found,) = analyse_many([one], rows, Y)
    assert found.failed.tolist() == [False, True, True]
    for y in Y.T[1:]:
        with pytest.raises(CpisError):
            run_analysis(one, with_outcome(one, rows, data, y))


def test_answers_are_as_frequent_as_those_given_and_alike_in_clusters_as_asked():
    data = answered(WITHIN, 12, lambda y: pd.Series(np.digitize(y, np.quantile(y, [0.2, 0.7])), y.index, dtype=float))
    rows = analysis_rows(replace(CHOSEN, outcome_type="ordinal", low=0.0, high=2.0), data)
    latent = draw_outcomes(rows.frame, Truth(0.0, 0.2), np.zeros(120, bool), "trust", "team", 4000,
                           np.random.default_rng(1))  # fmt: skip
    Y = draw_answers(CHOSEN, rows, latent)
    given = rows.frame["y_6m"].value_counts(normalize=True)
    for answer, share in given.items():
        assert (Y == answer).mean() == pytest.approx(share, abs=0.01)
    # people of one team agree more often than those of two trusts
    same, other = (np.corrcoef(Y[0], Y[at])[0, 1] for at in (1, 119))
    assert same == pytest.approx(0.2, abs=0.06)
    assert abs(other) < 0.06


def test_counts_of_different_times_are_drawn_as_rates():
    data = answered(WITHIN, 12, lambda y: (y - y.min()).round())
    time = np.tile([1.0, 3.0], 60)
    data = replace(data, participants=data.participants.assign(t_6m=time))
    one = replace(CHOSEN, outcome_type="count", exposure="t_6m")
    rows = analysis_rows(one, data)
    Y = draw_answers(one, rows, np.random.default_rng(2).normal(size=(120, 3000)))
    rate = rows.frame["y_6m"].to_numpy() / time
    means = Y.mean(axis=1)
    assert means[time == 3.0].mean() / means[time == 1.0].mean() == pytest.approx(3.0, rel=0.05)
    assert means[time == 3.0].mean() == pytest.approx(3.0 * rate.mean(), rel=0.05)
    assert (Y == np.round(Y)).all()


def test_the_test_by_allocation_holds_its_size_and_nothing_tells_how_many_had_the_event():
    data = answered(WITHIN)
    cells = [Cell(0.02, 0.05), Cell(0.05, 0.10)]
    rows = [row for (row,) in simulate_answers([CHOSEN], data, cells, 1000, SEED, minimum=5)]
    assert [row["icc_team"] for row in rows] == [0.05, 0.10]
    for row in rows:
        assert 0.02 < row["size"] < 0.075
        assert row["size_low"] < row["size"] < row["size_high"]
        assert not set(row) & {"rmse", "width", "bias", "coverage", "power_0.5"}


def test_answers_of_few_people_are_not_simulated():
    few = answered(WITHIN, 12, lambda y: (y > np.sort(y)[-8]).astype(float))
    assert simulate_answers([CHOSEN], few, [Cell(0.0, 0.0)], 10, SEED, minimum=5) == [[]]
    assert simulate_answers([CHOSEN], few, [Cell(0.0, 0.0)], 10, SEED, minimum=0) != [[]]


def test_what_can_be_simulated_of_answers_is_known_before_any_data():
    assert simulable_answers([CHOSEN, ODDS]) == [CHOSEN, ODDS]
    for one in (
        replace(CHOSEN, outcome_type="continuous"),
        replace(ODDS, family="beta_binomial"),
        replace(ODDS, quadrature=9),
        replace(ODDS, df_method=PSEUDO_KENWARD_ROGER.name),
        replace(ODDS, separation="penalise"),
        replace(CHOSEN, formula="y_change ~ arm"),
        replace(CHOSEN, levels=("a", "b", "c")),
    ):
        assert simulable_answers([one]) == []
