"""The typeface of drawings: which letters it has, how wide they are, how they stand together, and their outlines.

Read from the file of the font itself. Matplotlib, which brings it along, takes longer to load than all figures of a
study take to be drawn; `publish.pen.written` asks it for the scripts whose letters change with their neighbours.

References
----------
OpenType 1.9.1, tables cmap (format 12), head, hhea, hmtx, kern (format 0), loca and glyf.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path

UNITS = 2048
"""Units of the font in the size of a letter: all lengths here are in these."""
_FILES = {False: "DejaVuSans.ttf", True: "DejaVuSans-Bold.ttf"}
_ON, _REPEAT, _SHORT, _SAME = 1, 8, (2, 4), (16, 32)
_WORDS, _XY, _MORE, _SCALE, _SCALES, _MATRIX = 1, 2, 32, 8, 64, 128


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
    return Typeface((shipped_fonts() / _FILES[bold]).read_bytes())


class Typeface:
    """A TrueType font.

    Parameters
    ----------
    data : bytes
        The file; one with `UNITS` units and the tables named above.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        (n,) = struct.unpack_from(">H", data, 4)
        entries = (struct.unpack_from(">4s4xLL", data, 12 + 16 * place) for place in range(n))
        self._at = {tag.decode(): start for tag, start, _ in entries}
        self._outlines: dict[int, str] = {}

    def number(self, letter: str) -> int:
        """Number of the outline of a letter; 0, which is that of a box, where the font has none."""
        starts, groups = self._groups
        code = ord(letter)
        first, last, number = groups[max(bisect_right(starts, code) - 1, 0)]
        return number + code - first if first <= code <= last else 0

    @cached_property
    def codes(self) -> dict[int, int]:
        """Code of a letter -> number of its outline, every letter of the font."""
        return {
            code: number + code - first for first, last, number in self._groups[1] for code in range(first, last + 1)
        }

    @cached_property
    def letters(self) -> dict[int, str]:
        """Number of an outline -> its letter, of several the first in the alphabet."""
        return {number: chr(code) for code, number in sorted(self.codes.items(), reverse=True)}

    @cached_property
    def _groups(self) -> tuple[list[int], list[tuple[int, int, int]]]:
        start = self._at["cmap"]
        (n,) = struct.unpack_from(">H", self._data, start + 2)
        for place in range(n):
            _, _, offset = struct.unpack_from(">HHL", self._data, start + 4 + 8 * place)
            if struct.unpack_from(">H", self._data, start + offset)[0] == 12:
                (groups,) = struct.unpack_from(">L", self._data, start + offset + 12)
                first = start + offset + 16
                found = list(struct.iter_unpack(">LLL", self._data[first : first + 12 * groups]))
                return [group[0] for group in found], found
        raise ValueError("the font has no table of letters that this reads")

    def advance(self, number: int) -> int:
        """Width of an outline with the room round it."""
        (n,) = struct.unpack_from(">H", self._data, self._at["hhea"] + 34)
        width: int = struct.unpack_from(">H", self._data, self._at["hmtx"] + 4 * min(number, n - 1))[0]
        return width

    def kerning(self, before: int, after: int) -> int:
        """By how much two outlines stand further apart than their widths say."""
        return self._pairs.get(before << 16 | after, 0)

    @cached_property
    def _pairs(self) -> dict[int, int]:
        start = self._at["kern"] + 4
        (n,) = struct.unpack_from(">H", self._data, start + 6)
        return dict(struct.iter_unpack(">Lh", self._data[start + 14 : start + 14 + 6 * n]))

    def outline(self, number: int) -> str:
        """The path of an outline as SVG writes it, y upwards; empty for a space."""
        if number not in self._outlines:
            self._outlines[number] = "".join(_path(contour) for contour in self._contours(number))
        return self._outlines[number]

    def _contours(self, number: int) -> Iterator[list[tuple[float, float, bool]]]:
        """Points of each closed line of an outline, with whether the line goes through them."""
        (long,) = struct.unpack_from(">h", self._data, self._at["head"] + 50)
        form, size, by = (">LL", 4, 1) if long else (">HH", 2, 2)
        start, end = struct.unpack_from(form, self._data, self._at["loca"] + size * number)
        if start == end:
            return
        at = self._at["glyf"] + by * start
        (n,) = struct.unpack_from(">h", self._data, at)
        yield from self._simple(at + 10, n) if n >= 0 else self._composed(at + 10)

    def _simple(self, at: int, n: int) -> Iterator[list[tuple[float, float, bool]]]:
        ends = struct.unpack_from(f">{n}H", self._data, at)
        at += 2 * n
        at += 2 + int(struct.unpack_from(">H", self._data, at)[0])
        count = ends[-1] + 1 if ends else 0
        flags: list[int] = []
        while len(flags) < count:
            flag = self._data[at]
            times = 1 + (self._data[at + 1] if flag & _REPEAT else 0)
            at += 2 if flag & _REPEAT else 1
            flags += [flag] * times
        places = []
        for short, same in zip(_SHORT, _SAME, strict=True):
            value, values = 0, []
            for flag in flags:
                if flag & short:
                    value += self._data[at] if flag & same else -self._data[at]
                    at += 1
                elif not flag & same:
                    value += struct.unpack_from(">h", self._data, at)[0]
                    at += 2
                values.append(value)
            places.append(values)
        points = [(float(x), float(y), bool(flag & _ON)) for x, y, flag in zip(*places, flags, strict=True)]
        for first, last in zip((0, *(end + 1 for end in ends)), ends, strict=False):
            yield points[first : last + 1]

    def _composed(self, at: int) -> Iterator[list[tuple[float, float, bool]]]:
        """An outline made of others, such as a letter with its accent."""
        flags = _MORE
        while flags & _MORE:
            flags, number = struct.unpack_from(">HH", self._data, at)
            dx, dy = struct.unpack_from(">hh" if flags & _WORDS else ">bb", self._data, at + 4)
            at += 8 if flags & _WORDS else 6
            if not flags & _XY:
                raise ValueError("the font puts parts of a letter together in a way that this does not read")
            terms = 4 if flags & _MATRIX else 2 if flags & _SCALES else 1 if flags & _SCALE else 0
            scale = [part / 16384 for part in struct.unpack_from(f">{terms}h", self._data, at)]
            at += 2 * terms
            a, b, c, d = scale if terms == 4 else (scale[0], 0.0, 0.0, scale[-1]) if terms else (1.0, 0.0, 0.0, 1.0)
            for contour in self._contours(number):
                yield [(a * x + c * y + dx, b * x + d * y + dy, on) for x, y, on in contour]


def _path(contour: list[tuple[float, float, bool]]) -> str:
    """A closed line: between two points that it does not go through it goes through their middle."""
    first = next((place for place, point in enumerate(contour) if point[2]), None)
    if first is None:
        (x, y, _), (u, v, _) = contour[0], contour[-1]
        contour, first = [((x + u) / 2, (y + v) / 2, True), *contour], 0
    turned = [*contour[first:], *contour[: first + 1]]
    parts = [f"M{turned[0][0]:g} {turned[0][1]:g}"]
    bend: tuple[float, float] | None = None
    for x, y, on in turned[1:]:
        if bend is None:
            if on and (x, y) != turned[0][:2]:
                parts.append(f"L{x:g} {y:g}")
        elif on:
            parts.append(f"Q{bend[0]:g} {bend[1]:g} {x:g} {y:g}")
        else:
            parts.append(f"Q{bend[0]:g} {bend[1]:g} {(bend[0] + x) / 2:g} {(bend[1] + y) / 2:g}")
        bend = None if on else (x, y)
    return "".join(parts) + "z"
