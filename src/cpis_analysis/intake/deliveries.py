"""Raw files into tables of text, or one list of everything that makes them unusable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from cpis_analysis.errors import DataError, Problem
from cpis_analysis.files import sha256
from cpis_analysis.intake.account.delivered import Delivered
from cpis_analysis.intake.account.working_tables import Aside, Notice, Table
from cpis_analysis.intake.dictionary.dictionary import Dictionary, Variable
from cpis_analysis.intake.dictionary.expected_columns import (
    Layout,
    columns_of,
    layout_problems,
    person_level,
    team_keys,
    waves_of,
)
from cpis_analysis.intake.files.asides import asides_of, unknown_events
from cpis_analysis.intake.files.cell_notices import checkbox_cells, filled, notices_of, without_account
from cpis_analysis.intake.files.checkboxes import checkboxes_in
from cpis_analysis.intake.files.checksums import checksum_problems
from cpis_analysis.intake.files.header import Header, read_header
from cpis_analysis.intake.files.read_file import read_file
from cpis_analysis.intake.files.row_numbers import number_rows_problems, rows_of_people
from cpis_analysis.intake.files.source_report import SourceReport
from cpis_analysis.intake.files.translate import translate
from cpis_analysis.intake.files.waves import PERSON, waves_of_rows
from cpis_analysis.intake.privacy.withdrawal import Withdrawal
from cpis_analysis.intake.rules.declared import declared_problems
from cpis_analysis.intake.rules.screening import screening_problems
from cpis_analysis.intake.values.codes import folded
from cpis_analysis.plan.file_formats import file_format
from cpis_analysis.plan.naming import study_words
from cpis_analysis.plan.schema import Cleaning, Data, Source
from cpis_analysis.plan.schema_design import Design

_NO_INTERVIEW = "none"


@dataclass(frozen=True)
class Reading:
    """All raw files.

    Attributes
    ----------
    tables : list of Table
        In the plan's order; a file of all waves is one table a wave.
    reports : list of SourceReport
    events : dict
        Wave by event of long files; None for rows about the person.
    """

    tables: list[Table]
    reports: list[SourceReport]
    events: dict[str, str | None] = field(default_factory=dict)


def read_sources(
    data: Data,
    design: Design,
    cleaning: Cleaning,
    dictionary: Dictionary,
    root: Path,
    withdrawal: Withdrawal | None = None,
) -> Reading:
    """Read every raw file of the plan, without the rows of people who withdrew consent.

    Raises
    ------
    DataError
        With the structural faults of all files at once: missing, empty, header only, damaged, another encoding or
        layout than the plan says, cut rows, missing, unknown or doubled columns, codes that file and dictionary
        call differently, checksums that differ. Faults of single cells are no errors; cleaning deals with them.
    """
    problems = layout_problems(dictionary, data, design, cleaning)
    problems += number_rows_problems(data.sources, len(design.waves))
    problems += declared_problems(dictionary, data, design, cleaning)
    problems += screening_problems(dictionary, data, design)
    if problems:
        raise DataError("The dictionary does not fit the plan.", problems)
    reading = Reading([], [])
    persons = frozenset(person_level(dictionary, data, design))
    for name, source in data.sources.items():
        layout = columns_of(source, dictionary, data, design)
        problems += _Reader(name, source, layout, dictionary, design, persons, withdrawal).read(root, reading)
    problems += _same_file_twice(data, root)
    if data.checksums is not None:
        files = list(dict.fromkeys(source.file for source in data.sources.values()))
        problems += checksum_problems(data.checksums, [*files, data.dictionary], root)
    if problems:
        raise DataError("The raw data cannot be used as delivered.", problems)
    if withdrawal is not None:
        reading.tables[:] = withdrawal.drop_late(reading.tables, team_keys(design))
    return reading


def _same_file_twice(data: Data, root: Path) -> list[Problem]:
    """Interviews of two waves in files with the same bytes: one of them is the wrong wave's."""
    seen: dict[tuple[str, str | None], str] = {}
    problems = []
    for source in data.sources.values():
        path = root / source.file
        if source.kind != "interviews" or not path.is_file():
            continue
        first = seen.setdefault((sha256(path), source.sheet), source.file)
        if (
            first != source.file
            or sum(s.file == source.file and s.sheet == source.sheet for s in data.sources.values()) > 1
        ):
            message = "is the file of another wave" if first == source.file else f"is the same file as {first}"
            problems.append(
                Problem(message, source.file, hint="one of the two waves was delivered twice: ask for the other")
            )
    return list(dict.fromkeys(problems))


