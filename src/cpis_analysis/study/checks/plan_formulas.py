"""Checks of the formulas of a plan against the variables that the data will have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from cpis_analysis.errors import CpisError, Problem
from cpis_analysis.formula.parse import Formula, parse_formula
from cpis_analysis.intake.dictionary.dictionary import Dictionary
from cpis_analysis.plan.naming import in_arms_of
from cpis_analysis.plan.reading.load import Plan
from cpis_analysis.plan.reading.problems import PlanProblems
from cpis_analysis.plan.reading.resolve import filled_formula
from cpis_analysis.plan.reading.timing import timing_of
from cpis_analysis.plan.reading.yaml_reader import Path_
from cpis_analysis.study.checks.plan_conditions import codes_of
from cpis_analysis.study.variables import KnownVariables
from cpis_analysis.study_words import PEOPLE


class FormulaChecks(PlanProblems):
    """Checks of every variable of every formula, and of moderators."""

    def __init__(self, plan: Plan, dictionary: Dictionary, known: KnownVariables) -> None:
        super().__init__(plan.content, plan.document)
        self.dictionary, self.known = dictionary, known

    def formulas(self) -> Iterator[Problem]:
        """Variables of every formula, once for each model, or for each outcome that overrides it."""
        plan, last = self.plan, self.plan.design.followup_wave
        # a variable that a model has for all its outcomes is one mistake
        unknown: dict[tuple[Path_, str], tuple[list[str], Iterable[str]]] = {}
        unfit: dict[tuple[Path_, str], tuple[str, str | None]] = {}
        for outcome, settings in plan.outcomes.items():
            for model in settings.models:
                parsed = self.readable(outcome, model) if outcome in self.known.measured else None
                if parsed is None:
                    continue
                formula = filled_formula(plan, plan.model_of(outcome, model), outcome)
                rows = timing_of(plan.design, outcome, formula).rows
                names = self.known.long | self.known.wide if rows == "long" else self.known.wide
                for variable in parsed.sources:
                    # of an outcome without a follow-up that has been said
                    own = variable.startswith(f"{outcome}_") and last not in self.known.measured[outcome]
                    if variable not in names and not own:
                        at = (self.place_of(outcome, model, variable), variable)
                        unknown.setdefault(at, ([], names))[0].append(outcome)
                yield from self.moderators(self.owner(outcome, model, "contrasts"), outcome, model, names)
                for part in parsed.cluster_parts:
                    if (why := self.no_mean(part.variable)) and part.variable in names:
                        unfit.setdefault((self.place_of(outcome, model, part.variable), str(part)), why)
        for (path, value), (message, hint) in unfit.items():
            yield self.problem(path, message, value=value, hint=hint)
        single = {in_arms_of(level) for level in self.plan.design.clusters}
        for (path, variable), (outcomes, there) in unknown.items():
            yield self.unfit(
                path,
                f"for the outcome{'s' if len(outcomes) > 1 else ''} {', '.join(outcomes)} the "
                "formula uses a variable that the data do not have",
                variable,
                # a level's own variable would be the nearest name
                () if variable in single else there,
                "it is there where arms says which arms have the clusters (design.levels)"
                if variable in single
                else f"give it a row in {self.plan.data.dictionary}",
            )

    def readable(self, outcome: str, model: str) -> Formula | None:
        """The formula of an outcome; None where the plan's own checks say that there is none that can be read."""
        plan = self.plan
        if model not in plan.models or plan.model_of(outcome, model).covariates not in (None, *plan.covariates):
            return None
        try:
            return parse_formula(filled_formula(plan, plan.model_of(outcome, model), outcome))
        except CpisError:
            return None

    def no_mean(self, variable: str) -> tuple[str, str | None] | None:
        """Why clusters have no mean of a variable, with a hint; None where they have one."""
        arm = self.plan.design.arm
        if variable not in self.known.wide:
            at = [f"{variable}_{wave}" for wave in self.known.measured.get(variable, ())]
            return (
                f"a mean of clusters is over {PEOPLE}, and each row of a wave has a value of its own",
                f"write {' or '.join(at)}" if at else None,
            )
        if variable == arm.variable:
            codes = self.dictionary[variable].choices if variable in self.dictionary else ()
            if len(arm.compared or [code for code in codes if code != arm.reference]) > 1:
                return "of several arms there is no one share", "name one arm in design.arm.compared"
            return None
        if self.known.wide[variable] in ("integer", "number", "yesno"):
            return None
        return (
            "only numbers, and yes and no, have a mean",
            "derive a yes/no variable of it, whose mean is the share of yes",
        )

    def owner(self, outcome: str, model: str, key: str) -> Path_:
        """Where a key of a model is set: in the model, or in the outcome's override of it."""
        change = self.plan.outcomes[outcome].overrides.get(model)
        if change is not None and key in change.model_fields_set:
            return ("outcomes", outcome, "overrides", model)
        return ("models", model)

    def place_of(self, outcome: str, model: str, variable: str) -> Path_:
        """Where a variable of a formula is named: in the formula itself or in its list of covariates."""
        part = self.plan.model_of(outcome, model)
        used = re.compile(rf"(?<!\w){re.escape(variable)}(?!\w)")
        if not used.search(part.formula.replace("{outcome}", outcome)) and part.covariates is not None:
            for position, term in enumerate(self.plan.covariates[part.covariates]):
                if used.search(term.replace("{outcome}", outcome)):
                    return ("covariates", part.covariates, position)
        return (*self.owner(outcome, model, "formula"), "formula")

    def moderators(self, path: Path_, outcome: str, model: str, kinds: Mapping[str, str]) -> Iterator[Problem]:
        """Numbers need values at which the arms are compared; factors have levels of their own."""
        for position, contrast in enumerate(self.plan.model_of(outcome, model).contrasts):
            name, here = contrast.moderator, (*path, "contrasts", position)
            if name is None or name not in kinds:
                continue
            number = kinds[name] in ("integer", "number")
            if number and not contrast.at:
                yield self.problem(
                    here,
                    "a numeric moderator needs values at which the arms are compared",
                    value=name,
                    hint="add at: with one or two numbers",
                )
            if not number and contrast.at:
                yield self.problem(
                    (*here, "at"),
                    "the moderator has levels, not values",
                    value=name,
                    allowed=", ".join(codes_of(name, self.dictionary, self.plan.derived)) or None,
                    hint="remove the key",
                )
