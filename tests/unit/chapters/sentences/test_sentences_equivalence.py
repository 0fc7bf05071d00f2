"""Equivalence in words, table and figure: only margins of the plan, declared by the interval, never from p > 0.05."""

import re

import pytest

from cpis_analysis.analyses.equivalence import two_one_sided_tests
from cpis_analysis.chapters.equivalence.content import equivalence_test, margin_text, tost_level
from cpis_analysis.chapters.equivalence.sentences import equivalence_agreement, equivalence_sentences
from cpis_analysis.chapters.robustness.table import robustness_table
from cpis_analysis.words.labels import Labels
from report_material import TEAM_WORDS, result, team_content, team_plan, whole_report, wording


def plan(low=-3, high=3, source="Agreed with service users"):
    margins = {"low": low, "high": high} | ({"source": source} if source else {})
    return team_plan(
        outcomes={
            "score": {
                "label": "Access to help (total)",
                "role": "primary",
                "models": ["ancova", "fixed"],
                "low": 0,
                "high": 27,
                "equivalence": margins,
            }
        }
    )


def said(one, the_plan=None):
    return " ".join(equivalence_sentences(one, wording(the_plan or plan())))


def test_equivalence_declared_names_margins_source_interval_and_smallest_margin():
    text = said(result(0.2, -1.6, 2.0, p=0.8))
    found = two_one_sided_tests(0.2, 0.8, 7.5, 0.05, -3, 3)
    assert text.startswith(
        "The plan takes differences from −3 to 3 points as too small to matter (Agreed with service "
        "users). The 90% confidence interval, −1.30 to 1.70, lies between these margins: the groups "
        "are declared equivalent within them (two one-sided tests at the 5% level, p = 0.004, 7.5 "
        "df)."
    )
    assert text.endswith(f"would be declared is {found.smallest_margin:.2f} points.")


@pytest.mark.parametrize(
    ("estimate", "where"),
    [
        (2.5, "reaches beyond the upper margin"),
        (-2.5, "reaches beyond the lower margin"),
        (6.0, "lies wholly outside the margins"),
    ],
)
def test_equivalence_not_declared_claims_neither_difference_nor_absence(estimate, where):
    text = said(result(estimate, estimate - 1.8, estimate + 1.8))
    assert where in text
    assert "equivalence is not declared" in text
    assert "That shows neither a difference nor the absence of one." in text


def test_equivalence_wide_interval_reaches_beyond_both_margins():
    assert "reaches beyond both margins" in said(result(0.1, -6, 6, se=3.0))


def test_equivalence_beside_an_interval_without_zero_is_not_no_difference():
    text = said(result(1.2, 0.2, 2.2, se=0.4))
    assert "declared equivalent" in text
    assert "That is not the same as no difference" in text


def test_equivalence_without_margins_or_estimate_says_nothing():
    assert equivalence_sentences(result(), wording()) == ()
    assert equivalence_sentences(result(converged=False), wording(plan())) == ()


def test_equivalence_without_source_says_so():
    assert "the plan names no source" in said(result(), plan(source=None))


@pytest.mark.parametrize("margin", [0.5, 1.3, 1.7, 2.9, 5.0])
@pytest.mark.parametrize("estimate", [-1.5, 0.0, 0.4, 2.2])
def test_equivalence_is_declared_exactly_where_p_is_below_the_level(margin, estimate):
    the_plan = plan(-margin, margin)
    tested = equivalence_test(result(estimate, estimate - 2, estimate + 2), Labels(the_plan, TEAM_WORDS))
    assert tested.declared == (tested.p_value < 0.05) == (tested.smallest < margin)


@pytest.mark.parametrize("p", [0.06, 0.3, 0.99])
def test_equivalence_sentences_never_turn_a_large_p_into_absence(p):
    for estimate in (-4.0, 0.0, 0.1, 4.0):
        text = said(result(estimate, estimate - 2, estimate + 2, p=p)).replace("not the same as no difference", "")
        assert not re.search(r"\bno (difference|effect)\b|not differ|\bthe same\b", text)


def test_equivalence_agreement_counts_analyses():
    words = wording(plan())
    inside, outside = result(0.2, -1.6, 2.0), result(2.5, 0.7, 4.3, model="fixed")
    assert equivalence_agreement([inside], words) is None
    assert equivalence_agreement([inside, outside], words).endswith("is declared in one of two analyses.")
    assert equivalence_agreement([inside, inside], words).endswith("is declared in both analyses.")
    assert equivalence_agreement([outside, outside], words).endswith("is declared in none of the two analyses.")
    assert equivalence_agreement([inside, outside], wording()) is None


def test_equivalence_columns_stand_in_the_table_only_with_margins():
    rows = [result(0.2, -1.6, 2.0), result(2.5, 0.7, 4.3, model="fixed")]
    without = robustness_table(rows, Labels(team_plan(), TEAM_WORDS))
    table = robustness_table(rows, Labels(plan(), TEAM_WORDS))
    assert len(table.columns) == len(without.columns) + 3
    assert [column.label for column in table.columns if column.group == "Equivalence"] == [
        "90% CI",
        "TOST p",
        "Smallest margin",
    ]
    place = [column.group for column in table.columns].index("Equivalence")
    assert table.rows[0].cells[place : place + 3] == ("−1.30 to 1.70", "0.004", "1.70")
    assert any("margins −3 to 3 (Agreed with service users)" in note for note in table.notes)
    assert not any("quivalence" in note for note in without.notes)


def test_equivalence_margins_keep_their_own_decimals():
    assert margin_text(-4.0, 4.0, 2) == "−4 to 4"
    assert margin_text(-0.5, 0.25, 3) == "−0.50 to 0.25"
    assert tost_level(result()) == "90%"


def test_equivalence_reaches_the_page_where_margins_are_declared():
    assert "too small to matter" not in whole_report(team_content())
    page = whole_report(team_content(plan=plan()))
    assert "too small to matter" in page
    assert "Equivalence within the margins of the plan is declared" in page
