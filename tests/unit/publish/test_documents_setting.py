"""Word, PDF and workbook: what a reader, a screen reader and a spreadsheet get."""

from __future__ import annotations

import dataclasses
import io
import itertools
import re
import zipfile
from dataclasses import replace

import docx
import pytest

from cpis_analysis.errors import CpisError
from cpis_analysis.publish.blocks import (
    Cell,
    ChartRow,
    DataTable,
    Document,
    Folded,
    Heading,
    KeyEntry,
    Listing,
    OnScreen,
    Paragraph,
    Picture,
    RowChart,
    Run,
    Section,
    TableRow,
    plain,
)
from cpis_analysis.publish.chart.drawing_marks import Scale
from cpis_analysis.publish.chart.pieces import gridlines
from cpis_analysis.publish.chart.pieces import row as drawing_of
from cpis_analysis.publish.data_table import plain_table
from cpis_analysis.publish.format import count, number
from cpis_analysis.publish.forms.pdf import to_pdf
from cpis_analysis.publish.forms.pdf_headers import mark_row_headers
from cpis_analysis.publish.forms.table_widths import column_shares, is_wide
from cpis_analysis.publish.forms.word import to_docx
from cpis_analysis.publish.forms.word_elements import element, field, paragraph, read_markup, run
from cpis_analysis.publish.forms.word_styles import LONG, MARGIN, SHORT
from cpis_analysis.publish.html import blocks_html
from cpis_analysis.publish.shown import as_shown
from cpis_analysis.publish.table import Column, Row, RowGroup, Table
from cpis_analysis.publish.workbook import sheets_of, to_workbook
from cpis_analysis.report.layout import BLINDED, RUNNING, all_blocks, full_report
from cpis_analysis.report.summary import summary_document, summary_page
from pen_drawings import figure_of
from report_material import team_content
from svg_dots import svg_dots

DRAWING = figure_of(lambda axes: axes.box((0, 10), (0, 10), "#12436D"))
HOSTILE = '#panic("no") $x$ <b>bold</b> `=1+1` \\ {{ title }} @import & "quoted"'


def table(columns: int = 3, rows: int = 4, name: str = "small") -> Table:
    """A table with a group of columns, a group of rows, an indent and a note."""
    counts = [Column(f"n{place}", group="Counts") for place in range(1, columns)]
    lines = tuple(Row((f"row {place}", *["1,234"] * (columns - 1)), indent=place % 2) for place in range(rows))
    columns_of = (Column("Item", align="left", width=2.0), *counts)
    return Table(name, f"Caption {HOSTILE}", columns_of, (RowGroup("All of them", lines),), (f"Note {HOSTILE}.",))


def charted() -> Document:
    """A section whose long chart has no room any more where it stands, with text after it."""
    scale = Scale(0, 10)
    drawn = drawing_of(gridlines(scale))
    chart = RowChart(
        "figure-long",
        "Figure 1",
        "Takeaway",
        "Measure",
        tuple(ChartRow(f"row {place}", "1", drawn, "note", "2") for place in range(17)),
        key=tuple(KeyEntry(drawn, f"entry {place} {'of many letters ' * 3}") for place in range(3)),
        note="Note.",
    )
    text = [Paragraph((Run(f"{name} {'word ' * words}"),)) for name, words in (("before", 560), ("after", 40))]
    asked = (Paragraph((Run("Was there?"),), "question"), Heading(2, "There was"), Paragraph((Run("Slot."),), "slot"))
    return Document("Study", "Findings", (), "", "", (Heading(1, "One", "one"), *asked, text[0], chart, text[1]))


def test_documents_long_chart_moves_whole_and_the_text_goes_on_before_it():
    pypdf = pytest.importorskip("pypdf")
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(to_pdf(charted()))).pages]
    assert len(pages) == 2
    assert "after word" in pages[0]
    assert "row 0" not in pages[0]
    assert all(f"row {place}" in pages[1] for place in range(17))


