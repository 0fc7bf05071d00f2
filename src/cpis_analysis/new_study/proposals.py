"""What a column is likely to be, by its name and what stands in it, with the reason in words.

A proposal is shown and can be put right; what can't be told is left open and said. Nothing here reads a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cmp_to_key

from cpis_analysis.intake.files.redcap import EVENT_COLUMNS
from cpis_analysis.new_study.one_arm import one_arm_of
from cpis_analysis.new_study.raw_files import Column, RawFile
from cpis_analysis.study_words import A_PERSON

_ARM = (
    "arm group treatment treat treated trt tx condition intervention allocation allocated alloc randomised randomized "
    "randomisation rx treatmentgroup studyarm armcode"
).split()
_CONTROL = re.compile(
    r"control|comparison|placebo|usual|standard|\btau\b|\bcau\b|^ctrl|^cont$|^none$|^no\b|^untreated|wait|sham|delayed|^c$|^p$",
    re.IGNORECASE,
)
_PERSON = (
    "id pid participant participantid participantno subject subjectid subj subjid patient patientid person personid "
    "recordid record studyid case caseid respondent pupil pupilid student studentid woman child kid caseno uid idno"
).split()
_CLUSTER = (
    "cluster clusterid site centre center clinic hospital practice surgery school sch class classroom teacher team "
    "trust ward unit village district community region household family pair stratum litter town gp therapist comm "
    "redcapdataaccessgroup dataaccessgroup"
).split()
_OF_SOME_ARMS = (
    "group groupid therapygroup tutor coach counsellor counselor facilitator trainer instructor provider nurse".split()
)
"""Names of clusters where the cells of everybody of another arm are empty."""
_OF_CLUSTERS = "type kind category sector size status level grade income language share rate mean average".split()
"""How names end that say something of clusters in place of naming them: ``school_type``."""
_BY_SIZE = (
    "country region district town trust",
    "hospital school sch centre center site practice clinic community comm village surgery",
    "ward unit team class classroom",
    "teacher gp therapist provider household family litter pair",
)
"""Which clusters are usually the larger ones."""
_WAVE = (
    "wave visit time timepoint occasion period month months week weeks day days session event followup phase".split()
)
_MOST_ARMS = 6
_MOST_WAVES = 12


@dataclass(frozen=True)
class Proposal:
    """One answer.

    Attributes
    ----------
    value : str
        Name of a column, or a code; empty if nothing could be told.
    reason : str
        Why, in words; or why not.
    told : bool
        Whether anything in the files speaks for it; what nothing speaks for is a guess, and said.
    """

    value: str
    reason: str
    told: bool = True


def words_of(name: str) -> tuple[str, ...]:
    """Words of a column's name in small letters: ``SchoolID`` and ``school_id`` are school, id."""
    parted = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)
    return tuple(word for word in re.split(r"[\W_]+", parted.casefold()) if word)


def is_called(column: Column, names: Sequence[str]) -> bool:
    """Whether name or label of a column is, or begins or ends with, one of some words."""
    words = words_of(column.name)
    joined = "".join(words)
    known = set(names)
    return bool(words) and (joined in known or words[-1] in known or words[0] in known)


def varies_within(column: Column, person: Column) -> bool:
    """Whether rows of one person differ in a column; gaps do not count."""
    seen: dict[str, str] = {}
    return any(
        value and seen.setdefault(who, value) != value
        for who, value in zip(person.coded(), column.coded(), strict=True)
    )


def propose_person(file: RawFile) -> Proposal:
    """The column that names the person."""
    called = [column for column in file.columns if is_called(column, _PERSON) and column.filled == len(column.texts)]
    exact = [column for column in called if "".join(words_of(column.name)) in _PERSON]
    for column in (*exact, *called):
        if column.is_distinct:
            return Proposal(column.name, "it is called so, and each row has a value of its own")
    for column in (*exact, *called):
        if len(column.counts) < file.rows <= len(column.counts) * _MOST_WAVES:
            return Proposal(
                column.name, f"it is called so, and {len(column.counts):,} values stand in {file.rows:,} rows"
            )
    first = file.columns[0]
    if first.is_distinct and not (first.is_number and not first.is_whole):
        return Proposal(first.name, "it is the first column, and each row has a value of its own")
    return Proposal("", f"no column is called like {A_PERSON}'s number and tells the rows apart")


def propose_long(file: RawFile) -> tuple[str, str] | None:
    """Columns of person and wave of a file in which people have several rows; None where no two tell rows apart."""
    when = [column for column in file.columns if _is_called_like_waves(column) and _could_be_waves(column, file.rows)]
    for wave in when:
        who = [
            column
            for column in file.columns
            if column.name != wave.name
            and column.filled == file.rows
            and 3 <= len(column.counts) <= file.rows / 1.5
            and tells_rows_apart(column, wave)
        ]
        who.sort(key=lambda column: not is_called(column, _PERSON))
        if who:
            return who[0].name, wave.name
    return None


def waves_of_repeated(file: RawFile, person: str) -> str:
    """A column that is called like waves, in a file in which values of a person's column repeat; else empty."""
    if not person or len(file[person].counts) == file[person].filled:
        return ""
    could = [column for column in file.columns if _is_called_like_waves(column) and _could_be_waves(column, file.rows)]
    return could[0].name if could else ""


