"""The analysis data in summary: unrounded numbers by arm, wave, team and trust; no models, no layout."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd

from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.study.balance import smd_categorical, smd_continuous
from cpis_analysis.study.missingness import interview_missingness, item_missingness, variable_missingness

__all__ = [
    "ALL",
    "TEXT_COLUMNS",
    "characteristics",
    "experience_counts",
    "outcome_summary",
    "retention",
    "summaries",
    "team_frame",
    "team_means",
    "team_risks",
    "theme_counts",
]

ALL = "(all)"
"""Group of everybody."""

TEXT_COLUMNS = ("variable", "kind", "code", "group", "outcome", "arm", "wave", "trust", "team", "theme", "level")
"""Columns of the summaries that hold codes: read them as text, or the code 1 comes back as a number."""

_CHARACTERISTICS = (
    "variable", "kind", "code", "group", "n_group", "n", "n_missing", "mean", "sd", "median", "q1", "q3", "low",
    "high", "count", "smd",
)


def characteristics(
    frame: pd.DataFrame, variables: Sequence[str], by: str, groups: Sequence[str] | None = None
) -> pd.DataFrame:
    """Describe variables by group, and how far each group is from the first.

    Parameters
    ----------
    frame : DataFrame
        One row a unit (person or team).
    variables : sequence of str
        Numbers give mean, SD, quartiles; everything else gives a count for each code, codes that do not occur
        included where the dtype knows them. Variables that the frame lacks are left out.
    by : str
        Variable of the groups.
    groups : sequence of str, optional
        Codes in order, the reference first; default: those that occur, sorted.

    Returns
    -------
    DataFrame
        variable, kind (``number`` or ``category``), code (missing for numbers), group (a code, or ``(all)``),
        n_group (units), n (with a value), n_missing, mean, sd, median, q1, q3, low, high, count, smd (of the
        group against the first: signed for numbers, distance for categories; missing for the first and for all).
    """
    labels = frame[by].astype(object).map(_code, na_action="ignore")
    groups = [_code(code) for code in groups] if groups else sorted(labels.dropna().unique())
    parts = {code: frame[labels == code] for code in groups} | {ALL: frame[labels.isin(groups)]}
    rows: list[dict[str, Any]] = []
    for name in variables:
        if name not in frame:
            continue
        describe = _number_rows if _is_number(frame[name]) else _category_rows
        rows += describe(name, frame[name], parts, groups[0])
    return pd.DataFrame(rows, columns=list(_CHARACTERISTICS))


def _number_rows(
    name: str, column: pd.Series, parts: Mapping[str, pd.DataFrame], reference: str
) -> list[dict[str, Any]]:
    rows = []
    for code, part in parts.items():
        values = pd.to_numeric(part[name]).astype(float)
        known = values.dropna()
        smd = math.nan if code in (reference, ALL) else smd_continuous(known, parts[reference][name].astype(float))
        quartiles = known.quantile([0.25, 0.5, 0.75]).to_list() if len(known) else [math.nan] * 3
        rows.append({
            "variable": name, "kind": "number", "code": None, "group": code, "n_group": len(part), "n": len(known),
            "n_missing": len(part) - len(known), "mean": known.mean(), "sd": known.std(ddof=1),
            "median": quartiles[1], "q1": quartiles[0], "q3": quartiles[2], "low": known.min(), "high": known.max(),
            "count": math.nan, "smd": smd,
        })
    return rows


def _category_rows(
    name: str, column: pd.Series, parts: Mapping[str, pd.DataFrame], reference: str
) -> list[dict[str, Any]]:
    codes = _codes(column)
    counts = {
        code: part[name].astype(object).map(_code, na_action="ignore").value_counts().reindex(codes, fill_value=0)
        for code, part in parts.items()
    }
    rows = []
    for level in codes:
        for code, part in parts.items():
            known = int(counts[code].sum())
            smd = math.nan if code in (reference, ALL) else smd_categorical(counts[code], counts[reference])
            rows.append({
                "variable": name, "kind": "category", "code": level, "group": code, "n_group": len(part), "n": known,
                "n_missing": len(part) - known, "count": int(counts[code][level]), "smd": smd,
            })
    return rows


def retention(participants: pd.DataFrame, variables: Sequence[str], waves: Sequence[str]) -> pd.DataFrame:
    """Compare those followed up with those lost, among the people interviewed at baseline.

    Returns
    -------
    DataFrame
        As `characteristics`, with the groups ``followed`` and ``lost``; empty if nobody was lost.
    """
    first, last = f"has_{waves[0]}", f"has_{waves[-1]}"
    interviewed = participants[participants[first].astype(bool)]
    status = interviewed[last].astype(bool).map({True: "followed", False: "lost"})
    if (status == "followed").all() or interviewed.empty:
        return pd.DataFrame(columns=list(_CHARACTERISTICS))
    return characteristics(interviewed.assign(**{"(status)": status}), variables, "(status)", ["followed", "lost"])


def outcome_summary(
    participants: pd.DataFrame, outcomes: Sequence[str], arm: str, waves: Sequence[str], binary: Collection[str] = ()
) -> pd.DataFrame:
    """Observed outcomes by arm and wave, and the change of those seen at both; of binary outcomes the events.

    Returns
    -------
    DataFrame
        outcome, wave (a wave, or ``change``), arm (a code, or ``(all)``), n, mean, sd, median, q1, q3, and count: of
        a binary outcome the people with the event, by arm, in place of the other numbers; missing for scores.
    """
    rows = []
    for outcome in outcomes:
        for wave in (*waves, "change"):
            column = f"{outcome}_{wave}"
            if column not in participants or (outcome in binary and wave == "change"):
                continue
            groups = [(_code(code), group) for code, group in participants.groupby(arm, observed=True, sort=True)]
            if outcome in binary:
                found = [(code, _events(group[column])) for code, group in groups]
            else:
                found = [(code, _moments(group[column])) for code, group in [*groups, (ALL, participants)]]
            rows += [{"outcome": outcome, "wave": wave, "arm": code, **numbers} for code, numbers in found]
    columns = ["outcome", "wave", "arm", "n", "mean", "sd", "median", "q1", "q3", "count"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.astype({"count": float})


def team_risks(
    participants: pd.DataFrame, outcomes: Collection[str], arm: str, trust: str, team: str | None, waves: Sequence[str]
) -> pd.DataFrame:
    """Events of binary outcomes in each team and arm by wave; in each trust and arm where there are no teams.

    Returns
    -------
    DataFrame
        outcome, trust, team (missing without teams), arm, wave, n, count.
    """
    keys = [trust, *([team] if team else []), arm]
    rows = []
    for outcome in outcomes:
        for wave in waves:
            column = f"{outcome}_{wave}"
            if column not in participants:
                continue
            for place, group in participants.groupby(keys, observed=True, sort=True):
                codes = dict(zip(keys, map(_code, place), strict=True))
                rows.append({
                    "outcome": outcome, "trust": codes[trust], "team": codes[team] if team else None,
                    "arm": codes[arm], "wave": wave, **_events(group[column]),
                })
    return pd.DataFrame(rows, columns=["outcome", "trust", "team", "arm", "wave", "n", "count"])


def team_means(
    participants: pd.DataFrame, outcomes: Sequence[str], arm: str, trust: str, team: str | None, waves: Sequence[str]
) -> pd.DataFrame:
    """Observed outcomes of each team and arm by wave; of each trust and arm where there are no teams.

    Returns
    -------
    DataFrame
        outcome, trust, team (missing without teams), arm, wave, n, mean, sd.
    """
    keys = [trust, *([team] if team else []), arm]
    rows = []
    for outcome in outcomes:
        for wave in waves:
            column = f"{outcome}_{wave}"
            if column not in participants:
                continue
            for place, group in participants.groupby(keys, observed=True, sort=True):
                codes = dict(zip(keys, map(_code, place), strict=True))
                found = _moments(group[column])
                rows.append({
                    "outcome": outcome, "trust": codes[trust], "team": codes[team] if team else None,
                    "arm": codes[arm], "wave": wave, "n": found["n"], "mean": found["mean"], "sd": found["sd"],
                })
    return pd.DataFrame(rows, columns=["outcome", "trust", "team", "arm", "wave", "n", "mean", "sd"])


def team_frame(
    participants: pd.DataFrame, arm: str, trust: str, team: str | None, waves: Sequence[str],
    variables: Sequence[str] = (),
) -> pd.DataFrame:
    """One row a cluster and arm: people recruited and interviewed, and the team-level variables.

    Parameters
    ----------
    participants : DataFrame
        Wide; team-level variables are constant within a team.
    arm, trust, team : str
        Variables; without teams a row is a trust and arm.
    waves : sequence of str
    variables : sequence of str
        Team-level variables, where the frame has them.

    Returns
    -------
    DataFrame
        trust, team, arm, recruited, baseline, followup, and the variables.
    """
    keys = [trust, *([team] if team else []), arm]
    known = [name for name in variables if name in participants]
    rows = []
    for place, group in participants.groupby(keys, observed=True, sort=True):
        codes = dict(zip(keys, map(_code, place), strict=True))
        row: dict[str, Any] = {
            "trust": codes[trust], "team": codes[team] if team else None, "arm": codes[arm], "recruited": len(group),
            "baseline": int(group[f"has_{waves[0]}"].astype(bool).sum()),
            "followup": int(group[f"has_{waves[-1]}"].astype(bool).sum()),
        }
        row |= {name: group[name].dropna().iloc[0] if group[name].notna().any() else None for name in known}
        rows.append(row)
    frame = pd.DataFrame(rows, columns=["trust", "team", "arm", "recruited", "baseline", "followup", *known])
    for name in known:
        if isinstance(participants[name].dtype, pd.CategoricalDtype):
            frame[name] = frame[name].astype(participants[name].dtype)
    return frame


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
    parts = [(ALL, _code(code), group) for code, group in interviewed.groupby(arm, observed=True, sort=True)]
    parts.append((ALL, ALL, interviewed))
    if trust:
        parts += [
            (_code(place), _code(code), group)
            for (place, code), group in interviewed.groupby([trust, arm], observed=True, sort=True)
        ]
    rows = []
    for name in variables:
        column = next((c for c in (f"{name}_{wave}", name) if c in participants), None)
        if column is None:
            continue
        codes = _codes(participants[column])
        for place, code, group in parts:
            answers = group[column].astype(object).map(_code, na_action="ignore").value_counts()
            answers = answers.reindex(codes, fill_value=0)
            for level in codes:
                rows.append((name, level, place, code, len(group), int(answers.sum()), int(answers[level])))
    return pd.DataFrame(rows, columns=["variable", "code", "trust", "group", "n_group", "n", "count"])


def theme_counts(themes: pd.DataFrame, trust: str = "trust", arm: str = "arm") -> pd.DataFrame:
    """Mentions of each focus-group theme by trust and arm.

    Returns
    -------
    DataFrame
        theme, trust, arm, n_mentions; themes by falling total, then by name.
    """
    frame = pd.DataFrame({
        "theme": themes["theme"].astype(str), "trust": themes[trust].astype(object).map(_code, na_action="ignore"),
        "arm": themes[arm].astype(object).map(_code, na_action="ignore"),
        "n_mentions": pd.to_numeric(themes["n_mentions"]),
    })
    counted = frame.groupby(["theme", "trust", "arm"], sort=True, dropna=False)["n_mentions"].sum().reset_index()
    total = counted.groupby("theme")["n_mentions"].transform("sum")
    ordered = counted.assign(_total=-total).sort_values(["_total", "theme", "trust", "arm"], kind="stable")
    return ordered.drop(columns="_total").reset_index(drop=True)


def summaries(
    content: PlanFile,
    participants: pd.DataFrame,
    *,
    themes: pd.DataFrame | None = None,
    interviews: pd.DataFrame | None = None,
    items: Mapping[str, Sequence[str]] | None = None,
    binary: Collection[str] = (),
) -> dict[str, pd.DataFrame]:
    """Every summary that the tables and figures need.

    Parameters
    ----------
    content : PlanFile
        Names of arms, clusters, waves, characteristics, outcomes and experience questions.
    participants : DataFrame
        Analysis data, wide.
    themes : DataFrame, optional
        Clean focus-group codings.
    interviews : DataFrame, optional
        Clean interviews with items, for the answers missing from each instrument.
    items : mapping, optional
        Score -> its item columns.
    binary : collection of str
        Binary outcomes: their events are counted, by arm and by team; the baseline table leaves them out.

    Returns
    -------
    dict of str to DataFrame
        ``baseline`` (people interviewed at baseline, by arm), ``teams`` (clusters by arm), ``team_list``,
        ``retention``, ``outcomes``, ``team_means``, ``team_risks``, ``missing``, ``experience``, ``themes``; a frame
        without rows where the study has nothing of the kind.
    """
    design = content.design
    arm, trust, team = design.arm.variable, design.trust, design.team
    waves = [wave.name for wave in design.waves]
    outcomes = list(content.outcomes)
    arms = _arm_order(participants[arm], design.arm.reference)
    interviewed = participants[participants[f"has_{waves[0]}"].astype(bool)]
    scores = [name for name in outcomes if name not in binary]
    at_baseline = [f"{name}_{waves[0]}" for name in scores if f"{name}_{waves[0]}" in participants]
    listed = [*design.characteristics, *at_baseline]
    clusters = team_frame(participants, arm, trust, team, waves, design.team_characteristics)
    missing = [
        interview_missingness(participants, arm, waves),
        variable_missingness(participants, arm, waves, outcomes, design.characteristics),
    ]
    if interviews is not None and items:
        placed = interviews.drop(columns=[arm], errors="ignore").merge(
            participants[[design.participant, arm]], on=design.participant, how="inner", validate="many_to_one")
        # people set as many goals as they wish, so an absent goal is not a missing answer
        asked = {name: columns for name, columns in items.items() if _instrument(content, name) != "gas"}
        missing.append(item_missingness(placed, arm, waves, asked))
    no_themes = pd.DataFrame(columns=["theme", "trust", "arm", "n_mentions"])
    return {
        "baseline": characteristics(interviewed, listed, arm, arms),
        "teams": _cluster_characteristics(
            clusters, ["recruited", "baseline", "followup", *design.team_characteristics], arms),
        "team_list": clusters,
        "retention": retention(participants, [arm, *listed], waves),
        "outcomes": outcome_summary(participants, outcomes, arm, waves, binary),
        "team_means": team_means(participants, scores, arm, trust, team, waves),
        "team_risks": team_risks(participants, [name for name in outcomes if name in binary], arm, trust, team, waves),
        "missing": pd.concat([part for part in missing if len(part)], ignore_index=True),
        "experience": experience_counts(participants, content.report.experience, arm, waves[-1], trust),
        "themes": theme_counts(themes, trust, arm) if themes is not None and len(themes) else no_themes,
    }


def _cluster_characteristics(clusters: pd.DataFrame, variables: Sequence[str], arms: Sequence[str]) -> pd.DataFrame:
    """Clusters by arm, and all of them: a cluster with people of both arms counts once among all."""
    by_arm = characteristics(clusters, variables, "arm", arms)
    place = ["trust", "team"] if clusters["team"].notna().any() else ["trust"]
    if not clusters.duplicated(place).any():
        return by_arm
    people = ["recruited", "baseline", "followup"]
    rest = {name: "first" for name in variables if name in clusters and name not in people}
    merged = clusters.groupby(place, sort=True).agg({**dict.fromkeys(people, "sum"), **rest}).reset_index()
    overall = characteristics(merged.assign(arm=ALL), variables, "arm", [ALL])
    return pd.concat([by_arm[by_arm["group"] != ALL], overall.drop_duplicates(["variable", "code"])],
                     ignore_index=True)


def _instrument(content: PlanFile, score: str) -> str:
    return content.scoring[score].instrument if score in content.scoring else score


def _arm_order(values: pd.Series, reference: str) -> list[str]:
    codes = [code for code in _codes(values) if (values.astype(object).map(_code, na_action="ignore") == code).any()]
    return [code for code in codes if code == reference] + [code for code in codes if code != reference]


def _moments(values: pd.Series) -> dict[str, Any]:
    known = pd.to_numeric(values).astype(float).dropna()
    quartiles = known.quantile([0.25, 0.5, 0.75]).to_list() if len(known) else [math.nan] * 3
    return {"n": len(known), "mean": known.mean(), "sd": known.std(ddof=1), "median": quartiles[1],
            "q1": quartiles[0], "q3": quartiles[2]}


def _events(values: pd.Series) -> dict[str, int]:
    known = pd.to_numeric(values).dropna()
    return {"n": len(known), "count": int((known == 1).sum())}


def _is_number(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _codes(column: pd.Series) -> list[str]:
    """Codes in the dictionary's order where the dtype has one, else sorted."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return [_code(code) for code in column.cat.categories]
    return sorted({_code(code) for code in column.dropna()})


def _code(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
