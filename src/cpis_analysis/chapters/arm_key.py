"""The key of arms, with a colour and a shape each, that stands over the labels of a figure."""

from __future__ import annotations

from collections.abc import Sequence

from cpis_analysis.publish.pen.inks import SMALL, arm_look
from cpis_analysis.publish.pen.panels import Panel
from cpis_analysis.publish.pen.style import wrap
from cpis_analysis.words.labels import Labels

_LINE = 10.5


class ArmKey:
    """Lines of the key, measured before they are drawn.

    Parameters
    ----------
    arms : sequence of str
        Codes, the reference first.
    labels : Labels
    width : float
        Room in points.
    """

    def __init__(self, arms: Sequence[str], labels: Labels, width: float) -> None:
        self._entries = [wrap(labels.arm(arm), width - 20, SMALL) for arm in arms]

    @property
    def height(self) -> float:
        """Height in points."""
        return _LINE * sum(map(len, self._entries))

    def draw(self, page: Panel, x: float, bottom: float) -> None:
        """Draw the key; its last line stands at `bottom`."""
        y = bottom + self.height - _LINE
        for place, lines in enumerate(self._entries):
            colour, shape, _ = arm_look(place)
            page.mark(x + 4, y + 3, shape, 5.5, colour)
            page.note(x + 14, y, lines, _LINE)
            y -= _LINE * len(lines)
