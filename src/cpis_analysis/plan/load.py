"""config.yaml -> a checked plan, or one message that lists every mistake."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from pydantic import BaseModel, ValidationError

from cpis_analysis.errors import PlanError, Problem, did_you_mean
from cpis_analysis.plan.consistency import consistency_problems
from cpis_analysis.plan.remarks import unused_definitions
from cpis_analysis.plan.resolve import specification, specifications
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.plan.schema_analyses import UNION_TAGS
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.plan.versions import version_problems
from cpis_analysis.plan.yaml_reader import Document, read_yaml

__all__ = ["Plan", "load_plan"]


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
        """What the plan defines and does not use."""
        return unused_definitions(self.content, self.document)

    def digest(self) -> str:
        """SHA-256 of the resolved plan: order of keys, comments and defaults written out do not change it."""
        text = json.dumps(self.content.model_dump(mode="json"), sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def specifications(self) -> list[AnalysisSpec]:
        """Every analysis: outcomes in their order (primary first), and for each its models as listed."""
        return specifications(self.content)

    def specification(self, outcome: str, model: str) -> AnalysisSpec:
        """Resolve one outcome x model."""
        return specification(self.content, outcome, model)


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
            [Problem("keys such as study:, data: and outcomes: are missing", file=document.file, line=1)],
        )
    outdated = version_problems(document)
    if outdated:
        # with another layout, every other message would mislead
        raise PlanError(f"The plan {document.file} is of another version; nothing was run.",
                        [*_in_order(document.problems), *outdated])
    try:
        content = PlanFile.model_validate(document.content)
    except ValidationError as error:
        # a default in the place of a mistake would make other keys look wrong, so these wait
        raise PlanError(
            f"The plan {document.file} has mistakes; nothing was run. Formulas and what the keys say of each other are "
            "checked when these are mended.",
            _in_order([*document.problems, *_schema_problems(error, document)]),
        ) from None
    problems = [*document.problems, *_path_problems(content, document), *consistency_problems(content, document)]
    if problems:
        raise PlanError(f"The plan {document.file} has mistakes; nothing was run.", _in_order(problems))
    return Plan(content=content, document=document, root=path.resolve().parent)


def _in_order(problems: list[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda problem: (problem.line or 0, problem.message))


def _schema_problems(error: ValidationError, document: Document) -> list[Problem]:
    """One problem a key: where two forms are allowed, the library complains once for each."""
    found: dict[tuple[tuple[str | int, ...], str], Problem] = {}
    for item in error.errors():
        place = _keys_of(item["loc"])
        forms = [part for part in item["loc"] if isinstance(part, str) and part in _FORMS]
        if forms and item["type"] in ("string_type", "list_type"):
            key = ".".join(map(str, place))
            found[place, "form"] = Problem(f"{key} must be text or a list of texts", file=document.file,
                                           line=document.line_of(place), value=str(item["input"]),
                                           hint="write numbers and true or false in quotes")
        else:
            found[place, item["type"]] = _schema_problem(item, document)
    return list(found.values())


_FORMS = ("constrained-str", "str", "list[str]", "list[constrained-str]")


def _keys_of(loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """Keys of the plan in a place that the library names, without its own words for forms."""
    return tuple(
        part for i, part in enumerate(loc)
        if part != "[key]" and part not in _FORMS and not (part in UNION_TAGS and i and loc[i - 1] == "where")
    )


def _schema_problem(item: Any, document: Document) -> Problem:
    loc = _keys_of(item["loc"])
    kind, context = item["type"], item.get("ctx", {})
    key = ".".join(str(part) for part in loc)
    place = {"file": document.file, "line": document.line_of(loc)}
    if kind == "extra_forbidden":
        known = _keys_at(loc[:-1])
        close = did_you_mean(str(loc[-1]), known)
        return Problem(f"unknown key {key}", **place, allowed=", ".join(known), hint=close)
    if kind == "missing":
        return Problem(f"the key {key} is missing", **place)
    if kind == "literal_error":
        allowed = str(context["expected"]).replace("'", "")
        close = did_you_mean(str(item["input"]), re.split(r", | or ", allowed))
        return Problem(f"{key} has a value that is not allowed", **place, value=str(item["input"]), allowed=allowed,
                       hint=close)
    if kind == "string_pattern_mismatch":
        return Problem(f"{key} is not a valid name", **place, value=str(item["input"]),
                       allowed="letters, digits and _, beginning with a letter, at most 40")
    value = item["input"]
    shown = None if isinstance(value, (dict, list)) else str(value)
    return Problem(f"{key}: {item['msg'][0].lower()}{item['msg'][1:]}", **place, value=shown)


def _keys_at(path: tuple[str | int, ...]) -> list[str]:
    """Keys that the schema allows below a path."""
    model: Any = PlanFile
    for part in path:
        if isinstance(model, type) and issubclass(model, BaseModel):
            field = model.model_fields.get(str(part))
            if field is None:
                return []
            model = field.annotation
        model = _inner_model(model)
        if model is None:
            return []
    if isinstance(model, type) and issubclass(model, BaseModel):
        return list(model.model_fields)
    return []


def _inner_model(annotation: Any) -> Any:
    """The model inside dict[...], list[...] or X | None."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in reversed(getattr(annotation, "__args__", ())):
        found = _inner_model(inner)
        if found is not None:
            return found
    return None


def _path_problems(content: PlanFile, document: Document) -> list[Problem]:
    places: list[tuple[tuple[str | int, ...], str | None]] = [
        (("data", "dictionary"), content.data.dictionary), (("data", "checksums"), content.data.checksums)]
    places += [(("data", "corrections"), file) for file in content.data.correction_files]
    places += [(("data", "sources", name, "file"), source.file) for name, source in content.data.sources.items()]
    for name, settings in content.scoring_settings().items():
        places += [(("scoring", name, key), str(settings[key])) for key in settings if key.endswith("_file")]
    problems = []
    for path, text in places:
        if text is None:
            continue
        outside = (
            PurePosixPath(text).is_absolute()
            or bool(PureWindowsPath(text).drive or PureWindowsPath(text).root)
            or ".." in re.split(r"[/\\]", text)
            or any(ord(character) < 32 for character in text)
            or text.startswith("~")
        )
        if not outside and re.search(r"[{}*?\[\]]|://", text):
            problems.append(
                Problem("the path holds characters with a special meaning", file=document.file,
                        line=document.line_of(path), value=text, allowed="no { } * ? [ ] and no ://")
            )
        if outside:
            problems.append(
                Problem("the path leads out of the project", file=document.file, line=document.line_of(path),
                        value=text, allowed="a path relative to the plan, without ..")
            )
    return problems
