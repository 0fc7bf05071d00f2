"""Least squares with jackknife errors, and the warning of those that are no jackknife."""

import numpy as np
import pytest

from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.errors import ModelError
from cpis_analysis.methods import method_named
from cpis_analysis.study.dataset import AnalysisData
from made_up_study import spec, study


def wanted(estimator, formula="y_6m ~ arm + y_0m", cluster="team", **changes):
    return spec(formula, estimator, cluster=cluster, **changes)


def test_jackknife_is_cr3_of_the_same_model_and_its_kind_follows_from_the_degrees_of_freedom():
    data = study()
    robust = run_analysis(wanted("ols_cr2"), data).estimate
    one = run_analysis(wanted("ols_jackknife"), data).estimate
    two = run_analysis(wanted("ols_jackknife", df_method="clusters-1"), data).estimate
    teams = data.participants.groupby(["trust", "team"], observed=True).ngroups
    assert one.estimate == pytest.approx(robust.estimate)
    assert one.se > robust.se
    assert two.se == pytest.approx(one.se * np.sqrt((teams - 1) / teams), rel=1e-12)
    assert (one.df_method, two.df_method, two.df) == ("satterthwaite", "clusters-1", teams - 1)


def test_jackknives_are_told_apart_in_words():
    method = method_named("ols_jackknife")
    v5, cv3 = (wanted("ols_jackknife", df_method=name) for name in ("satterthwaite", "clusters-1"))
    assert method.in_words(v5).endswith("over clusters (Hansen's V5)")
    assert method.in_words(cv3).endswith("over clusters (CV3)")
    assert [method.in_line(one, "team") for one in (v5, cv3)] == [
        "least squares, jackknife V5 by team",
        "least squares, jackknife CV3 by team",
    ]


def lone(data):
    """Both arms in the first trust alone; of the others each has one arm."""
    people = data.participants
    place = people["trust"].astype("category").cat.codes
    arm = people["arm"].astype(str).where(place == 0, np.where(place % 2 == 0, "c", "i"))
    return AnalysisData(people.assign(arm=arm), data.interviews)


def test_effect_that_one_cluster_alone_tells_is_warned_of():
    data = lone(study())
    wide = {"formula": "y_6m ~ arm + trust + y_0m", "cluster": "trust"}
    said = run_analysis(wanted("ols_cr2", **wide), data).estimate.warnings
    assert any("One trust alone tells the effect" in one and "ols_jackknife" in one for one in said)
    plain = run_analysis(wanted("ols_cr2", cluster="trust"), data).estimate
    assert not any("alone tells" in one for one in plain.warnings)
    # the robust error is that of the covariate alone
    robust = run_analysis(wanted("ols_cr2", **wide), data).estimate
    assert run_analysis(wanted("ols_jackknife", **wide), data).estimate.se > robust.se


def test_effect_that_stays_whichever_cluster_is_left_out_is_refused():
    data = study(size=6)
    people = data.participants
    place = people.groupby(["trust", "team"], observed=True).cumcount()
    alike = np.array([1.1, 2.3, 3.7, 5.9, 8.3, 13.1])[place] + 2.0 * (people["arm"] == "i")
    with pytest.raises(ModelError, match="no variance to be estimated"):
        run_analysis(wanted("ols_jackknife", "y_6m ~ arm"), AnalysisData(people.assign(y_6m=alike), data.interviews))


def test_words_say_which_jackknife_it_is():
    method = method_named("ols_jackknife")
    assert method.in_detail(wanted("ols_jackknife")) == "least squares, jackknife V5 by team"
    assert "CV3" in method.in_detail(wanted("ols_jackknife", df_method="clusters-1"))
