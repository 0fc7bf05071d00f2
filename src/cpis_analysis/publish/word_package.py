"""What pandoc leaves to be done in a Word package: page sections, widths in full, rows that stay whole.

A package is a zip file; it is written again with fixed times, so that the same content gives the same bytes.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import pairwise

__all__ = ["LANDSCAPE", "MARGIN", "PORTRAIT", "contents_list", "finish_package", "packed", "unpacked"]

PORTRAIT = '<w:p><w:pPr><w:pStyle w:val="SectionEndsPortrait"/></w:pPr></w:p>'
"""Marks the end of a section of upright pages."""
LANDSCAPE = '<w:p><w:pPr><w:pStyle w:val="SectionEndsLandscape"/></w:pPr></w:p>'
"""Marks the end of a section of pages on their side."""

SHORT, LONG, MARGIN = 11906, 16838, 1247
"""Sides of A4 and the margin in twentieths of a point; the margin is 2.2 cm."""
_TOGETHER = 22
"""A table of up to this many rows stays on one page."""
_FIRST_BOOKMARK = 900_000
"""Numbers of bookmarks from here on are free: pandoc counts its own from 20."""
_HEADING = re.compile(r'(<w:p>\s*<w:pPr>\s*<w:pStyle w:val="Heading1"\s*/>\s*</w:pPr>)(.*?)</w:p>', re.S)
_TABLE = re.compile(r"<w:tbl>.*?</w:tbl>", re.S)
_INDENT = 'w:val="Tableindent'
_ROW = re.compile(r"<w:tr(?: [^>]*)?>.*?</w:tr>", re.S)
_BREAK = re.compile(r'<w:p>\s*<w:pPr>\s*<w:pStyle w:val="SectionEnds(Portrait|Landscape)"\s*/>\s*</w:pPr>\s*</w:p>')


def contents_list(titles: Sequence[str]) -> str:
    """A list of contents: entries lead to the headings of level 1 and name their pages.

    Nobody knows the page numbers before the text is set, and a wrong number is worse than none, so each is a field
    (PAGEREF) that begins empty. LibreOffice fills it when it opens the document, Word when it prints, shows the print
    preview or is told to update fields (Ctrl+A, F9). A TOC field round the list would keep LibreOffice from filling
    it; fields marked as out of date would have Word ask every reader whether fields "that may refer to other files"
    should be updated.
    """
    return "".join(_entry(title, _bookmark(place)) for place, title in enumerate(titles))


def _entry(title: str, name: str) -> str:
    number = _field("begin") + _code(f"PAGEREF {name} \\h") + _field("separate") + _field("end")
    words = f'<w:r><w:t xml:space="preserve">{escape(title, quote=False)}</w:t></w:r>'
    return (
        f'<w:p><w:pPr><w:pStyle w:val="TOC1"/></w:pPr><w:hyperlink w:anchor="{name}" w:history="1">{words}'
        f"</w:hyperlink><w:r><w:tab/></w:r>{number}</w:p>"
    )


def _bookmark(place: int) -> str:
    return f"_Toc{place + 1:06d}"


def _field(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def _code(words: str) -> str:
    return f'<w:r><w:instrText xml:space="preserve"> {words} </w:instrText></w:r>'


def finish_package(package: bytes, *, running: str, title: str, wide: Sequence[bool]) -> bytes:
    """Finish what pandoc has written.

    Parameters
    ----------
    package : bytes
    running : str
        Stands at the head of every page.
    title : str
        Stands at the foot of every page.
    wide : sequence of bool
        Of each table in order, whether it stands on a page on its side.

    Returns
    -------
    bytes
    """
    parts = dict(unpacked(package))
    words = {"running": running, "title": title}
    for name in parts:
        if re.fullmatch(r"word/(header|footer)\d*\.xml", name):
            parts[name] = _filled(parts[name].decode("utf-8"), words).encode("utf-8")
    text = parts["word/document.xml"].decode("utf-8")
    text = _with_bookmarks(_with_sections(text))
    parts["word/document.xml"] = _with_tables(text, wide).encode("utf-8")
    return packed(parts)


def unpacked(package: bytes) -> Iterator[tuple[str, bytes]]:
    """Names and contents of the files in a package, in order."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        for name in archive.namelist():
            yield name, archive.read(name)


