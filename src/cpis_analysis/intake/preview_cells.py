"""Which cells of a raw file cleaning could not read, told before it cleans."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from cpis_analysis.errors import Problem, did_you_mean
from cpis_analysis.intake.account.working_tables import Table
from cpis_analysis.intake.dictionary.dictionary import Dictionary, Variable
from cpis_analysis.intake.dictionary.expected_columns import team_keys
from cpis_analysis.intake.read_cells import read_cells, wave_of
from cpis_analysis.plan.schema import Cleaning
from cpis_analysis.plan.schema_design import Design

_MANY = 0.1
_MOST_SHOWN = 4


@dataclass(frozen=True)
class Unread:
    """Cells of one column that would be set missing and asked about.

    Attributes
    ----------
    file, column : str
    variable : Variable
    texts : Counter of str
        How often each text stands there.
    filled : int
        Cells in which anything stands.
    """

    file: str
    column: str
    variable: Variable
    texts: Counter[str]
    filled: int

    def problem(self, dictionary: Dictionary, fewest: int) -> Problem:
        """What to say of it; texts that fewer rows have are not shown."""
        shown = [f"{text} ({count:,})" for text, count in self.texts.most_common(_MOST_SHOWN) if count >= fewest]
        first = self.texts.most_common(1)[0][0] if shown else ""
        near = did_you_mean(first, self.variable.choices) if first and self.variable.is_categorical else None
        count = self.texts.total()
        return Problem(
            f"{count:,} of {self.filled:,} cells can't be read, and would be set missing and asked about",
            self.file,
            variable=self.variable.name,
            value=", ".join(shown) or None,
            allowed=self.variable.allowed,
            hint=near
            or f"if the cells are right, change line {self.variable.line} of {dictionary.file}; if not, say with "
            "cleaning.recode what they stand for",
        )


def unread_cells(
    tables: Sequence[Table], design: Design, cleaning: Cleaning, wanted: Collection[tuple[str, str | None]]
) -> Iterator[Unread]:
    """Columns in which one cell in ten, or more, is none of what the dictionary allows.

    Parameters
    ----------
    tables : sequence of Table
    design : Design
    cleaning : Cleaning
    wanted : collection of (str, str or None)
        Variables that are looked at, with the wave; None for what belongs to a person.
    """
    waves, places = [wave.name for wave in design.waves], frozenset({design.participant, *team_keys(design)})
    for table in tables:
        for column, variable in table.variables.items():
            if (variable.name, wave_of(table, column, variable, waves)) not in wanted or variable.type == "text":
                continue
            texts, filled = Counter[str](), 0
            for cell in read_cells(table, column, variable, cleaning, places):
                if cell.asked:
                    texts[" ".join(cell.text.split())] += cell.count
                # a declared missing value is no answer, and none that could not be read
                filled += cell.count if cell.asked or cell.after else 0
            if texts.total() > _MANY * filled:
                yield Unread(table.file, column, variable, texts, filled)
