"""What a row of a new study is: who it is about, and when."""

from __future__ import annotations

from collections.abc import Sequence

from cpis_analysis.errors import DataError, Problem, did_you_mean
from cpis_analysis.new_study.asking import Asker
from cpis_analysis.new_study.proposals import (
    propose_long,
    propose_person,
    propose_wave_column,
    tells_rows_apart,
    waves_of_repeated,
)
from cpis_analysis.new_study.raw_files import RawFile, column_named
from cpis_analysis.new_study.settled import ROWS, SAID, Told
from cpis_analysis.study_words import A_PERSON, PEOPLE, PERSON

NONE = "none"
"""What is said where no column is meant."""


class RowsOf:
    """The rows of some files.

    Parameters
    ----------
    files : sequence of RawFile
    told : Told
    ask : Asker

    Attributes
    ----------
    reasons : dict of str to str
    remarks : list of str
    """

    def __init__(self, files: Sequence[RawFile], told: Told, ask: Asker) -> None:
        self.files, self.first, self.told, self.ask = files, files[0], told, ask
        self.reasons: dict[str, str] = {}
        self.remarks: list[str] = []

    def row_and_person(self) -> tuple[str, str]:
        """What a row is, and the column that names the person."""
        told, file = self.told, self.first
        pair = propose_long(file) if not any(one.wave for one in self.files) else None
        if told.row is None:
            proposed = "person"
            why = f"no two rows seem to be of the same {PERSON}"
            if any(one.wave for one in self.files):
                proposed, why = "visit", "each file was said to be of one wave"
            elif told.wave or pair:
                who, when = pair or (told.person or f"the {PERSON}", told.wave)
                proposed, why = "person-and-wave", f"{who} and {when} together tell the rows apart, each alone does not"
            elif again := waves_of_repeated(file, propose_person(file).value):
                proposed, why = "person-and-wave", f"{PEOPLE} have several rows, and {again} is called like a wave"
            shown = "; ".join(f"{name}: {words}" for name, words in ROWS.items())
            row = self.ask.one(f"What is a row? ({shown})", proposed, why, list(ROWS))
            self.reasons["row"] = why
        else:
            row = told.row
            self.reasons["row"] = SAID
        if told.person is not None:
            person = "" if told.person == NONE else column_named(self.files, told.person, "person")
            self.reasons["person"] = SAID
        else:
            found = propose_person(file)
            value, why = found.value, found.reason
            if pair and row == "person-and-wave":
                value, why = pair[0], f"with {pair[1]} it tells the rows apart"
            person = self.ask.one(f"Which column names the {PERSON}?", value, why, file.names, empty=NONE)
            self.reasons["person"] = why
        self.check_person(row, person)
        return row, person

    def check_person(self, row: str, person: str) -> None:
        """Whether the rows are those of people."""
        linked = row == "person-and-wave" or len(self.files) > 1
        if not person and linked:
            raise DataError(
                f"The waves of one {PERSON} can't be linked.",
                Problem(
                    f"no column names the {PERSON}, and {PEOPLE} have several rows",
                    str(self.first.path),
                    allowed=", ".join(self.first.names),
                    hint=f"name the column with --person; without one only a file with one row {A_PERSON} can be used",
                ),
            )
        if not person:
            self.remarks.append(
                f"{PERSON}: no column names {PEOPLE}, so each row is taken for another {PERSON}, called by file and "
                "line"
            )
            return
        for file in self.files:
            column = file[person] if person in file else None
            if column is None:
                raise DataError(
                    f"The waves of one {PERSON} can't be linked.",
                    Problem(
                        "the file has no such column",
                        str(file.path),
                        value=person,
                        hint=did_you_mean(person, file.names) or "name a column of the file",
                    ),
                )
            if row != "person-and-wave" and len(column.counts) < column.filled:
                raise DataError(
                    f"A row is not {A_PERSON}.",
                    Problem(
                        f"{column.filled - len(column.counts):,} rows repeat a value of {person}",
                        str(file.path),
                        hint=f"if a row is {A_PERSON} at one wave: --row person-and-wave --wave COLUMN; if not, name "
                        "another column with --person, or none: --person none",
                    ),
                )

    def wave_column(self, person: str) -> str:
        """The column that says of which wave a row is."""
        if self.first[person].is_distinct:
            hint = f"if each row is {A_PERSON}: --row person; else name the column that names {PEOPLE} with --person"
            message = f"each row has another {person}, so nobody has two waves"
            raise DataError(f"A row is not {A_PERSON} at a wave.", Problem(message, str(self.first.path), hint=hint))
        if self.told.wave:
            name, self.reasons["wave"] = column_named(self.files, self.told.wave, "wave"), SAID
        else:
            found = propose_wave_column(self.first, person)
            name = self.ask.one("Which column says when?", found.value, found.reason, self.first.names)
            self.reasons["wave"] = found.reason
        if not name or not tells_rows_apart(self.first[person], self.first[name]):
            file = self.first
            more = [
                column.name
                for column in file.columns
                if name and column.name not in (person, name) and len(column.counts) < file.rows / 2
                if tells_rows_apart(file[person], file[name], column)
            ]
            hint = "name the column that says of which wave a row is with --wave"
            if more:
                hint = (
                    f"with {more[0]} they do, so numbers of {person} repeat in it: write a column into the file that "
                    f"joins {more[0]} and {person}, and name that one with --person"
                )
            message = (
                f"{person} and {name} do not tell the rows apart"
                if name
                else f"nothing tells rows of one {person} apart"
            )
            raise DataError(f"A row is not {A_PERSON} at a wave.", Problem(message, str(file.path), hint=hint))
        return name
