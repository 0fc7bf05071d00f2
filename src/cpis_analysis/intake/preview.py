"""What raw files hold, told before anything is cleaned: who is in which arm, whose interviews, which answers at all.

Nothing is changed or written, and no message holds a person's number or answer: codes of the arm and events are shown
where enough rows have them, numbers of people as their shape.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from cpis_analysis.errors import Problem, did_you_mean
from cpis_analysis.intake.account.working_tables import Table
from cpis_analysis.intake.deliveries import Reading
from cpis_analysis.intake.dictionary.dictionary import Dictionary, Variable
from cpis_analysis.intake.dictionary.expected_columns import team_keys
from cpis_analysis.intake.files.waves import PERSON
from cpis_analysis.intake.preview_people import PeopleLook
from cpis_analysis.intake.read_cells import read_cells, wave_of
from cpis_analysis.plan.schema import Cleaning, Data
from cpis_analysis.plan.schema_design import Design

_PEOPLE = ("participants", "wide")


@dataclass(frozen=True)
class Preview:
    """What was found.

    Attributes
    ----------
    problems : tuple of Problem
        What would stop the run.
    remarks : tuple of Problem
        What cleaning would set aside or ask about in numbers that look like a mistake.
    answered : frozenset of (str, str or None)
        Variables with any value, with the wave; None for what belongs to a person or a team.
    """

    problems: tuple[Problem, ...]
    remarks: tuple[Problem, ...]
    answered: frozenset[tuple[str, str | None]]


def preview(
    reading: Reading, dictionary: Dictionary, data: Data, design: Design, cleaning: Cleaning, fewest: int = 5
) -> Preview:
    """Look through files that could be read.

    1. The arm: is it in a file, is anybody of the reference and of one other arm, what is no code of it.
    2. The interviews' participants: are their numbers those of the recruitment log, and those of the follow-up those of
       baseline.
    3. Events of long files that are no wave.
    4. Which variables have any value at which wave.

    Parameters
    ----------
    reading : Reading
    dictionary : Dictionary
    data, design, cleaning
        Sections of the plan.
    fewest : int
        Texts that fewer rows have are not shown.
    """
    look = _Look(reading, dictionary, data, design, cleaning, max(fewest, 2))
    people = PeopleLook(reading.tables, data, design, cleaning)
    found = [*look.arms(), *people.participants(), *people.followed(), *look.events()]
    return Preview(
        tuple(problem for stops, problem in found if stops),
        tuple(problem for stops, problem in found if not stops),
        frozenset(look.answered()),
    )


class _Look:
    def __init__(
        self, reading: Reading, dictionary: Dictionary, data: Data, design: Design, cleaning: Cleaning, fewest: int
    ) -> None:
        self.tables, self.named_events = reading.tables, reading.events
        self.dictionary, self.data, self.design, self.cleaning = dictionary, data, design, cleaning
        self.fewest = fewest

    def arms(self) -> Iterator[tuple[bool, Problem]]:
        """Arms of the people, in the log or in the list of teams."""
        variable = self.dictionary[self.design.arm.variable]
        tables = [
            table
            for table in self.tables
            if table.holds in (*_PEOPLE, "teams") and variable.name in self.columns(table)
        ]
        tables = tables or [table for table in self.tables if variable.name in self.columns(table)]
        if not tables:
            files = ", ".join(dict.fromkeys(table.file for table in self.tables))
            yield (
                True,
                Problem(
                    "no file holds the arm, so nobody can be compared",
                    files,
                    variable=variable.name,
                    hint="it belongs into the recruitment log or the list of clusters",
                ),
            )
            return
        codes: set[str] = set()
        for table in tables:
            counts, unknown = self.read(table, self.columns(table)[variable.name], variable)
            codes |= set(counts)
            if unknown:
                yield (
                    False,
                    Problem(
                        f"{_rows(sum(unknown.values()))} {_has(sum(unknown.values()))} an arm that is no code of it",
                        table.file,
                        variable=variable.name,
                        value=self.shown(unknown),
                        allowed=variable.allowed,
                        hint=self.nearest(unknown, variable),
                    ),
                )
        reference = self.design.arm.reference
        where = ", ".join(dict.fromkeys(table.file for table in tables))
        others = [code for code in variable.choices if code in codes and code != reference]
        if codes and reference not in codes:
            yield (
                True,
                Problem(
                    "nobody is in the reference arm",
                    where,
                    variable=variable.name,
                    value=reference,
                    allowed=", ".join(others),
                    hint="set design.arm.reference to a code that is there",
                ),
            )
        elif not others:
            yield (
                True,
                Problem(
                    "everybody is in one arm, so there is nothing to compare it with" if codes else "nobody has an arm",
                    where,
                    variable=variable.name,
                    value=reference,
                    hint="name the column that says who is in which arm: design.arm.variable",
                ),
            )

    def events(self) -> Iterator[tuple[bool, Problem]]:
        """Events that are no wave."""
        for name, source in self.data.sources.items():
            if source.kind != "long":
                continue
            lost: Counter[str] = Counter()
            for table in self.tables:
                for aside in table.asides if table.source == name else ():
                    if aside.rule == "unknown_wave":
                        lost[aside.reason] += int(aside.rows.sum())
            named = set(source.waves) or set(self.named_events)
            for reason, count in lost.items():
                event = reason.split("'")[1] if "'" in reason else ""
                shown = reason if count >= self.fewest else "their event is no wave of the study"
                yield (
                    False,
                    Problem(
                        f"{_rows(count)} would be set aside: {shown}",
                        source.file,
                        allowed=", ".join(sorted(named)) or None,
                        hint=did_you_mean(event, named),
                    ),
                )

    def answered(self) -> Iterator[tuple[str, str | None]]:
        """Variables with any value, by wave."""
        waves = [wave.name for wave in self.design.waves]
        for table in self.tables:
            for column, variable in table.variables.items():
                wave = wave_of(table, column, variable, waves)
                if variable.waves and (wave is None or wave == PERSON):
                    continue
                if self.any_value(table, column, variable):
                    yield variable.name, wave

    def any_value(self, table: Table, column: str, variable: Variable) -> bool:
        """Whether cleaning would leave any value of a column."""
        places = frozenset({self.design.participant, *team_keys(self.design)})
        return any(cell.after for cell in read_cells(table, column, variable, self.cleaning, places))

    def read(self, table: Table, column: str, variable: Variable) -> tuple[Counter[str], Counter[str]]:
        """Codes as cleaning would read them, and texts that it would ask about."""
        codes: Counter[str] = Counter()
        unknown: Counter[str] = Counter()
        for cell in read_cells(table, column, variable, self.cleaning):
            if cell.after:
                codes[cell.after] += cell.count
            elif cell.asked:
                unknown[cell.text.strip()] += cell.count
        return codes, unknown

    def columns(self, table: Table) -> dict[str, str]:
        """Column by variable."""
        return {variable.name: column for column, variable in table.variables.items()}

    def shown(self, counts: Counter[str]) -> str | None:
        """Texts that enough rows have."""
        texts = [f"{text} ({count:,})" for text, count in counts.most_common(5) if count >= self.fewest]
        return ", ".join(texts) or None

    def nearest(self, counts: Counter[str], variable: Variable) -> str | None:
        text, count = counts.most_common(1)[0]
        return did_you_mean(text, variable.choices) if count >= self.fewest else None


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _has(count: int) -> str:
    return "has" if count == 1 else "have"
