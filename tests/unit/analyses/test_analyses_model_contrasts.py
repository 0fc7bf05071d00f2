"""Contrasts beside the effect: they add up, and say how little one pair of teams can show."""

import math

import numpy as np
import pytest

from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.errors import ModelError
from cpis_analysis.plan.specification import ContrastSpec
from made_up_study import read_back, spec, study

RANDOM = " + (1 | trust) + (1 | trust:team)"
IN_C = (("in_c", 'trust == "C"'),)


def moderator(name, *at):
    return ContrastSpec("moderator", moderator=name, at=at)


def rows_of(result):
    return {str(row.contrast): row for row in (result.estimate, *result.contrasts)}


@pytest.fixture(scope="module")
def data():
    return study(size=12)


def test_contrast_interaction_is_the_difference_of_the_levels(data):
    result = run_analysis(
        spec("y_6m ~ arm * in_c + y_0m" + RANDOM, effect="arm:in_c", derived=IN_C, contrasts=(moderator("in_c"),)), data
    )
    rows = rows_of(result)
    assert list(rows) == ["i - c (in_c: yes - no)", "i - c (in_c = no)", "i - c (in_c = yes)"]
    effect, no, yes = rows.values()
    assert effect.measure == "interaction"
    assert yes.estimate - no.estimate == pytest.approx(effect.estimate)
    assert any("one team is compared with one team" in line for line in result.estimate.warnings)


def test_contrast_balanced_pairs_match_the_two_sample_t_of_pair_differences():
    """Oracle: without covariates, balanced, the pair in C against the other four: Student's t, 3 df, by hand."""
    data = study(size=8, team_sd=3.0, trust_sd=0.5, seed=4)
    result = run_analysis(
        spec("y_6m ~ arm * in_c" + RANDOM, effect="arm:in_c", derived=IN_C, contrasts=(moderator("in_c"),)), data
    )
    means = data.participants.groupby(["trust", "arm"], observed=True)["y_6m"].mean().unstack()
    pairs = means["i"] - means["c"]
    others = pairs.drop("C")
    se = math.sqrt(others.var(ddof=1) * (1 + 1 / 4))
    assert result.estimate.estimate == pytest.approx(pairs["C"] - others.mean())
    if not result.estimate.singular:
        assert result.estimate.se == pytest.approx(se, rel=1e-4)
        assert result.estimate.df == pytest.approx(3, abs=0.01)


def test_contrast_joint_test_of_one_coefficient_is_its_t_squared(data):
    result = run_analysis(
        spec("y_6m ~ arm + gender + y_0m" + RANDOM, contrasts=(ContrastSpec("joint", ("arm",)),)), data
    )
    (joint,) = result.contrasts
    assert (joint.measure, joint.num_df) == ("joint test", 1.0)
    assert math.isnan(joint.estimate)
    assert joint.statistic == pytest.approx(result.estimate.statistic**2)
    assert joint.p_value == pytest.approx(result.estimate.p_value)


@pytest.mark.parametrize("estimator", ["mixed", "ols_cr2"])
def test_contrast_average_is_the_weighted_mean_of_the_levels(data, estimator):
    random, cluster = (RANDOM, None) if estimator == "mixed" else ("", "team")
    result = run_analysis(
        spec(
            "y_6m ~ arm * gender + y_0m" + random,
            estimator,
            cluster=cluster,
            contrasts=(moderator("gender"), ContrastSpec("difference")),
        ),
        data,
    )
    rows = rows_of(result)
    share = data.participants["gender"].value_counts(normalize=True)
    mean = sum(share[code] * rows[f"i - c (gender = {code})"].estimate for code in ("f", "m"))
    assert rows["i - c (average)"].estimate == pytest.approx(mean)
    assert str(result.estimate.contrast) == "i - c (gender = f)"


def test_contrast_at_values_of_a_number_lies_on_a_line(data):
    result = run_analysis(spec("y_6m ~ arm * age + y_0m" + RANDOM, contrasts=(moderator("age", 30.0, 50.0),)), data)
    rows = rows_of(result)
    slope = result.coefficients[-1]["estimate"]
    assert rows["i - c (age: 50 - 30)"].estimate == pytest.approx(20 * slope)
    assert rows["i - c (age = 30)"].estimate == pytest.approx(rows["i - c (age = 0)"].estimate + 30 * slope)


def test_contrast_of_change_at_a_level_takes_the_difference_over_time(data):
    formula = "y ~ arm * wave * gender + (1 | trust:team) + (1 | trust:team:wave) + (1 | participant_id)"
    result = run_analysis(spec(formula, effect="arm:wave", contrasts=(moderator("gender"),)), data)
    rows = rows_of(result)
    assert "i - c (6m - 0m) (gender = m)" in rows
    assert str(result.estimate.contrast) == "i - c (6m - 0m) (gender = f)"


def test_contrast_cluster_robust_with_one_team_an_arm_is_refused(data):
    with pytest.raises(ModelError, match="can't be valid") as caught:
        run_analysis(
            spec("y_6m ~ arm * in_c", "ols_cr2", cluster="team", derived=IN_C, contrasts=(moderator("in_c"),)), data
        )
    assert "far too small" in str(caught.value)


def test_contrast_that_the_data_cannot_tell_is_refused(data):
    empty = study(size=12)
    people = empty.participants
    people.loc[(people["arm"] == "i") & (people["gender"] == "m"), "y_6m"] = np.nan
    with pytest.raises(ModelError) as caught:
        run_analysis(spec("y_6m ~ arm * gender + y_0m" + RANDOM, contrasts=(moderator("gender"),)), empty)
    assert "can't tell" in str(caught.value)


def test_contrast_results_survive_json(data):
    result = run_analysis(
        spec(
            "y_6m ~ arm * gender" + RANDOM,
            population="men",
            condition='gender == "m" or age > 0',
            contrasts=(moderator("gender"), ContrastSpec("joint", ("arm", "arm:gender"))),
        ),
        data,
    )
    again = read_back(result)
    assert repr(again) == repr(result)


def test_contrast_arm_beside_an_interaction_is_named_by_the_level_at_which_it_holds(data):
    result = run_analysis(
        spec("y_6m ~ arm * gender + arm * age + y_0m" + RANDOM, contrasts=(moderator("gender"),)), data
    )
    first = str(data.participants["gender"].cat.categories[0])
    assert str(result.estimate.contrast) == f"i - c (gender = {first}) (age = 0)"
    assert result.estimate.measure == "mean difference at one level"
    alone = run_analysis(spec("y_6m ~ arm * gender + y_0m" + RANDOM, contrasts=(moderator("gender"),)), data)
    # the level itself is not said twice
    assert list(rows_of(alone)).count(f"i - c (gender = {first})") == 1
    assert run_analysis(spec("y_6m ~ arm + gender + y_0m" + RANDOM), data).estimate.contrast.arms == ("i", "c")
