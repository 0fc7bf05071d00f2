"""What the report chooses from the data, against the dictionary."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.errors import Problem, did_you_mean
from cpis_analysis.intake.dictionary.dictionary import Dictionary
from cpis_analysis.plan.reading.load import Plan
from cpis_analysis.plan.reading.problems import PlanProblems
from cpis_analysis.plan.reading.yaml_reader import Path_

_YES_NO = {"yes", "no"}


class ReportVariables(PlanProblems):
    """Questions, teams and clusters that the report names."""

    def __init__(self, plan: Plan, dictionary: Dictionary) -> None:
        super().__init__(plan.content, plan.document)
        self.dictionary = dictionary

    def variables(self) -> Iterator[Problem]:
        """One problem for each name that the dictionary has not, or has otherwise."""
        report = self.plan.report
        done: Path_ = ("report", "implementation")
        yield from self._questions(("report", "experience"), report.experience)
        yield from self._questions((*done, "activities"), report.implementation.activities)
        yield from self._questions((*done, "details"), report.implementation.details)
        for path, names in (
            (("report", "barriers"), report.barriers),
            ((*done, "activities"), report.implementation.activities),
        ):
            for position, name in enumerate(names):
                codes = self._codes(name)
                if codes and not _YES_NO >= set(codes):
                    yield self.problem(
                        (*path, position), "the answers are not yes and no", value=name, allowed=", ".join(codes)
                    )
        yield from self._teams()
        if self.plan.design.trust is not None:
            yield from self._known_codes(("report", "shown_first"), self.plan.design.trust, report.shown_first)
        for theme, arms in report.focus_groups.asked_of.items():
            yield from self._known_codes(
                ("report", "focus_groups", "asked_of", theme), self.plan.design.arm.variable, arms
            )

    def _teams(self) -> Iterator[Problem]:
        done: Path_ = ("report", "implementation")
        fidelity, single = self.plan.report.implementation.fidelity, self.plan.report.implementation.singled_out
        if fidelity and fidelity.variable in self.dictionary:
            if self.dictionary[fidelity.variable].type not in ("integer", "number"):
                yield self.problem(
                    (*done, "fidelity", "variable"),
                    "fidelity must be a number",
                    value=fidelity.variable,
                    hint="name a variable of ratings that are numbers",
                )
        if single:
            yield from self._known_codes((*done, "singled_out", "code"), single.variable, [single.code], listed=False)

    def _known_codes(self, path: Path_, variable: str, codes: list[str], listed: bool = True) -> Iterator[Problem]:
        known = self._codes(variable)
        for position, code in enumerate(codes):
            if known and code not in known:
                yield self.problem(
                    (*path, position) if listed else path,
                    f"{variable} has no such code",
                    value=code,
                    allowed=", ".join(known),
                    hint=did_you_mean(code, known),
                )

    def _codes(self, name: str) -> list[str]:
        return list(self.dictionary[name].choices) if name in self.dictionary else []

    def _questions(self, path: Path_, names: list[str]) -> Iterator[Problem]:
        for position, name in enumerate(names):
            here = (*path, position)
            if name not in self.dictionary:
                yield self.problem(
                    here,
                    "the variable is not in the dictionary",
                    value=name,
                    hint=did_you_mean(name, self.dictionary) or "add it to the dictionary, or take it out of the plan",
                )
            elif not self.dictionary[name].is_categorical:
                yield self.problem(
                    here,
                    "only variables with choices can be tabulated",
                    value=name,
                    hint="give it choices in the dictionary, or remove it from the list",
                )
            elif self.plan.design.followup_wave not in self.dictionary[name].waves:
                yield self.problem(
                    here,
                    "the variable is not asked at follow-up",
                    value=name,
                    hint="give it that wave in the dictionary, or remove it from the list",
                )