def packed(parts: Mapping[str, bytes]) -> bytes:
    """A package with the same bytes for the same parts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            entry.create_system = 3
            archive.writestr(entry, content)
    return buffer.getvalue()


def _filled(text: str, words: Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: escape(words.get(found[1], ""), quote=False), text)


def _with_sections(text: str) -> str:
    """Give every section of the document the header and footer of the last one."""
    last = re.findall(r"<w:sectPr\b.*?</w:sectPr>", text, re.S)[-1]
    inner = re.sub(r"^<w:sectPr[^>]*>|</w:sectPr>$", "", last)
    upright = f"<w:sectPr>{inner}</w:sectPr>"
    across = re.sub(r"<w:pgSz[^>]*/>", f'<w:pgSz w:w="{LONG}" w:h="{SHORT}" w:orient="landscape"/>', upright, count=1)
    # a page on its side is short: the notes of a table should fit below it
    across = re.sub(r'w:top="\d+"', 'w:top="1134"', re.sub(r'w:bottom="\d+"', 'w:bottom="907"', across))
    sections = {"Portrait": upright, "Landscape": across}
    style = '<w:pStyle w:val="SectionBreak"/>'
    return _BREAK.sub(lambda found: f"<w:p><w:pPr>{style}{sections[found[1]]}</w:pPr></w:p>", text)


def _with_bookmarks(text: str) -> str:
    """Bookmarks of the headings of level 1, for the table of contents: names with hyphens are none for a field."""
    places = iter(range(len(text)))

    def marked(found: re.Match[str]) -> str:
        place = next(places)
        name = f'w:id="{_FIRST_BOOKMARK + place}"'
        return f'{found[1]}<w:bookmarkStart {name} w:name="{_bookmark(place)}"/>{found[2]}<w:bookmarkEnd {name}/></w:p>'

    return _HEADING.sub(marked, text)


def _with_tables(text: str, wide: Sequence[bool]) -> str:
    across = iter(wide)
    return _TABLE.sub(lambda found: _table(found[0], (LONG if next(across) else SHORT) - 2 * MARGIN), text)


def _table(xml: str, room: int) -> str:
    """A table with its width and those of its columns in full, rows that are not torn, and what belongs together."""
    shares = [int(width) for width in re.findall(r'<w:gridCol w:w="(\d+)"\s*/>', xml)]
    widths = [round(room * share / sum(shares)) for share in shares]
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    xml = re.sub(r"<w:tblGrid>.*?</w:tblGrid>", f"<w:tblGrid>{grid}</w:tblGrid>", xml, count=1, flags=re.S)
    xml = re.sub(r"<w:tblW [^>]*/>", f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/>', xml, count=1)
    xml = xml.replace('w:firstColumn="0"', 'w:firstColumn="1"', 1)
    rows = _ROW.findall(xml)
    # the last row stays with its note, and a variable with its first level
    keep = iter(
        [len(rows) <= _TOGETHER or (_INDENT not in row and _INDENT in below) for row, below in pairwise(rows)] + [True]
    )
    return _ROW.sub(lambda found: _row(found[0], widths, next(keep)), xml)


def _row(xml: str, widths: Sequence[int], keep: bool) -> str:
    place = 0

    def cell(found: re.Match[str]) -> str:
        nonlocal place
        body = found[0]
        span = re.search(r'<w:gridSpan w:val="(\d+)"', body)
        count = int(span[1]) if span else 1
        width = f'<w:tcW w:w="{sum(widths[place : place + count])}" w:type="dxa"/>'
        place += count
        body = re.sub(r"<w:tcW [^>]*/>", "", body)
        if "<w:tcPr>" in body:
            return body.replace("<w:tcPr>", f"<w:tcPr>{width}", 1)
        body = re.sub(r"<w:tcPr\s*/>", "", body)
        return re.sub(r"^<w:tc>", f"<w:tc><w:tcPr>{width}</w:tcPr>", body)

    xml = re.sub(r"<w:tc>.*?</w:tc>", cell, xml, flags=re.S)
    # a cell without words would have the height of the body text
    xml = re.sub(r"<w:p>\s*<w:pPr\s*/>\s*</w:p>", '<w:p><w:pPr><w:pStyle w:val="Tabletextsmall"/></w:pPr></w:p>', xml)
    if "<w:trPr>" in xml:
        xml = xml.replace("<w:trPr>", "<w:trPr><w:cantSplit/>", 1)
    else:
        xml = re.sub(r"^(<w:tr[^>]*>)", r"\1<w:trPr><w:cantSplit/></w:trPr>", xml)
    if keep:
        xml = re.sub(r"(<w:pStyle [^>]*/>)", r"\1<w:keepNext/>", xml)
    return xml
