"""Checks of the lists of variables in a plan, and of what the report chooses from them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from cpis_analysis.errors import Problem
from cpis_analysis.plan.reading.problems import PlanProblems
from cpis_analysis.plan.reading.yaml_reader import Path_
from cpis_analysis.study_words import PEOPLE

_EXPERIENCE = "variable of report.experience"


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
        yield from self._singled_out()

    def _implementation(self) -> Iterator[Problem]:
        design, report = self.plan.design, self.plan.report
        done, path = report.implementation, ("report", "implementation")
        of_clusters = f"variable of {self.document.key('design', 'team_characteristics')}"
        for key in ("reached", "supported"):
            if getattr(done, key):
                yield from self._chosen((*path, key), _EXPERIENCE, getattr(done, key), report.experience)
        for key in ("fidelity", "singled_out"):
            part = getattr(done, key)
            if part is not None:
                here: Path_ = (*path, key, "variable")
                yield from self._chosen(here, of_clusters, part.variable, design.team_characteristics)
        if done.fidelity and done.fidelity.high_source and done.fidelity.high is None:
            yield self.problem(
                (*path, "fidelity", "high_source"), "a source of no value", hint="add high, or remove the key"
            )
        for position, name in enumerate(done.activities):
            if name in report.experience or name in done.details:
                other = "report.experience" if name in report.experience else "report.implementation.details"
                yield self.problem(
                    (*path, "activities", position),
                    f"the variable stands in {other} already",
                    value=name,
                    hint="remove it from one of the two",
                )

    def _singled_out(self) -> Iterator[Problem]:
        done = self.plan.report.implementation
        path: Path_ = ("report", "implementation", "singled_out")
        if done.singled_out is None:
            return
        if done.supported is None:
            yield self.problem(
                path, "nothing is told of these clusters", hint="add supported, the question they answer"
            )
        else:
            yield from self._told_elsewhere(done.supported)
        bands = done.singled_out.bands
        if any(one >= other for one, other in pairwise(bands)) or not 0 < bands[0] <= bands[-1] < 1:
            yield self.problem(
                (*path, "bands"),
                "the bands do not part shares in increasing order",
                value=", ".join(f"{one:g}" for one in bands),
                allowed="shares between 0 and 1, such as 0.4, 0.6",
            )

    def _told_elsewhere(self, variable: str) -> Iterator[Problem]:
        """What would give the counts behind the bands of teams away."""
        path: Path_ = ("report", "implementation", "singled_out")
        report, outer = self.plan.report, self.plan.design.trust_noun
        if variable in report.experience_by_trust:
            yield self.problem(
                path,
                f"the question is shown by {outer} too, which would give the counts behind the bands away",
                value=variable,
                hint=f"take it out of {self.document.key('report', 'experience_by_trust')}, or leave singled_out out",
            )
        for name, outcome in self.plan.outcomes.items():
            if outcome.variable != variable:
                continue
            for position, model in enumerate(outcome.models):
                part = self.plan.model_of(name, model) if model in self.plan.models else None
                if part is not None and (part.population != "available" or part.contrasts):
                    yield self.problem(
                        ("outcomes", name, "models", position),
                        f"an analysis of some of the {PEOPLE}, or of groups of them, would give the counts behind the "
                        "bands of report.implementation.singled_out away",
                        value=model,
                        hint="leave the model out here, or singled_out",
                    )

    def _chosen(self, path: Path_, what: str, name: str, known: list[str]) -> Iterator[Problem]:
        if name not in known:
            yield self.unknown(path, what, name, known)
