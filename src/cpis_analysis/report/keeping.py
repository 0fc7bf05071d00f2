"""Tables and figures of an earlier run stay where all that they are made from is the same.

That is their numbers, their words, the code and the libraries. In a plan of a hundred outcomes an edited model makes
anew what shows it, not all the rest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import cpis_analysis
from cpis_analysis.chapters.pending_exhibit import Order
from cpis_analysis.files import sha256
from cpis_analysis.provenance import bytes_digest, module_sources, versions
from cpis_analysis.publish.sources.ledger import Ledger, open_ledger
from cpis_analysis.publish.sources.source import Cell
from cpis_analysis.report.exhibits import Entry, Files, kept_exhibits, numbers_file, read_numbers
from cpis_analysis.report.moved_cells import cells_shown, follow, followed

T = TypeVar("T")


@dataclass(frozen=True)
class Made(Generic[T]):
    """A table or figure for its index.

    Attributes
    ----------
    entry : dict
        What the index says of it.
    numbers : dict
        The file with its numbers, where that has to be written.
    exhibit : table or figure or None
        None where it stays as an earlier run left it.
    """

    entry: Entry
    numbers: Files
    exhibit: T | None = None


class Keeping:
    """What an earlier run left, and what it stands on.

    Parameters
    ----------
    index : str
        The file that names the exhibits.
    step : str
        Module that makes them.
    dictionary : Path
    written : callable
        What a cell is called in its file.
    """

    def __init__(self, index: str, step: str, dictionary: Path, written: Callable[[Cell], Cell]) -> None:
        self._index = index
        self._kept = kept_exhibits(index)
        self._ground = _ground(step, dictionary)
        self._written = written

    def stays(self, order: Order[Any]) -> bool:
        """Whether an exhibit is there as it was ordered."""
        return self._key(order) in self._kept

    def exhibits(
        self, wanted: Iterable[Order[T] | T], entry: Callable[[T, Ledger], tuple[Entry, dict[str, Any]]]
    ) -> Iterator[Made[T]]:
        """Every exhibit, in order, made where it was not kept.

        Parameters
        ----------
        wanted : iterable of exhibits and orders
            What is no order is made each time, which is as it comes.
        entry : callable
            An exhibit and the ledger -> its entry for the index, and its numbers (`exhibits.numbers_of`).
        """
        with open_ledger(self._written) as ledger:
            for one in wanted:
                if not isinstance(one, Order):
                    said, numbers = entry(one, ledger)
                    yield Made(said, numbers_file(said, numbers), one)
                elif (key := self._key(one)) in self._kept:
                    yield self._moved(self._kept[key], one.shown)
                else:
                    made = one.make()
                    said, numbers = entry(made, ledger)
                    places = follow(numbers["known"], cells_shown(one.shown), self._written)
                    said |= {"key": key, "follow": places}
                    yield Made(said, numbers_file(said, numbers), made)

    def _moved(self, entry: Entry, shown: Sequence[Any]) -> Made[Any]:
        places, moved = followed(entry["follow"], shown, self._written)
        if moved is None:
            return Made(entry, {})
        entry = entry | {"follow": places}
        return Made(entry, numbers_file(entry, moved(read_numbers(self._index, entry))))

    def _key(self, order: Order[Any]) -> str:
        return hashlib.sha256(f"{self._ground} {order.key}".encode()).hexdigest()


def _ground(step: str, dictionary: Path) -> str:
    """What all exhibits stand on: code, libraries, and the dictionary's words."""
    source = Path(cpis_analysis.__file__).parents[1]
    code = bytes_digest(module_sources(step, source), source)
    # of this package its code counts, not its number
    libraries = {name: version for name, version in versions().items() if name != "cpis-analysis"}
    return json.dumps([code, libraries, sha256(dictionary)], sort_keys=True)
