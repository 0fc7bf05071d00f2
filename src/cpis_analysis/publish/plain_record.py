"""A record of the report as plain mappings and lists, for JSON."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any


def record_of(part: Any) -> Any:
    """What `dataclasses.asdict` gives, which copies every text and takes four times as long; tuples become lists."""
    if isinstance(part, str):
        return part
    if isinstance(part, tuple | list):
        return [record_of(one) for one in part]
    kind: Any = type(part)
    names = _names(kind)
    return {name: record_of(getattr(part, name)) for name in names} if names else part


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(part.name for part in fields(kind)) if is_dataclass(kind) else ()
