"""Checks of the means of clusters that formulas name, as far as they need no data."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.errors import Problem, did_you_mean
from cpis_analysis.formula.parse import ClusterPart, Formula
from cpis_analysis.methods.handling import IMPUTED
from cpis_analysis.plan.reading.problems import PlanProblems
from cpis_analysis.plan.reading.yaml_reader import Path_
from cpis_analysis.plan.schema import Model
from cpis_analysis.study_words import PEOPLE


class ClusterMeanChecks(PlanProblems):
    """Checks of ``mean(x | team)`` and ``within(x | team)``."""

    def formula(self, path: Path_, model: Model, parsed: Formula) -> Iterator[Problem]:
        """What is wrong with those of one formula; `path` is that of the formula."""
        for part in parsed.cluster_parts:
            yield from self.clusters(path, part)
            yield from self.variable(path, part)
        if parsed.cluster_parts and model.missing == IMPUTED.name and model.imputation and model.imputation.by_arm:
            yield self.problem(
                (*path[:-1], "imputation", "by_arm"),
                f"each arm is imputed apart, and the mean of a cluster may need {PEOPLE} of both",
                value=str(parsed.cluster_parts[0]),
                hint="remove by_arm, or write interactions of the arm in the formula",
            )

    def clusters(self, path: Path_, part: ClusterPart) -> Iterator[Problem]:
        """The clusters are a level of the design, written by its name alone."""
        levels = self.plan.design.clusters
        if len(part.groups) == 1 and part.groups[0] in levels:
            return
        name = part.groups[-1]
        hint = did_you_mean(name, levels)
        if len(part.groups) > 1 and name in levels:
            hint = f"write {part.kind}({part.variable} | {name}): the plan knows what a {name} lies in"
        yield self.problem(
            path,
            f"{part.kind}() takes a level of the design behind the bar",
            value=":".join(part.groups),
            allowed=", ".join(levels) or "none, as the study has no clusters",
            hint=hint,
        )

    def variable(self, path: Path_, part: ClusterPart) -> Iterator[Problem]:
        """What names people, clusters and waves is no number, however it is written."""
        design = self.plan.design
        if part.variable in (design.participant, *design.clusters, "wave"):
            yield self.problem(
                path,
                "only numbers, and yes and no, have a mean",
                value=str(part),
                hint="take the variable itself, without mean() or within()",
            )
