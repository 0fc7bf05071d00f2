"""What a number measures is a record: its name is looked up and never taken apart."""

from dataclasses import replace

import pytest

from cpis_analysis.analyses.measure import ANOTHER_WAVE, MEAN, ONE_LEVEL, RISK, Measure, measure_of, measured
from cpis_analysis.plan.contrast import SLOPE, STANDARDISED, STANDARDISED_RATIO
from made_up_study import spec

PLAIN = spec("y_6m ~ arm")
BINARY = replace(PLAIN, outcome_type="binary")
ODDS = replace(BINARY, estimator="glmm", link="logit", family="binomial")
LATER = replace(PLAIN, primary_wave=False)


@pytest.mark.parametrize(
    ("analysis", "kind", "name", "of", "at"),
    [
        (PLAIN, "difference", "mean difference", MEAN, ""),
        (BINARY, "difference", "risk difference", RISK, ""),
        (PLAIN, "held", "mean difference at one level", MEAN, ONE_LEVEL),
        (LATER, "difference", "mean difference at another wave", MEAN, ANOTHER_WAVE),
        (LATER, "held", "mean difference at one level", MEAN, ONE_LEVEL),
        (LATER, STANDARDISED, "mean difference", MEAN, ""),
        (ODDS, "difference", "log odds difference", "log odds", ""),
        (ODDS, STANDARDISED, "risk difference", RISK, ""),
        (ODDS, STANDARDISED_RATIO, "log risk ratio", "", ""),
        (PLAIN, SLOPE, "difference of slopes", "", ""),
        (PLAIN, "interaction", "interaction", "", ""),
        (PLAIN, "joint", "joint test", "", ""),
    ],
)
def test_measure_is_found_again_by_its_name(analysis, kind, name, of, at):
    found = measure_of(analysis, kind)
    assert found == Measure(name, of, at) == measured(name)
    assert found.is_difference == (bool(of) and not at)


def test_measure_with_a_name_that_begins_like_another_is_none_of_its_kind():
    assert measured("mean difference of differences") == Measure("mean difference of differences")
    assert not measured("no difference").is_difference
