"""`cpis new`: a study's plan and dictionary from its files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cpis_analysis.commands.options_of_new import kinds_of, listed_in, lists_of, numbers, pairs, row_said, some_of
from cpis_analysis.commands.shared_options import JsonOption, shown
from cpis_analysis.commands.terminal import Terminal
from cpis_analysis.errors import DataError, PlanError
from cpis_analysis.plan.naming import counted_noun, study_words

if TYPE_CHECKING:
    from cpis_analysis.new_study.settled import OutcomeOf, Settled

_ROLES, _WORDS = "Which column is what (repeat an option for several columns)", "Words"


def new(
    folder: Annotated[Path, typer.Argument(help="Folder of the study; it is made if it is not there.")],
    file: Annotated[
        list[str] | None,
        typer.Option(
            "--file",
            help="A data file: CSV, Excel, SPSS, Stata, REDCap or Qualtrics. Of several, each is one wave: "
            "--file 0m=baseline.csv --file 6m=followup.csv. Default: the data file in the folder.",
        ),
    ] = None,
    sheet: Annotated[str | None, typer.Option(help="Sheet of a workbook.")] = None,
    row: Annotated[str | None, typer.Option(help="What a row is: person, person-and-wave, visit or cluster.")] = None,
    person: Annotated[
        str | None, typer.Option(help="Column that names the person, or none.", rich_help_panel=_ROLES)
    ] = None,
    cluster: Annotated[
        list[str] | None,
        typer.Option(help="Column of clusters, the largest first, or none.", rich_help_panel=_ROLES),
    ] = None,
    arm: Annotated[str | None, typer.Option(help="Column of the groups.", rich_help_panel=_ROLES)] = None,
    reference: Annotated[
        str | None, typer.Option(help="The group that the others are compared with.", rich_help_panel=_ROLES)
    ] = None,
    compared: Annotated[
        list[str] | None, typer.Option(help="Groups that take part, where not all do.", rich_help_panel=_ROLES)
    ] = None,
    wave: Annotated[
        str | None, typer.Option(help="Column that says of which wave a row is.", rich_help_panel=_ROLES)
    ] = None,
    outcome: Annotated[
        list[str] | None,
        typer.Option(
            help="Outcome, the primary first: a column, or what its columns at all waves have in common; "
            "or these, in order: pain=painA,painB. Its kind may follow: falls:count, mood:ordinal, "
            "died:time_to_event, cured:binary, pain:continuous.",
            rich_help_panel=_ROLES,
        ),
    ] = None,
    event: Annotated[
        list[str] | None,
        typer.Option(help="Of an outcome with two values the one that counts: outcome=value.", rich_help_panel=_ROLES),
    ] = None,
    order: Annotated[
        list[str] | None,
        typer.Option(help="Answers in order, the lowest first: mood=worse,same,better.", rich_help_panel=_ROLES),
    ] = None,
    time: Annotated[
        list[str] | None,
        typer.Option(help="Column with the time until an event: died=days.", rich_help_panel=_ROLES),
    ] = None,
    exposure: Annotated[
        list[str] | None,
        typer.Option(help="Column in which each count was made: falls=months.", rich_help_panel=_ROLES),
    ] = None,
    lower_is_better: Annotated[
        list[str] | None, typer.Option(help="Outcome of which low values are better.", rich_help_panel=_ROLES)
    ] = None,
    characteristic: Annotated[
        list[str] | None,
        typer.Option(help="Column that describes people at the start, or none.", rich_help_panel=_ROLES),
    ] = None,
    ignore: Annotated[list[str] | None, typer.Option(help="Column that is not read.", rich_help_panel=_ROLES)] = None,
    baseline: Annotated[
        bool | None,
        typer.Option(
            "--baseline/--no-baseline",
            help="Whether the first of several waves lies before the intervention.",
            show_default=False,
            rich_help_panel=_ROLES,
        ),
    ] = None,
    months: Annotated[
        list[str] | None,
        typer.Option(help="When a wave was, in months after the start: V5=4.", rich_help_panel=_WORDS),
    ] = None,
    called: Annotated[
        list[str] | None,
        typer.Option(
            help="What a cluster or wave is called, and several where -s does not do: class=Klasse/Klassen, "
            "V5=Visit 5.",
            rich_help_panel=_WORDS,
        ),
    ] = None,
    people: Annotated[
        str | None,
        typer.Option(
            help="What one of those who take part is called, and several where -s does not do: pupil, "
            "Schulkind/Schulkinder.",
            rich_help_panel=_WORDS,
        ),
    ] = None,
    title: Annotated[str | None, typer.Option(help="Name of the study.", rich_help_panel=_WORDS)] = None,
    randomised: Annotated[
        bool | None,
        typer.Option(
            "--randomised/--not-randomised",
            help="Whether the groups were formed at random.",
            show_default=False,
            rich_help_panel=_WORDS,
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing; take what is proposed.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Write plan and dictionary anew.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Begin a study: read its files, tell which column is what, write config.yaml and the dictionary.

    On a terminal it asks, with a proposal and its reason; elsewhere it takes the proposals. What could not be told is
    named, and stands at the head of the plan. Raw files are copied, never changed.
    """
    from cpis_analysis.new_study.find_files import find_files
    from cpis_analysis.new_study.settle import settle
    from cpis_analysis.new_study.settled import Told
    from cpis_analysis.new_study.write_study import refuse_to_overwrite, write_study

    if not force:
        refuse_to_overwrite(folder)
    outcome, kinds = kinds_of(outcome or [])
    lists = lists_of(outcome)
    told = Told(
        row=row_said(row),
        person=person,
        arm=arm,
        reference=reference,
        wave=wave,
        clusters=some_of(cluster),
        outcomes=tuple(outcome) if outcome and not lists else None,
        outcome_columns=lists,
        characteristics=some_of(characteristic),
        ignore=tuple(ignore or ()),
        lower_is_better=tuple(lower_is_better or ()),
        compared=tuple(compared or ()),
        events=pairs(event, "--event", "outcome=value"),
        kinds=kinds,
        orders={name: listed_in(text) for name, text in pairs(order, "--order", "mood=worse,same,better").items()},
        times=pairs(time, "--time", "died=days"),
        exposures=pairs(exposure, "--exposure", "falls=months"),
        months=numbers(pairs(months, "--months", "V5=4")),
        nouns=pairs(called, "--called", "class=Klasse/Klassen"),
        people=people,
        title=title,
        randomised=randomised,
        baseline=baseline,
    )
    terminal = Terminal(as_json)
    files = find_files(folder, file or [], sheet)
    for one in files:
        terminal.line(f"{shown(one.path)}: {one.rows:,} rows, {len(one.columns)} columns.")
    asks = not (yes or as_json) and sys.stdin.isatty() and sys.stdout.isatty()
    study = settle(files, told, _asker(asks, terminal), _title(folder))
    written = write_study(study, folder)
    terminal.words = study_words(study.people)
    _say(terminal, study)
    terminal.heading("Written")
    for path in written.copied:
        terminal.line(f"  {shown(path)}: a copy of the data")
    terminal.line(f"  {shown(written.dictionary)}: {written.variables} variables")
    terminal.line(f"  {shown(written.plan)}: {written.analyses} {counted_noun(written.analyses, 'analysis')}")
    problems = _checked(written.plan)
    if problems:
        terminal.heading("To be mended first")
        for text in problems:
            terminal.warning(text)
    terminal.heading("Next")
    for text in _next(folder, bool(problems)):
        terminal.line(f"  {text}")
    terminal.json(
        {
            "plan": str(written.plan),
            "dictionary": str(written.dictionary),
            "copied": [str(path) for path in written.copied],
            "row": study.row,
            "person": study.person or None,
            "people": {"one": study.people, "many": study.people.many},
            "arm": study.arm,
            "reference": study.reference,
            "clusters": study.clusters,
            "arms_with_clusters": study.arms_with_clusters,
            "waves": [one.written for one in study.waves],
            "outcomes": [one.title for one in study.outcomes],
            "kinds": {one.title: one.kind for one in study.outcomes},
            "characteristics": study.characteristics,
            "ignored": study.ignored,
            "reasons": study.reasons,
            "remarks": study.remarks,
            "problems": problems,
        }
    )


