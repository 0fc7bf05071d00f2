"""SCOPE, the Social and Community Opportunities Profile: the single overall inclusion rating, 1-5."""

from __future__ import annotations

from .plain import rating

INSTRUMENT = rating(
    name="scope",
    label="Social and Community Opportunities Profile (SCOPE), overall rating",
    short_label="SCOPE overall inclusion",
    item="scope_overall",
    item_description="Column of the overall rating.",
    low=1,
    high=5,
    verified=False,
    note=(
        "No single validated total of SCOPE was found; using the overall inclusion rating with range 1-5, high = more "
        "included, is an assumption."
    ),
    source="https://rtcom.umn.edu/database/instruments/scope ; short form: doi:10.1177/0004867413491161",
)
