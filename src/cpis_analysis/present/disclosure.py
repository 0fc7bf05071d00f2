"""Disclosure control: small counts of people are hidden so that totals cannot bring them back.

Counts of 1 to ``minimum - 1`` people are shown as "<minimum"; zero is shown. Further counts are withheld
("[c]", confidential) until nothing that is shown, in any table of the same people, narrows a hidden small count.
Counts of people with missing answers and of people per stage of the study are shown as counted.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from cpis_analysis.present.format import is_missing

__all__ = [
    "LOG_COLUMNS",
    "OTHER_REASONS",
    "WITHHELD",
    "Protected",
    "Sum",
    "is_small",
    "merge_reasons",
    "protect",
    "protect_characteristics",
    "protect_experience",
    "protect_means",
    "small_mark",
    "suppression_notes",
]

WITHHELD = "[c]"
OTHER_REASONS = "(other reasons)"
LOG_COLUMNS = ("table", "variable", "code", "group", "why")

SHOWN, SMALL, SECONDARY = "shown", "small", "withheld"


@dataclass(frozen=True)
class Sum:
    """One thing a reader knows: these cells add up to that total.

    Attributes
    ----------
    parts : tuple
        Keys of cells.
    total : key or int
        Key of another cell, or a number that is shown elsewhere.
    """

    parts: tuple[Hashable, ...]
    total: Hashable | int


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


def is_small(count: float, minimum: int) -> bool:
    """Tell whether a count of people has to be hidden: above zero and below the minimum."""
    return not is_missing(count) and 0 < count < minimum


def small_mark(minimum: int) -> str:
    """What stands for a small count, such as "<5"."""
    return f"<{minimum}"


def suppression_notes(states: Iterable[str], minimum: int) -> tuple[str, ...]:
    """Footnotes for the marks that occur."""
    seen = set(states)
    notes = []
    if SMALL in seen:
        notes.append(f"<{minimum}: 1 to {minimum - 1} people; the number is not shown, to protect them.")
    if SECONDARY in seen or "too few" in seen:
        notes.append(f"{WITHHELD}: withheld, because hidden numbers could be worked out from it or because it rests on "
                     f"fewer than {minimum} people.")
    return tuple(notes)


def protect(counts: Mapping[Hashable, int], sums: Sequence[Sum], minimum: int) -> dict[Hashable, str]:
    """Decide which cells are shown.

    1. Cells of 1 to ``minimum - 1`` are small.
    2. For each small cell find the least and the greatest value that everything shown allows (integer programming:
       small cells are 1 to ``minimum - 1``, withheld ones at least ``minimum``, others known). It is safe if these
       are 1 and ``minimum - 1``.
    3. While one is not safe, withhold the smallest shown cell of at least ``minimum`` that shares a sum with a
       hidden one that is not safe; where there is none, withhold all cells of the sum, marks included, so that a
       reader knows the total only.

    Parameters
    ----------
    counts : mapping
        Key -> number of people.
    sums : sequence of Sum
        All that relates the cells, totals that stand in other tables included.
    minimum : int
        Smallest number shown; 0 or 1 hides nothing.

    Returns
    -------
    dict
        Key -> ``shown``, ``small`` or ``withheld``.
    """
    states = {key: SMALL if is_small(count, minimum) else SHOWN for key, count in counts.items()}
    veiled: set[Hashable] = set()  # withheld together with the mark: nothing is known but the sums
    while True:
        exposed = _exposed(counts, sums, states, veiled, minimum)
        if not exposed:
            return states
        chosen = _next_to_withhold(counts, sums, states, exposed, minimum)
        if chosen is not None:
            states[chosen] = SECONDARY
            continue
        line = _line_to_veil(sums, veiled, exposed)
        if line is None:
            return states
        for key in line:
            states[key] = SECONDARY
            veiled.add(key)


def protect_characteristics(
    tables: Mapping[str, pd.DataFrame], minimum: int, overall: str = "(all)"
) -> Protected:
    """Hide small counts in descriptions of the same people, together.

    Parameters
    ----------
    tables : mapping
        Name -> frame as `study.describe.characteristics` gives it (variable, kind, code, group, n, count, mean, ...).
        All describe the same people in different groups (by arm; followed up or lost), so that the counts for
        everybody tie them together.
    minimum : int
    overall : str
        The group of everybody.

    Returns
    -------
    Protected
        Standardised differences of variables with a hidden number are hidden too: with the other group's share
        they would give it away. Means, SDs and quartiles of fewer than ``minimum`` people are withheld.
    """
    frames = {name: frame.reset_index(drop=True).copy() for name, frame in tables.items()}
    for frame in frames.values():
        frame["state"] = SHOWN
    variables = dict.fromkeys(
        name for frame in frames.values() for name in frame.loc[frame["kind"] == "category", "variable"]
    )
    for variable in variables:
        _protect_variable(frames, variable, minimum, overall)
    log = []
    for name, frame in frames.items():
        number = (frame["kind"] == "number") & (frame["n"] > 0) & (frame["n"] < minimum)
        frame.loc[number, "state"] = SECONDARY
        hidden = frame["state"] != SHOWN
        log += [(name, row.variable, row.code, row.group, "too few" if row.kind == "number" else row.state)
                for row in frame[hidden].itertuples()]
        frame[["count", "mean", "sd", "median", "q1", "q3", "low", "high"]] = frame[
            ["count", "mean", "sd", "median", "q1", "q3", "low", "high"]].astype(float)
        frame.loc[hidden, ["count", "mean", "sd", "median", "q1", "q3"]] = float("nan")
        # the range is the value of two people, whatever the size of the group
        frame[["low", "high"]] = float("nan")
        tainted = frame.loc[hidden, "variable"].unique()
        frame["smd_hidden"] = frame["variable"].isin(tainted)
        frame.loc[frame["smd_hidden"], "smd"] = float("nan")
    return Protected(frames, pd.DataFrame(log, columns=list(LOG_COLUMNS)))


def protect_experience(frame: pd.DataFrame, minimum: int, overall: str = "(all)") -> Protected:
    """Hide small counts of answers by arm, and by trust and arm.

    Parameters
    ----------
    frame : DataFrame
        As `study.describe.experience_counts` gives it: variable, code, trust, group, n, count.
    minimum : int
    overall : str
        Trust and group of everybody.

    Returns
    -------
    Protected
        One frame, ``experience``. Numbers of respondents are shown as counted.
    """
    frame = frame.reset_index(drop=True).copy()
    frame["state"] = SHOWN
    for _, part in frame.groupby("variable", sort=False):
        key = {(row.code, row.trust, row.group): row.Index for row in part.itertuples()}
        counts = {place: int(part.at[index, "count"]) for place, index in key.items()}
        trusts = [trust for trust in dict.fromkeys(part["trust"]) if trust != overall]
        groups = [group for group in dict.fromkeys(part["group"]) if group != overall]
        codes = list(dict.fromkeys(part["code"]))
        sums = [
            Sum(tuple((code, trust, group) for code in codes), int(part.at[key[codes[0], trust, group], "n"]))
            for trust in [overall, *trusts] for group in [*groups, overall] if (codes[0], trust, group) in key
        ]
        for code in codes:
            if (code, overall, overall) in key:
                sums.append(Sum(tuple((code, overall, group) for group in groups), (code, overall, overall)))
            for group in groups if trusts else ():
                sums.append(Sum(tuple((code, trust, group) for trust in trusts if (code, trust, group) in key),
                                (code, overall, group)))
        for place, state in protect(counts, sums, minimum).items():
            frame.at[key[place], "state"] = state
    hidden = frame["state"] != SHOWN
    frame["count"] = frame["count"].astype(float)
    frame.loc[hidden, "count"] = float("nan")
    log = [("experience", row.variable, row.code, row.group if row.trust == overall else f"{row.trust}, {row.group}",
            row.state) for row in frame[hidden].itertuples()]
    return Protected({"experience": frame}, pd.DataFrame(log, columns=list(LOG_COLUMNS)))


def protect_means(frame: pd.DataFrame, minimum: int, name: str = "outcomes") -> Protected:
    """Withhold means, SDs and quartiles of fewer people than the minimum; ``n`` stays.

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
    frame["state"] = few.map({True: SECONDARY, False: SHOWN})
    for column in ("mean", "sd", "median", "q1", "q3"):
        if column in frame:
            frame[column] = frame[column].astype(float)
            frame.loc[few, column] = float("nan")
    places = [column for column in ("trust", "team", "arm", "wave") if column in frame]
    log = [
        (name, row["outcome"], None, ", ".join(str(row[place]) for place in places if not is_missing(row[place])),
         "too few")
        for row in frame[few].to_dict("records")
    ]
    return Protected({name: frame}, pd.DataFrame(log, columns=list(LOG_COLUMNS)))


