"""Ratios from generalised mixed models, standardised risks beside them, and the test that the allocation asks for."""

import math

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.analyses.collect import collect_estimates
from cpis_analysis.analyses.fitting.result_to_leave import result_to_leave
from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.analyses.result_records import Names, result_from_record, result_to_record
from cpis_analysis.errors import DataError, ModelError
from cpis_analysis.methods.degrees import PSEUDO_BETWEEN_WITHIN
from cpis_analysis.plan.outcome_scale import scale_named
from cpis_analysis.plan.specification import ContrastSpec
from cpis_analysis.study.dataset import AnalysisData
from cpis_analysis.study_words import PEOPLE
from made_up_study import answering_study, spec, study

pytestmark = pytest.mark.thorough

LEVELS = "(1 | trust) + (1 | trust:team)"


@pytest.fixture(scope="module")
def data():
    """Answers with effects of teams: an event, answers in order, a count and its time."""
    made, wide, eta, random = answering_study()
    wide["t_6m"] = random.integers(1, 4, len(wide)).astype(float)
    wide["k_6m"] = random.poisson(wide["t_6m"] * np.exp(0.3 * eta)).astype(float)
    return AnalysisData(wide, made.interviews)


def odds(formula=f"e_6m ~ arm + {LEVELS}", **changes):
    settings = {"outcome": "e", "name": "e.model", "outcome_type": "binary", "family": "binomial"}
    return spec(formula, "glmm", **{**settings, **changes})


@pytest.fixture(scope="module")
def fitted(data):
    return run_analysis(odds(), data)


def test_glmm_odds_ratio_is_the_exponential_and_counts_clusters(fitted):
    one = fitted.estimate
    row = collect_estimates([fitted], {}).iloc[0]
    assert (one.measure, row["scale"], one.df) == ("log odds difference", "odds", 8)
    assert row["ratio"] == pytest.approx(math.exp(one.estimate), rel=1e-14)
    assert row["ratio_ci_low"] == pytest.approx(math.exp(one.ci_low), rel=1e-14)
    assert fitted.scale.difference == "odds ratio"
    assert pd.isna(row["standardised"])


def test_glmm_standardised_risks_are_marginal_and_not_those_of_a_cluster_in_the_middle(fitted):
    """The gap to risks at random effects of zero: without covariates they are the inverse logit of the coefficients."""
    risks = {row["arm"]: row["estimate"] for row in fitted.adjusted_means}
    intercept, slope = (row["estimate"] for row in fitted.coefficients)
    middle = [1 / (1 + math.exp(-value)) for value in (intercept, intercept + slope)]
    variance = sum(row["variance"] for row in fitted.variance_components)
    x, weights = np.polynomial.hermite.hermgauss(60)
    mean = [
        float(weights @ (1 / (1 + np.exp(-(value + math.sqrt(2 * variance) * x)))) / math.sqrt(math.pi))
        for value in (intercept, intercept + slope)
    ]
    assert [risks["c"], risks["i"]] == pytest.approx(mean, rel=1e-9)
    difference, ratio = fitted.contrasts
    assert difference.estimate == pytest.approx(mean[1] - mean[0], rel=1e-9)
    assert ratio.estimate == pytest.approx(math.log(mean[1] / mean[0]), rel=1e-9)
    assert abs(middle[1] - middle[0] - difference.estimate) > 0.01
    assert [str(one.contrast) for one in fitted.contrasts] == ["i - c (standardised)", "i - c (standardised ratio)"]
    assert [(one.measure, fitted.scale_of(one).name) for one in fitted.contrasts] == [
        ("risk difference", "risk"),
        ("log risk ratio", "risk_ratio"),
    ]


