"""Designs that cannot be estimated, said before anything is fitted."""

from __future__ import annotations

import numpy as np

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm.designs.design import Design, RandomPart
from cpis_analysis.study_words import A_PERSON, PERSONS


def check_groups(design: Design, *, residual: bool = True) -> None:
    """Refuse grouping factors that say nothing.

    Parameters
    ----------
    design : Design
    residual : bool
        Whether the rows have a variance of their own, from which that of groups must be told; those of answers and
        counts have none, so there every row may be a group.

    Raises
    ------
    ModelError
        For one level, as many levels as rows, more effects than rows, or two factors with the same groups.
    """
    problems = []
    n = design.n
    for part in design.random:
        name = part.group
        if part.n_groups < 2:
            label = ":".join(map(str, part.grouping.labels[0]))
            problems.append(Problem(
                f"the grouping factor has one level ('{label}'), so nothing can vary between its groups",
                variable=name, hint="leave it out of the random part"))  # fmt: skip
        elif residual and part.n_groups >= n and "(Intercept)" in part.names:
            problems.append(Problem(
                f"the grouping factor has as many levels as there are rows ({n}), "
                "so its variance cannot be told from the residual variance",
                variable=name, hint="leave it out of the random part"))  # fmt: skip
        elif residual and part.q > 1 and part.n_groups * part.q >= n:
            problems.append(Problem(
                f"{part.n_groups} groups with {part.q} random effects each are too many for {n} rows",
                variable=name, hint="use fewer random slopes"))  # fmt: skip
        elif (
            design.residual is not None
            and design.residual.holds_person
            and _same_partition(part.codes, design.residual.person)
        ):
            problems.append(Problem(
                f"its groups are the {PERSONS} of {design.residual.term}, "
                f"which hold what {A_PERSON}'s rows share, so its variance cannot be told from that", variable=name,
                hint="leave it out of the random part"))  # fmt: skip
    for i, part in enumerate(design.random):
        for other in design.random[:i]:
            if part.group != other.group and set(part.names) & set(other.names) and same_groups(part, other):
                problems.append(Problem(
                    f"its groups are the same as those of '{other.group}', so their variances cannot be told apart",
                    variable=part.group, hint="keep one of the two"))  # fmt: skip
    if problems:
        raise ModelError("The random part cannot be estimated.", problems)


def check_identified(design: Design, outside: list[float]) -> None:
    """Refuse random effects that the fixed part already explains.

    Parameters
    ----------
    design : Design
    outside : list of float
        Share of each random term's columns that lies outside the fixed part.

    Raises
    ------
    ModelError
        For example when each arm is one cluster, or a cluster is also a fixed factor.
    """
    problems = []
    for part, share in zip(design.random, outside, strict=True):
        if share < 1e-9:
            same = [
                str(operand)
                for operand, coding in design.codings.items()
                if hasattr(coding, "levels") and operand.variable not in part.variables
                and _same_partition(design.values[operand], part.codes)
            ]  # fmt: skip
            why = (
                f"'{same[0]}' and '{part.group}' are the same groups: with one cluster for each level of "
                f"'{same[0]}' no analysis can tell its effect from differences between clusters"
                if same
                else f"the fixed effects already explain every difference between the groups of '{part.group}'"
            )
            problems.append(
                Problem(
                    why, variable=part.group, hint="choose groups with several rows each, and more than one of them"
                )
            )
    if problems:
        raise ModelError("The random part cannot be estimated.", problems)


def lone_clusters(design: Design) -> list[str]:
    """Sentences about factor levels that consist of one cluster only."""
    lines = []
    for operand, coding in design.codings.items():
        if not hasattr(coding, "levels"):
            continue
        values = design.values[operand]
        for part in design.random:
            if operand.variable in part.variables or "(Intercept)" not in part.names:
                continue
            if not _nested(part.codes, values, part.n_groups):
                continue
            pairs = np.zeros(part.n_groups, dtype=np.intp)
            pairs[part.codes] = values
            counts = np.bincount(pairs, minlength=len(coding.levels))
            for level, count in zip(coding.levels, counts.tolist(), strict=True):
                if count == 1:
                    lines.append(
                        f"{operand} '{level}' is a single cluster of {part.group}: its effect rests on one cluster"
                    )
    return lines


def same_groups(part: RandomPart, other: RandomPart) -> bool:
    """Whether two random terms have the same groups."""
    return part.n_groups == other.n_groups and _same_partition(part.codes, other.codes)


def _nested(inner: np.ndarray, outer: np.ndarray, n_inner: int) -> bool:
    first = np.empty(n_inner, dtype=np.intp)
    first[inner] = outer
    return bool((first[inner] == outer).all())


def _same_partition(a: np.ndarray, b: np.ndarray) -> bool:
    return _nested(a, b, int(a.max()) + 1) and _nested(b, a, int(b.max()) + 1)
