"""Shares of the variance between clusters: estimate, profile interval, and the model without covariates."""

import pandas as pd
import pytest

from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.analyses.icc import Correlations, correlations, shares_of_variance
from cpis_analysis.analyses.rows.analysis_rows import analysis_rows
from cpis_analysis.lmm import lmer, variance_intervals
from cpis_analysis.lmm.refits.intervals import icc_records
from made_up_study import spec, study

ANCOVA = spec("y_6m ~ arm + y_0m + (1 | trust) + (1 | trust:team)")


@pytest.fixture(scope="module")
def data():
    return study(size=8, team_sd=2.0)


def test_icc_intervals_are_those_among_all_profile_intervals(data):
    rows = analysis_rows(ANCOVA, data)
    fit = lmer(rows.formula, rows.frame)
    every = variance_intervals(fit, "profile")
    alone = pd.DataFrame(icc_records(fit))
    assert alone.equals(every[every["quantity"] == "icc"].reset_index(drop=True))


def test_components_have_share_interval_and_the_share_without_covariates(data):
    components = run_analysis(ANCOVA, data).variance_components
    total = sum(row["variance"] for row in components)
    empty = lmer("y_6m ~ 1 + (1 | trust) + (1 | trust:team)", analysis_rows(ANCOVA, data).frame)
    for row in components[:-1]:
        assert row["share"] == pytest.approx(row["variance"] / total)
        assert 0.0 <= row["share_low"] <= row["share"] <= row["share_high"] < 1.0
        assert row["share_empty"] == pytest.approx(float(empty.icc[row["group"]]), abs=1e-8)
    assert "share" not in components[-1]


def test_where_degrees_of_freedom_are_counted_or_terms_are_many_there_are_no_shares(data):
    counted = run_analysis(spec(ANCOVA.formula, df_method="between-within"), data).variance_components
    assert not any("share" in row for row in counted)
    rows = analysis_rows(spec("y ~ arm * wave + (1 | trust) + (1 | trust:team) + (1 | participant_id)"), data)
    fit = lmer(rows.formula, rows.frame)
    assert shares_of_variance(fit, rows.formula, rows.frame, 0.95) == {}


def test_people_of_a_cluster_share_the_levels_above_it_as_well():
    of = {"trust": 1.0, "middle": 2.0, "team": 3.0, "person": 5.0}
    assert correlations(of, 20.0) == Correlations(0.05, 0.15, 0.3)
    # a level that the model lacks has none, and adds nothing to those below
    assert correlations({"middle": 2.0, "team": 3.0}, 20.0) == Correlations(None, 0.1, 0.25)
    assert correlations({"trust": 1.0, "team": 3.0}, 20.0) == Correlations(0.05, None, 0.2)
