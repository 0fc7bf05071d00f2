"""What may be kept of identifiers: age at interview and a keyed pseudonym."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cpis_analysis.errors import DataError, Problem
from cpis_analysis.intake.account.audit_trail import Journal
from cpis_analysis.intake.account.delivered import as_column
from cpis_analysis.intake.account.fieldwork import Fieldwork
from cpis_analysis.intake.account.working_tables import Table
from cpis_analysis.intake.dictionary.dictionary import Dictionary
from cpis_analysis.intake.rules.cells import rules_for, steps_for
from cpis_analysis.intake.values.cell_rule import ValueSettings
from cpis_analysis.intake.values.codes import folded
from cpis_analysis.intake.values.dates import is_plain_date
from cpis_analysis.plan.schema import Cleaning, Data
from cpis_analysis.plan.schema_design import Design
from cpis_analysis.plan.schema_intake import Pseudonym

if TYPE_CHECKING:
    import pandas as pd

_SHORTEST_SALT = 16
_LENGTH = 20
_NAMED_IN_VAIN = "names it, but it is not in the dictionary"


def _age_problems(dictionary: Dictionary, data: Data) -> Iterator[Problem]:
    """What ages are made from is a date of birth that stays out, and another date."""
    for name, rule in data.privacy.age.items():
        for wanted, what in ((name, "number"), (rule.born, "date"), (rule.at, "date")):
            variable = dictionary.get(wanted)
            if variable is None:
                yield dictionary.absent(wanted, "data.privacy.age", _NAMED_IN_VAIN)
            elif (what == "number" and not variable.is_numeric) or (what == "date" and variable.type != "date"):
                yield dictionary.unfit(wanted, f"needs a {what} here", "data.privacy.age")
        if rule.born in dictionary and not dictionary[rule.born].identifier:
            yield dictionary.unfit(
                rule.born,
                "a date of birth must be marked as identifier",
                instead="write y in its column Identifier? of the dictionary",
            )


def privacy_problems(dictionary: Dictionary, data: Data, root: Path) -> list[Problem]:
    """What plan and dictionary say about identifiers that cannot be true."""
    problems = list(_age_problems(dictionary, data))
    problems += [
        dictionary.absent(name, "data.privacy.known_harmless", _NAMED_IN_VAIN)
        for name in data.privacy.known_harmless
        if name not in dictionary
    ]
    part = data.privacy.pseudonym
    if part is not None:
        for name in part.of:
            if name not in dictionary or not dictionary[name].identifier:
                why = "names it, but the dictionary has no such identifier"
                problems.append(dictionary.absent(name, "data.privacy.pseudonym", why))
        if part.variable in dictionary:
            problems.append(
                Problem(
                    "the pseudonym has the name of a variable",
                    dictionary.file,
                    variable=part.variable,
                    hint="choose another name for it",
                )
            )
        if part.salt_file is not None and (root / part.salt_file).resolve().is_relative_to(root.resolve()):
            key = ("data", "privacy", "pseudonym", "salt_file")
            message = f"{'.'.join(key)} lies inside the project's folder and may be shared by accident"
            problems.append(Problem(message, hint="name a file outside of it", key=key))
    return problems


def add_derived_columns(tables: list[Table], dictionary: Dictionary, data: Data) -> None:
    """Give files an empty column for each age that is to be derived and that they don't have."""
    for name, rule in data.privacy.age.items():
        variable = dictionary[name]
        for table in tables:
            if table.holds not in ("interviews", "wide"):
                continue
            columns = (
                {table.wave: name}
                if table.holds == "interviews"
                else {wave: f"{name}_{wave}" for wave in variable.waves}
            )
            for wave, column in columns.items():
                at = rule.at if table.holds == "interviews" else f"{rule.at}_{wave}"
                if wave in variable.waves and column not in table.raw and at in table.raw:
                    blank = np.full(len(table), "", dtype=object)
                    table.raw[column] = blank
                    table.cells[column] = blank
                    table.variables[column] = variable


