"""From files, what was said and what is answered to what a study is: `settle`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from cpis_analysis.errors import DataError, Problem, did_you_mean
from cpis_analysis.new_study.asking import Asker, NobodyAsked
from cpis_analysis.new_study.one_arm import OneArm, one_arm_of
from cpis_analysis.new_study.proposals import (
    propose_arm,
    propose_clusters,
    propose_reference,
    varies_within,
)
from cpis_analysis.new_study.propose_words import propose_people
from cpis_analysis.new_study.raw_files import Column, RawFile, column_named
from cpis_analysis.new_study.settle_outcomes import OutcomesOf
from cpis_analysis.new_study.settle_rows import NONE, RowsOf
from cpis_analysis.new_study.settle_waves import WavesOf
from cpis_analysis.new_study.settled import SAID, OutcomeOf, Settled, Told, WaveOf
from cpis_analysis.new_study.wrongly_said import everything_wrong
from cpis_analysis.plan.naming import PERSON as ANY_PERSON
from cpis_analysis.plan.naming import Noun
from cpis_analysis.study_words import PEOPLE, PERSON


def settle(files: Sequence[RawFile], told: Told, ask: Asker, title: str) -> Settled:
    """Settle what each column is.

    Parameters
    ----------
    files : sequence of RawFile
        One, or one a wave.
    told : Told
    ask : Asker
        Asked for whatever was not said.
    title : str
        What the study is called where nobody says.

    Raises
    ------
    DataError
        With everything that was said and can't be so, or can't go on without an answer, and what to do.
    """
    try:
        return _Settler(files, told, ask).settled(title)
    except DataError as error:
        unasked = NobodyAsked()
        raise everything_wrong(told, error, lambda rest: _Settler(files, rest, unasked).settled(title)) from None


class _Settler:
    def __init__(self, files: Sequence[RawFile], told: Told, ask: Asker) -> None:
        self.files, self.first, self.ask = tuple(files), files[0], ask
        self.reasons: dict[str, str] = {}
        self.remarks: list[str] = [remark for file in files for remark in file.remarks]
        self.told = self.without_own_columns(told)

    def without_own_columns(self, told: Told) -> Told:
        """What was said, and that columns which REDCap adds are ignored but where they were named."""
        said = {told.person, told.arm, told.wave, *(told.clusters or ()), *(told.characteristics or ())}
        said |= {*(told.outcomes or ()), *(name for names in told.outcome_columns.values() for name in names)}
        own = dict.fromkeys(name for file in self.files for name in file.own_columns() if name not in said)
        if own:
            self.remarks.append(f"not read: {', '.join(own)}. REDCap adds these columns; they hold no answers")
        return replace(told, ignore=(*told.ignore, *(name for name in own if name not in told.ignore)))

    def settled(self, title: str) -> Settled:
        told, ask = self.told, self.ask
        self.named_columns()
        rows = RowsOf(self.files, told, ask)
        row, person = rows.row_and_person()
        wave_column = rows.wave_column(person) if row == "person-and-wave" else ""
        self.reasons |= rows.reasons
        self.remarks += rows.remarks
        taken = {person, wave_column, *self.said_columns("outcomes"), *self.said_columns("characteristics")} - {""}
        taken |= set(told.ignore)
        arm = self.arm(person, taken)
        reference, compared = self.reference(arm)
        clusters = self.clusters(person, arm, taken)
        called = self.people(person)
        roles = {person, wave_column, arm, *clusters} - {""}
        free = [column for column in self.first.columns if column.name not in roles | set(told.ignore)]
        times = WavesOf(self.files, told, ask)
        waves = times.settled(row, wave_column, free)
        found = OutcomesOf(self.files, told, ask).settled(row, person, waves, free)
        before = times.baseline(waves.waves, found.adjusted)
        self.check_what_is_named(clusters, waves.waves, found.outcomes)
        nested = self.some_arms(arm, clusters, (reference, *compared) if compared else (), found.outcomes)
        self.reasons |= {"waves": waves.reason, "baseline": before.reason, **found.reasons}
        self.remarks += [*waves.remarks, *found.remarks, *before.remarks]
        randomised = told.randomised
        if randomised is None:
            randomised = ask.yes("Were the groups formed at random?", False, "files do not say")
        if told.randomised is None and not ask.answers:
            self.remarks.append(
                "randomised: files do not say how the groups were formed. The report uses no causal words; if they "
                "were formed at random, write randomised: true under study"
            )
        return Settled(
            files=self.files,
            row=row,
            person=person,
            arm=arm,
            reference=reference,
            compared=compared,
            clusters=nested.clusters,
            arms_with_clusters=nested.arms,
            people=called,
            wave_column=wave_column,
            waves=waves.waves,
            baseline=before.is_one,
            outcomes=found.outcomes,
            characteristics=found.characteristics,
            adjusted=found.adjusted,
            ignored=found.ignored,
            nouns=told.nouns,
            title=told.title or title,
            randomised=randomised,
            reasons=self.reasons,
            remarks=tuple(self.remarks),
        )

    def people(self, person: str) -> Noun:
        """What those who take part are called."""
        if self.told.people is not None:
            said, self.reasons["people"] = self.told.people, SAID
        else:
            found = propose_people(self.first[person] if person else None)
            self.reasons["people"] = found.reason
            question = "What is one of those who take part called? (Several, where -s does not do: one/several.)"
            said = self.ask.word(question, found.value or str(ANY_PERSON), found.reason)
        one, _, many = (" ".join(part.split()) for part in said.partition("/"))
        return ANY_PERSON if one in ("", ANY_PERSON) and not many else Noun(one or str(ANY_PERSON), many or None)

    def some_arms(
        self, arm: str, clusters: tuple[str, ...], compared: Sequence[str], outcomes: Sequence[OutcomeOf]
    ) -> OneArm:
        """Whether some arms only have the smallest clusters: the cells of all others are empty."""
        found = one_arm_of(self.first, arm, clusters, compared)
        if not found.arms:
            return found
        level, having, without = found.clusters[-1], ", ".join(found.arms), ", ".join(found.without)
        why = f"{level} is empty in every row of {without}, so only {having} has such clusters"
        if any(one.kind == "time_to_event" for one in outcomes):
            self.remarks.append(
                f"clusters: {why}. No analysis of times to an event takes that, so nobody of {without} is in one: list "
                f"other clusters with --cluster, or none: --cluster none"
            )
            return OneArm(clusters)
        if not self.ask.yes(f"Do only some arms have clusters of {level}?", True, why):
            return OneArm(clusters)
        self.reasons["arms_with_clusters"] = f"{why}; everybody of {without} counts alone"
        if found.blank:
            self.remarks.append(
                f"clusters: {found.blank:,} rows of {having} have no {level}, and are left out. Give those who "
                "never came to one a label of their own each, if they belong to the comparison"
            )
        if found.left:
            self.remarks.append(
                f"clusters: {', '.join(found.left)} is empty in some arms, too; a plan can have one such level, and "
                f"{level} was taken. If it should be another: --cluster"
            )
        return found

    def named_columns(self) -> None:
        """Every column that was named is there; of outcomes `OutcomesOf` asks, because they may stand for several."""
        told = self.told
        named = [
            *((name, role) for name, role in ((told.arm, "arm"), (told.wave, "wave")) if name),
            *([(told.person, "person")] if told.person not in (None, NONE) else []),
            *((name, "cluster") for name in told.clusters or ()),
            *((name, "characteristic") for name in told.characteristics or ()),
            *((name, "column to be ignored") for name in told.ignore),
        ]
        problems: list[Problem] = []
        for name, role in named:
            try:
                column_named(self.files, str(name), role)
            except DataError as error:
                problems += error.problems
        if problems:
            raise DataError("Columns that were named are not there.", problems)

    def said_columns(self, key: str) -> tuple[str, ...]:
        return getattr(self.told, key) or ()

    def check_what_is_named(
        self, clusters: Sequence[str], waves: Sequence[WaveOf], outcomes: Sequence[OutcomeOf]
    ) -> None:
        """Whatever was said of a cluster, a wave or an outcome is said of one that there is."""
        told, written, titles = self.told, [one.written for one in waves], [one.title for one in outcomes]
        named = list(dict.fromkeys([*titles, *(name for one in outcomes for name in one.columns.values())]))
        said = {
            "--called": (told.nouns, [*clusters, *written], "column of clusters or wave"),
            "--months": (told.months, written, "wave"),
            "--event": (told.events, titles, "outcome"),
            "--lower-is-better": (told.lower_is_better, titles, "outcome"),
            "--outcome": (told.kinds, named, "outcome"),
            "--order": (told.orders, named, "outcome"),
            "--time": (told.times, named, "outcome"),
            "--exposure": (told.exposures, named, "outcome"),
        }
        problems = [
            Problem(
                f"no {what} is called so, which was named with {flag}",
                value=name,
                allowed=", ".join(known) or None,
                hint="say what they are called with --people"
                if (flag, name) == ("--called", "people")
                else did_you_mean(name, known),
            )
            for flag, (names, known, what) in said.items()
            for name in names
            if name not in known
        ]
        if problems:
            raise DataError("Something was said of what is not there.", problems)

    def arm(self, person: str, taken: Iterable[str]) -> str:
        """The column of the groups."""
        if self.told.arm:
            name, self.reasons["arm"] = column_named(self.files, self.told.arm, "arm"), SAID
        else:
            found = propose_arm(self.first, person, taken)
            allowed = [column.name for column in self.first.columns if 2 <= len(column.counts) <= 12]
            name = self.ask.one("Which column holds the groups that are compared?", found.value, found.reason, allowed)
            self.reasons["arm"] = found.reason
        if not name:
            hint = "name the column with --arm"
            raise DataError(
                "Who was compared can't be told.", Problem(self.reasons["arm"], str(self.first.path), hint=hint)
            )
        column = self.first[name]
        groups = len(column.counts)
        if not 2 <= groups <= 12:
            said = "one value" if groups == 1 else f"{groups:,} values"
            hint = "name a column with the groups, two to twelve of them, with --arm"
            raise DataError(
                "This column does not hold groups.",
                Problem(f"it has {said}", str(self.first.path), variable=name, hint=hint),
            )
        if person and varies_within(column, self.first[person]):
            raise DataError(
                f"{PEOPLE.capitalize()} are in several groups.",
                Problem(
                    f"rows of one {person} have several values of it; crossover studies can't be analysed here",
                    str(self.first.path),
                    variable=name,
                    hint=f"name the group that each {PERSON} was allocated to with --arm",
                ),
            )
        return name

    def reference(self, arm: str) -> tuple[str, tuple[str, ...]]:
        """The code of the comparison, and the arms that take part where not all do."""
        column, told = self.first[arm], self.told
        compared = tuple(self.code(column, value, "--compared") for value in told.compared)
        if told.reference is not None:
            reference = self.code(column, told.reference, "--reference")
            self.reasons["reference"] = SAID
        else:
            found = propose_reference(column)
            reference = self.ask.one("Which group is the comparison?", found.value, found.reason, column.values)
            self.reasons["reference"] = found.reason
            if not found.told and not self.ask.answers:
                self.remarks.append(
                    f"reference: nothing says which of {', '.join(column.values)} is the comparison; "
                    f"{reference} was taken. Put design.arm.reference right if it is another"
                )
        return reference, compared

    def code(self, column: Column, written: str, flag: str) -> str:
        """The code of an arm, which may be named by its label."""
        for value in column.values:
            if value == column.codes.get(written) or written.casefold() in (
                value.casefold(),
                column.label_of(value).casefold(),
            ):
                return value
        raise DataError(
            "A group that was named is not there.",
            Problem(
                f"the column {column.name} has no such value, which was named with {flag}",
                str(self.first.path),
                value=written,
                allowed=", ".join(column.values),
                hint=did_you_mean(written, column.values),
            ),
        )

    def clusters(self, person: str, arm: str, taken: Iterable[str]) -> tuple[str, ...]:
        """Columns of clusters, the largest first."""
        told = self.told.clusters
        if told is not None:
            self.reasons["clusters"] = SAID
            return tuple(column_named(self.files, name, "cluster") for name in told)
        found = propose_clusters(self.first, person, arm, taken)
        why = "; ".join(f"{one.value}: {one.reason}" for one in found) or "no column is called like a cluster"
        self.reasons["clusters"] = why
        allowed = [column.name for column in self.first.columns if len(column.counts) > 1]
        names = [one.value for one in found]
        return self.ask.several("Which columns name clusters, the largest first?", names, why, allowed)
