"""Checks of how models handle missing values: which can have their values imputed or be weighted, and by what."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.formula.parse import Formula, parse_formula
from cpis_analysis.methods import method_of, methods
from cpis_analysis.methods.handling import IMPUTED, OBSERVED, WEIGHTED
from cpis_analysis.methods.method import listed
from cpis_analysis.plan.reading.problems import PlanProblems
from cpis_analysis.plan.reading.resolve import filled_formula
from cpis_analysis.plan.reading.yaml_reader import Path_
from cpis_analysis.plan.schema import Model
from cpis_analysis.study_words import A_PERSON

_UNDONE = ("log", "log1p")
"""Transforms of an outcome on whose scale it can be imputed: those that can be undone for every number."""


class MissingChecks(PlanProblems):
    """Checks of the keys `missing`, `imputation` and `weighting`; formulas with mistakes are left to their own."""

    def models(self) -> Iterator[Problem]:
        yield from self.of_models(self.model)
        for outcome, part in self.plan.outcomes.items():
            for position, name in enumerate(part.models):
                if name in self.plan.models and (why := self.not_imputed(outcome, name)):
                    yield self.problem(
                        ("outcomes", outcome, "models", position),
                        why,
                        value=name,
                        hint="write missing: observed under overrides of the outcome, or remove the model from its "
                        "list",
                    )

    def not_imputed(self, outcome: str, name: str) -> str:
        """Why the values of an outcome can't be drawn for a model; empty if they can."""
        model, kind = self.plan.model_of(outcome, name), self.plan.outcomes[outcome].type
        if model.missing != IMPUTED.name:
            return ""
        if kind == "time_to_event":
            return "times to an event are not imputed"
        if kind == "count" or (kind == "bounded_count" and method_of(model).families):
            return f"counts are not imputed as whole numbers, which {method_of(model).noun} needs"
        return ""

    def model(self, path: Path_, model: Model) -> Iterator[Problem]:
        for key, handling in (("imputation", IMPUTED), ("weighting", WEIGHTED)):
            if getattr(model, key) is not None and model.missing != handling.name:
                yield self.problem(
                    (*path, key), f"only missing: {handling.name} has the key {key}", hint="remove the key, or say so"
                )
        if model.missing == OBSERVED.name:
            return
        here: Path_ = (*path, "missing")
        try:
            formula = parse_formula(filled_formula(self.plan, model, "outcome"))
        except ModelError:
            return
        if model.leave_one_out:
            message = "clusters are left out of what was observed, and nothing is imputed or weighted then"
            yield self.problem((*path, "leave_one_out"), message, value="true", hint="remove the key")
        if "wave" in formula.variables:
            yield self.problem(
                here,
                "a model of all measurements uses what is there of everybody; nothing is imputed or weighted",
                value=model.missing,
                hint=f"remove the key, or write a model with one row {A_PERSON}",
            )
            return
        yield from self.imputed(path, model, formula) if model.missing == IMPUTED.name else self.weighted(path, model)

    def imputed(self, path: Path_, model: Model, formula: Formula) -> Iterator[Problem]:
        here: Path_ = (*path, "missing")
        degrees = method_of(model).degrees_for(model.df)
        if degrees.of_contrast or degrees.resampled:
            message = f"Rubin's rules need a standard error, and {degrees.words} has none"
            hint = "name another estimator" if degrees.resampled else "name other degrees of freedom"
            yield self.problem(here, message, value=degrees.in_plan, hint=hint)
        strange = [name for name in formula.response.transforms if name not in _UNDONE]
        if strange:
            yield self.problem(
                here,
                "an outcome can't be imputed on this scale",
                value=strange[0],
                allowed=f"{', '.join(_UNDONE)}, or none",
            )
        for position, contrast in enumerate(model.contrasts):
            if contrast.kind == "joint":
                message = "joint tests are not put together over imputations"
                yield self.problem((*path, "contrasts", position), message, value=contrast.kind, hint="remove it")
        asked = model.imputation
        if asked and asked.most < asked.fewest:
            yield self.problem(
                (*path, "imputation", "most"),
                "fewer imputations at most than in any case",
                value=str(asked.most),
                allowed=f"{asked.fewest} or more",
            )

    def weighted(self, path: Path_, model: Model) -> Iterator[Problem]:
        method = method_of(model)
        if not method.weighted:
            able = listed([other.name for other in methods() if other.weighted], "or")
            yield self.problem(
                (*path, "missing"),
                f"{method.noun} takes no weights of this kind",
                value=model.estimator,
                hint=f"use {able}, whose standard errors hold whatever the weights",
            )
        if model.weighting is None:
            yield self.problem(path, "inverse_probability needs the key weighting", allowed="weighting: {predictors}")
