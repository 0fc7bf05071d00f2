"""How much is missing: interviews, scores and items, by arm and wave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from cpis_analysis.study.coding import columns_of

MISSING_COLUMNS = ("level", "variable", "wave", "arm", "n", "n_missing")


def interview_missingness(
    participants: pd.DataFrame, arm: str, waves: Sequence[str], occasion: str = "interview"
) -> pd.DataFrame:
    """Of the people recruited, how many have no interview at a wave.

    Parameters
    ----------
    participants : DataFrame
        Wide, with ``has_{wave}``.
    arm : str
        Variable of the arm.
    waves : sequence of str
    occasion : str
        What people have at a wave: an interview, or a measurement.

    Returns
    -------
    DataFrame
        level and variable (`occasion`), wave, arm, n (people recruited), n_missing.
    """
    rows = []
    for wave in waves:
        for code, group in participants.groupby(arm, observed=True, sort=True):
            held = group[f"has_{wave}"].astype(bool)
            rows.append((occasion, occasion, wave, str(code), len(group), int((~held).sum())))
    return pd.DataFrame(rows, columns=list(MISSING_COLUMNS))


def variable_missingness(
    participants: pd.DataFrame, arm: str, waves: Sequence[str], variables: Sequence[str], characteristics: Sequence[str]
) -> pd.DataFrame:
    """Of the people interviewed at a wave, how many have no value of a variable.

    Parameters
    ----------
    participants : DataFrame
        Wide: ``has_{wave}``, ``{variable}_{wave}``, characteristics without suffix.
    arm : str
    waves : sequence of str
        Baseline first.
    variables : sequence of str
        Stems; a wave without the column is left out, because it was not asked then.
    characteristics : sequence of str
        Variables of the baseline interview.

    Returns
    -------
    DataFrame
        level (``characteristic`` or ``score``), variable, wave, arm, n (people interviewed), n_missing.
    """
    asked = [("characteristic", name, waves[0], name) for name in characteristics if name in participants]
    asked += [("score", *found) for found in columns_of(participants, variables, waves)]
    rows = []
    for level, name, wave, column in asked:
        interviewed = participants.loc[participants[f"has_{wave}"].astype(bool), [arm, column]]
        for code, values in interviewed.groupby(arm, observed=True, sort=True)[column]:
            rows.append((level, name, wave, str(code), len(values), int(values.isna().sum())))
    return pd.DataFrame(rows, columns=list(MISSING_COLUMNS))


def item_missingness(
    interviews: pd.DataFrame, arm: str, waves: Sequence[str], items: Mapping[str, Sequence[str]]
) -> pd.DataFrame:
    """Of the answers that an instrument asks for, how many are missing.

    Parameters
    ----------
    interviews : DataFrame
        Long and clean: ``wave``, the arm, item columns.
    arm : str
    waves : sequence of str
    items : mapping
        Instrument or score -> item columns. An item that nobody answered at a wave was not asked then.

    Returns
    -------
    DataFrame
        level (``item``), variable, wave, arm, n (answers asked for: interviews x items), n_missing.
    """
    rows = []
    for name, columns in items.items():
        known = [column for column in columns if column in interviews]
        for wave in waves:
            held = interviews.loc[interviews["wave"].astype(str) == wave, [arm, *known]]
            asked = [column for column in known if held[column].notna().any()]
            if not asked:
                continue
            for code, group in held.groupby(arm, observed=True, sort=True):
                missing = int(group[asked].isna().to_numpy().sum())
                rows.append(("item", name, wave, str(code), len(group) * len(asked), missing))
    return pd.DataFrame(rows, columns=list(MISSING_COLUMNS))
