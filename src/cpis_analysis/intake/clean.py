"""Raw exports to clean data: the rules in their fixed order, and the account that has to close."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from cpis_analysis.errors import DataError, Problem
from cpis_analysis.intake.account.audit_trail import QUERY_COLUMNS, Journal
from cpis_analysis.intake.account.fieldwork import Fieldwork, arrange
from cpis_analysis.intake.account.notices import apply_notices
from cpis_analysis.intake.account.reconciliation import check_frame, reconcile
from cpis_analysis.intake.account.working_tables import Stack
from cpis_analysis.intake.deliveries import Reading, read_sources
from cpis_analysis.intake.dictionary.dictionary import Dictionary
from cpis_analysis.intake.dictionary.expected_columns import team_keys
from cpis_analysis.intake.files.source_report import SOURCE_COLUMNS, source_frame_rows
from cpis_analysis.intake.files.translate import TRANSLATION_COLUMNS, translation_rows
from cpis_analysis.intake.final_check import check_clean
from cpis_analysis.intake.privacy.ages_and_pseudonyms import (
    add_derived_columns,
    derive_ages,
    privacy_problems,
    pseudonyms,
)
from cpis_analysis.intake.privacy.scan import check_for_identifiers
from cpis_analysis.intake.privacy.withdrawal import Withdrawal, read_withdrawal
from cpis_analysis.intake.queries.applying import apply_corrections
from cpis_analysis.intake.queries.correction import Correction, Fate, asked_again, fates_frame
from cpis_analysis.intake.queries.reading import read_corrections
from cpis_analysis.intake.rules.cells import clean_values
from cpis_analysis.intake.rules.contradictions import check_status, dates_in_order, keep_constant
from cpis_analysis.intake.rules.declared import check_consistency, check_date_windows, set_declared_missing
from cpis_analysis.intake.rules.duplicates import resolve_duplicates
from cpis_analysis.intake.rules.linkage import (
    check_people_left,
    empty_other_waves,
    require_baseline,
    set_aside_blank_rows,
    set_aside_foreign_rows,
    set_aside_unknown,
    set_aside_unnamed,
    set_aside_unnamed_teams,
)
from cpis_analysis.intake.rules.numbers_of_log import match_participants
from cpis_analysis.intake.rules.screening import screen
from cpis_analysis.intake.rules.skip_logic import follow_branching
from cpis_analysis.intake.rules.team_and_arm import (
    arm_of_team,
    ask_for_missing_clusters,
    clusters_of_log,
    persons_of_long_files,
)
from cpis_analysis.intake.rules.team_spelling import clean_places
from cpis_analysis.intake.typed_frames import interview_frame, participant_frame, stack_frame
from cpis_analysis.plan.schema import Cleaning, Data
from cpis_analysis.plan.schema_design import Design


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
    delivered : Series
        What stands in the raw file, for each query.
    about : Series
        What tells the row of each query from the participant's others: a wave, a team, what stands in it.
    set_aside : DataFrame
        Rows that are not in the clean data: source, line, participant, rule, reason.
    reconciliation : DataFrame
        Rows and cells in, out, changed, set missing and set aside, by source.
    sources : DataFrame
        What each file is, what was detected, which columns were not read.
    translations : DataFrame
        What the codes of the file's own format became, and in how many cells.
    answers : DataFrame
        Answers of the data manager and what became of each.
    screening : DataFrame or None
        How far everybody in the log came, where the plan names stages before recruitment.
    withdrawal : Withdrawal or None
        How much of people who withdrew consent was not read.
    """

    participants: pd.DataFrame
    interviews: pd.DataFrame
    teams: pd.DataFrame | None
    themes: pd.DataFrame | None
    audit: pd.DataFrame
    queries: pd.DataFrame
    delivered: pd.Series
    about: pd.Series
    set_aside: pd.DataFrame
    reconciliation: pd.DataFrame
    sources: pd.DataFrame
    translations: pd.DataFrame
    answers: pd.DataFrame
    screening: pd.DataFrame | None = None
    withdrawal: Withdrawal | None = None

    def frames(self) -> dict[str, pd.DataFrame]:
        """All frames that are there, by the name of their file."""
        return {name: frame for name, frame in vars(self).items() if isinstance(frame, pd.DataFrame)}


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

    0. Corrections that answer queries are applied.
    1. Rows that the file marks as something else, and blank rows, are set aside.
    2. Cells, one at a time: what the file says of them beyond their text, white space, missing codes, numbers, dates,
       codes, ranges.
    3. Rows without a participant number are set aside; numbers take the spelling of the log.
    4. Trusts and teams take the spelling of the team list; rows of it that name no team are set aside.
    5. Duplicates.
    6. People who were not recruited are counted and set aside; interviews of people who are not in the log are set
       aside.
    7. The arm is the team's; trust and team of an interview are the log's.
    8. Answers that the plan declares wrong are set missing; what cannot change keeps its baseline value; a
       follow-up dated before baseline, or a date outside its window, loses its date; ages are derived from dates
       of birth.
    9. Answers to questions that should not have been asked are set missing.
    10. Follow-ups without baseline are set aside.
    11. The log's status is compared with the interviews, and the plan's conditions are checked.

    Then types are given and the account is closed.
    """
    root = Path(root)
    problems = privacy_problems(dictionary, data, root)
    if problems:
        raise DataError("The plan cannot protect the identifiers.", problems)
    withdrawal = read_withdrawal(data, design, cleaning, root)
    choose = None if withdrawal is None else withdrawal.kept_answers
    corrections = read_corrections(data.correction_files, root, dictionary, cleaning, choose)
    reading = read_sources(data, design, cleaning, dictionary, root, withdrawal)
    add_derived_columns(reading.tables, dictionary, data)
    fieldwork = arrange(reading.tables, dictionary, data, design, reading.events)
    journal = Journal(reading.tables, design.participant, team_keys(design))
    fates = apply_corrections(corrections, fieldwork, journal, design, cleaning)
    screening = _apply_rules(fieldwork, journal, dictionary, data, design, cleaning)
    fates = _closed(corrections, fates, journal)
    cleaned = _finish(fieldwork, journal, dictionary, data, design, cleaning, reading, root, fates, withdrawal)
    cleaned = replace(cleaned, screening=screening)
    if data.privacy.scan:
        asked = cleaned.queries.assign(delivered=cleaned.delivered, about=cleaned.about)
        frames = cleaned.frames() | {"queries": asked}
        check_for_identifiers(frames, [*data.privacy.known_harmless, *_pseudonym(data)])
    return cleaned


def _apply_rules(
    fieldwork: Fieldwork, journal: Journal, dictionary: Dictionary, data: Data, design: Design, cleaning: Cleaning
) -> pd.DataFrame | None:
    places = frozenset(team_keys(design))
    set_aside_foreign_rows(fieldwork.tables, journal)
    set_aside_blank_rows(fieldwork.tables, journal)
    apply_notices(fieldwork.tables, journal)
    clean_values(fieldwork.tables, journal, cleaning, places | {design.participant})
    empty_other_waves(fieldwork.tables, journal, design)
    set_aside_unnamed(fieldwork, journal, design)
    match_participants(fieldwork, journal, design)
    others = [stack for stack in (*fieldwork.people, fieldwork.themes) if stack is not None]
    clean_places(others, fieldwork.teams, journal, design, cleaning)
    set_aside_unnamed_teams(fieldwork, journal, design)
    resolve_duplicates(fieldwork, journal, cleaning, design.interview_date)
    screening = screen(fieldwork, journal, data.stages, design)
    set_aside_unknown(fieldwork, journal, design)
    check_people_left(fieldwork, journal, design)
    arm_of_team(fieldwork, journal, design)
    clusters_of_log(fieldwork, journal, design)
    persons_of_long_files(fieldwork, journal, design)
    ask_for_missing_clusters(fieldwork, journal, design)
    set_declared_missing(fieldwork, journal, cleaning)
    keep_constant(fieldwork, journal, design, cleaning)
    dates_in_order(fieldwork, journal, design)
    check_date_windows(fieldwork, journal, cleaning)
    derive_ages(fieldwork, journal, dictionary, data, design, cleaning)
    if cleaning.skip_logic:
        follow_branching(fieldwork, journal)
    require_baseline(fieldwork, journal, design)
    check_people_left(fieldwork, journal, design)
    check_status(fieldwork, journal, design)
    check_consistency(fieldwork, journal, cleaning)
    return screening


def _closed(corrections: list[Correction], fates: list[Fate], journal: Journal) -> list[Fate]:
    """The fates with those of answers that confirm; what they confirm gets its line in the audit trail."""
    confirming = {one.query_id: (one.delivered, one.reason) for one in corrections if one.status == "confirmed"}
    found = journal.confirm(confirming)
    others = {fate.answer.query_id: fate for fate in fates}
    unasked = "this is not asked any more, or about another value"
    return [
        others.get(one.query_id)
        or (Fate(one, "confirmed") if one.query_id in found else Fate(one, "no longer asked", unasked))
        for one in corrections
    ]


def _finish(
    fieldwork: Fieldwork,
    journal: Journal,
    dictionary: Dictionary,
    data: Data,
    design: Design,
    cleaning: Cleaning,
    reading: Reading,
    root: Path,
    fates: list[Fate],
    withdrawal: Withdrawal | None,
) -> CleanData:
    audit, set_aside = journal.audit(), journal.rows_set_aside()
    queries = journal.queries_with_cells()
    closed = [
        fate.answer.query_id
        for fate in fates
        if fate.became == "confirmed" or (fate.answer.status == "missing" and fate.became in ("applied", "already so"))
    ]
    queries = queries[~queries["query_id"].isin(closed)].reset_index(drop=True)
    fates = asked_again(fates, queries)
    reconciliation = reconcile(fieldwork.tables, audit, set_aside, None if withdrawal is None else withdrawal.rows)
    participants = participant_frame(fieldwork, dictionary, design)
    interviews = interview_frame(fieldwork, dictionary, design, cleaning)
    teams, themes = (_optional(stack, dictionary) for stack in (fieldwork.teams, fieldwork.themes))
    frames = {"participants": participants, "interviews": interviews, "teams": teams, "themes": themes}
    present = {name: frame for name, frame in frames.items() if frame is not None}
    _check_typing(fieldwork, present)
    keys = {"participants": [design.participant], "interviews": [design.participant, "wave"], "teams": [], "themes": []}
    check_clean(present, keys, dictionary)
    part = data.privacy.pseudonym
    if part is not None:
        added = pseudonyms(fieldwork, part, root, participants[design.participant])
        participants.insert(len(participants.columns) - 2, part.variable, added)
    return CleanData(
        participants=participants,
        interviews=interviews,
        teams=teams,
        themes=themes,
        audit=audit,
        queries=queries[list(QUERY_COLUMNS)],
        delivered=queries["delivered"],
        about=queries["about"],
        set_aside=set_aside,
        reconciliation=reconciliation,
        sources=pd.DataFrame(source_frame_rows(reading.reports), columns=list(SOURCE_COLUMNS)),
        translations=pd.DataFrame(
            [
                row
                for report in reading.reports
                for row in translation_rows(report.source, report.file, list(report.translations))
            ],
            columns=list(TRANSLATION_COLUMNS),
        ),
        answers=fates_frame(fates),
        withdrawal=withdrawal,
    )


def _pseudonym(data: Data) -> list[str]:
    return [data.privacy.pseudonym.variable] if data.privacy.pseudonym else []


def _optional(stack: Stack | None, dictionary: Dictionary) -> pd.DataFrame | None:
    return None if stack is None else stack_frame(stack, stack.variables, dictionary)


def _check_typing(fieldwork: Fieldwork, frames: dict[str, pd.DataFrame]) -> None:
    problems: list[Problem] = check_frame(frames["participants"], fieldwork.persons)
    for wave, stack in fieldwork.interviews.items():
        own = frames["interviews"][frames["interviews"]["wave"] == wave].reset_index(drop=True)
        problems += check_frame(own, stack)
    for name, own in (("teams", fieldwork.teams), ("themes", fieldwork.themes)):
        if own is not None:
            problems += check_frame(frames[name], own)
    if problems:
        raise DataError("Values changed when their types were given; this is a fault of the program.", problems)
