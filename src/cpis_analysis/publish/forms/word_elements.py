"""Parts of WordprocessingML as text: elements, runs of text, fields, bookmarks, links.

Text is made and read once a block (`read_markup`): an object of lxml for each of the hundred thousand elements of a
document takes ten times as long.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from html import escape
from typing import Any

Markup = str
"""Text of one or several elements; what stands in it is escaped."""

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PRESERVED = 'xml:space="preserve"'
# white space in a value of an attribute would be read as spaces
_SPACES = re.compile("[\t\n\r]")


def element(tag: str, *children: Markup | None, **attributes: str) -> Markup:
    """An element of WordprocessingML with its children.

    Parameters
    ----------
    tag : str
        With its prefix, which is always ``w``: ``w:p``.
    *children : markup or None
        None is left out.
    **attributes : str
        Those of the namespace ``w``.
    """
    given = "".join([f' w:{name}="{escaped_value(value)}"' for name, value in attributes.items()])
    if not children:
        return f"<{tag}{given}/>"
    return f"<{tag}{given}>{''.join(filter(None, children))}</{tag}>"


def read_markup(markup: Iterable[Markup]) -> list[Any]:
    """Elements of lxml, to be put into a document."""
    from docx.oxml.parser import parse_xml

    root = parse_xml(f'<w:body xmlns:w="{_W}" xmlns:r="{_R}">{"".join(markup)}</w:body>'.encode())
    for words in root.iter(f"{{{_W}}}t"):
        if words.text is None:
            # a text of no letters, which has an end tag of its own
            words.text = ""
    return list(root)


def paragraph(style: str, *children: Markup, keep: bool = False) -> Markup:
    """A paragraph in a style; `keep` holds it with the paragraph that follows."""
    return f"<w:p>{_paragraph_properties(style, keep)}{''.join(children)}</w:p>"


@cache
def _paragraph_properties(style: str, keep: bool) -> Markup:
    identity = element("w:pStyle", val=style.replace(" ", ""))
    return element("w:pPr", identity, element("w:keepNext") if keep else None)


def run(text: str, style: str = "") -> Markup:
    """Text in a character style; lines are kept."""
    if "\n" not in text:
        # as nearly every text
        return f"<w:r>{_look(style)}<w:t {_PRESERVED}>{escape(text, quote=False)}</w:t></w:r>"
    lines = [f"<w:t {_PRESERVED}>{escape(line, quote=False)}</w:t>" for line in text.split("\n")]
    return f"<w:r>{_look(style)}{'<w:br/>'.join(lines)}</w:r>"


def linked(relation: str, *children: Markup) -> Markup:
    """A link to another file, which a relation of the document names."""
    return f'<w:hyperlink w:history="1" r:id="{escaped_value(relation)}">{"".join(children)}</w:hyperlink>'


def field(code: str, *result: Markup, style: str = "") -> list[Markup]:
    """A field with what it shows until it is updated, in a character style."""
    return [*field_begin(code, style), *result, field_end(style)]


def field_begin(code: str, style: str = "") -> list[Markup]:
    """What stands before the result of a field, which may go over several paragraphs."""
    words = f"<w:instrText {_PRESERVED}> {escape(code, quote=False)} </w:instrText>"
    return [_mark("begin", style), f"<w:r>{_look(style)}{words}</w:r>", _mark("separate", style)]


def field_end(style: str = "") -> Markup:
    """What stands after the result of a field."""
    return _mark("end", style)


def bookmarked(name: str, number: int, *children: Markup) -> list[Markup]:
    """Children within a bookmark; names are letters, digits and low lines, for fields know no others."""
    start = element("w:bookmarkStart", id=str(number), name=name)
    return [start, *children, element("w:bookmarkEnd", id=str(number))]


def _mark(kind: str, style: str) -> Markup:
    return element("w:r", _look(style), element("w:fldChar", fldCharType=kind))


@cache
def _look(style: str) -> Markup:
    return element("w:rPr", element("w:rStyle", val=style.replace(" ", ""))) if style else ""


def escaped_value(text: str) -> str:
    """A value of an attribute."""
    if text.isalnum():
        return text
    return _SPACES.sub(lambda found: f"&#{ord(found[0])};", escape(text))