def derive_ages(
    fieldwork: Fieldwork, journal: Journal, dictionary: Dictionary, data: Data, design: Design, cleaning: Cleaning
) -> None:
    """Fill ages from the date of birth; an age that was asked and differs by more than a year is asked about.

    Messages hold the age, never the date.
    """
    for name, rule in data.privacy.age.items():
        births = _births(fieldwork, dictionary, rule.born, design, cleaning)
        for stack in fieldwork.interviews.values():
            if name not in stack or rule.at not in stack:
                continue
            variable = stack.variable(name)
            rows = np.flatnonzero(stack.present() & (stack.text(rule.at) != ""))
            born = [births.get(person, "") for person in stack.ids()[rows]]
            ages = as_column(_age_text(day, at) for day, at in zip(born, stack.text(rule.at)[rows], strict=True))
            given = stack.text(name)[rows]
            fits = np.array([bool(age) and variable.within(float(age)) for age in ages], dtype=bool)
            reason = f"completed years at {dictionary.label(rule.at).lower()}"
            fill = fits & (given == "")
            journal.change_stack(stack, rows[fill], name, ages[fill], "derived_age", reason)
            off = np.array([bool(a) and not b for a, b in zip(ages, fits, strict=True)], dtype=bool) & (given == "")
            question = f"{variable.label}: the date of birth gives an age outside {variable.allowed}. Is it right?"
            journal.ask_stack(stack, rows[off], name, "", "derived_age", question, "left missing")
            differs = np.array(
                [
                    bool(fit) and bool(text) and abs(float(text) - float(age)) > 1
                    for fit, text, age in zip(fits, given, ages, strict=True)
                ],
                dtype=bool,
            )
            questions = as_column(
                f"{variable.label}: {text} was entered, the date of birth gives {age}. Which is right?"
                for text, age in zip(given[differs], ages[differs], strict=True)
            )
            journal.ask_stack(
                stack, rows[differs], name, given[differs], "age_differs", questions, "the age that was entered is used"
            )


def full_years(born: date, at: date) -> int:
    """Completed years; somebody born on 29 February is a year older on 1 March."""
    return at.year - born.year - ((at.month, at.day) < (born.month, born.day))


def pseudonyms(fieldwork: Fieldwork, part: Pseudonym, root: Path, people: pd.Series) -> pd.Series:
    """Pseudonym of each person; missing where one of the identifiers is.

    Raises
    ------
    DataError
        If there is no salt.
    """
    import pandas as pd

    secret = salt(part, root)
    known: dict[str, list[str]] = {}
    for position, name in enumerate(part.of):
        for stack in fieldwork.people:
            for table in {id(piece.table): piece.table for piece in stack.parts}.values():
                if name not in table.private:
                    continue
                for person, text in zip(table.cells[stack.participant], table.private[name], strict=True):
                    if person and text.strip():
                        own = known.setdefault(person, [""] * len(part.of))
                        own[position] = own[position] or text
    return pd.Series(
        [pseudonym_of(known[person], secret) if all(known.get(person, [""])) else None for person in people],
        dtype="str",
    )


def pseudonym_of(identifiers: list[str], secret: bytes) -> str:
    """HMAC-SHA256 of the identifiers without case, spaces and punctuation; 80 bits of it, in hexadecimal digits."""
    text = "\x1f".join(folded(identifier) for identifier in identifiers)
    return hmac.new(secret, text.encode("utf-8"), hashlib.sha256).hexdigest()[:_LENGTH]


def salt(part: Pseudonym, root: Path) -> bytes:
    """The secret salt, from the environment or from a file outside the project.

    Raises
    ------
    DataError
        If there is none, or it is too short to be secret.
    """
    text = os.environ.get(part.salt_variable, "").strip()
    if not text and part.salt_file is not None:
        path = root / Path(part.salt_file).expanduser()
        try:
            text = path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            text = ""
    if len(text) < _SHORTEST_SALT:
        hint = f"set the environment variable {part.salt_variable} to a secret of at least {_SHORTEST_SALT} characters"
        found = "the salt is too short" if text else "there is no salt"
        raise DataError("Pseudonyms cannot be made.", Problem(found, hint=hint))
    return text.encode("utf-8")


def _births(
    fieldwork: Fieldwork, dictionary: Dictionary, born: str, design: Design, cleaning: Cleaning
) -> Mapping[str, str]:
    """Dates of birth by person, read like any date; people with two different ones have none."""
    variable = dictionary[born]
    found: dict[str, set[str]] = {}
    for table in fieldwork.tables:
        for column, texts in table.private.items():
            if column != born or design.participant not in table.cells:
                continue
            settings = ValueSettings(cleaning, table.decimal_comma, table.format)
            for person, text in zip(table.cells[design.participant], texts, strict=True):
                steps = steps_for(text, variable, rules_for(variable), settings)
                day = steps[-1].after if steps else text
                if person and is_plain_date(day):
                    found.setdefault(person, set()).add(day)
    return {person: next(iter(days)) for person, days in found.items() if len(days) == 1}


def _age_text(born: str, at: str) -> str:
    if not born or not at or at < born:
        return ""
    return str(full_years(date.fromisoformat(born), date.fromisoformat(at)))
