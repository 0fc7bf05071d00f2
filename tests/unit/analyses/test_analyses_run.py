"""Each estimator through the run: what a result holds and says."""

import json
import math

import numpy as np
import pytest

from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.analyses.result_records import result_to_record
from cpis_analysis.errors import ModelError
from cpis_analysis.lmm import cluster_robust, lmer, ols
from cpis_analysis.study.dataset import AnalysisData
from cpis_analysis.study_words import PERSON
from made_up_study import read_back, spec, study

pytestmark = pytest.mark.thorough

ANCOVA = "y_6m ~ arm + y_0m + age + gender + (1 | trust) + (1 | trust:team)"
LONG = "y ~ arm * wave + age + (1 | trust) + (1 | trust:team) + (1 | trust:team:wave) + (1 | participant_id)"
PLAIN = "y_6m ~ arm + y_0m"


@pytest.fixture(scope="module")
def data():
    return study(size=[12, 9, 14, 11, 8, 13, 10, 12, 9, 11], trust_sd=1.0, seed=5)


@pytest.mark.parametrize(
    "wanted",
    [
        spec(ANCOVA),
        spec(LONG, effect="arm:wave"),
        spec(ANCOVA, df_method="z"),
        spec(PLAIN, "ols_cr2", cluster="trust"),
        spec(PLAIN, "cluster_summary", cluster="team", pairs=True),
    ],
    ids=["ancova", "longitudinal", "z", "cr2", "paired"],
)
def test_run_result_survives_json(data, wanted):
    result = run_analysis(wanted, data, 7)
    text = json.dumps(result_to_record(result), allow_nan=False)
    assert result_to_record(read_back(result)) == json.loads(text)
    assert sum(cell["n_obs"] for cell in result.groups) == result.estimate.n_obs
    assert result.estimate.n_teams == 10
    assert result.estimate.n_trusts == 5


def test_run_mixed_model_reports_the_engines_numbers(data):
    estimate = run_analysis(spec(ANCOVA), data).estimate
    fit = lmer(ANCOVA, data.participants, reference={"arm": "c"})
    row = fit.summary("kenward-roger").loc["arm[i]"]
    assert [estimate.estimate, estimate.se, estimate.df, estimate.p_value] == pytest.approx(
        row[["estimate", "std_error", "df", "p_value"]].tolist(), rel=1e-12
    )
    assert estimate.reml_loglik == fit.log_likelihood
    variance = fit.variance_components["variance"].to_numpy()
    assert estimate.icc_trust == pytest.approx(variance[0] / variance.sum())
    assert estimate.icc_team == pytest.approx(variance[:2].sum() / variance.sum())
    assert str(estimate.contrast) == "i - c"


def test_run_longitudinal_reports_the_difference_in_change(data):
    result = run_analysis(spec(LONG, effect="arm:wave"), data)
    mean = {(row["arm"], row["wave"]): row["estimate"] for row in result.adjusted_means}
    change = mean["i", "6m"] - mean["i", "0m"] - (mean["c", "6m"] - mean["c", "0m"])
    assert result.estimate.estimate == pytest.approx(change, rel=1e-9)
    assert str(result.estimate.contrast) == "i - c (6m - 0m)"
    assert result.estimate.n_obs == 2 * result.estimate.n_participants == 218
    total = sum(row["variance"] for row in result.variance_components)
    parts = {row["group"]: row["variance"] for row in result.variance_components}
    assert result.estimate.icc_team == pytest.approx((parts["trust"] + parts["trust:team"]) / total)


def test_run_adjusted_means_differ_by_the_estimate(data):
    for wanted in (
        spec(ANCOVA),
        spec(PLAIN, "ols_cr2", cluster="team"),
        spec(PLAIN, "cluster_summary", cluster="team"),
    ):
        result = run_analysis(wanted, data)
        comparison, implementation = result.adjusted_means
        assert comparison["arm"] == "c"
        assert implementation["estimate"] - comparison["estimate"] == pytest.approx(result.estimate.estimate)


def test_run_cr2_reports_the_engines_numbers_and_warns_of_few_df(data):
    result = run_analysis(spec(PLAIN, "ols_cr2", cluster="trust"), data)
    fit = ols(PLAIN, data.participants, reference={"arm": "c"})
    row = cluster_robust(fit, "trust", data=data.participants).summary().loc["arm[i]"]
    assert [result.estimate.se, result.estimate.df] == pytest.approx(row[["std_error", "df"]].tolist(), rel=1e-12)
    assert (result.estimate.df < 4) == any("fewer than four" in line for line in result.estimate.warnings)
    assert result.estimate.singular is None
    assert result.estimate.icc_team is None


def test_run_standardises_by_pooled_baseline_sd_of_everyone(data):
    result = run_analysis(spec(ANCOVA, where=(("gender", ("f",)),)), data)
    wide = data.participants
    c, i = (wide.loc[wide["arm"] == arm, "y_0m"] for arm in "ci")
    sd = math.sqrt(((len(c) - 1) * c.var() + (len(i) - 1) * i.var()) / (len(wide) - 2))
    assert result.standardised["sd"] == pytest.approx(sd, rel=1e-12)
    assert result.standardised["estimate"] == pytest.approx(result.estimate.estimate / sd)
    assert result.standardised["sd_source"] == "baseline"
    post = run_analysis(spec("y_6m ~ arm + (1 | trust:team)", baseline="gas_0m"), data)
    assert post.standardised["sd_source"] == "follow-up"


