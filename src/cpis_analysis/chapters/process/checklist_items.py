"""Items of reporting guidelines and the sections that answer them, from the table in checklists.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Item:
    """One item of a guideline.

    Attributes
    ----------
    number, topic, asked : str
    sections : tuple of str
        Sections of the report that hold an answer, or a part of it.
    authors : str
        What the authors have to write themselves; empty if the report says it all.
    texts : tuple of str
        Keys of ``report.texts`` that hold it.
    computed : str
        Summary that answers it where the study has one, so that nothing is left to the authors.
    alone : str
        What is asked where people were allocated one by one, if that is something else.
    """

    number: str
    topic: str
    asked: str
    sections: tuple[str, ...] = ()
    authors: str = ""
    texts: tuple[str, ...] = ()
    computed: str = ""
    alone: str = ""


TABLE = Path(__file__).with_name("checklists.toml")


def _item(cells: dict[str, Any]) -> Item:
    known: dict[str, Any] = {key: tuple(cell) if isinstance(cell, list) else cell for key, cell in cells.items()}
    return Item(**known)


_TABLE = tomllib.loads(TABLE.read_text(encoding="utf-8"))
TREND, STARI, CONSORT = (tuple(map(_item, _TABLE[name])) for name in ("trend", "stari", "consort"))