def test_glmm_rows_stand_on_scales_of_their_own(fitted):
    frame = collect_estimates([fitted], {}).set_index("contrast")
    assert list(frame["scale"]) == ["odds", "risk", "risk_ratio"]
    assert frame["ratio"].notna().tolist() == [True, False, True]
    assert frame.loc["i - c (standardised ratio)", "ratio"] == pytest.approx(math.exp(fitted.contrasts[1].estimate))


def test_glmm_result_survives_its_record(fitted):
    record = result_to_record(fitted)
    contrasts = {str(one.contrast): one.contrast for one in (fitted.estimate, *fitted.contrasts)}
    read = result_from_record(record, Names(contrasts, fitted.parts))
    assert (read.estimate, read.contrasts, read.coefficients) == (
        fitted.estimate,
        fitted.contrasts,
        fitted.coefficients,
    )
    assert "scale" not in record["estimate"]
    assert "checks" not in record


def test_glmm_without_variance_between_clusters_is_a_logistic_regression(data):
    """No covariate, variances at zero: the odds ratio and the risks are those of the two-by-two table."""
    wide = data.participants.copy()
    # every team of an arm alike
    place = wide.groupby(["trust", "team"], observed=True).cumcount()
    wide["e_6m"] = (place < np.where(wide["arm"] == "i", 9, 5)).astype(float)
    result = run_analysis(odds(), AnalysisData(wide, data.interviews))
    assert result.estimate.singular
    assert result.estimate.estimate == pytest.approx(math.log((9 / 5) / (5 / 9)), rel=1e-6)
    cells = 70 * np.array([9, 5, 5, 9]) / 14
    assert result.estimate.se == pytest.approx(math.sqrt((1 / cells).sum()), rel=1e-5)
    assert result.contrasts[0].estimate == pytest.approx(4 / 14, rel=1e-6)
    assert result.contrasts[1].estimate == pytest.approx(math.log(9 / 5), rel=1e-6)
    assert any("between teams was estimated as zero" in text for text in result.estimate.warnings)


def test_glmm_pseudo_likelihood_has_estimated_degrees_of_freedom(data):
    rows = [run_analysis(odds(df_method=f"pseudo-likelihood, {name}"), data) for name in ("kenward-roger",
                                                                                       "between-within")]  # fmt: skip
    one, other = (row.estimate for row in rows)
    assert one.estimate == other.estimate
    assert one.df < other.df == 8
    assert one.se >= other.se
    assert not rows[0].contrasts


def test_glmm_ordered_answers_show_the_odds_ratio_at_each_cut(data):
    changes = {"outcome": "o", "outcome_type": "ordinal", "family": "ordinal", "low": 0.0, "high": 2.0}
    result = run_analysis(odds(f"o_6m ~ arm + {LEVELS}", **changes), data)
    assert result.scale.difference == "common odds ratio"
    cuts = result.checks["proportional_odds"]
    assert [row["cut"] for row in cuts] == [0.0, 1.0]
    # the common one lies between those at the cuts, which a logistic model of either finds
    low, high = sorted(row["log_odds_ratio"] for row in cuts)
    assert low - 0.05 <= result.estimate.estimate <= high + 0.05
    above = AnalysisData(data.participants.assign(e_6m=(data.participants["o_6m"] > 0).astype(float)), data.interviews)
    assert run_analysis(odds(), above).estimate.estimate == pytest.approx(cuts[0]["log_odds_ratio"], rel=1e-9)
    assert [row["term"] for row in result.coefficients] == ["arm[i]", "threshold 0|1", "threshold 1|2"]
    record = result_to_record(result)
    assert record["checks"]["proportional_odds"][0]["cut"] == 0.0


