"""Whose interviews raw files hold: numbers of participants against the recruitment log and against baseline."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from cpis_analysis.errors import Problem
from cpis_analysis.intake.account.notices import marked_rows
from cpis_analysis.intake.account.working_tables import Table
from cpis_analysis.intake.rules.participant_numbers import number_keys, usual_form
from cpis_analysis.intake.values.codes import folded
from cpis_analysis.plan.naming import plural
from cpis_analysis.plan.schema import Cleaning, Data
from cpis_analysis.plan.schema_design import Design, occasion_of
from cpis_analysis.study_words import PEOPLE

_MOST = 0.8


class PeopleLook:
    """What numbers of participants show before cleaning; messages hold their shape, never a number.

    Each finding is a pair: whether the run would stop, and the problem.
    """

    def __init__(self, tables: Sequence[Table], data: Data, design: Design, cleaning: Cleaning) -> None:
        self.tables, self.data, self.design, self.cleaning = tables, data, design, cleaning
        self.occasion = occasion_of(data, design)
        key = design.participant
        self.logs = [t for t in tables if t.holds == "participants"] or [t for t in tables if t.holds == "wide"]
        self.known: set[str] = set()
        self.known = {number for table in self.logs for number in self.keys(table, key)} - {""}

    def participants(self) -> Iterator[tuple[bool, Problem]]:
        """Numbers of the interviews against those of the recruitment log."""
        key = self.design.participant
        logs, known = self.logs, self.known
        written = [text for table in logs for text in self.cells(table, key) if text.strip()]
        if not logs:
            return
        if not known:
            yield (
                True,
                Problem(
                    "nobody in the recruitment log has a number",
                    logs[0].file,
                    variable=key,
                    hint="name the column of the numbers in design.participant",
                ),
            )
            return
        others = [t for t in self.tables if t.holds in ("interviews", "wide") and not any(t is log for log in logs)]
        for file in dict.fromkeys(table.file for table in others):
            own = [
                (number, text)
                for table in others
                if table.file == file
                for number, text in zip(self.keys(table, key), self.cells(table, key), strict=False)
                if number
            ]
            strange = [text for number, text in own if number not in known]
            if not own:
                yield (
                    True,
                    Problem(
                        f"no {self.occasion} says whose it is",
                        file,
                        variable=key,
                        hint="name the column of the numbers in design.participant",
                    ),
                )
            elif strange:
                here, there = _usual_shape(strange), _usual_shape(written)
                looks = "" if here == there else f"; numbers look like {here} here and like {there} in the log"
                n, every = len(strange), len(strange) == len(own)
                many = plural(self.occasion)
                whose = "is of somebody who is" if n == 1 else f"are of {PEOPLE} who are"
                message = f"{n:,} of {len(own):,} {many} {whose} not in the recruitment log, and would be set aside"
                if every:
                    message = f"none of the {n:,} {many} is of anybody in the recruitment log"
                # answers to queries may say whose they are
                yield (
                    every and not self.data.correction_files,
                    Problem(message + looks, file, variable=key, hint=self.lost(strange, known, written)),
                )

    def followed(self) -> Iterator[tuple[bool, Problem]]:
        """Follow-ups of people without a baseline interview, where they are many: they would be set aside."""
        design, key = self.design, self.design.participant
        if design.baseline_wave is None:
            return
        first = design.waves[0]
        last = next(wave for wave in design.waves if wave.name == design.followup_wave)
        by_wave: dict[str, list[str]] = {}
        for table in self.tables:
            if table.holds == "interviews" and table.wave:
                by_wave.setdefault(table.wave, []).extend(self.keys(table, key))
        before = {number for number in by_wave.get(first.name, []) if number}
        later = [number for number in by_wave.get(last.name, []) if number in self.known or (number and not self.logs)]
        without = sum(number not in before for number in later)
        if before and later and without > len(later) / 2:
            files = ", ".join(dict.fromkeys(t.file for t in self.tables if t.wave == last.name))
            yield (
                without == len(later) and not self.data.correction_files,
                Problem(
                    f"{without:,} of {len(later):,} {plural(self.occasion)} of the wave '{last.label}' are of "
                    f"{PEOPLE} without one of the wave '{first.label}', and would be set aside",
                    files,
                    variable=key,
                    hint=f"look whether the files of the two waves are of the same {PEOPLE}, and complete",
                ),
            )

    def lost(self, strange: list[str], known: set[str], written: list[str]) -> str | None:
        """What to write in the plan where numbers would match but for zeros or letters in front."""
        form = usual_form(written)
        if form is None:
            return None
        matching = sum(folded(form[0].completed(text)) in known for text in strange)
        if matching < _MOST * len(strange):
            return None
        return (
            f"{matching:,} would match with the zeros or letters in front: if the file lost them, name a number as "
            "the log writes it with numbers_like:"
        )

    def keys(self, table: Table, variable: str) -> list[str]:
        """Keys of the numbers in each row; none in rows that the file marks as something else."""
        keys = number_keys(table, variable, self.cleaning, self.known)
        return np.where(marked_rows(table), "", keys).tolist()

    def cells(self, table: Table, variable: str) -> list[str]:
        """Cells of a variable; none where the file does not have it."""
        column = next((column for column, one in table.variables.items() if one.name == variable), None)
        return [] if column is None else list(table.cells[column])


def _usual_shape(numbers: list[str]) -> str:
    """The form that most numbers have: A for a letter, 9 for a digit."""
    shapes = Counter(re.sub(r"[^\W\d_]", "A", re.sub(r"\d", "9", text.strip()))[:20] for text in numbers)
    return shapes.most_common(1)[0][0]
