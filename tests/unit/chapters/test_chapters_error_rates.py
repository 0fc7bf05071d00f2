"""Simulated error rates as they are shown: table and sentences."""

import pandas as pd
import pytest

from cpis_analysis.chapters.error_rates.rates import simulated_cells
from cpis_analysis.chapters.error_rates.sentences import false_positives_sentence, rate_sentences
from cpis_analysis.chapters.error_rates.table import error_rates_table
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
