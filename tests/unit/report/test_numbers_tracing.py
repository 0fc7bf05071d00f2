"""Printed numbers: found in text, marked as they are rounded, written out with the cell they came from."""

from __future__ import annotations

import pandas as pd
import pytest

from chapter_material import labels as study_labels
from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.process.section import deviations
from cpis_analysis.errors import CpisError
from cpis_analysis.publish.blocks import Heading, Listing, Paragraph, Picture, Run
from cpis_analysis.publish.data_table import DataTable
from cpis_analysis.publish.format import count, interval, mean_sd, number, one_line, p_value, percent
from cpis_analysis.publish.pen.panels import Panel
from cpis_analysis.publish.pen.style import canvas_of, finish, page_of, wrap
from cpis_analysis.publish.sources.arithmetic import evaluate
from cpis_analysis.publish.sources.ledger import open_ledger, replace_marks, split_marks, unmarked
from cpis_analysis.publish.sources.source import Cell
from cpis_analysis.publish.sources.sourced import is_sourced, setting, sourced, standing_in
from cpis_analysis.publish.sources.sourced_columns import column, column_of, exp, how_many, made, rows_of
from cpis_analysis.publish.sources.tokens import find_numbers
from cpis_analysis.report.printed import with_sources
from cpis_analysis.report.trace.numbers import collect_numbers
from cpis_analysis.report.trace.places import AXIS, DRAWING, places_in, places_of_forms
from cpis_analysis.report.trace.quotes import Quote, Quotes
from cpis_analysis.runs.locked.deviations import Deviation
from cpis_analysis.runs.locked.lock_status import LockStatus
from report_material import team_content


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("0.87 (−1.77 to 3.50), p <0.001", ["0.87", "−1.77", "3.50", "<0.001"]),
        ("1,234 people (34.5%)", ["1,234", "34.5%"]),
        ("EQ-5D-5L, QPR-15, CR2, score_6m, results/t2.csv, 3.11.2", []),
        ("n=77; 2 of 5.", ["77", "2", "5"]),
        ("(n\u00a0=\u00a077)", ["77"]),
        # a count before a stroke is none, and no part of it is one
        ("1,053/1,945 (54%)", ["54%"]),
    ],
)
def test_tokens_are_numbers_and_never_parts_of_names(text, printed):
    assert [token.text for token in find_numbers(text)] == printed


def frame() -> pd.DataFrame:
    """Two arms with the same count."""
    given = pd.DataFrame({"arm": ["old", "new"], "n": [12, 12], "mean": [1.2345, 6.789], "part": [3, 0]})
    return with_sources(given, "a.csv")


def entries(write, quotes: tuple[Quote, ...] = ()) -> list[dict]:
    """What numbers.json says of the sentence that a function writes."""
    known = Quotes()
    known.add(quotes)
    with open_ledger() as ledger:
        blocks = [Heading(1, "Results", "r"), Paragraph((Run(write()),))]
        return collect_numbers(places_in(blocks), ledger, known, "config.yaml")["numbers"]


def source(row: int, name: str) -> dict[str, str]:
    return {"file": "a.csv", "row": str(row), "column": name}


def test_numbers_name_the_row_and_column_that_they_were_read_from_though_values_are_alike():
    old, new = rows_of(frame())
    found = entries(lambda: f"{count(new['n'])} and {count(old['n'])}; {mean_sd(new['mean'], old['mean'])}")
    assert [entry["source"] for entry in found] == [
        source(3, "n"),
        source(2, "n"),
        source(3, "mean"),
        source(2, "mean"),
    ]
    assert found[0] == {
        "printed": "12",
        "section": "r",
        "in": [],
        "class": "cell",
        "value": 12.0,
        "source": source(3, "n"),
    }


