"""Printed numbers: found in text, noted when rounded, traced to the cell they came from."""

from __future__ import annotations

import pandas as pd
import pytest

from cpis_analysis.errors import CpisError
from cpis_analysis.publish.blocks import Heading, Listing, Paragraph, Run
from cpis_analysis.publish.drawn_text import DrawnText, drawn_texts
from cpis_analysis.publish.format import mean_sd, number, p_value, percent, recorded
from cpis_analysis.publish.style import canvas, finish, panel
from cpis_analysis.publish.tokens import find_numbers
from cpis_analysis.report.trace.derived import derived_cell, evaluate
from cpis_analysis.report.trace.numbers import Background, Setting, collect_numbers
from cpis_analysis.report.trace.places import places_in, places_of_forms
from cpis_analysis.report.trace.quotes import Quote, Quotes
from cpis_analysis.report.trace.sources import Sources, cells_of_frame, cells_of_record


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
    assert log == {
        "13.2": {(13.2345,): None},
        "6.5": {(6.54321,): None},
        "33%": {(1.0, 3.0): None},
        "<0.001": {(0.00002,): None},
    }


def sources() -> Sources:
    """Two arms with the same count, one mean, one nested record, and what follows from it."""
    frame = pd.DataFrame({"arm": ["old", "new"], "n": [12, 12], "mean": [1.2345, 6.789]})
    found = Sources()
    found.add(cells_of_frame("a.csv", frame, lambda row, column: [f"{row[column]} arm"], first=2))
    found.add(cells_of_record("b.json", {"estimate": {"se": -0.5551}}, "fit", lambda row, column: [], owners=("x",)))
    found.add(cells_of_record("c.json", {"other": 12.0}, "fit", lambda row, column: [], owners=("x",)))
    found.add([derived_cell("a - b", {"a": found.cells[3], "b": found.cells[1]})])
    return found


def traced(text: str, log: dict, owners: tuple[str, ...] = ()) -> list[dict]:
    """Entries of a sentence."""
    quotes = Quotes()
    quotes.add([Quote("Visit 5", "config.yaml", "", "waves[1].label"), Quote("5", "config.yaml", "", "no.words")])
    settings = {"95%": Setting(0.95, {"file": "config.yaml", "row": "", "column": "level"})}
    ground = Background(
        sources(), quotes, settings, Setting(5, {"file": "config.yaml"}), "config.yaml", lambda place: owners
    )
    blocks = [Heading(1, "Results", "r"), Paragraph((Run(text),))]
    return collect_numbers(places_in(blocks, "r"), {"r": log}, {}, ground)["numbers"]


def test_numbers_take_the_cell_whose_labels_stand_beside_them():
    made = traced("12 people in the new arm", {"12": [[12.0]]})
    assert made == [
        {
            "printed": "12",
            "section": "r",
            "in": [],
            "class": "cell",
            "value": 12.0,
            "source": {"file": "a.csv", "row": "3", "column": "n"},
        }
    ]


def test_numbers_take_a_cell_of_what_the_place_is_about_before_all_others():
    made = traced("12 people in the new arm", {"12": [[12.0]]}, ("x",))
    assert made[0]["source"] == {"file": "c.json", "row": "fit", "column": "other"}


def test_numbers_without_sign_are_traced_to_the_signed_value():
    made = traced("0.56 lower", {"0.56": [[0.5551]]})
    assert made[0]["value"] == -0.5551
    assert made[0]["source"] == {"file": "b.json", "row": "fit", "column": "estimate.se"}


def test_numbers_that_follow_from_cells_name_the_expression_and_its_parts():
    made = traced("5.55 higher", {"5.55": [[6.789 - 1.2345]]})
    assert made == [
        {
            "printed": "5.55",
            "section": "r",
            "in": [],
            "class": "derived",
            "value": 6.789 - 1.2345,
            "derived": "a - b",
            "from": {
                "a": {"file": "a.csv", "row": "3", "column": "mean", "value": 6.789},
                "b": {"file": "a.csv", "row": "2", "column": "mean", "value": 1.2345},
            },
        }
    ]


