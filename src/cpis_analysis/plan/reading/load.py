"""config.yaml -> a checked plan, or one message that lists every mistake."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath, PureWindowsPath
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from cpis_analysis.errors import PlanError, Problem, did_you_mean
from cpis_analysis.plan.reading.consistency import consistency_problems
from cpis_analysis.plan.reading.key_words import with_known_words
from cpis_analysis.plan.reading.remarks import plan_remarks
from cpis_analysis.plan.reading.resolve import specification, specifications
from cpis_analysis.plan.reading.versions import version_problems
from cpis_analysis.plan.reading.yaml_reader import Document, Path_, read_yaml
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.plan.schema_analyses import UNION_TAGS
from cpis_analysis.plan.specification import AnalysisSpec


@dataclass(frozen=True)
class Plan:
    """A plan that has passed every check that needs no data.

    Attributes
    ----------
    content : PlanFile
        The checked keys.
    document : Document
        Where each key stands, for messages of later checks.
    root : Path
        Folder of the plan; its paths are relative to it.
    """

    content: PlanFile
    document: Document
    root: Path

    def remarks(self) -> list[Problem]:
        """What is allowed and looks wrong: unused definitions, doubtful numbers, selection on the outcome."""
        return plan_remarks(self.content, self.document)

    def digest(self) -> str:
        """SHA-256 of the resolved plan: order of keys, comments and defaults written out do not change it."""
        text = json.dumps(self.content.model_dump(mode="json"), sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def specifications(self) -> list[AnalysisSpec]:
        """Every analysis: outcomes in their order (primary first), and for each its models as listed."""
        return list(self._specifications)

    @cached_property
    def _specifications(self) -> tuple[AnalysisSpec, ...]:
        return tuple(specifications(self.content))

    def specification(self, outcome: str, model: str) -> AnalysisSpec:
        """Resolve one outcome x model."""
        return specification(self.content, outcome, model)


class InconsistentPlan(PlanError):
    """A plan whose keys can be read and contradict each other.

    Attributes
    ----------
    plan : Plan
        What was read, so that checks of single keys can go on; not to be carried out.
    """

    def __init__(self, summary: str, problems: list[Problem], plan: Plan) -> None:
        super().__init__(summary, problems)
        self.plan = plan


def load_plan(path: str | Path, shown_as: str | None = None) -> Plan:
    """Read and check a plan.

    Parameters
    ----------
    path : path
        The file.
    shown_as : str, optional
        What messages call it; default: its name.

    Raises
    ------
    PlanError
        With every problem: file, line, what was found, what is allowed, "did you mean".
    """
    path = Path(path)
    document = read_yaml(path, shown_as or path.name)
    if not isinstance(document.content, dict):
        raise PlanError(
            f"The plan {document.file} is not a plan.",
            Problem(
                "keys such as study:, data: and outcomes: are missing",
                file=document.file,
                line=1,
                hint="write them, or begin with cpis new",
            ),
        )
    document, twice = with_known_words(document)
    outdated = version_problems(document)
    if outdated:
        # with another layout, every other message would mislead
        raise PlanError(
            f"The plan {document.file} is of another version; nothing was run.",
            [*in_order(document.problems), *outdated],
        )
    try:
        content = PlanFile.model_validate(document.content)
    except ValidationError as error:
        # a default in the place of a mistake would make other keys look wrong, so these wait
        raise PlanError(
            f"The plan {document.file} has mistakes; nothing was run. Formulas and what the keys say of each other are "
            "checked when these are mended.",
            in_order([*document.problems, *twice, *_schema_problems(error, document)]),
        ) from None
    found = [*_path_problems(content, document), *consistency_problems(content, document)]
    problems = [*document.problems, *twice, *found]
    plan = Plan(content=content, document=document, root=path.resolve().parent)
    if problems:
        raise InconsistentPlan(f"The plan {document.file} has mistakes; nothing was run.", in_order(problems), plan)
    return plan


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Problems by line, each once."""
    return sorted(dict.fromkeys(problems), key=lambda problem: (problem.line or 0, problem.message))


def _schema_problems(error: ValidationError, document: Document) -> list[Problem]:
    """One problem a key: where two forms are allowed, the library complains once for each."""
    found: dict[tuple[tuple[str | int, ...], str], Problem] = {}
    for item in error.errors():
        place = _keys_of(item["loc"])
        forms = [part for part in item["loc"] if isinstance(part, str) and part in _FORMS]
        if forms and item["type"] in ("string_type", "list_type"):
            key = document.key(*place)
            found[place, "form"] = Problem(
                f"{key} must be text or a list of texts",
                file=document.file,
                line=document.line_of(place),
                value=str(item["input"]),
                hint="write numbers and true or false in quotes",
            )
        else:
            found[place, item["type"]] = _schema_problem(item, document)
    return list(found.values())


_FORMS = ("constrained-str", "str", "list[str]", "list[constrained-str]")


