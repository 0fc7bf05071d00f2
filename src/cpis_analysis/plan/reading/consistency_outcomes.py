"""Checks of outcomes and of families of them, as far as they need no data."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.errors import Problem, did_you_mean
from cpis_analysis.methods import method_of, methods
from cpis_analysis.methods.method import listed
from cpis_analysis.plan.outcome_scale import scale_named
from cpis_analysis.plan.reading.consistency_types import TypeChecks
from cpis_analysis.plan.reading.problems import PlanProblems
from cpis_analysis.plan.reading.resolve import scale_of_model
from cpis_analysis.plan.reading.yaml_reader import Path_
from cpis_analysis.plan.schema import Family, Outcome


class OutcomeConsistency(PlanProblems):
    """Checks of scales, margins and models of outcomes, and of what is adjusted together."""

    def outcomes(self) -> Iterator[Problem]:
        primary = [name for name, part in self.plan.outcomes.items() if part.role == "primary"]
        if len(primary) != 1:
            yield self.problem(
                ("outcomes",),
                "one outcome must be primary",
                value=", ".join(primary) or "none",
                hint="write role: primary under one outcome, and secondary under the others",
            )
        for name, part in self.plan.outcomes.items():
            for position, model in enumerate(part.models):
                path = ("outcomes", name, "models", position)
                if model not in self.plan.models:
                    yield self.unknown(path, "model", model, self.plan.models)
                elif model in part.models[:position]:
                    yield self.problem(path, "the model stands twice", value=model, hint="remove one of the two")
            if part.minimal_important_difference_source and part.minimal_important_difference is None:
                yield self.problem(
                    ("outcomes", name, "minimal_important_difference_source"),
                    "a source of no important difference",
                    hint="add minimal_important_difference, or remove the key",
                )
            for key in ("phrase", "low_means", "high_means"):
                if part.is_event and getattr(part, key):
                    yield self.problem(
                        ("outcomes", name, key),
                        f"a binary outcome has no key {key}",
                        hint="its values are an event that happened or not: remove the key",
                    )
            if part.low is not None and part.high is not None and part.low >= part.high:
                yield self.problem(
                    ("outcomes", name, "low"),
                    "low is not below high",
                    hint="give the lowest value as low, the highest as high",
                )
            yield from TypeChecks(self.plan, self.document).outcome(("outcomes", name), name, part)
            yield from self.scales(("outcomes", name), name, part)

    def scales(self, path: Path_, name: str, part: Outcome) -> Iterator[Problem]:
        """What is given on a scale that no model has, or can't be meant on it; a binary outcome that is transformed."""
        known: dict[str, str] = {}
        for model in part.models:
            if model in self.plan.models:
                known.setdefault(scale_of_model(self.plan, name, model).name, model)
        other = [scale for scale in known if not scale_named(scale).natural]
        if part.is_event or part.type == "ordinal":
            for scale in [one for one in other if not scale_named(one).of_model]:
                yield self.problem(
                    (*path, "models"),
                    f"a{'n' * (part.type == 'ordinal')} {part.type} outcome can't be transformed ({scale})",
                    value=known[scale],
                    hint="use the outcome as it is, or estimator: "
                    f"{listed([method.name for method in methods() if method.families], 'or')}",
                )
        for scale, judged in part.on_scale.items():
            here: Path_ = (*path, "on_scale", scale)
            if scale not in other:
                yield self.problem(
                    here,
                    "no model of this outcome is on this scale",
                    value=scale,
                    allowed=", ".join(other) or "none: no model transforms the outcome",
                    hint=did_you_mean(scale, other),
                )
                continue
            ratio = scale_named(scale).is_ratio
            middle, margins, least = (1.0 if ratio else 0.0), judged.equivalence, judged.minimal_important_difference
            if margins and not (margins.low < middle < margins.high and (margins.low > 0 or not ratio)):
                yield self.problem(
                    (*here, "equivalence"),
                    "the margins do not lie on both sides of no difference",
                    value=f"{margins.low:g} to {margins.high:g}",
                    allowed="ratios below and above 1, such as 0.8 and 1.25"
                    if ratio
                    else "a number below zero and one above",
                )
            if least is not None and ratio and not least > 1:
                yield self.problem(
                    (*here, "minimal_important_difference"),
                    "an important ratio is one above 1",
                    value=f"{least:g}",
                    allowed="such as 1.25, which stands for 0.8 as well",
                )

    def families(self) -> Iterator[Problem]:
        seen: dict[str, str] = {}
        for name, family in self.plan.families.items():
            for position, outcome in enumerate(family.outcomes):
                path = ("families", name, "outcomes", position)
                if outcome not in self.plan.outcomes:
                    yield self.unknown(path, "outcome", outcome, self.plan.outcomes)
                elif outcome in seen:
                    yield self.problem(
                        path,
                        f"the outcome is in family '{seen[outcome]}' already",
                        value=outcome,
                        hint="an outcome is adjusted once; keep one",
                    )
                elif self.plan.outcomes[outcome].role == "negative_control":
                    yield self.problem(
                        path,
                        "a negative control is no finding, and its p-value is adjusted with none",
                        value=outcome,
                        hint="leave it out",
                    )
                seen.setdefault(outcome, name)
            if family.permuted:
                yield from self._joint(name, family)

    def _joint(self, name: str, family: Family) -> Iterator[Problem]:
        """Outcomes that are permuted together: each by a method that exchanges arms, all in the same way."""
        heads = [
            (part.models[0], self.plan.model_of(outcome, part.models[0]))
            for outcome in family.outcomes
            if (part := self.plan.outcomes.get(outcome)) and part.models and part.models[0] in self.plan.models
        ]
        path = ("families", name, "method")
        others = {name for name, model in heads if not method_of(model).exchanges}
        if others:
            yield self.problem(
                path,
                "outcomes are permuted together only where their headline models are permutations",
                value=", ".join(sorted(others)),
                allowed=listed([method.name for method in methods() if method.exchanges], "or"),
                hint="set this estimator there, or method: holm",
            )
        elif len({model.across for _, model in heads}) > 1:
            yield self.problem(
                path,
                "its headline models differ in across, so clusters differ in what they exchange",
                hint="give the headline models the same across, or choose method: holm",
            )
