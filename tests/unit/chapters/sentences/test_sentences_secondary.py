"""Secondary outcomes together."""

from cpis_analysis.chapters.outcomes.sentences import secondary_sentences
from report_material import result, wording


def test_secondary_none_excludes_zero_with_holm():
    results = [result(outcome="mood"), result(-1.2, -3.2, 0.8, outcome="score")]
    adjusted = {"mood": (0.42, "holm"), "score": (0.6, "holm")}
    assert secondary_sentences(results, wording(), adjusted) == (
        "Two secondary outcomes were analysed: both intervals include zero.",
        "After adjustment for two comparisons by Holm's method, no p is below 0.05 (smallest adjusted p = 0.420).",
        "The largest standardised difference is that of mood (M-10): 0.20 standard deviations (95% CI −0.13 to "
        "0.53), in favour of the new way group.",
    )


def test_secondary_names_those_that_exclude_zero_and_those_below_the_level_after_adjustment():
    results = [result(2, 0.5, 3.5, outcome="mood"), result(outcome="score")]
    first, second, _ = secondary_sentences(results, wording(), {"mood": (0.01, "holm"), "score": (0.3, "holm")})
    assert first.endswith("the interval excludes zero for mood (M-10) and includes it for access to help (total).")
    assert "p is below 0.05 for mood (M-10) (smallest adjusted p = 0.010)" in second


def test_secondary_says_which_comparisons_are_adjusted_for():
    results = [result(outcome="mood"), result(outcome="score"), result(outcome="score")]
    told = secondary_sentences(results, wording(), {"mood": (0.4, "holm"), "score": (0.4, "holm")})
    assert "(those of the family in the plan)" not in told[1]
    assert told[1].startswith("After adjustment for three comparisons")


def test_secondary_single_outcome_is_singular():
    first, *_ = secondary_sentences([result(outcome="mood")], wording())
    assert first == "One secondary outcome was analysed: its interval includes zero."


def test_secondary_without_estimate_is_named():
    sentences = secondary_sentences([result(outcome="mood", converged=False)], wording())
    assert sentences == (
        "The planned analysis of mood (M-10) gave no usable estimate; its warnings stand with the model details.",
    )
