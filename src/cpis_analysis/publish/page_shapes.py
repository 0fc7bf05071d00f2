"""Letters and words of the drawings of a page: each is written once, and drawings refer to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cpis_analysis.publish.drawn import PageDrawing, Word, letter_shift

_PREFIX = "s-"
"""Begins the names of the shapes of a page."""


class Shapes:
    """Letters and words that several drawings of a page use.

    Without it every drawing would bring its own outlines, which make up most of a page.
    """

    def __init__(self) -> None:
        self._names: dict[Any, str] = {}
        self._contents: list[str] = []

    def placed(self, drawing: PageDrawing) -> str:
        """What stands inside the ``<svg>`` element of a drawing; its letters and words are among the shapes then."""
        outlines = [self._names.get(path) or self._named(path, f'<path d="{path}"/>') for path in drawing.outlines]
        words = [self._word(word, outlines) for word in drawing.words]
        pieces: list[Any] = list(drawing.pieces)
        pieces[1::2] = [words[place] for place in pieces[1::2]]
        return "".join(pieces)

    def svg(self) -> str:
        """An element that shows nothing and holds all shapes; empty if there are none."""
        if not self._contents:
            return ""
        shapes = "".join(f'<g id="{_PREFIX}{place}">{content}</g>' for place, content in enumerate(self._contents))
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" width="0" height="0" class="shapes" aria-hidden="true" '
            f'focusable="false"><defs>{shapes}</defs></svg>'
        )

    def _word(self, word: Word, outlines: Sequence[str]) -> str:
        letters, xs, ys = word
        names = [outlines[place] for place in letters]
        if len(names) == 1 and not (xs[0] or ys):
            return names[0]
        # three of four words of a page were in an earlier drawing
        key = (*names, *xs, *ys)
        return self._names.get(key) or self._named(key, "".join(map(_letter, names, xs, ys or [0.0] * len(xs))))

    def _named(self, key: Any, content: str) -> str:
        name = self._names[key] = f"{_PREFIX}{len(self._contents)}"
        self._contents.append(content)
        return name


def _letter(name: str, x: float, y: float) -> str:
    return f'<use href="#{name}"{letter_shift(x, y)}/>'
