"""Drawings made small: letters and words are written once for the whole page, and nothing is written in vain."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from html import escape
from xml.etree import ElementTree

from markupsafe import Markup

from cpis_analysis.publish.svg_words import SVG, WORD, XLINK, Letter

_USE, _GROUP, _DEFS, _HREF = f"{{{SVG}}}use", f"{{{SVG}}}g", f"{{{SVG}}}defs", f"{{{XLINK}}}href"
_SHARED = "s-"
"""Begins the names of the shapes of a page."""
_SHIFT = re.compile(r"translate\((-?[\d.]+)[ ,]0\)")
_PLACE = re.compile(r"translate\([^)]*\)")
_NUMBER = re.compile(r"-?\d+\.\d{2,}")
_REFERENCE = re.compile(r"#([^)'\"]+)")


# letters stand at a few hundred places
_escaped = lru_cache(maxsize=8192)(escape)


class Shapes:
    """Letters, words and marks that several figures of a page use: each is written once.

    Without it every figure would bring its own outlines, which make up most of a page.
    """

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def name(self, content: str) -> str:
        """Id of a shape, the same for the same content.

        Parameters
        ----------
        content : str
            SVG without ids; references to other shapes only.
        """
        return self._names.setdefault(content, f"{_SHARED}{len(self._names)}")

    def svg(self) -> Markup:
        """An element that shows nothing and holds all shapes; empty if there are none."""
        if not self._names:
            return Markup("")
        shapes = "".join(f'<g id="{name}">{content}</g>' for content, name in self._names.items())
        return Markup(
            f'<svg xmlns="{SVG}" width="0" height="0" class="shapes" aria-hidden="true" focusable="false">'
            f"<defs>{shapes}</defs></svg>"
        )


def shorten(
    root: ElementTree.Element, prefix: str, shapes: Shapes | None, words: Sequence[Sequence[Letter]] = ()
) -> None:
    """Make a drawing smaller without changing what is seen.

    Parameters
    ----------
    root : Element
        The ``svg`` element; is changed.
    prefix : str
        Begins the names that are left.
    shapes : Shapes or None
        Where outlines go that are used several times; None keeps them in the drawing.
    words : sequence of sequence of Letter
        Letters of the words that are one element each (`fold_words`), where there are `shapes`.
    """
    for element in root.iter():
        _shorten_attributes(element)
    if shapes is not None:
        _share(root, shapes, [[Letter(f"{prefix}{one.name}", one.x) for one in word] for word in words])
    styles = [element.text or "" for element in root.iter() if element.tag == f"{{{SVG}}}style"]
    values = [value for element in root.iter() for value in element.attrib.values() if "#" in value]
    used = {name for text in [*values, *styles] for name in _REFERENCE.findall(text)}
    for element in root.iter():
        if element.attrib.get("id", "") not in used:
            element.attrib.pop("id", None)
    _flatten(root)
    if not styles:
        _rename(root, prefix)


def _shorten_attributes(element: ElementTree.Element) -> None:
    """Paths, styles, references and places of one element in fewer letters."""
    attributes = element.attrib
    for key in ("d", "points"):
        if key in attributes:
            attributes[key] = _short_path(attributes[key])
    if "style" in attributes:
        attributes["style"] = _short_style(attributes["style"])
    if _HREF in attributes:
        attributes["href"] = attributes.pop(_HREF)
    if "transform" in attributes and element.tag == _USE and "x" not in attributes:
        shift = _SHIFT.fullmatch(attributes["transform"])
        if shift:
            del attributes["transform"]
            # a unit is a hundredth of the size of a letter
            attributes["x"] = f"{float(shift[1]):.0f}"
    for key in ("x", "y"):
        if key in attributes:
            attributes[key] = _NUMBER.sub(_rounded, attributes[key])
    if "transform" in attributes:
        attributes["transform"] = _PLACE.sub(lambda found: _NUMBER.sub(_rounded, found[0]), attributes["transform"])


def _rename(root: ElementTree.Element, prefix: str) -> None:
    """Names of elements, and what refers to them, by their order."""
    names = {
        element.attrib["id"]: f"{prefix}{place}"
        for place, element in enumerate(e for e in root.iter() if "id" in e.attrib)
    }
    for element in root.iter():
        for key, value in element.attrib.items():
            if key == "id":
                element.attrib[key] = names[value]
            elif "#" in value:
                element.attrib[key] = _REFERENCE.sub(lambda found: f"#{names.get(found[1], found[1])}", value)


def _share(root: ElementTree.Element, shapes: Shapes, words: Sequence[Sequence[Letter]]) -> None:
    """Put outlines that are defined to be used, and words made of them, among the shapes of the page."""
    moved = _moved(root, shapes)
    for element in root.iter():
        target = element.attrib.get("href", "")
        if target[1:] in moved:
            element.attrib["href"] = f"#{moved[target[1:]]}"
    for group in [element for element in root.iter() if element.tag == _GROUP]:
        for child in [child for child in group if child.tag == _DEFS and len(child) == 0]:
            group.remove(child)
        if words and len(group) == 1 and WORD in group[0].attrib:
            group[:] = _unfolded(words[int(group[0].attrib[WORD])], moved, shapes)
        elif len(group) > 1 and all(_is_letter(child) for child in group):
            group[:] = [_use(shapes.name("".join(map(_text, group))))]


def _moved(root: ElementTree.Element, shapes: Shapes) -> dict[str, str]:
    """Outlines that are among the shapes of the page now: name -> name there."""
    moved: dict[str, str] = {}
    for group in [element for element in root.iter() if element.tag == _DEFS]:
        for shape in list(group):
            plain = not any("url(" in value for value in shape.attrib.values())
            if shape.tag == f"{{{SVG}}}path" and "id" in shape.attrib and plain:
                name = shape.attrib.pop("id")
                moved[name] = shapes.name(_text(shape))
                group.remove(shape)
    return moved


def _unfolded(word: Sequence[Letter], moved: Mapping[str, str], shapes: Shapes) -> list[ElementTree.Element]:
    """The elements of a word: one where the page has all its outlines, else its letters."""
    letters = [Letter(moved.get(name, name), x) for name, x in word]
    if all(name.startswith(_SHARED) for name, _ in letters):
        text = (f'<use href="#{name}" x="{x}"/>' if x else f'<use href="#{name}"/>' for name, x in letters)
        return [_use(shapes.name("".join(text)))]
    return [_use(*letter) for letter in letters]


def _use(name: str, x: str = "") -> ElementTree.Element:
    return ElementTree.Element(_USE, {"x": x, "href": f"#{name}"} if x else {"href": f"#{name}"})


def _is_letter(element: ElementTree.Element) -> bool:
    return (
        element.tag == _USE
        and element.attrib.keys() <= {"href", "x"}
        and element.attrib.get("href", "").startswith(f"#{_SHARED}")
    )


def _flatten(element: ElementTree.Element) -> None:
    """Replace groups that say nothing by what they hold."""
    inside: list[ElementTree.Element] = []
    for child in element:
        if len(child):
            _flatten(child)
        bare = child.tag == _GROUP and not child.attrib
        inside += list(child) if bare else [child]
    element[:] = inside


def _text(element: ElementTree.Element) -> str:
    """An element that holds no others, as text without name space."""
    attributes = "".join([f' {key}="{_escaped(value)}"' for key, value in sorted(element.attrib.items())])
    return f"<{local_name(element.tag)}{attributes}/>"


@lru_cache(maxsize=1024)
def local_name(name: str) -> str:
    """Name of an element or attribute without its name space."""
    return name.split("}")[-1]


def _rounded(found: re.Match[str]) -> str:
    return f"{float(found[0]):.2f}".rstrip("0").rstrip(".")


@lru_cache(maxsize=4096)
def _short_style(style: str) -> str:
    return re.sub(r"\s*([:;])\s*", r"\1", style).strip("; ")


@lru_cache(maxsize=4096)
def _short_path(data: str) -> str:
    """A path in fewer letters; those of letters come again in every figure."""
    data = _NUMBER.sub(_rounded, data)
    return re.sub(r"\s*([A-Za-z])\s*", r"\1", " ".join(data.split()))
