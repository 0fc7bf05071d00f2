"""What pandoc leaves to be done in a Word package: page sections, widths in full, rows that stay whole.

A package is a zip file; it is written again with fixed times, so that the same content gives the same bytes.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from html import escape

__all__ = ["LANDSCAPE", "MARGIN", "PORTRAIT", "finish_package", "packed", "unpacked"]

PORTRAIT = '<w:p><w:pPr><w:pStyle w:val="SectionEndsPortrait"/></w:pPr></w:p>'
"""Marks the end of a section of upright pages."""
LANDSCAPE = '<w:p><w:pPr><w:pStyle w:val="SectionEndsLandscape"/></w:pPr></w:p>'
"""Marks the end of a section of pages on their side."""

SHORT, LONG, MARGIN = 11906, 16838, 1247
"""Sides of A4 and the margin in twentieths of a point; the margin is 2.2 cm."""
_TOGETHER = 22
"""A table of up to this many rows stays on one page."""
_TABLE = re.compile(r"<w:tbl>.*?</w:tbl>", re.S)
_ROW = re.compile(r"<w:tr(?: [^>]*)?>.*?</w:tr>", re.S)
_BREAK = re.compile(r'<w:p>\s*<w:pPr>\s*<w:pStyle w:val="SectionEnds(Portrait|Landscape)"\s*/>\s*</w:pPr>\s*</w:p>')


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
    parts["word/document.xml"] = _with_tables(_with_sections(text), wide).encode("utf-8")
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
    across = re.sub(
        r"<w:pgSz[^>]*/>", f'<w:pgSz w:w="{LONG}" w:h="{SHORT}" w:orient="landscape"/>', upright, count=1
    )
    # a page on its side is short: the notes of a table should fit below it
    across = re.sub(r'w:top="\d+"', 'w:top="1134"', re.sub(r'w:bottom="\d+"', 'w:bottom="907"', across))
    sections = {"Portrait": upright, "Landscape": across}
    style = '<w:pStyle w:val="SectionBreak"/>'
    return _BREAK.sub(lambda found: f"<w:p><w:pPr>{style}{sections[found[1]]}</w:pPr></w:p>", text)


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
    keep = iter([len(rows) <= _TOGETHER] * (len(rows) - 1) + [False])
    return _ROW.sub(lambda found: _row(found[0], widths, next(keep)), xml)


def _row(xml: str, widths: Sequence[int], keep: bool) -> str:
    place = 0

    def cell(found: re.Match[str]) -> str:
        nonlocal place
        body = found[0]
        span = re.search(r'<w:gridSpan w:val="(\d+)"', body)
        count = int(span[1]) if span else 1
        width = f'<w:tcW w:w="{sum(widths[place:place + count])}" w:type="dxa"/>'
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
