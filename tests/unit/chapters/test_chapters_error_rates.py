"""Simulated error rates as they are shown: table and sentences."""

import pandas as pd
import pytest

from cpis_analysis.chapters.error_rates.rates import NOMINAL, TOO_OFTEN, simulated_answers, simulated_cells
from cpis_analysis.chapters.error_rates.sentences import (
    answers_sentence,
    false_positives_sentence,
    rate_sentences,
    too_often_sentences,
)
from cpis_analysis.chapters.error_rates.table import answers_rates_table, error_rates_table
from cpis_analysis.methods import measured_sizes
from cpis_analysis.publish.sources.sourced import source_of
from cpis_analysis.words.labels import Labels
from report_material import TEAM_WORDS, team_plan, wording


@pytest.fixture
def cells():
    row = {"model": "ancova", "icc_trust": 0.012, "icc_team": 0.034, "replicates": 1000, "size_low": 0.007}
    row |= {"size_high": 0.02, "power_0.5": 0.414, "detectable_80": 0.823, "rejected": 12, "comparator": None}
    rows = [{"correlations": "estimated"} | row]
    rows += [rows[0] | {"comparator": "people as if independent", "rejected": 54, "detectable_80": None}]
    rows += [one | {"correlations": "assumed", "icc_trust": 0.05, "rejected": 2 * one["rejected"]} for one in rows]
    return simulated_cells(pd.DataFrame(rows))


def test_sentences_tell_both_kinds_of_error_and_what_ignoring_clusters_would_do(cells):
    text = " ".join(rate_sentences(cells, wording(team_plan())))
    assert "found one in 1.2% with teams as alike as the headline model has estimated" in text
    assert "and in 2.4% where 0.05 of the variance lies between trusts and 0.03 between their teams" in text
    assert "Taking people as independent would have found one in 5.4% and 10.8%" in text
    assert "the headline analysis found in 41 and 41 of a hundred" in text


def test_nothing_simulated_is_nothing_said():
    assert rate_sentences([], wording(team_plan())) == ()
    assert false_positives_sentence([], wording(team_plan())) == ""
    assert error_rates_table([], Labels(team_plan(), TEAM_WORDS)) is None


def test_table_has_the_headline_first_in_each_case_and_a_dash_for_what_is_not_known(cells):
    table = error_rates_table(cells, Labels(team_plan(), TEAM_WORDS))
    assert [group.label for group in table.groups] == [
        "Trust 0.01, team 0.03: as the headline model has estimated",
        "Trust 0.05, team 0.03: assumed",
    ]
    first, naive = (row.cells for row in table.groups[0].rows)
    assert first[1:] == ("1.2%", "0.7 to 2.0", "41", "0.82")
    assert naive[0] == "Least squares, people as if independent"
    assert naive[-1] == "–"


def answer_rows(outcome, *rejected):
    """Rows of an answer at two pairs of correlations."""
    row = {"correlations": "assumed", "model": "ancova", "comparator": None, "replicates": 1000, "drawn": "answers"}
    return [
        row
        | {"outcome": outcome, "icc_trust": trust, "icc_team": team, "rejected": n, "size": n / 1000}
        | {"size_low": n / 1000 - 0.012, "size_high": n / 1000 + 0.016}
        for n, (trust, team) in zip(rejected, ((0.02, 0.05), (0.05, 0.10)), strict=True)
    ]


def test_answers_are_told_apart_from_the_primary_outcome_and_what_is_wrong_too_often_is_named():
    plan, labels = team_plan(), Labels(team_plan(), TEAM_WORDS)
    one, other = labels.outcomes()[:2]
    frame = pd.DataFrame([*answer_rows(other, 31, 92), *answer_rows(one, 44, 61)])
    assert simulated_cells(frame) == []
    found = simulated_answers(frame, labels)
    assert [part.outcome for part in found] == [one, other]
    assert "these tests found one in 3.1% to 9.2%." in answers_sentence(found)
    # 6.1% is more than 6%, but not beyond the error of the simulation
    (said,) = too_often_sentences(found, wording(plan))
    assert said.startswith(f"Too many false findings: {labels.outcome_short(other)}.")
    assert "found one in 9.2% where 0.05 of the variance lies between trusts" in said
    table = answers_rates_table(found, labels)
    cells = [row.cells for group in table.groups for row in group.rows]
    assert [row[2:] for row in cells] == [
        ("4.4%", "3.2 to 6.0", "6.1%", "4.9 to 7.7"),
        ("3.1%", "1.9 to 4.7", "9.2% ‡", "8.0 to 10.8"),
    ]
    assert table.notes[-1].startswith("‡ More than 6%,")
    assert said.endswith("not in 5%.")
    assert [source_of(limit).column for limit in (NOMINAL, TOO_OFTEN)] == ["NOMINAL", "TOO_OFTEN"]
    assert (NOMINAL, TOO_OFTEN) == (measured_sizes.NOMINAL, measured_sizes.TOO_OFTEN)


def test_nothing_simulated_of_answers_is_nothing_said(cells):
    labels = Labels(team_plan(), TEAM_WORDS)
    assert simulated_answers(pd.DataFrame(), labels) == []
    assert answers_sentence([]) == ""
    assert too_often_sentences([], wording(team_plan())) == ()
    assert answers_rates_table([], labels) is None
