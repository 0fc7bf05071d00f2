"""Checks of populations and derived variables, as far as they need no data."""

from __future__ import annotations

from collections.abc import Generator, Iterator

from cpis_analysis.errors import PlanError, Problem
from cpis_analysis.plan.condition_parser import parse_condition
from cpis_analysis.plan.expression import WORDS, variables_of
from cpis_analysis.plan.reading.problems import PlanProblems
from cpis_analysis.plan.reading.yaml_reader import Path_


class ConditionTexts(PlanProblems):
    """Checks of what conditions say, whatever the data hold."""

    def conditions(self) -> Iterator[Problem]:
        """Populations and derived variables."""
        for name, population in self.plan.populations.items():
            path: Path_ = ("populations", name)
            if name == "available":
                yield self.problem(
                    path, "available is reserved for all with the data", hint="choose another name for the population"
                )
            if isinstance(population.where, str):
                yield from self.condition((*path, "where"), population.where)
        for name, derived in self.plan.derived.items():
            path = ("derived", name)
            if name in self.plan.outcomes or name in WORDS:
                yield self.problem(path, "this name is taken", value=name, hint="choose another name")
            used = yield from self.condition((*path, "where"), derived.where)
            for other in used:
                if other in self.plan.derived:
                    yield self.problem(
                        (*path, "where"),
                        "a derived variable can't use another one",
                        value=other,
                        hint="write its condition out",
                    )

    def condition(self, path: Path_, text: str) -> Generator[Problem, None, tuple[str, ...]]:
        """Problems of a condition; what it returns are its variables."""
        try:
            return variables_of(parse_condition(text))
        except PlanError as error:
            for problem in error.problems:
                yield self.problem(
                    path,
                    problem.message,
                    value=problem.value or text,
                    allowed=problem.allowed,
                    hint=problem.hint,
                    character=problem.character,
                )
            return ()
