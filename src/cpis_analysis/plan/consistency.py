"""Checks across the keys of a plan: what one part names, another must define."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from cpis_analysis.errors import ModelError, Problem, did_you_mean
from cpis_analysis.lmm.formula import parse_formula
from cpis_analysis.plan.schema import Model, PlanFile
from cpis_analysis.plan.yaml_reader import Document, Path_

__all__ = ["consistency_problems"]


def consistency_problems(content: PlanFile, document: Document) -> list[Problem]:
    """Every contradiction between the parts of a plan that needs no data to be seen."""
    check = _Check(content, document)
    return [*check.sources(), *check.waves(), *check.outcomes(), *check.models(), *check.families()]


class _Check:
    def __init__(self, content: PlanFile, document: Document) -> None:
        self.plan = content
        self.document = document

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
        if "wide" in kinds and ("interviews" in kinds or "participants" in kinds):
            yield self.problem(("data", "sources"), "a wide file can't stand beside participants or interviews files")
        if "wide" not in kinds and not {"participants", "interviews"} <= set(kinds):
            yield self.problem(("data", "sources"), "interviews are missing", allowed="participants and interviews "
                               "files, or one wide file")

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

    def models(self) -> Iterator[Problem]:
        used = {model for part in self.plan.outcomes.values() for model in part.models}
        for name, model in self.plan.models.items():
            path: Path_ = ("models", name)
            if name not in used:
                yield self.problem(path, "no outcome uses this model", value=name,
                                   hint="add it to an outcome's models, or remove it")
            yield from self.formula((*path, "formula"), model)
            if model.population != "available" and model.population not in self.plan.populations:
                yield self.unknown((*path, "population"), "population", model.population,
                                   ["available", *self.plan.populations])
            if model.estimator == "mixed" and model.cluster is not None:
                yield self.problem((*path, "cluster"), "a mixed model takes its clusters from the formula",
                                   hint="remove the key")
            if model.estimator != "mixed" and model.cluster is None:
                yield self.problem(path, f"{model.estimator} needs the key cluster", allowed="trust, team")
            if model.cluster == "team" and self.plan.design.team is None:
                yield self.problem((*path, "cluster"), "the design names no team variable", value="team")
            if model.pairs and model.estimator != "cluster_summary":
                yield self.problem((*path, "pairs"), "only cluster_summary can pair")
        for name in self.plan.populations:
            if name == "available":
                yield self.problem(("populations", name), "available is reserved for all with the data")

    def formula(self, path: Path_, model: Model) -> Iterator[Problem]:
        if "{outcome}" not in model.formula:
            yield self.problem(path, "the formula names no outcome", allowed="{outcome} in the place of the outcome")
            return
        stray = re.search(r"[{}]", model.formula.replace("{outcome}", ""))
        if stray:
            yield self.problem(path, "the only template is {outcome}", value=model.formula)
            return
        try:
            parsed = parse_formula(model.formula.replace("{outcome}", "outcome"))
        except ModelError as error:
            for problem in error.problems or (Problem(error.summary),):
                yield self.problem(path, problem.message, value=problem.value or model.formula,
                                   allowed=problem.allowed, hint=problem.hint)
            return
        if model.estimator == "mixed" and not parsed.random_terms:
            yield self.problem(path, "a mixed model needs a random part such as (1 | trust)", value=model.formula)
        if model.estimator != "mixed" and parsed.random_terms:
            yield self.problem(path, f"{model.estimator} takes no random part", value=model.formula)
        for variable in re.split(r"[:*]", model.effect or self.plan.design.arm.variable):
            if variable.strip() not in parsed.variables:
                yield self.problem(path, "the reported effect is not in the formula", value=variable.strip(),
                                   allowed=", ".join(parsed.variables), hint=did_you_mean(variable, parsed.variables))

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
