"""Differences between arms in answers, ready to print: percentage points, marks and reasons."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pandas as pd

from cpis_analysis.analyses.proportions import LEVEL
from cpis_analysis.disclosure.protect import require_protected
from cpis_analysis.plan.outcome_scale import PER_CENT
from cpis_analysis.publish.format import is_missing, with_interval
from cpis_analysis.publish.sources.sourced import setting
from cpis_analysis.publish.sources.sourced_columns import rows_of
from cpis_analysis.words.labels import code_text

INTERVAL_LEVEL = setting(LEVEL, "src/cpis_analysis/analyses/proportions.py", "LEVEL")
"""Level of the intervals."""
MARKS = {"no variation": "a", "few clusters": "b", "few degrees of freedom": "c"}
"""Letters behind a difference without an interval."""


@dataclass(frozen=True)
class Difference:
    """One answer compared between two arms.

    Attributes
    ----------
    estimate, low, high : float or None
        In percentage points; None where there is none or it is withheld.
    df : float or None
    cluster : str
        ``trust`` or ``team``.
    why : str or None
        Why there is no interval.
    """

    estimate: float | None
    low: float | None
    high: float | None
    df: float | None
    cluster: str
    why: str | None

    @property
    def mark(self) -> str:
        """A letter for the reason, where it is no matter of disclosure."""
        return MARKS.get(self.why or "", "")

    @property
    def withheld(self) -> bool:
        return self.why in ("hidden counts", "answers by trust")

    @property
    def text(self) -> str:
        """Such as "3.2 (−22.1 to 28.5)"."""
        return with_interval(self.estimate, self.low, self.high, 1)

    @property
    def excludes_zero(self) -> bool:
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


def differences_of(frame: pd.DataFrame) -> Mapping[tuple[str, str, str], Difference]:
    """Differences by question, answer and arm, in the order of the frame.

    Parameters
    ----------
    frame : DataFrame
        Summary ``differences`` after `disclosure_differences.protect_differences`.

    Raises
    ------
    ValueError
        If the frame has not passed the disclosure control.
    """
    found = {}
    for row in rows_of(require_protected(frame)):
        estimate, low, high = (
            None if is_missing(row[name]) else PER_CENT * row[name] for name in ("estimate", "ci_low", "ci_high")
        )
        found[str(row["variable"]), code_text(row["code"]), str(row["group"])] = Difference(
            estimate,
            low,
            high,
            None if is_missing(row["df"]) else row["df"],
            str(row["cluster"]),
            None if is_missing(row["why"]) else str(row["why"]),
        )
    return found


def one_of_each_pair(found: Mapping[tuple[str, str, str], Difference]) -> dict[tuple[str, str, str], Difference]:
    """Without the second answer of questions that have two: its difference is that of the first with other sign."""
    codes: dict[str, list[str]] = {}
    for variable, code, _ in found:
        codes.setdefault(variable, [])
        if code not in codes[variable]:
            codes[variable].append(code)
    first = {name: "yes" if is_yes_no(known) else known[0] for name, known in codes.items() if len(known) == 2}
    return {key: one for key, one in found.items() if key[1] == first.get(key[0], key[1])}


def is_yes_no(codes: Collection[str]) -> bool:
    """Whether the answers are yes and no."""
    return set(codes) == {"yes", "no"}
