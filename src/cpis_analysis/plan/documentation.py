"""The JSON Schema for editors and the page of all keys, both made from the schema of the plan."""

from __future__ import annotations

import json
import types
import typing
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from cpis_analysis.plan.key_words import OTHER_WORDS
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.plan.schema_base import Choice

_HEAD = """# The plan: every key of config.yaml

This page is made from `src/cpis_analysis/plan/schema.py` by `cpis schema`; do not edit it by hand.
Mistakes in a plan are reported together, each with its line, before anything runs.

Order carries no meaning in mappings: reordering keys or adding comments reruns nothing. Tables show the primary
outcome first, then the members of `families` as listed; models appear as the outcomes list them.
"""


def json_schema() -> str:
    """JSON Schema (2020-12) of config.yaml, as text."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **PlanFile.model_json_schema()}
    for name, words in OTHER_WORDS.items():
        section = schema["$defs"][name.capitalize()]["properties"]
        section |= {other: {**section[known], "title": other} for known, other in words.items()}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def reference_page() -> str:
    """Markdown page of all keys: type, default, meaning."""
    lines = [_HEAD]
    waiting: list[tuple[str, type[BaseModel]]] = [("", PlanFile)]
    while waiting:
        path, model = waiting.pop(0)
        lines += [
            f"## {path or 'Top level'}",
            "",
            model.__doc__ or "",
            "",
            "| key | type | default | meaning |",
            "|---|---|---|---|",
        ]
        others = OTHER_WORDS.get(path, {})
        for name, info in model.model_fields.items():
            called = f"`{name}` or `{others[name]}`" if name in others else f"`{name}`"
            lines.append(f"| {called} | {_type(info)} | {_default(info)} | {_escape(info.description or '')} |")
            inner, suffix = _inner(info.annotation)
            if inner is not None:
                waiting.append((f"{path}.{name}{suffix}".lstrip("."), inner))
        lines.append("")
    return "\n".join(lines)


def _inner(annotation: Any) -> tuple[type[BaseModel] | None, str]:
    """Model that a field holds, and how its keys are written: section, list or mapping."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, ""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    for argument in reversed(arguments):
        found, suffix = _inner(argument)
        if found is not None:
            return found, {list: "[]", dict: ".NAME"}.get(origin, "") + suffix
    return None, ""


def _type(info: FieldInfo) -> str:
    known = next((part for part in info.metadata if isinstance(part, Choice)), None)
    return _escape(" or ".join(f"`{word}`" for word in known.words()) if known else _type_name(info.annotation))


def _type_name(annotation: Any) -> str:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Literal:
        return " or ".join(f"`{value!r}`".replace("'", "") if value != "\t" else "`\\t`" for value in arguments)
    if origin is typing.Annotated:
        return _type_name(arguments[0])
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_type_name(part) for part in arguments if part is not type(None))
    if origin is list:
        return f"list of {_type_name(arguments[0])}"
    if origin is dict:
        return f"mapping to {_type_name(arguments[1])}"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "section"
    return {str: "text", int: "whole number", float: "number", bool: "true or false"}.get(annotation, str(annotation))


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "required"
    value = info.get_default()
    if isinstance(value, BaseModel):
        return "its defaults"
    if value is None or value in ({}, []):
        return "none"
    return f"`{json.dumps(value)}`"


def _escape(text: str) -> str:
    return text.replace("|", "\\|").replace("{", "&#123;").replace("}", "&#125;")
