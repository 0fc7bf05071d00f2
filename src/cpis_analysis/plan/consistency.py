"""Checks across the keys of a plan: what one part names, another must define."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator

from cpis_analysis.errors import ModelError, PlanError, Problem, did_you_mean
from cpis_analysis.lmm.formula import Formula, parse_formula, term_text
from cpis_analysis.plan.expression import WORDS, parse_condition, variables_of
from cpis_analysis.plan.resolve import filled_formula
from cpis_analysis.plan.schema import Contrast, Model, Outcome, PlanFile
from cpis_analysis.plan.yaml_reader import Document, Path_

__all__ = ["consistency_problems"]


def consistency_problems(content: PlanFile, document: Document) -> list[Problem]:
    """Every contradiction between the parts of a plan that needs no data to be seen."""
    check = _Check(content, document)
    return [*check.sources(), *check.waves(), *check.outcomes(), *check.covariates(), *check.conditions(),
            *check.models(), *check.families()]


class _Check:
    def __init__(self, content: PlanFile, document: Document) -> None:
        self.plan = content
        self.document = document
        self.bad_lists: dict[str, bool] = {}

    def problem(self, path: Path_, message: str, **more: str | None) -> Problem:
        return Problem(message, file=self.document.file, line=self.document.line_of(path), **more)

    def unknown(self, path: Path_, kind: str, name: str, known: Iterable[str]) -> Problem:
        known = list(known)
        allowed = ", ".join(known) or f"none, because the plan defines no {kind}"
        hint = did_you_mean(name, known)
        return self.problem(path, f"no {kind} of this name", value=name, allowed=allowed, hint=hint)

    def sources(self) -> Iterator[Problem]:
        waves = [wave.name for wave in self.plan.design.waves]
        kinds = [source.holds for source in self.plan.data.sources.values()]
        for name, source in self.plan.data.sources.items():
            path = ("data", "sources", name, "wave")
            if source.holds == "interviews" and source.wave is None:
                yield self.problem(path[:-1], "an interviews file needs its wave", allowed=", ".join(waves))
            elif source.wave is not None and source.holds != "interviews":
                yield self.problem(path, "only an interviews file has one wave", value=source.wave)
            elif source.wave is not None and source.wave not in waves:
                yield self.unknown(path, "wave", source.wave, waves)
        for kind in ("participants", "wide", "teams", "themes"):
            if kinds.count(kind) > 1:
                yield self.problem(("data", "sources"), f"more than one file holds {kind}", allowed="one")
        if "wide" not in kinds and "long" not in kinds and not {"participants", "interviews"} <= set(kinds):
            yield self.problem(("data", "sources"), "interviews are missing", allowed="participants and interviews "
                               "files, or one file of all waves (long or wide)")

    def waves(self) -> Iterator[Problem]:
        first, second = self.plan.design.waves
        if first.name == second.name:
            yield self.problem(("design", "waves", 1, "name"), "two waves have the same name", value=second.name)
        if second.months <= first.months:
            yield self.problem(("design", "waves", 1, "months"), "the follow-up is not after baseline",
                               value=f"{second.months:g}", allowed=f"more than {first.months:g}")
        window = self.plan.cleaning.followup_window
        if window.earliest > window.latest:
            yield self.problem(("cleaning", "followup_window"), "the window ends before it begins")

    def outcomes(self) -> Iterator[Problem]:
        primary = [name for name, part in self.plan.outcomes.items() if part.role == "primary"]
        if len(primary) != 1:
            yield self.problem(("outcomes",), "one outcome must be primary", value=", ".join(primary) or "none")
        for name, part in self.plan.outcomes.items():
            for position, model in enumerate(part.models):
                path = ("outcomes", name, "models", position)
                if model not in self.plan.models:
                    yield self.unknown(path, "model", model, self.plan.models)
                elif model in part.models[:position]:
                    yield self.problem(path, "the model stands twice", value=model)
            if part.low is not None and part.high is not None and part.low >= part.high:
                yield self.problem(("outcomes", name, "low"), "low is not below high")
            yield from self.outcome_type(("outcomes", name), name, part)

    def outcome_type(self, path: Path_, name: str, part: Outcome) -> Iterator[Problem]:
        if part.type == "bounded_count":
            for key in ("low", "high"):
                if getattr(part, key) is None:
                    yield self.problem(path, f"a bounded count needs the key {key}")
        if part.type != "binary":
            for key in ("variable", "event"):
                if getattr(part, key):
                    yield self.problem((*path, key), f"only a binary outcome has the key {key}",
                                       hint="set type: binary, or remove the key")
            for position, model in enumerate(part.models):
                if model in self.plan.models and self.plan.model_of(name, model).estimator == "gee":
                    yield self.problem((*path, "models", position), "gee is for binary outcomes", value=model,
                                       hint="set type: binary, or use another model")
            return
        if bool(part.variable) != bool(part.event):
            yield self.problem(path, "a binary outcome needs both variable and event, or neither for a variable of 0 "
                               "and 1", hint='such as variable: support_received and event: ["yes"]')
        if part.variable == name:
            yield self.problem((*path, "variable"), "the outcome needs another name than its variable", value=name)
        for key in ("low", "high"):
            if getattr(part, key) is not None:
                yield self.problem((*path, key), "a binary outcome lies between 0 and 1", hint="remove the key")

    def models(self) -> Iterator[Problem]:
        used = {model for part in self.plan.outcomes.values() for model in part.models}
        for name, model in self.plan.models.items():
            path: Path_ = ("models", name)
            if name not in used:
                yield self.problem(path, "no outcome uses this model", value=name,
                                   hint="add it to an outcome's models, or remove it")
            yield from self.model(path, model)
        for name, outcome in self.plan.outcomes.items():
            for model_name, change in outcome.overrides.items():
                path = ("outcomes", name, "overrides", model_name)
                if model_name not in outcome.models:
                    yield self.unknown(path, "model of this outcome", model_name, outcome.models)
                elif model_name in self.plan.models:
                    changed = change.applied_to(self.plan.models[model_name])
                    before = {problem.message for problem in self.model(("models", model_name),
                                                                        self.plan.models[model_name])}
                    yield from (p for p in self.model(path, changed) if p.message not in before)

    def model(self, path: Path_, model: Model) -> Iterator[Problem]:
        """What is wrong with one model, as it stands or as an outcome overrides it."""
        parsed = None
        for found in self.formula((*path, "formula"), model):
            if isinstance(found, Problem):
                yield found
            else:
                parsed = found
        if model.population != "available" and model.population not in self.plan.populations:
            yield self.unknown((*path, "population"), "population", model.population,
                               ["available", *self.plan.populations])
        yield from self.clusters(path, model)
        if parsed is not None:
            yield from self.effects(path, model, parsed)

    def clusters(self, path: Path_, model: Model) -> Iterator[Problem]:
        if model.estimator == "mixed" and model.cluster is not None:
            yield self.problem((*path, "cluster"), "a mixed model takes its clusters from the formula",
                               hint="remove the key")
        if model.estimator != "mixed" and model.cluster is None:
            yield self.problem(path, f"{model.estimator} needs the key cluster", allowed="trust, team")
        if model.cluster == "team" and self.plan.design.team is None:
            yield self.problem((*path, "cluster"), "the design names no team variable", value="team")
        if model.pairs and model.estimator != "cluster_summary":
            yield self.problem((*path, "pairs"), "only cluster_summary can pair")
        if model.estimator != "gee":
            for key in sorted({"link", "correlation", "correction"} & model.model_fields_set):
                yield self.problem((*path, key), f"only gee has the key {key}", hint="remove the key")

    def formula(self, path: Path_, model: Model) -> Iterator[Problem | Formula]:
        """Problems of a formula template, or the formula itself with `outcome` for the outcome."""
        if "{outcome}" not in model.formula:
            yield self.problem(path, "the formula names no outcome", allowed="{outcome} in the place of the outcome")
            return
        stray = re.search(r"[{}]", model.formula.replace("{outcome}", "").replace("{covariates}", ""))
        if stray:
            yield self.problem(path, "the only templates are {outcome} and {covariates}", value=model.formula)
            return
        list_path = (*path[:-1], "covariates")
        if model.covariates is None and "{covariates}" in model.formula:
            yield self.problem(path, "the formula uses {covariates}, but the model names no list",
                               allowed=", ".join(f"covariates: {name}" for name in self.plan.covariates) or None,
                               hint="add the key covariates to the model")
            return
        if model.covariates is not None and "{covariates}" not in model.formula:
            yield self.problem(list_path, "the formula does not use {covariates}", value=model.covariates,
                               hint="write {covariates} in the formula, or remove the key")
            return
        if model.covariates is not None and model.covariates not in self.plan.covariates:
            yield self.unknown(list_path, "list of covariates", model.covariates, self.plan.covariates)
            return
        if model.covariates is not None and self.bad_lists.get(model.covariates):
            return
        try:
            parsed = parse_formula(filled_formula(self.plan, model, "outcome"))
        except ModelError as error:
            for problem in error.problems or (Problem(error.summary),):
                yield self.problem(path, problem.message, value=problem.value or model.formula,
                                   allowed=problem.allowed, hint=problem.hint)
            return
        if model.estimator == "mixed" and not parsed.random_terms:
            yield self.problem(path, "a mixed model needs a random part such as (1 | trust)", value=model.formula)
        if model.estimator != "mixed" and parsed.random_terms:
            yield self.problem(path, f"{model.estimator} takes no random part", value=model.formula)
        if model.estimator == "gee" and "wave" in parsed.variables:
            yield self.problem(path, "gee takes one row a participant, so its formula can't hold wave",
                               value=model.formula)
        yield parsed

    def effects(self, path: Path_, model: Model, parsed: Formula) -> Iterator[Problem]:
        """The reported effect and the contrasts, against the formula."""
        arm = self.plan.design.arm.variable
        for variable in re.split(r"[:*]", model.effect or arm):
            if variable.strip() not in parsed.variables:
                yield self.problem((*path, "formula"), "the reported effect is not in the formula",
                                   value=variable.strip(), allowed=", ".join(parsed.variables),
                                   hint=did_you_mean(variable, parsed.variables))
        if model.estimator == "gee" and (model.effect or arm).strip() != arm:
            yield self.problem((*path, "effect"), "gee reports the difference between the arms alone",
                               value=model.effect, hint="remove the key")
        terms = [term_text(term) for term in parsed.fixed_terms if term]
        for position, contrast in enumerate(model.contrasts):
            here: Path_ = (*path, "contrasts", position)
            if model.estimator in ("cluster_summary", "gee"):
                yield self.problem(here, f"{model.estimator} reports the difference between the arms alone",
                                   hint="use mixed or ols_cr2 for contrasts")
                continue
            if contrast.kind != "joint" and contrast.terms:
                yield self.problem((*here, "terms"), "only a joint test has terms", hint="remove the key")
            if contrast.kind != "moderator" and (contrast.moderator or contrast.at):
                yield self.problem(here, "only a moderator contrast has moderator and at", hint="remove the key")
            if contrast.kind == "joint":
                yield from self.joint(here, contrast, terms)
            if contrast.kind == "moderator":
                yield from self.moderator(here, contrast, parsed)

    def joint(self, path: Path_, contrast: Contrast, terms: list[str]) -> Iterator[Problem]:
        if not contrast.terms:
            yield self.problem(path, "a joint test needs terms", allowed=", ".join(terms))
        known = {frozenset(term.split(":")) for term in terms}
        for position, term in enumerate(contrast.terms):
            filled = term.replace("{outcome}", "outcome")
            if frozenset(part.strip() for part in filled.split(":")) not in known:
                yield self.problem((*path, "terms", position), "the term is not in the formula", value=term,
                                   allowed=", ".join(terms).replace("outcome", "{outcome}"),
                                   hint=did_you_mean(filled, terms))

    def moderator(self, path: Path_, contrast: Contrast, parsed: Formula) -> Iterator[Problem]:
        arm = self.plan.design.arm.variable
        with_arm = sorted({
            operand.variable for term in parsed.fixed_terms if len(term) > 1 for operand in term
            if any(other.variable == arm for other in term) and operand.variable != arm
        })
        if contrast.moderator is None:
            yield self.problem(path, "a moderator contrast needs the key moderator",
                               allowed=", ".join(with_arm) or None)
        elif contrast.moderator not in with_arm:
            yield self.problem((*path, "moderator"), f"the formula has no interaction of {arm} with this variable",
                               value=contrast.moderator, allowed=", ".join(with_arm) or None,
                               hint=did_you_mean(contrast.moderator, with_arm)
                               or f"write {arm} * {contrast.moderator} in the formula")
        elif contrast.moderator == "wave":
            yield self.problem((*path, "moderator"), "the wave is no moderator", value="wave",
                               hint=f"set effect: {arm}:wave")

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
                yield self.problem(path, re.sub(r"^position \d+: ", "", problem.message), value=term,
                                   allowed=problem.allowed, hint=problem.hint)
            return
        if parsed.random_terms:
            yield self.problem(path, "a covariate takes no random part", value=term)
        if re.match(r"\s*[-+]|.*[-+]\s*[01]\b|\s*[01]\b", term):
            yield self.problem(path, "a covariate is a term, without signs before it and without 0 and 1", value=term)

    def conditions(self) -> Iterator[Problem]:
        """Populations and derived variables."""
        for name, population in self.plan.populations.items():
            path: Path_ = ("populations", name)
            if name == "available":
                yield self.problem(path, "available is reserved for all with the data")
            if isinstance(population.where, str):
                yield from self.condition((*path, "where"), population.where)
        for name, derived in self.plan.derived.items():
            path = ("derived", name)
            if name in self.plan.outcomes or name in WORDS:
                yield self.problem(path, "this name is taken", value=name)
            used = yield from self.condition((*path, "where"), derived.where)
            for other in used:
                if other in self.plan.derived:
                    yield self.problem((*path, "where"), "a derived variable can't use another one", value=other,
                                       hint="write its condition out")

    def condition(self, path: Path_, text: str) -> Generator[Problem, None, tuple[str, ...]]:
        """Problems of a condition; what it returns are its variables."""
        try:
            return variables_of(parse_condition(text))
        except PlanError as error:
            for problem in error.problems:
                yield self.problem(path, problem.message, value=problem.value or text, allowed=problem.allowed,
                                   hint=problem.hint)
            return ()

    def families(self) -> Iterator[Problem]:
        seen: dict[str, str] = {}
        for name, family in self.plan.families.items():
            for position, outcome in enumerate(family.outcomes):
                path = ("families", name, "outcomes", position)
                if outcome not in self.plan.outcomes:
                    yield self.unknown(path, "outcome", outcome, self.plan.outcomes)
                elif outcome in seen:
                    yield self.problem(path, f"the outcome is in family '{seen[outcome]}' already", value=outcome)
                seen.setdefault(outcome, name)
