"""The raw files by what they hold: people, interviews of each wave, teams, themes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from cpis_analysis.intake.account.working_tables import Part, Stack, Table
from cpis_analysis.intake.dictionary.dictionary import Dictionary
from cpis_analysis.intake.dictionary.expected_columns import person_level, team_keys
from cpis_analysis.plan.naming import Noun
from cpis_analysis.plan.schema import Data
from cpis_analysis.plan.schema_design import Design, occasion_of


@dataclass(frozen=True)
class Fieldwork:
    """Views of the raw files.

    Attributes
    ----------
    tables : list of Table
    persons : Stack
        One row a recruited person: the recruitment log; without one the wide files;
        without those the baseline interviews.
    extras : Stack or None
        Person-level columns of wide files beside a recruitment log.
    repeats : Stack or None
        Person-level columns of long files in rows other than the person's.
    interviews : dict of Stack
        By wave, in the plan's order.
    teams, themes : Stack or None
    rows : list of (Stack, tuple of str)
        Whole rows of each kind of file, and the variables that name what a row is about;
        empty where rows have no name.
    events : mapping
        Wave by event of long files and by name of the wave; None for rows about the person.
    occasion : Noun
        What a person has at a wave: an interview, or a measurement.
    """

    tables: list[Table]
    persons: Stack
    extras: Stack | None
    repeats: Stack | None
    interviews: dict[str, Stack]
    teams: Stack | None
    themes: Stack | None
    rows: list[tuple[Stack, tuple[str, ...]]]
    events: Mapping[str, str | None] = field(default_factory=dict)
    occasion: Noun = field(default_factory=lambda: Noun("interview"))

    @property
    def people(self) -> list[Stack]:
        """Stacks whose rows are about a person, the log first."""
        others = [stack for stack in (self.extras, self.repeats) if stack is not None]
        return [self.persons, *others, *self.interviews.values()]

    def aligned(self, variable: str, ids: np.ndarray, stack: Stack) -> np.ndarray:
        """(k,) object: a variable of a stack for given participants; None for who is not in it."""
        import pandas as pd

        rows = np.flatnonzero(stack.present())
        own = stack.ids()[rows]
        texts = stack.text(variable)[rows]
        index = pd.Index(own)
        if not index.is_unique:
            first = ~index.duplicated()
            index, texts = index[first], texts[first]
        found = index.get_indexer(ids)
        values = np.full(len(ids), None, dtype=object)
        values[found >= 0] = texts[found[found >= 0]]
        return values


def arrange(
    tables: list[Table],
    dictionary: Dictionary,
    data: Data,
    design: Design,
    events: Mapping[str, str | None] | None = None,
) -> Fieldwork:
    """Sort the columns of all files by what they are about."""
    made = _Arranging(tables, person_level(dictionary, data, design), design).fieldwork(events or {})
    return replace(made, occasion=occasion_of(data, design))


class _Arranging:
    """Tables by what they hold, and the stacks that are made of them."""

    def __init__(self, tables: list[Table], personal: Collection[str], design: Design) -> None:
        self.tables, self.personal, self.design = tables, personal, design
        kinds = ("participants", "wide", "interviews", "teams", "themes")
        self.by_kind = {kind: [table for table in tables if table.holds == kind] for kind in kinds}

    def fieldwork(self, events: Mapping[str, str | None]) -> Fieldwork:
        baseline = self.of_wave(self.design.waves[0].name)
        log = self.by_kind["participants"] or self.by_kind["wide"] or baseline
        has_both = bool(self.by_kind["participants"] and self.by_kind["wide"])
        repeats = [
            table for table in self.by_kind["interviews"] if table.shared and not any(table is one for one in log)
        ]
        interviews = {wave.name: self.interviews(wave.name) for wave in self.design.waves}
        return Fieldwork(
            tables=self.tables,
            persons=Stack(self.about_persons(log), self.design.participant),
            extras=self.stack(self.about_persons(self.by_kind["wide"] if has_both else [])),
            repeats=self.stack(self.about_persons(repeats)),
            interviews=interviews,
            teams=self.whole(self.by_kind["teams"]),
            themes=self.whole(self.by_kind["themes"]),
            rows=self.rows(),
            events={wave: wave for wave in interviews} | dict(events),
        )

    def of_wave(self, wave: str) -> list[Table]:
        return [table for table in self.by_kind["interviews"] if table.wave == wave]

    def stack(self, parts: list[Part]) -> Stack | None:
        return Stack(parts, self.design.participant) if parts else None

    def whole(self, tables: list[Table]) -> Stack | None:
        return self.stack([_whole(table) for table in tables])

    def about_persons(self, tables: list[Table]) -> list[Part]:
        return [
            Part(table, {column: column for column in table.variables if column in self.personal}) for table in tables
        ]

    def interviews(self, wave: str) -> Stack:
        """Interviews of a wave, from files of their own, files of all waves and wide files."""
        participant = self.design.participant
        parts = [
            _shared_part(table, wave, participant) if table.shared else _whole(table) for table in self.of_wave(wave)
        ]
        wide = [_wide_part(table, wave, participant) for table in self.by_kind["wide"]]
        return Stack(parts + [part for part in wide if part.if_any], participant)

    def rows(self) -> list[tuple[Stack, tuple[str, ...]]]:
        """Whole rows of each kind of file, and what names them."""
        person = (self.design.participant,)
        kinds = [
            (self.by_kind["participants"], person),
            (self.by_kind["wide"], person),
            *((self.of_wave(wave.name), person) for wave in self.design.waves),
            (self.by_kind["teams"], team_keys(self.design)),
            (self.by_kind["themes"], ()),
        ]
        stacks = [(self.whole(tables), key) for tables, key in kinds]
        return [(one, key) for one, key in stacks if one is not None]


def _whole(table: Table) -> Part:
    return Part(table, {column: column for column in table.variables})


def _shared_part(table: Table, wave: str, participant: str) -> Part:
    """Interviews of a wave in a file of all waves: a row counts if anything was answered.

    Checkboxes don't tell: REDCap exports those that nobody saw as unchecked.
    """
    asked = {variable.name: column for column, variable in table.variables.items() if wave in variable.waves}
    telling = tuple(column for column in asked if "___" not in column) or tuple(asked)
    return Part(table, {participant: participant, **asked}, if_any=telling)


def _wide_part(table: Table, wave: str, participant: str) -> Part:
    asked = {
        variable.name: f"{variable.name}_{wave}"
        for column, variable in table.variables.items()
        if wave in variable.waves and column == f"{variable.name}_{wave}"
    }
    telling = tuple(name for name in asked if "___" not in name) or tuple(asked)
    return Part(table, {participant: participant, **asked}, if_any=telling, is_row=False)
