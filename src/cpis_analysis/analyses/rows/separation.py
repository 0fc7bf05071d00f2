"""Which part of a logistic model tells exactly whether the event happened: separation, by term and level."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from cpis_analysis.errors import EventsError, Problem
from cpis_analysis.lmm.designs.design import Design
from cpis_analysis.lmm.designs.separating import Sides, fewest_terms, separating_terms
from cpis_analysis.methods.method import listed
from cpis_analysis.study_words import PEOPLE, PERSON


def refuse_one_sided(analysis: str, arms: Sequence[tuple[str, np.ndarray]]) -> None:
    """Refuse a ratio of odds where nobody, or everybody, in an arm had the event.

    Parameters
    ----------
    analysis : str
    arms : sequence of (code, array)
        Events of each arm, 0 and 1.
    """
    for arm, events in arms:
        risk = float(events.mean()) if len(events) else math.nan
        if risk in (0.0, 1.0) or math.isnan(risk):
            who = "everybody" if risk else "nobody"
            raise EventsError(
                f"The analysis {analysis} has no result.",
                Problem(
                    f"{who} in the arm '{arm}' had the event, so odds can't be compared",
                    hint="use link: identity or a linear probability model, and read it with the counts beside it",
                ),
            )


def separation_problem(
    frame: pd.DataFrame, design: Design, minimum: int = 0, everybody: pd.DataFrame | None = None
) -> Problem | None:
    """Say what separates a binary outcome; None if nothing does.

    1. Is there a direction of the coefficients in which no person's fit gets worse and some person's gets better? Then
       the likelihood has no maximum. Found exactly, by linear programming (`lmm.designs.separating`).
    2. Of the terms with a part in that direction: the levels (cells of an interaction) whose people all had the event,
       or all had not.
    3. Without such a level: the fewest terms that still separate, found by leaving out one after the other.

    Parameters
    ----------
    frame : DataFrame
        The rows analysed.
    design : Design
        Their model matrix, and the outcome as 0 and 1.
    minimum : int
        Of a level with fewer people than this it is said that there are fewer, not how many, nor what became of them.
    everybody : DataFrame, optional
        All people of the study. Where some of a level, and fewer than `minimum`, are not among the rows, the number of
        those who are is not said: it would tell how many were lost beside the numbers recruited.
    """
    sides = Sides.of(design.X, np.where(design.y > 0.5, 1.0, -1.0))
    terms = separating_terms(design, sides, range(design.X.shape[1]))
    if not terms:
        return None
    said: list[str] = []
    named: list[Sequence[str]] = []
    for term in terms:
        variables = list(dict.fromkeys(operand.variable for operand in term))
        # a cell that a shorter term has named already is not named again
        if all(_is_factor(frame[name]) for name in variables) and not any(set(one) < set(variables) for one in named):
            cells = _alike(frame, variables, design.y, minimum, everybody)
            if cells:
                named.append(tuple(variables))
                said += cells
    if said:
        names = list(dict.fromkeys(name for cell in named for name in cell))
        return Problem(
            f"the odds have no finite estimate (separation): {', and '.join(said)}",
            hint=f"merge small levels of {listed(names)}, leave it out, use link: identity, or a linear "
            "probability model",
        )
    names = list(dict.fromkeys(operand.variable for term in fewest_terms(design, sides, terms) for operand in term))
    several = "together " if len(names) > 1 else ""
    return Problem(
        f"the odds have no finite estimate (separation): {listed(names)} {several}tell{'' if several else 's'} for "
        f"some {PEOPLE} exactly whether the event happened",
        hint="leave a covariate out, use link: identity, or a linear probability model",
    )


def _alike(
    frame: pd.DataFrame, variables: Sequence[str], events: np.ndarray, minimum: int, everybody: pd.DataFrame | None
) -> list[str]:
    """Cells whose people all had the event, or all had not, in words."""
    keys = [frame[name].astype(str) for name in variables]
    by_cell = pd.Series(events, index=frame.index).groupby(keys, sort=True)
    said = []
    for cell, risk in by_cell.mean().items():
        if risk not in (0.0, 1.0):
            continue
        codes = cell if isinstance(cell, tuple) else (cell,)
        where = " and ".join(f"{name} = {code}" for name, code in zip(variables, codes, strict=True))
        n = int(by_cell.size()[cell])
        if n < minimum:
            said.append(f"fewer than {minimum} {PEOPLE} have {where}, too few for odds of their own")
        elif n == 1:
            said.append(f"the one {PERSON} with {where} {'had' if risk else 'did not have'} the event")
        else:
            told = "" if 0 < _left_out(everybody, variables, codes, n) < minimum else f"{n} "
            said.append(f"{'all' if risk else 'none'} of the {told}{PEOPLE} with {where} had the event")
    return said


def _left_out(everybody: pd.DataFrame | None, variables: Sequence[str], codes: Sequence[str], n: int) -> int:
    """People of a cell who are not among the n analysed; none where that can't be told."""
    if everybody is None or not set(variables) <= set(everybody.columns):
        return 0
    same = [everybody[name].astype(str) == code for name, code in zip(variables, codes, strict=True)]
    return int(np.logical_and.reduce(same).sum()) - n


def _is_factor(values: pd.Series) -> bool:
    return not pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values)