def test_numbers_that_are_computed_name_the_expression_and_its_parts():
    old, new = rows_of(frame())
    (found,) = entries(lambda: number(abs(old["mean"] - new["mean"]), 2))
    assert found["class"] == "derived"
    assert found["derived"] == "abs(mean - mean_n2)"
    assert found["from"] == {
        "mean": source(2, "mean") | {"value": 1.2345},
        "mean_n2": source(3, "mean") | {"value": 6.789},
    }
    assert evaluate(found["derived"], {name: part["value"] for name, part in found["from"].items()}) == found["value"]


def test_numbers_of_a_share_name_part_and_whole():
    (found,) = entries(lambda: percent(*(rows_of(frame())[0][name] for name in ("part", "n"))))
    assert (found["class"], found["part"], found["whole"]) == ("share", 3.0, 12.0)
    assert (found["source"], found["source_of_whole"]) == (source(2, "part"), source(2, "n"))


def test_numbers_of_a_sum_and_of_a_count_name_all_rows():
    rows = frame()
    total, names = entries(lambda: f"{count(rows['n'].sum() + rows['n'].iloc[0])} {count(how_many(rows['mean']))}")
    assert total["derived"] == "sum(n)"
    assert total["from"] == {"n": {"file": "a.csv", "rows": ["2", "3", "2"], "column": "n"}}
    assert names["from"] == {"mean": {"file": "a.csv", "rows": ["2", "3"], "column": "mean"}}


@pytest.mark.parametrize(
    ("write", "kind"),
    [
        (lambda: number(setting(0.25, "balance.py", "NOTABLE"), 2), "setting"),
        (lambda: f"fewer than {p_value(rows_of(frame())[0]['mean'] / 10000)}", "derived"),
        (lambda: "at visit\u00a05", "quoted"),
        (lambda: "Table 5", "numbering"),
        (lambda: "at baseline 12 in the new arm", None),
        (lambda: number(7.7712, 2), None),
        (lambda: percent(12, 24), None),
        (lambda: count(float(rows_of(frame())[0]["n"])), None),
        (lambda: number(rows_of(frame())[0]["n"] * 0.8372914, 2), None),
    ],
)
def test_numbers_are_of_one_class_each_and_one_without_a_source_stops_the_build(write, kind):
    quotes = (Quote("Visit 5", "config.yaml", "", "waves[1].label"), Quote("5", "config.yaml", "", "no.words"))
    if kind is None:
        with pytest.raises(CpisError, match=r"without a source in r: "):
            entries(write, quotes)
    else:
        assert [entry["class"] for entry in entries(write, quotes)] == [kind]


def test_numbers_for_small_counts_are_given_no_value():
    from cpis_analysis.disclosure.counts import small_mark

    (found,) = entries(lambda: small_mark(setting(5, "config.yaml", "report.minimum_cell")))
    assert (found["printed"], found["class"], "value" in found) == ("<5", "suppressed", False)
    assert standing_in(5) == 5


def test_sources_are_lost_where_a_number_of_unknown_origin_comes_in():
    n, mean = (rows_of(frame())[0][name] for name in ("n", "mean"))
    assert all(map(is_sourced, (n + 1, 100 * mean, mean / n, -mean, abs(-mean), exp(mean), max(n, 20, key=int) + n)))
    assert not any(map(is_sourced, (mean * 0.8372914, float(mean), mean + float("inf"), n + True)))
    assert [type(value).__name__ for value in (n + n, n / n)] == ["SourcedInt", "SourcedFloat"]
    assert (n, mean) == (12, 1.2345)
    assert hash(n) == hash(12)
    assert repr(mean) == "1.2345"


def test_sources_of_a_record_are_paths_to_its_numbers():
    record = sourced({"a": [{"b.c": 1.5}], "d": True, "e": None}, "x.json", "fit")
    assert record["a"][0]["b.c"].source == Cell("x.json", "fit", 'a[0]["b.c"]')
    assert record["d"] is True
    assert record["e"] is None


def test_sources_of_rows_stay_through_filters_groups_and_sorting():
    rows = frame().sort_values("mean", ascending=False, kind="stable")
    parts = {name: part for name, part in rows.groupby("arm")}
    assert parts["new"]["n"].iloc[0].source == Cell("a.csv", "3", "n")
    assert column_of(rows[rows["arm"] == "new"], "arm").cells == (Cell("a.csv", "3", "arm"),)
    assert column(rows["part"] * 100) == column(rows["part"])


