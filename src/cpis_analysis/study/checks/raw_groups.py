"""Who is compared and in which clusters, counted in the raw files before anything is cleaned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cpis_analysis.errors import Problem
from cpis_analysis.intake.account.notices import cells_before_rules
from cpis_analysis.intake.account.working_tables import Table
from cpis_analysis.intake.dictionary.dictionary import Dictionary, Variable
from cpis_analysis.intake.read_cells import read_cells
from cpis_analysis.intake.values.codes import folded
from cpis_analysis.plan.naming import plural
from cpis_analysis.plan.reading.load import Plan
from cpis_analysis.plan.reading.problems import PlanProblems
from cpis_analysis.study.allocation import level_of_one_arm
from cpis_analysis.study_words import PEOPLE

_NOWHERE, _ALONE = 0.1, 0.8
"""Shares of people from which a level is no column of clusters: of those without one, and of clusters of one person."""


@dataclass(frozen=True)
class RawGroup:
    """One arm as the raw files have it.

    Attributes
    ----------
    code, label : str
    people : int
    clusters : tuple of int
        Clusters of each level in which it has people, the largest first.
    """

    code: str
    label: str
    people: int
    clusters: tuple[int, ...]


class RawGroups(PlanProblems):
    """People, arms and clusters of the files that were read.

    Each person is taken from the first row that says their arm: of the recruitment log or the wide file, else of the
    interviews. Names of clusters are compared without case and punctuation; misspelt ones count apart until they are
    cleaned.

    Parameters
    ----------
    plan : Plan
    dictionary : Dictionary
    tables : sequence of Table
    """

    def __init__(self, plan: Plan, dictionary: Dictionary, tables: Sequence[Table]) -> None:
        super().__init__(plan.content, plan.document)
        self.dictionary, self.tables = dictionary, tables
        design = plan.content.design
        self.arm, self.levels = dictionary[design.arm.variable], design.clusters
        self.people = self._people()

    def groups(self) -> list[RawGroup]:
        """Arms in the dictionary's order; none where no file of people holds the arm."""
        arms = Counter(arm for arm, _ in self.people)
        return [
            RawGroup(code, self.arm.choices[code], arms[code], tuple(len(found) for found in self._clusters(code)))
            for code in self.arm.choices
            if arms[code]
        ]

    def remarks(self) -> Iterator[Problem]:
        """What makes the clusters look like a mistake, or no analysis possible."""
        names = [self.plan.design.levels[at].noun for at in range(len(self.levels))]
        for at, level in enumerate(self.levels):
            # arms without such clusters may leave the cell empty, or number people
            arms = self.plan.design.levels[at].arms
            own = [clusters[: at + 1] for arm, clusters in self.people if not arms or arm in arms]
            here = [one for one in own if all(one)]
            path = ("design", "levels", at)
            if here and len(own) - len(here) > _NOWHERE * len(own):
                noun = self.plan.design.levels[at].cluster
                message = f"{len(own) - len(here):,} of {len(own):,} {PEOPLE} have no {noun} in the raw files"
                yield self.problem(
                    path, message, value=level, hint="they would be in no analysis; see whether it is the right column"
                )
            if len(here) > 1 and len(set(here)) > _ALONE * len(here):
                message = f"{len(set(here)):,} {plural(names[at])} of {len(here):,} {PEOPLE}: nearly everybody is alone"
                yield self.problem(
                    path, message, value=level, hint=f"see whether this is a column of clusters, or of {PEOPLE}"
                )
            inner = {one[at] for one in here}
            if at and here and len(inner) < len({one[at - 1] for one in here}) and self._turned(at):
                message = f"each {names[at - 1]} lies in one {names[at]}, not the other way round"
                yield self.problem(path, message, value=level, hint="list the largest clusters first")
        yield from self._one_cluster(names)

    def _one_cluster(self, names: Sequence[str]) -> Iterator[Problem]:
        """An arm with one cluster, where clusters were allocated."""
        allocated = level_of_one_arm(self.people, len(self.levels))
        if allocated is None:
            return
        at, arms = allocated
        for arm, count in Counter(arms.values()).items():
            if count == 1:
                yield self.problem(
                    ("design", "levels", at),
                    f"each {names[at]} has one arm, and this arm has one {names[at]}: the arm can't be told "
                    f"apart from the difference between two {plural(names[at])}",
                    value=arm,
                    allowed=f"two {plural(names[at])} in each arm at least",
                    hint=f"headlines would be refused; see whether {self.levels[at]} is what was allocated",
                )

    def _turned(self, at: int) -> bool:
        """Whether a level lies around the one that is listed before it."""
        pairs = {(clusters[at - 1], clusters[at]) for _, clusters in self.people if all(clusters[: at + 1])}
        return len(pairs) == len({outer for outer, _ in pairs})

    def _clusters(self, arm: str) -> list[set[tuple[str, ...]]]:
        """Clusters of each level in which an arm has people."""
        return [
            {clusters[: at + 1] for one, clusters in self.people if one == arm and all(clusters[: at + 1])}
            for at in range(len(self.levels))
        ]

    def _people(self) -> list[tuple[str, tuple[str, ...]]]:
        """Arm and clusters of each person who has an arm that takes part."""
        participant, compared = self.plan.design.participant, self.plan.design.arm.compared
        wanted = {self.plan.design.arm.reference, *compared} if compared else set(self.arm.choices)
        found: dict[str, tuple[str, tuple[str, ...]]] = {}
        tables = sorted(self.tables, key=lambda table: table.holds not in ("participants", "wide"))
        for table in tables:
            columns = {variable.name: column for column, variable in table.variables.items()}
            if not {participant, self.arm.name} <= columns.keys() or table.holds in ("teams", "themes", "none"):
                continue
            cells = [
                self._read(table, columns[name], self.dictionary[name]) if name in columns else [""] * len(table)
                for name in (participant, self.arm.name, *self.levels)
            ]
            for who, arm, *clusters in zip(*cells, strict=True):
                if who and arm in wanted:
                    found.setdefault(who, (arm, tuple(folded(one) or one for one in clusters)))
        return list(found.values())

    def _read(self, table: Table, column: str, variable: Variable) -> list[str]:
        """Cells as cleaning would read them one by one; empty where it would ask."""
        known = {cell.text: cell.after for cell in read_cells(table, column, variable, self.plan.cleaning)}
        return [known[text] for text in cells_before_rules(table, column)]
