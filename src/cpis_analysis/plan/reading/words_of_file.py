"""Words of the study from a plan as it lies in its folder, mistakes or not: for messages about just these."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cpis_analysis.errors import CpisError
from cpis_analysis.plan.key_words import in_known_words
from cpis_analysis.plan.naming import INTERVIEW, PERSON, Noun, study_words
from cpis_analysis.plan.reading.yaml_reader import read_yaml
from cpis_analysis.study_words import StudyWords


def words_at(path: Path) -> StudyWords:
    """Words of the plan in a file, as far as they can be read; those of any study where there is none."""
    try:
        plan = read_yaml(path).content
    except CpisError:
        return StudyWords()
    if not isinstance(plan, Mapping) or not isinstance(plan.get("design"), Mapping):
        return StudyWords()
    plan = in_known_words(plan)
    design, sources = plan["design"], _section(_section(plan, "data"), "sources")
    held = [_section(sources, name).get("holds") for name in sources]
    interviewed = "interviews" in held and "interview_date" in design
    return study_words(_person(_section(design, "people")), INTERVIEW if interviewed else Noun("measurement"))


def _section(of: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section = of.get(name)
    return section if isinstance(section, Mapping) else {}


def _person(people: Mapping[str, Any]) -> Noun:
    one, many = people.get("one"), people.get("many")
    if not isinstance(one, str) or not one.strip():
        return PERSON
    return Noun(" ".join(one.split()), " ".join(many.split()) if isinstance(many, str) else None)