def test_run_zero_variance_is_said_in_words_and_policy_named():
    flat = study(team_sd=0.0, trust_sd=0.0, seed=2)
    result = run_analysis(spec(ANCOVA), flat)
    assert result.estimate.singular
    assert "The variance between teams was estimated as zero." in result.estimate.warnings
    assert any("policy keep" in line for line in result.messages)
    dropped = run_analysis(spec(ANCOVA, boundary="drop"), flat).estimate
    assert any("policy drop" in line for line in dropped.warnings)
    satterthwaite = run_analysis(spec(ANCOVA, df_method="satterthwaite"), flat).estimate
    assert any("take a variance at zero for known" in line for line in satterthwaite.warnings)
    assert satterthwaite.df > result.estimate.df


def test_run_team_lost_whole_still_has_a_result():
    result = run_analysis(spec(ANCOVA), study(lost=["A/North"], seed=4))
    assert result.estimate.n_teams == 9
    assert [row["n_participants"] for row in result.groups] == [24, 30]


@pytest.mark.parametrize(
    ("formula", "changes", "words"),
    [
        ("y_6m ~ arm + (1 | trust)", {}, "no random team"),
        ("y ~ arm * wave + (1 | trust:team) + (1 | participant_id)", {"effect": "arm:wave"}, "team-by-wave"),
        (ANCOVA, {"df_method": "z"}, "how few teams"),
        ("y_6m ~ arm * y_0m + (1 | trust:team)", {}, "interactions of the arm"),
    ],
)
def test_run_model_that_does_not_fit_the_design_is_warned_of(data, formula, changes, words):
    assert any(words in line for line in run_analysis(spec(formula, **changes), data).estimate.warnings)


def test_run_arm_of_the_trust_warns_of_inference_by_team():
    of_trust = study([f"{t}/{n}/{a}" for t, a in zip("ABCDEF", "cccciI".lower(), strict=True) for n in "12"])
    for wanted in (spec(PLAIN, "ols_cr2", cluster="team"), spec("y_6m ~ arm + (1 | trust:team)")):
        warnings = run_analysis(wanted, of_trust).estimate.warnings
        assert any("property of the trust" in line or "no random trust" in line for line in warnings)
        assert "Only 2 trusts in the arm 'i': inference fragile." in warnings


def test_run_cluster_level_covariates_that_use_up_the_teams_are_warned_of(data):
    more = study(size=8, trust_sd=1.0)
    rng = np.random.default_rng(1)
    for name in ("u", "v"):
        values = {f"{t}{k}": rng.normal() for t in "ABCDE" for k in ("North", "South")}
        more.participants[name] = (more.participants["trust"].astype(str) + more.participants["team"].astype(str)).map(
            values
        )
    crowded = run_analysis(spec("y_6m ~ arm + trust + u + v + (1 | trust:team)"), more).estimate
    assert any("leave 2 degrees of freedom between teams" in line for line in crowded.warnings)
    assert not any("leave" in line for line in run_analysis(spec(ANCOVA), data).estimate.warnings)


@pytest.mark.parametrize("formula", ["y_6m ~ 0 + arm + (1 | trust:team)", "y_6m ~ y_0m + (1 | trust:team)"])
def test_run_formula_without_a_difference_between_arms_is_refused(data, formula):
    with pytest.raises(ModelError, match="can't be reported"):
        run_analysis(spec(formula), data)


def test_run_arm_explained_by_a_covariate_is_refused():
    data = study()
    data.participants["copy"] = (data.participants["arm"] == "i").astype(float)
    with pytest.raises(ModelError, match="can't be reported"):
        run_analysis(spec("y_6m ~ copy + arm + (1 | trust:team)"), data)


def test_run_envelope_depends_on_the_seed_alone(data):
    one, same, other = (run_analysis(spec(ANCOVA), data, seed).diagnostics for seed in (1, 1, 2))
    assert one == same
    assert one["residual_quantiles"]["low"] != other["residual_quantiles"]["low"]
    assert one["residual_by_fitted"] == other["residual_by_fitted"]


def test_run_diagnostics_hold_no_person(data):
    result = run_analysis(spec(LONG, effect="arm:wave"), data)
    assert {row["group"] for row in result.diagnostics["random_effects"]} == {"trust", "trust:team", "trust:team:wave"}
    assert "P0" not in json.dumps(result_to_record(result))
    assert min(row["n"] for row in result.diagnostics["residual_by_fitted"]) >= 15
    assert len(result.diagnostics["residual_quantiles"]["observed"]) == 23
    assert np.isfinite(result.diagnostics["residual_quantiles"]["high"]).all()


