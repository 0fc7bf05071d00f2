"""Conditions of a plan against its dictionary: variables, codes and kinds of values of populations and derived ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from cpis_analysis.errors import Problem, did_you_mean
from cpis_analysis.intake.dictionary.dictionary import Dictionary
from cpis_analysis.intake.dictionary.variable import TRUE_FALSE, YES_NO
from cpis_analysis.intake.values.dates import is_plain_date
from cpis_analysis.plan.condition_parser import parse_condition
from cpis_analysis.plan.expression import (
    Comparison,
    Literal,
    Membership,
    Missing,
    Truth,
    Variable,
    comparisons,
    variables_of,
)
from cpis_analysis.plan.reading.load import Plan
from cpis_analysis.plan.reading.problems import PlanProblems
from cpis_analysis.plan.reading.yaml_reader import Path_
from cpis_analysis.study.variables import KnownVariables

_NUMBERS = ("integer", "number")


def codes_of(variable: str, dictionary: Dictionary, derived: Iterable[str]) -> Mapping[str, str]:
    """Codes of a variable of the analysis data; empty where any text is allowed."""
    if variable in derived:
        return YES_NO
    if variable.startswith("has_") and variable not in dictionary:
        return TRUE_FALSE
    base = variable if variable in dictionary else variable.rpartition("_")[0]
    return dictionary.choices(base) if base in dictionary else {}


class ConditionChecks(PlanProblems):
    """What is wrong with conditions that can be read.

    Parameters
    ----------
    plan : Plan
    dictionary : Dictionary
    known : KnownVariables
        What the analysis data will have.
    """

    def __init__(self, plan: Plan, dictionary: Dictionary, known: KnownVariables) -> None:
        super().__init__(plan.content, plan.document)
        self.dictionary, self.known = dictionary, known

    def conditions(self) -> Iterator[Problem]:
        """Problems of derived variables and populations."""
        for name, part in self.plan.derived.items():
            yield from self.condition(("derived", name, "where"), part.where)
        for name, population in self.plan.populations.items():
            if isinstance(population.where, str):
                yield from self.condition(("populations", name, "where"), population.where)
                continue
            for variable, codes in population.where.items():
                path: Path_ = ("populations", name, "where", variable)
                if variable not in self.known.wide:
                    yield self.problem(
                        path,
                        "the data have no such variable",
                        value=variable,
                        hint=did_you_mean(variable, self.known.wide)
                        or "name a variable of the dictionary, or of derived",
                    )
                    continue
                for code in [codes] if isinstance(codes, str) else codes:
                    yield from self.code(path, code, self.codes(variable))

    def condition(self, path: Path_, text: str) -> Iterator[Problem]:
        """Variables, codes and kinds of values of a condition."""
        wide = self.known.wide
        parsed = parse_condition(text)
        absent = [name for name in variables_of(parsed) if name not in wide]
        every = {code for name in wide for code in self.codes(name)} if absent else set()
        for name in absent:
            quoted = f'a code stands in quotes: "{name}"' if name in every else None
            yield self.problem(
                path, "the data have no such variable", value=name, hint=quoted or did_you_mean(name, wide)
            )
        for part in comparisons(parsed):
            if part.variable in absent or isinstance(part, Missing):
                continue
            if isinstance(part, Truth):
                allowed = self.codes(part.variable)
                if wide[part.variable] != "yesno" and not set(allowed) == {"yes", "no"}:
                    yield self.problem(
                        path, "the variable is no truth value", value=part.variable, allowed=", ".join(allowed) or None
                    )
                continue
            ordered = isinstance(part, Comparison) and part.operator not in ("==", "!=")
            if ordered and wide[part.variable] not in (*_NUMBERS, "date"):
                yield self.problem(
                    path,
                    "only numbers and dates can be larger or smaller",
                    value=str(part),
                    hint="write == or in for codes",
                )
                continue
            for value in part.values if isinstance(part, Membership) else (part.value,):
                if not isinstance(value, Variable):
                    yield from self.value(path, part, value)
                elif value.name in wide and _kind(wide[value.name]) != _kind(wide[part.variable]):
                    yield self.problem(
                        path,
                        "variables of different kinds are compared",
                        value=str(part),
                        hint="compare numbers with numbers, dates with dates, and codes with codes in quotes",
                    )

    def value(self, path: Path_, part: Comparison | Membership, value: Literal) -> Iterator[Problem]:
        """A value that the variable can't have."""
        kind = self.known.wide[part.variable]
        if kind in _NUMBERS:
            if not isinstance(value.value, float):
                yield self.problem(
                    path,
                    "a number is compared with something else",
                    value=str(part),
                    hint="write the number without quotes",
                )
        elif kind == "date":
            if not (isinstance(value.value, str) and is_plain_date(value.value)):
                yield self.problem(
                    path,
                    "a date is compared with something else",
                    value=str(part),
                    hint='write the date as "2014-05-31"',
                )
        else:
            yield from self.code(path, value.code, self.codes(part.variable))

    def codes(self, variable: str) -> Mapping[str, str]:
        """Codes of a variable; empty where any text is allowed."""
        return codes_of(variable, self.dictionary, self.plan.derived)

    def code(self, path: Path_, code: str, allowed: Mapping[str, str]) -> Iterator[Problem]:
        """A code that a category does not have."""
        if allowed and code not in allowed:
            yield self.problem(
                path,
                "the variable has no such code",
                value=code,
                allowed=", ".join(allowed),
                hint=did_you_mean(code, allowed),
            )


def _kind(type_: str) -> str:
    return "number" if type_ in _NUMBERS else "date" if type_ == "date" else "code"
