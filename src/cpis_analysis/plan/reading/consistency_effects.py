"""Checks of the effect that a model reports and of its contrasts, as far as they need no data."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.errors import Problem, did_you_mean
from cpis_analysis.formula.effects import effect_variables
from cpis_analysis.formula.parse import Formula, term_text
from cpis_analysis.methods import method_of, methods
from cpis_analysis.methods.method import listed
from cpis_analysis.plan.reading.problems import PlanProblems
from cpis_analysis.plan.reading.resolve import filled_formula
from cpis_analysis.plan.reading.timing import timing_of
from cpis_analysis.plan.reading.yaml_reader import Path_
from cpis_analysis.plan.schema import Contrast, Model
from cpis_analysis.plan.specification import MONTHS


class EffectChecks(PlanProblems):
    """Checks of an effect and of contrasts against the formula."""

    def has_baseline_rows(self, outcome: str, model: Model) -> bool:
        """Whether interviews at baseline are among the rows of a model, so that its effect can be one of change."""
        baseline = self.plan.design.baseline_wave
        when = timing_of(self.plan.design, outcome, filled_formula(self.plan, model, outcome))
        return baseline is not None and (not when.waves or baseline in when.waves)

    def effects(self, path: Path_, model: Model, parsed: Formula) -> Iterator[Problem]:
        """The reported effect and the contrasts, against the formula."""
        arm = self.plan.design.arm.variable
        for variable in effect_variables(model.effect or arm):
            if variable not in parsed.variables:
                yield self.problem(
                    (*path, "formula"),
                    "the reported effect is not in the formula",
                    value=variable,
                    allowed=", ".join(parsed.variables),
                    hint=did_you_mean(variable, parsed.variables),
                )
        if "wave" in effect_variables(model.effect or arm) and not self.has_baseline_rows("outcome", model):
            yield self.problem(
                (*path, "effect"),
                "there is no change from baseline to compare: "
                + ("the model adjusts for it" if self.plan.design.baseline_wave else "the study has none"),
                value=model.effect,
                hint=f"set effect: {arm}, which is then the difference at the primary wave; those at the other waves "
                "and their average stand beside it",
            )
        method = method_of(model)
        if not method.other_effects and (model.effect or arm).strip() != arm:
            yield self.problem(
                (*path, "effect"),
                f"{method.noun} reports the difference between the arms alone",
                value=model.effect,
                hint="remove the key",
            )
        terms = [term_text(term) for term in parsed.fixed_terms if term]
        for position, contrast in enumerate(model.contrasts):
            here: Path_ = (*path, "contrasts", position)
            if contrast in model.contrasts[:position]:
                yield self.problem(here, "the contrast stands twice", value=contrast.kind, hint="keep one")
            if not method.contrasts:
                able = listed([other.name for other in methods() if other.contrasts], "or")
                yield self.problem(
                    here,
                    f"{method.noun} reports the difference between the arms alone",
                    hint=f"use {able} for contrasts",
                )
                continue
            yield from self.contrast(here, contrast, terms, parsed)

    def contrast(self, path: Path_, contrast: Contrast, terms: list[str], parsed: Formula) -> Iterator[Problem]:
        """Keys of a contrast that are another kind's, and its own against the formula."""
        if contrast.kind != "joint" and contrast.terms:
            yield self.problem((*path, "terms"), "only a joint test has terms", hint="remove the key")
        if contrast.kind != "moderator" and (contrast.moderator or contrast.at):
            yield self.problem(path, "only a moderator contrast has moderator and at", hint="remove the key")
        if contrast.kind == "joint":
            yield from self.joint(path, contrast, terms)
        if contrast.kind == "moderator":
            yield from self.moderator(path, contrast, parsed)
        if contrast.kind in ("by_wave", "average") and not {"wave", MONTHS} & set(parsed.variables):
            yield self.problem(
                (*path, "kind"),
                "the formula has no wave",
                value=contrast.kind,
                hint="write {outcome} ~ arm * wave + ... for a model of all waves",
            )

    def joint(self, path: Path_, contrast: Contrast, terms: list[str]) -> Iterator[Problem]:
        if not contrast.terms:
            yield self.problem(path, "a joint test needs terms", allowed=", ".join(terms))
        known = {frozenset(term.split(":")) for term in terms}
        for position, term in enumerate(contrast.terms):
            filled = term.replace("{outcome}", "outcome")
            if frozenset(part.strip() for part in filled.split(":")) not in known:
                yield self.problem(
                    (*path, "terms", position),
                    "the term is not in the formula",
                    value=term,
                    allowed=", ".join(terms).replace("outcome", "{outcome}"),
                    hint=did_you_mean(filled, terms),
                )

    def moderator(self, path: Path_, contrast: Contrast, parsed: Formula) -> Iterator[Problem]:
        arm = self.plan.design.arm.variable
        with_arm = sorted(
            {
                operand.variable
                for term in parsed.fixed_terms
                if len(term) > 1
                for operand in term
                if any(other.variable == arm for other in term) and operand.variable != arm
            }
        )
        if contrast.moderator is None:
            yield self.problem(
                path, "a moderator contrast needs the key moderator", allowed=", ".join(with_arm) or None
            )
        elif contrast.moderator not in with_arm:
            yield self.problem(
                (*path, "moderator"),
                f"the formula has no interaction of {arm} with this variable",
                value=contrast.moderator,
                allowed=", ".join(with_arm) or None,
                hint=did_you_mean(contrast.moderator, with_arm) or f"write {arm} * {contrast.moderator} in the formula",
            )
        elif contrast.moderator == "wave":
            yield self.problem(
                (*path, "moderator"), "the wave is no moderator", value="wave", hint=f"set effect: {arm}:wave"
            )
