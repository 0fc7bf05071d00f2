"""Checks of the design that a plan describes against its dictionary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cpis_analysis.errors import Problem, did_you_mean
from cpis_analysis.intake.dictionary.dictionary import Dictionary
from cpis_analysis.plan.naming import plural
from cpis_analysis.plan.reading.load import Plan
from cpis_analysis.plan.reading.problems import PlanProblems
from cpis_analysis.plan.reading.yaml_reader import Path_
from cpis_analysis.plan.schema_design import occasion_of
from cpis_analysis.study_words import A_PERSON, PEOPLE


class DesignChecks(PlanProblems):
    """Checks of what names people, clusters, arms, dates and characteristics."""

    def __init__(self, plan: Plan, dictionary: Dictionary) -> None:
        super().__init__(plan.content, plan.document)
        self.dictionary = dictionary

    def design(self) -> Iterator[Problem]:
        design, dictionary = self.plan.design, self.dictionary
        named: list[tuple[Path_, str]] = [
            (("design", "participant"), design.participant),
            (("design", "arm", "variable"), design.arm.variable),
            *((("design", "levels", i, "variable"), name) for i, name in enumerate(design.clusters)),
        ]
        named += [(("design", "interview_date"), design.interview_date)] if design.interview_date else []
        named += [(("design", "recruited_on"), design.recruited_on)] if design.recruited_on else []
        for key in ("characteristics", "team_characteristics"):
            named += [(("design", key, i), name) for i, name in enumerate(getattr(design, key))]
        for path, name in named:
            if name not in dictionary:
                instead = f"give it a row in {self.plan.data.dictionary}"
                yield self.unfit(path, "the variable is not in the dictionary", name, dictionary, instead)
        yield from self.characteristics()
        yield from self.places(named[: 2 + len(design.levels)])
        yield from self.arm()
        when = dictionary.get(design.interview_date or "")
        if when is not None and (when.type != "date" or not when.waves):
            yield self.problem(
                ("design", "interview_date"),
                "this date must be one that is asked at the waves",
                value=when.name,
                allowed=", ".join(v.name for v in dictionary.values() if v.type == "date" and v.waves) or None,
            )
        entered = dictionary.get(design.recruited_on or "")
        if entered is not None and (entered.type != "date" or entered.waves):
            yield self.problem(
                ("design", "recruited_on"),
                "the date of recruitment must be a date of the recruitment log",
                value=entered.name,
                allowed=", ".join(v.name for v in dictionary.values() if v.type == "date" and not v.waves) or None,
            )

    def characteristics(self) -> Iterator[Problem]:
        """What describes people and teams at the start."""
        design, dictionary = self.plan.design, self.dictionary
        first = design.wave_names[0]
        for i, name in enumerate(design.characteristics):
            if name in dictionary and dictionary[name].waves and first not in dictionary[name].waves:
                yield self.problem(
                    ("design", "characteristics", i),
                    f"the variable is asked later than {'baseline' if design.baseline_wave else 'at the first wave'}",
                    value=name,
                    allowed=f"variables of {PEOPLE}, and those that are asked at {first}",
                )
        for i, name in enumerate(design.team_characteristics):
            if name in dictionary and dictionary[name].waves:
                yield self.problem(
                    ("design", "team_characteristics", i),
                    "the variable is asked at the waves, so it describes no cluster",
                    value=name,
                    hint="name a variable that is known of clusters, or remove it",
                )
            if name in ("recruited", *design.stages):
                yield self.problem(
                    ("design", "team_characteristics", i),
                    f"the table of clusters counts {PEOPLE} under this name",
                    value=name,
                    hint=f"call the variable otherwise in the dictionary, and say so under its source: "
                    f"rename: {{{name}: NEW_NAME}}",
                )

    def places(self, named: Sequence[tuple[Path_, str]]) -> Iterator[Problem]:
        """What names people and clusters."""
        for path, name in named:
            if name not in self.dictionary:
                continue
            waves = self.dictionary[name].waves
            if self.dictionary[name].type == "date":
                yield self.problem(
                    path,
                    f"a date can't name {PEOPLE} or clusters",
                    value=name,
                    hint="name the variable of their numbers or names",
                )
            elif waves:
                many = plural(occasion_of(self.plan.data, self.plan.design))
                yield self.problem(
                    path,
                    f"the variable is asked in {many} ({', '.join(waves)}), so it is no property of {A_PERSON}",
                    value=name,
                    hint="name a variable that the dictionary gives no waves",
                )

    def arm(self) -> Iterator[Problem]:
        """The arm is a category, and the reference one of its codes."""
        design, dictionary = self.plan.design, self.dictionary
        arm = dictionary.get(design.arm.variable)
        if arm is not None and not arm.is_categorical:
            yield self.unfit(
                ("design", "arm", "variable"),
                "the arm must be a variable with choices",
                arm.name,
                [v.name for v in dictionary.values() if v.is_categorical],
                "give it choices in the dictionary, such as 0, Control | 1, New",
            )
        elif arm is not None and design.arm.reference not in arm.choices:
            yield self.problem(
                ("design", "arm", "reference"),
                "the variable has no such code",
                value=design.arm.reference,
                allowed=", ".join(arm.choices),
                hint=did_you_mean(design.arm.reference, arm.choices),
            )
        if arm is None or not arm.is_categorical:
            return
        named: list[tuple[Path_, str]]
        named = [(("design", "arm", "compared", place), code) for place, code in enumerate(design.arm.compared)]
        named += [(("design", "arm", "primary"), design.arm.primary)] if design.arm.primary else []
        for place, level in enumerate(design.levels):
            named += [(("design", "levels", place, "arms"), code) for code in level.arms]
            if level.arms and set(arm.choices) <= set(level.arms):
                yield self.problem(
                    ("design", "levels", place, "arms"), "these are all arms of the variable", hint="leave the key out"
                )
        for path, code in named:
            if code not in arm.choices:
                yield self.problem(
                    path,
                    "the variable has no such code",
                    value=code,
                    allowed=", ".join(arm.choices),
                    hint=did_you_mean(code, arm.choices),
                )
