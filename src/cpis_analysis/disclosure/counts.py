"""Disclosure control: small counts of people are hidden so that totals cannot bring them back.

Counts of 1 to ``minimum - 1`` people are shown as "<minimum"; zero is shown. Further counts are withheld
("[c]", confidential) until nothing that is shown, in any table of the same people, gives a small count away.
Counts of people with missing answers and of people per stage of the study are shown as counted.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from cpis_analysis.disclosure.cell_search import SECONDARY, SHOWN, SMALL, Sum, is_small, protect
from cpis_analysis.publish.format import count, is_missing
from cpis_analysis.publish.sources.ledger import marked
from cpis_analysis.publish.sources.sourced import standing_in

WITHHELD = "[c]"
OTHER_REASONS = "(other reasons)"
LOG_COLUMNS = ("table", "variable", "code", "group", "why")


@dataclass(frozen=True)
class Protected:
    """Frames that may be printed, and what was hidden.

    Attributes
    ----------
    frames : dict of str to DataFrame
        Each with a column ``state``: ``shown``, ``small`` or ``withheld``; hidden numbers are missing.
    log : DataFrame
        table, variable, code, group, why (``small``: fewer than the minimum; ``withheld``: so that a total
        cannot be used; ``too few``: mean of fewer people than the minimum). No counts.
    """

    frames: dict[str, pd.DataFrame]
    log: pd.DataFrame


def small_mark(minimum: int) -> str:
    """What stands for a small count, such as "<5"."""
    return marked(f"<{minimum}", standing_in(minimum))


def suppression_notes(states: Iterable[str], minimum: int, people: str = "people") -> tuple[str, ...]:
    """Footnotes for the marks that occur; ``people`` are those who are counted."""
    seen = set(states)
    notes = []
    if SMALL in seen:
        notes.append(
            f"{small_mark(minimum)}: 1 to {count(minimum - 1)} {people}; the number is not shown, to protect them."
        )
    if SECONDARY in seen or "too few" in seen:
        notes.append(
            f"{WITHHELD}: withheld, because hidden numbers could be worked out from it or because it rests on "
            f"fewer than {count(minimum)} {people}."
        )
    return tuple(notes)


def protect_characteristics(tables: Mapping[str, pd.DataFrame], minimum: int, overall: str = "(all)") -> Protected:
    """Hide small counts in descriptions of the same people, together.

    Parameters
    ----------
    tables : mapping
        Name -> frame as `study.characteristics.characteristics` gives it (variable, kind, code, group, n, count, mean,
        ...).
        All describe the same people in different groups (by arm; followed up or lost), so that the counts for
        everybody tie them together.
    minimum : int
    overall : str
        The group of everybody.

    Returns
    -------
    Protected
        Standardised differences of variables with a hidden number are hidden too: with the other group's share
        they would give it away. Where a group has a mean of fewer than ``minimum`` people, the means, SDs and
        quartiles of that variable are withheld for all groups.
    """
    frames = {name: frame.reset_index(drop=True).copy() for name, frame in tables.items()}
    for frame in frames.values():
        frame["state"] = SHOWN
    variables = dict.fromkeys(
        name for frame in frames.values() for name in frame.loc[frame["kind"] == "category", "variable"]
    )
    for variable in variables:
        _protect_variable(frames, variable, minimum, overall)
    few = {
        str(variable)
        for frame in frames.values()
        for variable in frame.loc[(frame["kind"] == "number") & (frame["n"] > 0) & (frame["n"] < minimum), "variable"]
    }
    log = []
    for name, frame in frames.items():
        # with the other groups' means and that of everybody, the mean of the few could be worked out
        frame.loc[(frame["kind"] == "number") & frame["variable"].isin(few), "state"] = SECONDARY
        hidden = frame["state"] != SHOWN
        log += [
            (name, row.variable, row.code, row.group, "too few" if row.kind == "number" else row.state)
            for row in frame[hidden].itertuples()
        ]
        frame[["count", "mean", "sd", "median", "q1", "q3", "low", "high"]] = frame[
            ["count", "mean", "sd", "median", "q1", "q3", "low", "high"]
        ].astype(float)
        frame.loc[hidden, ["count", "mean", "sd", "median", "q1", "q3"]] = float("nan")
        # the range is the value of two people, whatever the size of the group
        frame[["low", "high"]] = float("nan")
        tainted = frame.loc[hidden, "variable"].unique()
        frame["smd_hidden"] = frame["variable"].isin(tainted)
        frame.loc[frame["smd_hidden"], "smd"] = float("nan")
    return Protected(frames, pd.DataFrame(log, columns=list(LOG_COLUMNS)))


def protect_means(frame: pd.DataFrame, minimum: int, name: str = "outcomes") -> Protected:
    """Withhold means, SDs and quartiles of fewer people than the minimum; ``n`` stays.

    Where the mean of one team alone would be withheld, it could be worked out from that of the arm and those of the
    other teams; the next smallest team of the arm is withheld too.

    Parameters
    ----------
    frame : DataFrame
        With outcome, n, mean, sd, and what tells the rows apart (arm, wave, trust, team).
    minimum : int
    name : str
        What the log calls the frame.
    """
    frame = frame.reset_index(drop=True).copy()
    few = (frame["n"] > 0) & (frame["n"] < minimum)
    if "count" in frame:  # events are counts of people: see `disclosure_risks`
        few &= frame["count"].isna()
    frame["state"] = few.map({True: SECONDARY, False: SHOWN})
    reasons = {index: "too few" for index in frame.index[few]}
    if few.any() and "trust" not in frame:
        for _, part in frame.groupby(["outcome", "wave"], sort=False):
            # with the mean of everybody, that of the few could be worked out from the other group's
            everybody = part.index[(part["arm"] == "(all)") & (part["state"] == SHOWN)]
            if (part["state"] != SHOWN).any() and len(everybody):
                frame.loc[everybody, "state"] = SECONDARY
                reasons |= dict.fromkeys(everybody, SECONDARY)
    if "trust" in frame:
        for _, part in frame.groupby(["outcome", "wave", "arm"], sort=False):
            for index in _companions(part, minimum):
                frame.at[index, "state"] = SECONDARY
                reasons[index] = SECONDARY
    few = frame["state"] != SHOWN
    for column in ("mean", "sd", "median", "q1", "q3"):
        if column in frame:
            frame[column] = frame[column].astype(float)
            frame.loc[few, column] = float("nan")
    places = [column for column in ("trust", "team", "arm", "wave") if column in frame]
    log = [
        (
            name,
            row["outcome"],
            None,
            ", ".join(str(row[place]) for place in places if not is_missing(row[place])),
            reasons[index],
        )
        for index, row in zip(frame.index[few], frame[few].to_dict("records"), strict=True)
    ]
    return Protected({name: frame}, pd.DataFrame(log, columns=list(LOG_COLUMNS)))


def _companions(part: pd.DataFrame, minimum: int) -> Iterator[int]:
    """Rows to withhold beside those withheld, so that at least two are, of at least the minimum of people."""
    withheld = part[part["state"] != SHOWN]
    if withheld.empty:
        return
    n_rows, n_people = len(withheld), int(withheld["n"].sum())
    for index, n in part[(part["state"] == SHOWN) & (part["n"] > 0)]["n"].sort_values(kind="stable").items():
        if n_rows >= 2 and n_people >= minimum:
            break
        yield index
        n_rows, n_people = n_rows + 1, n_people + int(n)


def merge_reasons(losses: pd.DataFrame, minimum: int, other: str = "other") -> Protected:
    """Combine reasons for loss that few people gave.

    Parameters
    ----------
    losses : DataFrame
        arm, stage, reason (a code, missing if unknown), n.
    minimum : int
        Reasons of fewer people in an arm and stage become ``(other reasons)``, together with the code `other`.
        Merging again changes nothing.

    Returns
    -------
    Protected
        One frame, ``losses``: the same totals in each arm and stage; most frequent reasons first, others last.
    """
    rows, log = [], []
    for (arm, stage), part in losses.groupby(["arm", "stage"], sort=False):
        reasons = part.assign(reason=part["reason"].map(lambda code: "" if is_missing(code) else str(code)))
        totals = reasons.groupby("reason", sort=True)["n"].sum()
        kept, merged = {}, 0
        for reason, n in totals.items():
            if reason in (other, OTHER_REASONS) or is_small(n, minimum):
                merged += n
                if reason not in (other, OTHER_REASONS):
                    log.append(("losses", stage, reason or None, arm, SMALL))
            elif n > 0:
                kept[reason] = n
        ordered = sorted(kept.items(), key=lambda item: (-item[1], item[0]))
        rows += [(arm, stage, reason, n) for reason, n in ordered]
        if merged:
            rows.append((arm, stage, OTHER_REASONS, merged))
    return Protected(
        {"losses": pd.DataFrame(rows, columns=["arm", "stage", "reason", "n"], dtype=object)},
        pd.DataFrame(log, columns=list(LOG_COLUMNS)),
    )


def _protect_variable(frames: Mapping[str, pd.DataFrame], variable: str, minimum: int, overall: str) -> None:
    """Set the states of one categorical variable in all frames at once."""
    counts: dict[Hashable, int] = {}
    cells: dict[Hashable, list[tuple[str, int]]] = {}
    sums: dict[Sum, None] = {}
    for name, frame in frames.items():
        part = frame[(frame["variable"] == variable) & (frame["kind"] == "category")]
        groups = list(dict.fromkeys(part["group"]))
        codes = list(dict.fromkeys(part["code"]))
        for row in part.itertuples():
            # everybody is the same cell in every table
            place: Hashable = (row.code, overall) if row.group == overall else (row.code, name, row.group)
            counts[place] = int(row.count)
            cells.setdefault(place, []).append((name, row.Index))
        for group in groups:
            rows = part[part["group"] == group]
            known = int(rows["n"].iloc[0])
            sums[Sum(tuple((c, overall) if group == overall else (c, name, group) for c in codes), known)] = None
        for code in codes if overall in groups else ():
            sums[Sum(tuple((code, name, group) for group in groups if group != overall), (code, overall))] = None
    for place, state in protect(counts, list(sums), minimum).items():
        for name, index in cells[place]:
            frames[name].at[index, "state"] = state
