"""A canvas as SVG, with letters as outlines: for a file of its own, and for a page beside other drawings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from cpis_analysis.publish.drawn import PageDrawing, Word, letter_shift
from cpis_analysis.publish.pen.canvas import HALO, Canvas, Disc, Line, Shape
from cpis_analysis.publish.pen.written import Letter, written
from cpis_analysis.publish.typeface import UNITS


def coordinate(value: float) -> str:
    """A length in a file: a hundredth of a point is less than a printer can show."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def svg_marks(canvas: Canvas) -> list[str | Line]:
    """Marks of a canvas from below: SVG, but for lines of text, of which a file and a page write the letters."""
    return [mark if isinstance(mark, Line) else _without_letters(mark) for mark in canvas.marks()]


def inner_svg(marks: Iterable[str | Line], id: str) -> str:
    """What stands inside the ``<svg>`` element of a file; `id` is what all names begin with."""
    parts, outlines, lines = [], dict[str, str](), 0
    for mark in marks:
        if isinstance(mark, Line):
            lines += 1
            letters = written(mark.shown, mark.bold).letters
            outlines |= {letter.name: letter.outline for letter in letters}
            used = "".join(
                f'<use xlink:href="#{id}-{letter.name}"{letter_shift(letter.x, letter.y)}/>' for letter in letters
            )
            *rim, look = _looks(mark)
            parts += [f"<g{one}>{used}</g>" for one in rim]
            parts.append(f'<g id="{id}-{"scale" if mark.scale else "text"}_{lines}"{look}>{used}</g>')
        else:
            parts.append(mark)
    defined = "".join(f'<path id="{id}-{name}" d="{outline}"/>' for name, outline in outlines.items())
    return (f"<defs>{defined}</defs>" if defined else "") + "".join(parts)


def page_drawing(marks: Iterable[str | Line]) -> PageDrawing:
    """What stands in a page; there is no name in it that another drawing could have."""
    outlines, words = dict[str, str](), dict[tuple[Letter, ...], int]()
    pieces: list[str | int] = []
    since: list[str] = []
    for mark in marks:
        if isinstance(mark, Line):
            letters = written(mark.shown, mark.bold).letters
            outlines |= {letter.name: letter.outline for letter in letters}
            word = words.setdefault(letters, len(words))
            for look in _looks(mark):
                pieces += ["".join(since) + f'<g{look}><use href="#', word]
                since = ['"/></g>']
        else:
            since.append(mark)
    places = {name: place for place, name in enumerate(outlines)}
    return PageDrawing(
        tuple(outlines.values()), [_word(letters, places) for letters in words], (*pieces, "".join(since))
    )


def _without_letters(mark: Shape | Disc) -> str:
    return _shape(mark) if isinstance(mark, Shape) else _disc(mark)


def _shape(mark: Shape) -> str:
    close = "z" if mark.fill else ""
    path = "".join("M" + "L".join(f"{coordinate(x)} {coordinate(y)}" for x, y in ring) + close for ring in mark.rings)
    look = f' fill="{mark.fill or "none"}"'
    look += ' fill-rule="evenodd"' if len(mark.rings) > 1 else ""
    look += f' stroke="{mark.stroke}" stroke-width="{mark.width:g}"' if mark.stroke else ""
    look += f' stroke-dasharray="{" ".join(map(coordinate, mark.dash))}"' if mark.dash else ""
    look += f' opacity="{mark.opacity:g}"' if mark.opacity != 1 else ""
    look += ' stroke-linejoin="miter"' if mark.mitred else ""
    look += ' stroke-linecap="square"' if mark.square else ""
    return f'<path d="{path}"{look}/>'


def _disc(mark: Disc) -> str:
    place = f'cx="{coordinate(mark.x)}" cy="{coordinate(mark.y)}" r="{coordinate(mark.r)}"'
    return f'<circle {place} fill="{mark.fill}" stroke="{mark.stroke}" stroke-width="{mark.width:g}"/>'


def _looks(mark: Line) -> Iterator[str]:
    """Attributes of each group of letters that a line of text is drawn with: first of its halo, if it has one."""
    x, y = map(coordinate, mark.start)
    turn, scale = " rotate(-90)" if mark.upright else "", f"{mark.size / UNITS:.6f}"
    place = f'transform="translate({x} {y}){turn} scale({scale} -{scale})"'
    if mark.halo:
        yield f' fill="{mark.halo}" stroke="{mark.halo}" stroke-width="{HALO * UNITS / mark.size:.0f}" {place}'
    yield f' fill="{mark.colour}" {place}'


def _word(letters: Sequence[Letter], places: Mapping[str, int]) -> Word:
    ys = [letter.y for letter in letters]
    return [places[letter.name] for letter in letters], [letter.x for letter in letters], ys if any(ys) else []
