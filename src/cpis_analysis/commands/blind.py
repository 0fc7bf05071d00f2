"""`cpis blind`: a copy of the study in which nobody can tell the groups; `cpis unblind`: record when they are told."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cpis_analysis.commands.shared_options import JsonOption, PlanOption, open_checked_plan, open_plan, shown
from cpis_analysis.commands.terminal import Terminal
from cpis_analysis.errors import CpisError, Problem
from cpis_analysis.plan.naming import counted_noun, plural

if TYPE_CHECKING:
    from cpis_analysis.blinding.folder import BlindedStudy
    from cpis_analysis.blinding.telling import CleanData
    from cpis_analysis.intake.dictionary.dictionary import Dictionary
    from cpis_analysis.plan.reading.load import Plan

WordOption = Annotated[
    list[str] | None, typer.Option("--word", help="Another word that tells a group, such as a treatment's name.")
]


def blind(
    folder: Annotated[Path, typer.Argument(help="Folder of the blinded study; it must be new or empty.")],
    leave_out: Annotated[
        list[str] | None, typer.Option("--leave-out", help="A variable that tells the groups and was not found to.")
    ] = None,
    word: WordOption = None,
    check: Annotated[
        bool, typer.Option("--check", help="Search a blinded folder, results included, for words that tell a group.")
    ] = False,
    plan: PlanOption = Path("config.yaml"),
    as_json: JsonOption = False,
) -> None:
    """Write a study of its own whose groups are called A and B, for an analysis that is blind to them.

    For the data manager, in the study's folder, after cleaning. Which group is which is drawn by a secret key that
    stays in data/archived. The folder holds rows: it is as private as data/processed.
    """
    from cpis_analysis.blinding.folder import blinded_study, names_of_study
    from cpis_analysis.blinding.new_names import fingerprint
    from cpis_analysis.runs.locked.blinded_folder import read_blinding
    from cpis_analysis.runs.locked.unblinding import read_unblinding

    terminal = Terminal(as_json)
    loaded, dictionary = open_checked_plan(plan)
    if check:
        _check(terminal, loaded, dictionary, _clean_data(loaded), folder, word or [])
        return
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CpisError(
            "Nothing was written.",
            Problem("it is not an empty folder", file=str(folder), hint="name a folder that is not there yet"),
        )
    data = _clean_data(loaded)
    known = read_blinding(loaded.root)
    key = known["key"] if known else _new_key()
    names = names_of_study(loaded, data, key)
    made = blinded_study(loaded, dictionary, data, names, fingerprint(key), left_out=leave_out or [], words=word or [])
    _write(folder, made)
    _keep(loaded.root, key, dict(names.arms), folder)
    person = loaded.content.design.people.noun
    terminal.good(
        f"Wrote the blinded study to {shown(folder)}: {len(names.arms)} groups, {len(names.people)} "
        f"{counted_noun(len(names.people), person)}."
    )
    if read_unblinding(loaded.root) is not None:
        terminal.warning("The groups of this study were told already; whoever knows that knows them here as well.")
    _tell(terminal, made, plural(person))
    terminal.line(
        f"It holds rows about {plural(person)} and is as private as data/processed. Its key stays in data/archived."
    )
    place = shown(folder)
    terminal.line(f"Run it there: cpis run -d {place}; search it afterwards: cpis blind {place} --check")
    terminal.json(
        {
            "folder": shown(folder),
            "left_out": [asdict(one) for one in made.left_out],
            "unsearched": list(made.unsearched),
            "one_sided": list(made.one_sided),
        }
    )


def unblind(
    folder: Annotated[
        Path | None, typer.Argument(help="The blinded study as it came back; default: where `cpis blind` wrote it.")
    ] = None,
    by: Annotated[str, typer.Option("--by", help="Who asks for it, for the record.")] = "",
    force: Annotated[
        bool, typer.Option("--force", help="Without a lock or without a finished blinded analysis; the report says so.")
    ] = False,
    plan: PlanOption = Path("config.yaml"),
    as_json: JsonOption = False,
) -> None:
    """Record that the groups are told now, with the lock and the blinded results as they are, and tell them.

    The record is plan.unblinded.json, beside the lock. Once it is there, this command shows it.
    """
    from cpis_analysis.runs.locked.blinded_folder import read_blinding
    from cpis_analysis.runs.locked.unblinding import UNBLINDING, read_unblinding

    loaded, terminal = open_plan(plan), Terminal(as_json)
    record = read_unblinding(loaded.root)
    new = record is None
    if record is None:
        blinding = read_blinding(loaded.root)
        if blinding is None:
            raise CpisError(
                "There is nothing to unblind.",
                Problem("no blinded study was made here", hint="make one with: cpis blind FOLDER"),
            )
        record = _record(loaded, blinding, folder, " ".join(by.split()), force=force)
    from cpis_analysis.chapters.process.sentences_unblinding import unblinding_sentences
    from cpis_analysis.runs.locked.lock_history import lock_history
    from cpis_analysis.runs.locked.lock_status import lock_status

    terminal.json(record)
    status = lock_status(loaded.content, loaded.root, lock_history(loaded.root), lock_history(loaded.root, UNBLINDING))
    for sentence in unblinding_sentences(status):
        terminal.paragraph(sentence, indent=0)
    labels = _group_labels(loaded)
    for letter, code in record["groups"].items():
        terminal.good(f"Group {letter} is {labels.get(code, code)}.")
    if new:
        terminal.line(f"Commit {UNBLINDING}, so that its date can be checked.")


def _clean_data(plan: Plan) -> CleanData:
    """What cleaning wrote, if a run would write the same now."""
    from cpis_analysis.blinding.telling import CleanData
    from cpis_analysis.commands.data_state import data_remarks
    from cpis_analysis.files import read_parquet
    from cpis_analysis.runs.processed import data_is_there
    from cpis_analysis.runs.stored_frames import read_optional

    again = "run: cpis run results/design_audit.json"
    if not data_is_there(plan.root):
        raise CpisError("The data have not been cleaned yet.", Problem("there are no clean data", hint=again))
    remarks = data_remarks(plan)
    if remarks:
        raise CpisError(
            "The clean data are not those that a run would make now.", [*map(Problem, remarks), Problem(again)]
        )
    clean = plan.root / "data" / "processed" / "clean"
    return CleanData(
        read_parquet(clean / "participants.parquet"),
        read_parquet(clean / "measurements.parquet"),
        read_optional(str(clean / "clusters.parquet")),
    )


def _new_key() -> str:
    from secrets import token_hex

    return token_hex(32)


def _write(folder: Path, made: BlindedStudy) -> None:
    """Write the study and read it as a run would; what can't be run is not left behind."""
    import shutil

    from cpis_analysis.files import write_bytes
    from cpis_analysis.study.checks.plan_check import load_and_check

    there = folder.is_dir()
    try:
        for name, content in made.files.items():
            write_bytes(folder / name, content)
        load_and_check(folder / "config.yaml", shown(folder / "config.yaml"))
    except BaseException:
        for path in list(folder.iterdir()) if there else [folder]:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        raise


