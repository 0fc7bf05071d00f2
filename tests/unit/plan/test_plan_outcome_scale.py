"""The scale of an outcome: from the formula, into estimates.csv, and what it may be judged by."""

import math

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.analyses.collect import collect_estimates
from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.commands.fit_shown import show_result
from cpis_analysis.commands.terminal import Terminal
from cpis_analysis.errors import PlanError
from cpis_analysis.lmm import ols
from cpis_analysis.plan.estimand import estimand_of
from cpis_analysis.plan.outcome_scale import POINTS, judged_on, scale_named, scale_of, scale_of_formula
from cpis_analysis.plan.reading.load import load_plan
from cpis_analysis.plan.reading.remarks import plan_remarks
from cpis_analysis.plan.schema_outcomes import Outcome
from cpis_analysis.study.dataset import AnalysisData
from cpis_analysis.translate.notation.translation import Variables, explained_model
from cpis_analysis.translate.words import explanation_sentences
from made_up_study import spec, study


@pytest.mark.parametrize(
    ("left", "name", "ratio"),
    [
        ("y_6m", "points", False),
        ("y_change", "points", False),
        ("center(y_6m)", "points", False),
        ("log(y_6m)", "log", True),
        ("log1p(y_6m)", "log1p", True),
        ("center(log(y_6m))", "log", True),
        ("sqrt(y_6m)", "sqrt", False),
        ("square(y_6m)", "square", False),
        ("scale(y_6m)", "scale", False),
        ("log(sqrt(y_6m))", "log(sqrt)", False),
        ("log(center(y_6m))", "log(center)", False),
    ],
)
def test_scale_follows_from_the_left_side_of_the_formula(left, name, ratio):
    scale = scale_of_formula(f"{left} ~ arm + y_0m")
    assert (scale.name, scale.is_ratio, scale.natural) == (name, ratio, name == "points")
    assert scale_named(name) == scale


def test_scale_of_a_binary_outcome_is_the_risk():
    assert scale_of(spec("y_6m ~ arm", outcome_type="binary")).name == "risk"
    assert scale_of(spec("y_6m ~ arm", outcome_type="binary")).natural


@pytest.fixture(scope="module")
def positive():
    """A made-up study whose outcome is a count-like quantity, never below zero."""
    data = study(size=12, seed=3, effect=0.5)
    for frame in (data.participants, data.interviews):
        for name in [column for column in frame if column.startswith("y") and column != "y_change"]:
            frame[name] = np.exp(frame[name] / 4)
    return data


MARGINS = {"y": {"points": (-4.0, 4.0)}}


def frame_of(data, formula, margins=MARGINS, estimator="ols_cr2", **more):
    result = run_analysis(spec(formula, estimator, cluster="team", **more), data)
    return result, collect_estimates([result], {}, margins=margins).iloc[0]


def test_transformed_outcome_has_no_verdict_against_margins_of_points(positive):
    _, points = frame_of(positive, "y_6m ~ arm + y_0m")
    result, logs = frame_of(positive, "log1p(y_6m) ~ arm + y_0m")
    assert (points["scale"], logs["scale"]) == ("points", "log1p")
    assert points["tost_p"] > 0
    # within margins of 4 *logarithms* everything would be equivalent
    assert all(
        math.isnan(logs[name])
        for name in (
            "tost_p",
            "equivalence_low",
            "equivalence_high",
            "standardised",
            "std_ci_low",
            "std_ci_high",
            "std_sd",
        )
    )
    assert result.standardised["sd"] is None


def test_margins_on_the_scale_itself_are_tested_there(positive):
    ratio = {"y": {"points": (-4.0, 4.0), "log": (math.log(0.8), math.log(1.25))}}
    _, row = frame_of(positive, "log(y_6m) ~ arm + y_0m", ratio)
    assert (row["equivalence_low"], row["equivalence_high"]) == (math.log(0.8), math.log(1.25))
    declared = row["equivalence_low"] < row["tost_ci_low"] and row["tost_ci_high"] < row["equivalence_high"]
    assert (row["tost_p"] < 0.05) == declared


