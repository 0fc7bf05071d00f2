"""The raw files against the plan, before anything is cleaned."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from cpis_analysis.errors import DataError, Problem
from cpis_analysis.formula.parse import parse_formula
from cpis_analysis.instruments import required_items, score_columns
from cpis_analysis.intake.deliveries import SourceReport, read_sources
from cpis_analysis.intake.dictionary.dictionary import Dictionary
from cpis_analysis.intake.preview import preview
from cpis_analysis.intake.preview_cells import unread_cells
from cpis_analysis.intake.privacy.withdrawal import read_withdrawal
from cpis_analysis.intake.queries.reading import read_corrections
from cpis_analysis.plan.condition_parser import parse_condition
from cpis_analysis.plan.expression import variables_of
from cpis_analysis.plan.reading.load import Plan
from cpis_analysis.plan.reading.problems import PlanProblems
from cpis_analysis.plan.reading.yaml_reader import Path_
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.study.checks.raw_groups import RawGroup, RawGroups


@dataclass(frozen=True)
class RawCheck:
    """What the raw files say.

    Attributes
    ----------
    problems : tuple of Problem
        What would stop the run.
    remarks : tuple of Problem
        What looks wrong and would not.
    sources : tuple of SourceReport
        What each file is; empty where one can't be used.
    groups : tuple of RawGroup
        People and clusters of each arm.
    """

    problems: tuple[Problem, ...]
    remarks: tuple[Problem, ...]
    sources: tuple[SourceReport, ...]
    groups: tuple[RawGroup, ...] = ()


def check_raw(plan: Plan, dictionary: Dictionary) -> RawCheck:
    """Read the raw files as a run would, clean nothing, write nothing.

    1. Every fault for which cleaning would refuse a file: layout, header, columns, waves without rows, checksums; and
       what is wrong with answers to queries. People who withdrew are left out.
    2. What `intake.preview` finds: arms, participants, events.
    3. Variables of the analyses that have no value at the wave at which they are used, and those of which many cells
       are nothing that the dictionary allows.
    4. Clusters that can't be: people without one, everybody alone, levels in the wrong order, one cluster in an arm.
    """
    content, root = plan.content, plan.root
    data, design, cleaning = content.data, content.design, content.cleaning
    refused: list[Problem] = []
    withdrawal, reading = None, None
    try:
        withdrawal = read_withdrawal(data, design, cleaning, root)
        read_corrections(
            data.correction_files, root, dictionary, cleaning, None if withdrawal is None else withdrawal.kept_answers
        )
    except DataError as error:
        refused += error.problems or [Problem(error.summary)]
    try:
        reading = read_sources(data, design, cleaning, dictionary, root, withdrawal)
    except DataError as error:
        refused += error.problems or [Problem(error.summary)]
    if refused or reading is None:
        return RawCheck(tuple(dict.fromkeys(refused)), (), ())
    found = preview(reading, dictionary, data, design, cleaning, content.report.minimum_cell)
    blank = _Blank(plan, dictionary, found.answered)
    problems = [*found.problems, *blank.analyses()]
    unread = unread_cells(reading.tables, design, cleaning, blank.looked_at())
    fewest = max(content.report.minimum_cell, 2)
    groups = RawGroups(plan, dictionary, reading.tables)
    read = [one.problem(dictionary, fewest) for one in unread]
    remarks = (*found.remarks, *groups.remarks(), *read, *blank.tables())
    return RawCheck(tuple(dict.fromkeys(problems)), remarks, tuple(reading.reports), tuple(groups.groups()))


class _Blank(PlanProblems):
    """Variables that the plan uses and that nobody answered."""

    def __init__(self, plan: Plan, dictionary: Dictionary, answered: Iterable[tuple[str, str | None]]) -> None:
        super().__init__(plan.content, plan.document)
        self.specs, self.dictionary = plan.specifications(), dictionary
        self.answered = frozenset(answered)
        settings = plan.content.scoring_settings()
        items = required_items(settings)
        self.items: Mapping[str, list[str]] = {column: items[name] for column, name in score_columns(settings).items()}
        self.waves = [wave.name for wave in plan.content.design.waves]

    def analyses(self) -> Iterator[Problem]:
        """One problem for each variable and wave, at the first model or condition that uses it."""
        seen: set[tuple[str, str | None]] = set()
        for spec in self.specs:
            for name, path in self.used(spec).items():
                blank = [place for place in self.places(name, spec) if not self.has_values(*place)]
                for place in blank:
                    if place not in seen:
                        seen.add(place)
                        yield self.problem(
                            path,
                            f"the analysis {spec.name} uses a variable without any value in the "
                            f"raw files{self.at(place[1])}",
                            value=place[0],
                            hint="look into the file, or leave the variable out of the formula",
                        )

    def looked_at(self) -> set[tuple[str, str | None]]:
        """Variables of the files that an analysis or the table of characteristics uses, with the wave."""
        found: set[tuple[str, str | None]] = set()
        for spec in self.specs:
            for name in self.used(spec):
                for one, wave in self.places(name, spec):
                    found |= {(answer, wave) for answer in self.answers(one)}
        first = self.waves[0]
        described = self.plan.design.characteristics
        found |= {(name, first if self.dictionary[name].waves else None) for name in described}
        # the preview says of the arm more than that it can't be read
        return {(name, wave) for name, wave in found if name != self.plan.design.arm.variable}

    def answers(self, name: str) -> list[str]:
        """Variables of the files that a name of the analysis data is made of."""
        part = self.plan.outcomes.get(name)
        return [part.variable] if part is not None and part.variable else self.items.get(name, [name])

    def tables(self) -> Iterator[Problem]:
        """Variables that are only tabulated."""
        design, first, last = self.plan.design, self.waves[0], self.plan.design.followup_wave
        for key in ("characteristics", "team_characteristics"):
            for position, name in enumerate(getattr(design, key)):
                wave = first if self.dictionary[name].waves else None
                if not self.has_values(name, wave):
                    yield self.problem(
                        ("design", key, position),
                        f"the variable has no value in the raw files{self.at(wave)}",
                        value=name,
                        hint="look into the file, or remove the variable from the list",
                    )
        report, done = self.plan.report, self.plan.report.implementation
        asked: list[tuple[Path_, list[str]]] = [
            (("report", "experience"), report.experience),
            (("report", "implementation", "activities"), done.activities),
            (("report", "implementation", "details"), [name for name in done.details if name not in report.experience]),
        ]
        for path, names in asked:
            for position, name in enumerate(names):
                if not self.has_values(name, last):
                    yield self.problem(
                        (*path, position),
                        f"the variable has no value in the raw files{self.at(last)}",
                        value=name,
                        hint="look into the file, or remove the variable from the list",
                    )

    def used(self, spec: AnalysisSpec) -> dict[str, Path_]:
        """Variables of an analysis, with the place in the plan that names them."""
        derived = dict(spec.derived)
        model: Path_ = ("models", spec.model, "formula")
        population: Path_ = ("populations", spec.population, "where")
        found = dict.fromkeys(parse_formula(spec.formula).sources, model)
        found |= dict.fromkeys([variable for variable, _ in spec.where], population)
        if spec.condition:
            found |= dict.fromkeys(variables_of(parse_condition(spec.condition)), population)
        level = self.plan.design.one_sided
        if level is not None and level.indicator in found:
            # made of the arm
            found[self.plan.design.arm.variable] = found.pop(level.indicator)
        for name in [name for name in found if name in derived]:
            del found[name]
            found |= dict.fromkeys(variables_of(parse_condition(derived[name])), ("derived", name, "where"))
        return found

    def places(self, name: str, spec: AnalysisSpec) -> list[tuple[str, str | None]]:
        """Variable of the files and wave behind a name of the analysis data; none for what is made otherwise."""
        if name in spec.times or name in {f"has_{wave}" for wave in self.waves}:
            return []
        if name in self.dictionary and (not self.dictionary[name].waves or name in self.plan.design.characteristics):
            return [(name, self.waves[0] if self.dictionary[name].waves else None)]
        base, _, part = name.rpartition("_")
        if spec.rows == "long" and (name in self.items or name in self.plan.outcomes or name in self.dictionary):
            return [(name, wave) for wave in spec.waves_of_rows]
        changed = re.fullmatch(r"(.+)_change(?:_([A-Za-z0-9]+))?", name)
        if changed:
            ends = (self.plan.design.baseline_wave, changed[2] or self.plan.design.followup_wave)
            return [(changed[1], wave) for wave in ends if wave]
        return [(base, part)] if part in self.waves else [(base, wave) for wave in self.waves]

    def has_values(self, name: str, wave: str | None) -> bool:
        """Whether anybody has a value, or any item of a score."""
        part = self.plan.outcomes.get(name)
        answers = self.answers(name)
        made_of = self.dictionary.get(str(part.variable)) if part is not None else None
        wave = None if made_of is not None and not made_of.waves else wave
        derived, constant = {*self.plan.data.privacy.age}, {*self.plan.cleaning.constant}
        return any(
            one in derived
            or (one, wave) in self.answered
            or (one in constant and any((one, other) in self.answered for other in self.waves))
            for one in answers
        )

    def at(self, wave: str | None) -> str:
        return "" if wave is None else f" at wave {wave}"
