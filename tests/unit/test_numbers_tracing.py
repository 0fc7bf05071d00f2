"""Printed numbers: found in text, noted when rounded, traced to the cell they came from."""

from __future__ import annotations

import pandas as pd
import pytest

from cpis_analysis.present.format import mean_sd, number, p_value, percent, recorded
from cpis_analysis.present.tokens import find_numbers
from cpis_analysis.report.document import Heading, Listing, Paragraph, Run
from cpis_analysis.report.numbers import collect_numbers, places_in
from cpis_analysis.report.numbers_sources import Sources, cells_of_frame, cells_of_record


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("0.87 (−1.77 to 3.50), p <0.001", ["0.87", "−1.77", "3.50", "<0.001"]),
        ("1,234 people (34.5%)", ["1,234", "34.5%"]),
        ("EQ-5D-5L, QPR-15, CR2, score_6m, results/t2.csv, 3.11.2", []),
        ("n=77; 2 of 5.", ["77", "2", "5"]),
        ("(n\u00a0=\u00a077)", ["77"]),
    ],
)
def test_tokens_are_numbers_and_never_parts_of_names(text, printed):
    assert [token.text for token in find_numbers(text)] == printed


def test_recorded_notes_values_before_rounding_and_only_within():
    number(1.5, 1)
    with recorded() as log:
        mean_sd(13.2345, 6.54321)
        percent(1, 3)
        p_value(0.00002)
        number(None)
    number(9.0, 1)
    assert log == {"13.2": {(13.2345,): None}, "6.5": {(6.54321,): None}, "33%": {(1.0, 3.0): None},
                   "<0.001": {(0.00002,): None}}


def sources() -> Sources:
    """Two arms with the same count, one mean, one nested record."""
    frame = pd.DataFrame({"arm": ["old", "new"], "n": [12, 12], "mean": [1.2345, 6.789]})
    found = Sources()
    found.add(cells_of_frame("a.csv", frame, lambda row, column: [f"{row[column]} arm"], first=2))
    found.add(cells_of_record("b.json", {"estimate": {"se": -0.5551}}, "fit", lambda row, column: []))
    return found


def traced(text: str, log: dict) -> list[dict]:
    """Entries of a sentence."""
    blocks = [Heading(1, "Results", "r"), Paragraph((Run(text),)), Listing("seed: 99")]
    return collect_numbers(places_in(blocks), log, {}, sources(), {"95%": 0.95})["numbers"]


def test_numbers_take_the_cell_whose_labels_stand_beside_them():
    made = traced("12 people in the new arm", {"12": [[12.0]]})
    assert made == [{"printed": "12", "section": "r", "class": "cell", "value": 12.0,
                     "source": {"file": "a.csv", "row": "3", "column": "n"}}]


def test_numbers_without_sign_are_traced_to_the_signed_value():
    made = traced("0.56 lower", {"0.56": [[0.5551]]})
    assert made[0]["value"] == -0.5551
    assert made[0]["source"] == {"file": "b.json", "row": "fit", "column": "estimate.se"}


@pytest.mark.parametrize(
    ("text", "log", "kind"),
    [
        ("95% CI", {}, "setting"), ("12 people", {}, "counted"), ("7.77", {"7.77": [[7.7712]]}, "derived"),
        ("50%", {"50%": [[12.0, 24.0]]}, "share"), ("<5", {}, "suppressed"), ("3.14", {}, "words"),
    ],
)
def test_numbers_are_of_one_class_each(text, log, kind):
    assert [entry["class"] for entry in traced(text, log)] == [kind]
