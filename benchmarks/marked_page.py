"""Tables of measurements in pages of documentation, between two marks."""

from __future__ import annotations

from pathlib import Path

__all__ = ["write_between"]


def write_between(page: Path, begin: str, end: str, text: str) -> None:
    """Put lines in the place of those between two marks of a page."""
    before, rest = page.read_text(encoding="utf-8").split(begin, 1)
    page.write_text(f"{before}{begin}\n{text}\n{end}{rest.split(end, 1)[1]}", encoding="utf-8")
