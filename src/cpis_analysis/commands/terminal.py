"""What commands print: text with a little colour on a terminal, plain text elsewhere, or JSON."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from cpis_analysis.commands.shared_options import words_of_opened_plan
from cpis_analysis.plan.naming import plural
from cpis_analysis.study_words import StudyWords, is_marked

if TYPE_CHECKING:
    from cpis_analysis.plan.schema_design import Design


class Terminal:
    """Output of one command.

    Colours appear on a terminal only, and not where the environment variable NO_COLOR is set.

    Parameters
    ----------
    as_json : bool
        Print nothing but what `json` is given.

    Attributes
    ----------
    words : StudyWords or None
        The study's, where the command has no plan to open that knows them.
    """

    def __init__(self, as_json: bool = False) -> None:
        self.as_json = as_json
        self.words: StudyWords | None = None
        self._console: Any = None

    def says(self, text: str) -> str:
        """A text with the words of the study in place of marked ones."""
        return (self.words or words_of_opened_plan())(text) if is_marked(text) else text

    @property
    def console(self) -> Any:
        """The rich console, made when it is first needed."""
        if self._console is None:
            from rich.console import Console

            self._console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
        return self._console

    def line(self, text: str = "", style: str | None = None) -> None:
        """One line, not wrapped."""
        if not self.as_json:
            self.console.print(self.says(text), style=style)

    def heading(self, text: str) -> None:
        """A heading, with an empty line before it."""
        self.line()
        self.line(text, style="bold")

    def good(self, text: str) -> None:
        """A line that says that something is as it should be."""
        self.line(text, style="green")

    def warning(self, text: str) -> None:
        """A line to be noticed."""
        self.line(f"! {text}", style="yellow")

    def problem(self, text: str) -> None:
        """A line that says what was refused."""
        self.line(text, style="red")

    def paragraph(self, text: str, indent: int = 2) -> None:
        """Text wrapped to the width of the terminal (at most 100 characters)."""
        import textwrap

        width = max(40, min(self.console.width if sys.stdout.isatty() else 100, 100))
        lines = textwrap.wrap(self.says(text), width - indent, break_long_words=False, break_on_hyphens=False)
        for line in lines or [""]:
            self.line(" " * indent + line)

    def block(self, text: str, indent: int = 2) -> None:
        """Several lines as they are."""
        for line in text.splitlines():
            self.line((" " * indent + line).rstrip())

    def table(self, header: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1, indent: int = 2) -> None:
        """Aligned columns; the first ``left`` columns to the left, the others to the right."""
        if self.as_json:
            return
        cells = [[self.says(str(cell)) for cell in row] for row in rows]
        widths = [max([len(head), *(len(row[i]) for row in cells)]) for i, head in enumerate(header)]

        def set_row(row: Sequence[str]) -> str:
            parts = [
                cell.ljust(width) if i < left else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(row, widths, strict=True))
            ]
            return (" " * indent + "  ".join(parts)).rstrip()

        self.line(set_row(header), style="dim")
        for row in cells:
            self.line(set_row(row))

    def json(self, content: Any) -> None:
        """The command's result for programs: full precision; infinity as text, missing as null."""
        if self.as_json:
            said = plain(content, self.says)
            sys.stdout.write(json.dumps(said, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def cluster_heads(design: Design) -> list[str]:
    """Heads of columns that count clusters, the largest first; none without any."""
    return [plural(level.noun) for level in design.levels]


def plain(value: Any, says: Callable[[str], str] = str) -> Any:
    """Values that JSON knows: NaN becomes null, infinity the word ``inf``; texts are said so."""
    if isinstance(value, dict):
        return {says(str(key)): plain(inner, says) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner, says) for inner in value]
    if hasattr(value, "item") and not isinstance(value, (str, bytes)):
        return plain(value.item(), says)
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else ("inf" if value > 0 else "-inf")
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return says(str(value))