def test_documents_answer_is_a_heading_close_below_its_question_and_pictures_have_numbers_of_their_own():
    content = to_docx(charted(), {})
    read = docx.Document(io.BytesIO(content))
    styles = {paragraph.text: paragraph.style for paragraph in read.paragraphs}
    answer = styles["There was"]
    assert (answer.name, answer.base_style.name) == ("Answer 2", "Heading 2")
    assert answer.paragraph_format.space_before < styles["Was there?"].paragraph_format.space_before
    assert answer.element.xpath("./w:pPr/w:outlineLvl/@w:val") == ["1"]
    assert styles["Slot."].element.xpath("./w:pPr/w:pBdr/w:left/@w:val") == ["dotted"]
    keys = [paragraph.text for paragraph in read.paragraphs if paragraph.style.name == "Chart Key"]
    assert [text.count("entry") for text in keys] == [1, 1, 1]
    numbers = re.findall(
        r'<wp:docPr id="(\d+)"', zipfile.ZipFile(io.BytesIO(content)).read("word/document.xml").decode()
    )
    assert len(numbers) == len(set(numbers)) == 20


def document(*, wide: bool = False) -> Document:
    """A document with one of everything."""
    blocks = [
        Heading(1, "Results", "results-section"),
        Paragraph((Run("See "), Run("here", target="results-section"))),
        Paragraph((Run(HOSTILE, "code"), Run(HOSTILE))),
        table().block(),
        Picture("figure-one", "Figure 1", f"Title {HOSTILE}", f"Shows 12 of 34 {HOSTILE}", DRAWING),
    ]
    if wide:
        blocks.append(table(13, name="wide").block())
    return Document("Study", "Findings", ("A. Author",), "SYNTHETIC DATA", RUNNING, tuple(blocks), contents=True)


def dots(made: Document) -> dict[str, bytes]:
    """Pictures of a document as PNG, by id."""
    return {block.id: svg_dots(block.drawn.svg) for block in made.blocks if isinstance(block, Picture)}


def word(made: Document) -> dict[str, str]:
    """Parts of the Word package as text."""
    with zipfile.ZipFile(io.BytesIO(to_docx(made, dots(made)))) as package:
        return {name: package.read(name).decode("utf-8", "replace") for name in package.namelist()}


def texts(pdf: bytes) -> list[str]:
    """Text of each page, without breaks of lines."""
    pypdf = pytest.importorskip("pypdf")
    return [" ".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]


@pytest.fixture(scope="module")
def parts() -> dict[str, str]:
    return word(document(wide=True))


@pytest.fixture(scope="module")
def pdf() -> bytes:
    return to_pdf(document(wide=True))


def test_table_block_has_widths_headers_groups_indents_and_notes():
    read = table().block()
    assert column_shares(read) == pytest.approx((0.5, 0.25, 0.25), abs=1e-3)
    assert [[cell.text for cell in line] for line in read.head] == [["Item", "Counts"], ["n1", "n2"]]
    assert read.rows[0].group
    assert [row.indent for row in read.rows[1:]] == [0, 1, 0, 1]
    assert read.notes == (f"Note {HOSTILE}.",)


def test_appendix_takes_exhibits_and_leaves_what_only_a_screen_shows():
    folded = Folded("More", (Paragraph((Run("Folded"),)), OnScreen((Listing("code"),))), of=" of it")
    section = Section("one", "One", (Paragraph((Run("Text"),)), OnScreen((Paragraph((Run("Click"),)),)), folded))
    blocks = all_blocks(section)
    assert [block.text for block in blocks if isinstance(block, Heading)] == ["One", "More of it"]
    assert [plain(block.line) for block in blocks if isinstance(block, Paragraph)] == ["Text", "Folded"]
    assert not any(isinstance(block, Folded | OnScreen | Listing) for block in blocks)


def test_text_as_shown_has_no_control_characters_and_folded_spaces():
    made = as_shown(Paragraph((Run("a\x00\u202eb\n  c", "strong"), Run(" d"))))
    assert made == Paragraph((Run("ab c", "strong"), Run(" d")))
    assert as_shown(Listing("a\n  b\x00")) == Listing("a\n  b")


def test_wide_table_is_one_of_many_columns_or_long_words():
    assert is_wide(table(13).block())
    assert not is_wide(table(5).block())


def test_head_of_broad_letters_stays_on_one_line():
    """Widths of Arial bold at 7.5 points: T 611, e, a and s 556, m 889 thousandths of the size (its font metrics)."""
    heads = [("Teams", "right"), *((f"a column of many words {place}", "right") for place in range(9))]
    shares = column_shares(plain_table("c", heads, [["1"] * 10]))
    assert shares[0] * 470.0 - 2 * 57 / 20 >= 7.5 * (611 + 3 * 556 + 889) / 1000


