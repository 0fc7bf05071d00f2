"""The plan of the blinded study: what is needed to analyse it, and nothing that tells a group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from cpis_analysis.blinding.new_names import NewNames
from cpis_analysis.blinding.remaining import Kept, LeftOut
from cpis_analysis.blinding.terms import Terms
from cpis_analysis.plan.naming import plural
from cpis_analysis.plan.reading.load import Plan
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.plan.schema_design import occasion_of

FOLDER = "data/raw"
FILES = {
    "dictionary": f"{FOLDER}/dictionary.csv",
    "checksums": f"{FOLDER}/SHA256SUMS",
    "participants": f"{FOLDER}/participants.csv",
    "clusters": f"{FOLDER}/clusters.csv",
    "wave": f"{FOLDER}/measurements_{{}}.csv",
}
"""Where the files of the blinded study lie, one for each wave."""

BLINDED = (
    "BLINDED. Groups, clusters and people have new names drawn by chance, and what would tell the groups is left out. "
    "Which group is which is told when the analysis is finished."
)
SYNTHETIC = "SYNTHETIC DATA: nothing here is a finding. "

_OPTIONAL = (
    "short_label",
    "phrase",
    "low_means",
    "high_means",
    "minimal_important_difference_source",
    "source",
    "otherwise",
)
"""Texts that a plan can do without."""
_LISTS = ("experience", "experience_by_trust", "changes", "barriers")
_SAID = {
    "description": "what the authors write may tell the groups",
    "source": "what the authors write may tell the groups",
}
_UNTOLD = {
    "texts": "what the authors write may tell the groups",
    "limitations": "what the authors write may tell the groups",
    "abbreviations": "what the authors write may tell the groups",
    "implementation": "it tells what was done in which group",
    "focus_groups": "it tells what was done in which group",
    "shown_first": "it names clusters",
}


def blinded_content(
    plan: Plan, kept: Kept, terms: Terms, names: NewNames, scoring_files: Mapping[str, str], *, teams: bool
) -> dict[str, Any]:
    """The keys of the blinded plan, in the order of the layout.

    Parameters
    ----------
    plan : Plan
        Of the original study.
    kept : Kept
    terms : Terms
        A label that holds one of them gives way to the name of what it labels; another text is left out.
    names : NewNames
        The group that others are compared with is always that of the first letter, whichever it was.
    scoring_files : mapping of str to str
        By score, where its value set lies now.
    teams : bool
        Whether there is a list of teams.
    """
    whole = plan.content.model_dump(mode="json", exclude_defaults=True)
    content = plan.content
    waves = [wave.name for wave in content.design.waves]
    sources: dict[str, Any] = {"participants": {"file": FILES["participants"], "holds": "participants"}}
    held = plural(occasion_of(content.data, content.design))
    sources |= {f"{held}_{wave}": {"file": FILES["wave"].format(wave), "holds": held, "wave": wave} for wave in waves}
    if teams:
        sources["clusters"] = {"file": FILES["clusters"], "holds": "clusters"}
    data: dict[str, Any] = {"dictionary": FILES["dictionary"], "checksums": FILES["checksums"], "sources": sources}
    harmless = [name for name in content.data.privacy.known_harmless if name in kept.variables]
    privacy: dict[str, Any] = {} if content.data.privacy.scan else {"scan": False}
    privacy |= {"known_harmless": harmless} if harmless else {}
    made = {
        "version": whole["version"],
        "study": _study(content, terms),
        "data": data | ({"privacy": privacy} if privacy else {}),
        "design": _design(whole["design"], content, kept, terms, names),
        "cleaning": {} if content.cleaning.skip_logic else {"skip_logic": False},
        "scoring": {
            name: part | ({"value_set_file": scoring_files[name]} if name in scoring_files else {})
            for name, part in whole.get("scoring", {}).items()
            if name in kept.scores
        },
        "outcomes": _outcomes(whole["outcomes"], kept),
        "models": {name: part for name, part in whole["models"].items() if name in {s.model for s in kept.analyses}},
        "covariates": _of(whole, "covariates", kept.covariates),
        "derived": _of(whole, "derived", kept.derived),
        "populations": _of(whole, "populations", kept.populations),
        "inference": whole.get("inference", {}),
        "families": _families(whole.get("families", {}), kept),
        "report": _report(whole["report"], content, kept, terms),
    }
    for key in ("outcomes", "models", "derived", "populations"):
        made[key] = {name: _quiet(part, name, terms) for name, part in made[key].items()}
    return {key: part for key, part in made.items() if part != {}}


def plan_text(content: Mapping[str, Any]) -> str:
    """The plan as a file, without a comment."""
    return yaml.safe_dump(dict(content), sort_keys=False, allow_unicode=True, width=116, default_flow_style=False)


def report_left_out(content: PlanFile) -> Iterator[LeftOut]:
    """Sections of the report and keys of the study that the original plan has and the blinded one has not."""
    for key, why in _SAID.items():
        if getattr(content.study, key):
            yield LeftOut("report", f"study.{key}", why)
    given = content.report.model_fields_set
    for key, why in _UNTOLD.items():
        if key in given:
            yield LeftOut("report", f"report.{key}", why)
    if any(source.kind == "themes" for source in content.data.sources.values()):
        yield LeftOut("report", "focus groups", "they tell what was done in which group")
    if content.deviations:
        yield LeftOut("report", "deviations", "what the authors write may tell the groups")


def _study(content: PlanFile, terms: Terms) -> dict[str, Any]:
    study = content.study
    short = "Blinded study" if terms.tells(study.short_name) else study.short_name
    return {
        "name": short if terms.tells(study.name) else study.name,
        "short_name": short,
        "synthetic": study.synthetic,
        "randomised": study.randomised,
        "blinded": True,
        "notice": (SYNTHETIC if study.synthetic else "") + BLINDED,
        "seed": study.seed,
    }


def _design(design: dict[str, Any], content: PlanFile, kept: Kept, terms: Terms, names: NewNames) -> dict[str, Any]:
    dropped = {"team_characteristics"}
    dropped |= {key for key in ("interview_date", "recruited_on") if design.get(key) not in kept.variables}
    made = {key: value for key, value in design.items() if key not in dropped}
    arm = content.design.arm
    compared = sorted(names.arms[code] for code in arm.compared or names.arms if code in names.arms)
    made["arm"] = {key: value for key, value in design["arm"].items() if key in ("variable", "multiplicity")}
    made["arm"] |= {"reference": compared[0]} | ({"compared": compared} if arm.compared else {})
    if "characteristics" in made:
        made["characteristics"] = [name for name in made["characteristics"] if name in kept.variables]
    if "levels" in design:
        made["levels"] = [
            {key: text for key, text in level.items() if key == "variable" or not terms.tells(text)}
            for level in design["levels"]
        ]
    if any(map(terms.tells, design.get("people", {}).values())):
        del made["people"]
    made["waves"] = [_quiet(wave, wave["name"], terms) for wave in design["waves"]]
    return made


def _outcomes(outcomes: Mapping[str, Any], kept: Kept) -> dict[str, Any]:
    found = {}
    for name, part in outcomes.items():
        models = kept.models_of(name)
        if not models:
            continue
        made = part | {"models": models}
        if "overrides" in part:
            made["overrides"] = {model: change for model, change in part["overrides"].items() if model in models}
        asked = (part.get("tipping_point") or {}).get("models")
        if asked is not None:
            left = [model for model in asked if model in models]
            if left:
                made["tipping_point"] = part["tipping_point"] | {"models": left}
            else:
                del made["tipping_point"]
        found[name] = made
    return found


def _families(families: Mapping[str, Any], kept: Kept) -> dict[str, Any]:
    there = {spec.outcome for spec in kept.analyses}
    members = {name: [one for one in part["outcomes"] if one in there] for name, part in families.items()}
    return {name: part | {"outcomes": members[name]} for name, part in families.items() if members[name]}


def _report(report: Mapping[str, Any], content: PlanFile, kept: Kept, terms: Terms) -> dict[str, Any]:
    title = "" if terms.tells(content.report.title) else f": {content.report.title}"
    made: dict[str, Any] = {"title": f"Blinded analysis{title}"}
    made |= {key: report[key] for key in ("minimum_cell", "round_counts_to") if key in report}
    for key in _LISTS:
        names = [name for name in report.get(key, []) if name in kept.variables]
        if names:
            made[key] = names
    return made


def _of(whole: Mapping[str, Any], key: str, names: frozenset[str]) -> dict[str, Any]:
    return {name: part for name, part in whole.get(key, {}).items() if name in names}


def _quiet(part: Mapping[str, Any], name: str, terms: Terms) -> dict[str, Any]:
    """A section with the name in the place of a label that tells, and without other texts that do."""
    made: dict[str, Any] = {}
    for key, value in part.items():
        if isinstance(value, dict):
            value = _quiet(value, name, terms)
        elif isinstance(value, str) and key == "label" and terms.tells(value):
            value = name.replace("_", " ")
        elif isinstance(value, str) and key in _OPTIONAL and terms.tells(value):
            continue
        made[key] = value
    return made
