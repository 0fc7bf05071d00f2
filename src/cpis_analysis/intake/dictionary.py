"""The data dictionary: the single statement of what each variable is.

Layout: the 18 columns of a REDCap data dictionary, and two more. ``Missing Codes``
(``9, Missing | 99, Refused``) says which values stand for no answer and why;
``Waves`` (``0m;6m``) says in which interviews a variable is asked and is empty for
what belongs to a person, a team or a theme.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from cpis_analysis.errors import DataError, Problem, did_you_mean
from cpis_analysis.intake.conditions import (
    Comparison,
    Condition,
    ConditionError,
    Group,
    Literal,
    Reference,
    parse_condition,
)
from cpis_analysis.intake.rows import Rows, decode_file, read_rows

__all__ = ["COLUMNS", "REDCAP_COLUMNS", "Dictionary", "Variable", "read_dictionary"]

REDCAP_COLUMNS = (
    "Variable / Field Name",
    "Form Name",
    "Section Header",
    "Field Type",
    "Field Label",
    "Choices, Calculations, OR Slider Labels",
    "Field Note",
    "Text Validation Type OR Show Slider Number",
    "Text Validation Min",
    "Text Validation Max",
    "Identifier?",
    "Branching Logic (Show field only if...)",
    "Required Field?",
    "Custom Alignment",
    "Question Number (surveys only)",
    "Matrix Group Name",
    "Matrix Ranking?",
    "Field Annotation",
)
COLUMNS = (*REDCAP_COLUMNS, "Missing Codes", "Waves")

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}\Z")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)\Z")
_NOT_DATA = {"descriptive", "file", "signature"}
_YES_NO = {"yes": "Yes", "no": "No"}
_YES_NO_CODES = {"1": "yes", "0": "no"}
_TRUE_FALSE = {"true": "True", "false": "False"}
_TRUE_FALSE_CODES = {"1": "true", "0": "false"}
_NO_BOUND = {"", "today", "now"}


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
        low, high = _shown(self.low), _shown(self.high)
        if low and high:
            return f"{kind} from {low} to {high}"
        if low or high:
            return f"{kind} of at least {low}" if low else f"{kind} of at most {high}"
        return kind


class Dictionary(Mapping[str, Variable]):
    """Variables by name, in the order of the file.

    Parameters
    ----------
    variables : iterable of Variable
    file : str
        What messages call the dictionary.
    """

    def __init__(self, variables: Iterator[Variable] | tuple[Variable, ...] | list[Variable], file: str) -> None:
        self._variables = {variable.name: variable for variable in variables}
        self.file = file

    def __getitem__(self, name: str) -> Variable:
        return self._variables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._variables)

    def __len__(self) -> int:
        return len(self._variables)

    def variable(self, name: str) -> Variable:
        """The variable of that name.

        Raises
        ------
        DataError
            If there is none, with the nearest name.
        """
        if name not in self._variables:
            problem = Problem("is not in the dictionary", self.file, variable=name, hint=did_you_mean(name, self))
            raise DataError("A variable is not known.", [problem])
        return self._variables[name]

    def label(self, name: str) -> str:
        """Label of a variable."""
        return self.variable(name).label

    def choices(self, name: str) -> dict[str, str]:
        """Labels by code, in the dictionary's order; empty if it is not a category."""
        return dict(self.variable(name).choices)

    def for_wave(self, wave: str) -> tuple[Variable, ...]:
        """Variables asked at a wave."""
        return tuple(variable for variable in self._variables.values() if wave in variable.waves)

    def for_form(self, form: str) -> tuple[Variable, ...]:
        """Variables of a form."""
        return tuple(variable for variable in self._variables.values() if variable.form == form)


def read_dictionary(path: str | Path, name: str | None = None) -> Dictionary:
    """Read a data dictionary.

    Parameters
    ----------
    path : path
        A CSV file, UTF-8, with the columns of `COLUMNS` in any order; columns of
        REDCap's that say nothing here may be absent.
    name : str, optional
        What messages call the file; default: the path as given.

    Raises
    ------
    DataError
        With every problem of the file, each with its line.
    """
    name = str(path) if name is None else name
    text, problems = decode_file(Path(path), name)
    rows = None
    if text is not None:
        rows, problems = read_rows(text, name)
    variables: list[Variable] = []
    if rows is not None:
        column_problems = _column_problems(rows, name)
        problems = [*problems, *column_problems]
        if not column_problems:
            variables = _read_variables(rows, name, problems)
            if not variables and not problems:
                problems.append(Problem("the dictionary has a header and no variable", file=name))
    if problems:
        raise DataError("The data dictionary cannot be used.", problems)
    return Dictionary(variables, name)


