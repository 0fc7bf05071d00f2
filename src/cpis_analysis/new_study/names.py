"""Names that a plan can use for columns that are called anything."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_OTHER = re.compile(r"[^A-Za-z0-9]+")
_LONGEST, _LONGEST_WAVE = 30, 12
_TAKEN = (
    "wave",
    "source",
    "line",
    "outside_window",
    "participant_id",
    "months",
    "log",
    "sqrt",
    "exp",
    "center",
    "scale",
    "factor",
)

_READ_OTHERWISE = ("y", "n", "yes", "no", "on", "off", "true", "false", "null")
"""Words that YAML takes for something else than a name."""


class Names:
    """One name for each column, none of them twice.

    Letters lose their accents (``Âge`` is ``Age``). A name in another alphabet can't be written so: such a column is
    called by its place, ``column_3``, and keeps its own name as its label.

    Parameters
    ----------
    taken : iterable of str
        Names that nothing may have.
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {name.casefold() for name in (*_TAKEN, *taken)}
        self._given: dict[str, str] = {}

    def of(self, column: str, place: int = 0) -> str:
        """The name of a column, the same each time it is asked for."""
        if column not in self._given:
            self._given[column] = self._free(_plain(column) or f"column_{place + 1}")
        return self._given[column]

    def made(self, wanted: str) -> str:
        """A new name that is like a wanted one."""
        return self._free(_plain(wanted) or "made")

    def _free(self, wanted: str) -> str:
        wanted = f"v_{wanted}" if wanted.casefold() in _READ_OTHERWISE else wanted
        name, number = wanted[:_LONGEST], 2
        while name.casefold() in self._taken:
            name, number = f"{wanted[: _LONGEST - 3]}_{number}", number + 1
        self._taken.add(name.casefold())
        return name


def wave_name(written: str, place: int, others: Iterable[str] = ()) -> str:
    """A name of a wave: letters and digits, at most twelve; ``w2`` for the second where nothing of it can be kept."""
    text = _OTHER.sub("", _ascii(written))[:_LONGEST_WAVE] or f"w{place + 1}"
    return text if text not in set(others) else f"w{place + 1}"


def _plain(text: str) -> str:
    name = _OTHER.sub("_", _ascii(text)).strip("_")
    return name if not name or name[0].isalpha() else f"v_{name}"


def _ascii(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
