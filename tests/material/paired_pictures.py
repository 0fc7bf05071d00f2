"""Drawings of two named groups at many distances, and what their boxes must keep."""

from __future__ import annotations

import itertools
from xml.etree import ElementTree

from cpis_analysis.publish.chart.drawing_marks import Drawing, Stroke
from cpis_analysis.publish.chart.paired_names import Named, paired_names
from cpis_analysis.publish.pen.written import text_width

SVG = "{http://www.w3.org/2000/svg}"
NAMES = [("Comparison", "Implementation"), ("Control", "Tooth brushing"), ("Usual care", "New")]
PLACES = (1.5, 3, 6, 10, 18, 30, 42, 49, 50, 51, 58, 70, 82, 90, 94, 97, 98.5)


def pictures():
    """Every pair of places and names, in both orders."""
    for (first, second), x, y in itertools.product(NAMES, PLACES, PLACES):
        words, tops = paired_names(Named(x, first, "47%"), Named(y, second, "100%"))
        lines = (Stroke(x, x, tops[0], 8.1, "zero"), Stroke(y, y, tops[1], 4.1, "interval", 0.125))
        yield (x, y, first, second), Drawing((*words, *lines), 9)


def drawn_boxes(svg):
    """Boxes of texts and lines of a drawing on paper, in points."""
    root = ElementTree.fromstring(svg)
    texts = []
    for text in root.iter(f"{SVG}text"):
        size, x, y = (float(text.get(key)) for key in ("font-size", "x", "y"))
        wide = text_width(text.text, size, text.get("font-weight") == "bold")
        left = x - {"start": 0, "middle": wide / 2, "end": wide}[text.get("text-anchor")]
        texts.append((left, y - 0.76 * size, left + wide, y + 0.24 * size))
    lines = [tuple(float(line.get(key)) for key in ("x1", "y1", "x2", "y2")) for line in root.iter(f"{SVG}line")]
    return texts, lines


def faults(texts, lines, width, slack=0.0):
    """What lies on what: boxes are (left, top, right, bottom), in one unit."""
    for one, other in itertools.combinations(texts, 2):
        if one[0] < other[2] and other[0] < one[2] and one[1] < other[3] - slack and other[1] < one[3] - slack:
            yield "a text on a text"
    for text, line in itertools.product(texts, lines):
        if text[0] < line[2] and line[0] < text[2] and text[1] < line[3] and line[1] < text[3] - slack:
            yield "a line through a text"
    if any(text[0] < -0.5 or text[2] > width + 0.5 for text in texts):
        yield "a text beyond the edge"
