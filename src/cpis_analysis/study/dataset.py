"""Clean, scored interviews -> the analysis data: one row a person (wide) and one row an interview (long)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from cpis_analysis.plan.naming import ALONE, code_of, natural_order
from cpis_analysis.study.dataset_checks import check_clean, no_collision

if TYPE_CHECKING:
    from cpis_analysis.plan.schema_design import Design

_PROVENANCE = ("source", "line", "outside_window")
"""What the cleaning says about a row: needed by the audit trail, no part of the analysis data."""


@dataclass(frozen=True)
class AnalysisData:
    """What every analysis, table and figure starts from.

    Attributes
    ----------
    participants : DataFrame
        Everyone recruited, one row each, in the order of their identifiers: identifier, arm, trust, team, the
        other variables of the recruitment log, team variables, baseline characteristics, ``has_{wave}`` (was
        interviewed), ``{variable}_{wave}``, and of numbers ``{variable}_change`` (primary wave minus baseline) and
        ``{variable}_change_{wave}`` of the other waves after baseline.
    interviews : DataFrame
        One row an interview, by identifier and wave: identifier, ``wave`` (categorical, in the order of time), arm,
        trust, team, date, baseline characteristics, interview variables and scores.
    """

    participants: pd.DataFrame
    interviews: pd.DataFrame


def build_dataset(
    participants: pd.DataFrame,
    interviews: pd.DataFrame,
    teams: pd.DataFrame | None,
    design: Design,
    outcomes: Iterable[str],
    *,
    items: Iterable[str] = (),
) -> AnalysisData:
    """Put log, interviews and team list together.

    1. People keep the arm, trust and team of the recruitment log; what interview files say of these is dropped.
       People of arms that have no clusters of the smallest level are a cluster of one each (`with_single_people`).
    2. Characteristics are those of the first wave (or of the log, if they stand there), so that they are missing for
       a person without an interview at it; no later value is carried backwards.
    3. Team variables are joined by trust and team together: labels of teams may repeat across trusts.
    4. Interview variables become ``{variable}_{wave}`` where anybody has a value at the wave; an outcome always
       has its column of the primary wave.

    Parameters
    ----------
    participants : DataFrame
        One row a recruited person.
    interviews : DataFrame
        One row a person and wave, with scores.
    teams : DataFrame or None
        One row a team; None or empty where the study has no such list.
    design : Design
        Names of the variables and waves.
    outcomes : iterable of str
        Outcome variables of the plan.
    items : iterable of str
        Items of instruments, which stay out of the analysis data.

    Raises
    ------
    DataError
        With every contradiction: repeated people or interviews, interviews of unknown people or waves, two
        variables of one name.

    Notes
    -----
    People of arms that the plan does not compare are in no analysis, and not in the data.

    People whose trust, team or arm could not be decided stay in the data, since they were recruited; every analysis
    leaves them out and says how many (`unplaced`).
    """
    outcomes = list(outcomes)
    dropped = set(items) - set(outcomes)
    waves = list(design.wave_names)
    check_clean(participants, interviews, teams, design, waves, outcomes)
    key = design.participant
    place = [design.arm.variable, *design.clusters]

    participants, interviews = only_compared(participants, interviews, design)
    people = with_single_people(_people(participants, key, place), interviews, design)
    team_variables = _team_variables(teams, people, design)
    people = pd.concat([people, team_variables], axis=1)
    asked = [c for c in interviews if c not in (key, "wave", *place, *_PROVENANCE, *dropped)]
    talks = _talks(interviews[[key, "wave", *asked]], key, waves)
    by_wave = {wave: talks[talks["wave"] == wave].set_index(key) for wave in waves}

    characteristics = [c for c in design.characteristics if c in asked and c not in people]
    measured = [c for c in asked if c not in people and c not in characteristics]
    added = {c: _looked_up(people[key], by_wave[waves[0]][c]) for c in characteristics}
    added |= {f"has_{wave}": people[key].isin(by_wave[wave].index) for wave in waves}
    added |= _measurements(people[key], by_wave, outcomes, measured, design.followup_wave)
    scores = [*outcomes, *(c for c in measured if c not in outcomes and _is_score(talks[c]))]
    added |= _changes(added, scores, design)
    no_collision(added, people)
    wide = pd.concat([people, pd.DataFrame(added, index=people.index)], axis=1)

    made = [design.one_sided.indicator] if design.one_sided is not None else []
    fixed = [*place, *made, *team_variables.columns, *(c for c in design.characteristics if c in wide)]
    return AnalysisData(
        participants=wide,
        interviews=_interview_rows(talks, wide, list(dict.fromkeys(fixed)), place, measured, design),
    )


def _people(participants: pd.DataFrame, key: str, place: list[str]) -> pd.DataFrame:
    """Recruited people in the order of their numbers: number, arm, trust, team, and what the log says of them."""
    people = participants.sort_values(key, kind="stable").reset_index(drop=True)
    people = people[[key, *place, *(c for c in people if c not in (key, *place, *_PROVENANCE))]].copy()
    for column in place:
        people[column] = _categorical(people[column])
    return people


def with_single_people(people: pd.DataFrame, interviews: pd.DataFrame, design: Design) -> pd.DataFrame:
    """Make everybody a cluster of one who is in an arm without clusters of the smallest level (`Level.arms`).

    Labels are numbered by the waves at which people were seen, so that neither tells who somebody is. ``in_LEVEL`` is 1
    in the arms that have clusters, 0 in the others, and missing where the arm is. Where all arms have clusters nothing
    changes.
    """
    level = design.one_sided
    if level is None:
        return people
    arms = people[design.arm.variable].astype(object)
    clustered = arms.isin(level.arms)
    alone = arms.notna() & ~clustered
    seen = {wave: set(interviews.loc[interviews["wave"].astype(str) == wave, design.participant])
            for wave in design.wave_names}  # fmt: skip
    order = sorted(
        people.index[alone],
        key=lambda at: (str(arms[at]), *(people.at[at, design.participant] not in who for who in seen.values())),
    )
    labels = people[level.variable].astype(object)
    made = [f"{ALONE} {number}" for number in range(1, len(order) + 1)]
    labels[order] = made
    codes = [code for code in people[level.variable].cat.categories if code in set(labels[~alone])]
    return people.assign(
        **{
            level.variable: pd.Categorical(labels, categories=[*codes, *made]),
            level.indicator: clustered.astype(float).where(arms.notna()),
        }
    )


def _talks(interviews: pd.DataFrame, key: str, waves: list[str]) -> pd.DataFrame:
    """Interviews in the order of people and waves."""
    talks = interviews.copy()
    talks["wave"] = pd.Categorical(talks["wave"].astype(str), categories=waves, ordered=True)
    return talks.sort_values([key, "wave"], kind="stable").reset_index(drop=True)


def _measurements(
    people: pd.Series, by_wave: dict[str, pd.DataFrame], outcomes: list[str], measured: list[str], last: str
) -> dict[str, pd.Series]:
    """A variable a wave where anybody answered; outcomes stand at the primary wave, `last`, in any case."""
    found = {}
    for variable in [*outcomes, *(c for c in measured if c not in outcomes)]:
        for wave, talks in by_wave.items():
            values = talks[variable]
            if values.notna().any() or (variable in outcomes and wave == last):
                found[f"{variable}_{wave}"] = _looked_up(people, values)
    return found


def _changes(added: dict[str, pd.Series], scores: list[str], design: Design) -> dict[str, pd.Series]:
    """Change from baseline to the primary wave, and to every other, of every score that both have."""
    return {
        change: added[f"{score}_{wave}"] - added[f"{score}_{design.baseline_wave}"]
        for score in scores
        for change, wave in design.changes_of(score).items()
        if f"{score}_{design.baseline_wave}" in added and f"{score}_{wave}" in added
    }


def _interview_rows(
    talks: pd.DataFrame, wide: pd.DataFrame, fixed: list[str], place: list[str], measured: list[str], design: Design
) -> pd.DataFrame:
    """One row an interview: whose, when, where, what is known of the person, and the answers."""
    key = design.participant
    dates = [design.interview_date] if design.interview_date in measured else []
    long = talks[[key, "wave"]].merge(wide[[key, *fixed]], on=key, how="left", validate="many_to_one")
    known = long[[c for c in fixed if c not in place]]
    rest = talks[[c for c in measured if c not in dates]]
    return pd.concat([long[[key, "wave", *place]], talks[dates], known, rest], axis=1)


def only_compared(
    participants: pd.DataFrame, interviews: pd.DataFrame, design: Design
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Everybody but the people of arms that take no part (`design.arm.compared`); those without an arm stay."""
    if not design.arm.compared:
        return participants, interviews
    kept = {design.arm.reference, *design.arm.compared}
    codes = participants[design.arm.variable].astype(object).map(code_of, na_action="ignore")
    chosen = participants[codes.isna() | codes.isin(kept)].copy()
    if isinstance(chosen[design.arm.variable].dtype, pd.CategoricalDtype):
        chosen[design.arm.variable] = chosen[design.arm.variable].cat.remove_unused_categories()
    key = design.participant
    apart = set(participants[key]) - set(chosen[key])
    return chosen, interviews[~interviews[key].isin(apart)]


