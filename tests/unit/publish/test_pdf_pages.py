"""Pages of short documents: no page for a few lines, none half empty before a chart."""

import io

import pytest

from cpis_analysis.publish.blocks import Document, FlowBox, FlowChart, Heading, Paragraph, Run
from cpis_analysis.publish.forms import pdf
from cpis_analysis.publish.forms.pdf import to_pdf

pypdf = pytest.importorskip("pypdf")


def said(count: int, word: str) -> tuple[Paragraph, ...]:
    return tuple(Paragraph((Run(f"{word} {place}."),)) for place in range(count))


def pages(*blocks) -> list[str]:
    made = to_pdf(Document("T", blocks=blocks))
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made)).pages]


def flow(number: int, boxes: int) -> FlowChart:
    return FlowChart(
        id=f"figure-{number}",
        number=f"Figure {number}",
        title="Flow",
        sub="",
        trunk=(FlowBox(("All",)),),
        branches=(tuple(FlowBox((f"Box {place}", *("more",) * 3)) for place in range(boxes)),),
        note="",
    )


def test_a_few_lines_get_no_page_of_their_own(monkeypatch):
    with monkeypatch.context() as wide:
        wide.setattr(pdf, "FEW_LINES", 0.0)
        over = next(count for count in range(36, 60) if len(pages(*said(count, "Line"))) == 2)
        assert len(pages(*said(over + 1, "Line"))) == 2
    assert len(pages(*said(over, "Line"))) == len(pages(*said(over + 1, "Line"))) == 1
    # many lines keep their space
    assert len(pages(*said(over + 20, "Line"))) == 2


def test_text_goes_on_before_a_chart_that_moves_to_the_next_page():
    chart = flow(1, 7)
    first, second = pages(*said(22, "Before"), chart, Heading(1, "Next"), *said(3, "After"))
    assert "Before 21." in first
    assert "After 2." in first
    assert "Box 6" in second
    (only,) = pages(*said(3, "Before"), chart, *said(3, "After"))
    assert only.index("Before 2.") < only.index("Box 6") < only.index("After 0.")


def test_a_chart_that_fits_waits_for_one_that_moved():
    read = pages(*said(22, "Before"), flow(1, 7), *said(2, "Between"), flow(2, 1), *said(2, "After"))
    assert "After 1." in read[0]
    whole = "".join(read)
    assert whole.index("Figure 1") < whole.index("Figure 2")
    assert whole.index("After 1.") < whole.index("Figure 1")
