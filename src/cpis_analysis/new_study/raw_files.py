"""The files of a new study, and what their columns hold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from cpis_analysis.errors import DataError, Problem, did_you_mean
from cpis_analysis.intake.account.delivered import Delivered, MissingCodes
from cpis_analysis.intake.files.read_file import read_file
from cpis_analysis.intake.files.redcap import (
    EVENT_COLUMNS,
    GROUP_COLUMNS,
    event_without_arm,
    is_own_column,
    repeated_instruments,
)
from cpis_analysis.intake.files.row_numbers import without_row_names
from cpis_analysis.intake.values.cell_rule import ValueSettings
from cpis_analysis.intake.values.codes import dictionary_code, folded, usual_spellings
from cpis_analysis.intake.values.column_numbers import numbers_in, several_codes
from cpis_analysis.intake.values.written_numbers import is_plain_number, plain_text
from cpis_analysis.plan.schema import Cleaning, Source

SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".sav", ".zsav", ".dta")
"""What data files are called, where a folder is looked through for them."""

_SETTINGS = ValueSettings(Cleaning())
_SORTED = re.compile(r"^\d+[_ .:)=-]+(?=[^\W\d_])")


@dataclass(frozen=True)
class Column:
    """One column of a file.

    Attributes
    ----------
    name : str
    texts : tuple of str
        Cells, trimmed; empty where nothing stands, a word for no answer, or what the file declares missing. Numbers
        have a decimal point, whatever sign the file has.
    label : str
        The file's own label; empty if it has none.
    value_labels : mapping of str to str
    """

    name: str
    texts: tuple[str, ...]
    label: str = ""
    value_labels: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def spellings(self) -> dict[str, str]:
        """Of texts that are no numbers: the usual one of the spellings that cleaning takes for one."""
        return usual_spellings({text: n for text, n in self._written.items() if not is_plain_number(text)})

    @cached_property
    def codes(self) -> dict[str, str]:
        """The code by what is written: of numbers the value, so that 1.0 is 1; of other texts the usual spelling.

        It is without the signs that a dictionary can't have in a code.
        """
        numbers = {text: _as_number(text) for text in self._written if text not in self.spellings}
        return numbers | {text: dictionary_code(usual) for text, usual in self.spellings.items()}

    @cached_property
    def counts(self) -> dict[str, int]:
        """Number of cells by their code, blank ones left out; the most frequent first."""
        found: Counter[str] = Counter()
        for text, count in self._written.items():
            found[self.codes[text]] += count
        return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))

    @cached_property
    def _written(self) -> Counter[str]:
        """Number of cells by what is written."""
        found = Counter(self.texts)
        found.pop("", None)
        return found

    @property
    def values(self) -> list[str]:
        """Codes of the column: numbers in their order, then texts."""
        numbers = [text for text in self.counts if is_plain_number(text)]
        return [*sorted(numbers, key=float), *sorted(text for text in self.counts if not is_plain_number(text))]

    @property
    def filled(self) -> int:
        return sum(self.counts.values())

    @property
    def is_number(self) -> bool:
        """Whether nine cells in ten are numbers."""
        numbers = sum(count for text, count in self.counts.items() if is_plain_number(text))
        return self.filled > 0 and numbers >= 0.9 * self.filled

    @property
    def is_whole(self) -> bool:
        """Whether all numbers are whole."""
        return all(float(text).is_integer() for text in self.counts if is_plain_number(text))

    @property
    def is_distinct(self) -> bool:
        """Whether every row has a value of its own."""
        return self.filled == len(self.texts) == len(self.counts)

    def coded(self) -> tuple[str, ...]:
        """Codes of the cells; empty where nothing stands."""
        return self._coded

    @cached_property
    def _coded(self) -> tuple[str, ...]:
        codes = self.codes | {"": ""}
        return tuple(map(codes.__getitem__, self.texts))

    def label_of(self, value: str) -> str:
        """The file's label of a code, else how it is usually written."""
        written = self._usual.get(value, value)
        return self.value_labels.get(written, written)

    @cached_property
    def _usual(self) -> dict[str, str]:
        return {dictionary_code(usual): usual for usual in self.spellings.values()}

    def words_of(self, value: str) -> str:
        """The label of a value, without a number in front that only sorts it: ``1_yes`` is yes."""
        return _SORTED.sub("", self.label_of(value)) or value


