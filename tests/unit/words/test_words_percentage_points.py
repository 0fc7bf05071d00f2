"""Binary outcomes in percentage points: what is multiplied, once, and what stays."""

from dataclasses import replace

import pytest

from chapter_material import labels, plan, results
from cpis_analysis.publish.format import Digits
from cpis_analysis.words.percentage_points import in_percentage_points, margins_in_percentage_points, printed_factor

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


def binary(result, **changes):
    spec = replace(result.spec, outcome_type="binary", outcome="helped", **changes)
    return replace(result, spec=spec, estimate=replace(result.estimate, measure="risk difference", outcome="helped"))


def test_results_of_binary_outcomes_are_a_hundredfold_and_others_stay():
    score = results()[0]
    event = binary(score)
    kept, found = in_percentage_points([score, event])
    assert kept is score
    for name in ("estimate", "se", "ci_low", "ci_high"):
        assert getattr(found.estimate, name) == 100 * getattr(event.estimate, name)
    for name in ("df", "statistic", "p_value", "icc_trust", "icc_team", "reml_loglik"):
        assert getattr(found.estimate, name) == getattr(event.estimate, name)
    assert found.coefficients[0]["std_error"] == 100 * event.coefficients[0]["std_error"]
    assert found.coefficients[0]["statistic"] == event.coefficients[0]["statistic"]
    spread, before = found.variance_components[0], event.variance_components[0]
    assert spread["std_dev"] ** 2 == pytest.approx(spread["variance"])
    assert spread["variance"] == 10_000 * before["variance"]
    assert printed_factor("variance_components[0].variance") == 10_000
    assert printed_factor("estimate.estimate") == 100


def test_log_odds_stay_and_their_adjusted_risks_are_per_cent():
    event = replace(
        binary(results()[0], estimator="gee", link="logit"),
        adjusted_means=[
            {
                "arm": "comparison",
                "wave": None,
                "estimate": 0.45,
                "std_error": 0.05,
                "df": 8.0,
                "ci_low": 0.3,
                "ci_high": 0.6,
            }
        ],
    )
    found = in_percentage_points([event])[0]
    assert found.coefficients == event.coefficients
    assert found.adjusted_means[0]["estimate"] == 45
    assert found.adjusted_means[0]["df"] == 8


def test_margins_of_the_plan_follow_and_the_plan_itself_stays():
    content = plan()
    content = content.model_validate(content.model_dump() | {"outcomes": OUTCOMES})
    found = margins_in_percentage_points(content)
    assert found.outcomes["helped"].minimal_important_difference == pytest.approx(10)
    assert (found.outcomes["helped"].equivalence.low, found.outcomes["helped"].equivalence.high) == pytest.approx(
        (-5, 7)
    )
    assert found.outcomes["rguk"] == content.outcomes["rguk"]
    assert content.outcomes["helped"].minimal_important_difference == 0.1
    assert list(found.outcomes) == list(content.outcomes)
    assert margins_in_percentage_points(plan()) == plan()
    names = labels(content)
    assert (names.is_binary("helped"), names.is_binary("rguk"), names.is_binary("absent")) == (True, False, False)
    assert (names.points("helped"), names.points("rguk")) == ("percentage points", "points")
    assert names.digits("helped") == Digits(1, 1)
    assert names.scale("helped") == (0, 100)
