"""Workbooks with the same bytes each time, in which no text can act as a formula."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

import pandas as pd

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
    """The frame with `neutral_text` in its texts, those of categories included; numbers and dates are as they were."""
    changed = {}
    for name in frame:
        values = frame[name]
        if isinstance(values.dtype, pd.CategoricalDtype):
            # names of clusters are categories, and come from the data as any other text
            safe = {code: neutral_text(code) for code in values.cat.categories if isinstance(code, str)}
            if any(code != text for code, text in safe.items()):
                changed[name] = values.astype(object).replace(safe)
            continue
        if not (pd.api.types.is_object_dtype(values) or pd.api.types.is_string_dtype(values)):
            continue
        mapped = {text: neutral_text(text) for text in values.dropna().unique() if isinstance(text, str)}
        mapped = {text: safe for text, safe in mapped.items() if safe != text}
        if mapped:
            changed[name] = values.replace(mapped)
    return frame.assign(**changed) if changed else frame


@dataclass(frozen=True)
class Sheet:
    """One sheet of text.

    Attributes
    ----------
    title : str
        As `sheet_title` gives it.
    widths : tuple of int
        One a column.
    rows : list of list of (str or int)
        Cells; the first row is the header.
    to_fill : frozenset of int
        Columns that somebody fills in, counted from 0: marked, and kept as text whatever is typed.
    choices : mapping of int to tuple of str
        What can be chosen in a column.
    """

    title: str
    widths: tuple[int, ...]
    rows: list[list[str | int]]
    to_fill: frozenset[int] = frozenset()
    choices: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


def sheet_title(text: str, taken: set[str]) -> str:
    """A title that Excel accepts and that is not taken."""
    base = _FORBIDDEN.sub(" ", text).strip()[:31] or "sheet"
    title, again = base, 1
    while title.lower() in taken:
        again += 1
        title = f"{base[:27]} ({again})"
    taken.add(title.lower())
    return title


def workbook_bytes(sheets: Sequence[Sheet]) -> bytes:
    """An .xlsx file with the same bytes each time.

    Every text is written as text, marked as such where it begins like a formula (``quotePrefix``). Written by hand,
    because a general library takes a minute for the queries of 100,000 interviews.
    """
    numbers = range(1, len(sheets) + 1)
    parts = {
        "[Content_Types].xml": _TYPES.format(
            "".join(
                f'<Override PartName="/xl/worksheets/sheet{at}.xml" ContentType="{_MAIN_TYPE}.worksheet+xml"/>'
                for at in numbers
            )
        ),
        "_rels/.rels": _relations({1: ("officeDocument", "xl/workbook.xml")}),
        "xl/workbook.xml": (
            f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_DOCUMENT}"><sheets>'
            + "".join(
                f'<sheet name="{_attribute(sheet.title)}" sheetId="{at}" r:id="rId{at}"/>'
                for at, sheet in zip(numbers, sheets, strict=True)
            )
            + "</sheets></workbook>"
        ),
        "xl/_rels/workbook.xml.rels": _relations(
            {at: ("worksheet", f"worksheets/sheet{at}.xml") for at in numbers}
            | {len(sheets) + 1: ("styles", "styles.xml")}
        ),
        "xl/styles.xml": _STYLES,
        **{f"xl/worksheets/sheet{at}.xml": _sheet(sheet) for at, sheet in zip(numbers, sheets, strict=True)},
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            part = zipfile.ZipInfo(name, _FIRST_DAY)
            part.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(part, text.encode("utf-8"))
    return out.getvalue()


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_MAIN_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_TYPES = (
    f'{_XML}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
    f'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{_MAIN_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_MAIN_TYPE}.styles+xml"/>{{}}</Types>'
)
_PLAIN, _HEAD, _HEAD_TO_FILL, _TEXT, _QUOTED = range(5)
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/>'
    '<sz val="11"/><name val="Calibri"/></font></fonts><fills count="3"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill><fill><patternFill patternType="solid">'
    '<fgColor rgb="FFFFF2CC"/></patternFill></fill></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="5">'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0" applyAlignment="1">'
    '<alignment vertical="top" wrapText="1"/></xf>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="0" fontId="1" fillId="2" borderId="0" xfId="0" applyFont="1" applyFill="1"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1" applyNumberFormat="1"/>'
    '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def _relations(targets: Mapping[int, tuple[str, str]]) -> str:
    lines = "".join(
        f'<Relationship Id="rId{at}" Type="{_DOCUMENT}/{kind}" Target="{target}"/>'
        for at, (kind, target) in targets.items()
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{lines}</Relationships>'


def _sheet(sheet: Sheet) -> str:
    letters = [column_letters(at) for at in range(len(sheet.widths))]
    columns = "".join(
        f'<col min="{at}" max="{at}" width="{width}" customWidth="1"/>'
        for at, width in enumerate(sheet.widths, start=1)
    )
    rows = []
    for number, row in enumerate(sheet.rows, start=1):
        cells = []
        for at, value in enumerate(row):
            place = f"{letters[at]}{number}"
            if number == 1:
                style = _HEAD_TO_FILL if at in sheet.to_fill else _HEAD
            else:
                style = _TEXT if at in sheet.to_fill else _PLAIN
            cells.append(_cell(place, value, style))
        rows.append(f'<row r="{number}">{"".join(cells)}</row>')
    last = max(len(sheet.rows), 2)
    choices = "".join(
        f'<dataValidation type="list" allowBlank="1" sqref="{letters[at]}2:{letters[at]}{last}">'
        f'<formula1>"{",".join(values)}"</formula1></dataValidation>'
        for at, values in sheet.choices.items()
    )
    if choices:
        choices = f'<dataValidations count="{len(sheet.choices)}">{choices}</dataValidations>'
    view = (
        (
            '<sheetViews><sheetView workbookViewId="0"><pane xSplit="1" ySplit="1" topLeftCell="B2" '
            'activePane="bottomRight" state="frozen"/></sheetView></sheetViews>'
        )
        if sheet.to_fill
        else ""
    )
    return (
        f'{_XML}<worksheet xmlns="{_MAIN}">{view}<cols>{columns}</cols>'
        f"<sheetData>{''.join(rows)}</sheetData>{choices}</worksheet>"
    )


def _cell(place: str, value: str | int, style: int) -> str:
    if isinstance(value, int):
        return f'<c r="{place}" s="{style}"><v>{value}</v></c>'
    if not value:
        return f'<c r="{place}" s="{style}"/>' if style == _TEXT else ""
    if value[0] in _ACTIVE and style in (_PLAIN, _TEXT):
        style = _QUOTED
    if len(value) > _LONGEST_CELL:
        value = value[:_LONGEST_CELL] + "…"
    text = escape(_NOT_IN_XML.sub("\ufffd", value)).replace("\r", "_x000D_")
    return f'<c r="{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def column_letters(at: int) -> str:
    """What a spreadsheet calls a column that is counted from 0: A to Z, AA and so on."""
    text = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        text = chr(65 + rest) + text
    return text


def _attribute(text: str) -> str:
    return escape(text, {'"': "&quot;"})
