"""Tables and figures on disk: an index beside the files, so that nothing stale is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cpis_analysis.files import write_json, write_text
from cpis_analysis.present.tokens import find_numbers
from cpis_analysis.steps.frames import read_json

__all__ = [
    "StoredFigure", "StoredTable", "printed_numbers", "read_figures", "read_numbers", "read_tables", "write_exhibits",
]


@dataclass(frozen=True)
class StoredTable:
    """A table as it was set."""

    id: str
    caption: str
    html: str

    def to_html(self) -> str:
        """The table's HTML."""
        return self.html


@dataclass(frozen=True)
class StoredFigure:
    """A figure as it was drawn."""

    id: str
    title: str
    alt: str
    svg: str


def printed_numbers(log: Mapping[str, Iterable[tuple[float, ...]]], text: str) -> dict[str, list[list[float]]]:
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


def write_exhibits(index: str | Path, exhibits: Iterable[tuple[dict[str, Any], dict[str, str]]]) -> None:
    """Write files, then their index, then remove what earlier runs left in the folder.

    Parameters
    ----------
    index : path
        The JSON file that names them all, in order.
    exhibits : iterable of (entry, files)
        The entry of the index, and the text of each file by name.
    """
    index = Path(index)
    entries, kept = [], {index.name}
    for entry, files in exhibits:
        for name, text in files.items():
            write_text(index.parent / name, text)
        entries.append(entry | {"files": list(files)})
        kept |= set(files)
    write_json(index, entries)
    for path in sorted(index.parent.iterdir()):
        if path.is_file() and path.name not in kept and not path.name.startswith("."):
            path.unlink()


def read_tables(index: str | Path) -> dict[str, StoredTable]:
    """Tables by id, in order."""
    folder = Path(index).parent
    return {
        entry["id"]: StoredTable(entry["id"], entry["caption"], _text(folder, entry, ".html"))
        for entry in read_json(index)
    }


def read_figures(index: str | Path) -> dict[str, StoredFigure]:
    """Figures by id, in order."""
    folder = Path(index).parent
    return {
        entry["id"]: StoredFigure(
            entry["id"], entry["title"], _text(folder, entry, ".alt.txt").strip(), _text(folder, entry, ".svg")
        )
        for entry in read_json(index)
    }


def read_numbers(index: str | Path) -> dict[str, dict[str, list[list[float]]]]:
    """What the printed numbers of each exhibit were rounded from, by id of the exhibit."""
    return {entry["id"]: entry["numbers"] for entry in read_json(index)}


def _text(folder: Path, entry: dict[str, Any], ending: str) -> str:
    name = next(name for name in entry["files"] if name.endswith(ending))
    return (folder / name).read_text(encoding="utf-8")
