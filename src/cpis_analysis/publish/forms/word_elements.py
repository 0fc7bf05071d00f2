"""Parts of WordprocessingML: elements, runs of text, fields, bookmarks, links."""

from __future__ import annotations

from typing import Any

_NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_W = f"{{{_NAMESPACE}}}"
_KNOWN = {"w": _NAMESPACE}


def element(tag: str, *children: Any, **attributes: str) -> Any:
    """An element of WordprocessingML with its children.

    Parameters
    ----------
    tag : str
        With its prefix, which is always ``w``: ``w:p``.
    *children : element or None
        None is left out.
    **attributes : str
        Those of the namespace ``w``.
    """
    from docx.oxml.parser import oxml_parser

    # what `OxmlElement` of python-docx does, without looking up the namespace of each of a hundred thousand elements
    given = {f"{_W}{name}": value for name, value in attributes.items()}
    made = oxml_parser.makeelement(f"{_W}{tag[2:]}", given, _KNOWN)
    made.extend([child for child in children if child is not None])
    return made


def paragraph(style: str, *children: Any, keep: bool = False) -> Any:
    """A paragraph in a style; `keep` holds it with the paragraph that follows."""
    identity = element("w:pStyle", val=style.replace(" ", ""))
    return element("w:p", element("w:pPr", identity, element("w:keepNext") if keep else None), *children)


def run(text: str, style: str = "") -> Any:
    """Text in a character style; lines are kept."""
    parts: list[Any] = []
    for place, line in enumerate(text.split("\n")):
        if place:
            parts.append(element("w:br"))
        words = element("w:t")
        words.text = line
        words.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        parts.append(words)
    return element("w:r", _look(style), *parts)


def field(code: str, *result: Any, style: str = "") -> list[Any]:
    """A field with what it shows until it is updated, in a character style."""
    return [*field_begin(code, style), *result, field_end(style)]


def field_begin(code: str, style: str = "") -> list[Any]:
    """What stands before the result of a field, which may go over several paragraphs."""
    words = element("w:instrText")
    words.text = f" {code} "
    words.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return [_mark("begin", style), element("w:r", _look(style), words), _mark("separate", style)]


def field_end(style: str = "") -> Any:
    """What stands after the result of a field."""
    return _mark("end", style)


def bookmarked(name: str, number: int, *children: Any) -> list[Any]:
    """Children within a bookmark; names are letters, digits and low lines, for fields know no others."""
    start = element("w:bookmarkStart", id=str(number), name=name)
    return [start, *children, element("w:bookmarkEnd", id=str(number))]


def _mark(kind: str, style: str) -> Any:
    return element("w:r", _look(style), element("w:fldChar", fldCharType=kind))


def _look(style: str) -> Any:
    return element("w:rPr", element("w:rStyle", val=style.replace(" ", ""))) if style else None