def _keys_of(loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """Keys of the plan in a place that the library names, without its own words for forms."""
    return tuple(
        part
        for i, part in enumerate(loc)
        if part != "[key]" and part not in _FORMS and not (part in UNION_TAGS and i and loc[i - 1] == "where")
    )


def _schema_problem(item: Any, document: Document) -> Problem:
    loc = _keys_of(item["loc"])
    kind, context = item["type"], item.get("ctx", {})
    key = document.key(*loc)
    place: dict[str, Any] = {"file": document.file, "line": document.line_of(loc)}
    if kind == "extra_forbidden":
        names = _keys_at(loc[:-1])
        known = [document.word(*loc[:-1], name) for name in names]
        # of a key with two words, either is read
        close = did_you_mean(str(loc[-1]), [*known, *names])
        return Problem(f"unknown key {key}", **place, allowed=", ".join(known), hint=close)
    if kind == "missing":
        return Problem(
            f"the key {key} is missing",
            **place,
            hint="write it: docs/config.md has every key with an example of its values",
        )
    if kind == "literal_error":
        allowed = str(context["expected"]).replace("'", "")
        close = did_you_mean(str(item["input"]), re.split(r", | or ", allowed))
        return Problem(
            f"{key} has a value that is not allowed", **place, value=str(item["input"]), allowed=allowed, hint=close
        )
    if kind == "string_pattern_mismatch":
        return Problem(
            f"{key} is not a valid name",
            **place,
            value=str(item["input"]),
            allowed="letters, digits and _, beginning with a letter, at most 40",
        )
    value = item["input"]
    shown = None if isinstance(value, (dict, list)) else str(value)
    wanted = next((words for part, words in _WANTED.items() if kind.startswith(part)), None)
    if wanted is not None:
        held = {dict: "a section", list: "a list", bool: "true or false", type(None): "nothing"}.get(type(value))
        return Problem(
            f"{key} holds {held}" if held else f"{key} has a value of another kind",
            **place,
            value=None if held else shown,
            allowed=wanted,
        )
    return Problem(
        f"{key}: {item['msg'][0].lower()}{item['msg'][1:]}",
        **place,
        value=shown,
        hint="see docs/config.md for what the key takes",
    )


_WANTED = {
    "int_": "a whole number",
    "float_": "a number",
    "finite_number": "a number",
    "bool_": "true or false",
    "string_type": "text, in quotes where it looks like something else",
    "list_type": "a list, such as [age, gender]",
    "dict_type": "a section of keys, each with its value",
    "model_type": "a section of keys, each with its value",
}
"""What the kinds of the library's complaints ask for."""


def _keys_at(path: tuple[str | int, ...]) -> list[str]:
    """Keys that the schema allows below a path."""
    held: Any = PlanFile
    for part in path:
        held = next((inner for one in _forms_of(held) if (inner := _held_by(one, part)) is not None), None)
    return [key for one in _forms_of(held) if _is_section(one) for key in one.model_fields]


def _forms_of(annotation: Any) -> list[Any]:
    """What may stand somewhere: the types of a union, without what is said about them."""
    if get_origin(annotation) is Annotated:
        return _forms_of(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return [one for part in get_args(annotation) for one in _forms_of(part)]
    return [annotation]


def _held_by(annotation: Any, part: str | int) -> Any:
    """Type of what a section, mapping or list holds under a key or at a position; None where it holds nothing."""
    if _is_section(annotation):
        field = annotation.model_fields.get(str(part))
        return None if field is None else field.annotation
    return get_args(annotation)[-1] if get_origin(annotation) in (dict, list) else None


def _is_section(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


_WRITTEN = (("results",), ("data", "processed"))
"""Folders that the workflow writes."""


def _path_problems(content: PlanFile, document: Document) -> list[Problem]:
    """Paths that lead out of the project, mean something else to the workflow, or name what it writes."""
    data = content.data
    places: list[tuple[Path_, str | None]] = [
        (("data", "dictionary"), data.dictionary),
        (("data", "checksums"), data.checksums),
        (("data", "withdrawn"), data.withdrawn),
        *((("data", "corrections", at), text) for at, text in enumerate(data.correction_files)),
        *((("data", "sources", name, "file"), source.file) for name, source in data.sources.items()),
    ]
    for name, settings in content.scoring_settings().items():
        places += [(("scoring", name, key), str(settings[key])) for key in settings if key.endswith("_file")]
    found = ((path, text, _path_fault(text)) for path, text in places if text is not None)
    return [
        Problem(fault[0], file=document.file, line=document.line_of(path), value=text, allowed=fault[1])
        for path, text, fault in found
        if fault
    ]


def _path_fault(text: str) -> tuple[str, str] | None:
    """What is wrong with a path, and what is allowed."""
    parts = re.split(r"[/\\]", text)
    outside = (
        PurePosixPath(text).is_absolute()
        or bool(PureWindowsPath(text).drive or PureWindowsPath(text).root)
        or ".." in parts
        or any(ord(character) < 32 for character in text)
        or text.startswith("~")
    )
    if outside:
        return "the path leads out of the project", "a path relative to the plan, without .."
    if re.search(r"[{}*?\[\]]|://", text):
        return "the path holds characters with a special meaning", "no { } * ? [ ] and no ://"
    named = tuple(part.lower() for part in parts if part not in ("", "."))
    if any(named[: len(folder)] == folder for folder in _WRITTEN):
        return (
            "the path names what the workflow writes, and the next run would write over it",
            "a file outside results and data/processed, such as one in data/raw",
        )
    return None