@pytest.mark.parametrize(
    ("by", "parts"),
    [("excluding", (0, [-1.0, 1.0], [1.0, 2.0])), ("below", (0.5, [0.0, 1.0])), ("t_quantile", (0.975, 4.0))],
)
def test_functions_give_plain_numbers_of_plain_numbers(by, parts):
    assert made(by, *parts) == pytest.approx(evaluate_plain(by, parts))
    assert not is_sourced(made(by, *parts))


def evaluate_plain(by: str, parts: tuple) -> float:
    names = "abc"[: len(parts)]
    return evaluate(f"{by}({', '.join(names)})", dict(zip(names, parts, strict=True)))


def test_marks_are_carried_by_texts_and_left_behind_by_writers():
    old, _ = rows_of(frame())
    plain = f"{interval(old['mean'], old['n'])} PER CENT"
    with open_ledger():
        text = f"{interval(old['mean'], old['n'])} per cent".upper()
        assert unmarked(text) == plain.upper()
        assert text != plain.upper()
        words, marks = split_marks(text)
        assert replace_marks(words, marks) == text
        assert [unmarked(line) for line in wrap(text, 40.0)] == wrap(plain.upper(), 40.0)
        assert one_line(text) == plain.upper()
    assert one_line("a\U000f0000b") == "ab"


@pytest.mark.thorough
def test_marks_are_enough_for_a_hundred_thousand_numbers():
    with open_ledger() as ledger:
        texts = [number(setting(value, "a.py", str(value)), 0) for value in range(100_000)]
        assert ledger.record(split_marks(texts[-1])[1][0][1])["source"]["column"] == "99999"
        assert [
            ledger.record(mark)["value"] for text in texts[65_515:65_525] for _, mark in split_marks(text)[1]
        ] == list(range(65_515, 65_525))


def test_places_of_the_page_are_marked_where_the_report_shows_them_too():
    page = [Heading(1, "Results", "r"), Paragraph((Run("12"),)), Paragraph((Run("13"),)), Paragraph((Run("12"),))]
    report = [Heading(1, "Results", "other"), Paragraph((Run("12"),)), Listing("seed: 99")]
    made = list(places_of_forms(places_in(page), places_in(report), ("page", "report")))
    assert [(place.text, place.forms) for place in made] == [
        ("12", ("page", "report")),
        ("13", ("page",)),
        ("12", ("page",)),
        ("seed: 99", ("report",)),
    ]


def test_places_of_a_plan_name_the_key_of_each_line():
    listing = "study:\n  name: A\n  seed: 5\nwaves:\n- name: w\n  months: 6\n  label: a long text\n    of 2 lines"
    made = list(places_in([Listing(listing)]))
    assert [(place.row, place.text.strip()) for place in made] == [
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
        ("t_share(x, df) + normal_share(0)", {"x": 0.0, "df": 3.0}, 1.0),
        ("normal_held(m, s, v)", {"m": [-1.0, -0.5, 0.0, 0.5, 9.0], "s": [0.0] * 5, "v": 1.0}, 4.0),
        ("abs(a) + exp(b) + log(1) + one_figure(c)", {"a": -1.0, "b": 0.0, "c": 3.4}, 5.0),
    ],
)
def test_expressions_are_computed_from_named_values(expression, values, result):
    assert evaluate(expression, values) == pytest.approx(result)


@pytest.mark.parametrize("expression", ["other", "a.b", "__import__('os')", "[1]", "a if a else 0", "open(1)"])
def test_expressions_of_anything_else_are_refused(expression):
    with pytest.raises(CpisError):
        evaluate(expression, {"a": 1.0})


