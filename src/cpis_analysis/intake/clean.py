"""Raw exports to clean data: the rules in their fixed order, and the account that has to close."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from cpis_analysis.errors import DataError, Problem
from cpis_analysis.intake.branching import follow_branching
from cpis_analysis.intake.clusters import (
    arm_of_team,
    ask_for_missing_clusters,
    clusters_of_log,
    persons_of_long_files,
)
from cpis_analysis.intake.consistency import check_status, dates_in_order, keep_constant
from cpis_analysis.intake.dictionary import Dictionary
from cpis_analysis.intake.duplicates import resolve_duplicates
from cpis_analysis.intake.fieldwork import Fieldwork, arrange
from cpis_analysis.intake.frames import interview_frame, participant_frame, stack_frame
from cpis_analysis.intake.gate import check_clean
from cpis_analysis.intake.journal import Journal
from cpis_analysis.intake.layout import team_keys
from cpis_analysis.intake.linkage import (
    empty_other_waves,
    match_participants,
    require_baseline,
    set_aside_blank_rows,
    set_aside_foreign_rows,
    set_aside_unknown,
    set_aside_unnamed,
    set_aside_unnamed_teams,
)
from cpis_analysis.intake.places import clean_places
from cpis_analysis.intake.readers import read_sources
from cpis_analysis.intake.reconciliation import check_frame, reconcile
from cpis_analysis.intake.tables import Stack
from cpis_analysis.intake.values import clean_values
from cpis_analysis.plan.schema import Cleaning, Data, Design

__all__ = ["CleanData", "clean"]


@dataclass(frozen=True, eq=False)
class CleanData:
    """Clean data and the account of how they came about.

    Numbers are float64 with NaN, categories Categoricals of the dictionary's codes,
    dates datetime64. Every frame of data ends in ``source`` and ``line``: where its row stands.

    Attributes
    ----------
    participants : DataFrame
        One row a recruited person.
    interviews : DataFrame
        One row an interview: participant, ``wave``, interview date, all interview variables, and, where
        interviews are dated, ``outside_window`` (a follow-up that was held too early or too late).
    teams, themes : DataFrame or None
    audit : DataFrame
        One line a change: source, line, participant, variable, before, after, rule, reason.
    queries : DataFrame
        Questions for the data manager: query_id, source, line, participant, variable, value, rule,
        question, meanwhile (what was done until there is an answer).
    set_aside : DataFrame
        Rows that are not in the clean data: source, line, participant, rule, reason.
    reconciliation : DataFrame
        Rows and cells in, out, changed, set missing and set aside, by source.
    """

    participants: pd.DataFrame
    interviews: pd.DataFrame
    teams: pd.DataFrame | None
    themes: pd.DataFrame | None
    audit: pd.DataFrame
    queries: pd.DataFrame
    set_aside: pd.DataFrame
    reconciliation: pd.DataFrame


def clean(data: Data, design: Design, cleaning: Cleaning, dictionary: Dictionary, root: str | Path) -> CleanData:
    """Read and clean the raw files of a study.

    Parameters
    ----------
    data, design, cleaning
        Sections of the plan.
    dictionary : Dictionary
    root : path
        Folder that the plan's paths are relative to.

    Raises
    ------
    DataError
        If files cannot be used as delivered, with everything that is wrong with them. Faults of
        single cells are never errors; they are repaired where that is safe and asked about where not.

    Notes
    -----
    The rules, in order (docs/cleaning.md):

    1. Blank rows are set aside.
    2. Cells, one at a time: white space, missing codes, numbers, dates, codes, ranges.
    3. Rows without a participant number are set aside; numbers take the spelling of the log.
    4. Trusts and teams take the spelling of the team list; rows of it that name no team are set aside.
    5. Duplicates.
    6. Interviews of people who are not in the log are set aside.
    7. The arm is the team's; trust and team of an interview are the log's.
    8. What cannot change keeps its baseline value; a follow-up dated before baseline loses its date.
    9. Answers to questions that should not have been asked are set missing.
    10. Follow-ups without baseline are set aside.
    11. The log's status is compared with the interviews.

    Then types are given and the account is closed.
    """
    reading = read_sources(data, design, cleaning, dictionary, Path(root))
    fieldwork = arrange(reading.tables, dictionary, data, design, reading.events)
    journal = Journal(reading.tables, design.participant)
    _apply_rules(fieldwork, journal, design, cleaning)
    return _finish(fieldwork, journal, dictionary, design, cleaning)


def _apply_rules(fieldwork: Fieldwork, journal: Journal, design: Design, cleaning: Cleaning) -> None:
    places = frozenset(team_keys(design))
    set_aside_foreign_rows(fieldwork.tables, journal)
    set_aside_blank_rows(fieldwork.tables, journal)
    clean_values(fieldwork.tables, journal, cleaning, places | {design.participant})
    empty_other_waves(fieldwork.tables, journal)
    set_aside_unnamed(fieldwork, journal, design)
    match_participants(fieldwork, journal, design)
    others = [stack for stack in (*fieldwork.people, fieldwork.themes) if stack is not None]
    clean_places(others, fieldwork.teams, journal, design, cleaning)
    set_aside_unnamed_teams(fieldwork, journal, design)
    resolve_duplicates(fieldwork, journal, cleaning)
    set_aside_unknown(fieldwork, journal)
    arm_of_team(fieldwork, journal, design)
    clusters_of_log(fieldwork, journal, design)
    persons_of_long_files(fieldwork, journal, design)
    ask_for_missing_clusters(fieldwork, journal, design)
    keep_constant(fieldwork, journal, design, cleaning)
    dates_in_order(fieldwork, journal, design)
    follow_branching(fieldwork, journal)
    require_baseline(fieldwork, journal, design)
    check_status(fieldwork, journal, design)


def _finish(
    fieldwork: Fieldwork, journal: Journal, dictionary: Dictionary, design: Design, cleaning: Cleaning
) -> CleanData:
    audit, set_aside = journal.audit(), journal.rows_set_aside()
    reconciliation = reconcile(fieldwork.tables, audit, set_aside)
    participants = participant_frame(fieldwork, dictionary, design)
    interviews = interview_frame(fieldwork, dictionary, design, cleaning)
    teams, themes = (_optional(stack, dictionary) for stack in (fieldwork.teams, fieldwork.themes))
    frames = {"participants": participants, "interviews": interviews, "teams": teams, "themes": themes}
    present = {name: frame for name, frame in frames.items() if frame is not None}
    _check_typing(fieldwork, present, design)
    keys = {"participants": [design.participant], "interviews": [design.participant, "wave"], "teams": [], "themes": []}
    check_clean(present, keys, dictionary)
    return CleanData(
        participants=participants,
        interviews=interviews,
        teams=teams,
        themes=themes,
        audit=audit,
        queries=journal.queries(),
        set_aside=set_aside,
        reconciliation=reconciliation,
    )


def _optional(stack: Stack | None, dictionary: Dictionary) -> pd.DataFrame | None:
    return None if stack is None else stack_frame(stack, stack.variables, dictionary)


def _check_typing(fieldwork: Fieldwork, frames: dict[str, pd.DataFrame], design: Design) -> None:
    problems: list[Problem] = check_frame(frames["participants"], fieldwork.persons)
    for wave, stack in fieldwork.interviews.items():
        own = frames["interviews"][frames["interviews"]["wave"] == wave].reset_index(drop=True)
        problems += check_frame(own, stack)
    for name, stack in (("teams", fieldwork.teams), ("themes", fieldwork.themes)):
        if stack is not None:
            problems += check_frame(frames[name], stack)
    if problems:
        raise DataError("Values changed when their types were given; this is a fault of the program.", problems)
