"""Whether the estimates in a file are those of the fits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.errors import DataError, Problem


def check_estimates(frame: pd.DataFrame, results: Sequence[AnalysisResult], file: str) -> None:
    """Make sure that the estimates in a file are those of the fits.

    A report prints some numbers from the one and some from the other, and says of each where it stands: where they
    differ, one of the two was edited, or belongs to another run.

    Parameters
    ----------
    frame : DataFrame
        As `collect_estimates` gives it.
    results : sequence of AnalysisResult
    file : str
        Where the frame was read from, for messages.

    Raises
    ------
    DataError
        With each number that differs by more than the reading of decimals can.
    """
    found = {
        (str(row["analysis"]), "" if pd.isna(row["contrast"]) else str(row["contrast"])): row
        for row in frame.to_dict("records")
    }
    problems = []
    for result in results:
        for estimate in (result.estimate, *result.contrasts):
            row = found.pop((estimate.analysis, str(estimate.contrast)), None)
            if row is None:
                problems.append(
                    Problem(
                        "no row of this estimate",
                        file=file,
                        value=f"{estimate.analysis}: {estimate.contrast}",
                        hint="make the file again: cpis run --force results/estimates.csv",
                    )
                )
                continue
            problems += [
                Problem(
                    f"{name} of {estimate.analysis} is not that of its fit",
                    file=file,
                    value=str(row[name]),
                    allowed=str(getattr(estimate, name)),
                )
                for name in _CHECKED
                if not _same(row[name], getattr(estimate, name))
            ]
    problems += [
        Problem(
            "an estimate without a fit",
            file=file,
            value=f"{analysis}: {contrast}",
            hint="make the file again: cpis run --force results/estimates.csv",
        )
        for analysis, contrast in found
    ]
    if problems:
        raise DataError(
            "The estimates are not those of the fits; nothing was written.",
            [
                *problems,
                Problem(
                    "the fits are right if nobody edited them", hint=f"make the file again: cpis run --force {file}"
                ),
            ],
        )


_CHECKED = ("estimate", "se", "df", "statistic", "p_value", "ci_low", "ci_high", "n_obs", "n_participants", "n_trusts")


def _same(one: Any, other: Any) -> bool:
    missing = [value is None or pd.isna(value) for value in (one, other)]
    return all(missing) if any(missing) else math.isclose(float(one), float(other), rel_tol=1e-12, abs_tol=1e-300)