@pytest.mark.parametrize(
    ("text", "log", "kind"),
    [
        ("95% CI", {}, "setting"),
        ("12 in the new arm", {}, "cell"),
        ("7.77", {"7.77": [[7.7712]]}, "unknown"),
        ("50%", {"50%": [[12.0, 24.0]]}, "unknown"),
        ("100%", {"100%": [[12.0, 12.0]]}, "share"),
        ("<5", {}, "suppressed"),
        ("3.14", {}, "unknown"),
        ("at visit\u00a05", {}, "quoted"),
        ("Table 5", {}, "numbering"),
        ("12 of something else", {}, "unknown"),
        ("5", {}, "unknown"),
        ("at baseline 12 in the new arm", {}, "cell"),
    ],
)
def test_numbers_are_of_one_class_each(text, log, kind):
    assert [entry["class"] for entry in traced(text, log)] == [kind]


def test_places_of_the_page_are_marked_where_the_report_shows_them_too():
    page = [Heading(1, "Results", "r"), Paragraph((Run("12"),)), Paragraph((Run("13"),)), Paragraph((Run("12"),))]
    report = [Heading(1, "Results", "other"), Paragraph((Run("12"),)), Listing("seed: 99")]
    made = list(places_of_forms(places_in(page), places_in(report)))
    assert [(place.text, place.forms) for place in made] == [
        ("Results", ("page", "report")),
        ("12", ("page", "report")),
        ("13", ("page",)),
        ("12", ("page",)),
        ("seed: 99", ("report",)),
    ]


def test_places_of_a_plan_name_the_key_of_each_line():
    listing = "study:\n  name: A\n  seed: 5\nwaves:\n- name: w\n  months: 6\n  label: a long text\n    of 2 lines"
    made = list(places_in([Listing(listing)]))
    assert [(place.row, place.text.strip()) for place in made if any(map(str.isdigit, place.text))] == [
        ("study.seed", "seed: 5"),
        ("waves.months", "months: 6"),
        ("waves.label", "of 2 lines"),
    ]


@pytest.mark.parametrize(
    ("expression", "values", "result"),
    [
        ("(high - low) / sd", {"high": 3.0, "low": -1.0, "sd": 2.0}, 2.0),
        ("-a * 3 + 1", {"a": 2.0}, -5.0),
        ("t_quantile(0.975, df)", {"df": 4.0}, 2.7764451),
        ("normal_quantile(0.975)", {}, 1.9599640),
        ("within(x, a, b) + length(x)", {"x": [1, 2], "a": [0, 3], "b": [2, 4]}, 3.0),
        ("excluding(0, a, b)", {"a": [-1.0, 1.0], "b": [1.0, 2.0]}, 1.0),
        ("different(x)", {"x": ["a", "a"]}, 1.0),
        ("1 + below(2, x) + above(2, x) - sum(x)", {"x": [1.0, 3.0]}, -1.0),
    ],
)
def test_expressions_are_computed_from_named_values(expression, values, result):
    assert evaluate(expression, values) == pytest.approx(result)


@pytest.mark.parametrize("expression", ["other", "a.b", "__import__('os')", "[1]", "a if a else 0", "open(1)"])
def test_expressions_of_anything_else_are_refused(expression):
    with pytest.raises(CpisError):
        evaluate(expression, {"a": 1.0})


def test_drawn_text_is_read_back_letter_by_letter_and_marks_of_axes_are_told():
    with canvas(120.0, False) as (drawing, _):
        axes = panel(drawing, 40, 30, 200, 60)
        axes.set_xlim(0, 4)
        axes.set_xticks([0, 2], ["0.0", "2.0"])
        axes.text(1, 0.5, "0.87 (−1.77 to 3.50), fixed")
        svg = finish(drawing, "one", "Title", "Words").svg
    texts = list(drawn_texts(svg))
    assert DrawnText("0.0", True) in texts
    assert [text.scale for text in texts if "0.87 (−1.77 to 3.50)" in text.text] == [False]
