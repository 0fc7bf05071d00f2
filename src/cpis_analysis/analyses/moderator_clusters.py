"""How little can be shown where a moderator's level has few clusters in an arm."""

from __future__ import annotations

import pandas as pd

from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows
from cpis_analysis.analyses.rows.fit_warnings import FEW_CLUSTERS, KeyedWarning
from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.plan.naming import counted_noun, noun_of, plural
from cpis_analysis.plan.specification import AnalysisSpec

FEW = 4
"""Below as many clusters in an arm a level of a moderator is warned of."""


def moderator_warnings(spec: AnalysisSpec, rows: AnalysisRows, *, lone_clusters: bool = True) -> tuple[str, ...]:
    """How little can be shown where a moderator's level has few clusters in an arm.

    Parameters
    ----------
    spec : AnalysisSpec
    rows : AnalysisRows
    lone_clusters : bool
        Whether one cluster in an arm can be borne. Cluster-robust standard errors can't: they see no variation in it
        and come out far too small, with too many degrees of freedom.

    Raises
    ------
    ModelError
        For an arm with one cluster, where that can't be borne.
    """
    if rows.allocation.level == "individual":
        return ()
    # people speak of schools, whatever the variable of their identifiers is called
    unit = noun_of(rows.allocation.variable)
    keys = list(spec.keys_of(rows.allocation.variable))
    lines: list[str] = []
    impossible: list[Problem] = []
    for moderator in dict.fromkeys(part.moderator for part in spec.contrasts if part.moderator):
        values = rows.frame[moderator]
        if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
            continue
        for level, group in rows.frame.groupby(values.astype(str), sort=True):
            clusters = group[[spec.arm, *keys]].astype(str).drop_duplicates()
            counts = clusters[spec.arm].value_counts()
            fewest, most = int(counts.min()), int(counts.max())
            if fewest < FEW:
                said = {"moderator": moderator, "level": str(level), "unit": unit}
                n = 0 if most == 1 else fewest
                lines.append(KeyedWarning(few_clusters(**said, fewest=n), FEW_CLUSTERS, **said, fewest=n))
            if fewest == 1 and not lone_clusters:
                impossible.append(
                    Problem(
                        f"where {moderator} is {level}, an arm has one {unit}: a cluster-robust standard error sees no "
                        "variation there and comes out far too small",
                        value=spec.formula,
                        hint="use estimator: mixed",
                    )
                )
    if impossible:
        raise ModelError(f"The analysis {spec.name} can't be valid.", impossible)
    return tuple(lines)


def few_clusters(moderator: str, level: str, unit: str, fewest: int) -> str:
    """The warning of one level, by the moderator's name or by what a reader calls it.

    Parameters
    ----------
    moderator, level : str
    unit : str
        A cluster.
    fewest : int
        Clusters in the arm that has the fewest; 0 where each arm has one.
    """
    if fewest == 0:
        return (
            f"Where {moderator} is {level}, one {unit} is compared with one {unit}: the effect of the arm "
            f"there can't be told apart from whatever else differs between two {plural(unit)}. Interval and "
            f"degrees of freedom rest on the differences between the other {plural(unit)} and hold only if "
            "these two vary alike."
        )
    return f"Where {moderator} is {level}, an arm has only {fewest} {counted_noun(fewest, unit)}: inference fragile."