def unplaced(participants: pd.DataFrame, design: Design) -> int:
    """Number of people whose trust, team or arm is not known: recruited, but in no analysis."""
    place = [design.arm.variable, *design.clusters]
    return int(participants[place].isna().any(axis=1).sum())


def _team_variables(teams: pd.DataFrame | None, people: pd.DataFrame, design: Design) -> pd.DataFrame:
    """Variables of the list of clusters for each person, joined by all levels together."""
    keys = list(design.clusters)
    if teams is None or not len(teams) or not keys:
        return pd.DataFrame(index=people.index)
    wanted = [c for c in teams if c not in (*keys, design.arm.variable) and c not in people]
    # pandas takes an index of one level for something else than one of several
    named = list(zip(*(teams[key].astype(object).map(code_of) for key in keys), strict=True))
    rows = {place: row for row, place in enumerate(named)}
    places = zip(*(people[key].astype(str) for key in keys), strict=True)
    own = teams[wanted].reset_index(drop=True).reindex([rows.get(place, -1) for place in places])
    return own.set_index(people.index)


def _looked_up(people: pd.Series, values: pd.Series) -> pd.Series:
    """Each person's value, of the type that the variable has where nobody is missing."""
    found = people.map(values)
    if isinstance(values.dtype, pd.CategoricalDtype):
        return found.astype(values.dtype)
    return found.astype("boolean") if pd.api.types.is_bool_dtype(values) else found


def _is_score(values: pd.Series) -> bool:
    """Whether a change in it means something: a measurement, not a count of missing items."""
    return pd.api.types.is_float_dtype(values)


def _categorical(values: pd.Series) -> pd.Series:
    """Codes as a categorical variable of text: the dictionary's order, or that of people where there is none.

    Numbers become text without decimals: where one is missing pandas makes 9.0 of the cluster 9.
    """
    known = isinstance(values.dtype, pd.CategoricalDtype)
    categories = list(values.cat.categories) if known else sorted(values.dropna().unique().tolist(), key=natural_order)
    text = values.astype(object).map(code_of, na_action="ignore")
    return pd.Series(
        pd.Categorical(text, categories=list(dict.fromkeys(map(code_of, categories)))),
        index=values.index,
        name=values.name,
    )
