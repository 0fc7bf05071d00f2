"""Clusters that some arms only have, as where therapists treat people of one arm alone: told by empty cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from cpis_analysis.new_study.raw_files import RawFile


@dataclass(frozen=True)
class OneArm:
    """Columns of clusters, of which the last may be empty in some arms.

    Attributes
    ----------
    clusters : tuple of str
        The largest first; what is in some arms only stands last.
    arms : tuple of str
        Codes of the arms that have the clusters of the last column; empty where all have.
    without : tuple of str
        Codes of those that have none.
    blank : int
        Rows of the arms with clusters whose cell is empty.
    left : tuple of str
        Further columns that are empty in some arms, of which a plan can have one.
    """

    clusters: tuple[str, ...]
    arms: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    blank: int = 0
    left: tuple[str, ...] = ()


def arms_with(file: RawFile, arm: str, cluster: str, compared: Sequence[str]) -> tuple[str, ...]:
    """Codes of the arms in which a column of clusters has a cell that is not empty, of all or those compared."""
    cells = zip(file[arm].coded(), file[cluster].coded(), strict=True)
    filled = {code for code, text in cells if code and text}
    return tuple(code for code in file[arm].values if code in filled and (not compared or code in compared))


def one_arm_of(file: RawFile, arm: str, clusters: Sequence[str], compared: Sequence[str]) -> OneArm:
    """Which columns of clusters are empty for everybody of some arms."""
    every = [code for code in file[arm].values if not compared or code in compared]
    having = {name: arms_with(file, arm, name, compared) for name in clusters}
    some = [name for name in clusters if 0 < len(having[name]) < len(every)]
    if not some:
        return OneArm(tuple(clusters))
    level, *left = some
    rows = Counter(
        (code in having[level], bool(text))
        for code, text in zip(file[arm].coded(), file[level].coded(), strict=True)
        if code
    )
    return OneArm(
        clusters=(*(name for name in clusters if name not in some), level),
        arms=having[level],
        without=tuple(code for code in every if code not in having[level]),
        blank=rows[True, False],
        left=tuple(left),
    )
