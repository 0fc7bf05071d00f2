"""Figures inside the page: one SVG document after another without clashing names."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from markupsafe import Markup

from cpis_analysis.errors import CpisError, Problem
from cpis_analysis.publish.svg_shapes import Shapes, local_name, shorten
from cpis_analysis.publish.svg_words import SVG, XLINK, fold_words

_DROPPED = {"metadata", "script", "foreignObject", "iframe", "title", "desc"}
_REFERENCE = re.compile(r"url\(\s*['\"]?#([^)'\"]+)['\"]?\s*\)")
_REMOTE = re.compile(r"url\(\s*['\"]?(?!#)[^)]*\)|@import", flags=re.I)


def inline_svg(svg: str, name: str, title: str, alt: str, shapes: Shapes | None = None) -> Markup:
    """Make an SVG document part of an HTML page.

    1. Drop prolog, metadata, scripts, event handlers and everything that would load another file.
    2. Put ``name`` before every id and every reference to one, so that figures don't take each other's shapes.
    3. Leave out what changes nothing: unused names, digits below a hundredth of a point, groups of one; with
       `shapes`, put outlines that recur there.
    4. Name it for screen readers: role ``img``, ``title`` as its label and ``alt`` as its description.

    Parameters
    ----------
    svg : str
        The document.
    name : str
        Unique in the page.
    title, alt : str
        Label, and text that stands in for the figure.
    shapes : Shapes, optional
        Those of the page, which has to show them once.

    Raises
    ------
    CpisError
        If it is not an SVG document.
    """
    body = re.sub(r"<\?xml.*?\?>|<!DOCTYPE.*?>", "", svg, flags=re.S).strip()
    body, words = (body, []) if shapes is None else fold_words(body)
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError as error:
        raise CpisError(
            f"The figure {name!r} is not a readable SVG file.",
            Problem(str(error), hint="draw the figure again: cpis run --force"),
        ) from None
    if root.tag not in (f"{{{SVG}}}svg", "svg"):
        raise CpisError(
            f"The figure {name!r} is not an SVG file.",
            Problem("unexpected element", value=root.tag, hint="draw the figure again: cpis run --force"),
        )
    _clean(root, f"{name}-")
    shorten(root, f"{name}-", shapes, words)
    root.attrib["role"] = "img"
    root.attrib["aria-labelledby"] = f"{name}-title {name}-desc"
    root.attrib.setdefault("preserveAspectRatio", "xMidYMid meet")
    width = root.attrib.pop("width", None)
    root.attrib.pop("height", None)
    if width and (points := re.match(r"([\d.]+)(pt|px)?$", width)):
        # never larger than drawn: 1pt = 4/3 px
        scale = 4 / 3 if points[2] == "pt" else 1
        root.attrib["style"] = f"max-width:{float(points[1]) * scale / 16:.2f}rem"
    for position, (tag, text) in enumerate((("title", title), ("desc", alt))):
        element = ElementTree.Element(f"{{{SVG}}}{tag}", {"id": f"{name}-{tag}"})
        element.text = text
        root.insert(position, element)
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", XLINK)
    return Markup(ElementTree.tostring(root, encoding="unicode", short_empty_elements=True))


def _clean(element: ElementTree.Element, prefix: str) -> None:
    for child in list(element):
        if not isinstance(child.tag, str) or local_name(child.tag) in _DROPPED:
            element.remove(child)
        else:
            _clean(child, prefix)
    if element.tag.endswith("style") and element.text:
        element.text = _scoped(_REMOTE.sub("none", element.text), prefix)
    attributes = element.attrib
    for key, value in list(attributes.items()):
        kept = _attribute(local_name(key), value, prefix)
        if kept is None:
            del attributes[key]
        elif kept is not value:
            attributes[key] = kept


def _attribute(name: str, value: str, prefix: str) -> str | None:
    """An attribute without what runs or loads; None if nothing of it may stay."""
    if name.startswith("on"):
        return None
    if name == "id":
        return prefix + value
    if name == "href":
        if value.startswith("#"):
            return f"#{prefix}{value[1:]}"
        return value if value.startswith("data:image/png;base64,") else None
    return _REFERENCE.sub(rf"url(#{prefix}\1)", _REMOTE.sub("none", value)) if "url(" in value else value


def _scoped(css: str, prefix: str) -> str:
    return _REFERENCE.sub(rf"url(#{prefix}\1)", css)
