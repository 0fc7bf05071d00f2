"""What must hold whatever the data: nothing external is needed to know the answer."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import made_up_study
from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.study.dataset import AnalysisData

CORE = ("estimate", "se", "df", "p_value")


def study(size=7, team_sd=2.0, seed=3):
    rng = np.random.default_rng(seed)
    rows = []
    for trust in "ABCDE":
        for team, arm in (("North", "c"), ("South", "i")):
            shift = rng.normal(0, team_sd)
            for _ in range(size):
                person = rng.normal(0, 2)
                rows.append(
                    (
                        arm,
                        trust,
                        team,
                        rng.normal(50, 9),
                        10 + shift + person + rng.normal(),
                        11 + shift + person + rng.normal(),
                    )
                )
    wide = pd.DataFrame(rows, columns=["arm", "trust", "team", "age", "y_0m", "y_6m"])
    wide.insert(0, "participant_id", [f"P{i:03d}" for i in range(len(wide))])
    return AnalysisData(wide, pd.DataFrame())


def spec(formula, estimator, **changes):
    values = {"name": "y.m", "model": "m", "rows": "wide", "cluster": None if estimator == "mixed" else "team"}
    return made_up_study.spec(formula, estimator, **(values | changes))


ALL = pytest.mark.parametrize(
    "wanted",
    [
        spec("y_6m ~ arm + y_0m + age + (1 | trust) + (1 | trust:team)", "mixed"),
        spec("y_6m ~ arm + y_0m + age", "ols_cr2"),
        spec("y_6m ~ arm + y_0m + age", "ols_cr2", cluster="trust"),
        spec("y_6m ~ arm + y_0m + age", "cluster_summary"),
        spec("y_6m ~ arm + y_0m + age", "cluster_summary", pairs=True),
    ],
    ids=["mixed", "cr2_team", "cr2_trust", "cluster_t", "paired"],
)


def core(result):
    return [getattr(result.estimate, name) for name in CORE]


@ALL
def test_identity_swapped_reference_flips_the_sign_only(wanted):
    one = core(run_analysis(wanted, study()))
    two = core(run_analysis(replace(wanted, reference="i"), study()))
    assert two[0] == pytest.approx(-one[0], rel=1e-8)
    assert two[1:] == pytest.approx(one[1:], rel=1e-6)


@ALL
def test_identity_row_order_changes_nothing(wanted):
    data = study()
    shuffled = AnalysisData(data.participants.sample(frac=1, random_state=5), data.interviews)
    assert core(run_analysis(wanted, shuffled)) == pytest.approx(core(run_analysis(wanted, data)), rel=1e-7)


@ALL
def test_identity_constant_added_to_the_outcome_moves_means_only(wanted):
    data = study()
    moved = AnalysisData(data.participants.assign(y_6m=data.participants["y_6m"] + 100), data.interviews)
    one, two = run_analysis(wanted, data), run_analysis(wanted, moved)
    assert core(two) == pytest.approx(core(one), rel=1e-7)
    assert [row["estimate"] - 100 for row in two.adjusted_means] == pytest.approx(
        [row["estimate"] for row in one.adjusted_means], rel=1e-7
    )


@ALL
def test_identity_outcome_in_other_units_rescales(wanted):
    data = study()
    scaled = AnalysisData(
        data.participants.assign(y_6m=data.participants["y_6m"] * 10, y_0m=data.participants["y_0m"] * 10),
        data.interviews,
    )
    one, two = run_analysis(wanted, data), run_analysis(wanted, scaled)
    assert core(two) == pytest.approx([core(one)[0] * 10, core(one)[1] * 10, *core(one)[2:]], rel=1e-7)
    assert two.standardised["estimate"] == pytest.approx(one.standardised["estimate"], rel=1e-7)


@ALL
def test_identity_renamed_team_labels_change_nothing(wanted):
    data = study()
    renamed = data.participants.assign(team=data.participants["trust"] + data.participants["team"])
    assert core(run_analysis(wanted, AnalysisData(renamed, data.interviews))) == pytest.approx(
        core(run_analysis(wanted, data)), rel=1e-7
    )


def test_identity_balanced_cluster_t_equals_the_mixed_model():
    data = study()
    mixed = run_analysis(spec("y_6m ~ arm + (1 | trust:team)", "mixed"), data)
    two_stage = run_analysis(spec("y_6m ~ arm", "cluster_summary"), data)
    cr2 = run_analysis(spec("y_6m ~ arm", "ols_cr2"), data)
    assert not mixed.estimate.singular
    assert core(mixed) == pytest.approx(core(two_stage), rel=1e-7)
    assert core(cr2) == pytest.approx(core(two_stage), rel=1e-7)
    assert mixed.estimate.df == pytest.approx(8, rel=1e-7)


def test_identity_balanced_paired_t_equals_the_mixed_model_with_trusts_fixed():
    data = study()
    mixed = run_analysis(spec("y_6m ~ arm + trust + (1 | trust:team)", "mixed"), data)
    paired = run_analysis(spec("y_6m ~ arm", "cluster_summary", pairs=True), data)
    assert not mixed.estimate.singular
    assert core(mixed) == pytest.approx(core(paired), rel=1e-7)