def merge_reasons(losses: pd.DataFrame, minimum: int, other: str = "other") -> Protected:
    """Combine reasons for loss that few people gave.

    Parameters
    ----------
    losses : DataFrame
        arm, stage, reason (a code, missing if unknown), n.
    minimum : int
        Reasons of fewer people in an arm and stage become ``(other reasons)``, together with the code `other`.

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
            if reason == other or is_small(n, minimum):
                merged += int(n)
                if reason != other:
                    log.append(("losses", stage, reason or None, arm, SMALL))
            elif n > 0:
                kept[reason] = int(n)
        ordered = sorted(kept.items(), key=lambda item: (-item[1], item[0]))
        rows += [(arm, stage, reason, n) for reason, n in ordered]
        if merged:
            rows.append((arm, stage, OTHER_REASONS, merged))
    return Protected(
        {"losses": pd.DataFrame(rows, columns=["arm", "stage", "reason", "n"])},
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
            place = (row.code, overall) if row.group == overall else (row.code, name, row.group)
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


def _exposed(
    counts: Mapping[Hashable, int], sums: Sequence[Sum], states: Mapping[Hashable, str], veiled: set[Hashable],
    minimum: int,
) -> list[Hashable]:
    """Small cells whose value the shown numbers narrow."""
    hidden = [key for key, state in states.items() if state != SHOWN]
    wanted = [key for key in hidden if is_small(counts[key], minimum)]
    if not wanted:
        return []
    from scipy.optimize import Bounds, LinearConstraint, milp

    place = {key: index for index, key in enumerate(hidden)}
    rows, right = [], []
    for one in sums:
        row, value = [0.0] * len(hidden), 0.0
        for key in one.parts:
            if key in place:
                row[place[key]] += 1
            else:
                value -= counts[key]
        if one.total in counts:
            if one.total in place:
                row[place[one.total]] -= 1
            else:
                value += counts[one.total]
        else:
            value += float(one.total)  # type: ignore[arg-type]
        if any(row):
            rows.append(row)
            right.append(value)
    largest = float(max([*counts.values(), *right, minimum, 1]) * 2)
    low, high = [], []
    for key in hidden:
        if key in veiled:
            low.append(0.0)
            high.append(largest)
        elif states[key] == SMALL:
            low.append(1.0)
            high.append(float(minimum - 1))
        else:
            low.append(float(min(minimum, counts[key])))
            high.append(largest)
    limits = [LinearConstraint(rows, right, right)] if rows else []
    found = []
    for key in wanted:
        target = [0.0] * len(hidden)
        ends = []
        for sign in (1.0, -1.0):
            target[place[key]] = sign
            answer = milp(target, constraints=limits, bounds=Bounds(low, high), integrality=[1] * len(hidden))
            ends.append(sign * answer.fun if answer.fun is not None else float(counts[key]))
        least, greatest = round(ends[0]), round(ends[1])
        safe = (least <= 1 and greatest >= minimum - 1) if key not in veiled else least < greatest
        if not safe:
            found.append(key)
    return found


def _next_to_withhold(
    counts: Mapping[Hashable, int], sums: Sequence[Sum], states: Mapping[Hashable, str], exposed: Sequence[Hashable],
    minimum: int,
) -> Hashable | None:
    """The smallest shown cell that shares a sum with an exposed one, else with any hidden one."""
    hidden = [key for key, state in states.items() if state != SHOWN]
    for wanted in (set(exposed), set(hidden)):
        candidates: dict[Hashable, None] = {}
        for one in sums:
            members = _members(one, counts)
            if wanted.intersection(members):
                candidates |= dict.fromkeys(
                    key for key in members if states[key] == SHOWN and counts[key] >= minimum)
        if candidates:
            return min(candidates, key=lambda key: (counts[key], list(counts).index(key)))
    return None


def _line_to_veil(
    sums: Sequence[Sum], veiled: set[Hashable], exposed: Sequence[Hashable]
) -> tuple[Hashable, ...] | None:
    wanted = set(exposed)
    for one in sums:
        if wanted.intersection(one.parts) and not veiled.issuperset(one.parts):
            return one.parts
    return None


def _members(one: Sum, counts: Mapping[Hashable, int]) -> list[Hashable]:
    return [*one.parts, *([one.total] if one.total in counts else [])]
