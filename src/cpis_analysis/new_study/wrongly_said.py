"""All that was said of a new study and can't be so, where the first such thing ends what can be settled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import Any

from cpis_analysis.errors import DataError, Problem
from cpis_analysis.new_study.settled import Told


def everything_wrong(told: Told, error: DataError, settle: Callable[[Told], Any]) -> DataError:
    """The error, with whatever else was said wrongly.

    What the error speaks of is taken out of what was said, and the rest is settled again, as often as that finds
    something more. An error that speaks of nothing that was said follows from what was taken out, and ends it.

    Parameters
    ----------
    told : Told
    error : DataError
        That settling ended with.
    settle : callable
        Settles what is said without asking anybody.
    """
    problems, headings = list(error.problems), [error.summary]
    rest = _without(told, error.problems)
    while rest != told:
        told = rest
        try:
            settle(told)
        except DataError as another:
            rest = _without(told, another.problems)
            if rest != told:
                problems += [one for one in another.problems if one not in problems]
                headings.append(another.summary)
        else:
            break
    heading = headings[0] if len(headings) == 1 else "Some of what was said of the files can't be so."
    return DataError(heading, problems)


def _without(told: Told, problems: Sequence[Problem]) -> Told:
    """What was said, but for what these problems speak of."""
    of = {text for one in problems for text in (one.value, one.variable) if text}
    return replace(told, **{one.name: _left(getattr(told, one.name), of, one.default) for one in fields(Told)})


def _left(said: Any, of: set[str], unsaid: Any) -> Any:
    if isinstance(said, tuple):
        # where all of it was wrong, nothing was said
        return tuple(one for one in said if one not in of) or (unsaid if said else said)
    if isinstance(said, dict):
        return {key: value for key, value in said.items() if key not in of and value not in of}
    return unsaid if isinstance(said, str) and said in of else said
