"""A table as HTML, CSV and text: structure, escaping, and cells that a spreadsheet would run."""

import csv
import io
import json
from xml.etree import ElementTree

import pytest

from chapter_material import HOSTILE
from cpis_analysis.errors import CpisError
from cpis_analysis.publish.html import table_html
from cpis_analysis.publish.table import Column, Row, RowGroup, Table, neutralised


def table(text="b", notes=("A note.",)):
    columns = (Column("Item", align="left", width=2), Column("n", "People"), Column("%", "People"), Column(text))
    groups = (RowGroup(text, (Row((text, "1", "−2.5", text)), Row(("c", "3", "4", ""), indent=1, strong=True))),)
    return Table("test-1", f"Caption {text}", columns, groups, notes)


def test_html_structure_is_accessible():
    root = ElementTree.fromstring(table_html(table().block()))
    assert root.tag == "table"
    assert [child.tag for child in root] == ["caption", "colgroup", "thead", "tbody", "tfoot"]
    assert len(root.findall("colgroup/col")) == 4
    assert {cell.get("scope") for cell in root.findall("thead//th")} == {"col", "colgroup"}
    assert root.find("thead//th[@scope='colgroup']").get("colspan") == "2"
    # columns without a group span both header rows
    spans = [cell.get("rowspan") for cell in root.findall("thead/tr[1]/th[@scope='col']")]
    assert spans == ["2", "2"]
    assert root.find("tbody/tr[1]/th").get("scope") == "rowgroup"
    assert [cell.get("scope") for cell in root.findall("tbody/tr/th")] == ["rowgroup", "row", "row"]
    assert root.find("tfoot/tr/td").get("colspan") == "4"
    widths = [float(col.get("style").removeprefix("width:").removesuffix("%")) for col in root.findall("colgroup/col")]
    assert sum(widths) == pytest.approx(100, abs=0.05)


def test_html_hostile_text_is_escaped():
    html = table_html(table(HOSTILE, (HOSTILE,)).block())
    assert "<script" not in html
    root = ElementTree.fromstring(html)
    assert root.find("caption").text == f"Caption {HOSTILE}"
    assert root.find("tfoot//p").text == HOSTILE


def test_record_gives_the_same_table_again():
    assert Table.of_record(json.loads(json.dumps(table(HOSTILE).record()))) == table(HOSTILE)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("=1+1", "'=1+1"),
        ("+SUM(A1)", "'+SUM(A1)"),
        ("-cmd|' /C calc'!A0", "'-cmd|' /C calc'!A0"),
        ("@x", "'@x"),
        (" =1", "' =1"),
        ("\t=1", "'\t=1"),
        ("＝1", "'＝1"),
        ("-1.5", "-1.5"),
        ("+2", "+2"),
        ("-1,234.5", "-1,234.5"),
        ("-5%", "-5%"),
        ("-", "'-"),
        ("−1.70 to 3.06", "−1.70 to 3.06"),
        ("<5", "<5"),
        ("12 (34%)", "12 (34%)"),
        ("", ""),
        ("–", "–"),
        ("-1e-3", "-1e-3"),
        ("-2+3", "'-2+3"),
        ("[c]", "[c]"),
    ],
)
def test_csv_formulas_become_text(cell, text):
    assert neutralised(cell) == text


def test_csv_is_a_rectangle_with_groups():
    rows = list(csv.reader(io.StringIO(table("=x").to_csv())))
    assert rows[0] == ["group", "Item", "People: n", "People: %", "'=x"]
    assert rows[1] == ["'=x", "'=x", "1", "−2.5", "'=x"]
    assert len({len(row) for row in rows}) == 1
    assert "\r" not in table().to_csv()


def test_table_rows_of_another_length_are_refused():
    with pytest.raises(CpisError, match="can't be drawn"):
        Table("t", "c", (Column("a"),), (RowGroup("", (Row(("1", "2")),)),))
    with pytest.raises(CpisError):
        Table("a b", "c", (Column("a"),), ())
