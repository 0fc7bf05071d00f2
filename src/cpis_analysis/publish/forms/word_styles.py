"""How the Word documents look: page, styles, head and foot of pages. Nothing is formatted in another way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cpis_analysis.publish.forms.word_elements import Markup, element, read_markup

SHORT, LONG, MARGIN = 11906, 16838, 1247
"""Sides of A4 and the margin in twentieths of a point; the margin is 2.2 cm."""
LANGUAGE = "en-GB"
TABLE = "Report Table"
"""Style of every table."""
NAVY, SOFT, PLUM = "12436D", "4A5560", "801650"
_FONT, _MONO = "Arial", "Consolas"


@dataclass(frozen=True)
class Look:
    """A paragraph style; lengths in points, sizes of letters too.

    Attributes
    ----------
    base : str
        Style that it goes on from.
    size : float or None
        Of the letters; None as in the base.
    colour : str
    bold, italic : bool
    before, after, line : float
        Space before and after, and height of a line as a multiple.
    stay : bool
        Is kept with the paragraph that follows.
    left, hanging : float
        Indent, and by how much the first line stands out.
    align : str
        ``left``, ``right`` or ``center``.
    level : int or None
        Of the outline.
    mono : bool
        Letters of one width.
    underlined : bool
    """

    base: str = "Normal"
    size: float | None = None
    colour: str = ""
    bold: bool = False
    italic: bool = False
    before: float = 0.0
    after: float = 0.0
    line: float = 1.1
    stay: bool = False
    left: float = 0.0
    hanging: float = 0.0
    align: str = ""
    level: int | None = None
    mono: bool = False
    underlined: bool = False


def _cells(name: str, size: float, **more: Any) -> dict[str, Look]:
    """A style of cells aligned left, and those aligned otherwise that go on from it."""
    plain = Look(size=size, before=1, after=1, line=1.0, **more)
    aligned = {
        f"{name} {side}": Look(base=name, align=align) for side, align in (("Right", "right"), ("Centre", "center"))
    }
    return {name: plain} | aligned


def _table_styles(suffix: str, size: float) -> dict[str, Look]:
    return {
        **_cells(f"Table Text{suffix}", size),
        **_cells(f"Table Head{suffix}", size, bold=True, stay=True),
        f"Table Group{suffix}": Look(size=size, bold=True, before=4.5, after=1, line=1.0, stay=True),
        f"Table Indent{suffix}": Look(base=f"Table Text{suffix}", left=10),
        f"Table Indent Twice{suffix}": Look(base=f"Table Text{suffix}", left=20),
    }


_LOOKS = {
    "Title": Look(size=17, colour=NAVY, bold=True, after=3, stay=True),
    "Subtitle": Look(size=13, colour=SOFT, after=6, stay=True),
    "Author": Look(size=10.5, after=6),
    "Heading 1": Look(size=16, colour=NAVY, bold=True, before=20, after=7, stay=True, level=1),
    "Heading 2": Look(size=12.5, colour=NAVY, bold=True, before=15, after=5.5, stay=True, level=2),
    "Heading 3": Look(size=11, colour=NAVY, bold=True, before=12, after=4, stay=True, level=3),
    "Heading 4": Look(size=10.5, colour=NAVY, italic=True, before=10, after=3, stay=True, level=4),
    "Body Text": Look(after=7),
    "List Bullet": Look(after=4, left=18, hanging=12),
    "Note": Look(size=9, colour=SOFT, before=3, after=6),
    "Question": Look(size=9.5, colour=SOFT, bold=True, before=13, after=0, stay=True),
    "Answer 1": Look(base="Heading 1", before=1, after=5, stay=True, level=1),
    "Answer 2": Look(base="Heading 2", before=1, after=4, stay=True, level=2),
    "Lede": Look(size=12, after=7),
    "Slot": Look(size=9.5, colour=SOFT, after=7, left=10, hanging=0),
    "Chart Title": Look(size=10.5, bold=True, before=12, after=1, stay=True),
    "Chart Sub": Look(size=8.5, colour=SOFT, after=3, stay=True),
    "Chart Key": Look(size=8, after=3, stay=True),
    "Chart Cell": Look(size=8.5, line=1.0),
    "Fact": Look(size=9.5, after=2.5, left=17, hanging=17),
    "Notice": Look(before=4, after=10),
    "Alert": Look(before=4, after=10),
    "Contents Heading": Look(size=12.5, colour=NAVY, bold=True, before=12, after=4, stay=True),
    "TOC 1": Look(after=1.5),
    "Caption": Look(size=9.5, bold=True, before=2, after=14),
    "Table Caption": Look(base="Caption", before=12, after=4, stay=True),
    "Figure": Look(before=8, after=2, stay=True),
    "Table Note": Look(size=7.5, colour=SOFT, before=1, after=0.5, line=1.0, stay=True),
    "Table Note Last": Look(size=7.5, colour=SOFT, before=1, after=10, line=1.0),
    "Section Break": Look(size=1),
    "Source Code": Look(size=7.5, mono=True),
    "Header": Look(size=8.5, colour=PLUM, bold=True, align="right"),
    "Footer": Look(size=8.5, colour=SOFT),
    "Footer Wide": Look(base="Footer"),
    **_table_styles("", 8.5),
    **_table_styles(" Small", 7.5),
}
_CHARACTERS = {
    "Strong": Look(bold=True),
    "Emphasis": Look(italic=True),
    "Verbatim Char": Look(size=9, mono=True),
    "Hyperlink": Look(colour=NAVY, underlined=True),
    "Small": Look(size=7.5, colour=SOFT),
}
_BUILT_IN = {
    *("Title", "Subtitle", "Body Text", "List Bullet", "TOC 1", "Caption", "Header", "Footer"),
    *("Strong", "Emphasis", "Hyperlink"),
    *(f"Heading {level}" for level in range(1, 5)),
}
_RIGHT_TAB = {"TOC 1": SHORT - 2 * MARGIN, "Footer": SHORT - 2 * MARGIN, "Footer Wide": LONG - 2 * MARGIN}


def write_bullets(numbering: Any) -> None:
    """Make the one kind of list that documents have the only one."""
    for child in list(numbering):
        numbering.remove(child)
    level = element(
        "w:lvl",
        element("w:start", val="1"),
        element("w:numFmt", val="bullet"),
        element("w:pStyle", val="ListBullet"),
        element("w:lvlText", val="•"),
        element("w:lvlJc", val="left"),
        ilvl="0",
    )
    kind = element("w:abstractNum", element("w:multiLevelType", val="singleLevel"), level, abstractNumId="0")
    numbering.extend(read_markup([kind, element("w:num", element("w:abstractNumId", val="0"), numId="1")]))


def write_styles(styles: Any) -> None:
    """Replace all styles by those of this project."""
    from docx.oxml.ns import qn

    for child in list(styles):
        if child.tag != qn("w:latentStyles"):
            styles.remove(child)
    language = element("w:lang", val=LANGUAGE, eastAsia=LANGUAGE, bidi="ar-SA")
    letters = element("w:rPr", _fonts(_FONT), element("w:sz", val="20"), element("w:szCs", val="20"), language)
    default = element("w:name", val="Default Paragraph Font")
    defaults, *others = read_markup(
        [
            element("w:docDefaults", element("w:rPrDefault", letters), element("w:pPrDefault")),
            element("w:style", element("w:name", val="Normal"), type="paragraph", default="1", styleId="Normal"),
            element("w:style", default, type="character", default="1", styleId="DefaultParagraphFont"),
            *(_paragraph_style(name, look) for name, look in _LOOKS.items()),
            *(_character_style(name, look) for name, look in _CHARACTERS.items()),
            *_table_style_elements(),
        ]
    )
    styles.insert(0, defaults)
    styles.extend(others)


def _paragraph_style(name: str, look: Look) -> Markup:
    """Properties stand in the order that the schema asks for."""
    whole = look.base == "Normal" or look.before or look.after
    spacing = {"before": _twentieths(look.before), "after": _twentieths(look.after)}
    spacing |= {"line": str(round(240 * look.line)), "lineRule": "auto"}
    properties = element(
        "w:pPr",
        *((element("w:keepNext"), element("w:keepLines")) if look.stay else ()),
        element("w:numPr", element("w:numId", val="1")) if name == "List Bullet" else None,
        *(_framed(*_FRAMED[name]) if name in _FRAMED else ()),
        _right_tab(_RIGHT_TAB[name]) if name in _RIGHT_TAB else None,
        element("w:spacing", **spacing) if whole else None,
        element("w:ind", left=_twentieths(look.left), hanging=_twentieths(look.hanging)) if look.left else None,
        element("w:jc", val=look.align) if look.align else None,
        element("w:outlineLvl", val=str(look.level - 1)) if look.level else None,
    )
    following = element("w:next", val="BodyText") if look.level else None
    own = {} if name in _BUILT_IN else {"customStyle": "1"}
    parts = (
        element("w:basedOn", val=_identity(look.base)),
        following,
        element("w:qFormat"),
        properties,
        _letters(look),
    )
    return element("w:style", _named(name), *parts, type="paragraph", styleId=_identity(name), **own)


def _character_style(name: str, look: Look) -> Markup:
    own = {} if name in _BUILT_IN else {"customStyle": "1"}
    base = element("w:basedOn", val="DefaultParagraphFont")
    return element("w:style", _named(name), base, _letters(look), type="character", styleId=_identity(name), **own)


def _named(name: str) -> Markup:
    """Word writes the names of its own styles with a small letter."""
    small = name.startswith(("Heading", "TOC", "Caption", "Header", "Footer"))
    return element("w:name", val=name.lower() if small and name in _BUILT_IN else name)


def _identity(name: str) -> str:
    return name.replace(" ", "")


def _letters(look: Look) -> Markup:
    size = str(round(2 * look.size)) if look.size else ""
    return element(
        "w:rPr",
        _fonts(_MONO) if look.mono else None,
        # once more for Hebrew, Arabic and the like, whose look Word keeps apart
        *((element("w:b"), element("w:bCs")) if look.bold else ()),
        *((element("w:i"), element("w:iCs")) if look.italic else ()),
        element("w:color", val=look.colour) if look.colour else None,
        *((element("w:sz", val=size), element("w:szCs", val=size)) if size else ()),
        element("w:u", val="single") if look.underlined else None,
    )


def _fonts(name: str) -> Markup:
    return element("w:rFonts", ascii=name, hAnsi=name, eastAsia=name, cs=name)


_FRAMED = {"Notice": ("B26A00", "FFF1D0"), "Alert": ("B3261E", "FDECEB"), "Slot": (SOFT, "")}
"""Colours of the bar on the left and of the ground; one without a ground is dotted."""


def _framed(bar: str, ground: str) -> Iterator[Markup]:
    solid = ("single", "24") if ground else ("dotted", "18")
    yield element("w:pBdr", element("w:left", val=solid[0], sz=solid[1], space="6", color=bar))
    if ground:
        yield element("w:shd", val="clear", color="auto", fill=ground)


def _right_tab(place: int) -> Markup:
    return element("w:tabs", element("w:tab", val="right", pos=str(place)))


def _twentieths(points: float) -> str:
    return str(round(20 * points))


def _table_style_elements() -> tuple[Markup, Markup]:
    """The empty table that Word knows, and that of a report: a rule above, one below, and one under the headers."""

    def rule(side: str, size: str, colour: str) -> Markup:
        return element(f"w:{side}", val="single", sz=size, space="0", color=colour)

    def properties(*borders: Markup) -> Markup:
        sides = (("top", "0"), ("left", "57"), ("bottom", "0"), ("right", "57"))
        margins = (element(f"w:{side}", w=width, type="dxa") for side, width in sides)
        lines = element("w:tblBorders", *borders) if borders else None
        return element("w:tblPr", element("w:tblInd", w="0", type="dxa"), lines, element("w:tblCellMar", *margins))

    under = element("w:tcBorders", rule("bottom", "4", "7F8C99"))
    first = element("w:tblStylePr", element("w:tcPr", under, element("w:vAlign", val="bottom")), type="firstRow")
    empty = (element("w:name", val="Normal Table"), element("w:semiHidden"), properties())
    based = (element("w:name", val=TABLE), element("w:basedOn", val="TableNormal"), element("w:qFormat"))
    ruled = properties(rule("top", "8", "000000"), rule("bottom", "8", "000000"))
    return (
        element("w:style", *empty, type="table", default="1", styleId="TableNormal"),
        element("w:style", *based, ruled, first, type="table", customStyle="1", styleId=_identity(TABLE)),
    )
