"""Links between the documents of a report: one that leads to a place of another document names its file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from functools import cache
from operator import is_
from typing import Any

from cpis_analysis.publish.blocks import Chart, DataTable, FlowChart, Heading, Picture, RowChart, Run, Section
from cpis_analysis.publish.changed import changed
from cpis_analysis.publish.data_table import Cell

_PLAIN = {"str", "bool", "int", "float", "tuple[str, ...]", "tuple[int, ...]", "tuple[float, ...]", "tuple[Part, ...]"}
"""Types of fields that hold nothing that leads anywhere."""


def linked(documents: Mapping[str, Sequence[Section]]) -> dict[str, list[Section]]:
    """The same sections, whose links know in which document their targets are; a link to nowhere becomes text.

    Parameters
    ----------
    documents : mapping of str to sequence of Section
        By the name of the document's files.
    """
    homes = {anchor: name for name, sections in documents.items() for anchor in _anchors(sections)}
    return {name: [_walked(section, name, homes) for section in sections] for name, sections in documents.items()}


def _anchors(sections: Iterable[Section]) -> Iterator[str]:
    for section in sections:
        yield f"{section.id}-section"
        yield from _in(section.blocks)


def _in(part: Any) -> Iterator[str]:
    if isinstance(part, tuple):
        for one in part:
            yield from _in(one)
    elif isinstance(part, Heading):
        yield part.anchor
    elif isinstance(part, DataTable):
        yield part.id.removeprefix("table-")
    elif isinstance(part, Picture | Chart | RowChart | FlowChart):
        yield part.id
    elif hasattr(part, "blocks"):
        yield from _in(part.blocks)
    elif hasattr(part, "table"):
        yield from _in(part.table)


def _walked(part: Any, document: str, homes: Mapping[str, str]) -> Any:
    if isinstance(part, Run):
        if not part.target or part.file:
            return part
        home = homes.get(part.target)
        return (
            replace(part, target="")
            if home is None
            else part
            if home == document
            else replace(part, file=f"{home}.html")
        )
    kind: Any = type(part)
    if kind is tuple:
        # nearly all cells are without a line
        walked = tuple([one if type(one) is Cell and not one.line else _walked(one, document, homes) for one in part])
        return part if all(map(is_, walked, part)) else walked
    others = {}
    for name in _holding(kind):
        was = getattr(part, name)
        if was and (now := _walked(was, document, homes)) is not was:
            others[name] = now
    return changed(part, others) if others else part


@cache
def _holding(kind: type) -> tuple[str, ...]:
    """Fields that can hold other parts; none of what is no part."""
    return tuple(one.name for one in fields(kind) if one.type not in _PLAIN) if is_dataclass(kind) else ()
