"""A figure that has not been drawn yet: what it shows, and a key that is the same as long as that stays the same."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from cpis_analysis.publish.pen.style import Figure
from cpis_analysis.words.labels import Labels


@dataclass(frozen=True)
class FigureOrder:
    """A figure to be drawn.

    Attributes
    ----------
    key : str
        Hex digest of all that the figure is drawn from: its function, its numbers and its words. The code of the
        functions is not part of it.
    draw : callable
        Draws it.
    shown : tuple
        What it is drawn from.
    """

    key: str
    draw: Callable[[], Figure]
    shown: tuple[Any, ...] = ()


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
    names = labels.outcomes() if outcomes is None else list(outcomes)
    facts = [draw.__module__, draw.__qualname__, [_plain(part) for part in shown], _words(labels, names)]
    text = json.dumps(facts, sort_keys=True, ensure_ascii=True)
    return FigureOrder(hashlib.sha256(text.encode()).hexdigest(), partial(draw, *shown, labels), shown)


def _words(labels: Labels, outcomes: Sequence[str]) -> dict[str, Any]:
    """What labels can say in a figure of these outcomes; of models their labels, not their formulas."""
    content = labels.content
    models = dict.fromkeys(model for name in outcomes for model in content.outcomes[name].models)
    return content.model_dump(mode="json", include={"study", "design", "scoring", "report", "derived"}) | {
        "outcomes": [[name, content.outcomes[name].model_dump(mode="json")] for name in outcomes],
        "models": {name: content.models[name].label for name in models if name in content.models},
        "populations": {name: part.label for name, part in content.populations.items()},
    }


def _plain(value: Any) -> Any:
    kind = type(value)
    if value is None or kind is str or kind is bool or kind is int:
        return value
    if isinstance(value, str | int | float):
        return repr(float(value)) if isinstance(value, float) else value
    if isinstance(value, pd.DataFrame):
        return {str(name): [_plain(cell) for cell in value[name].astype(object)] for name in value}
    if dataclasses.is_dataclass(value):
        return {part.name: _plain(getattr(value, part.name)) for part in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        # in order: a figure shows its parts in the order in which it gets them
        return [[str(name), _plain(part)] for name, part in value.items()]
    if isinstance(value, Sequence):
        return [_plain(part) for part in value]
    if hasattr(value, "item"):
        return _plain(value.item())
    raise TypeError(f"a figure can't be ordered from {type(value).__name__}")