@pytest.mark.parametrize("columns", [3, 8])
def test_column_shares_leave_room_for_the_longest_word_and_add_up(columns):
    narrow = (0.97, *[0.03 / (columns - 1)] * (columns - 1))
    shares = column_shares(dataclasses.replace(table(columns).block(), widths=narrow))
    assert sum(shares) == pytest.approx(1)
    assert min(shares) * 470 > len("1,234") * 4


def test_word_tables_have_full_widths_header_rows_and_whole_rows(parts):
    found = re.findall(r"<w:tbl>.*?</w:tbl>", parts["word/document.xml"], re.S)
    assert len(found) == 2
    for xml, room in zip(found, (SHORT - 2 * MARGIN, LONG - 2 * MARGIN), strict=True):
        grid = [int(width) for width in re.findall(r'<w:gridCol w:w="(\d+)"', xml)]
        assert abs(sum(grid) - room) < len(grid)
        assert re.search(rf'<w:tblW w:w="{sum(grid)}" w:type="dxa"', xml)
        rows = re.findall(r"<w:tr>.*?</w:tr>", xml, re.S)
        assert [("w:tblHeader" in row) for row in rows] == [True, True] + [False] * (len(rows) - 2)
        assert all("<w:cantSplit/>" in row for row in rows)
        for row in rows:
            assert sum(int(width) for width in re.findall(r'<w:tcW w:w="(\d+)"', row)) == sum(grid)


def test_word_figures_have_alternative_text_and_captions(parts):
    descriptions = re.findall(r'<wp:docPr [^>]*descr="([^"]*)"', parts["word/document.xml"])
    assert len(descriptions) == 1
    assert descriptions[0].startswith("Shows 12 of 34")
    caption = re.search(r'<w:pStyle w:val="Caption"/>.*?</w:p>', parts["word/document.xml"], re.S)[0]
    assert re.sub(r"<w:instrText.*?</w:instrText>|<[^>]+>", "", caption).startswith("Figure 1. Title")
    assert "SEQ Figure \\* ARABIC \\r 1" in caption


def test_word_formats_by_styles_alone(parts):
    body = parts["word/document.xml"]
    styles = re.findall(r'<w:style [^>]*w:styleId="([^"]+)"', parts["word/styles.xml"])
    used = re.findall(r'<w:(?:pStyle|rStyle|tblStyle) w:val="([^"]+)"', body)
    assert set(used) <= set(styles)
    for kind in ("w:sz ", "w:color ", "w:b/", "w:i/", "w:rFonts", "w:jc ", "w:spacing ", "w:ind "):
        assert f"<{kind}" not in body


def test_word_parts_are_those_of_the_document_alone(parts):
    assert not [name for name in parts if "thumbnail" in name or "customXml" in name or "WithEffects" in name]
    assert "SYNTHETIC DATA" in parts["docProps/core.xml"]
    assert "<dc:language>en-GB</dc:language>" in parts["docProps/core.xml"]
    assert "python-docx" not in "".join(parts.values())


def test_word_is_a4_british_and_says_synthetic_on_every_page(parts):
    text = parts["word/document.xml"]
    sections = re.findall(r"<w:sectPr.*?</w:sectPr>", text, re.S)
    assert len(sections) >= 2
    assert any('w:orient="landscape"' in section for section in sections)
    assert all("w:headerReference" in section and "11906" in section for section in sections)
    header = next(part for name, part in parts.items() if re.fullmatch(r"word/header\d*\.xml", name))
    assert RUNNING in header
    assert 'w:val="en-GB"' in parts["word/styles.xml"]
    assert "en-US" not in parts["word/styles.xml"]


def test_word_shows_hostile_labels_as_they_stand(parts):
    text = re.sub(r"<[^>]+>", "", parts["word/document.xml"])
    assert text.count("#panic(&quot;no&quot;)") + text.count('#panic("no")') >= 4


def test_word_is_read_by_python_docx():
    made = document()
    pictures = dots(made)
    read = docx.Document(io.BytesIO(to_docx(made, pictures)))
    assert [paragraph.text for paragraph in read.paragraphs if paragraph.style.name == "Heading 1"] == ["Results"]
    assert read.tables[0].cell(0, 0).text == "Item"
    assert len(read.inline_shapes) == 1


