"""Checks of tipping-point analyses: which models can have one, and which shifts can be shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.formula.parse import parse_formula
from cpis_analysis.methods import method_of
from cpis_analysis.methods.handling import OBSERVED
from cpis_analysis.plan.reading.problems import PlanProblems
from cpis_analysis.plan.reading.resolve import filled_formula
from cpis_analysis.plan.reading.yaml_reader import Path_
from cpis_analysis.plan.schema import Outcome
from cpis_analysis.study_words import A_PERSON

_FEWEST = 3


class TippingChecks(PlanProblems):
    """Checks of the key `tipping_point` of outcomes; models with other mistakes are left to their own checks."""

    def outcomes(self) -> Iterator[Problem]:
        for name, outcome in self.plan.outcomes.items():
            if outcome.tipping_point is not None:
                path: Path_ = ("outcomes", name, "tipping_point")
                yield from self.models(path, name, outcome, outcome.tipping_point.models)
                yield from self.deltas(path, outcome.tipping_point.deltas)

    def models(self, path: Path_, name: str, outcome: Outcome, named: Sequence[str]) -> Iterator[Problem]:
        if outcome.type in ("binary", "ordinal", "count", "time_to_event"):
            yield self.problem(
                path,
                f"a tipping point is found for scores, not for a{'n' * (outcome.type == 'ordinal')} {outcome.type} "
                "outcome",
                value=name,
                allowed="outcomes of type continuous or bounded_count",
                hint="remove the key",
            )
            return
        able = [model for model in outcome.models if model in self.plan.models and not self.reason(name, model)]
        for position, model in enumerate(named):
            here: Path_ = (*path, "models", position)
            if model not in outcome.models:
                yield self.unknown(here, "model of this outcome", model, outcome.models)
            elif model in named[:position]:
                yield self.problem(here, "the model stands twice", value=model, hint="remove one of the two")
            elif model in self.plan.models and (why := self.reason(name, model)):
                yield self.problem(
                    here,
                    f"no tipping point for this model: {why}",
                    value=model,
                    allowed=", ".join(able) or "none of the outcome's models",
                )
        first = outcome.models[0]
        if not named and first in self.plan.models and (why := self.reason(name, first)):
            yield self.problem(
                path,
                f"no tipping point for the first model: {why}",
                value=first,
                allowed=", ".join(able) or "none of the outcome's models",
                hint="name others under models" if able else "remove the key",
            )

    def reason(self, outcome: str, name: str) -> str:
        """Why a model can have no tipping point; empty if it can."""
        model = self.plan.model_of(outcome, name)
        method = method_of(model)
        if not method.shifts_missing:
            return f"{method.noun} has no prediction for {A_PERSON} without the outcome"
        if model.missing != OBSERVED.name:
            return "its missing values are handled already"
        if model.balance is not None:
            return "its weights are for those with the outcome"
        if unmoved := method.degrees_for(model.df).unmoved:
            return unmoved
        try:
            formula = parse_formula(filled_formula(self.plan, model, outcome))
        except ModelError:
            return ""
        if "wave" in formula.variables:
            return "with all measurements as rows, a missing one is no row that could be shifted"
        if (model.effect or self.plan.design.arm.variable).strip() != self.plan.design.arm.variable:
            return "it reports something else than the difference between the arms"
        if formula.response.transforms:
            return "its outcome is transformed, so a shift in points is none of the model's outcome"
        return ""

    def deltas(self, path: Path_, deltas: list[float]) -> Iterator[Problem]:
        if not deltas:
            return
        shown = ", ".join(f"{value:g}" for value in deltas)
        here: Path_ = (*path, "deltas")
        if any(later <= earlier for earlier, later in pairwise(deltas)):
            yield self.problem(
                here,
                "the shifts are not in increasing order",
                value=shown,
                hint="write them from the lowest to the highest, each once",
            )
        elif len(deltas) < _FEWEST or 0.0 not in deltas[1:-1]:
            yield self.problem(
                here, "the shifts need 0, one below and one above", value=shown, allowed="such as [-6, -3, 0, 3, 6]"
            )
