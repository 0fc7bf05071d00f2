"""One row of a REDCap data dictionary, and what can be wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from cpis_analysis.errors import Problem
from cpis_analysis.intake.dictionary.conditions import Condition, ConditionError, checkbox_name, parse_condition
from cpis_analysis.intake.dictionary.variable import TRUE_FALSE, YES_NO, Box, Variable, bound_text
from cpis_analysis.plan.dictionary_columns import CHOICES, NOTE, VALIDATION

Fault = Callable[..., None]
"""Notes a problem of the row: message, value, what is allowed, hint."""

Bound = float | date | None

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}\Z")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)\Z")
_COMMA = "comma_decimal"
_NO_BOUND = {"", "today", "now"}


def read_row(row: dict[str, str], line: int, file: str, problems: list[Problem]) -> list[Variable]:
    """Read one row.

    Parameters
    ----------
    row : dict
        Cells by column, trimmed.
    line : int
    file : str
        What messages call the dictionary.
    problems : list of Problem
        What is wrong is added here.

    Returns
    -------
    list of Variable
        One; for a checkbox one a choice, called ``name___code``; none if the name is no name.
    """
    name = row["Variable / Field Name"]

    def fault(message: str, value: str | None = None, allowed: str | None = None, hint: str | None = None) -> None:
        problems.append(Problem(message, file, line, variable=name or None, value=value, allowed=allowed, hint=hint))

    if not _NAME.match(name):
        fault(
            "the name of the variable is missing" if not name else "is not a name: letters, digits and _ only",
            hint="write a name that begins with a letter, or remove the line",
        )
        return []
    kind = _type(row, fault)
    choices = _choices(row, kind, fault)
    if kind == "checkbox":
        missing = _pairs(row.get("Missing Codes", ""), "missing code", fault)
        _check_missing(missing, kind, choices, None, None, fault)
        return _checkbox(row, line, choices, missing, _condition(row, fault))
    low = _bound(row, "Text Validation Min", kind, fault)
    high = _bound(row, "Text Validation Max", kind, fault)
    if _crossed(low, high):
        fault(
            f"the smallest allowed value {bound_text(low)} is above the largest, {bound_text(high)}",
            hint="exchange the two",
        )
    missing = _pairs(row.get("Missing Codes", ""), "missing code", fault)
    _check_missing(missing, kind, choices, low, high, fault)
    return [
        Variable(
            name=name,
            form=row["Form Name"],
            label=row["Field Label"] or name,
            type=kind,
            choices=choices,
            low=low,
            high=high,
            missing=missing,
            waves=_waves(row, fault),
            branching=_condition(row, fault),
            identifier=_is_yes(row.get("Identifier?", "")),
            required=_is_yes(row.get("Required Field?", "")),
            note=row.get(NOTE, ""),
            line=line,
            decimal_comma=kind == "number" and row.get(VALIDATION, "").lower().endswith(_COMMA),
        )
    ]


def _type(row: dict[str, str], fault: Fault) -> str:
    field_type = row["Field Type"].lower()
    validation = row.get(VALIDATION, "").lower()
    if field_type == "text":
        if validation == "integer":
            return "integer"
        if validation.startswith("number"):
            return "number"
        if validation.startswith(("date_", "datetime_")):
            return "date"
        return "text"
    known = {
        "notes": "text",
        "calc": "number",
        "slider": "number",
        "radio": "category",
        "dropdown": "category",
        "truefalse": "yesno",
        "yesno": "yesno",
        "checkbox": "checkbox",
    }
    if field_type not in known:
        fault("the field type is not known", row["Field Type"], ", ".join(["text", *known]))
    return known.get(field_type, "text")


def _choices(row: dict[str, str], kind: str, fault: Fault) -> dict[str, str]:
    if row["Field Type"].lower() == "truefalse":
        return dict(TRUE_FALSE)
    if kind == "yesno":
        return dict(YES_NO)
    if kind not in ("category", "checkbox"):
        return {}
    choices = _pairs(row.get(CHOICES, ""), "choice", fault)
    if not choices:
        fault(
            "a category needs choices, such as 'yes, Yes | no, No'",
            hint="write its choices, or give it the field type text",
        )
    return choices


def _pairs(text: str, what: str, fault: Fault) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for part in text.split("|") if text.strip() else []:
        code, _, label = (piece.strip() for piece in part.partition(","))
        if not code and not label:
            continue
        if not code:
            fault(f"a {what} has no code", part, hint="write a code before its label: 1, Yes")
        elif code in pairs:
            fault(f"the {what} stands twice", code, hint="remove one of the two")
        else:
            pairs[code] = label or code
    return pairs


def _checkbox(
    row: dict[str, str], line: int, choices: dict[str, str], missing: dict[str, str], branching: Condition | None
) -> list[Variable]:
    return [
        Variable(
            name=checkbox_name(row["Variable / Field Name"], code),
            form=row["Form Name"],
            label=f"{row['Field Label']}: {label}",
            type="yesno",
            choices=dict(YES_NO),
            missing=missing,
            waves=_waves(row, lambda *_, **__: None),
            branching=branching,
            identifier=_is_yes(row.get("Identifier?", "")),
            line=line,
            box=Box(row["Variable / Field Name"], row["Field Label"], code, label),
        )
        for code, label in choices.items()
    ]


def _bound(row: dict[str, str], column: str, kind: str, fault: Fault) -> Bound:
    text = row.get(column, "")
    if text.lower() in _NO_BOUND:
        return None
    if kind == "date":
        try:
            return date.fromisoformat(text[:10])
        except ValueError:
            fault(
                f"{column} is not a date",
                text,
                "year-month-day",
                hint="write it as year-month-day, or leave the cell empty",
            )
            return None
    number = text.replace(",", ".") if row.get(VALIDATION, "").lower().endswith(_COMMA) else text
    if not _NUMBER.match(number):
        fault(f"{column} is not a number", text, hint="write a number, or leave the cell empty")
        return None
    return float(number)


def _crossed(low: Any, high: Any) -> bool:
    return low is not None and high is not None and low > high


def _check_missing(
    missing: dict[str, str], kind: str, choices: dict[str, str], low: Any, high: Any, fault: Fault
) -> None:
    for code in missing:
        if code in choices:
            fault("is a choice and a missing code at once", code, hint="remove it from one of the two")
        if kind == "checkbox" and code in ("0", "1"):
            fault(
                "says in a checkbox whether the box is ticked, so it can't be a missing code",
                code,
                hint="choose another missing code",
            )
        if kind in ("integer", "number") and _NUMBER.match(code) and low is not None and high is not None:
            if low <= float(code) <= high:
                allowed = f"{bound_text(low)} to {bound_text(high)}"
                fault(
                    f"the missing code lies inside the allowed range ({allowed}), so it can mean two things",
                    code,
                    hint="choose a missing code outside of it, or a narrower range",
                )


def _waves(row: dict[str, str], fault: Fault) -> tuple[str, ...]:
    waves = [wave.strip() for wave in re.split(r"[;,|]", row.get("Waves", "")) if wave.strip()]
    if len(set(waves)) < len(waves):
        fault("a wave stands twice", row.get("Waves"), hint="name each wave once")
    return tuple(dict.fromkeys(waves))


def _condition(row: dict[str, str], fault: Fault) -> Condition | None:
    text = row.get("Branching Logic (Show field only if...)", "")
    if not text:
        return None
    try:
        return parse_condition(text)
    except ConditionError as error:
        fault(f"the branching logic {error}", text, hint="write it as REDCap does: [variable] = 'code'")
        return None


def _is_yes(text: str) -> bool:
    return text.lower() in ("y", "yes", "1", "true", "x")
