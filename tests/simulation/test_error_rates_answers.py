"""Error rates of tests of answers: what the plan puts first holds its size, and what should fail does."""

import sys
from pathlib import Path

import pytest

from cpis_analysis.methods import measured_sizes
from made_up_study import spec

FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def simulation():
    sys.path.insert(0, str(FOLDER))
    try:
        import error_rates_answers

        return error_rates_answers
    finally:
        sys.path.remove(str(FOLDER))


def rates(simulation, regime, kind, icc, sizes, fits=()):
    found = simulation.cell(regime, kind, 0.5, icc, sizes, fits)
    return found["rejected"] / found["tested"].clip(lower=1), found


def test_answers_headline_of_each_regime_holds_its_size(simulation):
    """600 data sets: the Monte Carlo standard error of 5% is 0.9 points, and the gates are three of them."""
    within, _ = rates(simulation, "A", "plain", (0.0, 0.20), (6, 100, 0))
    assert 0.02 < within["two-stage"] < 0.08
    assert 0.02 < within["ordinal scores"] < 0.08
    # ratios with the normal distribution: without this the test could not see an error of its own
    assert within["glmm z"] > within["two-stage"] + 0.03
    assert within["count z"] > 0.09


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["plain", "adjusted"])
def test_answers_by_trust_holds_its_size_where_the_arm_is_the_trusts(simulation, kind):
    between, _ = rates(simulation, "C", kind, (0.05, 0.20), (12, 100, 0))
    assert between["cr2 trust"] < 0.07
    assert between["lpm z"] > between["cr2 trust"] + 0.02


@pytest.mark.slow
def test_answers_interval_of_the_standardised_difference_covers(simulation):
    _, found = rates(simulation, "A", "plain", (0.0, 0.05), (20, 1, 15), ("risks",))
    row = found.loc["standardised"]
    assert 0.91 < row["covered"] / row["intervals"] < 0.99


def test_measured_sizes_warn_of_what_errs_and_of_nothing_else():
    """The table that is shipped against its own rule."""
    binary = {"outcome": "e", "outcome_type": "binary"}
    stages = spec("e_6m ~ arm", "cluster_summary", cluster="team", **binary)
    assert measured_sizes.measured_size(stages, "A") < measured_sizes.TOO_OFTEN
    assert measured_sizes.measured_size(stages, "C") is None
    normal = spec("e_6m ~ arm + (1 | trust)", "glmm", df_method="z", family="binomial", **binary)
    assert measured_sizes.measured_size(normal, "A") > measured_sizes.TOO_OFTEN
    people = spec("e_6m ~ arm", "ols_cr2", cluster="trust", **binary)
    assert measured_sizes.measured_size(people, "C") < measured_sizes.TOO_OFTEN
    assert measured_sizes.measured_size(spec("y_6m ~ arm", "ols_cr2", cluster="trust"), "C") is None
