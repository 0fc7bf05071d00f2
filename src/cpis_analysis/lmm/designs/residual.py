"""How the residuals of a model belong together: those of one person over the occasions, and groups of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm.designs.coded_columns import Column
from cpis_analysis.lmm.designs.display import ShortRepr
from cpis_analysis.lmm.designs.grouping import encode_groups
from cpis_analysis.lmm.designs.options import one_of
from cpis_analysis.study_words import A_PERSON, PEOPLE, PERSON, PERSONS

RESIDUALS = ("independent", "unstructured", "compound-symmetry", "ar1", "heterogeneous-ar1", "toeplitz")
_MOST_OCCASIONS = 30
_MOST_LISTED = 5
_WHOLE = ("unstructured", "compound-symmetry", "toeplitz")
"""Structures that hold the variance of a person's mean."""


@dataclass(frozen=True)
class ResidualTerm:
    """What a model says of its residuals.

    Attributes
    ----------
    covariance : str
        One of `RESIDUALS`.
    within, occasion : str, optional
        Columns of the person and of the occasion; none of them for independent residuals, else both.
    by : str, optional
        Column of the groups that have parameters of their own.
    """

    covariance: str
    within: str | None
    occasion: str | None
    by: str | None

    def __post_init__(self) -> None:
        one_of(self.covariance, "residual", RESIDUALS)
        problems = []
        for name, value in (("within", self.within), ("occasion", self.occasion)):
            if self.covariance == "independent" and value is not None:
                problems.append(
                    Problem("independent residuals take no such option", variable=name, value=value, hint="remove it")
                )
            elif self.covariance != "independent" and value is None:
                problems.append(
                    Problem(f"'{self.covariance}' residuals need a column", variable=name, hint="name the column")
                )
        if problems:
            raise ModelError("The residuals are not fully described.", problems)

    def __str__(self) -> str:
        of_person = f" within {self.within} over {self.occasion}" if self.within is not None else ""
        return f"{self.covariance} residuals{of_person}" + (f" by {self.by}" if self.by is not None else "")

    @property
    def plain(self) -> bool:
        """Whether residuals are independent with one variance, so that there is nothing to say."""
        return self.covariance == "independent" and self.by is None

    @property
    def columns(self) -> dict[str, str]:
        """Columns by option."""
        options = {"within": self.within, "occasion": self.occasion, "residual_by": self.by}
        return {option: name for option, name in options.items() if name is not None}