def test_pdf_is_tagged_named_and_says_synthetic_on_every_page(pdf):
    assert b"/MarkInfo" in pdf
    # which Poppler takes for an error
    assert b"/Suspects" not in pdf
    assert b"pdfuaid" in pdf
    assert b"en-GB" in pdf
    pages = texts(pdf)
    assert len(pages) >= 2
    assert all(RUNNING in page for page in pages)


def test_pdf_embeds_its_fonts(pdf):
    pypdf = pytest.importorskip("pypdf")
    for page in pypdf.PdfReader(io.BytesIO(pdf)).pages:
        for font in page["/Resources"].get("/Font", {}).values():
            inner = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
            assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(inner)


def test_pdf_shows_hostile_labels_as_they_stand(pdf):
    assert "".join(texts(pdf)).replace(" ", "").count('#panic("no")') >= 4


def test_pdf_without_alternative_text_is_refused():
    made = document()
    picture = next(block for block in made.blocks if isinstance(block, Picture))
    blind = dataclasses.replace(made, blocks=(*made.blocks, dataclasses.replace(picture, alt="")))
    with pytest.raises(CpisError, match="could not be set"):
        to_pdf(blind)


def test_documents_are_the_same_bytes_again():
    made = document(wide=True)
    pictures = dots(made)
    assert to_pdf(made) == to_pdf(made)
    assert to_docx(made, pictures) == to_docx(made, pictures)
    assert pictures == dots(made)


def test_word_package_says_nothing_of_its_time_and_system():
    with zipfile.ZipFile(io.BytesIO(to_docx(document(), dots(document())))) as package:
        assert package.testzip() is None
        for entry in package.infolist():
            assert (entry.date_time, entry.create_system) == ((1980, 1, 1, 0, 0, 0), 3)
            # what is packed already is not packed again
            assert (entry.compress_type == zipfile.ZIP_STORED) == entry.filename.endswith(".png")
        # what stands before each part says the same as the list at the end
        for entry in package.infolist():
            package.fp.seek(entry.header_offset + 10)
            assert package.fp.read(4) == b"\0\0\x21\0"


@pytest.mark.parametrize("text", ["", " ", " a  b ", "<&>'\"", "]]>", "a\tb", "\u2212 \u05d0", "two\nlines"])
def test_word_markup_is_read_as_it_was_meant(text):
    (read,) = read_markup([paragraph("Body Text", run(text), element("w:tab", val=text), *field(text))])
    named = {one.tag.rpartition("}")[2]: one for one in read.iter()}
    assert [one.text for one in read.iter() if one.tag.endswith("}t")] == text.split("\n")
    assert list(named["tab"].attrib.values()) == [text]
    assert named["instrText"].text == f" {text} "


def test_pdf_of_a_cell_that_is_as_its_column_is_that_of_one_that_says_how_it_is():
    block = table(rows=6).block()
    styled = tuple(
        replace(row, cells=tuple(replace(cell, line=(Run(cell.text),)) for cell in row.cells), strong=at == 2)
        for at, row in enumerate(block.rows)
    )
    plain_rows = tuple(replace(row, strong=at == 2) for at, row in enumerate(block.rows))
    made = [replace(document(), blocks=(replace(block, rows=rows),)) for rows in (styled, plain_rows)]
    assert to_pdf(made[0]) == to_pdf(made[1])


def test_pdf_of_cells_over_several_columns_keeps_the_sides_of_the_others():
    def of(*cells: Cell) -> DataTable:
        head = tuple(Cell(name, header=True) for name in "abc")
        rows = (TableRow((Cell("x"), Cell("y", "right"), Cell("z", "centre"))), TableRow(cells))
        return DataTable("table-t", "Table 1", "t", (head,), rows)

    over = of(Cell("over", columns=2), Cell("side", "centre"))
    said = of(Cell("over", columns=2), Cell("side", "centre", line=(Run("side"),)))
    assert to_pdf(replace(document(), blocks=(over,))) == to_pdf(replace(document(), blocks=(said,)))


def test_word_properties_hold_the_beginning_of_long_texts():
    long = "A notice that goes on. " * 40
    made = Document(title=long, notice=long, authors=(long,), blocks=())
    read = docx.Document(io.BytesIO(to_docx(made, {}))).core_properties
    for text in (read.title, read.author, read.comments):
        assert len(text) == 255
        assert text.endswith("…")


