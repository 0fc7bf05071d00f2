"""Checks of the lists of variables in a plan, and of what the report chooses from them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from cpis_analysis.errors import Problem
from cpis_analysis.plan.reading.problems import PlanProblems
from cpis_analysis.plan.reading.yaml_reader import Path_

__all__ = ["ReportChecks"]

_EXPERIENCE = "variable of report.experience"
_OF_TEAMS = "variable of design.team_characteristics"


class ReportChecks(PlanProblems):
    """Lists in which a variable stands twice, or that choose from a list and name something else."""

    def lists(self) -> Iterator[Problem]:
        """One problem for each name that stands twice, or not where it is chosen from."""
        design, report = self.plan.design, self.plan.report
        done = report.implementation
        lists: list[tuple[Path_, list[str]]] = [
            (("design", "characteristics"), design.characteristics),
            (("design", "team_characteristics"), design.team_characteristics),
            (("cleaning", "constant"), self.plan.cleaning.constant),
            (("report", "experience"), report.experience),
            (("report", "experience_by_trust"), report.experience_by_trust),
            (("report", "changes"), report.changes),
            (("report", "barriers"), report.barriers),
            (("report", "shown_first"), report.shown_first),
            (("report", "implementation", "activities"), done.activities),
            (("report", "implementation", "details"), done.details),
        ]
        for path, names in lists:
            for position, name in enumerate(names):
                if name in names[:position]:
                    what = "code" if path[-1] == "shown_first" else "variable"
                    yield self.problem((*path, position), f"the {what} stands twice", value=name, hint="keep one")
        for key in ("experience_by_trust", "changes", "barriers"):
            for position, name in enumerate(getattr(report, key)):
                yield from self._chosen(("report", key, position), _EXPERIENCE, name, report.experience)
        yield from self._implementation()

    def _implementation(self) -> Iterator[Problem]:
        design, report = self.plan.design, self.plan.report
        done, path = report.implementation, ("report", "implementation")
        for key in ("reached", "supported"):
            if getattr(done, key):
                yield from self._chosen((*path, key), _EXPERIENCE, getattr(done, key), report.experience)
        for key in ("fidelity", "singled_out"):
            part = getattr(done, key)
            if part is not None:
                here: Path_ = (*path, key, "variable")
                yield from self._chosen(here, _OF_TEAMS, part.variable, design.team_characteristics)
        fidelity, single = done.fidelity, done.singled_out
        if fidelity and fidelity.high_source and fidelity.high is None:
            yield self.problem(
                (*path, "fidelity", "high_source"), "a source of no value", hint="add high, or remove the key"
            )
        if single is not None and done.supported is None:
            yield self.problem(
                (*path, "singled_out"), "nothing is told of these teams", hint="add supported, the question they answer"
            )
        if single is not None and (
            any(one >= other for one, other in pairwise(single.bands))
            or not 0 < single.bands[0] <= single.bands[-1] < 1
        ):
            yield self.problem(
                (*path, "singled_out", "bands"),
                "the bands do not part shares in increasing order",
                value=", ".join(f"{one:g}" for one in single.bands),
                allowed="shares between 0 and 1, such as 0.4, 0.6",
            )
        for position, name in enumerate(done.activities):
            if name in report.experience or name in done.details:
                other = "report.experience" if name in report.experience else "report.implementation.details"
                yield self.problem(
                    (*path, "activities", position), f"the variable stands in {other} already", value=name
                )

    def _chosen(self, path: Path_, what: str, name: str, known: list[str]) -> Iterator[Problem]:
        if name not in known:
            yield self.unknown(path, what, name, known)
