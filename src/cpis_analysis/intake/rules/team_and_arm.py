"""Trust, team and arm of a person: the team list decides the arm, the log decides the team."""

from __future__ import annotations

import numpy as np

from cpis_analysis.intake.account.audit_trail import Journal
from cpis_analysis.intake.account.delivered import as_column
from cpis_analysis.intake.account.fieldwork import Fieldwork
from cpis_analysis.intake.account.working_tables import Stack
from cpis_analysis.intake.dictionary.expected_columns import team_keys
from cpis_analysis.intake.rules.duplicates import comparable
from cpis_analysis.plan.naming import Noun, plural
from cpis_analysis.plan.schema_design import Design


def arm_of_team(fieldwork: Fieldwork, journal: Journal, design: Design) -> None:
    """Where the log gives a person another arm than the team list gives the team, the team list wins; it is asked."""
    teams, persons, arm = fieldwork.teams, fieldwork.persons, design.arm.variable
    if teams is None or arm not in teams or arm not in persons:
        return
    rows = np.flatnonzero(teams.present())
    listed = {
        name: text
        for name, text in zip(_names(teams, rows, design), teams.text(arm)[rows], strict=True)
        if text and all(name)
    }
    rows = np.flatnonzero(persons.present())
    names = _names(persons, rows, design)
    right = np.array([listed.get(name, "") for name in names], dtype=object)
    given = persons.text(arm)[rows]
    wrong = (right != "") & (given != right)
    rows, right, given = rows[wrong], right[wrong], given[wrong]
    shown = [" / ".join(name) for name, one in zip(names, wrong, strict=True) if one]
    asked = given != ""
    their_list, rule = f"list of {plural(design.team_noun)}", f"arm_of_{design.clusters[-1]}"
    questions = [
        f"The log says {was}, but {design.team_noun} {team} is {now} in the {their_list}. Which is right?"
        for was, now, team in zip(given, right, shown, strict=True)
    ]
    journal.ask_stack(
        persons,
        rows[asked],
        arm,
        given[asked],
        rule,
        as_column(questions)[asked],
        f"the arm of the {their_list} is used",
    )
    reasons = [
        f"{design.team_noun} {team} is {now} in the {their_list}" for team, now in zip(shown, right, strict=True)
    ]
    journal.change_stack(persons, rows, arm, right, rule, as_column(reasons))


def clusters_of_log(fieldwork: Fieldwork, journal: Journal, design: Design) -> None:
    """Trust, team and arm in other files give way to the log's: people are analysed where they were recruited.

    A trust gives way only together with its team: where the log's team is not known, both stay as they are.
    """
    persons = fieldwork.persons
    for stack in fieldwork.people[1:]:
        if {id(part.table) for part in stack.parts} == {id(part.table) for part in persons.parts}:
            continue
        rows = np.flatnonzero(stack.present())
        ids = stack.ids()[rows]
        log = {
            variable: fieldwork.aligned(variable, ids, persons)
            for variable in (*team_keys(design), design.arm.variable)
            if variable in persons
        }
        placed = np.all([[bool(text) for text in log[key]] for key in team_keys(design) if key in log], axis=0)
        for variable, right in log.items():
            if variable not in stack:
                continue
            given = stack.text(variable)[rows]
            known = np.array([bool(text) for text in right], dtype=bool)
            if variable in team_keys(design):
                known &= placed
            different = known & (given != right)
            asked = different & (given != "")
            questions = as_column(
                f"The {fieldwork.occasion} says {variable} {was}, the recruitment log says {now}. Which is right?"
                for was, now in zip(given[asked], right[asked], strict=True)
            )
            rule = f"{variable}_of_log"
            journal.ask_stack(stack, rows[asked], variable, given[asked], rule, questions, "the log's is used")
            journal.change_stack(stack, rows[different], variable, right[different], rule, "as in the recruitment log")


def persons_of_long_files(fieldwork: Fieldwork, journal: Journal, design: Design) -> None:
    """What other rows of a long file say about a person gives way to the person's row; it is asked.

    An empty cell of the person's row is filled where the other rows agree.
    """
    repeats, persons = fieldwork.repeats, fieldwork.persons
    if repeats is None:
        return
    clusters, person = (*team_keys(design), design.arm.variable, design.participant), design.people.noun
    for variable in (name for name in repeats.variables if name not in clusters and name in persons):
        rows = np.flatnonzero(repeats.present() & (repeats.text(variable) != ""))
        _fill_persons(fieldwork, journal, variable, rows, person)
        right = fieldwork.aligned(variable, repeats.ids()[rows], persons)
        given = repeats.text(variable)[rows]
        known = np.array([bool(text) for text in right], dtype=bool)
        what = persons.variable(variable)
        differs = known & (comparable(given, what) != comparable(np.where(known, right, ""), what))
        rows, given, right = rows[differs], given[differs], right[differs]
        questions = as_column(
            f"{what.label}: {was} in this row, {now} in the {person}'s own. Which is right?"
            for was, now in zip(given, right, strict=True)
        )
        journal.ask_stack(repeats, rows, variable, given, "person_differs", questions, f"the {person}'s row is used")
        journal.change_stack(repeats, rows, variable, right, "person_differs", f"as in the {person}'s row")


def _fill_persons(fieldwork: Fieldwork, journal: Journal, variable: str, rows: np.ndarray, called: Noun) -> None:
    persons, repeats = fieldwork.persons, fieldwork.repeats
    empty = np.flatnonzero(persons.present() & (persons.text(variable) == ""))
    if not empty.size or not rows.size or repeats is None:
        return
    said: dict[str, set[str]] = {}
    for person, text in zip(repeats.ids()[rows], repeats.text(variable)[rows], strict=True):
        said.setdefault(person, set()).add(text)
    agreed = {person: next(iter(texts)) for person, texts in said.items() if len(texts) == 1}
    filled = np.array([person in agreed for person in persons.ids()[empty]], dtype=bool)
    empty = empty[filled]
    after = as_column(agreed[person] for person in persons.ids()[empty])
    journal.change_stack(persons, empty, variable, after, "person_elsewhere", f"as in another row of the {called}")


def ask_for_missing_clusters(fieldwork: Fieldwork, journal: Journal, design: Design) -> None:
    """People without trust, team or arm cannot be analysed: ask, unless the cell was asked about already."""
    persons = fieldwork.persons
    for variable in (*team_keys(design), design.arm.variable):
        if variable not in persons:
            continue
        unknown = persons.present() & (persons.text(variable) == "")
        level = design.one_sided
        if level is not None and variable == level.variable and design.arm.variable in persons:
            # people of other arms have none
            unknown &= np.isin(persons.text(design.arm.variable), ["", *level.arms])
        for part, own, _ in persons.split(np.flatnonzero(unknown)):
            column = part.columns[variable]
            own = own[~journal.was_asked(part.table, own, column)]
            question = f"The {variable} of the {design.participant_noun} is not known. Which is it?"
            journal.ask(part.table, own, column, "", f"no_{variable}", question, "left missing")


def _names(stack: Stack, rows: np.ndarray, design: Design) -> list[tuple[str, ...]]:
    return list(zip(*(stack.text(variable)[rows] for variable in team_keys(design)), strict=True))
