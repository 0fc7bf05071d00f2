"""How a number of the generator is declared, with where it comes from."""

from __future__ import annotations

from dataclasses import field
from typing import Any

TAGS = ("found", "computed", "general knowledge", "assumed")


REGISTRY = "trial registry entry NCT03945994, https://ichgcp.net/clinical-trials-registry/NCT03945994"
FINDINGS = "Research Findings 114, https://www.sscr.nihr.ac.uk/people/martin-webber/p114"
COMMUNITY = (
    "community mental health initiatives in England, n = 121, "
    "https://bmchealthservres.biomedcentral.com/articles/10.1186/1472-6963-12-189/tables/1"
)
NONE = "no published value was found"


def found(value: Any, source: str) -> Any:
    """Declare a parameter that is read in a public source, which is named."""
    return field(default=value, metadata={"tag": "found", "source": source})


def computed(value: Any, source: str) -> Any:
    """Declare a parameter that is arithmetic on found values, or from the calibration."""
    return field(default=value, metadata={"tag": "computed", "source": source})


def known(value: Any, source: str) -> Any:
    """Declare a parameter that is customary in the field, not looked up."""
    return field(default=value, metadata={"tag": "general knowledge", "source": source})


def assumed(value: Any, source: str = NONE) -> Any:
    """Declare a parameter that is chosen for the generator."""
    return field(default=value, metadata={"tag": "assumed", "source": source})
