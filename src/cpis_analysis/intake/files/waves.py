"""Of which wave each row of a long file is."""

from __future__ import annotations

import numpy as np

from cpis_analysis.intake.account.delivered import Delivered, as_column
from cpis_analysis.intake.files.redcap import INSTANCE_COLUMNS, event_without_arm
from cpis_analysis.intake.values.codes import folded
from cpis_analysis.plan.schema import Source
from cpis_analysis.plan.schema_design import Design

PERSON = ""
"""Rows about the person, without an interview."""


def events_of(source: Source, design: Design, found: list[str]) -> dict[str, str | None]:
    """Wave by event, None for rows about the person: as the plan says, else by name and label of the waves."""
    if source.waves:
        return dict(source.waves)
    by_name = {folded(text): wave.name for wave in design.waves for text in (wave.label, wave.name)}
    matched = {event: by_name.get(folded(event_without_arm(event))) for event in found}
    return {event: wave for event, wave in matched.items() if wave is not None}


def waves_of_rows(
    delivered: Delivered, column: int, source: Source, design: Design
) -> tuple[np.ndarray, dict[str, str | None], np.ndarray]:
    """Wave of each row.

    Returns
    -------
    waves : (n,) object array
        Name of the wave, `PERSON`, or None where the row's event is not known.
    events : dict
        Wave by event.
    written : (n,) object array
        The event as written.
    """
    texts = as_column(text.strip() for text in delivered.columns[column])
    instance = _column(delivered, INSTANCE_COLUMNS)
    with_instance = (
        texts
        if instance is None
        else as_column(
            f"{event}#{number.strip()}" if number.strip() else event
            for event, number in zip(texts, instance, strict=True)
        )
    )
    events = events_of(source, design, sorted(set(texts)))
    folds = {folded(event): event for event in events}

    def wave(event: str, plain: str) -> str | None:
        for written in (event, plain) if event.endswith("#1") or event == plain else (event,):
            own = written if written in events else folds.get(folded(written))
            if own is not None:
                return PERSON if events[own] is None else events[own]
        return None

    return as_column(wave(a, b) for a, b in zip(with_instance, texts, strict=True)), events, with_instance


def _column(delivered: Delivered, names: tuple[str, ...]) -> np.ndarray | None:
    return next((delivered.columns[at] for at, name in enumerate(delivered.header) if name in names), None)