def _keep(root: Path, key: str, groups: dict[str, str], folder: Path) -> None:
    import os

    from cpis_analysis.files import write_json
    from cpis_analysis.runs.locked.blinded_folder import BLINDING

    about = "Key of the blinded study. Whoever has it knows the groups: keep it from whoever analyses blind."
    where = os.path.relpath(folder.resolve(), root)
    write_json(root / BLINDING, {"about": about, "key": key, "groups": groups, "folder": where})
    os.chmod(root / BLINDING, 0o600)


def _tell(terminal: Terminal, made: BlindedStudy, people: str) -> None:
    terminal.heading(f"Left out ({len(made.left_out)})")
    for one in made.left_out:
        terminal.paragraph(f"{one.what} {one.name}: {one.why}")
    terminal.line()
    if made.one_sided:
        terminal.warning(
            f"{', '.join(made.one_sided)}: several {people} of one group gave an answer that nobody of another gave. "
            "If that is no chance, leave it out: --leave-out VARIABLE"
        )
    if made.unsearched:
        terminal.warning(
            f"Too short or too general to be searched for: {', '.join(made.unsearched)}. Look at labels and texts "
            "yourself; other words that tell a group: --word WORD"
        )


def _check(
    terminal: Terminal, plan: Plan, dictionary: Dictionary, data: CleanData, folder: Path, words: list[str]
) -> None:
    from cpis_analysis.blinding.folder import names_of_study
    from cpis_analysis.blinding.new_names import fingerprint
    from cpis_analysis.blinding.terms import telling_terms
    from cpis_analysis.blinding.word_search import search_folder
    from cpis_analysis.runs.locked.blinded_folder import blinded_results, read_blinding

    known = read_blinding(plan.root)
    if known is None:
        raise CpisError(
            "There is nothing to search.",
            Problem("no blinded study was made here", hint="name the folder that cpis blind wrote"),
        )
    blinded_results(folder, fingerprint(known["key"]))
    names = names_of_study(plan, data, known["key"])
    terms = telling_terms(dictionary, plan.content.design, names, words)
    problems, read = search_folder(folder, terms)
    terminal.json({"files": read, "found": [asdict(one) for one in problems]})
    if problems and not terminal.as_json:
        raise CpisError("The blinded folder holds words that tell a group.", problems)
    if problems:
        raise SystemExit(1)
    terminal.good(f"None of {len(terms.words)} words that would tell a group stands in {read} files.")


def _record(plan: Plan, blinding: dict[str, Any], folder: Path | None, by: str, *, force: bool) -> dict[str, Any]:
    from datetime import date as Date

    from cpis_analysis.blinding.new_names import fingerprint
    from cpis_analysis.files import write_json
    from cpis_analysis.runs.locked.blinded_folder import blinded_results
    from cpis_analysis.runs.locked.lock import read_lock
    from cpis_analysis.runs.locked.unblinding import FINISHED, LOCKED, UNBLINDING, unblinding_record

    mark, place = fingerprint(blinding["key"]), folder or (plan.root / blinding["folder"]).resolve()
    results = blinded_results(place, mark) if place.is_dir() else None
    record = unblinding_record(
        Date.today().isoformat(),
        by,
        blinding,
        mark,
        read_lock(plan.root),
        results,
        open_results=(plan.root / "results" / "estimates.csv").is_file(),
    )
    if record["without"] and not force:
        hints = {
            LOCKED: "lock the plan: cpis lock",
            FINISHED: f"run it to its end in {shown(place)}: cpis run; or say where it is: cpis unblind FOLDER",
        }
        raise CpisError(
            "Nothing was recorded, and the groups stay blinded.",
            [
                *(Problem(f"this is missing: {what}", hint=hints[what]) for what in record["without"]),
                Problem("nothing is recorded while it is", hint="to go on without: --force; record and report say so"),
            ],
        )
    write_json(plan.root / UNBLINDING, record)
    return record


def _group_labels(plan: Plan) -> dict[str, str]:
    from cpis_analysis.intake.dictionary.dictionary import read_dictionary

    name = plan.content.data.dictionary
    dictionary = read_dictionary(plan.root / name, name)
    arm = plan.content.design.arm.variable
    return {code: f"{label} ({code})" for code, label in dictionary.choices(arm).items()} if arm in dictionary else {}