def test_full_report_has_every_section_in_one_of_its_documents():
    documents = full_report(team_content())
    titles = {
        name: [block.text for block in made.blocks if isinstance(block, Heading) and block.level == 1]
        for name, made in documents.items()
    }
    assert "Was there a difference?" in titles["findings"]
    assert titles["annex"][-1] == "The plan as it was run"
    assert "Reporting checklists" in titles["annex"]
    assert not set(titles["findings"]) & set(titles["annex"])
    for made in documents.values():
        levels = [block.level for block in made.blocks if isinstance(block, Heading)]
        assert levels[0] == 1
        assert all(later <= earlier + 1 for earlier, later in itertools.pairwise(levels))
        assert to_pdf(made).startswith(b"%PDF")


def test_summary_begins_with_the_answer_in_plain_english_and_fits_two_pages():
    made = summary_document(team_content())
    assert isinstance(made.blocks[0], Heading)
    assert (made.blocks[0].level, made.blocks[0].anchor) == (1, "plain-english")
    pages = texts(to_pdf(made))
    assert len(pages) <= 2
    assert all(RUNNING in page for page in pages)


def test_blinded_documents_say_so_on_every_page():
    content = team_content()
    study = content.plan.study.model_copy(update={"blinded": True})
    content = replace(content, plan=content.plan.model_copy(update={"study": study}))
    assert all(f"{BLINDED}; {RUNNING}" in page for page in texts(to_pdf(summary_document(content))))


def test_summary_page_needs_nothing_from_elsewhere():
    text = summary_page(summary_document(team_content()))
    assert "<script" not in text
    assert not re.search(r'(?:src|href)="(?!#)', text)
    assert "Synthetic" in text or "SYNTHETIC" in text


def test_workbook_says_what_the_tables_say_and_runs_no_formula():
    rows = (Row(("=cmd|' /C calc'!A0", count(1234), "<5")), Row(("+1+1", number(-0.29, 2), "[c]")))
    columns = (Column("Item", align="left"), Column("n"), Column("hidden"))
    read = Table("t", "=1+1", columns, (RowGroup("", rows),), ("@note",)).block()
    book = to_workbook(sheets_of({"t": read}, {}), document())
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        sheets = [archive.read(name).decode() for name in archive.namelist() if "worksheets/sheet" in name]
        words = archive.read("xl/sharedStrings.xml").decode()
    assert not any("<f>" in sheet for sheet in sheets)
    assert re.findall(r"<t[^>]*>([=+@][^<]*)</t>", words) == []
    assert "&lt;5" in words
    assert "[c]" in words
    assert any("<v>1234</v>" in sheet and "<v>-0.29</v>" in sheet for sheet in sheets)
    assert book == to_workbook(sheets_of({"t": read}, {}), document())


def test_workbook_puts_the_analyses_of_an_outcome_on_one_sheet():
    one = table().block()
    tables = {"first": one, "model-a-x": one, "model-a-y": one, "model-b-x": one}
    sheets = sheets_of(tables, {"model-a-": "Outcome A", "model-b-": "Outcome B"})
    assert [(sheet.name, len(sheet.tables)) for sheet in sheets] == [("first", 1), ("model-a", 2), ("model-b", 1)]
    assert isinstance(sheets[0].tables[0], DataTable)


def test_pdf_marks_the_first_cell_of_a_row_as_its_header(pdf):
    pypdf = pytest.importorskip("pypdf")
    read = pypdf.PdfReader(io.BytesIO(pdf), strict=True)
    tags = [read.get_object(number) for number in range(1, read.trailer["/Size"])]
    cells = [tag for tag in tags if isinstance(tag, dict) and tag.get("/S") in ("/TH", "/TD")]
    table_of = [next(part for part in cell["/A"] if part["/O"] == "/Table") for cell in cells]
    rows = {cell["/ID"] for cell, part in zip(cells, table_of, strict=True) if part.get("/Scope") == "/Row"}
    assert len(rows) == 8
    data = [part["/Headers"] for cell, part in zip(cells, table_of, strict=True) if cell["/S"] == "/TD"]
    assert all(rows & set(headers) and set(headers) - rows for headers in data)
    names = read.trailer["/Root"]["/StructTreeRoot"]["/IDTree"]["/Names"]
    listed = [names[place] for place in range(0, len(names), 2)]
    assert rows <= set(listed)
    assert listed == sorted(listed)


