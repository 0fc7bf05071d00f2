"""What a formula is made of: operands, terms, random terms."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

TRANSFORMS = ("log", "log1p", "sqrt", "exp", "square", "cube", "center", "scale", "factor", "C")
CLUSTER_PARTS = ("mean", "within")
"""What is made of a variable and clusters: the mean of each, and the variable less it."""
_PLAIN = re.compile(r"(?:[^\W\d]|\.(?!\d))[\w.]*\Z")
_PART = re.compile(r"(mean|within)\((.+) \| (.+)\)\Z")


@dataclass(frozen=True)
class ClusterPart:
    """A column that is made of a variable and clusters; its text is the column's name.

    Attributes
    ----------
    kind : str
        ``mean`` (of the cluster) or ``within`` (the variable less that).
    variable : str
    groups : tuple of str
        Columns whose combinations are the clusters.
    """

    kind: str
    variable: str
    groups: tuple[str, ...]

    def __str__(self) -> str:
        groups = ":".join(_quoted(name) for name in self.groups)
        return f"{self.kind}({_quoted(self.variable)} | {groups})"


@lru_cache(maxsize=4096)
def cluster_part(name: str) -> ClusterPart | None:
    """What a column of a model is made of; None for a column of the data."""
    match = _PART.match(name)
    if match is None:
        return None
    groups = re.findall(r"`[^`]+`|[^:]+", match[3])
    return ClusterPart(match[1], match[2].strip("`"), tuple(one.strip("`") for one in groups))


def source_of(name: str) -> str:
    """The variable of the data that a column of a model holds or is made of."""
    part = cluster_part(name)
    return name if part is None else part.variable


def _quoted(name: str) -> str:
    return name if _PLAIN.match(name) else f"`{name}`"


@dataclass(frozen=True, order=True)
class Operand:
    """One variable, possibly transformed.

    Attributes
    ----------
    variable : str
        Column name; that of a `ClusterPart` is its text.
    transforms : tuple of str
        Names from `TRANSFORMS`, the innermost first.
    """

    variable: str
    transforms: tuple[str, ...] = ()

    def __str__(self) -> str:
        text = self.variable if cluster_part(self.variable) else _quoted(self.variable)
        for name in self.transforms:
            text = f"{name}({text})"
        return text


Term = tuple[Operand, ...]


@dataclass(frozen=True)
class RandomTerm:
    """Random effects that vary over the groups of one grouping factor.

    Attributes
    ----------
    terms : tuple of Term
        What varies; the empty tuple stands for the intercept.
    groups : tuple of str
        Columns whose combinations are the groups.
    """

    terms: tuple[Term, ...]
    groups: tuple[str, ...]

    @property
    def group_name(self) -> str:
        """Name of the grouping factor, such as ``trust:team``."""
        return ":".join(self.groups)

    def __str__(self) -> str:
        groups = ":".join(map(_quoted, self.groups))
        return f"({_sum_text(self.terms)} | {groups})"


@dataclass(frozen=True)
class Formula:
    """A parsed model formula; ``str()`` gives the canonical text.

    Attributes
    ----------
    response : Operand
        Left-hand side.
    fixed_terms : tuple of Term
        Fixed part, main effects before interactions; the empty tuple is the intercept.
    random_terms : tuple of RandomTerm
        Random part with ``/`` and ``||`` written out.
    text : str
        The formula as it was given.
    """

    response: Operand
    fixed_terms: tuple[Term, ...]
    random_terms: tuple[RandomTerm, ...]
    text: str = field(compare=False, default="")

    @cached_property
    def variables(self) -> tuple[str, ...]:
        """Sorted names of all columns of the model; means of clusters, and what varies about them, are columns."""
        names = {self.response.variable}
        for term in self.fixed_terms:
            names.update(operand.variable for operand in term)
        for random in self.random_terms:
            names.update(random.groups)
            for term in random.terms:
                names.update(operand.variable for operand in term)
        return tuple(sorted(names))

    @cached_property
    def cluster_parts(self) -> tuple[ClusterPart, ...]:
        """Columns that are made of a variable and clusters."""
        return tuple(part for part in map(cluster_part, self.variables) if part is not None)

    @property
    def sources(self) -> tuple[str, ...]:
        """Sorted names of the variables of the data that the columns hold or are made of."""
        return tuple(sorted({source_of(name) for name in self.variables}))

    def __str__(self) -> str:
        right = [_sum_text(self.fixed_terms, hide_intercept=True), *map(str, self.random_terms)]
        return f"{self.response} ~ " + " + ".join(part for part in right if part)


def term_text(term: Term) -> str:
    """Name of a term: ``1`` for the intercept, otherwise its operands joined by ``:``."""
    return ":".join(map(str, term)) if term else "1"


def _sum_text(terms: tuple[Term, ...], hide_intercept: bool = False) -> str:
    parts = [term_text(term) for term in terms if term]
    if () not in terms:
        parts.insert(0, "0")
    elif not (hide_intercept and parts):
        parts.insert(0, "1")
    return " + ".join(parts)


def crossed(left: list[Term], right: list[Term]) -> list[Term]:
    """Every term of the one with every term of the other: the interactions."""
    return [tuple(dict.fromkeys((*a, *b))) for a in left for b in right]


def united(*lists: list[Term]) -> list[Term]:
    """The terms of all lists, each once, as first written."""
    out: list[Term] = []
    seen = set()
    for term in (term for part in lists for term in part):
        if frozenset(term) not in seen:
            seen.add(frozenset(term))
            out.append(term)
    return out


def merged(left: tuple[str, ...], right: tuple[str, ...]) -> tuple[str, ...]:
    """The names of both, each once."""
    return tuple(dict.fromkeys((*left, *right)))
