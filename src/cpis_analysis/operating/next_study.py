"""The design of a study that has not been done: clusters, sizes, where the arm lies, who is lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from cpis_analysis.analyses.fitting.quick_look import quick_look
from cpis_analysis.errors import PlanError, Problem
from cpis_analysis.methods import cluster_summary
from cpis_analysis.methods.degrees import KENWARD_ROGER
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.seeds import generator
from cpis_analysis.study.dataset import AnalysisData
from cpis_analysis.study_words import PEOPLE

_OUTCOME, _BEFORE = "next_outcome", "next_before"
_SMALLEST = 2


@dataclass(frozen=True)
class NextStudy:
    """A design.

    Attributes
    ----------
    trusts : int
    teams : int
        In each trust.
    people : float
        Mean number of people of a team at the start.
    cv : float
        Coefficient of variation of the sizes of teams.
    arm : str
        ``within`` trusts (its teams differ in their arm) or ``between`` them.
    loss : float
        Share of the people who are lost.
    """

    trusts: int
    teams: int
    people: float
    cv: float = 0.0
    arm: str = "within"
    loss: float = 0.0

    def check(self) -> None:
        """Refuse what is no design.

        Raises
        ------
        PlanError
            With every fault.
        """
        each = self.trusts // 2 if self.arm == "between" else self.trusts * self.teams // 2
        within = "from 0 to below 1"
        faults = {
            "where the arm lies": (self.arm not in ("within", "between"), self.arm, "within or between"),
            f"{PEOPLE} in a cluster": (
                self.people * (1.0 - self.loss) < _SMALLEST,
                self.people,
                f"{_SMALLEST} who stay, or more",
            ),
            "the share that is lost": (not 0.0 <= self.loss < 1.0, self.loss, within),
            "the variation of sizes": (not 0.0 <= self.cv <= 2.0, self.cv, "from 0 to 2"),
            "clusters in an upper cluster": (
                self.arm == "within" and self.teams < _SMALLEST,
                self.teams,
                "two for an arm within upper clusters",
            ),
            "clusters an arm": (each < _SMALLEST, each, f"{_SMALLEST} or more"),
        }
        problems = [
            Problem(name, value=str(value), allowed=allowed)
            for name, (wrong, value, allowed) in faults.items()
            if wrong
        ]
        if problems:
            raise PlanError("This is no design that could be analysed.", problems)

    def sizes(self) -> np.ndarray:
        """People analysed in each team (trusts * teams,): quantiles of a gamma distribution, in a fixed odd order."""
        from scipy import special

        n = self.trusts * self.teams
        shares = (np.arange(n) + 0.5) / n
        drawn = special.gammaincinv(1.0 / self.cv**2, shares) * self.cv**2 if self.cv > 0.0 else np.ones(n)
        drawn = drawn / drawn.mean() * self.people * (1.0 - self.loss)
        order = generator(0, "next study", str(n)).permutation(n)
        return np.maximum(np.round(drawn), _SMALLEST).astype(int)[order]


def next_data(study: NextStudy, template: AnalysisSpec) -> AnalysisData:
    """People of the design in the plan's variables, with one number before the study that the analyses adjust for."""
    study.check()
    team = np.repeat(np.arange(study.trusts * study.teams), study.sizes())
    trust = team // study.teams
    side = trust % 2 if study.arm == "between" else (team % study.teams) % 2
    codes = [template.reference, f"not {template.reference}"]
    people = pd.DataFrame(
        {
            template.participant: [f"p{number:05d}" for number in range(len(team))],
            template.arm: pd.Categorical.from_codes(side, codes),
            template.trust: pd.Categorical([f"{number + 1:03d}" for number in trust]),
            **({template.team: pd.Categorical([f"{number + 1:03d}" for number in team])} if template.team else {}),
            _BEFORE: generator(0, "next study", "before").normal(size=len(team)),
        }
    )
    # a stand-in, so that there is an outcome to be drawn anew
    people[_OUTCOME] = people[_BEFORE]
    return AnalysisData(people, people.iloc[:0])


def next_analyses(template: AnalysisSpec) -> list[AnalysisSpec]:
    """What such a study could be analysed by: mixed model, least squares with robust errors, two-stage t-test."""
    fixed = f"{_OUTCOME} ~ {template.arm} + {_BEFORE}"
    random = f"(1 | {template.trust})" + (f" + (1 | {template.trust}:{template.team})" if template.team else "")
    mixed = quick_look(f"{fixed} + {random}", [template], df_method=KENWARD_ROGER.name, effect=template.arm)
    robust = quick_look(fixed, [template], cluster=template.levels[0], effect=template.arm)
    method = cluster_summary.METHOD
    means = [
        replace(robust, estimator=method.name, df_method=method.degrees[0].name, cluster=cluster)
        for cluster in reversed(template.levels)
    ]
    named = {
        "mixed model, Kenward-Roger": mixed,
        f"least squares, CR2 by {template.trust}": robust,
        **{f"two-stage t of {one.cluster} means": one for one in means},
    }
    return [
        replace(
            one, model=name, name=name, baseline=None, followup=_OUTCOME, outcome_type="continuous", low=None, high=None
        )
        for name, one in named.items()
    ]


def observed_sizes(people: Sequence[int]) -> tuple[float, float]:
    """Mean and coefficient of variation of sizes of clusters."""
    sizes = np.asarray(people, dtype=float)
    return float(sizes.mean()), float(sizes.std(ddof=1) / sizes.mean()) if len(sizes) > 1 else 0.0
