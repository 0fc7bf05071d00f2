"""The typeface of drawings: which letters it has, how wide they are, how they stand together, and their outlines.

Read from the file of the font by fontTools. Matplotlib, which brings the font along, takes longer to load than all
figures of a study take to be drawn; `publish.pen.written` asks it for the scripts whose letters change with their
neighbours.
"""

from __future__ import annotations

from functools import cache, cached_property
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.ttLib import TTFont

UNITS = 2048
"""Units of the font in the size of a letter: all lengths here are in these."""
_FILES = {False: "DejaVuSans.ttf", True: "DejaVuSans-Bold.ttf"}


def shipped_fonts() -> Path:
    """The folder of the fonts that come with Matplotlib."""
    found = find_spec("matplotlib")
    if found and found.origin:
        folder = Path(found.origin).parent / "mpl-data" / "fonts" / "ttf"
        if folder.is_dir():
            return folder
    import matplotlib

    # a distribution may keep them elsewhere
    return Path(matplotlib.get_data_path()) / "fonts" / "ttf"


@cache
def typeface(bold: bool = False) -> Typeface:
    """DejaVu Sans."""
    return Typeface(shipped_fonts() / _FILES[bold])


class Typeface:
    """A TrueType font with `UNITS` units and pairs of letters in its table ``kern``.

    Parameters
    ----------
    file : Path

    Attributes
    ----------
    codes : dict of int to int
        Code of a letter -> number of its outline, every letter of the font.
    """

    def __init__(self, file: Path) -> None:
        # read whole, and its letters at once: threads that set documents ask for them at the same time
        self._font = TTFont(BytesIO(file.read_bytes()))
        self.codes = {code: self._font.getGlyphID(name) for code, name in self._font.getBestCmap().items()}
        self._outlines: dict[int, str] = {}
        self._advances: dict[int, int] = {}

    def number(self, letter: str) -> int:
        """Number of the outline of a letter; 0, which is that of a box, where the font has none."""
        return self.codes.get(ord(letter), 0)

    def advance(self, number: int) -> int:
        """Width of an outline with the room round it."""
        if number not in self._advances:
            self._advances[number] = self._font["hmtx"][self._font.getGlyphName(number)][0]
        return self._advances[number]

    def kerning(self, before: int, after: int) -> int:
        """By how much two outlines stand further apart than their widths say."""
        return self._pairs.get((before, after), 0)

    @cached_property
    def _pairs(self) -> dict[tuple[int, int], int]:
        number, pairs = self._font.getGlyphID, self._font["kern"].kernTables[0].kernTable
        return {(number(before), number(after)): by for (before, after), by in pairs.items()}

    def outline(self, number: int) -> str:
        """The path of an outline as SVG writes it, y upwards; empty for a space."""
        if number not in self._outlines:
            shapes = self._font.getGlyphSet()
            pen = SVGPathPen(shapes)
            shapes[self._font.getGlyphName(number)].draw(pen)
            self._outlines[number] = pen.getCommands()
        return self._outlines[number]
