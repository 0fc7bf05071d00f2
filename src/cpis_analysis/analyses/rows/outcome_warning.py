"""Warnings that depend on the outcome, told from those of the design."""

from __future__ import annotations


class OutcomeWarning(str):
    """A warning that the outcome gives rise to: a forecast, which shuffles the outcome, leaves it out."""

    __slots__ = ()
