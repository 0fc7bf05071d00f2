"""How participant numbers are written: the form that a file lost, and the key by which two spellings are one number."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cpis_analysis.intake.account.working_tables import Table
from cpis_analysis.intake.dictionary.variable import Variable
from cpis_analysis.intake.rules.cells import rules_for, steps_for
from cpis_analysis.intake.values.cell_rule import ValueSettings
from cpis_analysis.intake.values.codes import folded
from cpis_analysis.plan.schema import Cleaning

_SHAPE = re.compile(r"(?P<letters>.*?)(?P<digits>[0-9]+)")


@dataclass(frozen=True)
class NumberForm:
    """Letters and number of digits, such as CP and three for CP001."""

    letters: str
    digits: int

    def completed(self, text: str) -> str:
        """The number with the form's letters and zeros in front; empty if it can't be one that lost them."""
        found = _SHAPE.fullmatch(text.strip())
        if found is None or folded(found["letters"]) not in ("", folded(self.letters)):
            return ""
        digits = found["digits"]
        return self.letters + digits.zfill(self.digits) if len(digits) <= self.digits else ""


def number_form(example: str) -> NumberForm | None:
    """The form of a number, from an example; None if it does not end in digits."""
    found = _SHAPE.fullmatch(example.strip())
    return None if found is None else NumberForm(found["letters"], len(found["digits"]))


def usual_form(numbers: Iterable[str]) -> tuple[NumberForm, str] | None:
    """The form that most numbers have, the longest of equally frequent ones, with an example of it."""
    forms = [(form, number) for number in numbers if (form := number_form(number)) is not None]
    if not forms:
        return None
    counts = Counter(form for form, _ in forms)
    best = max(counts, key=lambda form: (counts[form], form.digits, form.letters))
    return best, next(number for form, number in forms if form == best)


def without_form(text: str) -> str:
    """The digits alone, without zeros in front: what is left when letters and zeros are lost; folded if there are
    none."""
    found = _SHAPE.fullmatch(text.strip())
    return folded(text) if found is None else found["digits"].lstrip("0") or "0"


def number_keys(table: Table, participant: str, cleaning: Cleaning, known: Collection[str] = ()) -> np.ndarray:
    """(n,) object: a text for each row that is the same for all spellings of a number; empty where there is none.

    Cells are read as cleaning will read them (white space, the plan's recoding, missing codes, the form of the file's
    numbers). Rules that later compare with the log have nothing to add, because case, spaces and punctuation do not
    count here.

    Parameters
    ----------
    known : collection of str
        Keys of the log: a number that is one of them as it is written is not completed.
    """
    if participant not in table.cells:
        return np.full(len(table), "", dtype=object)
    codes, texts = pd.factorize(table.cells[participant])
    variable = table.variables[participant]
    form = number_form(table.numbers_like) if table.numbers_like else None
    keys = []
    for text in texts:
        key = number_key(text, variable, cleaning, table.decimal_comma, table.format)
        if form is not None and key not in known:
            key = folded(form.completed(text)) or key
        keys.append(key)
    return np.array([*keys, ""], dtype=object)[codes]


def number_key(text: str, variable: Variable, cleaning: Cleaning, decimal_comma: bool, layout: str) -> str:
    """The key of one number, read as cleaning will read it."""
    settings = ValueSettings(cleaning, decimal_comma, layout)
    steps = steps_for(text, variable, rules_for(variable, frozenset([variable.name])), settings)
    read = steps[-1].after if steps else text
    return folded(read) or read.strip()
