"""Checks of the outcomes of a plan against its dictionary."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.errors import Problem, did_you_mean
from cpis_analysis.intake.dictionary.dictionary import Dictionary
from cpis_analysis.plan.reading.load import Plan
from cpis_analysis.plan.reading.problems import PlanProblems
from cpis_analysis.plan.reading.yaml_reader import Path_
from cpis_analysis.plan.schema import Outcome
from cpis_analysis.study.variables import KnownVariables
from cpis_analysis.study_words import PEOPLE


class OutcomeChecks(PlanProblems):
    """Checks of what outcomes, their events and their times are made of."""

    def __init__(self, plan: Plan, dictionary: Dictionary, known: KnownVariables) -> None:
        super().__init__(plan.content, plan.document)
        self.dictionary, self.known = dictionary, known

    def outcomes(self) -> Iterator[Problem]:
        for name, part in self.plan.outcomes.items():
            if part.variable is not None:
                yield from self.event(name, part)
            elif name not in self.known.measured:
                yield self.unfit(
                    ("outcomes", name),
                    "the outcome is neither a score nor a variable of the waves",
                    name,
                    self.known.measured,
                    f"give it a row in {self.plan.data.dictionary}, with its waves",
                )
            elif name in self.dictionary and not self.dictionary[name].is_numeric:
                yield self.problem(
                    ("outcomes", name),
                    "the outcome is not a number",
                    value=name,
                    hint="for yes and no: type: binary, with variable and event, under another name",
                )
            if name in self.known.measured and self.plan.design.followup_wave not in self.known.measured[name]:
                yield self.problem(
                    ("outcomes", name),
                    "the outcome is not measured at follow-up",
                    value=name,
                    hint=self.when(part.variable or name),
                )

    def times(self) -> Iterator[Problem]:
        """The variables with the time of an event, or in which a count was made, are numbers at follow-up."""
        last = self.plan.design.followup_wave
        for name, part in self.plan.outcomes.items():
            for key in ("time", "exposure"):
                variable = getattr(part, key)
                if variable is None:
                    continue
                path: Path_ = ("outcomes", name, key)
                asked = [one for one, waves in self.known.measured.items() if last in waves]
                if variable not in asked:
                    yield self.unfit(
                        path,
                        "the variable is not asked at follow-up",
                        variable,
                        asked,
                        "give it that wave in the dictionary, or name another",
                    )
                elif variable in self.dictionary and not self.dictionary[variable].is_numeric:
                    yield self.problem(
                        path,
                        "the variable is not a number",
                        value=variable,
                        hint="choose type: binary or ordinal, with variable and the codes of its answers",
                    )

    def when(self, name: str) -> str | None:
        """At which waves the dictionary has a variable, where it has not the plan's primary one."""
        if name not in self.dictionary:
            return None
        waves = ", ".join(f"'{wave}'" for wave in self.dictionary[name].waves)
        return (
            f"line {self.dictionary[name].line} of {self.dictionary.file} names the waves {waves}; those of the "
            f"plan are {', '.join(wave.name for wave in self.plan.design.waves)}, written "
            f"{';'.join(wave.name for wave in self.plan.design.waves)} there"
        )

    def event(self, name: str, part: Outcome) -> Iterator[Problem]:
        """The variable and the codes that make a binary or an ordinal outcome."""
        path: Path_ = ("outcomes", name, "variable")
        design = self.plan.design
        own = {design.participant, design.arm.variable, *design.clusters}
        asked = [v.name for v in self.dictionary.values() if v.waves or v.name not in own]
        if name in self.dictionary:
            yield self.problem(
                ("outcomes", name),
                "the dictionary has a variable of this name already",
                value=name,
                hint="name the outcome otherwise, and the variable under variable",
            )
        if part.variable not in asked:
            yield self.unfit(
                path,
                f"the variable is not asked of {PEOPLE}",
                str(part.variable),
                asked,
                "add it to the dictionary with its waves, or name another",
            )
            return
        variable = self.dictionary[part.variable]
        if not variable.is_categorical:
            made = "answers in order" if part.categories else "an event"
            yield self.problem(
                path,
                f"only a variable with choices can be made {made}",
                value=part.variable,
                hint="give it choices in the dictionary, or take it as a number: without type and variable",
            )
            return
        for key in ("event", "categories", "not_given"):
            for position, code in enumerate(getattr(part, key)):
                if code not in variable.choices:
                    yield self.problem(
                        ("outcomes", name, key, position),
                        "the variable has no such code",
                        value=code,
                        allowed=", ".join(variable.choices),
                        hint=did_you_mean(code, variable.choices),
                    )
        left = [code for code in variable.choices if code not in (*part.categories, *part.not_given)]
        if part.categories and left:
            yield self.problem(
                ("outcomes", name, "categories"),
                "the variable has answers that are in neither list",
                value=", ".join(left),
                hint="add them to categories, or to not_given if they count as missing",
            )
        if part.event and set(variable.choices) <= set(part.event):
            yield self.problem(
                ("outcomes", name, "event"),
                "every answer is the event, so nothing is left to compare",
                hint="name the answers that count as the event, and leave at least one out",
            )
