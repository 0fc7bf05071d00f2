"""Binary outcomes in percentage points: results and margins stay proportions, their scale says how they are printed."""

from dataclasses import replace

import pytest

from chapter_material import labels, plan, results
from cpis_analysis.chapters.models.effect_quantiles import effect_quantiles
from cpis_analysis.chapters.models.figure import draw_diagnostics
from cpis_analysis.chapters.models.table import model_table
from cpis_analysis.plan.outcome_scale import POINTS, RISK, judged_on, scale_named
from cpis_analysis.publish.format import Digits

OUTCOMES = {
    "rguk": {
        "label": "Social capital (RG-UK)",
        "short_label": "RG-UK",
        "role": "primary",
        "models": ["ancova"],
        "minimal_important_difference": 2,
    },
    "helped": {
        "label": "Help received",
        "role": "secondary",
        "type": "binary",
        "models": ["post"],
        "minimal_important_difference": 0.1,
        "equivalence": {"low": -0.05, "high": 0.07},
    },
}


@pytest.fixture
def content():
    return plan().model_validate(plan().model_dump() | {"outcomes": OUTCOMES})


def binary(result, **changes):
    spec = replace(result.spec, outcome_type="binary", outcome="helped", **changes)
    return replace(result, spec=spec, estimate=replace(result.estimate, measure="risk difference", outcome="helped"))


def cells(table, group):
    return {row.cells[0]: row.cells[1:] for part in table.groups if part.label.startswith(group) for row in part.rows}


def test_units_of_a_scale_are_those_that_are_printed():
    assert RISK.in_units(0.125) == RISK.shown(0.125) == 12.5
    assert POINTS.in_units(0.125) == POINTS.shown(0.125) == 0.125
    ratio = scale_named("log")
    assert (ratio.in_units(0.5), ratio.shown(0.0)) == (0.5, 1.0)
    assert RISK.in_units(None) is None
    assert binary(results()[0]).scale == RISK


def test_a_linear_model_of_a_binary_outcome_is_set_in_percentage_points(content):
    table = model_table(binary(results()[0]), labels(content))
    fixed = cells(table, "Fixed part: percentage points")
    assert fixed["Intercept"][:3] == ("25.00", "150.00", "−325.00 to 375.00")
    # standard deviation and variance of the trusts: 0.5 is 5000 squared percentage points
    assert cells(table, "Random part")["Trust"][0] == "70.71 (5,000.00)"
    assert cells(model_table(results()[0], labels()), "Random part")["Trust"][0] == "0.707 (0.500)"


def test_log_odds_stay_and_their_adjusted_risks_are_per_cent(content):
    risk = {
        "arm": "comparison",
        "wave": None,
        "estimate": 0.45,
        "std_error": 0.05,
        "df": 8.0,
        "ci_low": 0.3,
        "ci_high": 0.6,
    }
    event = replace(binary(results()[0], estimator="gee", link="logit"), adjusted_means=[risk])
    table = model_table(event, labels(content))
    assert cells(table, "Fixed part: log odds")["Intercept"][:2] == ("0.250", "1.500")
    assert cells(table, "Adjusted risks")["Comparison"][:4] == ("45.0", "5.0", "30.0 to 60.0", "8")


def test_predicted_effects_have_the_unit_of_the_variance_beside_them(content):
    score = results()[0]
    rows = [{"group": "trust", "label": code, "mode": 0.1 * at, "se": 0.4} for at, code in enumerate("ABCDE")]
    score = replace(score, diagnostics=score.diagnostics | {"random_effects": rows})
    event = binary(score)
    assert effect_quantiles(event) == effect_quantiles(score) != []
    assert "A 0.0; B 10.0; C 20.0" in draw_diagnostics(event, labels(content)).alt


def test_margins_are_judged_as_proportions_and_shown_in_percentage_points(content):
    found = judged_on(content.outcomes["helped"], RISK)
    assert (found.low, found.high, found.important) == (-0.05, 0.07, 0.1)
    assert (found.shown_low, found.shown_high, found.shown_important) == pytest.approx((-5, 7, 10))
    score = judged_on(content.outcomes["rguk"], POINTS)
    assert score.important == score.shown_important == 2
    names = labels(content)
    assert (names.is_binary("helped"), names.is_binary("rguk"), names.is_binary("absent")) == (True, False, False)
    assert (names.points("helped"), names.points("rguk")) == ("percentage points", "points")
    assert names.digits("helped") == Digits(1, 1)
    assert names.scale("helped") == (0, 100)
