"""Clusters in one arm only: outcomes drawn for them, and analyses of many outcomes one after the other."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.analyses.rows.analysis_rows import analysis_rows
from cpis_analysis.errors import ModelError
from cpis_analysis.operating.comparators import BY_NORMAL, LEAST_SQUARES
from cpis_analysis.operating.drawn_outcomes import Truth, draw_outcomes
from cpis_analysis.operating.estimators import one_by_one
from cpis_analysis.operating.grid_cell import Cell
from cpis_analysis.operating.many import analyse_many, with_outcome
from cpis_analysis.operating.simulated_cell import simulate_cell
from cpis_analysis.plan.schema_design import Design
from cpis_analysis.steps.simulate_error_rates import _assumed
from cpis_analysis.study.dataset import AnalysisData, with_single_people
from made_up_study import spec

pytestmark = pytest.mark.thorough

ANSWERS = Path(__file__).parents[2] / "golden/data/one_arm/answers.csv"
TRIAL = {"reference": "usual", "participant": "person", "baseline": None, "levels": ("group",), "outcome": "score",
         "followup": "score"}  # fmt: skip
BY_ARM = spec("score ~ arm + age + (0 + in_group | group)", "mmrm", covariance="independent", residual_by="arm",
              model="by_arm", **TRIAL)  # fmt: skip
ROBUST = spec("score ~ arm + age", "ols_cr2", cluster="group", model="robust", **TRIAL)
RATES = spec("visits ~ arm + age", "gee", cluster="group", correlation="independence", correction="mancl-derouen",
             df_method="satterthwaite", **TRIAL | {"outcome": "visits", "followup": "visits", "outcome_type": "count",
                                                   "family": "poisson", "exposure": "weeks"})  # fmt: skip


@pytest.fixture(scope="module")
def data():
    design = Design.model_validate(
        {
            "participant": "person",
            "arm": {"variable": "arm", "reference": "usual"},
            "levels": [{"variable": "group", "arms": ["new"]}],
            "waves": [{"name": "6m", "label": "After", "months": 6}],
        }
    )
    people = pd.read_csv(ANSWERS)
    people["score"] = np.random.default_rng(2).normal(50, 10, len(people))
    for name in ("arm", "group"):
        people[name] = pd.Categorical(people[name])
    people["has_6m"] = True
    made = with_single_people(people, pd.DataFrame({"person": people["person"], "wave": "6m"}), design)
    return AnalysisData(made, made.iloc[:0])


def test_people_of_a_group_are_alike_and_single_people_have_their_variance_for_themselves(data):
    people = data.participants
    grouped = (people["arm"] == "new").to_numpy()
    Y = draw_outcomes(people, Truth(0.3, 0.0), grouped, "group", None, 4000, np.random.default_rng(5))
    assert Y.var(axis=1) == pytest.approx(1.0, abs=0.12)
    alike = np.corrcoef(Y)
    own = people["group"].astype(str).to_numpy()
    together = (own[:, None] == own) & ~np.eye(len(own), dtype=bool)
    assert alike[together].mean() == pytest.approx(0.3, abs=0.02)
    assert alike[np.ix_(~grouped, ~grouped)][~np.eye((~grouped).sum(), dtype=bool)].mean() == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize("one", [BY_ARM, RATES])
def test_many_outcomes_one_after_the_other_give_what_single_analyses_do(data, one):
    rows = analysis_rows(one, data)
    rng = np.random.default_rng(3)
    drawn = rng.normal(50, 10, (len(rows.frame), 2)) if one is BY_ARM else rng.poisson(4.0, (len(rows.frame), 2))
    (found,) = analyse_many([one], rows, drawn.astype(float))
    for j, y in enumerate(drawn.T.astype(float)):
        single = run_analysis(one, with_outcome(one, rows, data, y)).estimate
        assert (found.estimate[j], found.se[j], found.p_values()[j]) == pytest.approx(
            (single.estimate, single.se, single.p_value), rel=1e-9
        )


def test_an_outcome_without_a_result_has_none_and_takes_no_other_with_it(data):
    rows = analysis_rows(RATES, data)
    drawn = np.random.default_rng(4).poisson(4.0, (len(rows.frame), 2)).astype(float)
    drawn[(rows.frame["arm"] == "new").to_numpy(), 0] = 0.0
    (found,) = analyse_many([RATES], rows, drawn)
    assert found.failed.tolist() == [True, False]


def test_fits_one_after_the_other_are_fewer_and_not_of_thousands(data, monkeypatch):
    rows = simulate_cell([BY_ARM, ROBUST], data, Cell(0.1, 0.0), 40, 9, comparators=(BY_NORMAL, LEAST_SQUARES))
    assert {(row["model"], row["comparator"]): row["replicates"] for row in rows} == {
        ("by_arm", ""): 8, ("by_arm", LEAST_SQUARES): 8, ("robust", ""): 40,
    }  # fmt: skip
    monkeypatch.setattr(one_by_one, "_MOST_ROWS", 10)
    with pytest.raises(ModelError, match="not simulated"):
        analyse_many([BY_ARM], analysis_rows(BY_ARM, data), np.ones((len(data.participants), 1)))


def test_one_level_of_clusters_is_simulated_at_the_share_that_is_told():
    assert _assumed([BY_ARM]) == [Cell(0.05, 0.0), Cell(0.1, 0.0)]