def test_glmm_count_with_exposure_compares_rates(data):
    """With twice the time for everybody rates are halved and their ratio stays."""
    changes = {"outcome": "k", "outcome_type": "count", "family": "poisson", "exposure": "t_6m"}
    rate = odds(f"k_6m ~ arm + {LEVELS}", **changes)
    one = run_analysis(rate, data)
    twice = AnalysisData(data.participants.assign(t_6m=2 * data.participants["t_6m"]), data.interviews)
    other = run_analysis(rate, twice)
    assert one.scale.difference == "rate ratio"
    assert other.estimate.estimate == pytest.approx(one.estimate.estimate, rel=1e-7)
    assert other.coefficients[0]["estimate"] == pytest.approx(one.coefficients[0]["estimate"] - math.log(2), rel=1e-6)
    zero = AnalysisData(data.participants.assign(t_6m=0.0), data.interviews)
    with pytest.raises(DataError, match="an exposure is zero or less"):
        run_analysis(rate, zero)


def test_glmm_refuses_what_has_no_finite_ratio(data):
    nobody = data.participants.assign(e_6m=data.participants["e_6m"].where(data.participants["arm"] == "i", 0.0))
    with pytest.raises(ModelError, match="nobody in the arm 'c' had the event"):
        run_analysis(odds(), AnalysisData(nobody, data.interviews))
    told = data.participants.assign(e_6m=(data.participants["age"] > 45).astype(float))
    with pytest.raises(ModelError, match="age tells for some people exactly whether the event happened"):
        run_analysis(odds(f"e_6m ~ arm + age + {LEVELS}"), AnalysisData(told, data.interviews))


def test_glmm_penalises_where_the_plan_says_so(data):
    """Nobody in an arm: a finite ratio, said to be one; without separation the key changes nothing."""
    nobody = data.participants.assign(e_6m=data.participants["e_6m"].where(data.participants["arm"] == "i", 0.0))
    result = run_analysis(odds(separation="penalise"), AnalysisData(nobody, data.interviews))
    assert math.isfinite(result.estimate.estimate)
    assert result.estimate.estimate > 2
    assert any("Jeffreys' penalty" in text for text in result.estimate.warnings)
    plain = run_analysis(odds(), data).estimate
    assert run_analysis(odds(separation="penalise"), data).estimate == plain


def test_glmm_ratio_of_few_events_does_not_leave(data):
    """Beside a difference of risks a ratio would tell both risks, and so the number of events."""
    wide = data.participants.copy()
    few = wide.index[wide["arm"] == "c"][::20][:3]
    wide["e_6m"] = np.where(wide["arm"] == "i", wide["e_6m"], wide.index.isin(few).astype(float))
    result = result_to_leave(odds(), AnalysisData(wide, data.interviews), 0, 5)
    assert not result.estimable
    assert f"fewer than 5 {PEOPLE} with or without the event" in result.estimate.reason


@pytest.mark.parametrize("kind", ["team", "trust"])
def test_by_design_is_the_test_of_its_regime(kind, data):
    """Cluster means where teams of both arms share a trust, CR2 by trust where the arm is the trust's."""
    formula, settings = "e_6m ~ arm + age", {"outcome": "e", "outcome_type": "binary"}
    used = data
    if kind == "trust":
        made = study(CROSSED_ARM_TEAMS, size=14, seed=5).participants
        used = AnalysisData(made.assign(e_6m=data.participants["e_6m"].to_numpy()), data.interviews)
    chosen = run_analysis(spec(formula, "by_design", **settings), used).estimate
    plain = spec(formula, *{"team": ("cluster_summary",), "trust": ("ols_cr2",)}[kind], cluster=kind, **settings)
    expected = run_analysis(plain, used).estimate
    assert (chosen.estimate, chosen.se, chosen.df, chosen.p_value) == (
        expected.estimate,
        expected.se,
        expected.df,
        expected.p_value,
    )
    assert chosen.df_method == {"team": "between-within", "trust": "satterthwaite"}[kind]
    assert chosen.measure == "risk difference"


CROSSED_ARM_TEAMS = tuple(f"{trust}/{team}/{arm}" for trust, arm in zip("ABCDE", "cicic", strict=True) for team in "NS")


