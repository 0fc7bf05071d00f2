"""What a row of estimates.csv lets one conclude, so that two runs can be compared by what they say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LEVEL = 0.95
"""Of an analysis whose specification is not known."""


def conclusions(
    row: Mapping[str, Any] | None, level: float | None = None, important: float | None = None
) -> dict[str, str]:
    """What a row says, by question.

    Parameters
    ----------
    row : mapping or None
        Of estimates.csv; None: the run does not have it.
    level : float, optional
        Of its confidence interval.
    important : float, optional
        Minimal important difference of the outcome, on the scale of the estimate.

    Returns
    -------
    dict
        ``difference`` (in which direction the interval excludes zero; for a joint test whether p is below alpha),
        ``equivalence`` (whether the interval of the two one-sided tests lies within the margins), ``importance``
        (whether the interval rules out, reaches or exceeds the important difference), ``adjusted`` (whether the
        adjusted p-value is below alpha). A question that the row does not answer is left out.
    """
    if row is None:
        return {}
    alpha, found = 1 - (level or LEVEL), {}
    low, high, p = (_known(row.get(name)) for name in ("ci_low", "ci_high", "p_value"))
    if low is not None and high is not None:
        found["difference"] = "above zero" if low > 0 else "below zero" if high < 0 else "zero not excluded"
        if important and str(row.get("measure") or "mean difference") == "mean difference":
            reach = abs(important)
            found["importance"] = (
                "important differences are ruled out"
                if -reach < low and high < reach
                else "an important difference is shown"
                if low >= reach or high <= -reach
                else "an important difference is possible"
            )
    elif p is not None:
        found["difference"] = "shown" if p < alpha else "not shown"
    else:
        found["difference"] = "not estimable"
    ends = [_known(row.get(name)) for name in ("equivalence_low", "tost_ci_low", "tost_ci_high", "equivalence_high")]
    low, inner_low, inner_high, high = ends
    if low is not None and inner_low is not None and inner_high is not None and high is not None:
        found["equivalence"] = "within the margins" if low < inner_low and inner_high < high else "not shown"
    adjusted = _known(row.get("p_adjusted"))
    if adjusted is not None:
        found["adjusted"] = "shown" if adjusted < alpha else "not shown"
    return found


def changed_conclusions(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """By question, what was and what is concluded, where the two differ; "no answer" where one run gives none."""
    if not before or not after:
        return {}
    none = "no answer"
    return {
        name: (before.get(name, none), after.get(name, none))
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    }


def _known(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and value == value else None
