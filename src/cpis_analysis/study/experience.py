"""Answers to the experience questions, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pandas as pd

from cpis_analysis.study.coding import ALL, code_of, codes_in, codes_of


def experience_counts(
    participants: pd.DataFrame, variables: Sequence[str], arm: str, wave: str, trust: str | None = None
) -> pd.DataFrame:
    """Answers to the experience questions by arm; denominators are those who answered the question.

    Parameters
    ----------
    participants : DataFrame
        Wide, with ``{variable}_{wave}`` (or the variable itself) and ``has_{wave}``.
    variables : sequence of str
    arm : str
    wave : str
        The wave at which the questions were asked.
    trust : str, optional
        Count by trust and arm too.

    Returns
    -------
    DataFrame
        variable, code, trust (``(all)`` for all together), group (arm, or ``(all)``), n_group (people
        interviewed), n (answered), count.
    """
    interviewed = participants[participants[f"has_{wave}"].astype(bool)].reset_index(drop=True)
    places = interviewed[[*([trust] if trust else []), arm]]
    parts = [(ALL, code_of(code), group.index) for code, group in places.groupby(arm, observed=True, sort=True)]
    parts.append((ALL, ALL, places.index))
    if trust:
        parts += [
            (code_of(place), code_of(code), group.index)
            for (place, code), group in places.groupby([trust, arm], observed=True, sort=True)
        ]
    rows = []
    for name in variables:
        column = next((c for c in (f"{name}_{wave}", name) if c in participants), None)
        if column is None:
            continue
        codes, given = codes_of(participants[column]), codes_in(interviewed[column])
        for place, code, people in parts:
            counts = Counter(given[row] for row in people.tolist())
            answered = sum(counts[level] for level in codes)
            rows += [(name, level, place, code, len(people), answered, counts[level]) for level in codes]
    return pd.DataFrame(rows, columns=["variable", "code", "trust", "group", "n_group", "n", "count"])