@pytest.mark.parametrize("other", [b"%PDF-1.7 and no more", b"", b"startxref\n5\n%%EOF"])
def test_pdf_of_another_form_is_left_as_it_is(other):
    assert mark_row_headers(other) == other


def test_word_contents_are_a_field_with_its_entries(parts):
    xml = parts["word/document.xml"]
    entries = re.search(r'TOC \\o "1-1".*?<w:fldChar w:fldCharType="end"/></w:r></w:p>', xml, re.S)[0]
    assert '<w:hyperlink w:anchor="_Toc000001" w:history="1">' in entries
    assert ">Results</w:t>" in entries
    assert entries.count("PAGEREF _Toc000001 \\h") == 1
    assert xml.count('w:name="_Toc000001"/>') == 1
    # either would have Word ask every reader a question
    assert "w:dirty" not in xml
    assert "updateFields" not in parts["word/settings.xml"]


def test_word_fields_and_bookmarks_are_closed(parts):
    xml = parts["word/document.xml"]
    kinds = [xml.count(f'w:fldCharType="{kind}"') for kind in ("begin", "separate", "end")]
    assert len(set(kinds)) == 1
    starts = re.findall(r'<w:bookmarkStart w:id="(\d+)" w:name="(\w+)"/>', xml)
    assert sorted(number for number, _ in starts) == sorted(re.findall(r'<w:bookmarkEnd w:id="(\d+)"/>', xml))
    assert len({number for number, _ in starts}) == len({name for _, name in starts}) == len(starts)
    assert set(re.findall(r"(?:REF|PAGEREF) (\w+)", xml)) <= {name for _, name in starts}


def test_links_in_cells_lead_to_their_section_in_word_and_pdf():
    where = (
        Run("Results", target="results-section"),
        Run("; "),
        Run("None", target="none"),
        Run(" "),
        Run("For", "strong"),
    )
    listed = plain_table("List", [("Item", "left"), ("Where", "left")], [("1", where)])
    made = dataclasses.replace(document(), blocks=(*document().blocks, listed))
    assert listed.rows[0].cells[1].text == "Results; None For"
    xml = word(made)["word/document.xml"]
    cell = xml[xml.rindex("<w:tc>") : xml.rindex("</w:tc>")]
    assert re.findall(r'w:anchor="([^"]+)"', cell) == ["_Toc000001"]
    # what says the name of a section is a cross-reference
    assert "REF _Toc000001 \\h" in cell
    assert to_pdf(made).count(b"/S/Link") == to_pdf(document()).count(b"/S/Link") + 1


def test_table_without_rows_stands_in_every_form():
    made = dataclasses.replace(document(), blocks=(table(rows=0).block(), Table("t", "c", (Column("x"),), ()).block()))
    assert word(made)["word/document.xml"].count("<w:tbl>") == 2
    assert to_pdf(made).startswith(b"%PDF")
    assert blocks_html(made.blocks).count("<table") == 2
    assert to_workbook(sheets_of({"t": made.blocks[1]}, {}), made)


def test_word_rows_stay_with_the_level_below_and_the_last_with_its_note(parts):
    xml = word(dataclasses.replace(document(), blocks=(table(rows=40).block(),)))["word/document.xml"]
    rows = re.findall(r"<w:tr(?: [^>]*)?>.*?</w:tr>", xml, re.S)[3:]
    assert len(rows) == 40
    assert [place for place, row in enumerate(rows) if "<w:keepNext/>" in row] == [*range(0, 40, 2), 39]


@pytest.mark.parametrize(("number", "free"), [(12, []), (20, [*range(3, 17)])])
def test_word_long_chart_may_go_on_on_the_next_page(number, free):
    chart = RowChart("figure-a", "Figure 1", "t", "", tuple(ChartRow(f"row {place}", "1") for place in range(number)))
    xml = word(dataclasses.replace(document(), blocks=(chart,)))["word/document.xml"]
    rows = re.findall(r"<w:tr(?: [^>]*)?>.*?</w:tr>", xml, re.S)
    assert len(rows) == number
    assert [place for place, row in enumerate(rows) if "<w:keepNext/>" not in row] == free