@dataclass(frozen=True, repr=False)
class ResidualPart(ShortRepr):
    """The residuals of the fitted rows.

    Attributes
    ----------
    term : ResidualTerm
    person : (n,) int
        Person of each row; its own number where residuals are independent.
    n_persons : int
    occasion : (n,) int
        Position of each row's occasion.
    occasion_labels : tuple of str or None
        Occasions in order; one None where residuals are independent.
    group : (persons,) int
        Group of each person.
    group_labels : tuple of str or None
        The groups; one None where they are not told apart.
    """

    term: ResidualTerm
    person: np.ndarray
    n_persons: int
    occasion: np.ndarray
    occasion_labels: tuple[str | None, ...]
    group: np.ndarray
    group_labels: tuple[str | None, ...]

    @property
    def occasions(self) -> tuple[str, ...]:
        """Names of the occasions, such as ``wave[6m]``; one empty name where there are none."""
        return tuple("" if label is None else f"{self.term.occasion}[{label}]" for label in self.occasion_labels)

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the groups, such as ``arm[new]``; one empty name where there are none."""
        return tuple("" if label is None else f"{self.term.by}[{label}]" for label in self.group_labels)

    @property
    def by_occasion(self) -> bool:
        """Whether each occasion has a residual variance of its own."""
        return self.term.covariance in ("unstructured", "heterogeneous-ar1")

    @property
    def holds_person(self) -> bool:
        """Whether what all rows of a person share is part of the residual covariance."""
        return self.term.covariance in _WHOLE

    @classmethod
    def read(cls, term: ResidualTerm, columns: Mapping[str, Column], rows: np.ndarray | None, n: int) -> ResidualPart:
        """Read the residuals' columns.

        Raises
        ------
        ModelError
            For two rows of a person at one occasion, occasions that never meet, groups that change within a person,
            or too little to tell variances.
        """
        person, n_persons, labels = np.arange(n), n, None
        occasion = np.zeros(n, dtype=np.intp)
        occasions: tuple[str | None, ...] = (None,)
        if term.within is not None and term.occasion is not None:
            grouping = encode_groups([columns[term.within]], rows)
            person, n_persons, labels = grouping.codes, grouping.n_groups, grouping.labels
            at = encode_groups([columns[term.occasion]], rows)
            occasion, occasions = at.codes, tuple(str(label[0]) for label in at.labels)
        group = np.zeros(n_persons, dtype=np.intp)
        groups: tuple[str | None, ...] = (None,)
        problems: list[Problem] = []
        if term.by is not None:
            by = encode_groups([columns[term.by]], rows)
            groups = tuple(str(label[0]) for label in by.labels)
            group[person] = by.codes
            changed = np.unique(person[group[person] != by.codes])
            if len(changed):
                problems.append(Problem(f"'{term.by}' differs between the rows of {A_PERSON}", variable=term.by,
                                        value=_listed(labels, changed), count=len(changed),
                                        hint=f"name a column that each {PERSON} has once"))  # fmt: skip
        part = cls(term, person, n_persons, occasion, occasions, group, groups)
        problems += part._repeated(labels) or part._untold()
        if problems:
            raise ModelError("The covariance of the residuals cannot be estimated.", problems)
        return part

    def _repeated(self, labels: list[tuple[Any, ...]] | None) -> list[Problem]:
        place = self.person * len(self.occasion_labels) + self.occasion
        used, count = np.unique(place, return_counts=True)
        twice = np.unique(used[count > 1] // len(self.occasion_labels))
        if not len(twice):
            return []
        hint = f"one row for each {PERSON} and occasion; leave repeated rows out, or tell the occasions apart"
        return [Problem(f"more than one row of {A_PERSON} at the same {self.term.occasion}", variable=self.term.within,
                        value=_listed(labels, twice), count=len(twice), hint=hint)]  # fmt: skip

    def _untold(self) -> list[Problem]:
        problems: list[Problem] = []
        T = len(self.occasion_labels)
        if self.term.covariance != "independent" and T < 2:
            return [Problem("there is one occasion only", variable=self.term.occasion, hint="leave 'residual' out")]
        if T > _MOST_OCCASIONS:
            return [Problem(f"{T} occasions are too many for a covariance matrix of their own",
                            variable=self.term.occasion, allowed=f"at most {_MOST_OCCASIONS}",
                            hint="use random slopes over time")]  # fmt: skip
        was_seen = np.zeros((self.n_persons, T), dtype=bool)
        was_seen[self.person, self.occasion] = True
        for g, name in enumerate(self.groups):
            seen = was_seen[self.group == g]
            where = f" in {name}" if name else ""
            together = seen.T.astype(int) @ seen
            if len(seen) < 2:
                problems.append(
                    Problem(
                        f"fewer than two {PERSONS}{where}",
                        variable=self.term.by or self.term.within,
                        hint=f"remove residual_by, or choose groups with more {PEOPLE}",
                    )
                )
            elif self.term.covariance == "unstructured":
                problems += [
                    Problem(f"nobody was seen at both {self.occasions[b]} and {self.occasions[a]}{where}, so their "
                            "covariance cannot be estimated", variable=self.term.occasion,
                            hint="choose another structure, such as ar1 or compound-symmetry")
                    for a in range(T) for b in range(a + 1) if together[a, b] < 2
                ]  # fmt: skip
            elif T > 1 and not np.triu(together, 1).any():
                problems.append(
                    Problem(
                        f"nobody was seen more than once{where}",
                        variable=self.term.within,
                        hint="write covariance: independent, or look whether rows of the waves have the same "
                        f"numbers of {PEOPLE}",
                    )
                )
            elif self.term.covariance == "heterogeneous-ar1":
                problems += [Problem(f"fewer than two {PERSONS} at {self.occasions[a]}{where}",
                                     variable=self.term.occasion,
                                     hint="leave the wave out, or write a covariance with fewer parameters")
                             for a in range(T) if together[a, a] < 2]  # fmt: skip
            elif self.term.covariance == "toeplitz":
                problems += [Problem(f"no two occasions at distance {d} were seen of one {PERSON}{where}",
                                     variable=self.term.occasion, hint="choose another structure, such as ar1")
                             for d in range(1, T) if not np.diag(together, d).any()]  # fmt: skip
        return problems


def _listed(labels: list[tuple[Any, ...]] | None, codes: np.ndarray) -> str | None:
    if labels is None:
        return None
    shown = ", ".join(str(labels[code][0]) for code in codes[:_MOST_LISTED])
    return shown + (", ..." if len(codes) > _MOST_LISTED else "")
