"""Checks of a plan in which some arms only have the clusters of a level (partially nested designs)."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.formula.parse import parse_formula
from cpis_analysis.methods import method_of, methods
from cpis_analysis.methods.handling import IMPUTED
from cpis_analysis.methods.method import listed
from cpis_analysis.plan.reading.problems import PlanProblems
from cpis_analysis.plan.reading.resolve import filled_formula
from cpis_analysis.plan.reading.yaml_reader import Path_
from cpis_analysis.plan.schema import Model
from cpis_analysis.plan.schema_design import Level
from cpis_analysis.study_words import PEOPLE, PERSON


class OneArmChecks(PlanProblems):
    """Levels with `arms`, and the models of such a plan."""

    def levels(self) -> Iterator[Problem]:
        """Only the smallest clusters may be in some arms alone, and not in all that are compared."""
        design = self.plan.design
        for place, level in enumerate(design.levels):
            path: Path_ = ("design", "levels", place, "arms")
            if level.arms and place + 1 < len(design.levels):
                yield self.problem(
                    path,
                    "only the last level can have clusters in some arms alone",
                    value=level.variable,
                    hint="list it last, or leave the key out",
                )
            compared = {design.arm.reference, *design.arm.compared}
            apart = [code for code in level.arms if design.arm.compared and code not in compared]
            if apart:
                yield self.problem(
                    path,
                    "the arm takes no part in the comparison",
                    value=", ".join(apart),
                    allowed=", ".join(sorted(compared)),
                )
            elif level.arms and design.arm.compared and compared <= set(level.arms):
                yield self.problem(path, "these are all arms that are compared", hint="leave the key out")

    def models(self) -> Iterator[Problem]:
        """Models that hold their size where single people stand against clusters."""
        level = self.plan.design.one_sided
        if level is None:
            return
        yield from self.of_models(self.model)

    def model(self, path: Path_, model: Model) -> Iterator[Problem]:
        """What is wrong with one model, as it stands or as an outcome overrides it."""
        level = self.plan.design.one_sided
        if level is None:
            return
        method = method_of(model)
        if not method.single_people:
            yield self.problem(
                (*path, "estimator"),
                f"{method.noun} would take every single {PERSON} for one of the clusters, whose number and variance it "
                f"goes by, and {level.variable} has clusters in some arms only (design.levels.arms)",
                allowed=listed([one.name for one in methods() if one.single_people], "or"),
                hint="see docs/plan.md, Clusters in one arm only",
            )
            return
        degrees = method.degrees_for(model.df) if "df" in method.keys else method.degrees[0]
        if not degrees.single_people:
            yield self.problem(
                (*path, "df"),
                f"these degrees of freedom are not known to hold where single {PEOPLE} stand against clusters",
                value=degrees.in_plan,
                allowed=listed([one.in_plan for one in method.degrees if one.single_people], "or"),
            )
        if "cluster" in method.keys and model.cluster == self.plan.design.participant:
            yield self.problem(
                (*path, "cluster"),
                f"{PEOPLE} of one {level.cluster} are no replicates",
                value=model.cluster,
                allowed=", ".join(self.plan.design.clusters),
            )
        if model.missing == IMPUTED.name:
            yield self.problem(
                (*path, "missing"),
                f"values are imputed with clusters that vary alike in all arms, and {level.variable} has clusters in "
                "some arms only (design.levels.arms)",
                value=model.missing,
                hint="use missing: observed or inverse_probability",
            )
        if method.random_part:
            yield from self.random(path, model, level)

    def random(self, path: Path_, model: Model, level: Level) -> Iterator[Problem]:
        """The clusters vary in their own arms alone: `(0 + in_group | group)`."""
        try:
            # any outcome will do, as the random part names none
            terms = parse_formula(filled_formula(self.plan, model, next(iter(self.plan.outcomes)))).random_terms
        except ModelError:
            return  # said by the checks of models
        own = f"(0 + {level.indicator} | {':'.join(self.plan.design.clusters)})"
        of_level = [term for term in terms if level.variable in term.groups]
        for term in of_level:
            varying = [[operand.variable for operand in part] for part in term.terms]
            if any(level.indicator not in part for part in varying):
                yield self.problem(
                    (*path, "formula"),
                    f"{term} lets single {PEOPLE} vary as {level.cluster} does, and {level.variable} has clusters in "
                    "some arms only (design.levels.arms)",
                    hint=f"write {own}",
                )
        if not of_level:
            yield self.problem(
                (*path, "formula"),
                f"the formula has no {level.cluster}, so {PEOPLE} of one count as independent",
                value=model.formula,
                hint=f"write {own}",
            )