def propose_wave_column(file: RawFile, person: str) -> Proposal:
    """The column that says when, in a file in which people have several rows."""
    who = file[person]
    could = [column for column in file.columns if column.name != person and _could_be_waves(column, file.rows)]
    for column in sorted(could, key=lambda column: not _is_called_like_waves(column)):
        if tells_rows_apart(who, column):
            called = "it is called so, and " if _is_called_like_waves(column) else ""
            return Proposal(column.name, f"{called}with {person} it tells the rows apart ({_some(column.values)})")
    called = waves_of_repeated(file, person)
    return Proposal(called, "it is called so" if called else f"no column tells the rows of one {person} apart")


def propose_arm(file: RawFile, person: str, taken: Iterable[str]) -> Proposal:
    """The column of the compared groups."""
    fixed = [
        column
        for column in file.columns
        if column.name not in taken
        and 2 <= len(column.counts) <= _MOST_ARMS
        and not (person and not file[person].is_distinct and varies_within(column, file[person]))
    ]
    called = sorted(
        (column for column in fixed if is_called(column, _ARM)),
        key=lambda column: ("".join(words_of(column.name)) not in _ARM, len(column.counts)),
    )
    if called:
        return Proposal(called[0].name, f"it is called so, with the values {_some(called[0].values)}")
    control = [
        column
        for column in fixed
        if any(_CONTROL.search(column.label_of(value)) for value in column.values if len(value) > 2)
    ]
    if len(control) == 1:
        return Proposal(control[0].name, f"one of its values is called like a comparison: {_some(control[0].values)}")
    return Proposal("", "no column is called like a group, or has a value that is called like a comparison")


def propose_reference(arm: Column) -> Proposal:
    """The code of the group that the others are compared with."""
    for value in arm.values:
        label = arm.label_of(value)
        if _CONTROL.search(label):
            return Proposal(value, f"'{label}' is what a comparison is called")
    if set(arm.values) in ({"0", "1"}, {"0", "1", "2"}):
        return Proposal("0", "0 is usually the comparison")
    return Proposal(arm.values[0], "it comes first; nothing says which group is the comparison", told=False)


def propose_clusters(file: RawFile, person: str, arm: str, taken: Iterable[str]) -> list[Proposal]:
    """The columns that name clusters, the largest clusters first."""
    found = []
    for column in file.columns:
        clusters = len(column.counts)
        if column.name in {person, arm, *taken}:
            continue
        somewhere = is_called(column, _OF_SOME_ARMS) and one_arm_of(file, arm, [column.name], ()).arms
        if not (is_called(column, _CLUSTER) or somewhere):
            continue
        if words_of(column.name)[-1] in _OF_CLUSTERS:
            continue
        if not 2 <= clusters <= file.rows / 2 or (column.is_number and not column.is_whole):
            continue
        if person and not file[person].is_distinct and varies_within(column, file[person]):
            continue
        found.append(column)
    found.sort(key=cmp_to_key(_larger_first))
    kept = [column for at, column in enumerate(found) if not any(_same(column, other) for other in found[:at])]
    return [
        Proposal(column.name, f"it is called so, with {len(column.counts):,} values in {file.rows:,} rows")
        for column in kept
    ]


def tells_rows_apart(*columns: Column) -> bool:
    """Whether no two rows have the same values in some columns."""
    rows = list(zip(*(column.coded() for column in columns), strict=True))
    return len(set(rows)) == len(rows)


def _is_called_like_waves(column: Column) -> bool:
    return is_called(column, _WAVE) or column.name in EVENT_COLUMNS


def _could_be_waves(column: Column, rows: int) -> bool:
    return 1 < len(column.counts) <= _MOST_WAVES and column.filled == rows


def _larger_first(one: Column, other: Column) -> int:
    """Clusters that hold others go before them; where labels repeat, what is larger by its name, then what is fewer."""
    inside, around = _lies_in(one, other), _lies_in(other, one)
    if inside != around:
        return 1 if inside else -1
    ranks = [_rank(column) for column in (one, other)]
    return (ranks[0] - ranks[1]) or (len(one.counts) - len(other.counts))


def _lies_in(one: Column, other: Column) -> bool:
    """Whether each cluster of a column lies in one cluster of another."""
    pairs = {pair for pair in zip(one.coded(), other.coded(), strict=True) if all(pair)}
    return len(pairs) == len(one.counts) > len(other.counts)


def _rank(column: Column) -> int:
    words = {*words_of(column.name), "".join(words_of(column.name))}
    return next((at for at, names in enumerate(_BY_SIZE) if words & set(names.split())), 1)


def _same(one: Column, other: Column) -> bool:
    """Whether two columns name the same clusters."""
    pairs = {pair for pair in zip(one.coded(), other.coded(), strict=True) if all(pair)}
    return len(pairs) == len(one.counts) == len(other.counts)


def _some(values: Sequence[str], most: int = 6) -> str:
    return ", ".join(values[:most]) + (" ..." if len(values) > most else "")
