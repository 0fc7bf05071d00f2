"""One variable, one role: a plan that gives a variable of the design two of them can't be carried out."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.errors import Problem
from cpis_analysis.plan.reading.problems import PlanProblems
from cpis_analysis.plan.reading.yaml_reader import Path_
from cpis_analysis.study_words import PERSON


class RoleChecks(PlanProblems):
    """Variables that identify, place and date a person, against each other and against what is described of people."""

    def roles(self) -> Iterator[Problem]:
        """One problem for each variable that is named twice, at its second place."""
        seen: dict[str, Path_] = {}
        for path, name in self._design():
            if name in seen:
                yield self.problem(path, self._same(path, seen[name]), value=name, hint=_hint(path, seen[name]))
            seen.setdefault(name, path)
        yield from self._described(seen)
        yield from self._stages(seen)

    def _same(self, path: Path_, earlier: Path_) -> str:
        return f"{self.document.key(*path)} names the same variable as {self.document.key(*earlier)}"

    def _design(self) -> Iterator[tuple[Path_, str]]:
        design = self.plan.design
        yield ("design", "participant"), design.participant
        yield ("design", "arm", "variable"), design.arm.variable
        for place, level in enumerate(design.levels):
            yield ("design", "levels", place, "variable"), level.variable
        if design.interview_date is not None:
            yield ("design", "interview_date"), design.interview_date
        if design.recruited_on is not None:
            yield ("design", "recruited_on"), design.recruited_on

    def without_clusters(self) -> Iterator[Problem]:
        """What speaks of clusters in a plan that names none."""
        plan = self.plan
        if plan.design.levels:
            return
        named: list[tuple[Path_, bool, str]] = [
            (("design", "team_characteristics"), bool(plan.design.team_characteristics), "describes clusters"),
            (("report", "experience_by_trust"), bool(plan.report.experience_by_trust), "shows clusters"),
            (("report", "shown_first"), bool(plan.report.shown_first), "names clusters"),
            *((("data", "sources", name, "holds"), one.kind == "teams", "lists clusters")
              for name, one in plan.data.sources.items()),
            *((("models", name, "pairs"), one.pairs, "compares within clusters") for name, one in plan.models.items()),
        ]  # fmt: skip
        for path, given, what in named:
            if given:
                key = self.document.key(*path)
                yield self.problem(
                    path, f"{key} {what}, and design.levels names none", hint="name them, or leave this out"
                )

    def _described(self, roles: dict[str, Path_]) -> Iterator[Problem]:
        """Characteristics: none is the participant or the arm, and none is of people and teams. (Clusters may be.)"""
        design = self.plan.design
        never = {
            "characteristics": (design.participant, design.arm.variable),
            "team_characteristics": (design.participant, design.arm.variable, *design.clusters),
        }
        for key, forbidden in never.items():
            for place, name in enumerate(getattr(design, key)):
                path: Path_ = ("design", key, place)
                if name in forbidden:
                    yield self.problem(
                        path,
                        self._same(("design", key), roles[name]),
                        value=name,
                        hint="leave it out of the list",
                    )
                elif key == "team_characteristics" and name in design.characteristics:
                    yield self.problem(
                        path,
                        f"{self.document.key('design', key)} names a variable that stands in "
                        f"{self.document.key('design', 'characteristics')} already",
                        value=name,
                        hint="leave one of them out",
                    )

    def _stages(self, roles: dict[str, Path_]) -> Iterator[Problem]:
        for stage, name in self.plan.data.stages.model_dump().items():
            if name in roles:
                yield self.problem(
                    ("data", "stages", stage),
                    self._same(("data", "stages", stage), roles[name]),
                    value=name,
                    hint="name another variable in one of the two",
                )


def _hint(path: Path_, earlier: Path_) -> str | None:
    if path[:2] == earlier[:2] == ("design", "levels"):
        return "leave one of the levels out"
    if ("design", "participant") in (path, earlier):
        return f"the number identifies one {PERSON}"
    return None