def test_lines_of_a_drawing_are_places_and_marks_of_axes_are_told():
    canvas = canvas_of(120.0, False)
    axes = Panel(canvas, 40, 30, 200, 60)
    axes.limits(x=(0, 4))
    axes.x_axis([0, 2], ["0.0", "2.0"])
    with open_ledger() as ledger:
        # the same number as the axis has at its end
        axes.text(1, 0.5, f"{number(setting(2.0, 'a.py', 'ONE'), 1)} (−1.77 to 3.50), fixed", 9)
        axes.text(1, 0.2, number(setting(2.0, "a.py", "ONE"), 1), 9)
        picture = Picture("figure-one", "", "Title", "Words", finish(canvas, "one", "Title", "Words"))
        places = [place for place in places_in([picture]) if place.kind in (AXIS, DRAWING)]
        marked = [[ledger.record(mark)["printed"] for _, mark in split_marks(place.text)[1]] for place in places]
    assert [(unmarked(place.text), place.kind) for place in places] == [
        ("0.0", AXIS),
        ("2.0", AXIS),
        ("2.0 (−1.77 to 3.50), fixed", DRAWING),
        ("2.0", DRAWING),
    ]
    assert marked == [[], [], ["2.0"], ["2.0"]]
    assert (places[1].before, places[1].after) == ("0.0 ", " 2.0 (−1.77 to 3.50), fixed 2.0")


def test_numbers_in_labels_and_codes_are_quoted_however_a_text_cuts_them():
    labels = study_labels()
    with open_ledger() as ledger:
        text = f"{labels.trust('7')} of {labels.choice('age', '40')}…"
        found = [ledger.record(mark) for _, mark in split_marks(text)[1]]
    assert unmarked(text) == "7 of 40…"
    assert [(record["class"], record["printed"]) for record in found] == [("quoted", "7"), ("quoted", "40")]
    assert labels.trust("7") == "7"


def test_numbers_of_a_sentence_that_a_drawing_sets_on_two_lines_are_known():
    canvas = canvas_of(120.0, False)
    page = page_of(canvas)
    page.text(1, 40, "The interval excludes", 9)
    page.text(1, 20, "0 everywhere", 9)
    figure = finish(canvas, "one", "Title", "Words")
    quotes = Quotes()
    quotes.add([Quote("interval excludes 0", "a.py", "", "")])
    picture = Picture("figure-one", "", "Title", "Words", figure)
    with open_ledger() as ledger:
        numbers = collect_numbers(places_in([picture]), ledger, quotes, "config.yaml")["numbers"]
    assert [(entry["printed"], entry["class"]) for entry in numbers] == [("0", "fixed")]


@pytest.mark.filterwarnings("ignore:Glyph")
def test_numbers_in_a_drawing_are_known_beside_letters_that_the_font_lacks_or_joins():
    canvas = canvas_of(120.0, False)
    with open_ledger() as ledger:
        page_of(canvas).text(1, 40, f"日本語 العربية {number(setting(-29.4, 'a.py', 'ONE'), 1)}", 9)
        figure = finish(canvas, "one", "Title", "Words")
        places = places_in([Picture("figure-one", "", "Title", "Words", figure)])
        numbers = collect_numbers(places, ledger, Quotes(), "config.yaml")["numbers"]
    assert [(entry["printed"], entry["source"]["column"]) for entry in numbers] == [("−29.4", "ONE")]


def test_numbers_of_the_plan_before_and_after_a_lock_are_those_of_the_lock():
    found = [Deviation("models.ancova.level", "changed", "0.95", "0.9", False, "A reason", "")]
    page = Page(team_content(lock=LockStatus("2018-02-01", "2018-02-01", deviations=found)))
    with open_ledger() as ledger:
        table = next(block for block in deviations(page) if isinstance(block, DataTable))
        records = {}
        for cell in table.rows[0].cells[1:3]:
            ((_, mark),) = split_marks(cell.text)[1]
            records[unmarked(cell.text)] = ledger.record(mark)["source"]
    assert {text: source["column"] for text, source in records.items()} == {"0.95": "at_lock", "0.9": "now"}