def _column_problems(rows: Rows, name: str) -> list[Problem]:
    needed = ("Variable / Field Name", "Form Name", "Field Type", "Field Label")
    problems = [
        Problem(f"the column '{column}' is missing", name, 1, hint=did_you_mean(column, rows.header))
        for column in needed
        if column not in rows.header
    ]
    for column in dict.fromkeys(rows.header):
        if rows.header.count(column) > 1:
            problems.append(Problem(f"the column '{column}' stands {rows.header.count(column)} times", name, 1))
        if column not in COLUMNS:
            unused = [known for known in COLUMNS if known not in rows.header]
            problems.append(
                Problem(f"the column '{column}' is not known", name, 1, hint=did_you_mean(column, unused))
            )
    return problems


def _read_variables(rows: Rows, file: str, problems: list[Problem]) -> list[Variable]:
    variables: dict[str, Variable] = {}
    for line, cells in rows.rows:
        row = {column: cell.strip() for column, cell in zip(rows.header, cells, strict=True)}
        if not any(row.values()) or row["Field Type"].lower() in _NOT_DATA:
            continue
        for variable in _read_row(row, line, file, problems):
            if variable.name in variables:
                first = variables[variable.name].line
                problems.append(Problem(f"stands twice, first on line {first}", file, line, variable=variable.name))
            else:
                variables[variable.name] = variable
    return [_check_branching(variable, variables, file, problems) for variable in variables.values()]


def _read_row(row: dict[str, str], line: int, file: str, problems: list[Problem]) -> list[Variable]:
    name = row["Variable / Field Name"]

    def fault(message: str, value: str | None = None, allowed: str | None = None, hint: str | None = None) -> None:
        problems.append(Problem(message, file, line, variable=name or None, value=value, allowed=allowed, hint=hint))

    if not _NAME.match(name):
        fault("the name of the variable is missing" if not name else "is not a name: letters, digits and _ only")
        return []
    kind = _type(row, fault)
    choices = _choices(row, kind, fault)
    if kind == "checkbox":
        return _checkbox(row, line, choices, _condition(row, fault))
    low = _bound(row, "Text Validation Min", kind, fault)
    high = _bound(row, "Text Validation Max", kind, fault)
    if low is not None and high is not None and low > high:
        fault(f"the smallest allowed value {_shown(low)} is above the largest, {_shown(high)}")
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
            note=row.get("Field Note", ""),
            line=line,
        )
    ]


def _type(row: dict[str, str], fault) -> str:
    field_type = row["Field Type"].lower()
    validation = row.get("Text Validation Type OR Show Slider Number", "").lower()
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


def _choices(row: dict[str, str], kind: str, fault) -> dict[str, str]:
    if row["Field Type"].lower() == "truefalse":
        return dict(_TRUE_FALSE)
    if kind == "yesno":
        return dict(_YES_NO)
    if kind not in ("category", "checkbox"):
        return {}
    choices = _pairs(row.get("Choices, Calculations, OR Slider Labels", ""), "choice", fault)
    if not choices:
        fault("a category needs choices, such as 'yes, Yes | no, No'")
    return choices


def _pairs(text: str, what: str, fault) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for part in text.split("|") if text.strip() else []:
        code, _, label = (piece.strip() for piece in part.partition(","))
        if not code:
            fault(f"a {what} has no code", part)
        elif code in pairs:
            fault(f"the {what} stands twice", code)
        else:
            pairs[code] = label or code
    return pairs


def _checkbox(
    row: dict[str, str], line: int, choices: dict[str, str], branching: Condition | None
) -> list[Variable]:
    return [
        Variable(
            name=f"{row['Variable / Field Name']}___{code}",
            form=row["Form Name"],
            label=f"{row['Field Label']}: {label}",
            type="yesno",
            choices=dict(_YES_NO),
            waves=_waves(row, lambda *_, **__: None),
            branching=branching,
            identifier=_is_yes(row.get("Identifier?", "")),
            line=line,
        )
        for code, label in choices.items()
    ]


