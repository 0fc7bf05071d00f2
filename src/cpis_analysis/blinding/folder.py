"""The blinded study as a folder of its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cpis_analysis.blinding.new_names import NewNames, new_names
from cpis_analysis.blinding.remaining import LeftOut, kept_of_plan
from cpis_analysis.blinding.rewritten_files import dictionary_text, interviews_text, participants_text, teams_text
from cpis_analysis.blinding.rewritten_plan import FILES, blinded_content, plan_text, report_left_out
from cpis_analysis.blinding.telling import CleanData, one_sided_answers, telling_variables
from cpis_analysis.blinding.terms import Terms, telling_terms
from cpis_analysis.blinding.word_search import search_files
from cpis_analysis.errors import PlanError, Problem, did_you_mean
from cpis_analysis.instruments import input_files
from cpis_analysis.intake.dictionary.dictionary import Dictionary
from cpis_analysis.plan.naming import code_of
from cpis_analysis.plan.reading.load import Plan
from cpis_analysis.runs.locked.blinded_folder import BLINDED, MADE


@dataclass(frozen=True)
class BlindedStudy:
    """A study without its groups.

    Attributes
    ----------
    files : mapping of str to bytes
        Content by name, relative to the folder.
    left_out : tuple of LeftOut
    unsearched : tuple of str
        Words that no search can tell from others.
    one_sided : tuple of str
        Variables that stay and have an answer of one group only.
    """

    files: Mapping[str, bytes]
    left_out: tuple[LeftOut, ...]
    unsearched: tuple[str, ...]
    one_sided: tuple[str, ...]


def names_of_study(plan: Plan, data: CleanData, key: str) -> NewNames:
    """New names of the groups, clusters and people that the clean data have."""
    design = plan.content.design
    frames = [data.participants, *([] if data.teams is None else [data.teams])]

    def known(variable: str) -> list[str]:
        return sorted(
            {code_of(code) for frame in frames if variable in frame for code in frame[variable].dropna().astype(object)}
        )

    return new_names(
        key,
        known(design.arm.variable),
        {level.variable: (level.noun, known(level.variable)) for level in design.levels},
        data.participants[design.participant].astype(str),
    )


def blinded_study(
    plan: Plan,
    dictionary: Dictionary,
    data: CleanData,
    names: NewNames,
    mark: str,
    *,
    left_out: Iterable[str] = (),
    words: Iterable[str] = (),
) -> BlindedStudy:
    """Make the files of the blinded study, and search them.

    Parameters
    ----------
    plan, dictionary, data
        Of the original study, cleaned.
    names : NewNames
    mark : str
        Fingerprint of the key, by which the folder is known again.
    left_out, words : iterable of str
        Variables and words that the data manager knows to tell the groups.

    Raises
    ------
    PlanError
        If a variable is not known, the design's own names tell a group, no analysis of the primary outcome would
        remain, or a telling word is left.
    """
    content, design = plan.content, plan.content.design
    chosen = dict.fromkeys(left_out, "the data manager left it out")
    terms = telling_terms(dictionary, design, names, words)
    _check_names(chosen, dictionary, plan, terms)
    telling = telling_variables(data, dictionary, design, terms, chosen)
    kept = kept_of_plan(plan, dictionary, telling, terms)
    read = {name: file for name, file in input_files(content.scoring_settings()).items() if name in kept.scores}
    tables = {name: f"data/raw/{name}-{Path(file).name}" for name, file in read.items()}
    with_teams = data.teams is not None and len(design.levels) > 1
    made = blinded_content(plan, kept, terms, names, tables, teams=with_teams)
    texts = {
        "config.yaml": plan_text(made),
        FILES["dictionary"]: dictionary_text(dictionary, design, kept.variables, names),
        FILES["participants"]: participants_text(data, design, kept.variables, names),
    }
    for wave in design.waves:
        texts[FILES["wave"].format(wave.name)] = interviews_text(
            data, wave.name, dictionary, design, kept.variables, names
        )
    if with_teams:
        texts[FILES["clusters"]] = teams_text(data, design, names)
    files = {name: text.encode("utf-8") for name, text in texts.items()}
    files |= {tables[name]: (plan.root / file).read_bytes() for name, file in read.items()}
    raw = {name: file for name, file in files.items() if name.startswith("data/raw/")}
    files[FILES["checksums"]] = "".join(
        f"{_digest(file)}  {Path(name).name}\n" for name, file in sorted(raw.items())
    ).encode()
    out = (*_variables_out(dictionary, telling, kept.variables, plan), *kept.left_out, *report_left_out(content))
    files["README.md"] = _readme(out, terms).encode("utf-8")
    files[".gitignore"] = b"*\n"
    record = {
        "about": "A blinded study, made by `cpis blind`; do not edit.",
        MADE: mark,
        "files": {name: _digest(file) for name, file in sorted(files.items())},
    }
    files[BLINDED] = (json.dumps(record, indent=2) + "\n").encode()
    problems = search_files(files, terms)
    if problems:
        raise PlanError(
            "The study can't be blinded: words that tell a group or a cluster would be left.",
            [
                *problems,
                Problem(
                    "change these texts in the plan or the dictionary, or leave the variables out",
                    hint="cpis blind --leave-out VARIABLE",
                ),
            ],
        )
    return BlindedStudy(
        files, out, terms.unsearched, tuple(one_sided_answers(data, design, dict.fromkeys(kept.variables)))
    )


def _check_names(chosen: Mapping[str, str], dictionary: Dictionary, plan: Plan, terms: Terms) -> None:
    """Variables that are to be left out must be known, and those of the design may not tell a group themselves."""
    design = plan.content.design
    own = [design.participant, design.arm.variable, *design.clusters]
    problems = [
        Problem("there is no such variable to be left out", file=dictionary.file, variable=name, hint=hint)
        for name in chosen
        if name not in dictionary or name in own
        for hint in [did_you_mean(name, dictionary) if name not in own else "the design needs it"]
    ]
    problems += [
        Problem(
            "its name holds a word that tells a group or a cluster",
            file=plan.document.file,
            variable=name,
            hint="rename it in the dictionary, and with rename: in its file",
        )
        for name in [*own, *(wave.name for wave in design.waves)]
        if terms.tells(name)
    ]
    if problems:
        raise PlanError("The study can't be blinded.", problems)


def _variables_out(
    dictionary: Dictionary, telling: Mapping[str, str], kept: frozenset[str], plan: Plan
) -> list[LeftOut]:
    """Variables that tell, and how many others no analysis needs."""
    design = plan.content.design
    own = {design.participant, design.arm.variable, *design.clusters}
    found = [LeftOut("variable", name, why) for name, why in telling.items()]
    others = [name for name in dictionary if name not in (*own, *kept, *telling)]
    if others:
        found.append(LeftOut("variable", ", ".join(others), "no analysis needs it"))
    return found


_README = """# A blinded study

**Private: the files in data/ hold what single people answered. Keep this folder as you keep data/processed; send it
only to people who may see such rows. The file .gitignore keeps all of it out of version control.**

Groups are called by letters, clusters and people by numbers. Chance decided which is which, by a key that is not here.
The order of rows and of the keys of config.yaml tells nothing. An effect is that of group B against group A, or of the
other way round where the plan says so: nobody who has only this folder can say which group is which.

Run it as any study: `cpis check`, `cpis run`. You may change config.yaml. When the analysis is finished, give the
folder back, with results/, to whoever made it: `cpis unblind` records what it held before it tells the groups.

Blinding hides names, not numbers: whoever knows how many people were in which group or team, or expects an effect in
one direction, may guess. Don't look up such numbers.

## What is left out, and why

"""


def _readme(left_out: Iterable[LeftOut], terms: Terms) -> str:
    """What the folder is. Names that would tell a group are counted in place of being named."""
    lines, hidden = [], 0
    for one in left_out:
        if terms.tells(one.name, one.why):
            hidden += 1
        else:
            lines.append(f"- {one.what} {one.name}: {one.why}")
    if hidden:
        lines.append(f"- {hidden} more whose names would tell")
    return _README + "\n".join(lines or ["Nothing."]) + "\n"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
