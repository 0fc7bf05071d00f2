"""Links between the documents of a report: one that leads to a place of another document names its file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

from cpis_analysis.publish.blocks import Chart, DataTable, FlowChart, Heading, Picture, RowChart, Run, Section


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
    if isinstance(part, tuple):
        return tuple(_walked(one, document, homes) for one in part)
    if not is_dataclass(part) or isinstance(part, type):
        return part
    whole: Any = part
    changed = {
        one.name: _walked(getattr(part, one.name), document, homes)
        for one in fields(part)
        if isinstance(getattr(part, one.name), tuple) or is_dataclass(getattr(part, one.name))
    }
    return replace(whole, **changed) if changed else part
