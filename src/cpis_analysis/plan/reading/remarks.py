"""What a plan may say and what looks wrong nevertheless: definitions without use, numbers that hardly can be meant."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cpis_analysis.errors import Problem
from cpis_analysis.plan.condition_parser import parse_condition
from cpis_analysis.plan.expression import variables_of
from cpis_analysis.plan.outcome_scale import scale_of_formula
from cpis_analysis.plan.reading.problems import PlanProblems
from cpis_analysis.plan.reading.resolve import filled_formula
from cpis_analysis.plan.reading.yaml_reader import Document, Path_
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.study_words import PEOPLE

_LEVELS = (0.8, 0.999)
_FEWEST = 3


def plan_remarks(content: PlanFile, document: Document) -> list[Problem]:
    """What is no mistake, but worth a sentence before a run; what needs the dictionary is in `study.plan_remarks`.

    A model that no outcome uses is a mistake instead: it was meant to be fitted. A population may stand ready.
    """
    remarks = _Remarks(content, document)
    return [*remarks.unused(), *remarks.levels(), *remarks.windows(), *remarks.cells(), *remarks.scales()]


class _Remarks(PlanProblems):
    def unused(self) -> Iterator[Problem]:
        """Populations, lists of covariates and derived variables that no analysis uses."""
        plan = self.plan
        used = [plan.model_of(outcome, model) for outcome, part in plan.outcomes.items() for model in part.models]
        populations = {model.population for model in used}
        lists = {model.covariates for model in used}
        words = {word for model in used for word in re.findall(r"\w+", model.formula)}
        words |= {word for name in lists if name for term in plan.covariates[name] for word in re.findall(r"\w+", term)}
        for name in populations & set(plan.populations):
            where = plan.populations[name].where
            words |= set(where) if isinstance(where, dict) else set(variables_of(parse_condition(where)))
        for section, message, known in (
            ("populations", "no model uses this population", populations),
            ("covariates", "no model uses this list of covariates", lists),
            ("derived", "no model or population uses this derived variable", words),
        ):
            for name in getattr(plan, section):
                if name not in known:
                    yield self.problem((section, name), message, value=name, hint="use it in a model, or remove it")

    def scales(self) -> Iterator[Problem]:
        """Margins and important differences in points of an outcome whose headline is on another scale."""
        for name, part in self.plan.outcomes.items():
            if part.models[0] not in self.plan.models or part.is_event:
                continue
            formula = filled_formula(self.plan, self.plan.model_of(name, part.models[0]), name)
            scale = scale_of_formula(formula)
            on = part.on_scale.get(scale.name)
            for key in () if scale.natural else ("equivalence", "minimal_important_difference"):
                if getattr(part, key) is not None and (on is None or getattr(on, key) is None):
                    yield self.problem(
                        ("outcomes", name, key),
                        f"this is in points and says nothing of the outcome's first model, which is {scale.phrase}",
                        value=part.models[0],
                        hint=f"add it under on_scale: {scale.name}",
                    )

    def levels(self) -> Iterator[Problem]:
        """Levels of intervals that nobody reads."""
        places: list[tuple[Path_, float]] = [
            (("models", name, "level"), one.level) for name, one in self.plan.models.items()
        ]
        places += [
            (("outcomes", outcome, "overrides", name, "level"), change.said("level"))
            for outcome, part in self.plan.outcomes.items()
            for name, change in part.overrides.items()
            if "level" in change.model_fields_set
        ]
        for path, level in places:
            if not _LEVELS[0] <= level <= _LEVELS[1]:
                kind = "wide to say anything" if level > _LEVELS[1] else "narrow to be read as an interval"
                yield self.problem(
                    path,
                    f"an interval of this level is too {kind}",
                    value=repr(level),
                    hint="write 0.95, or 0.9 for equivalence",
                )

    def windows(self) -> Iterator[Problem]:
        """Windows that hold one day, or not the day that was meant."""
        design, cleaning = self.plan.design, self.plan.cleaning
        months_of = {wave.name: wave.months for wave in design.waves}
        window, months = cleaning.followup_window, months_of.get(design.followup_wave, 0) - design.waves[0].months
        path: Path_ = ("cleaning", "followup_window")
        shown = f"{window.earliest:g} to {window.latest:g}"
        dated = design.interview_date is not None and design.baseline_wave is not None
        if dated and window.earliest == window.latest:
            yield self.problem(
                path,
                "the window holds no more than one day, so nearly every follow-up is off time",
                value=shown,
                hint="give earliest and latest of the window, or remove it",
            )
        elif dated and not window.earliest <= months <= window.latest:
            yield self.problem(
                path,
                f"the follow-up is due {months:g} months after baseline, which lies outside its window",
                value=shown,
                hint="set earliest and latest around it",
            )
        for name, dates in cleaning.date_windows.items():
            if dates.latest_days is not None and dates.latest_days == dates.earliest_days:
                yield self.problem(
                    ("cleaning", "date_windows", name),
                    "the window holds a single day",
                    value=str(dates.latest_days),
                    hint="give earliest and latest of the window, or remove it",
                )

    def cells(self) -> Iterator[Problem]:
        """A minimum cell that protects nobody."""
        report = self.plan.report
        if report.minimum_cell < _FEWEST:
            yield self.problem(
                ("report", "minimum_cell"),
                f"counts of one or two {PEOPLE} would be shown, who may be recognised",
                value=str(report.minimum_cell),
                allowed=f"{_FEWEST} or more; 5 is usual",
                hint="see docs/privacy.md for the reason",
            )
