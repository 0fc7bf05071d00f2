"""Which columns of a new study are outcomes, characteristics, or nothing that is used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from cpis_analysis.errors import DataError, Problem, did_you_mean
from cpis_analysis.intake.dictionary_draft import draft_row
from cpis_analysis.new_study.asking import Asker
from cpis_analysis.new_study.proposals import Proposal, varies_within
from cpis_analysis.new_study.propose_kinds import propose_kind
from cpis_analysis.new_study.propose_outcomes import (
    describes_people,
    is_baseline_value,
    likely_outcomes,
    worse_when_high,
)
from cpis_analysis.new_study.raw_files import Column, RawFile, together
from cpis_analysis.new_study.settle_kinds import KindsOf, said_kind
from cpis_analysis.new_study.settle_waves import FoundWaves
from cpis_analysis.new_study.settled import SAID, OutcomeOf, Told
from cpis_analysis.plan.dictionary_columns import VALIDATION
from cpis_analysis.study_words import A_PERSON, PEOPLE

_MOST_SHOWN = 8


@dataclass(frozen=True)
class FoundOutcomes:
    """Outcomes, and what the other columns are for; as in `settled.Settled`."""

    outcomes: tuple[OutcomeOf, ...]
    characteristics: tuple[str, ...]
    adjusted: tuple[str, ...]
    ignored: tuple[str, ...]
    reasons: Mapping[str, str]
    remarks: tuple[str, ...]


class OutcomesOf:
    """The outcomes of some files.

    Parameters
    ----------
    files : sequence of RawFile
    told : Told
    ask : Asker
    """

    def __init__(self, files: Sequence[RawFile], told: Told, ask: Asker) -> None:
        self.files, self.first, self.told, self.ask = files, files[0], told, ask
        self.reasons: dict[str, str] = {}
        self.remarks: list[str] = []
        self.undirected: list[str] = []

    def settled(self, row: str, person: str, waves: FoundWaves, free: Sequence[Column]) -> FoundOutcomes:
        """Settle outcomes first, then what is left."""
        who = self.first[person] if person else None
        fixed = [column for column in free if who is None or who.is_distinct or not varies_within(column, who)]
        could = self.possible(row, waves, free, fixed)
        kinds = KindsOf(self.files, self.told, self.ask, free)
        outcomes = tuple(
            self.outcome(title, columns, kinds) for title, columns in self.chosen(could, waves, free, fixed).items()
        )
        if self.undirected:
            self.remarks.append(
                f"direction of {', '.join(self.undirected)}: nothing says whether high is better or worse; better was "
                "taken. Put higher_is right under outcomes"
            )
        self.remarks += kinds.remarks
        used = {name for one in outcomes for name in one.columns.values()}
        used |= {one.beside.title for one in outcomes if one.beside}
        used |= {name for columns in waves.columns.values() for name in columns.values()}
        left = [column for column in fixed if column.name not in used]
        adjusted = self.adjusted(outcomes, waves, left)
        ignored = self.ignored([column for column in free if column.name not in used])
        left = [column for column in left if column.name not in (*ignored, *adjusted)]
        characteristics = self.characteristics(left)
        unused = [column.name for column in left if column.name not in characteristics]
        if unused:
            more = len(unused) - _MOST_SHOWN
            shown = ", ".join(unused[:_MOST_SHOWN]) + (f" and {more} more" if more > 0 else "")
            self.remarks.append(
                f"not used: {shown}. They are in the dictionary; add to design.characteristics what was known at "
                "the start"
            )
        return FoundOutcomes(
            outcomes, characteristics, adjusted, (*self.told.ignore, *ignored), self.reasons, tuple(self.remarks)
        )

    def possible(
        self, row: str, waves: FoundWaves, free: Sequence[Column], fixed: Sequence[Column]
    ) -> dict[str, dict[str, str]]:
        """By title: the column at each wave of everything that can be an outcome."""
        written = [wave.written for wave in waves.waves]
        if row == "person-and-wave":
            changing = [column for column in free if column not in fixed]
            return {one.name: dict.fromkeys(written, one.name) for one in changing if self.can_be(one)}
        if len(self.files) > 1:
            names = dict.fromkeys(one.name for file in self.files for one in file.columns if self.can_be(one))
            roles = set(self.first.names) - {column.name for column in free}
            return {
                name: {file.wave: name for file in self.files if name in file} for name in names if name not in roles
            }
        several = {title: dict(columns) for title, columns in waves.columns.items()}
        held = {name for columns in several.values() for name in columns.values()}
        last = written[-1]
        return several | {one.name: {last: one.name} for one in free if one.name not in held and self.can_be(one)}

    def can_be(self, column: Column) -> bool:
        """Whether a column is an outcome of some kind by itself, or was said to be one."""
        return bool(propose_kind(column).value or said_kind(self.told, column.name, {}))

    def chosen(
        self,
        could: Mapping[str, dict[str, str]],
        waves: FoundWaves,
        free: Sequence[Column],
        fixed: Sequence[Column],
    ) -> dict[str, dict[str, str]]:
        """Those that are outcomes, the primary first."""
        if self.told.outcome_columns:
            self.reasons["outcomes"] = SAID
            return {title: could[title] for title in self.told.outcome_columns}
        if self.told.outcomes:
            self.reasons["outcomes"] = SAID
            return {title: could[title] for title in self.titles(self.told.outcomes, could)}
        if waves.columns:
            found = [Proposal(title, "its columns end with the waves") for title in waves.columns]
        else:
            found = likely_outcomes([column for column in free if column.name in could])
        why = "; ".join(f"{one.value}: {one.reason}" for one in found) or "no column is called like an outcome"
        self.reasons["outcomes"] = why
        names = self.ask.several(
            "Which are the outcomes, the primary first?", [one.value for one in found], why, list(could)
        )
        if not names:
            raise DataError(
                "What was measured can't be told.",
                Problem(
                    "no column is called like an outcome",
                    str(self.first.path),
                    allowed=", ".join(could) or None,
                    hint="name one with --outcome, the primary first",
                ),
            )
        if len(names) > 1 and not self.ask.answers:
            self.remarks.append(
                f"primary: nothing says which outcome is the primary one; {names[0]} was taken. If it is another, "
                "exchange the roles under outcomes, or name it first with --outcome"
            )
        return {title: could[title] for title in names}

    def titles(self, told: Sequence[str], could: Mapping[str, dict[str, str]]) -> list[str]:
        """Titles of outcomes that were named by title, or by one of their columns."""
        by_column = {name: title for title, columns in could.items() for name in columns.values()}
        folded = {title.casefold(): title for title in could}
        titles, problems = [], []
        for name in told:
            title = name if name in could else by_column.get(name) or folded.get(name.casefold())
            if title is not None:
                titles.append(title)
                continue
            known = [*could, *by_column]
            there = any(name in file for file in self.files)
            problems.append(
                Problem(
                    "the column holds no numbers, no two answers and none in a known order, or is the same in all "
                    f"rows of {A_PERSON}; if its answers are in order: --order {name}=LOWEST,...,HIGHEST"
                    if there
                    else "no file has this column, which was named as outcome",
                    str(self.first.path),
                    value=name,
                    allowed=", ".join(could) or None,
                    hint=did_you_mean(name, known),
                )
            )
        if problems:
            raise DataError("An outcome that was named can't be one.", problems)
        return list(dict.fromkeys(titles))

    def outcome(self, title: str, columns: Mapping[str, str], kinds: KindsOf) -> OutcomeOf:
        """What kind of outcome it is, and whether high is good."""
        whole = replace(together(self.files, columns), name=title)
        found = kinds.kind(title, columns, whole)
        event = found.event
        label = whole.label or title
        worse = title in self.told.lower_is_better or worse_when_high(
            title, label, whole.label_of(event) if event else ""
        )
        if worse is None and self.ask.answers:
            what = (
                f"Is it good if {title} is {whole.words_of(event)}?" if event else f"Are high values of {title} good?"
            )
            worse = not self.ask.yes(what, True, "its name does not say")
        elif worse is None:
            self.undirected.append(title)
        return OutcomeOf(
            title=title,
            columns=dict(columns),
            kind=found.kind,
            event=event,
            higher_is="worse" if worse else "better",
            reason=found.reason,
            categories=found.categories,
            not_given=found.not_given,
            beside=found.beside,
            other=found.other,
        )

    def adjusted(self, outcomes: Sequence[OutcomeOf], waves: FoundWaves, left: Sequence[Column]) -> tuple[str, ...]:
        """The outcome before the intervention, where it stands in a column of its own."""
        if waves.columns or len(self.files) > 1:
            return ()
        found = [column.name for column in left if is_baseline_value(column)]
        return tuple(found) if len(found) == len(outcomes) == 1 else ()

    def ignored(self, left: Sequence[Column]) -> tuple[str, ...]:
        """What is better not read: numbers of rows, what looks like it named people, and free text."""
        found = []
        for column in left:
            if column.name in (self.told.characteristics or ()):
                continue
            at = self.first.delivered.header.index(column.name)
            row = draft_row([(self.first.delivered, at)], "x", "x")
            is_text = row["Field Type"] == "text" and not row[VALIDATION]
            if row["Identifier?"] or (is_text and column.filled) or _counts_rows(column):
                found.append(column.name)
        if found:
            self.remarks.append(
                f"not read: {', '.join(found)}. These number the rows, look as if they named {PEOPLE}, or hold free "
                "text; take out of ignore what is wanted, and describe it in the dictionary"
            )
        return tuple(found)

    def characteristics(self, left: Sequence[Column]) -> tuple[str, ...]:
        """What is known of people at the start."""
        if self.told.characteristics is not None:
            self.reasons["characteristics"] = SAID
            return tuple(self.told.characteristics)
        found = [column.name for column in left if describes_people(column) and len(column.counts) > 1]
        why = f"they are called like what is known of {PEOPLE} at the start" if found else "no column is called so"
        self.reasons["characteristics"] = why
        names = [column.name for column in left]
        return self.ask.several(f"Which columns describe {PEOPLE} at the start?", found, why, names)


def _counts_rows(column: Column) -> bool:
    return column.texts == tuple(str(number) for number in range(1, len(column.texts) + 1))
