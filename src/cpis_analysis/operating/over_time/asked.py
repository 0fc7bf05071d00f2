"""What is asked of the calculator of power: this study or another one, at one wave or over several."""

from __future__ import annotations

from dataclasses import dataclass

from cpis_analysis.errors import PlanError, Problem
from cpis_analysis.study_words import PEOPLE

LARGEST_CORRELATION = 0.95
"""Of a person's values at two waves; beyond it a model over time has next to nothing to tell variances by."""


@dataclass(frozen=True)
class Asked:
    """What the options say; None and empty where they say nothing."""

    upper: int | None
    lower: int | None
    people: float | None
    cv: float | None
    arm: str
    loss: tuple[float, ...]
    icc_upper: float | None
    icc_lower: float | None
    effects: tuple[float, ...]
    outcomes: int | None
    waves: int | None
    model: str | None
    differences: tuple[str, ...]
    autocorrelation: float | None
    decay: bool
    cluster_autocorrelation: float | None

    @property
    def over_time(self) -> bool:
        """Whether an option is about several waves."""
        return bool(
            self.waves is not None
            or self.model is not None
            or self.differences
            or self.autocorrelation is not None
            or self.decay
            or self.cluster_autocorrelation is not None
        )

    @property
    def another(self) -> bool:
        """Whether it is about another study than the one that was done."""
        of_design = (self.upper, self.people, self.waves, self.autocorrelation, self.cluster_autocorrelation)
        return any(one is not None for one in of_design) or self.decay

    def check(self, levels: int) -> None:
        """Refuse what can't be asked of a plan of so many levels of clusters.

        Raises
        ------
        PlanError
            With every fault.
        """
        shares = [self.icc_upper, self.icc_lower, *self.loss]
        problems = [
            Problem(f"a share of the variance or of the {PEOPLE}", value=f"{one:g}", allowed="from 0 to below 1")
            for one in shares
            if one is not None and not 0.0 <= one < 1.0
        ]
        if not problems and (self.icc_upper or 0.0) + (self.icc_lower or 0.0) >= 1.0:
            problems.append(Problem(f"the shares of the variance leave nothing for {PEOPLE}", hint="give smaller ones"))
        for name, value, most in (
            ("--autocorrelation", self.autocorrelation, LARGEST_CORRELATION),
            ("--cluster-autocorrelation", self.cluster_autocorrelation, 1.0),
        ):
            if value is not None and not 0.0 <= value <= most:
                allowed = f"from 0 to {most:g}"
                problems.append(Problem(f"the correlation of {name}", value=f"{value:g}", allowed=allowed))
        of_clusters = {
            "--upper": self.upper,
            "--icc-upper": self.icc_upper,
            "--cv": self.cv,
            "--cluster-autocorrelation": self.cluster_autocorrelation,
        }
        of_lower = {"--lower": self.lower, "--icc-lower": self.icc_lower}
        asked = (of_clusters | of_lower) if levels == 0 else of_lower if levels == 1 else {}
        has = "names no clusters" if levels == 0 else "has one level of clusters"
        problems += [
            Problem(f"{name} is about clusters, and the plan {has}", hint="leave it out")
            for name, value in asked.items()
            if value is not None
        ]
        if not self.another and (self.loss or self.icc_upper is not None or self.icc_lower is not None or self.cv):
            problems.append(
                Problem(
                    "--loss, --icc-upper, --icc-lower and --cv are about another study; of this one the data tell",
                    hint=f"say how many clusters it has with --upper, or how many {PEOPLE} with --people",
                )
            )
        if problems:
            raise PlanError("The options can't be used.", problems)
