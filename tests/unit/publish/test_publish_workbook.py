"""The workbook has one number a cell, in columns that a spreadsheet can compute with; no text is taken apart."""

import copy
import io
import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from cpis_analysis.publish.blocks import Document
from cpis_analysis.publish.cell_parts import HIGH, LOW, SD, SHARE, VALUE, WHOLE, Part, parts_of, together
from cpis_analysis.publish.data_table import Cell, plain_table
from cpis_analysis.publish.format import (
    DASH,
    MINUS,
    ci_head,
    count,
    count_percent,
    degrees,
    fraction_percent,
    interval,
    level_words,
    mean_sd,
    mean_sd_range,
    median_quartiles,
    number,
    p_value,
    part_of,
    percent,
    sd_variance,
    with_interval,
    with_mark,
    word_part_of,
)
from cpis_analysis.publish.sources.ledger import open_ledger, split_marks, unmarked
from cpis_analysis.publish.sources.sourced import setting
from cpis_analysis.publish.table import Column, Row, RowGroup, Table
from cpis_analysis.publish.workbook import Sheet, to_workbook
from cpis_analysis.publish.workbook_columns import split_columns


def sheet_of(heads, rows):
    table = plain_table("T", [(head, "left") for head in heads], rows, id="t")
    book = load_workbook(io.BytesIO(to_workbook([Sheet("t", "T", (table,))], Document("Study", "Report"))))
    lines = list(book["t"].iter_rows(values_only=True))[1:]
    return lines[0], lines[1:], book["t"]


def split(heads, rows, above=()):
    """Labels and texts of the columns that texts and printed cells become."""
    over = [Cell(text, header=True) for text in above]
    cells = [[Cell.of(text, "left") for text in row] for row in rows]
    labels, lines = split_columns([[*over, Cell.of(head, "left", header=True)] for head in heads], cells)
    return labels, [[one.text if isinstance(one, Part) else one for one in line] for line in lines]


def test_workbook_estimate_and_limits_are_numbers():
    head, rows, _ = sheet_of(
        ["Model", ci_head("Difference", level_words(0.95)), "p"],
        [["a", with_interval(0.867, -1.772, 3.504, 2), p_value(0.41)], ["b", "not estimable", DASH]],
    )
    assert head == ("Model", "Difference", "95% CI low", "95% CI high", "p")
    assert rows[0] == ("a", 0.87, -1.77, 3.5, 0.41)
    assert rows[1][1] == "not estimable"
    assert rows[1][2:4] == ("", "")


def test_workbook_shares_are_per_cent_and_pairs_are_two_columns():
    head, rows, page = sheet_of(
        ["Answer", "New way", "Old way"],
        [
            ["Age: mean (SD)", mean_sd(42.9, 11.5), mean_sd(45, 10.1)],
            ["Yes", count_percent(46, 77), "[c]"],
            ["No", count_percent(1046, 2615), "<5"],
        ],
    )
    assert head == ("Answer", "New way", "New way, SD or per cent", "Old way", "Old way, SD")
    assert [row[1:3] for row in rows] == [(42.9, 11.5), (46, 0.6), (1046, 0.4)]
    assert page["C5"].number_format == "0%"
    assert page["B5"].number_format == "#,##0"
    assert [row[3] for row in rows] == [45, "[c]", "<5"]


@pytest.mark.parametrize("values", [(0.5, -1.25, 1234.5), (-3.0, -4.0, -2.0), (1000000.0, 0.0, 2e6)])
@pytest.mark.parametrize("decimals", [0, 1, 3])
def test_workbook_has_each_number_as_the_report_prints_it(values, decimals):
    labels, lines = split(["Row", ci_head("D", "90%")], [["r", with_interval(*values, decimals)]])
    assert labels == ["Row", "D", "90% CI low", "90% CI high"]
    assert lines == [["r", *(number(value, decimals) for value in values)]]