@dataclass(frozen=True)
class RawFile:
    """One file.

    Attributes
    ----------
    path : Path
    delivered : Delivered
    columns : tuple of Column
        Without those that have no name.
    wave : str
        What the caller said of which wave it is; empty if nothing.
    sheet : str or None
    remarks : tuple of str
        What of it is not read.
    """

    path: Path
    delivered: Delivered
    columns: tuple[Column, ...]
    wave: str = ""
    sheet: str | None = None
    remarks: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        return len(self.delivered)

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    def written_as(self, name: str) -> dict[str, list[str]]:
        """What is written in the cells of a column, by code; one spelling where cleaning takes several for one."""
        cells = (str(text).strip() for text in self.delivered.columns[self.delivered.header.index(name)])
        found: dict[str, list[str]] = {}
        for written, code in dict.fromkeys(zip(cells, self[name].coded(), strict=True)):
            one = code if folded(written) == folded(code) else written
            if one not in found.setdefault(code, []):
                found[code].append(one)
        return found

    def own_columns(self) -> list[str]:
        """Columns that REDCap adds about surveys, forms and repeated instruments; not those of events and groups."""
        if self.delivered.format != "redcap":
            return []
        kept = (*EVENT_COLUMNS, *GROUP_COLUMNS)
        return [name for name in self.names if is_own_column(name) and name not in kept]

    def __getitem__(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def __contains__(self, name: object) -> bool:
        return name in self.names


def read_raw(path: Path, wave: str = "", sheet: str | None = None) -> RawFile:
    """Read a file of any layout.

    Raises
    ------
    DataError
        If it can't be used, with what to do.
    """
    delivered, problems = read_file(path, Source(file=str(path), holds="interviews", sheet=sheet))
    if delivered is None or problems:
        said = [_with_flag(problem) for problem in problems]
        raise DataError("A study can't begin with this file.", said)
    delivered = without_row_names(delivered)
    remarks = []
    if delivered.format == "redcap" and (again := repeated_instruments(delivered)).any():
        remarks = [f"not read: {again.sum():,} rows of repeated instruments in {path.name}, which belong to no wave"]
        delivered = delivered.of(~again)
    doubled = [name for name, times in Counter(delivered.header).items() if name and times > 1]
    faults = [
        Problem(
            f"the column '{name}' stands more than once", str(path), hint="give one of them another name in the file"
        )
        for name in doubled
    ]
    if not len(delivered):
        faults.append(Problem("the file has a header and no rows", str(path), hint="name the file that holds the data"))
    if faults:
        raise DataError("A study can't begin with this file.", faults)
    columns = tuple(_column(delivered, at, name) for at, name in enumerate(delivered.header) if name)
    return RawFile(path, delivered, columns, wave, sheet, tuple(remarks))


def _column(delivered: Delivered, at: int, name: str) -> Column:
    """A column; what the file declares missing is no answer, and its label none of a value."""
    declared = delivered.missing.get(at, MissingCodes())
    # each text once: files have far fewer of them than cells
    texts = {text: str(text).strip() for text in dict.fromkeys(delivered.columns[at])}
    if delivered.format == "redcap" and name in EVENT_COLUMNS:
        texts = {text: event_without_arm(cell) for text, cell in texts.items()}
    blank = {cell for cell in texts.values() if cell.casefold() in _SETTINGS.missing_texts or declared.holds(cell)}
    texts = {text: "" if cell in blank else cell for text, cell in texts.items()}
    counts: Counter[str] = Counter()
    for text, count in Counter(delivered.columns[at]).items():
        counts[texts[text]] += count
    counts.pop("", None)
    if delivered.format != "qualtrics" or not several_codes(counts):
        read, _ = numbers_in(counts, delivered.decimal_comma) or ({}, False)
        texts = {text: read.get(cell, cell) for text, cell in texts.items()}
    labels = delivered.value_labels.get(at, {})
    kept = {code: label for code, label in labels.items() if not declared.holds(code)}
    cells = tuple(map(texts.__getitem__, delivered.columns[at]))
    return Column(name, cells, delivered.labels[at], kept)


def together(files: Sequence[RawFile], columns: Mapping[str, str]) -> Column:
    """All cells of a variable that stands in several columns or files, as one column with the label of the first."""
    cells = [file[name] for name in dict.fromkeys(columns.values()) for file in files if name in file]
    first = cells[0]
    return Column(first.name, tuple(text for one in cells for text in one.texts), first.label, first.value_labels)


def column_named(files: Sequence[RawFile], name: str, role: str) -> str:
    """The column of that name, also where only case or spaces differ.

    Raises
    ------
    DataError
        If no file has it, with the columns that there are.
    """
    names = list(dict.fromkeys(column for file in files for column in file.names))
    if name in names:
        return name
    alike = [column for column in names if column.strip().casefold() == name.strip().casefold()]
    if len(alike) == 1:
        return alike[0]
    hint = did_you_mean(name, names)
    raise DataError(
        "A column that was named is not there.",
        Problem(
            f"no file has this column, which was named as {role}",
            ", ".join(str(file.path) for file in files),
            value=name,
            allowed=", ".join(names),
            hint=hint,
        ),
    )


def _with_flag(problem: Problem) -> Problem:
    """The same problem with what to say to `cpis new`, where the answer is an option of it."""
    if problem.hint == "name one with sheet:":
        return replace(problem, hint="name one with --sheet")
    return problem


def _as_number(text: str) -> str:
    return plain_text(float(text)) if len(text) < 16 else text
