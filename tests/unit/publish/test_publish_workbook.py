"""The workbook has one number a cell, in columns that a spreadsheet can compute with."""

import io

import pytest
from openpyxl import load_workbook

from cpis_analysis.publish.blocks import Document
from cpis_analysis.publish.data_table import plain_table
from cpis_analysis.publish.format import MINUS, interval, number, with_interval
from cpis_analysis.publish.workbook import Sheet, to_workbook
from cpis_analysis.publish.workbook_columns import split_columns


def sheet_of(heads, rows):
    table = plain_table("T", [(head, "left") for head in heads], rows, id="t")
    book = load_workbook(io.BytesIO(to_workbook([Sheet("t", "T", (table,))], Document("Study", "Report"))))
    lines = list(book["t"].iter_rows(values_only=True))[1:]
    return lines[0], lines[1:], book["t"]


def test_workbook_estimate_and_limits_are_numbers():
    head, rows, _ = sheet_of(
        ["Model", "Difference (95% CI)", "p"],
        [["a", with_interval(0.867, -1.772, 3.504, 2), "0.41"], ["b", "not estimable", "–"]],
    )
    assert head == ("Model", "Difference", "95% CI low", "95% CI high", "p")
    assert rows[0] == ("a", 0.87, -1.77, 3.5, 0.41)
    assert rows[1][1] == "not estimable"
    assert rows[1][2:4] == ("", "")


def test_workbook_shares_are_per_cent_and_pairs_are_two_columns():
    head, rows, page = sheet_of(
        ["Answer", "New way", "Old way"],
        [["Age: mean (SD)", "42.9 (11.5)", "45.0 (10.1)"], ["Yes", "46 (60%)", "[c]"], ["No", "1,046 (40%)", "<5"]],
    )
    assert head[:3] == ("Answer", "New way", "New way, SD or per cent")
    assert [row[1:3] for row in rows] == [(42.9, 11.5), (46, 0.6), (1046, 0.4)]
    assert page["C5"].number_format == "0%"
    assert [row[3] for row in rows] == [45, "[c]", "<5"]


@pytest.mark.parametrize("values", [(0.5, -1.25, 1234.5), (-3.0, -4.0, -2.0), (1000000.0, 0.0, 2e6)])
@pytest.mark.parametrize("decimals", [0, 1, 3])
def test_workbook_splits_what_the_report_prints_back_into_its_numbers(values, decimals):
    labels, lines = split_columns(["Row", "D (90% CI)"], [["r", with_interval(*values, decimals)]])
    assert labels == ["Row", "D", "90% CI low", "90% CI high"]
    assert lines == [["r", *(number(value, decimals) for value in values)]]


def test_workbook_row_names_and_words_stay_whole():
    rows = [["46 (60%)", f"{MINUS}1 of 2 (x)", interval(1, 2)], ["b"]]
    labels, lines = split_columns(["a", "b", "c"], rows)
    assert labels == ["a", "b", "c"]
    assert lines == [[*rows[0]], ["b", "", ""]]


def test_workbook_under_a_header_over_several_columns():
    labels, _ = split_columns(["Row", "Adjusted: Difference (95% CI)"], [["r", "1.0 (0.5 to 1.5)"]])
    assert labels == ["Row", "Adjusted: Difference", "Adjusted: 95% CI low", "Adjusted: 95% CI high"]
