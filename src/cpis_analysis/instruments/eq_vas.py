"""EQ-VAS: a person's own rating of health today, 0 (worst) to 100 (best)."""

from __future__ import annotations

from .plain import rating

INSTRUMENT = rating(
    name="eq_vas",
    label="EuroQol visual analogue scale (EQ-VAS)",
    short_label="EQ-VAS",
    item="eq_vas",
    item_description="Column of the rating.",
    low=0,
    high=100,
    verified=True,
    note="",
    source=(
        "EuroQol; range and direction as in https://build.fhir.org/ig/hl7-eu/gravitate-health-ips/"
        "Questionnaire-Questionnaire-EQ5D-5L.html"
    ),
    whole=False,
)
