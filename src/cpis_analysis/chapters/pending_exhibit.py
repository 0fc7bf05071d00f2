"""A figure or a table that has not been made yet: what it shows, and a key that is the same as long as that stays."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, Generic, TypeVar

import pandas as pd

from cpis_analysis.chapters.printed_result import PrintedResult
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.publish.pen.style import Figure
from cpis_analysis.publish.table import Table
from cpis_analysis.words.labels import Labels

T = TypeVar("T")
_OF_FIGURES = frozenset({"study", "design", "scoring", "report", "derived"})
"""Parts of the plan that figures have words of, beside those of outcomes, models and populations."""
_OF_TABLES = frozenset(PlanFile.model_fields) - {"outcomes", "models"}


@dataclass(frozen=True)
class Order(Generic[T]):
    """A figure or a table to be made.

    Attributes
    ----------
    key : str
        Hex digest of all that it is made from: its function, its numbers and its words. The code of the functions is
        not part of it.
    make : callable
        Makes it.
    shown : tuple
        What it is made from.
    """

    key: str
    make: Callable[[], T]
    shown: tuple[Any, ...] = ()


FigureOrder = Order[Figure]
TableOrder = Order[Table]


def order(
    draw: Callable[..., Figure], *shown: Any, labels: Labels, outcomes: Sequence[str] | None = None
) -> FigureOrder:
    """Order a figure.

    Parameters
    ----------
    draw : callable
        (*shown, labels) -> Figure. It must not know anything else.
    shown : frames, results, mappings, texts
        What is shown, and nothing more: whatever changes here makes the figure be drawn again.
    labels : Labels
    outcomes : sequence of str, optional
        Outcomes whose words and models the figure uses; default: all.

    Raises
    ------
    TypeError
        If something shown is of a kind that has no plain form.
    """
    return _order(draw, shown, labels, labels.outcomes() if outcomes is None else outcomes, _OF_FIGURES)


def order_table(make: Callable[..., Table], *shown: Any, labels: Labels, outcome: str) -> TableOrder:
    """Order a table of which a plan has many: one for each analysis, or for each outcome.

    Parameters
    ----------
    make : callable
        (*shown, labels) -> Table. It must not know anything else.
    shown : results, or sequences of them
    labels : Labels
    outcome : str
        Whose words the table uses; of others it has none.
    """
    known = [outcome] if outcome in labels.content.outcomes else []
    return _order(make, shown, labels, known, _OF_TABLES)


def at_once(wanted: Order[T] | T) -> T:
    """The figure or table itself, where there is nothing that could have stayed."""
    return wanted.make() if isinstance(wanted, Order) else wanted


def _order(
    make: Callable[..., T], shown: tuple[Any, ...], labels: Labels, outcomes: Iterable[str], parts: frozenset[str]
) -> Order[T]:
    facts = [make.__module__, make.__qualname__, [_plain(part) for part in shown], _words(labels, outcomes, parts)]
    text = json.dumps(facts, sort_keys=True, ensure_ascii=True)
    return Order(hashlib.sha256(text.encode()).hexdigest(), partial(make, *shown, labels), shown)


def _words(labels: Labels, outcomes: Iterable[str], parts: frozenset[str]) -> list[Any]:
    """What labels can say of these outcomes; of models their labels, not their formulas."""
    content = labels.content
    named = [(name, content.outcomes[name]) for name in outcomes]
    models = dict.fromkeys(model for _, outcome in named for model in outcome.models)
    return [
        _shared_words(labels, parts),
        [[name, outcome.model_dump(mode="json")] for name, outcome in named],
        {name: content.models[name].label for name in models if name in content.models},
    ]


@lru_cache(maxsize=2)
def _shared_words(labels: Labels, parts: frozenset[str]) -> str:
    """Digest of what labels can say in every figure, or in every table; it is the same for a thousand of them."""
    content = labels.content
    populations = {name: part.label for name, part in content.populations.items()}
    words = [content.model_dump(mode="json", include=set(parts)), populations]
    return hashlib.sha256(json.dumps(words, sort_keys=True).encode()).hexdigest()


def _plain(value: Any) -> Any:
    kind = type(value)
    if value is None or kind is str or kind is bool or kind is int:
        return value
    if isinstance(value, str | int | float):
        return repr(float(value)) if isinstance(value, float) else value
    if isinstance(value, PrintedResult) and value.digest:
        return value.digest
    if isinstance(value, pd.DataFrame):
        # in one array: to take the columns one by one takes longer than all cells
        columns = value.to_numpy(dtype=object).T.tolist()
        return {str(name): list(map(_plain, column)) for name, column in zip(value, columns, strict=True)}
    if dataclasses.is_dataclass(value):
        return {part.name: _plain(getattr(value, part.name)) for part in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        # in order: a figure shows its parts in the order in which it gets them
        return [[str(name), _plain(part)] for name, part in value.items()]
    if isinstance(value, Sequence):
        return [_plain(part) for part in value]
    if hasattr(value, "item"):
        return _plain(value.item())
    raise TypeError(f"it can't be ordered from {type(value).__name__}")