def _bound(row: dict[str, str], column: str, kind: str, fault) -> float | date | None:
    text = row.get(column, "")
    if text.lower() in _NO_BOUND:
        return None
    if kind == "date":
        try:
            return date.fromisoformat(text[:10])
        except ValueError:
            fault(f"{column} is not a date", text, "year-month-day")
            return None
    if not _NUMBER.match(text):
        fault(f"{column} is not a number", text)
        return None
    return float(text)


def _check_missing(missing: dict[str, str], kind: str, choices: dict[str, str], low, high, fault) -> None:
    for code in missing:
        if code in choices:
            fault("is a choice and a missing code at once", code)
        if kind in ("integer", "number") and _NUMBER.match(code) and None not in (low, high):
            if low <= float(code) <= high:
                allowed = f"{_shown(low)} to {_shown(high)}"
                fault(f"the missing code lies inside the allowed range ({allowed}), so it can mean two things", code)


def _waves(row: dict[str, str], fault) -> tuple[str, ...]:
    waves = [wave.strip() for wave in re.split(r"[;,|]", row.get("Waves", "")) if wave.strip()]
    if len(set(waves)) < len(waves):
        fault("a wave stands twice", row.get("Waves"))
    return tuple(dict.fromkeys(waves))


def _condition(row: dict[str, str], fault) -> Condition | None:
    text = row.get("Branching Logic (Show field only if...)", "")
    if not text:
        return None
    try:
        return parse_condition(text)
    except ConditionError as error:
        fault(f"the branching logic {error}", text)
        return None


def _check_branching(
    variable: Variable, variables: dict[str, Variable], file: str, problems: list[Problem]
) -> Variable:
    if variable.branching is None:
        return variable
    unknown = [name for name in variable.branching.variables() if name not in variables]
    for name in unknown:
        problems.append(
            Problem(
                f"the branching logic asks for '{name}', which is not in the dictionary",
                file, variable.line, variable=variable.name, hint=did_you_mean(name, variables),
            )
        )
    if unknown:
        return variable
    for comparison in variable.branching.comparisons():
        asked, literal = _sides(comparison)
        if asked is None or literal is None or comparison.operator not in ("=", "<>") or not literal.text:
            continue
        other = variables[asked.variable]
        code = _own_code(other, literal.text)
        if other.is_categorical and code not in other.choices:
            problems.append(
                Problem(
                    f"the branching logic compares '{other.name}' with a code that it does not have",
                    file, variable.line, variable=variable.name, value=literal.text,
                    allowed=", ".join(other.choices), hint=did_you_mean(literal.text, other.choices),
                )
            )
    tree = _with_own_codes(variable.branching.tree, variables)
    return replace(variable, branching=Condition(variable.branching.text, tree))


def _with_own_codes(tree: Comparison | Group, variables: dict[str, Variable]) -> Comparison | Group:
    """REDCap writes 1 and 0 for yes and no; the clean values are words."""
    if isinstance(tree, Group):
        return Group(tree.joined_by, tuple(_with_own_codes(part, variables) for part in tree.parts))
    asked, literal = _sides(tree)
    if asked is None or literal is None:
        return tree
    own = Literal(_own_code(variables[asked.variable], literal.text))
    return replace(tree, right=own) if tree.right is literal else replace(tree, left=own)


def _sides(comparison: Comparison) -> tuple[Reference | None, Literal | None]:
    sides = (comparison.left, comparison.right)
    asked = next((side for side in sides if isinstance(side, Reference)), None)
    return asked, next((side for side in sides if isinstance(side, Literal)), None)


def _own_code(variable: Variable, text: str) -> str:
    if variable.type != "yesno":
        return text
    return (_YES_NO_CODES if "yes" in variable.choices else _TRUE_FALSE_CODES).get(text, text)


def _is_yes(text: str) -> bool:
    return text.lower() in ("y", "yes", "1", "true", "x")


def _shown(bound: float | date | None) -> str:
    if bound is None:
        return ""
    return bound.isoformat() if isinstance(bound, date) else f"{bound:g}"
