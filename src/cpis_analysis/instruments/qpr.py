"""QPR-15, the Questionnaire about the Process of Recovery: 15 items of 0-4, summed."""

from __future__ import annotations

from .instrument import MinimalDifference
from .plain import summed_items

INSTRUMENT = summed_items(
    name="qpr",
    label="Questionnaire about the Process of Recovery, 15 items (QPR-15)",
    short_label="QPR-15",
    n_items=15,
    low=0,
    high=4,
    max_missing=3,
    note="No missing-item rule was found: the person's mean for at most 3 of 15 is an assumption.",
    source=(
        "https://www.phenxtoolkit.org/protocols/view/661101 (15 items of 0-4 added together, higher = greater "
        "recovery); 15-item version recommended: https://eprints.nottingham.ac.uk/31028/"
    ),
    minimal_important_difference=MinimalDifference(
        between_groups=4.0,
        within_person=5.0,
        basis="minimal important difference, n = 681",
        source="https://informahealthcare.com/doi/abs/10.1080/17522439.2021.1883726",
    ),
)
