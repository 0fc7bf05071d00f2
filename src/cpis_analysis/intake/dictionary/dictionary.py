"""The data dictionary: the single statement of what each variable is.

Layout: the 18 columns of a REDCap data dictionary, and two more. ``Missing Codes``
(``9, Missing | 99, Refused``) says which values stand for no answer and why;
``Waves`` (``0m;6m``) says in which interviews a variable is asked and is empty for
what belongs to a person, a team or a theme.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from cpis_analysis.errors import DataError, Problem, did_you_mean
from cpis_analysis.intake.dictionary.branching import check_branching
from cpis_analysis.intake.dictionary.conditions import Group, Literal, Reference
from cpis_analysis.intake.dictionary.row import read_row
from cpis_analysis.intake.dictionary.variable import Variable
from cpis_analysis.intake.text_files.text_rows import Rows, decode_file, read_rows
from cpis_analysis.plan.dictionary_columns import COLUMNS

__all__ = ["Dictionary", "Variable", "read_dictionary"]

_NOT_DATA = {"descriptive", "file", "signature"}


_ADD_IT = "add a line for it to the dictionary, or take it out of the plan"
_CORRECT_IT = "correct its line in the dictionary, or name another variable in the plan"


class Dictionary(Mapping[str, Variable]):
    """Variables by name, in the order of the file.

    Parameters
    ----------
    variables : iterable of Variable
    file : str
        What messages call the dictionary.
    """

    def __init__(self, variables: Iterable[Variable], file: str) -> None:
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
            problem = Problem(
                "is not in the dictionary",
                self.file,
                variable=name,
                hint=did_you_mean(name, self) or "add a line for it to the dictionary",
            )
            raise DataError("A variable is not known.", problem)
        return self._variables[name]

    def absent(self, name: str, key: str, why: str) -> Problem:
        """A variable that a key of the plan names and that is not there, with the nearest name."""
        path = tuple(key.split("."))
        return Problem(f"{key} {why}", self.file, variable=name, hint=did_you_mean(name, self) or _ADD_IT, key=path)

    def unfit(self, name: str, message: str, key: str = "", instead: str = "") -> Problem:
        """A variable that is there and does not do, with its line; the key of the plan where the message begins so."""
        path = tuple(key.split(".")) if key else ()
        return Problem(
            f"{key} {message}".lstrip(),
            self.file,
            self[name].line,
            variable=name,
            hint=instead or _CORRECT_IT,
            key=path,
        )

    def label(self, name: str) -> str:
        """Label of a variable."""
        return self.variable(name).label

    def choices(self, name: str) -> dict[str, str]:
        """Labels by code, in the dictionary's order; empty if it is not a category."""
        return dict(self.variable(name).choices)

    def asked_if(self, name: str) -> tuple[tuple[str, str], ...]:
        """Answers that let a question be asked, as (variable, code); none where all are asked, or it is less plain.

        Plain is ``[x] = 'code'``, or several of these that must all hold.
        """
        condition = self.variable(name).branching
        if condition is None:
            return ()
        tree = condition.tree
        if isinstance(tree, Group) and tree.joined_by != "and":
            return ()
        found = []
        for one in condition.comparisons():
            left, right = one.left, one.right
            if one.operator != "=" or not isinstance(left, Reference) or not isinstance(right, Literal) or left.event:
                return ()
            found.append((left.variable, right.text))
        return tuple(found)

    def for_wave(self, wave: str) -> tuple[Variable, ...]:
        """Variables asked at a wave."""
        return tuple(variable for variable in self._variables.values() if wave in variable.waves)


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
                problems.append(
                    Problem(
                        "the dictionary has a header and no variable",
                        file=name,
                        hint="add a line for each variable: cpis dictionary draft FILE makes a first one",
                    )
                )
    if problems:
        raise DataError("The data dictionary cannot be used.", problems)
    return Dictionary(variables, name)


def _column_problems(rows: Rows, name: str) -> list[Problem]:
    needed = ("Variable / Field Name", "Form Name", "Field Type", "Field Label")
    problems = [
        Problem(
            f"the column '{column}' is missing",
            name,
            1,
            hint=did_you_mean(column, rows.header) or "add the column: docs/formats.md has those of a dictionary",
        )
        for column in needed
        if column not in rows.header
    ]
    for column in dict.fromkeys(rows.header):
        if rows.header.count(column) > 1:
            problems.append(
                Problem(
                    f"the column '{column}' stands {rows.header.count(column)} times",
                    name,
                    1,
                    hint="remove all but one of them",
                )
            )
        if column not in COLUMNS:
            unused = [known for known in COLUMNS if known not in rows.header]
            problems.append(
                Problem(
                    f"the column '{column}' is not known",
                    name,
                    1,
                    hint=did_you_mean(column, unused) or "remove the column, or name it as docs/formats.md does",
                )
            )
    return problems


def _read_variables(rows: Rows, file: str, problems: list[Problem]) -> list[Variable]:
    variables: dict[str, Variable] = {}
    for line, cells in rows.rows:
        row = {column: cell.strip() for column, cell in zip(rows.header, cells, strict=True)}
        if not any(row.values()) or row["Field Type"].lower() in _NOT_DATA:
            continue
        for variable in read_row(row, line, file, problems):
            if variable.name in variables:
                first = variables[variable.name].line
                problems.append(
                    Problem(
                        f"stands twice, first on line {first}",
                        file,
                        line,
                        variable=variable.name,
                        hint="remove one of the two lines, or rename its variable",
                    )
                )
            else:
                variables[variable.name] = variable
    return [check_branching(variable, variables, file, problems) for variable in variables.values()]
