"""Files of the package stay short: one that grows is noticed, and one that may be long says why."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "cpis_analysis"

LINES = 350
"""Most lines of a file. A longer one is asked whether it changes for one reason only."""

LONGER = {
    "chapters/process/checklist_items.py": "a table: items of published checklists, and where the report has each",
    "formula/parse.py": "one grammar and the one parser that reads it",
    "lmm/designs/design.py": "one record, the design of a model, and the one way in which it is built from rows",
}
"""Files that are one thing all the same, and which."""


def test_lengths_files_are_short_or_say_why_they_are_long():
    lengths = {path.relative_to(PACKAGE).as_posix(): path.read_bytes().count(b"\n") for path in PACKAGE.rglob("*.py")}
    assert {name for name, lines in lengths.items() if lines > LINES} == set(LONGER)
    assert all(reason.strip() for reason in LONGER.values())
