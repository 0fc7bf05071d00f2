"""Tables of measurements in pages of documentation, between two marks, and the file that keeps simulated rates."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cpis_analysis.methods import simulated_rates

__all__ = ["keep_rates", "kept_module", "write_between"]


def write_between(page: Path, begin: str, end: str, text: str) -> None:
    """Put lines in the place of those between two marks of a page."""
    before, rest = page.read_text(encoding="utf-8").split(begin, 1)
    page.write_text(f"{before}{begin}\n{text}\n{end}{rest.split(end, 1)[1]}", encoding="utf-8")


def keep_rates(page: Path, name: str, text: str) -> None:
    """Keep a table of simulated rates in `methods/simulated_rates.py`, and put it between the marks of its page.

    Parameters
    ----------
    page : Path
    name : str
        That of the marks, such as "rates".
    text : str
        Lines of Markdown.
    """
    file = Path(simulated_rates.__file__)
    kept = simulated_rates.TABLES
    kept[name] = f"{text}\n"
    file.write_text(kept_module(file.read_text(encoding="utf-8"), kept), encoding="utf-8")
    write_between(page, f"<!-- {name}: begin -->", f"<!-- {name}: end -->", text)


def kept_module(source: str, tables: Mapping[str, str]) -> str:
    """The text of the module with these tables in the place of its own."""
    before, rest = source.split("TABLES = {\n", 1)
    after = rest.split("\n}\n", 1)[1]
    entries = "".join(f'    "{name}": """\\\n{text}""",\n' for name, text in tables.items())
    return f"{before}TABLES = {{\n{entries}}}\n{after}"
