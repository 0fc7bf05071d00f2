"""WEMWBS, the Warwick-Edinburgh Mental Well-being Scale: 14 items of 1-5, summed."""

from __future__ import annotations

from .plain import summed_items

INSTRUMENT = summed_items(
    name="wemwbs",
    label="Warwick-Edinburgh Mental Well-being Scale (WEMWBS)",
    short_label="WEMWBS",
    n_items=14,
    low=1,
    high=5,
    max_missing=3,
    note=(
        "The missing-item rule (person's mean for at most 3 of 14) is common practice; the user guide's own rule "
        "could not be read."
    ),
    source="https://warwick.ac.uk/fac/sci/med/research/platform/wemwbs/using/howto",
)
