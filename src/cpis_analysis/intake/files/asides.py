"""Rows of a file that are known not to be answers of the study, before any rule looks at them."""

from __future__ import annotations

import numpy as np

from cpis_analysis.intake.account.delivered import Delivered
from cpis_analysis.intake.account.working_tables import Aside
from cpis_analysis.intake.files.qualtrics import test_responses
from cpis_analysis.intake.files.redcap import repeated_instruments
from cpis_analysis.intake.files.totals import total_rows
from cpis_analysis.plan.schema import Source
from cpis_analysis.plan.schema_design import Design
from cpis_analysis.study_words import PERSON


def asides_of(delivered: Delivered, cells: dict[str, np.ndarray], source: Source, design: Design) -> list[Aside]:
    """Rows of totals, previews and tests, and repeating instruments."""
    found = []
    if source.totals != "keep":
        found += _totals(cells, source, design)
    if delivered.format == "qualtrics":
        found.append(Aside(test_responses(delivered), "test_response", "a preview, test or spam response"))
    if delivered.format == "redcap":
        reason = "a row of a repeating instrument, and not of a wave"
        found.append(Aside(repeated_instruments(delivered), "repeated_instrument", reason))
    return found


def _totals(cells: dict[str, np.ndarray], source: Source, design: Design) -> list[Aside]:
    if not cells:
        return []
    about = design.participant if design.participant in cells else next(iter(cells))
    rows = total_rows(cells[about], list(cells.values()))
    question = ""
    if source.totals == "ask":
        named = next((text.strip() for text in cells[about][rows] if text.strip()), "")
        called = f"called '{named}'" if named else "with the sums or means of those above"
        question = (
            f"Below the data stands a row {called}, which is nobody's answer. Is that so? Confirm it, or say "
            "in the plan, under the source, totals: skip, or totals: keep."
        )
    return [Aside(rows, "total_row", "a row of totals or means below the data", question)]


def unknown_events(lost: np.ndarray, written: np.ndarray) -> list[Aside]:
    """Rows of events that are no wave, an entry for each event."""
    found = []
    for event in dict.fromkeys(written[lost]):
        reason = f"'{event}' is no wave of the study" if event else "the row does not say of which wave it is"
        answer = (
            f" Name it under waves of the source: {{{event}: the wave}}, or null for rows about the {PERSON}."
            if event
            else ""
        )
        question = f"{reason[0].upper()}{reason[1:]}. Of which wave is it?{answer}"
        found.append(Aside(lost & (written == event), "unknown_wave", reason, question))
    return found
