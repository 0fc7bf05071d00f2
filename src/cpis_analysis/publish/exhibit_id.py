"""Names of analyses and outcomes as parts of the ids of tables and figures."""

from __future__ import annotations

import re


def slug(name: str) -> str:
    """Letters, digits and hyphens: ``rguk.trust_fixed`` is ``rguk-trust-fixed``."""
    return re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")
