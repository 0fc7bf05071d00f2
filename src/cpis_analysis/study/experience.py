"""Answers to the experience questions, counted."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from cpis_analysis.study.coding import ALL, code_of, codes_of


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
    interviewed = participants[participants[f"has_{wave}"].astype(bool)]
    parts = [(ALL, code_of(code), group) for code, group in interviewed.groupby(arm, observed=True, sort=True)]
    parts.append((ALL, ALL, interviewed))
    if trust:
        parts += [
            (code_of(place), code_of(code), group)
            for (place, code), group in interviewed.groupby([trust, arm], observed=True, sort=True)
        ]
    rows = []
    for name in variables:
        column = next((c for c in (f"{name}_{wave}", name) if c in participants), None)
        if column is None:
            continue
        codes = codes_of(participants[column])
        for place, code, group in parts:
            answers = group[column].astype(object).map(code_of, na_action="ignore").value_counts()
            answers = answers.reindex(codes, fill_value=0)
            for level in codes:
                rows.append((name, level, place, code, len(group), int(answers.sum()), int(answers[level])))
    return pd.DataFrame(rows, columns=["variable", "code", "trust", "group", "n_group", "n", "count"])
