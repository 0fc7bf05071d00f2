"""The page writer: every kind of block as accessible HTML, and no text that becomes markup."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from chapter_material import HOSTILE
from cpis_analysis.publish.blocks import (
    Bullets,
    Cell,
    DataTable,
    Explorer,
    Facts,
    Folded,
    Heading,
    Listing,
    OnScreen,
    Paragraph,
    Picture,
    Point,
    Run,
    TableRow,
)
from cpis_analysis.publish.data_table import plain_table
from cpis_analysis.publish.html import blocks_html, table_html
from cpis_analysis.publish.table import Column, Row, RowGroup, Table
from html_tree import parse_html
from pen_drawings import figure_of


def figure(text: str) -> Picture:
    """A figure with a text beside it; what is written in it stays the same."""
    return Picture("figure-one", "Figure 1", text, text, figure_of(lambda axes: axes.text(5, 5, "Word", 9)))


def table(text: str) -> DataTable:
    line = (Run(text, "strong"), Run(text, target="a-section"))
    return plain_table(text, [(text, "left"), ("n", "right")], [(line, text)], id="table-one")


def every_kind(text: str) -> list:
    """One block of each kind, with a text wherever one can stand."""
    line = (Run(text), Run(text, "code"), Run(" ", "break"), Run(text, file=f"../{text}"))
    return [
        Heading(1, text, "one"),
        Paragraph(line, "note"),
        Bullets((line,), "findings"),
        Facts(((text, line),)),
        table(text),
        figure(text),
        Explorer(table(text), (0,), (Point(text, "1.5", "0", "3"),)),
        Folded(text, (Listing(text, text),), of=text),
        OnScreen((Paragraph(line),)),
    ]


def read(html: str) -> ElementTree.Element:
    return ElementTree.fromstring(f"<main>{html.replace('<br>', '<br/>')}</main>")


@pytest.mark.parametrize("text", [HOSTILE, "a & b", "x\" onclick='y", "</script><img src=x>", "\x00\u202eleft"])
def test_html_hostile_text_of_every_block_stays_text(text):
    elements = list(read(blocks_html(every_kind(text))).iter())
    plain = list(read(blocks_html(every_kind("word"))).iter())
    assert [one.tag for one in elements] == [one.tag for one in plain]
    assert [sorted(one.attrib) for one in elements] == [sorted(one.attrib) for one in plain]


def test_html_explorer_carries_its_numbers_and_marks_its_choices():
    root = read(blocks_html(every_kind("word")))
    row = next(one for one in root.iter("tr") if "data-estimate" in one.attrib)
    assert {name: row.get(f"data-{name}") for name in ("outcome", "estimate", "low", "high")} == {
        "outcome": "word",
        "estimate": "1.5",
        "low": "0",
        "high": "3",
    }
    assert [one.text for one in root.iter("th") if "data-question" in one.attrib] == ["word"]


def test_html_folded_part_says_the_rest_of_its_name_to_screen_readers_alone():
    root = read(blocks_html([Folded("Figure", (), of=" for Mood", kind="screen")]))
    summary = root.find("details/summary")
    assert "".join(summary.itertext()) == "Figure for Mood"
    assert summary.find("span").get("class") == "hidden"
    assert root.find("details").get("class") == "how screen"


def test_html_rows_of_a_part_stand_in_a_body_of_their_own():
    def row(name: str, **more: bool) -> TableRow:
        return TableRow((Cell(name, header=True), Cell("1")), **more)

    group = TableRow((Cell("group", columns=2, header=True),), group=True)
    rows = (row("a"), group, row("b"), row("c", begins=True))
    made = DataTable("table-t", "Table 1", "caption", ((Cell("x", header=True), Cell("y", header=True)),), rows)
    bodies = read(blocks_html([made])).findall(".//tbody")
    assert [[line[0].text for line in body] for body in bodies] == [["a"], ["group", "b"], ["c"]]


def test_html_table_for_a_narrow_screen_repeats_its_roles_and_has_the_heads_of_its_columns_beside_the_cells():
    columns = (Column("Group", align="left"), Column("n"), Column("Difference (95% CI)"), Column("p"))
    group = RowGroup("Outcome", (Row(("New", "12", "0.5 (0.1 to 0.9)", "0.02")), Row(("Old", "13", "", ""))))
    plain_rows = Table("one", "Results", columns, (group,), ("Note.",))
    for table in (plain_rows, replace(plain_rows, phone="under")):
        tree = parse_html(table_html(table.block("Table 1")))
        roles = [node.attributes.get("role") for node in tree.elements("tr")]
        assert roles == ([None] * 5 if not table.phone else ["row"] * 5)
        heads = [node.attributes.get("data-head") for node in tree.elements("td")][:3]
        assert heads == ([None] * 3 if not table.phone else ["n", "Difference", "p"])
    assert Table.of_record(replace(plain_rows, phone="over").record()).block().phone == "over"


def test_html_intervals_and_numbers_of_people_stay_on_one_line():
    html = blocks_html([plain_table("c", [("People (n = 7)", "right"), ("d", "right")], [("a", "0.5 (−1 to 2)")])])
    assert '0.5 <span class="whole">(−1 to 2)</span></td>' in html
    assert "(n\u00a0=\u00a07)" in html
    assert re.search(r'role="group" aria-label="c" tabindex="0"', html)
