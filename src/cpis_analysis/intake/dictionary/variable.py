"""What one variable of a study is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cpis_analysis.intake.dictionary.conditions import Condition

YES_NO = {"yes": "Yes", "no": "No"}
TRUE_FALSE = {"true": "True", "false": "False"}


@dataclass(frozen=True)
class Box:
    """Which option of a checkbox a yes/no variable is.

    Attributes
    ----------
    field : str
        Name of the checkbox.
    title : str
        Its label.
    code, label : str
        Of the option, as the dictionary has them.
    """

    field: str
    title: str
    code: str
    label: str


@dataclass(frozen=True)
class Variable:
    """What one variable is.

    Attributes
    ----------
    name, form, label : str
    type : {'integer', 'number', 'date', 'category', 'text', 'yesno'}
    choices : mapping of str to str
        Labels by code, in the dictionary's order; empty for other types.
    low, high : float, date or None
        Smallest and largest allowed value.
    missing : mapping of str to str
        What each missing-value code means.
    waves : tuple of str
        Interviews in which it is asked; empty for person-, team- and theme-level variables.
    branching : Condition or None
        When the question is asked; None: always.
    identifier, required : bool
    note : str
    line : int
        Line of the dictionary.
    box : Box or None
        The option of a checkbox that it is.
    decimal_comma : bool
        Its numbers are typed with a decimal comma (REDCap's number_comma_decimal).
    """

    name: str
    form: str
    label: str
    type: str = "text"
    choices: Mapping[str, str] = field(default_factory=dict)
    low: float | date | None = None
    high: float | date | None = None
    missing: Mapping[str, str] = field(default_factory=dict)
    waves: tuple[str, ...] = ()
    branching: Condition | None = None
    identifier: bool = False
    required: bool = False
    note: str = ""
    line: int = 0
    box: Box | None = None
    decimal_comma: bool = False

    def within(self, value: Any) -> bool:
        """Whether a value of the variable's own type (a number, a date) lies in the allowed range."""
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    @property
    def is_numeric(self) -> bool:
        return self.type in ("integer", "number")

    @property
    def is_categorical(self) -> bool:
        return self.type in ("category", "yesno")

    @property
    def allowed(self) -> str:
        """The allowed values in words, for messages."""
        if self.is_categorical:
            return ", ".join(self.choices)
        kind = {"integer": "whole number", "number": "number", "date": "date", "text": "text"}[self.type]
        low, high = bound_text(self.low), bound_text(self.high)
        if low and high:
            return f"{kind} from {low} to {high}"
        if low or high:
            return f"{kind} of at least {low}" if low else f"{kind} of at most {high}"
        return kind


def own_code(variable: Variable, text: str) -> str:
    """REDCap writes 1 and 0 for yes and no; the codes here are words."""
    if variable.type != "yesno" or text not in ("1", "0"):
        return text
    yes, no = variable.choices
    return yes if text == "1" else no


def bound_text(bound: float | date | None) -> str:
    """A limit of a range in words; empty if there is none."""
    if bound is None:
        return ""
    return bound.isoformat() if isinstance(bound, date) else f"{bound:g}"