def test_workbook_says_what_the_ends_are():
    rows = [
        ["Age", median_quartiles(3, 1, 5, 0), "", interval(1, 2)],
        ["Size", mean_sd_range(14.06, 6.42, 3, 20), "", interval(2, 3)],
        ["Yes", "", fraction_percent(12, 40), "[c]"],
        ["Other", "", word_part_of("<5", 40), ""],
        ["Seen", part_of(3, 4), "", ""],
    ]
    labels, lines = split(["Row", "All", "Yes", ci_head("", "95%")], rows)
    assert labels[1:5] == ["All", "All, of", "All, SD", "All, lower quartile or lowest"]
    assert labels[5:] == [
        "All, upper quartile or highest",
        *("Yes", "Yes, of", "Yes, per cent"),
        *("95% CI low", "95% CI high"),
    ]
    assert [line[1:6] for line in lines] == [
        ["3", "", "", "1", "5"],
        ["14.1", "", "6.4", "3", "20"],
        ["", "", "", "", ""],
        ["", "", "", "", ""],
        ["3", "4", "", "", ""],
    ]
    assert [line[6:9] for line in lines[2:4]] == [["12", "40", "30%"], ["<5", "40", ""]]
    assert [line[9:] for line in lines] == [["1.00", "2.00"], ["2.00", "3.00"], ["[c]", ""], ["", ""], ["", ""]]


def test_workbook_a_mark_has_a_column_and_an_infinite_number_stays_a_word():
    rows = [["a", with_mark(percent(71, 1000, 1), "‡"), sd_variance(2.5, 6.25)], ["b", percent(1, 20, 1), ""]]
    rows.append(["c", with_mark(DASH, "e"), with_interval(float("inf"), 1, None)])
    labels, lines = split(["Row", "Wrong", "Estimate"], rows)
    assert labels == ["Row", "Wrong", "Wrong, mark", "Estimate", "Estimate, variance"]
    assert lines == [["a", "7.1%", "‡", "2.5", "6.3"], ["b", "5.0%", "", "", ""], ["c", "–", "e", "∞", ""]]


def test_workbook_two_numbers_of_one_kind_in_a_cell_stay_whole():
    labels, lines = split(["Row", "n"], [["r", together(count(3), ", ", count(4))]])
    assert (labels, lines) == (["Row", "n"], [["r", "3, 4"]])


def test_workbook_row_names_and_words_stay_whole():
    rows = [[count_percent(46, 77), f"{MINUS}1 of 2 (x)", "x"], ["b"]]
    labels, lines = split(["a", "b", "c"], rows)
    assert labels == ["a", "b", "c"]
    assert lines == [[*rows[0]], ["b", "", ""]]


def test_workbook_under_a_header_over_several_columns():
    head = ci_head("Difference", "95%")
    labels, _ = split([head], [["r"]], above=["Adjusted: twice (90% CI)"])
    assert labels == ["Adjusted: twice (90% CI): Difference (95% CI)"]
    labels, _ = split(["Row", head], [["r", with_interval(1.0, 0.5, 1.5, 1)]], above=["Adjusted: twice"])
    assert labels[1:] == ["Adjusted: twice: Difference", "Adjusted: twice: 95% CI low", "Adjusted: twice: 95% CI high"]


LABELS = st.one_of(
    st.sampled_from(
        ["Group 2 (95% CI)", "46 (60%)", "0.87 (−1.77 to 3.50)", "14.1 (6.4); 3 to 20", "2024", "10%", "1,000"]
    ),
    st.text(st.sampled_from("0123456789().,;%−-to CI<>/ab"), min_size=1, max_size=24),
)


@given(st.lists(LABELS, min_size=2, max_size=4), st.lists(LABELS, min_size=2, max_size=4))
def test_workbook_never_splits_a_text_whatever_stands_in_it(heads, texts):
    row = (texts * 2)[: len(heads)]
    assert split(heads, [row]) == (heads, [row])
    labels, lines = split([*heads, "n"], [[*row, with_interval(1, 0, 2)]])
    assert labels == [*heads, "n", "n, low", "n, high"]
    assert lines == [[*row, "1.00", "0.00", "2.00"]]


@pytest.mark.parametrize("label", ["2024", "10%", "1,000", f"{MINUS}3.5"])
def test_workbook_a_text_that_looks_like_a_number_stays_a_text(label):
    _, rows, _ = sheet_of(["Item", "Code"], [[label, label]])
    assert rows[0] == (label if label[0] != "-" else f"'{label}", label)