def test_ratio_of_geometric_means_is_exact(positive):
    """Without covariates the ratio is that of the geometric means themselves, by definition."""
    wide = positive.participants.dropna(subset=["y_6m"])
    for link, shift in (("log", 0.0), ("log1p", 1.0)):
        _, row = frame_of(positive, f"{link}(y_6m) ~ arm")
        means = {arm: math.exp(np.log(wide.loc[wide["arm"] == arm, "y_6m"] + shift).mean()) for arm in "ci"}
        assert row["ratio"] == pytest.approx(means["i"] / means["c"], rel=1e-12)
        assert row["ratio_ci_low"] == pytest.approx(math.exp(row["ci_low"]), rel=1e-14)
        assert row["ratio_ci_high"] == pytest.approx(math.exp(row["ci_high"]), rel=1e-14)
    # y * k moves the intercept of log(y) only
    scaled = study(size=12, seed=3, effect=0.5)
    scaled.participants["y_6m"] = 7.0 * positive.participants["y_6m"]
    _, other = frame_of(scaled, "log(y_6m) ~ arm")
    assert other["ratio"] == pytest.approx(frame_of(positive, "log(y_6m) ~ arm")[1]["ratio"], rel=1e-10)


def test_ratio_and_interval_match_r(positive):
    """exp(confint) of R 4.2.2: t.test of the cluster means, and lme4 1.1.31 with pbkrtest 0.5.2."""
    k = np.arange(60)
    arm = np.where(k // 6 % 2 == 0, "c", "i")
    days = 3.0 + k * 7 % 23 + 4 * (k * 5 % 11) + 6 * (k // 6 % 3) + 5 * (arm == "i")
    wide = pd.DataFrame(
        {
            "participant_id": [f"P{i:02d}" for i in k],
            "arm": pd.Categorical(arm),
            "trust": pd.Categorical(np.char.add("T", (k // 6).astype(str))),
            "y_6m": days,
            "y_0m": days,
        }
    )
    data = AnalysisData(wide, positive.interviews)
    of = {"levels": ("trust",), "baseline": "y_0m"}
    for estimator, formula, more, expected in (
        (
            "cluster_summary",
            "log1p(y_6m) ~ arm",
            {"cluster": "trust"},
            (0.957143860123627, 0.69283503431718, 1.32228355033351),
        ),
        ("mixed", "log1p(y_6m) ~ arm + (1 | trust)", {}, (0.957143860123629, 0.692835035500916, 1.32228354807434)),
    ):
        result = run_analysis(spec(formula, estimator, **of, **more), data)
        row = collect_estimates([result], {}).iloc[0]
        assert row["df"] == pytest.approx(8)
        assert tuple(row[["ratio", "ratio_ci_low", "ratio_ci_high"]]) == pytest.approx(expected, rel=1e-7)


def test_ratio_stands_only_where_it_is_exact(positive):
    for left in ("y_6m", "sqrt(y_6m)", "square(y_6m)", "scale(y_6m)"):
        row = frame_of(positive, f"{left} ~ arm + y_0m")[1]
        assert all(math.isnan(row[name]) for name in ("ratio", "ratio_ci_low", "ratio_ci_high"))
    fit = ols("sqrt(y_6m) ~ arm + y_0m", positive.participants, reference={"arm": "c"})
    row = frame_of(positive, "sqrt(y_6m) ~ arm + y_0m")[1]
    assert row["estimate"] == pytest.approx(fit.coefficients["arm[i]"], rel=1e-12)


def test_estimand_of_logarithms_is_a_ratio():
    text = estimand_of(spec("log1p(y_6m) ~ arm + y_0m")).text()
    assert "ratio of geometric means of (value plus one) between the arms" in text
    assert "difference in means on the square-root scale" in estimand_of(spec("sqrt(y_6m) ~ arm")).text()
    long = spec("log(y) ~ arm * wave + (1 | trust:team)", effect="arm:wave")
    assert "ratio between the arms of the geometric means at 6m relative to 0m" in estimand_of(long).text()


def test_fit_on_the_terminal_names_scale_and_ratio(positive, tmp_path, capsys):
    result, row = frame_of(positive, "log1p(y_6m) ~ arm + y_0m")
    show_result(Terminal(False), load_plan(plan_file(tmp_path, "continuous", "{}")), result, exploratory=False)
    said = " ".join(capsys.readouterr().out.split())
    assert "the estimate is a difference on the logarithmic (value plus one) scale" in said
    assert (
        f"ratio of geometric means of (value plus one) {row['ratio']:.3f} ({row['ratio_ci_low']:.3f} to "
        f"{row['ratio_ci_high']:.3f})"
    ) in said
    assert "standardised" not in said
    assert "10 teams, 5 sites" in said
    plain, _ = frame_of(positive, "y_6m ~ arm + y_0m")
    show_result(Terminal(False), load_plan(plan_file(tmp_path, "continuous", "{}")), plain, exploratory=False)
    said = " ".join(capsys.readouterr().out.split())
    assert "standardised" in said
    assert "ratio of" not in said


def outcome(**more):
    return Outcome.model_validate({"label": "Days", "role": "primary", "models": ["m"], **more})


def test_judged_by_what_is_given_on_the_scale_and_nothing_else():
    both = outcome(
        minimal_important_difference=4,
        equivalence={"low": -4, "high": 4},
        on_scale={"log1p": {"minimal_important_difference": 1.25, "equivalence": {"low": 0.8, "high": 1.25}}},
    )
    assert judged_on(both, POINTS).important == 4
    logs = judged_on(both, scale_named("log1p"))
    assert (logs.low, logs.high, logs.important) == (math.log(0.8), math.log(1.25), math.log(1.25))
    assert (logs.shown_low, logs.shown_high, logs.shown_important) == (0.8, 1.25, 1.25)
    assert judged_on(both, scale_named("sqrt")) == judged_on(outcome(), POINTS)


@pytest.mark.parametrize(
    ("on_scale", "message"),
    [
        ("{sqrt: {minimal_important_difference: 1}}", "no model of this outcome is on this scale"),
        ("{log1p: {equivalence: {low: -4, high: 4}}}", "margins do not lie on both sides"),
        ("{log1p: {equivalence: {low: 1.1, high: 1.25}}}", "margins do not lie on both sides"),
        ("{log1p: {minimal_important_difference: 0.8}}", "an important ratio is one above 1"),
    ],
)
def test_plan_names_what_cannot_be_meant_on_a_scale(tmp_path, on_scale, message):
    with pytest.raises(PlanError, match=message):
        load_plan(plan_file(tmp_path, "continuous", on_scale))


def test_plan_takes_margins_on_a_scale_and_refuses_a_transformed_event(tmp_path):
    plan = load_plan(plan_file(tmp_path, "continuous", "{log1p: {equivalence: {low: 0.8, high: 1.25}}}"))
    assert plan.content.outcomes["days"].on_scale["log1p"].equivalence.high == 1.25
    with pytest.raises(PlanError, match="a binary outcome can't be transformed"):
        load_plan(plan_file(tmp_path, "binary", "{}"))


def test_check_remarks_on_margins_that_say_nothing_of_the_headline(tmp_path):
    path = plan_file(tmp_path, "continuous", "{}")
    text = path.read_text("utf-8").replace("on_scale: {}", "equivalence: {low: -4, high: 4}")
    path.write_text(text, encoding="utf-8")
    plan = load_plan(path)
    (remark,) = [one for one in plan_remarks(plan.content, plan.document) if "in points" in one.message]
    assert "first model, which is on the logarithmic (value plus one) scale" in remark.message
    assert remark.line == text.split("equivalence")[0].count("\n") + 1


@pytest.mark.parametrize(
    ("on_scale", "given"),
    [
        ("{}", "The plan gives nothing to judge it by; what is given in points does not apply."),
        (
            "{log1p: {minimal_important_difference: 1.25, equivalence: {low: 0.8, high: 1.25}}}",
            "The plan gives margins of 0.8 to 1.25 and an important ratio of 1.25 on this scale;",
        ),
    ],
)
def test_explanation_names_the_scale_and_what_judges_it(tmp_path, on_scale, given):
    plan = load_plan(plan_file(tmp_path, "continuous", on_scale))
    variables = Variables(
        levels={"arm": ("c", "i"), "site": ("A", "B")}, repeated=frozenset({"days"}), joined=frozenset({"days_6m"})
    )
    lines = explanation_sentences(explained_model(plan.specifications()[0], variables), plan.content)
    assert "as a ratio of geometric means of (value plus one) of Days (days_6m)." in lines[0]
    assert lines[1].startswith("Scale: the model takes the logarithm of (value plus one) of the outcome")
    assert given in lines[1]


def plan_file(folder, kind, on_scale):
    path = folder / "config.yaml"
    path.write_text(
        f"""version: 2
study: {{name: S, short_name: S, synthetic: true, randomised: true}}
data: {{dictionary: d.csv, sources: {{a: {{file: a.csv, holds: wide}}}}}}
design:
  participant: pid
  arm: {{variable: arm, reference: c}}
  levels:
    - {{variable: site, label: site}}
    - {{variable: team, label: team}}
  waves: [{{name: 0m, label: Before, months: 0}}, {{name: 6m, label: After, months: 6}}]
outcomes:
  days: {{label: Days, role: primary, type: {kind}, models: [logs], on_scale: {on_scale}}}
models:
  logs: {{label: L, formula: "log1p({{outcome}}_6m) ~ arm + (1 | site)"}}
report: {{title: T}}
""",
        encoding="utf-8",
    )
    return path