class _Reader:
    """One source of the plan."""

    def __init__(
        self,
        name: str,
        source: Source,
        layout: Layout,
        dictionary: Dictionary,
        design: Design,
        persons: frozenset[str],
        withdrawal: Withdrawal | None,
    ) -> None:
        self.withdrawal = withdrawal
        self.name, self.source, self.layout = name, source, layout
        self.dictionary, self.design, self.persons = dictionary, design, persons

    def read(self, root: Path, reading: Reading) -> list[Problem]:
        delivered, problems = read_file(root / self.source.file, self.source, self._names())
        if delivered is None:
            return problems
        columns = len(delivered.header)
        delivered, found = rows_of_people(delivered, self.name, self.source, self.design.participant)
        problems += found
        wrong = self._wrong_separator(delivered)
        if wrong is not None:
            return [*problems, wrong]
        header, found = read_header(delivered, self.source, self.layout.required, self.layout.optional, self.dictionary)
        problems += found
        if not len(delivered) and not problems:
            problems.append(
                Problem(
                    "the file has a header and no rows",
                    self.source.file,
                    hint="ask for the file with its rows, or take it out of data.sources",
                )
            )
        if problems:
            return problems
        rows_delivered = len(delivered)
        if self.withdrawal is not None:
            delivered = self.withdrawal.drop(delivered, header, self.name, self.source)
        cells, private, translations = {}, {}, []
        notices, faults = notices_of(delivered, header, self.source)
        problems += faults
        for at, (column, variable) in header.variables.items():
            is_key = variable.name == self.design.participant
            texts, lines, faults = translate(delivered, at, column, variable, self.source.file, is_key)
            # an identifier's value must not stand in a message
            problems += [replace(fault, value=None) if variable.identifier else fault for fault in faults]
            if variable.identifier and not is_key:
                private[column], faults = without_account(texts, column, notices, self.source.file)
                problems += faults
                continue
            translations += lines
            cells[column] = texts
        problems += checkbox_cells(delivered, header, self.source, cells, notices)
        if problems:
            return problems
        tables = self._tables(delivered, header, cells, private, notices, reading)
        empty = self._without_rows(tables, delivered, header)
        if empty:
            return empty
        reading.tables.extend(tables)
        reading.reports.append(
            SourceReport(
                source=self.name,
                file=self.source.file,
                format=file_format(delivered.format).words,
                rows=rows_delivered,
                columns=columns,
                left_out=header.left_out,
                identifiers=tuple(private),
                remarks=tuple(map(study_words(self.design.people.noun), (*delivered.remarks, *header.remarks))),
                translations=tuple(translations),
            )
        )
        return []

    def _without_rows(self, tables: list[Table], delivered: Delivered, header: Header) -> list[Problem]:
        """Waves that the file should hold and of which no row is."""
        empty = [table.wave for table in tables if not len(table) and table.wave in waves_of(self.source, self.design)]
        hint = "say with waves: what stands for it, or leave it out"
        if empty and header.wave_column is not None:
            hint = f"the file holds {_events(filled(delivered, header.wave_column), header.wave_column)}; {hint}"
        return [Problem(f"no row is of wave '{wave}'", self.source.file, hint=hint) for wave in empty]

    def _tables(
        self,
        delivered: Delivered,
        header: Header,
        cells: dict[str, np.ndarray],
        private: dict[str, np.ndarray],
        notices: list[tuple[str, Notice]],
        reading: Reading,
    ) -> list[Table]:
        variables = {column: variable for column, variable in header.variables.values() if column in cells}
        variables |= {column: variable for box in header.several.values() for column, variable in box.boxes.items()}
        asides = asides_of(delivered, cells, self.source, self.design)

        at_baseline = set(self.source.baseline_columns.values())

        def table(
            rows: np.ndarray, holds: str, wave: str | None, more: list[Aside], shared: bool, *, first: bool = False
        ) -> Table:
            whole = rows.all()
            # a column of baseline is none of the rows of other waves, and a row of baseline has no other answers
            about = {c for c in cells if first and variables[c].name in self.persons}
            left = {c for c in cells if (c in at_baseline) != first and c not in about}
            own = [replace(aside, rows=aside.rows[rows]) for aside in (*asides, *more)]
            noticed = [(column, notice.of(rows)) for column, notice in notices if column in cells]
            return Table(
                # its lines are those of other waves as well, so it has an account of its own
                source=f"{self.name}_{wave}" if first else self.name,
                file=self.source.file,
                holds=holds,
                wave=wave,
                lines=delivered.lines if whole else delivered.lines[rows],
                raw={name: texts if whole else texts[rows] for name, texts in cells.items() if name not in left},
                variables={name: variable for name, variable in variables.items() if name not in left},
                decimal_comma=delivered.decimal_comma,
                format=delivered.format,
                shared=shared,
                private={name: texts if whole else texts[rows] for name, texts in private.items()},
                asides=[aside for aside in own if aside.rows.any()],
                notices=[(column, notice) for column, notice in noticed if notice.rows.any()],
                numbers_like=self.source.numbers_like or "",
            )

        if header.wave_column is None:
            everything = np.ones(len(delivered), dtype=bool)
            return [table(everything, self.source.kind, self.source.wave, [], False)]
        named = filled(delivered, header.wave_column)
        waves, events, written = waves_of_rows(named, header.wave_column, self.source, self.design)
        reading.events.update(events)
        tables = []
        if at_baseline:
            rows = _first_of_each(cells[self._key(variables)], [cells[column] for column in sorted(at_baseline)])
            tables.append(table(rows, "interviews", self.design.wave_names[0], [], True, first=True))
        for wave in dict.fromkeys([PERSON, *(wave.name for wave in self.design.waves)]):
            rows = np.array([one == wave for one in waves], dtype=bool)
            if rows.any() or not (wave == PERSON or (at_baseline and wave == self.design.wave_names[0])):
                holds = "participants" if wave == PERSON else "interviews"
                tables.append(table(rows, holds, wave or None, [], True))
        lost = np.array([one is None for one in waves], dtype=bool)
        if lost.any():
            tables.append(table(lost, _NO_INTERVIEW, None, unknown_events(lost, written), True))
        return tables

    def _key(self, variables: Mapping[str, Variable]) -> str:
        """The column of the participant's number."""
        return next(column for column, one in variables.items() if one.name == self.design.participant)

    def _names(self) -> frozenset[str]:
        """What columns of the file may be called, folded."""
        layout = self.layout
        names = [
            *layout.required,
            *layout.optional,
            *self.source.rename,
            *self.source.ignore,
            self.source.wave_column or "",
        ]
        names += [one.field + one.suffix for one in checkboxes_in({**layout.required, **layout.optional})]
        return frozenset(folded(name) for name in names) - {""}

    def _wrong_separator(self, delivered: Delivered) -> Problem | None:
        header, delimiter = delivered.header, self.source.delimiter
        if delimiter == "auto" or len(header) != 1:
            return None
        other = [sign for sign in ",;\t|" if sign != delimiter and sign in header[0]]
        if not other:
            return None
        shown = "a tab" if other[0] == "\t" else f"'{other[0]}'"
        return Problem(
            f"the columns are separated by {shown}, not by '{delimiter}'",
            self.source.file,
            1,
            hint=f"set delimiter for '{self.source.file}'",
        )


def _first_of_each(ids: np.ndarray, values: list[np.ndarray]) -> np.ndarray:
    """(n,) bool: the first row of each person, and later ones whose values are others and not blank."""
    seen: dict[str, set[tuple[str, ...]]] = {}
    chosen = np.zeros(len(ids), dtype=bool)
    for row, (person, *given) in enumerate(zip(ids, *values, strict=True)):
        known = seen.setdefault(person, set())
        chosen[row] = not known or (tuple(given) not in known and any(given))
        known.add(tuple(given))
    return chosen


def _events(delivered: Delivered, at: int) -> str:
    """What stands in the column of waves, with the number of rows of each."""
    counts = Counter(text.strip() for text in delivered.columns[at])
    named = {event: f"'{event}'" if event else "blank cells" for event in counts}
    shown = [f"{named[event]} ({count} rows)" for event, count in counts.most_common(6)]
    return ", ".join(shown) + (" and others" if len(counts) > len(shown) else "")