def _without(data, *, keep=0, covariate=None, place=("A", "North")):
    """The same interviews; in one team a covariate (or the outcome) is known of `keep` people only."""
    wide = data.participants.copy()
    there = wide.index[(wide["trust"] == place[0]) & (wide["team"] == place[1])]
    wide.loc[there[keep:], covariate or "y_6m"] = np.nan
    return AnalysisData(wide, data.interviews)


@pytest.mark.parametrize(
    ("estimator", "formula", "changes"),
    [
        ("mixed", ANCOVA, {}),
        ("ols_cr2", PLAIN + " + age", {"cluster": "trust"}),
        ("cluster_summary", PLAIN + " + age", {"cluster": "team"}),
    ],
)
def test_run_clusters_are_lost_by_the_rows_and_not_by_interviews(data, estimator, formula, changes):
    # everybody was interviewed; a covariate that nobody answered loses the team all the same
    lost = run_analysis(spec(formula, estimator, **changes), _without(data, covariate="age")).estimate.warnings
    assert "Nobody was analysed in: A / North. What happened there is unknown." in lost
    one = run_analysis(spec(formula, estimator, **changes), _without(data, keep=1, covariate="age")).estimate.warnings
    assert f"Only one {PERSON} was analysed in: A / North." in one
    assert not any(
        "analysed in" in line for line in run_analysis(spec(formula, estimator, **changes), data).estimate.warnings
    )


def test_run_clusters_outside_the_population_are_not_lost(data):
    warnings = run_analysis(spec(ANCOVA, where=(("trust", ("B", "C", "D", "E")),)), data).estimate.warnings
    assert not any("analysed in" in line for line in warnings)


def test_run_cluster_summary_with_hardly_any_degrees_of_freedom_is_warned_of(data):
    few = spec(PLAIN, "cluster_summary", cluster="team", where=(("trust", ("A", "B")),))
    result = run_analysis(few, data)
    assert result.estimate.df == 2
    assert "The comparison of cluster means has 2 degrees of freedom: inference fragile." in result.estimate.warnings
    all_teams = run_analysis(spec(PLAIN, "cluster_summary", cluster="team"), data).estimate.warnings
    assert not any("cluster means has" in line for line in all_teams)


@pytest.mark.parametrize(
    "formula",
    [
        "y_6m ~ arm + (1 | trust) + (1 | school_id)",
        "y_6m ~ arm + (1 | trust) + (1 | team:trust)",
        "y_6m ~ arm + (1 | trust) + (1 | trust:team)",
    ],
)
def test_run_grouping_that_is_a_level_of_the_design_is_known_by_any_name(data, formula):
    wide = data.participants.assign(
        school_id=data.participants["trust"].astype(str) + data.participants["team"].astype(str).str[0]
    )
    result = run_analysis(spec(formula), AnalysisData(wide, data.interviews))
    plain = run_analysis(spec("y_6m ~ arm + (1 | trust) + (1 | trust:team)"), data)
    assert {part["level"] for part in result.variance_components} == {"trust", "team", None}
    assert result.estimate.icc_team == pytest.approx(plain.estimate.icc_team, rel=1e-6)
    assert result.estimate.icc_trust == pytest.approx(plain.estimate.icc_trust, rel=1e-6)
    assert not any("no random" in line for line in result.estimate.warnings)


def test_run_other_groupings_are_no_level_of_the_design(data):
    result = run_analysis(spec("y_6m ~ arm + (1 | gender)"), data)
    assert {part["level"] for part in result.variance_components} == {None}
    assert any("no random team" in line for line in result.estimate.warnings)


def test_run_warnings_speak_of_schools_and_classes():
    wide = study([f"{t}/{n}/{a}" for t, a in zip("ABCDEF", "cccciI".lower(), strict=True) for n in "12"])
    renamed = AnalysisData(wide.participants.rename(columns={"trust": "school_id", "team": "class"}), wide.interviews)
    of = {"levels": ("school_id", "class")}
    said = run_analysis(spec("y_6m ~ arm", "cluster_summary", cluster="school_id", **of), renamed).estimate.warnings
    assert "Only 2 schools in the arm 'i': inference fragile." in said
    few = study(["A/1/i", "A/2/c", "B/1/i", "B/2/c", "C/2/c"])
    few = AnalysisData(few.participants.rename(columns={"trust": "school_id", "team": "class"}), few.interviews)
    said = run_analysis(spec("y_6m ~ arm", "cluster_summary", cluster="class", **of), few).estimate.warnings
    assert "Only 2 classes in the arm 'i': inference fragile." in said
    said = run_analysis(
        spec("y_6m ~ arm + (1 | school_id) + (1 | school_id:class)", df_method="z", **of), renamed
    ).estimate.warnings
    assert any("how few schools there are" in line for line in said)


def test_run_zero_variances_are_said_once_each_in_the_words_of_the_design():
    result = run_analysis(spec("y_6m ~ arm + y_0m + (1 + age || trust:team)"), study(team_sd=0.0))
    said = [text for text in result.estimate.warnings if "estimated as zero" in text]
    assert said == [
        "The variance between teams was estimated as zero.",
        "The variance of age between teams was estimated as zero.",
    ]
