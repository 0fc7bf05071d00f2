"""Qualtrics CSV: three header rows (name, question, import identifier) and columns about the session."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cpis_analysis.intake.account.delivered import Delivered
from cpis_analysis.intake.values.codes import folded

SESSION_COLUMNS = frozenset(
    folded(name)
    for name in (
        "StartDate",
        "EndDate",
        "Status",
        "IPAddress",
        "Progress",
        "Duration (in seconds)",
        "Finished",
        "RecordedDate",
        "ResponseId",
        "RecipientLastName",
        "RecipientFirstName",
        "RecipientEmail",
        "ExternalReference",
        "ExternalDataReference",
        "LocationLatitude",
        "LocationLongitude",
        "DistributionChannel",
        "UserLanguage",
        "Q_RecaptchaScore",
        "Q_RelevantIDDuplicate",
    )
)
"""Columns that Qualtrics adds; many identify people, so they are never read unless the dictionary names them."""
_HEADERS_AFTER_THE_FIRST = 2
_TEST = {"survey preview", "survey test", "spam", "1", "2", "8"}


def is_qualtrics(delivered: Delivered) -> bool:
    """Whether the third line holds Qualtrics's import identifiers."""
    if len(delivered) < _HEADERS_AFTER_THE_FIRST or not delivered.columns:
        return False
    marked = sum("ImportId" in column[1] for column in delivered.columns)
    return 2 * marked >= len(delivered.columns)


def without_extra_headers(delivered: Delivered) -> Delivered:
    """The rows below the three headers; the second header becomes the columns' labels."""
    return replace(
        delivered,
        format="qualtrics",
        labels=tuple(str(column[0]) for column in delivered.columns),
        columns=tuple(column[_HEADERS_AFTER_THE_FIRST:] for column in delivered.columns),
        lines=delivered.lines[_HEADERS_AFTER_THE_FIRST:],
        remarks=(*delivered.remarks, "three header rows"),
    )


def test_responses(delivered: Delivered) -> np.ndarray:
    """(n,) bool: previews and test answers, which nobody gave in the study."""
    for name, column in zip(delivered.header, delivered.columns, strict=True):
        if name == "Status":
            return np.array([text.strip().lower() in _TEST for text in column], dtype=bool)
    return np.zeros(len(delivered), dtype=bool)
