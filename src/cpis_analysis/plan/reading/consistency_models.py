"""Checks of models and lists of covariates, as far as they need no data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import get_args

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.formula.effects import effect_variables, wider_terms
from cpis_analysis.formula.parse import Formula, parse_formula, term_text
from cpis_analysis.methods import averages_over_people, method_of, methods
from cpis_analysis.methods.method import listed
from cpis_analysis.plan.reading.consistency_clusters import ClusterMeanChecks
from cpis_analysis.plan.reading.consistency_effects import EffectChecks
from cpis_analysis.plan.reading.problems import PlanProblems
from cpis_analysis.plan.reading.resolve import filled_formula
from cpis_analysis.plan.reading.timing import responses, timing_of
from cpis_analysis.plan.reading.yaml_reader import Document, Path_
from cpis_analysis.plan.schema import Model, PlanFile
from cpis_analysis.plan.specification import MONTHS
from cpis_analysis.study_words import A_PERSON


class ModelChecks(PlanProblems):
    """Checks of what makes an analysis; `covariates` comes before `models`, which say nothing of bad lists again."""

    def __init__(self, content: PlanFile, document: Document) -> None:
        super().__init__(content, document)
        self.bad_lists: dict[str, bool] = {}
        self.effects = EffectChecks(content, document)

    def models(self) -> Iterator[Problem]:
        used = {model for part in self.plan.outcomes.values() for model in part.models}
        for name, model in self.plan.models.items():
            path: Path_ = ("models", name)
            if name not in used:
                yield self.problem(
                    path, "no outcome uses this model", value=name, hint="add it to an outcome's models, or remove it"
                )
            yield from self.model(path, model)
        yield from self.headlines()
        for name, outcome in self.plan.outcomes.items():
            for model_name in outcome.overrides:
                if model_name not in outcome.models:
                    path = ("outcomes", name, "overrides", model_name)
                    yield self.unknown(path, "model of this outcome", model_name, outcome.models)
                elif model_name in self.plan.models:
                    yield from self.of_override(name, model_name, self.model)

    def model(self, path: Path_, model: Model) -> Iterator[Problem]:
        """What is wrong with one model, as it stands or as an outcome overrides it."""
        parsed = None
        for found in self.formula((*path, "formula"), model):
            if isinstance(found, Problem):
                yield found
            else:
                parsed = found
        if model.population != "available" and model.population not in self.plan.populations:
            yield self.unknown(
                (*path, "population"), "population", model.population, ["available", *self.plan.populations]
            )
        yield from self.keys(path, model)
        yield from self.degrees(path, model)
        if parsed is not None:
            yield from self.effects.effects(path, model, parsed)

    def headlines(self) -> Iterator[Problem]:
        """An outcome's first model is its headline, so it has to give a difference between the arms for everybody."""
        arm = self.plan.design.arm.variable
        for name, outcome in self.plan.outcomes.items():
            model = self.plan.models.get(outcome.models[0])
            if model is None:
                continue
            if outcome.models[0] in outcome.overrides:
                model = outcome.overrides[outcome.models[0]].applied_to(model)
            path: Path_ = ("outcomes", name, "models", 0)
            named = set(effect_variables(model.effect or arm))
            when = timing_of(self.plan.design, name, filled_formula(self.plan, model, name))
            if when.followup_wave != self.plan.design.followup_wave:
                yield self.problem(
                    path,
                    "the first model is the headline, and it is about another wave than the primary one",
                    value=model.formula,
                    allowed=f"{{outcome}}_{self.plan.design.followup_wave}",
                    hint="put a model of the primary wave first, or name the other one in design.primary_wave",
                )
                continue
            if named - {arm, "wave"}:
                yield self.problem(
                    path,
                    "the first model is the headline, and its effect is an interaction",
                    value=model.effect,
                    hint="put a model of the difference between the arms first",
                )
                continue
            parsed = next((one for one in self.formula(path, model) if not isinstance(one, Problem)), None)
            if parsed is None or averages_over_people(model):
                continue
            wider = wider_terms(parsed, model.effect or arm)
            if not self.effects.has_baseline_rows(name, model):
                # the arms' coefficient is their difference at the primary wave, against which the others are coded
                wider = [term for term in wider if {operand.variable for operand in term} != {arm, "wave"}]
            beside = [term_text(term) for term in wider]
            if beside:
                yield self.problem(
                    path,
                    f"the first model is the headline, and beside {beside[0]} its effect is the difference at "
                    "the other variable's reference level or zero only",
                    value=model.formula,
                    hint="put a model without interactions of the arm first, and this one among the others",
                )

    def keys(self, path: Path_, model: Model) -> Iterator[Problem]:
        """Keys that the model's method needs and lacks, and those of other methods."""
        method = method_of(model)
        for key in method.needs:
            if getattr(model, key) is None:
                yield self.problem(path, f"{method.noun} needs the key {key}", allowed=self.choices(key))
        for key, owners in _owners().items():
            given = key in model.model_fields_set and getattr(model, key) not in (None, False)
            if given and key not in method.keys:
                why = method.refuses.get(key) or f"only {listed(owners)} {_have(owners)} the key {key}"
                yield self.problem((*path, key), why, hint="remove the key")
        if model.cluster is not None and "cluster" in method.keys and model.cluster not in self.units():
            yield self.unknown((*path, "cluster"), "level of clusters", model.cluster, self.units())
        for refused in method.check(model):
            yield self.problem(
                (*path, refused.key),
                refused.message,
                value=refused.value,
                allowed=refused.allowed,
                hint=refused.hint,
            )

    def units(self) -> tuple[str, ...]:
        """What a model may be robust by: a level of clusters, or the person."""
        return (*self.plan.design.clusters, self.plan.design.participant)

    def choices(self, key: str) -> str:
        """What a key of a model may hold."""
        if key == "cluster":
            return ", ".join(self.units())
        return ", ".join(choice for form in get_args(Model.model_fields[key].annotation) for choice in get_args(form))

    def degrees(self, path: Path_, model: Model) -> Iterator[Problem]:
        """Degrees of freedom that the model's method has not, or that can't do what the model asks for."""
        method = method_of(model)
        if "df" not in method.keys:
            return
        degrees = method.degrees_for(model.df)
        if degrees.in_plan != model.df and "df" in model.model_fields_set:
            yield self.problem(
                (*path, "df"),
                f"{method.noun} has no such degrees of freedom",
                value=model.df,
                allowed=", ".join(one.in_plan for one in method.degrees),
            )
        for refused in degrees.check(model):
            yield self.problem((*path, refused.key), refused.message, value=refused.value, allowed=refused.allowed)

    def formula(self, path: Path_, model: Model) -> Iterator[Problem | Formula]:
        """Problems of a formula template, or the formula itself with `outcome` for the outcome."""
        if "{outcome}" not in model.formula:
            yield self.problem(path, "the formula names no outcome", allowed="{outcome} in the place of the outcome")
            return
        stray = re.search(r"[{}]", model.formula.replace("{outcome}", "").replace("{covariates}", ""))
        if stray:
            yield self.problem(
                path,
                "the only templates are {outcome} and {covariates}",
                value=model.formula,
                hint="remove the other braces",
            )
            return
        problem = self.list_problem(path, model)
        if problem is not None:
            yield problem
            return
        if model.covariates is not None and self.bad_lists.get(model.covariates):
            return
        yield from self.parsed(path, model)

    def list_problem(self, path: Path_, model: Model) -> Problem | None:
        """What is wrong with the list that the formula takes its covariates from."""
        list_path = (*path[:-1], "covariates")
        if model.covariates is None and "{covariates}" in model.formula:
            return self.problem(
                path,
                "the formula uses {covariates}, but the model names no list",
                allowed=", ".join(f"covariates: {name}" for name in self.plan.covariates) or None,
                hint="add the key covariates to the model",
            )
        if model.covariates is not None and "{covariates}" not in model.formula:
            return self.problem(
                list_path,
                "the formula does not use {covariates}",
                value=model.covariates,
                hint="write {covariates} in the formula, or remove the key",
            )
        if model.covariates is not None and model.covariates not in self.plan.covariates:
            return self.unknown(list_path, "list of covariates", model.covariates, self.plan.covariates)
        return None

    def parsed(self, path: Path_, model: Model) -> Iterator[Problem | Formula]:
        """The formula itself, and what does not go with the outcome or the estimator."""
        try:
            parsed = parse_formula(filled_formula(self.plan, model, "outcome"))
        except ModelError as error:
            for problem in error.problems or (Problem(error.summary),):
                yield self.problem(
                    path,
                    problem.message,
                    value=problem.value or model.formula,
                    allowed=problem.allowed,
                    hint=problem.hint,
                    character=problem.character,
                )
            return
        lefts = list(responses(self.plan.design, "outcome"))
        if parsed.response.variable not in lefts:
            yield self.problem(
                path,
                "the left side is not the outcome",
                value=model.formula,
                allowed=", ".join(lefts).replace("outcome", "{outcome}"),
            )
        method = method_of(model)
        if method.random_part and not method.random_optional and not parsed.random_terms:
            yield self.problem(
                path,
                f"{method.noun} needs a random part such as (1 | {self.units()[0]})",
                value=model.formula,
                hint="add it to the formula, or choose estimator: ols_cr2 or by_design",
            )
        if not method.random_part and parsed.random_terms:
            yield self.problem(
                path,
                f"{method.noun} takes no random part",
                value=model.formula,
                hint="remove the terms with | from the formula",
            )
        if method.families and parsed.response.transforms:
            message = f"{method.noun} takes the outcome as it is: its link does what a transformation would"
            yield self.problem(path, message, value=model.formula, hint="write the outcome without the transform")
        if not method.long_rows and "wave" in parsed.variables:
            message = f"{method.noun} takes one row {A_PERSON}, so its formula can't hold wave"
            hint = "write {outcome}_ with the name of a wave, or choose estimator: mixed"
            yield self.problem(path, message, value=model.formula, hint=hint)
        yield from self.waves_of(path, model, parsed)
        yield from ClusterMeanChecks(self.plan, self.document).formula(path, model, parsed)
        yield parsed

    def waves_of(self, path: Path_, model: Model, parsed: Formula) -> Iterator[Problem]:
        """Wave, months and changes in studies that have not what they need."""
        design, named = self.plan.design, parsed.variables
        if len(design.waves) == 1 and "wave" in named:
            yield self.problem(
                path,
                "the study has one wave, so wave is no variable of it",
                value=model.formula,
                hint=f"write {{outcome}}_{design.followup_wave} ~ ... without wave",
            )
        if parsed.response.variable != "outcome":
            return
        if "wave" not in named and MONTHS not in named:
            yield self.problem(
                path,
                "the left side is the outcome at all waves, and the formula does not say of which wave",
                value=model.formula,
                hint=f"write {{outcome}}_{design.followup_wave} ~ ..., or wave or {MONTHS} on the right side",
            )

    def covariates(self) -> Iterator[Problem]:
        for name, terms in self.plan.covariates.items():
            for position, term in enumerate(terms):
                for problem in self.covariate(("covariates", name, position), term):
                    self.bad_lists[name] = True
                    yield problem

    def covariate(self, path: Path_, term: str) -> Iterator[Problem]:
        text = term.replace("{outcome}", "outcome")
        try:
            parsed = parse_formula(f"outcome_6m ~ {text}")
        except ModelError as error:
            for problem in error.problems:
                yield self.problem(
                    path,
                    problem.message,
                    value=term,
                    allowed=problem.allowed,
                    hint=problem.hint,
                )
            return
        if parsed.random_terms:
            yield self.problem(
                path, "a covariate takes no random part", value=term, hint="write it into the formula of the model"
            )
        if re.match(r"\s*[-+]|.*[-+]\s*[01]\b|\s*[01]\b", term):
            yield self.problem(
                path,
                "a covariate is a term, without signs before it and without 0 and 1",
                value=term,
                hint="write variables, and products of them, alone",
            )


def _owners() -> dict[str, list[str]]:
    """Keys that not every method takes, each with what messages call the methods that do."""
    found: dict[str, list[str]] = {}
    for method in methods():
        for key in method.keys:
            found.setdefault(key, []).append(method.noun)
    return found


def _have(owners: list[str]) -> str:
    return "have" if len(owners) > 1 else "has"
