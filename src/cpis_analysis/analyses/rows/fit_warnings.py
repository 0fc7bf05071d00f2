"""Warnings of a fit that others ask for: by what they are, never by their words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NOBODY_ANALYSED, ONE_ANALYSED = "nobody analysed", "one analysed"
"""Clusters that the rows of an analysis have lost, wholly or but for one person."""

SEEN_TO_FAIL = "seen to fail"
"""The test had too many false findings in simulated studies with this allocation."""

TOO_OPTIMISTIC = "too optimistic"
"""An inference does not fit the design."""

FEW_CLUSTERS = "few clusters"
"""A level of a moderator has few clusters in an arm; with the values of `moderator_clusters.few_clusters`."""


class OutcomeWarning(str):
    """A warning that the outcome gives rise to: a forecast, which shuffles the outcome, leaves it out."""

    __slots__ = ()


class KeyedWarning(str):
    """A warning with its key, one of those above, and what it was made of.

    Attributes
    ----------
    key : str
    values : mapping
        What its words were made of, where they are made again; plain values for JSON.
    """

    key: str
    values: Mapping[str, Any]

    # the defaults are for copies, which are made of the text and then get the rest
    def __new__(cls, text: str, key: str = "", **values: Any) -> KeyedWarning:
        made = super().__new__(cls, text)
        made.key, made.values = key, values
        return made


def key_of(warning: str) -> str:
    """What a warning is; empty where nobody asks for it, and in files of versions that had no keys."""
    return warning.key if isinstance(warning, KeyedWarning) else ""
