"""How cleaning would read the cells of a raw file, before it cleans."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cpis_analysis.intake.account.notices import cells_before_rules
from cpis_analysis.intake.account.working_tables import Table
from cpis_analysis.intake.dictionary.dictionary import Variable
from cpis_analysis.intake.rules.cells import rules_for, steps_for
from cpis_analysis.intake.values.cell_rule import ValueSettings
from cpis_analysis.plan.schema import Cleaning


@dataclass(frozen=True)
class ReadCell:
    """What one text of a column would become.

    Attributes
    ----------
    text : str
        As the file's notices leave it.
    count : int
        Number of cells in which it stands.
    after : str
        Empty where it would be missing.
    asked : bool
        Whether somebody would be asked what it means.
    """

    text: str
    count: int
    after: str
    asked: bool


def read_cells(
    table: Table, column: str, variable: Variable, cleaning: Cleaning, places: frozenset[str] = frozenset()
) -> Iterator[ReadCell]:
    """Each text of a column once, in the order in which they come, as the rules for single cells read it.

    Parameters
    ----------
    table : Table
    column : str
    variable : Variable
    cleaning : Cleaning
    places : frozenset of str
        Variables that are compared with lists later, as `rules.cells.rules_for` takes them.
    """
    rules, settings = rules_for(variable, places), ValueSettings(cleaning, table.decimal_comma, table.format)
    for text, count in Counter(cells_before_rules(table, column)).items():
        steps = steps_for(text, variable, rules, settings)
        yield ReadCell(text, count, steps[-1].after if steps else text, any(step.question for step in steps))


def wave_of(table: Table, column: str, variable: Variable, waves: Iterable[str]) -> str | None:
    """The wave at which a column was asked; None for what belongs to a person or a team, or where no wave is told."""
    if not variable.waves:
        return None
    if table.holds == "wide":
        return next((one for one in waves if column == f"{variable.name}_{one}"), None)
    return table.wave
