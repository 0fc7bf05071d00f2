"""Disclosure control of binary outcomes: how many people had the event, by arm and by team."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

import pandas as pd

from cpis_analysis.disclosure.cell_search import SECONDARY, SHOWN, SMALL, Sum, is_small, protect
from cpis_analysis.disclosure.counts import LOG_COLUMNS, Protected
from cpis_analysis.publish.format import is_missing
from cpis_analysis.study.coding import ALL

TOO_FEW = "too few"

Answers = Mapping[str, tuple[str | None, Sequence[str]]]
"""Binary outcome -> the variable whose answers make it (None: it is a variable itself), and the codes of the event."""


def protect_risks(
    frame: pd.DataFrame, minimum: int, answers: Answers, elsewhere: Mapping[str, pd.DataFrame]
) -> Protected:
    """Hide numbers of events that are small, or whose rest is.

    1. Fewer than the minimum with the event, or without it: hidden. Per cent, which gives both, is never printed of
       a hidden number.
    2. The same answers may be tabulated elsewhere (experience at follow-up, characteristics at baseline). The events
       are shown if all their codes are shown there, or all the others; else they are hidden here too.
    3. Where one arm is hidden the others of the wave are withheld: with the difference in risk, which is shown, the
       hidden number could be worked out from them.

    Parameters
    ----------
    frame : DataFrame
        Summary ``outcomes`` after `disclosure.protect_means`: outcome, wave, arm, n, count (missing for scores), state.
    minimum : int
    answers : mapping
    elsewhere : mapping
        Wave -> protected counts of answers by arm: variable, code, group, state; of all trusts together.

    Returns
    -------
    Protected
        One frame, ``outcomes``: ``count`` is missing where hidden.
    """
    frame = frame.reset_index(drop=True).copy()
    log: list[tuple[str, str, None, str, str]] = []
    risks = frame[frame["count"].notna()]
    for (outcome, wave), part in risks.groupby(["outcome", "wave"], sort=False):
        states = {}
        for index, arm, n, events in part[["arm", "n", "count"]].itertuples():
            if is_small(events, minimum):
                states[index] = SMALL
            elif is_small(n - events, minimum) or not _told(outcome, str(wave), str(arm), answers, elsewhere):
                states[index] = SECONDARY
        if states:
            states = dict.fromkeys(part.index, SECONDARY) | states
        for index, state in states.items():
            frame.at[index, "state"] = state
            frame.at[index, "count"] = float("nan")
            log.append(("outcomes", str(outcome), None, f"{frame.at[index, 'arm']}, {wave}", state))
    return Protected({"outcomes": frame}, pd.DataFrame(log, columns=list(LOG_COLUMNS)))


def follow_risks(experience: pd.DataFrame, outcomes: pd.DataFrame, wave: str, answers: Answers) -> Protected:
    """Withhold the answers of which a binary outcome that is hidden is made, in all arms.

    Parameters
    ----------
    experience : DataFrame
        After `disclosure.protect_experience`.
    outcomes : DataFrame
        After `protect_risks`.
    wave : str
        The wave at which the questions were asked.
    answers : mapping
    """
    frame = experience.copy()
    hidden = outcomes[(outcomes["wave"].astype(str) == wave) & (outcomes["state"] != SHOWN)]
    variables = {answers[name][0] for name in hidden["outcome"] if name in answers and answers[name][0]}
    more = frame["variable"].isin(variables) & (frame["state"] == SHOWN) & (frame["count"] > 0)
    frame.loc[more, "state"] = SECONDARY
    frame.loc[more, "count"] = float("nan")
    log = [
        (
            "experience",
            row.variable,
            row.code,
            row.group if row.trust == ALL else f"{row.trust}, {row.group}",
            SECONDARY,
        )
        for row in frame[more].itertuples()
    ]
    return Protected({"experience": frame}, pd.DataFrame(log, columns=list(LOG_COLUMNS)))


def protect_team_risks(
    frame: pd.DataFrame,
    minimum: int,
    outcomes: pd.DataFrame,
    panel: Mapping[str, pd.DataFrame],
    wave: str,
    answers: Answers,
    banded: Sequence[str] = (),
) -> Protected:
    """Hide small numbers of events of teams so that those of the arms can't bring them back.

    Parameters
    ----------
    frame : DataFrame
        Summary ``team_risks``.
    minimum : int
    outcomes : DataFrame
        After `protect_risks`. Where an arm is hidden at a wave, all teams are.
    panel : mapping
        Variable -> protected answers by trust and arm, of the questions that are shown so. There the teams are shown
        or hidden as the panel has them; if a trust has several teams in an arm they are all withheld, because two
        ways of parting the same people would give away more than each of them.
    wave : str
        Wave of the panel.
    answers : mapping
    banded : sequence of str
        Variables of which some teams are shown in bands, at the wave of the panel: there no team has its count.

    Returns
    -------
    Protected
        One frame, ``team_risks``, with ``state``; ``count`` is missing where hidden.
    """
    frame = frame.reset_index(drop=True).copy()
    frame["state"] = SHOWN
    frame["count"] = frame["count"].astype(float)
    shown = outcomes[(outcomes["state"] == SHOWN) & outcomes["count"].notna()]
    totals = {
        (row.outcome, str(row.wave), str(row.arm)): int(row.count_)
        for row in shown.rename(columns={"count": "count_"}).itertuples()
    }
    for (outcome, when), part in frame.groupby(["outcome", "wave"], sort=False):
        arms = list(dict.fromkeys(part["arm"]))
        variable, codes = answers.get(outcome, (None, ()))
        if any((outcome, str(when), str(arm)) not in totals for arm in arms):
            states: dict[Hashable, str] = dict.fromkeys(part.index, SECONDARY)
        elif variable in banded and str(when) == wave:
            states = dict.fromkeys(part.index, SECONDARY)
        elif variable is not None and variable in panel and str(when) == wave:
            states = _as_the_panel(part, panel[variable], codes)
        else:
            states = {}
            for arm in arms:
                states |= _team_states(part[part["arm"] == arm], totals[outcome, str(when), str(arm)], minimum)
        for index, state in states.items():
            frame.at[index, "state"] = state
    hidden = frame["state"] != SHOWN
    frame.loc[hidden, "count"] = float("nan")
    log = [
        (
            "team_risks",
            row.outcome,
            None,
            ", ".join(str(value) for value in (row.trust, row.team, row.arm, row.wave) if not is_missing(value)),
            row.state,
        )
        for row in frame[hidden].itertuples()
    ]
    return Protected({"team_risks": frame}, pd.DataFrame(log, columns=list(LOG_COLUMNS)))


def _told(outcome: str, wave: str, arm: str, answers: Answers, elsewhere: Mapping[str, pd.DataFrame]) -> bool:
    """Whether the tables of the same answers, if there are any, give the events too."""
    variable, codes = answers.get(outcome, (None, ()))
    table = elsewhere.get(wave)
    if variable is None or table is None:
        return True
    rows = table[(table["variable"] == variable) & (table["group"].astype(str) == arm)]
    event = rows["code"].isin(list(codes))
    return rows.empty or bool((rows.loc[event, "state"] == SHOWN).all() or (rows.loc[~event, "state"] == SHOWN).all())


def _as_the_panel(part: pd.DataFrame, panel: pd.DataFrame, codes: Sequence[str]) -> dict[Hashable, str]:
    alone = part.groupby(["trust", "arm"])["n"].transform("size") == 1
    states: dict[Hashable, str] = {}
    for row in part.itertuples():
        rows = panel[(panel["trust"] == row.trust) & (panel["group"] == row.arm)]
        event = rows["code"].isin(list(codes))
        told = (rows.loc[event, "state"] == SHOWN).all() or (rows.loc[~event, "state"] == SHOWN).all()
        states[row.Index] = SHOWN if bool(alone[row.Index]) and bool(told) else SECONDARY
    return states


def _team_states(part: pd.DataFrame, total: int, minimum: int) -> dict[Hashable, str]:
    counts: dict[Hashable, int] = {
        (index, event): int(events if event else n - events)
        for index, n, events in part[["n", "count"]].itertuples()
        for event in (True, False)
    }
    everybody = int(part["n"].sum())
    sums = [Sum(((index, True), (index, False)), int(n)) for index, n in part["n"].items()]
    sums += [
        Sum(tuple((index, event) for index in part.index), total if event else everybody - total)
        for event in (True, False)
    ]
    states = protect(counts, sums, minimum)
    found: dict[Hashable, str] = {}
    for index in part.index:
        events, others = states[index, True], states[index, False]
        found[index] = events if events == SMALL else SHOWN if events == others == SHOWN else SECONDARY
    return found
