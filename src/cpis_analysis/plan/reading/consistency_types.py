"""Checks of the type of an outcome: its keys, and the models that are for it."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.errors import Problem
from cpis_analysis.methods import method_of, methods
from cpis_analysis.methods.method import listed
from cpis_analysis.plan.reading.problems import PlanProblems
from cpis_analysis.plan.reading.yaml_reader import Path_
from cpis_analysis.plan.schema import Outcome

_KEYS_OF_TYPES = {
    "variable": ("binary", "time_to_event", "ordinal"),
    "event": ("binary", "time_to_event"),
    "categories": ("ordinal",),
    "not_given": ("ordinal",),
    "exposure": ("count",),
    "time": ("time_to_event",),
}
"""Keys of an outcome that not every type has."""

_PSEUDO = ("binomial", "poisson")
"""Families without parameters of their own, which alone restricted pseudo-likelihood is made for."""


class TypeChecks(PlanProblems):
    """Checks of one outcome at a time."""

    def outcome(self, path: Path_, name: str, part: Outcome) -> Iterator[Problem]:
        if part.type == "bounded_count":
            for key in ("low", "high"):
                if getattr(part, key) is None:
                    yield self.problem(
                        path,
                        f"a bounded count needs the key {key}",
                        hint="give its lowest and highest value as low and high",
                    )
        for key, owners in _KEYS_OF_TYPES.items():
            if part.type not in owners and getattr(part, key):
                yield self.problem(
                    (*path, key),
                    f"only {listed(owners)} outcomes have the key {key}",
                    hint=f"set type: {owners[0]}, or remove the key",
                )
        yield from self.fitting_models(path, name, part)
        if part.is_event:
            yield from self.binary(path, name, part)
        if part.type == "time_to_event" and not (part.time and part.variable):
            yield self.problem(
                path,
                "a time to an event needs the keys variable, event and time",
                hint='write them, such as variable: readmitted, event: ["yes"] and time: days_observed',
            )
        if part.type == "ordinal":
            yield from self.ordinal(path, name, part)

    def fitting_models(self, path: Path_, name: str, part: Outcome) -> Iterator[Problem]:
        """Models of an outcome whose estimator is for others."""
        for position, model in enumerate(part.models):
            if model not in self.plan.models:
                continue
            method = method_of(self.plan.model_of(name, model))
            if part.type not in method.outcome_types:
                types = [one.replace("_", " ") for one in method.outcome_types]
                yield self.problem(
                    (*path, "models", position),
                    f"{method.noun} is for {listed(types)} outcomes",
                    value=model,
                    hint=f"set type: {method.outcome_types[0]}, or use another model",
                )
                continue
            family = self.plan.model_of(name, model).family
            allowed = method.families.get(part.type, ())
            if method.families and family is not None and family not in allowed:
                yield self.problem(
                    (*path, "models", position),
                    f"the family {family} is not for {part.type.replace('_', ' ')} outcomes",
                    value=model,
                    allowed=", ".join(allowed),
                )
            if part.exposure and not method.takes_exposure:
                takers = [one.name for one in methods() if one.takes_exposure]
                yield self.problem(
                    (*path, "models", position),
                    f"{method.noun} compares no rates, and the outcome has an exposure",
                    value=model,
                    hint=f"use estimator: {listed(takers, 'or')}, or leave the exposure out",
                )
            own = method.family_of(self.plan.model_of(name, model), part.type)
            by_pseudo = method.degrees_for(self.plan.model_of(name, model).df).by_pseudo_likelihood
            if method.families and by_pseudo and own not in _PSEUDO:
                yield self.problem(
                    (*path, "models", position),
                    f"restricted pseudo-likelihood is not made for the family {own}",
                    value=model,
                    allowed=", ".join(_PSEUDO),
                )

    def ordinal(self, path: Path_, name: str, part: Outcome) -> Iterator[Problem]:
        """What makes answers in order."""
        if part.variable is None or len(part.categories) < 2:
            yield self.problem(
                path,
                "an ordinal outcome needs variable, and categories with two codes or more",
                hint='such as variable: change_confidence and categories: ["worse", "same", "better"]',
            )
        for key in ("categories", "not_given"):
            codes = getattr(part, key)
            for position, code in enumerate(codes):
                if code in codes[:position]:
                    yield self.problem((*path, key, position), "the code stands twice", value=code, hint="keep one")
                elif key == "not_given" and code in part.categories:
                    yield self.problem(
                        (*path, key, position),
                        "the code is one of the categories",
                        value=code,
                        hint="remove it from one of the two lists",
                    )
        if part.variable == name:
            yield self.problem(
                (*path, "variable"),
                "the outcome needs another name than its variable",
                value=name,
                hint="name the outcome otherwise, and its variable under variable",
            )
        for key in ("low", "high"):
            if getattr(part, key) is not None:
                yield self.problem((*path, key), "an ordinal outcome counts its categories from 0", hint="remove it")

    def binary(self, path: Path_, name: str, part: Outcome) -> Iterator[Problem]:
        """What makes the event, and keys that an outcome of 0 and 1 can't have."""
        for position, code in enumerate(part.event):
            if code in part.event[:position]:
                yield self.problem((*path, "event", position), "the code stands twice", value=code, hint="keep one")
        if bool(part.variable) != bool(part.event):
            yield self.problem(
                path,
                f"a {part.type} outcome needs both variable and event"
                + (", or neither for a variable of 0 and 1" if part.type == "binary" else ""),
                hint='write them, such as variable: support_received and event: ["yes"]',
            )
        if part.variable == name:
            yield self.problem(
                (*path, "variable"),
                "the outcome needs another name than its variable",
                value=name,
                hint="name the outcome otherwise, and its variable under variable",
            )
        for key in ("low", "high"):
            if getattr(part, key) is not None:
                yield self.problem((*path, key), "a binary outcome lies between 0 and 1", hint="remove the key")
