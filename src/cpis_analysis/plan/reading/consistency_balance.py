"""Checks of how models weight people so that the arms are alike: which models can, and on what."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.formula.parse import parse_formula
from cpis_analysis.methods import method_of, methods
from cpis_analysis.methods.balancing import balancing_of
from cpis_analysis.methods.handling import OBSERVED
from cpis_analysis.methods.method import listed
from cpis_analysis.plan.reading.problems import PlanProblems
from cpis_analysis.plan.reading.resolve import filled_formula
from cpis_analysis.plan.reading.yaml_reader import Path_
from cpis_analysis.plan.schema import Model
from cpis_analysis.plan.schema_balance import Balance
from cpis_analysis.study_words import A_PERSON, PEOPLE


class BalanceChecks(PlanProblems):
    """Checks of the key `balance`; formulas with mistakes are left to their own."""

    def models(self) -> Iterator[Problem]:
        yield from self.of_models(self.model)

    def model(self, path: Path_, model: Model) -> Iterator[Problem]:
        asked = model.balance
        if asked is None:
            return
        here: Path_ = (*path, "balance")
        method = method_of(model)
        if not method.weighted:
            able = listed([other.name for other in methods() if other.weighted], "or")
            yield self.problem(
                here,
                f"{method.noun} takes no weights of this kind",
                value=model.estimator,
                hint=f"use {able}, whose standard errors hold whatever the weights",
            )
        if model.missing != OBSERVED.name:
            yield self.problem(
                (*path, "missing"),
                "weights that make the arms alike are made of what was observed; nothing is imputed or weighted for "
                "beside them",
                value=model.missing,
                hint="leave one of the two out, or write two models",
            )
        if model.leave_one_out:
            message = "the weights are made of everybody, and are not made again without a cluster"
            yield self.problem((*path, "leave_one_out"), message, value="true", hint="remove the key")
        if len(set(self.plan.design.arm.compared) - {self.plan.design.arm.reference}) > 1:
            message = "weights make two arms alike, and the study compares more"
            yield self.problem(here, message, hint="remove the key, or name two arms in design.arm.compared")
        yield from self.of_weights(here, asked)
        try:
            formula = parse_formula(filled_formula(self.plan, model, "outcome"))
        except ModelError:
            return
        if "wave" in formula.variables:
            yield self.problem(
                here, f"{PEOPLE} are weighted, and this model has one row a measurement",
                hint=f"write a model with one row {A_PERSON}",
            )  # fmt: skip

    def of_weights(self, path: Path_, asked: Balance) -> Iterator[Problem]:
        targets = balancing_of(asked).targets
        if asked.target is not None and not targets:
            yield self.problem(
                (*path, "target"),
                f"{asked.method} weights say themselves about whom the difference is",
                value=asked.target,
                hint="remove the key, or use method: entropy",
            )
        waves = [wave for wave in self.plan.design.wave_names if wave != self.plan.design.baseline_wave]
        later = {
            f"{name}_{end}" for name in (*self.plan.outcomes, "{outcome}") for end in (*waves, "change")
        }  # fmt: skip
        for position, name in enumerate(asked.variables):
            at: Path_ = (*path, "variables", position)
            if name == self.plan.design.arm.variable:
                yield self.problem(at, "the arms can't be made alike in the arm", value=name, hint="leave it out")
            elif name in later:
                yield self.problem(
                    at, "it is known after the intervention began, which may have moved it", value=name,
                    hint="balance what was known before",
                )  # fmt: skip
            elif name in asked.variables[:position]:
                yield self.problem(at, "the variable stands twice", value=name, hint="leave one out")
