"""Sentences on one result, case by case, and over a grid of random numbers."""

import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from cpis_analysis.chapters.result.sentences import (
    association_sentence,
    difference_sentence,
    importance_sentence,
    interval_sentence,
    primary_paragraphs,
    standardised_sentence,
)
from cpis_analysis.chapters.result.sentences_precision import detectable, precision_sentence, width_sentence
from report_material import clinic_plan, clinic_wording, result, team_plan, wording

NEVER = re.compile(r"\bno (significant )?(effect|difference)s?\b|did not differ|no evidence|significan", re.I)
CAUSAL = re.compile(
    r"\beffect|\bcaus|\bimprov|\bimpact|\bbenefit|\bled to|due to|\bresulted|\bworked|\breduc|\bincreas|\bprevent", re.I
)


def spoken(one, words):
    return " ".join(text for paragraph in primary_paragraphs(one, words) for text in paragraph)


def clinic_result(*numbers, **more):
    return result(*numbers, outcome="pd", plan=clinic_plan(), arm="T", sd=0.5, **more)


def test_difference_sentence_names_direction_interval_method_and_adjustment():
    assert difference_sentence(result(), wording()) == (
        "After adjustment for baseline score and age, mean access to help (total) at six months was 1.20 points higher "
        "in the new way group than in the usual way group (adjusted difference 1.20, 95% CI −0.80 to 3.20; t = 1.50 "
        "with 7.5 df, Kenward-Roger, p = 0.210)."
    )


def test_difference_sentence_adjusts_for_months_that_are_no_time_of_the_model():
    plan = team_plan(models={"ancova": {"label": "A", "formula": "{outcome}_6m ~ arm + months + (1 | trust)"}})
    assert difference_sentence(result(plan=plan), wording(plan)).startswith("After adjustment for months, mean access")


def test_difference_sentence_negative_is_lower():
    text = difference_sentence(result(-1.2, -3.2, 0.8), wording())
    assert "1.20 points lower in the new way group than in the usual way group" in text
    assert "difference −1.20, 95% CI −3.20 to 0.80" in text


def test_difference_sentence_that_rounds_to_zero_claims_no_direction():
    text = difference_sentence(result(0.001, -2, 2), wording())
    assert "higher" not in text
    assert "lower" not in text
    assert "0.00 points apart" in text


def test_difference_sentence_of_change_scores_says_change():
    plan = team_plan(models={"ancova": {"label": "C", "formula": "{outcome}_change ~ arm + (1 | trust)"}})
    text = difference_sentence(result(plan=plan), wording(plan))
    assert text.startswith(
        "The mean change in access to help (total) from baseline to six months was 1.20 points higher"
    )


def test_difference_sentence_z_has_no_df():
    text = difference_sentence(result(df=math.inf, df_method="z"), wording())
    assert "z = 1.50, normal distribution" in text
    assert " df" not in text


def test_difference_sentence_brief_leaves_out_the_test():
    text = difference_sentence(result(), wording(), brief=True)
    assert text.endswith("(adjusted difference 1.20, 95% confidence interval −0.80 to 3.20).")


def test_interval_with_zero_inside_is_compatible_with_both_directions():
    assert interval_sentence(result(), wording()) == (
        "The interval includes zero: these data are compatible with anything from a difference of 0.80 points in "
        "favour of the usual way group to one of 3.20 points in favour of the new way group."
    )


def test_interval_that_touches_zero_includes_it():
    assert "compatible with anything from zero to a difference of 3.20 points" in interval_sentence(
        result(1.6, 0.0, 3.2), wording()
    )


def test_interval_that_excludes_zero_has_the_nearer_limit_first():
    assert interval_sentence(result(-2, -3.2, -0.8), wording()) == (
        "The interval excludes zero: these data are compatible with differences of 0.80 to 3.20 points in favour of "
        "the usual way group."
    )


def test_interval_higher_is_worse_turns_the_favoured_group_round():
    text = interval_sentence(clinic_result(-0.4, -0.5, -0.3), clinic_wording())
    assert text.endswith("differences of 0.30 to 0.50 in favour of the treatment group.")
    both = interval_sentence(clinic_result(-0.1, -0.5, 0.3), clinic_wording())
    assert both.endswith(
        "from a difference of 0.30 in favour of the control group to one of 0.50 in favour of the treatment group."
    )


