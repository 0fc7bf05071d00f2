"""Flow diagrams in every form: the same words, as text, branch by branch or row by row."""

import io

import pytest

from cpis_analysis.publish.blocks import Document, FlowBox, FlowChart
from cpis_analysis.publish.forms.pdf import to_pdf
from cpis_analysis.publish.forms.word import to_docx
from cpis_analysis.publish.html import blocks_html
from html_tree import parse_html

LOST = FlowBox(("Lost: 2", "1 moved & <left>"), loss=True)
CHART = FlowChart(
    id="figure-flow",
    number="Figure 1",
    title="Seven of ten were seen again",
    sub="Flow of people",
    trunk=(
        FlowBox(("12 people asked",)),
        FlowBox(("Refused: 2",), loss=True),
        FlowBox(("10 people recruited", "2 sites")),
    ),
    branches=(
        (FlowBox(("Old", "5 recruited")), None, None, FlowBox(("5 seen again",))),
        (FlowBox(("New", "4 recruited")), LOST, None, FlowBox(("2 seen again",))),
        (FlowBox(("None known", "1 recruited")), None, None, None),
    ),
    note="Made up.",
)


def lines(boxes):
    return [line for box in boxes if box is not None for line in box.lines]


def test_flow_page_reads_trunk_then_branch_by_branch():
    root = parse_html(blocks_html([CHART]))
    lists = [[part.text for part in found.elements("p")] for found in root.elements("ol")]
    assert lists == [lines(CHART.trunk), *(lines(branch) for branch in CHART.branches)]
    assert not list(root.elements("svg"))
    lost = [node.text for node in root.elements("li") if "lost" in node.classes]
    assert lost == ["Refused: 2", "Lost: 21 moved & <left>"]


def test_flow_boxes_of_the_same_place_share_a_row_and_empty_rows_go():
    rows = [
        [node.attributes["style"] for node in found.elements("li")]
        for found in parse_html(blocks_html([CHART])).elements("ol")
        if "branch" in found.classes
    ]
    assert rows == [["grid-row:1", "grid-row:3"], ["grid-row:1", "grid-row:2", "grid-row:3"], ["grid-row:1"]]
    assert [CHART.ends(2, place) for place in range(3)] == [False, True, True]


def test_flow_in_word_is_one_table_whose_rows_keep_together():
    docx = pytest.importorskip("docx")
    made = docx.Document(io.BytesIO(to_docx(Document("T", blocks=(CHART,)), {})))
    (table,) = made.tables
    cells = [cell for row in table.rows for cell in dict.fromkeys(row.cells)]
    said = [part.text for cell in cells for part in cell.paragraphs if part.text]
    assert sorted(said) == sorted([*lines(CHART.trunk), *(line for branch in CHART.branches for line in lines(branch))])
    assert all(part.paragraph_format.keep_with_next for cell in cells for part in cell.paragraphs)
    width = {sum(int(cell.width) for cell in dict.fromkeys(row.cells)) for row in table.rows}
    assert max(width) - min(width) < 635 * len(CHART.branches)


def test_flow_in_pdf_is_text():
    pypdf = pytest.importorskip("pypdf")
    text = "\n".join(
        page.extract_text() for page in pypdf.PdfReader(io.BytesIO(to_pdf(Document("T", blocks=(CHART,))))).pages
    )
    for line in [*lines(CHART.trunk), *(line for branch in CHART.branches for line in lines(branch))]:
        assert line in text


@pytest.mark.parametrize("branches", [(), ((),), ((LOST,), (LOST, LOST))])
def test_flow_whose_branches_do_not_stand_beside_each_other_is_refused(branches):
    with pytest.raises(ValueError, match="beside each other"):
        FlowChart("figure-flow", "", "", "", (), branches)
