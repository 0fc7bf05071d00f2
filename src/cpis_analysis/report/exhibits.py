"""Tables and figures on disk: an index beside the files, so that nothing stale is shown and nothing is made in vain."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from cpis_analysis.files import json_line, sha256, write_bytes, write_entries
from cpis_analysis.publish.drawn import PageDrawing
from cpis_analysis.publish.sources.ledger import Ledger, opened, replace_marks, split_marks, with_texts
from cpis_analysis.publish.table import Table
from cpis_analysis.runs.stored_frames import read_json

Entry = dict[str, Any]
Files = dict[str, str | bytes]
NUMBERS = ".numbers.json"
"""Ends the name of the file with the numbers of an exhibit."""
IN_PAGE = ".page.json"
"""Ends the name of the file with a figure as it stands in a page."""


@dataclass(frozen=True)
class StoredFigure:
    """A figure as it was drawn; what `publish.drawn.Drawn` says of it, of which files are read where they are shown."""

    id: str
    title: str
    alt: str
    size: tuple[float, float]
    lines: tuple[tuple[str, bool], ...]
    folder: Path

    @property
    def svg(self) -> str:
        return (self.folder / f"{self.id}.svg").read_text(encoding="utf-8")

    @property
    def in_page(self) -> PageDrawing:
        return PageDrawing(**read_json(self.folder / f"{self.id}{IN_PAGE}"))


def numbers_of(ledger: Ledger, texts: Mapping[str, Iterable[str]]) -> dict[str, Any]:
    """The numbers of an exhibit, for the index.

    Parameters
    ----------
    ledger : Ledger
    texts : mapping of str to iterable of str
        Texts of the exhibit with their marks, by what they are.

    Returns
    -------
    dict
        ``known``, what is known of each number; ``texts``, by name for each text the places of the marks and which
        numbers they stand for.
    """
    places: dict[str, int] = {}
    marks = {
        name: [[[at, places.setdefault(mark, len(places))] for at, mark in split_marks(text)[1]] for text in of_name]
        for name, of_name in texts.items()
    }
    return {"known": [ledger.record(mark) for mark in places], "texts": marks}


def numbers_file(entry: Entry, numbers: Mapping[str, Any]) -> Files:
    """The numbers of an exhibit as a file of their own, which is read only where somebody asks where they come from."""
    return {f"{entry['id']}{NUMBERS}": json_line(numbers) + "\n"}


def read_numbers(index: str | Path, entry: Entry) -> dict[str, Any]:
    """The numbers of an exhibit that an index names, as `numbers_of` gave them."""
    found: dict[str, Any] = read_json(Path(index).parent / f"{entry['id']}{NUMBERS}")
    return found


class _Marks:
    """The marks of the numbers of one exhibit, which are made once; none where no ledger is open."""

    def __init__(self, index: str | Path, entry: Entry) -> None:
        ledger = opened()
        self._texts: dict[str, Any] | None = None
        if ledger is not None:
            numbers = read_numbers(index, entry)
            self._marks = [ledger.mark_stored(record) for record in numbers["known"]]
            self._texts = numbers["texts"]

    def put(self, name: str, texts: Sequence[str]) -> list[str]:
        """Texts with the marks of their numbers."""
        if self._texts is None:
            return list(texts)
        places = self._texts.get(name, [[]] * len(texts))
        return [
            replace_marks(text, [(at, self._marks[number]) for at, number in own]) if own else text
            for text, own in zip(texts, places, strict=True)
        ]

    def put_in(self, name: str, record: Any) -> Any:
        """A record with marks in its texts."""
        return record if self._texts is None else with_texts(record, partial(self.put, name))


def kept_exhibits(index: str | Path) -> dict[str, dict[str, Any]]:
    """Entries of an earlier run's index by their key, those only whose files are all there as they were written."""
    folder = Path(index).parent
    try:
        return {
            entry["key"]: entry
            for entry in read_json(index)
            if "key" in entry and all(_is(folder / name, entry["sha256"][name]) for name in entry["files"])
        }
    except (OSError, ValueError, KeyError, TypeError):
        # no index, or one of another version: everything is made anew
        return {}


def _write_if_new(path: Path, content: bytes) -> None:
    """Write a file that is not there or says something else: most exhibits stay after an edit of the plan."""
    try:
        same = path.read_bytes() == content
    except OSError:
        same = False
    if not same:
        # the record of the job has the digest of every file that an index names, and the disk is slow for thousands
        write_bytes(path, content, flushed=False)


def _is(path: Path, digest: str) -> bool:
    return path.is_file() and sha256(path) == digest


def write_exhibits(index: str | Path, exhibits: Iterable[tuple[dict[str, Any], dict[str, str | bytes]]]) -> None:
    """Write files, then their index, then remove what earlier runs left in the folder.

    Parameters
    ----------
    index : path
        The JSON file that names them all, in order.
    exhibits : iterable of (entry, files)
        The entry of the index, and the content of each file by name. An entry that names its files already, one of
        `kept_exhibits`, stays as it is but for the files that are given.
    """
    index = Path(index)
    entries, kept = [], {index.name}
    for entry, files in exhibits:
        contents = {name: part.encode() if isinstance(part, str) else part for name, part in files.items()}
        for name, content in contents.items():
            _write_if_new(index.parent / name, content)
        hashes = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
        if "files" not in entry:
            entry = entry | {"files": list(files)} | ({"sha256": hashes} if "key" in entry else {})
        elif hashes:
            entry = entry | {"sha256": entry["sha256"] | hashes}
        entries.append(entry)
        kept |= set(entry["files"])
    write_entries(index, entries)
    for path in sorted(index.parent.iterdir()):
        if path.is_file() and path.name not in kept and not path.name.startswith("."):
            path.unlink()


def read_tables(index: str | Path) -> dict[str, Table]:
    """Tables by id, in order."""
    return {
        entry["id"]: Table.of_record(_Marks(index, entry).put_in("table", entry["table"]), entry["parts"])
        for entry in read_json(index)
    }


def read_figures(index: str | Path) -> dict[str, StoredFigure]:
    """Figures by id, in order."""
    folder = Path(index).parent
    found = {}
    for entry in read_json(index):
        marks = _Marks(index, entry)
        title, alt = marks.put("words", [entry["title"], _text(folder, entry, ".alt.txt").strip()])
        lines = tuple(zip(marks.put("lines", entry["lines"]), entry["scales"], strict=True))
        found[entry["id"]] = StoredFigure(entry["id"], title, alt, tuple(entry["size"]), lines, folder)
    return found


def picture_files(index: str | Path) -> dict[str, Path]:
    """The file of each figure in dots, for Word, by id."""
    folder = Path(index).parent
    return {entry["id"]: _file(folder, entry, ".png") for entry in read_json(index)}


def _text(folder: Path, entry: dict[str, Any], ending: str) -> str:
    return _file(folder, entry, ending).read_text(encoding="utf-8")


def _file(folder: Path, entry: dict[str, Any], ending: str) -> Path:
    return folder / next(name for name in entry["files"] if name.endswith(ending))