@pytest.mark.parametrize(
    ("estimate", "low", "high", "expected"),
    [
        (1, -3, 3.9, "lies outside the interval in both directions: a difference of that size is excluded."),
        (3, 1, 3.9, "lies outside the interval in both directions"),
        (1, -5, 7, "in favour of either group is neither shown nor excluded."),
        (
            3,
            -1,
            7,
            "in favour of the new way group is neither shown nor excluded; one in favour of the usual way "
            "group is excluded.",
        ),
        (
            -3,
            -7,
            1,
            "in favour of the usual way group is neither shown nor excluded; one in favour of the new way "
            "group is excluded.",
        ),
        (
            4,
            1,
            7,
            "in favour of the new way group is possible, and so is a smaller one; one in favour of the usual "
            "way group is excluded.",
        ),
        (6, 4, 8, "is reached or passed by the whole interval, in favour of the new way group."),
        (-6, -8, -4.5, "is reached or passed by the whole interval, in favour of the usual way group."),
    ],
)
def test_importance_sentence_follows_the_interval(estimate, low, high, expected):
    text = importance_sentence(result(estimate, low, high, outcome="mood", sd=10), wording())
    assert text.startswith("The minimal important difference (4 points) ")
    assert text.endswith(expected) or expected in text


def test_importance_sentence_without_a_threshold_says_nothing():
    assert importance_sentence(result(), wording()) is None


def test_importance_sentence_names_its_source():
    plan = team_plan()
    mood = plan.outcomes["mood"].model_copy(update={"minimal_important_difference_source": "Jones 2020"})
    plan = plan.model_copy(update={"outcomes": {**plan.outcomes, "mood": mood}})
    assert "(4 points; Jones 2020)" in importance_sentence(result(outcome="mood"), wording(plan))


def test_precision_wide_interval_cannot_tell_its_ends_apart():
    assert width_sentence(result(), wording()) == (
        "At 0.7 standard deviations from end to end the interval is wide: the design could not tell these two apart."
    )


def test_precision_names_the_difference_that_could_be_detected():
    assert precision_sentence(result(), wording()) == (
        "With a standard error of 0.80 and 7.5 degrees of freedom, a true difference would have to be about 2.58 "
        "points (0.43 standard deviations) to be detected with a probability of 80%."
    )


@pytest.mark.parametrize("numbers", [(1.2, -0.1, 2.5), (3.0, 0.5, 5.5)])
def test_precision_narrow_or_decided_interval_is_not_called_wide(numbers):
    assert width_sentence(result(*numbers, sd=6), wording()) is None


def test_detectable_difference_matches_textbook_formula_for_z():
    one = result(df=math.inf, df_method="z", se=1.0)
    assert detectable(one) == pytest.approx(1.959964 + 0.841621, abs=1e-5)


def test_detectable_difference_uses_few_degrees_of_freedom():
    assert detectable(result(df=4.0, se=1.0)) == pytest.approx(stats.t.ppf(0.975, 4) + stats.t.ppf(0.8, 4))


def test_standardised_sentence_names_the_standard_deviation():
    assert standardised_sentence(result(), wording()) == (
        "In standard deviations at baseline the difference was 0.20 (95% CI −0.13 to 0.53)."
    )
    assert standardised_sentence(result(sd=None), wording()) is None


def test_association_sentence_only_where_not_randomised():
    assert "not formed at random" in association_sentence(wording())
    assert association_sentence(clinic_wording()) is None


@pytest.mark.parametrize("change", [{"converged": False}, {"p": math.nan}, {"low": math.nan}])
def test_result_without_numbers_is_named_and_not_described(change):
    numbers = {"estimate": 1.2, "low": -0.8, "high": 3.2, **change}
    assert primary_paragraphs(result(**numbers), wording()) == (
        (
            "The planned analysis of access to help (total) gave no usable estimate; its warnings stand with the model "
            "details.",
        ),
    )


number = st.floats(-30, 30, allow_nan=False).map(lambda value: round(value, 4))
width = st.floats(0.0001, 20, allow_nan=False)


@settings(max_examples=120)
@given(
    estimate=number,
    below=width,
    above=width,
    p=st.floats(0, 1),
    df=st.sampled_from([1.0, 3.9, 8.0, math.inf]),
    sd=st.sampled_from([None, 0.2, 6.0]),
    outcome=st.sampled_from(["score", "mood"]),
)
def test_sentences_on_groups_not_formed_at_random_never_overclaim(estimate, below, above, p, df, sd, outcome):
    one = result(estimate, estimate - below, estimate + above, p=p, df=df, sd=sd, outcome=outcome)
    text = spoken(one, wording())
    assert not NEVER.search(text)
    assert not CAUSAL.search(text)
    includes = one.estimate.ci_low <= 0 <= one.estimate.ci_high
    assert ("includes zero" in text) == includes
    assert ("excludes zero" in text) != includes
    assert "nan" not in text.lower()
    assert "None" not in text
    assert "  " not in text


@settings(max_examples=60)
@given(estimate=number, below=width, above=width, p=st.floats(0, 1))
def test_sentences_on_randomised_groups_never_turn_a_large_p_into_absence(estimate, below, above, p):
    one = clinic_result(estimate, estimate - below, estimate + above, p=p)
    text = spoken(one, clinic_wording())
    assert not NEVER.search(text)
    assert "not formed at random" not in text
