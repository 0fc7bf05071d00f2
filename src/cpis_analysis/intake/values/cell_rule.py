"""What a rule for a single cell is given, and what it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from cpis_analysis.intake.dictionary.dictionary import Variable
from cpis_analysis.plan.schema import Cleaning

SET_MISSING = "set missing"


@dataclass(frozen=True)
class ValueSettings:
    """What may be repaired without asking, in this file.

    Attributes
    ----------
    cleaning : Cleaning
        Section ``cleaning`` of the plan.
    decimal_comma_only : bool
        A comma in a number of this file can only be decimal.
    format : str
        Layout of the file, as `Delivered.format`.
    """

    cleaning: Cleaning
    decimal_comma_only: bool = False
    format: str = "csv"

    @cached_property
    def missing_texts(self) -> frozenset[str]:
        """Texts that stand for no answer, in small letters."""
        return frozenset(text.casefold() for text in self.cleaning.missing_texts)


@dataclass(frozen=True)
class Step:
    """One change of a cell.

    Attributes
    ----------
    after : str
        New text; empty for missing.
    rule, reason : str
        What the audit trail says.
    question : str
        What the data manager is asked; empty where nothing has to be asked.
    about_column : str
        What is asked instead where several cells of a column raise the same rule: their one cause.
    """

    after: str
    rule: str
    reason: str
    question: str = ""
    about_column: str = ""


CellRule = Callable[[str, Variable, ValueSettings], Step | None]