@pytest.mark.parametrize(
    ("printed", "value", "form"),
    [
        (number(-1234.56, 1), -1234.6, "#,##0.0"),
        (number(-0.001, 2), 0, "0.00"),
        (number(2, 1, sign=True), 2, "+0.0;-0.0;0.0"),
        (percent(23, 40, 1), 0.575, "0.0%"),
        (level_words(0.975), 0.975, "0.0%"),
        (level_words(0.9), 0.9, "0%"),
        (degrees(12.0), 12, "0"),
        (percent(0, 40), 0, "0%"),
    ],
)
def test_workbook_number_has_the_decimals_of_the_report(printed, value, form):
    _, rows, page = sheet_of(["Item", "x"], [["r", printed]])
    assert rows[0][1] == pytest.approx(value, abs=1e-12)
    assert page["B3"].number_format == form


@pytest.mark.parametrize("printed", [p_value(0.0001), percent(1, 1000), degrees(float("inf")), number(None)])
def test_workbook_what_is_no_number_is_what_the_report_prints(printed):
    _, rows, _ = sheet_of(["Item", "x"], [["r", printed]])
    assert rows[0][1] == printed


def test_parts_of_a_cell_are_marked_as_the_cell_is():
    values = [
        setting(value, "a.py", name) for value, name in ((14.06, "MEAN"), (6.42, "SD"), (3, "LEAST"), (20, "MOST"))
    ]
    with open_ledger() as ledger:
        cell = mean_sd_range(*values)
        assert unmarked(cell) == "14.1 (6.4); 3 to 20"
        columns = [ledger.record(split_marks(part.text)[1][0][1])["source"]["column"] for part in parts_of(cell)]
        assert [mark for _, mark in split_marks(cell)[1]] == [
            split_marks(part.text)[1][0][1] for part in parts_of(cell)
        ]
    assert columns == ["MEAN", "SD", "LEAST", "MOST"]


def test_parts_are_gone_from_what_is_made_of_a_cell():
    cell = mean_sd(1, 2)
    assert [part.role for part in parts_of(cell)] == [VALUE, SD]
    for text in (f"{cell}", cell + "*", cell.strip(), cell.replace("1", "2"), str(cell)):
        assert type(text) is str
        assert parts_of(text) == ()


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_parts_go_with_a_copy_of_a_cell(copied):
    cell = count_percent(46, 77)
    assert copied(cell) == cell
    assert parts_of(copied(cell)) == parts_of(cell) != ()


def test_table_comes_back_from_its_records_with_the_parts_of_its_cells():
    columns = (Column("Row"), Column(ci_head("D", "95%"), "Over"))
    rows = (Row(("a (1 to 2)", with_interval(1, 0, 2))), Row(("b", DASH)))
    table = Table("t", "T", columns, (RowGroup("G", rows[:1]), RowGroup("H", rows[1:])))
    again = Table.of_record(table.record(), table.parts())
    assert again == table
    assert [cell.parts for row in again.block().rows for cell in row.cells] == [
        cell.parts for row in table.block().rows for cell in row.cells
    ]
    assert [part.role for part in parts_of(again.rows[0].cells[1])] == [VALUE, LOW, HIGH]
    assert [part.text for part in parts_of(again.columns[1].label)] == ["D", "95% CI"]
    assert SHARE not in {part.role for row in again.rows for cell in row.cells for part in parts_of(cell)}


@pytest.mark.parametrize(
    "part",
    [Part(""), Part("0", number=0.0), Part("<5"), Part("[c]", WHOLE), Part("0%", SHARE, 0.0, 0, True),
     Part("+1.5", LOW, 1.5, 1, False, True), Part("2.50", number=2.5, decimals=2)],
)  # fmt: skip
def test_part_comes_back_from_its_record_which_is_short(part):
    record = json.loads(json.dumps(part.record()))
    assert Part(*record) == part
    assert len(record) == 1 or record[-1] != Part("x")[len(record) - 1]
