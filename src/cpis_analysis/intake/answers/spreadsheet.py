"""Workbooks with the same bytes each time, in which no text can act as a formula."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

__all__ = ["neutral_frame", "neutral_text", "put_text", "sheet_title", "workbook_bytes"]

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_ACTIVE = "=+-@＝＋－＠\t\r\n|"
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]")
_LONGEST_CELL = 32_000


def neutral_text(text: str) -> str:
    """Text with an apostrophe before it where a spreadsheet would take it for a formula (OWASP, CSV injection)."""
    begins = text.lstrip(" \u00a0\ufeff")
    return "'" + text if begins[:1] and begins[0] in _ACTIVE and not _NUMBER.fullmatch(begins) else text


def neutral_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with `neutral_text` in its columns of text; numbers, dates and categories are as they were."""
    changed = {}
    for name in frame:
        values = frame[name]
        if not (pd.api.types.is_object_dtype(values) or pd.api.types.is_string_dtype(values)):
            continue
        if isinstance(values.dtype, pd.CategoricalDtype):
            continue
        mapped = {text: neutral_text(text) for text in values.dropna().unique() if isinstance(text, str)}
        mapped = {text: safe for text, safe in mapped.items() if safe != text}
        if mapped:
            changed[name] = values.replace(mapped)
    return frame.assign(**changed) if changed else frame


def put_text(sheet: Worksheet, row: int, column: int, text: str) -> Any:
    """Write text as text: never a formula, no signs that XML can't hold."""
    text = _NOT_IN_XML.sub("\ufffd", text)
    cell = sheet.cell(row, column)
    cell.value = text if len(text) <= _LONGEST_CELL else text[:_LONGEST_CELL] + "…"
    cell.data_type = "s"
    if text[:1] and text[0] in _ACTIVE:
        cell.quotePrefix = True
    return cell


def sheet_title(text: str, taken: set[str]) -> str:
    """A title that Excel accepts and that is not taken."""
    base = _FORBIDDEN.sub(" ", text).strip()[:31] or "sheet"
    title, again = base, 1
    while title.lower() in taken:
        again += 1
        title = f"{base[:27]} ({again})"
    taken.add(title.lower())
    return title


def workbook_bytes(book: Workbook) -> bytes:
    """The workbook as .xlsx without the time at which it was written."""
    raw = io.BytesIO()
    book.save(raw)
    out = io.BytesIO()
    with zipfile.ZipFile(raw) as archive, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as fixed:
        for name in sorted(archive.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            content = archive.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"1980-01-01T00:00:00Z", content)
            part = zipfile.ZipInfo(name, _FIRST_DAY)
            part.compress_type = zipfile.ZIP_DEFLATED
            fixed.writestr(part, content)
    return out.getvalue()