def _title(folder: Path) -> str:
    name = folder.resolve().name.replace("_", " ").replace("-", " ").strip() or "Study"
    return name[:1].upper() + name[1:]


def _asker(asks: bool, terminal: Terminal):  # type: ignore[no-untyped-def]
    from cpis_analysis.commands.questions import Questions
    from cpis_analysis.new_study.asking import NobodyAsked

    return Questions(terminal) if asks else NobodyAsked()


def _say(terminal: Terminal, study: Settled) -> None:
    """What was settled, with the reasons, and what could not be told."""
    reasons = study.reasons
    lines = [
        ("a row is", study.row, reasons.get("row", "")),
        ("person", study.person or "made from file and line", reasons.get("person", "")),
        ("people", f"{study.people}, {study.people.many}", reasons.get("people", "")),
        ("arm", study.arm, reasons.get("arm", "")),
        ("comparison", study.reference, reasons.get("reference", "")),
        ("clusters", ", ".join(study.clusters) or "none", reasons.get("clusters", "")),
        *_some_arms(study),
        ("waves", ", ".join(one.label for one in study.waves), reasons.get("waves", "")),
        ("outcomes", ", ".join(map(_with_kind, study.outcomes)), reasons.get("outcomes", "")),
        ("characteristics", ", ".join(study.characteristics) or "none", reasons.get("characteristics", "")),
    ]
    terminal.heading("What was taken for what, and why")
    for name, value, why in lines:
        terminal.line(f"  {name + ':':17}{value}" + (f"  ({why})" if why else ""))
    if study.remarks:
        terminal.heading("What could not be told (it stands at the head of the plan, too)")
        for remark in study.remarks:
            terminal.warning(remark)


def _some_arms(study: Settled) -> list[tuple[str, str, str]]:
    """A line where some arms only have the smallest clusters."""
    if not study.arms_with_clusters:
        return []
    said = f"{study.clusters[-1]} in {', '.join(study.arms_with_clusters)} only"
    return [("in some arms", said, study.reasons["arms_with_clusters"])]


def _with_kind(one: OutcomeOf) -> str:
    beside = f", {one.beside.key} {one.beside.title}" if one.beside else ""
    return f"{one.title} [{one.kind.replace('_', ' ')}{beside}]"


def _checked(plan: Path) -> list[str]:
    """What is wrong with the plan that was written, as `cpis check` would say."""
    from cpis_analysis.study.checks.plan_check import load_and_check
    from cpis_analysis.study.checks.raw_check import check_raw

    try:
        loaded, dictionary = load_and_check(plan, shown(plan))
        return [problem.text for problem in check_raw(loaded, dictionary).problems]
    except (PlanError, DataError) as error:
        return [problem.text for problem in error.problems] or [error.summary]


def _next(folder: Path, wrong: bool) -> list[str]:
    where = "" if folder.resolve() == Path.cwd().resolve() else f"cd {shown(folder)}"
    steps = [where] if where else []
    steps += [
        "look through config.yaml and data/raw/dictionary.csv" + (", and mend what is named above" if wrong else "")
    ]
    return [*steps, "cpis check", "cpis run"]