def test_by_design_refuses_people_who_were_given_the_arm_one_by_one(data):
    arms = np.where(np.arange(len(data.participants)) % 2, "i", "c")
    mixed = AnalysisData(data.participants.assign(arm=pd.Categorical(arms)), data.interviews)
    with pytest.raises(ModelError, match="given to people one by one"):
        run_analysis(spec("e_6m ~ arm", "by_design", outcome="e", outcome_type="binary"), mixed)


def test_scales_of_models_have_words():
    assert [scale_named(name).difference for name in ("odds", "common_odds", "rate", "risk_ratio")] == [
        "odds ratio",
        "common odds ratio",
        "rate ratio",
        "risk ratio",
    ]
    assert scale_named("odds").shown(math.log(2)) == pytest.approx(2.0)


BY_GENDER = {
    "formula": f"e_6m ~ arm * gender + {LEVELS}",
    "contrasts": (ContrastSpec("moderator", moderator="gender"), ContrastSpec("joint", ("arm:gender",))),
}


@pytest.mark.parametrize("df_method", ["between-within", "z", PSEUDO_BETWEEN_WITHIN.name])
def test_glmm_ratios_at_the_levels_of_a_moderator_are_those_of_the_coefficients(data, df_method):
    found = run_analysis(odds(**BY_GENDER, df_method=df_method), data)
    terms = {row["term"]: row["estimate"] for row in found.coefficients}
    rows = {str(one.contrast): one for one in (found.estimate, *found.contrasts)}
    between, joint = rows["i - c (gender: m - f)"], rows["joint test of arm:gender"]
    assert between.estimate == pytest.approx(terms["arm[i]:gender[m]"], rel=1e-9)
    assert rows["i - c (gender = f)"].estimate == pytest.approx(terms["arm[i]"], rel=1e-9)
    assert rows["i - c (gender = m)"].estimate == pytest.approx(terms["arm[i]"] + terms["arm[i]:gender[m]"], rel=1e-9)
    # one coefficient together is the coefficient by itself
    assert joint.statistic == pytest.approx(between.statistic**2, rel=1e-6)
    assert joint.p_value == pytest.approx(between.p_value, rel=1e-6)
    if df_method != PSEUDO_BETWEEN_WITHIN.name:
        assert between.df == found.estimate.df == (math.inf if df_method == "z" else 8)


def test_glmm_of_ordered_answers_has_ratios_at_values_of_a_number(data):
    changes = {
        "outcome": "o",
        "name": "o.model",
        "outcome_type": "ordinal",
        "family": "ordinal",
        "low": 0.0,
        "high": 2.0,
    }
    at = (ContrastSpec("moderator", moderator="age", at=(30.0, 50.0)),)
    found = run_analysis(odds(f"o_6m ~ arm * age + {LEVELS}", **changes, contrasts=at), data)
    terms = {row["term"]: row["estimate"] for row in found.coefficients}
    rows = {str(one.contrast): one.estimate for one in found.contrasts}
    assert rows["i - c (age: 50 - 30)"] == pytest.approx(20 * terms["arm[i]:age"], rel=1e-8)
    assert rows["i - c (age = 30)"] == pytest.approx(terms["arm[i]"] + 30 * terms["arm[i]:age"], rel=1e-8)


def test_glmm_ratios_at_a_level_with_few_events_do_not_leave(data):
    people = data.participants.copy()
    men = people.index[(people["gender"] == "m") & (people["arm"] == "c")]
    people.loc[men, "e_6m"] = 0.0
    people.loc[men[:3], "e_6m"] = 1.0
    found = run_analysis(odds(**BY_GENDER), AnalysisData(people, data.interviews), minimum_cell=5)
    assert {str(one.contrast) for one in found.contrasts} == {
        "i - c (standardised)", "i - c (standardised ratio)", "joint test of arm:gender"
    }  # fmt: skip
    assert any("Ratios at the levels of gender are not given" in text for text in found.messages)
