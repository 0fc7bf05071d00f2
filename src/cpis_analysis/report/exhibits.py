"""Tables and figures on disk: an index beside the files, so that nothing stale is shown and nothing is made in vain."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cpis_analysis.files import sha256, write_bytes, write_json
from cpis_analysis.publish.format import recorded
from cpis_analysis.publish.table import Table
from cpis_analysis.publish.tokens import find_numbers
from cpis_analysis.runs.stored_frames import read_json

__all__ = [
    "StoredFigure",
    "each_recorded",
    "kept_exhibits",
    "picture_files",
    "printed_numbers",
    "read_figures",
    "read_numbers",
    "read_tables",
    "write_exhibits",
]

Log = Mapping[str, Iterable[tuple[float, ...]]]


@dataclass(frozen=True)
class StoredFigure:
    """A figure as it was drawn."""

    id: str
    title: str
    alt: str
    svg: str


def each_recorded(exhibits: Iterable[Any]) -> Iterator[tuple[Any, Log]]:
    """Each exhibit with what its own numbers were rounded from; they must come one by one, as they are made."""
    iterator = iter(exhibits)
    while True:
        with recorded() as log:
            exhibit = next(iterator, None)
        if exhibit is None:
            return
        yield exhibit, log


def printed_numbers(log: Log, text: str) -> dict[str, list[list[float]]]:
    """What the numbers in a text were rounded from, for the index.

    Parameters
    ----------
    log : mapping
        Of `present.format.recorded`.
    text : str
        The exhibit as printed.
    """
    tokens = dict.fromkeys(token.text for token in find_numbers(text))
    return {token: [list(values) for values in log[token]] for token in tokens if token in log}


def kept_exhibits(index: str | Path) -> dict[str, dict[str, Any]]:
    """Entries of an earlier run's index by their key, those only whose files are all there as they were written."""
    folder = Path(index).parent
    try:
        return {
            entry["key"]: entry
            for entry in read_json(index)
            if all(_is(folder / name, entry["sha256"][name]) for name in entry["files"])
        }
    except (OSError, ValueError, KeyError, TypeError):
        # no index, or one of another version: everything is made anew
        return {}


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
        `kept_exhibits`, stays as it is.
    """
    index = Path(index)
    entries, kept = [], {index.name}
    for entry, files in exhibits:
        contents = {name: part.encode() if isinstance(part, str) else part for name, part in files.items()}
        for name, content in contents.items():
            write_bytes(index.parent / name, content)
        if "files" not in entry:
            hashes = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
            entry = entry | {"files": list(files)} | ({"sha256": hashes} if "key" in entry else {})
        entries.append(entry)
        kept |= set(entry["files"])
    write_json(index, entries)
    for path in sorted(index.parent.iterdir()):
        if path.is_file() and path.name not in kept and not path.name.startswith("."):
            path.unlink()


def read_tables(index: str | Path) -> dict[str, Table]:
    """Tables by id, in order."""
    return {entry["id"]: Table.of_record(entry["table"]) for entry in read_json(index)}


def read_figures(index: str | Path) -> dict[str, StoredFigure]:
    """Figures by id, in order."""
    folder = Path(index).parent
    return {
        entry["id"]: StoredFigure(
            entry["id"], entry["title"], _text(folder, entry, ".alt.txt").strip(), _text(folder, entry, ".svg")
        )
        for entry in read_json(index)
    }


def picture_files(index: str | Path) -> dict[str, Path]:
    """The file of each figure in dots, for Word, by id."""
    folder = Path(index).parent
    return {entry["id"]: _file(folder, entry, ".png") for entry in read_json(index)}


def read_numbers(index: str | Path) -> dict[str, dict[str, list[list[float]]]]:
    """What the printed numbers of each exhibit were rounded from, by id of the exhibit."""
    return {entry["id"]: entry["numbers"] for entry in read_json(index)}


def _text(folder: Path, entry: dict[str, Any], ending: str) -> str:
    return _file(folder, entry, ending).read_text(encoding="utf-8")


def _file(folder: Path, entry: dict[str, Any], ending: str) -> Path:
    return folder / next(name for name in entry["files"] if name.endswith(ending))
