"""Colours of the report, and how each kind of mark is painted: one table for the page, Word and PDF.

The page gets the tokens as CSS variables, so that a drawing follows the reader's light or dark colours; paper gets the
light ones as they are.
"""

from __future__ import annotations

from dataclasses import dataclass

LIGHT = {
    "paper": "#ffffff",
    "wash": "#f3f6f8",
    "band": "#dfe7ee",
    "ink": "#14191f",
    "ink-2": "#47525d",
    "line": "#6b7781",
    "hair": "#cfd6dc",
    "link": "#12436d",
    "impl": "#12436d",
    "comp": "#d9570f",
    "third": "#13756d",
    "fourth": "#801650",
    "better": "#13756d",
    "on-better": "#ffffff",
    "same": "#c8d0d7",
    "on-same": "#14191f",
    "worse": "#801650",
    "on-worse": "#ffffff",
    "syn": "#ffe39a",
    "syn-ink": "#14191f",
    "focus": "#ffdd00",
}
"""Contrast with the page is at least 4.5 for letters and 3 for marks; a test computes it."""
DARK = {
    "paper": "#10161b",
    "wash": "#1a2229",
    "band": "#2b3844",
    "ink": "#edf1f4",
    "ink-2": "#b4bfc9",
    "line": "#8995a0",
    "hair": "#38434d",
    "link": "#9ccbf5",
    "impl": "#86bdf0",
    "comp": "#f79256",
    "third": "#4fc1b4",
    "fourth": "#e58bb8",
    "better": "#4fc1b4",
    "on-better": "#10161b",
    "same": "#56636f",
    "on-same": "#ffffff",
    "worse": "#e58bb8",
    "on-worse": "#10161b",
    "syn": "#4a3a08",
    "syn-ink": "#ffe9b0",
    "focus": "#ffdd00",
}
FONT_SIZES = {"": 0.9375, "small": 0.875, "large": 1.125}
"""Letters of drawings in em of the drawing."""


@dataclass(frozen=True)
class Paint:
    """Tokens of a mark; widths of lines in em, dashes as lengths in em."""

    fill: str = ""
    stroke: str = ""
    width: float = 0.0
    dash: tuple[float, ...] = ()
    opacity: float = 1.0
    bold: bool = False


PAINTS = {
    # lines
    "grid": Paint(stroke="hair", width=0.0625),
    "axis": Paint(stroke="line", width=0.0625),
    "zero": Paint(stroke="ink", width=0.09),
    "join": Paint(stroke="line", width=0.25, opacity=0.45),
    "interval": Paint(stroke="impl", width=0.1875),
    "interval-other": Paint(stroke="impl", width=0.1875, dash=(0.375, 0.25)),
    "interval-wide": Paint(stroke="impl", width=0.5),
    # the arms, the compared one first
    "arm-0": Paint(fill="comp", stroke="comp", width=0.1875),
    "arm-1": Paint(fill="impl", stroke="impl", width=0.1875),
    "arm-2": Paint(fill="third", stroke="third", width=0.1875),
    "arm-3": Paint(fill="fourth", stroke="fourth", width=0.1875),
    # areas and marks
    "band": Paint(fill="band"),
    "rest": Paint(fill="band"),
    "full": Paint(fill="impl"),
    "open": Paint(fill="paper", stroke="impl", width=0.1875),
    "hollow": Paint(fill="paper", stroke="comp", width=0.1875),
    "bar": Paint(fill="line"),
    "bar-impl": Paint(fill="impl"),
    "bar-comp": Paint(fill="comp"),
    "better": Paint(fill="better"),
    "same": Paint(fill="same", stroke="line", width=0.0625),
    "worse": Paint(fill="worse"),
    # where two answers are drawn as one
    "stripe": Paint(stroke="worse", width=0.125, opacity=0.6),
    # cells of a heat map, from few to many: letters on all of them are those of the page
    "heat-0": Paint(fill="wash"),
    "heat-1": Paint(fill="impl", opacity=0.12),
    "heat-2": Paint(fill="impl", opacity=0.24),
    "heat-3": Paint(fill="impl", opacity=0.36),
    "heat-4": Paint(fill="impl", opacity=0.48),
    # words
    "words": Paint(fill="ink"),
    "words-strong": Paint(fill="ink", bold=True),
    "words-soft": Paint(fill="ink-2"),
    "words-better": Paint(fill="on-better"),
    "words-same": Paint(fill="on-same"),
    "words-worse": Paint(fill="on-worse"),
}
"""How each kind of mark looks, by its name."""


def paint(look: str) -> Paint:
    """The paint of a look.

    Raises
    ------
    KeyError
        If there is no such look: a drawing must not fall back on black.
    """
    return PAINTS[look]


def tokens_css() -> str:
    """The tokens, light and dark and for paper, for the style sheet of a page."""
    light, dark = (";".join(f"--{name}:{value}" for name, value in tokens.items()) for tokens in (LIGHT, DARK))
    return f":root{{color-scheme:light dark;{light}}}\n@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}"


def look_css() -> str:
    """The tokens, and one rule a look, for the style sheet of a page with drawings."""
    return "\n".join([tokens_css(), *(f".k-{name}{{{_rule(one)}}}" for name, one in PAINTS.items())])


def _rule(one: Paint) -> str:
    parts = [f"fill:var(--{one.fill})" if one.fill else "fill:none"]
    if one.stroke:
        parts += [f"stroke:var(--{one.stroke})", f"stroke-width:{one.width:g}em"]
    if one.dash:
        parts.append(f"stroke-dasharray:{' '.join(f'{length:g}em' for length in one.dash)}")
    if one.opacity != 1:
        parts.append(f"opacity:{one.opacity:g}")
    if one.bold:
        parts.append("font-weight:700")
    return ";".join(parts)
