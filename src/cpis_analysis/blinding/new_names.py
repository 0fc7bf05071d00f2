"""New names for groups, clusters and people: which is which is drawn by a secret key and told by nothing else."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from string import ascii_uppercase

from cpis_analysis.errors import PlanError, Problem
from cpis_analysis.plan.naming import Noun


@dataclass(frozen=True)
class NewNames:
    """What everything is called in the blinded study.

    Attributes
    ----------
    arms : mapping of str to str
        ``A``, ``B``, ... by the code of the group.
    clusters : mapping of str to mapping of str to str
        By variable of the clusters, the new label by the old one. One old label has one new label, so that labels
        which repeat across outer clusters go on to do so and formulas mean the same.
    people : mapping of str to str
        New number by the old one.
    """

    arms: Mapping[str, str]
    clusters: Mapping[str, Mapping[str, str]]
    people: Mapping[str, str]

    def shown(self) -> set[str]:
        """Every name that the blinded study has for groups and clusters."""
        return {*self.arms.values(), *map(group_label, self.arms.values())} | {
            label for names in self.clusters.values() for label in names.values()
        }


def new_names(
    key: str, arms: Iterable[str], clusters: Mapping[str, tuple[Noun, Iterable[str]]], people: Iterable[str]
) -> NewNames:
    """Draw the order of groups, clusters and people.

    Parameters
    ----------
    key : str
        Secret: whoever has it and the codes can draw again.
    arms, people : iterable of str
        Codes and numbers that the data have, in any order.
    clusters : mapping
        By variable, what a cluster is called and the labels.

    Notes
    -----
    Names are put in the order of their HMAC-SHA256 under the key, which is a random order to everybody else. The order
    in which they are given, that of files among others, has no influence.
    """
    groups = _drawn(key, "arm", arms)
    if len(groups) > len(ascii_uppercase):
        raise PlanError(
            "The groups can't be blinded.",
            Problem("there are more groups than letters", value=str(len(groups)), allowed=str(len(ascii_uppercase))),
        )
    persons = _drawn(key, "person", people)
    width = max(3, len(str(len(persons))))
    return NewNames(
        arms=dict(zip(groups, ascii_uppercase, strict=False)),
        clusters={
            variable: {
                label: f"{_title(noun)} {at}" for at, label in enumerate(_drawn(key, f"cluster {variable}", labels), 1)
            }
            for variable, (noun, labels) in clusters.items()
        },
        people={number: f"P{at:0{width}}" for at, number in enumerate(persons, 1)},
    )


def group_label(letter: str) -> str:
    """How tables and sentences call a group."""
    return f"Group {letter}"


def fingerprint(key: str) -> str:
    """What may be shown of a key: it tells two keys apart, and nothing of the order that either draws."""
    return hashlib.sha256(f"cpis blind {key}".encode()).hexdigest()


def _drawn(key: str, what: str, names: Iterable[str]) -> list[str]:
    def place(name: str) -> bytes:
        return hmac.new(key.encode(), f"{what}\0{name}".encode(), hashlib.sha256).digest()

    return sorted(dict.fromkeys(names), key=place)


def _title(noun: Noun) -> str:
    """A noun at the head of a label, without the signs that part choices of a dictionary."""
    text = " ".join(noun.replace(",", " ").replace("|", " ").split())
    return text[:1].upper() + text[1:]
