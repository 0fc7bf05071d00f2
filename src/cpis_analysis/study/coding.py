"""Codes of categorical variables as text, in the order in which summaries have them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ALL", "cluster_label", "code_of", "codes_of", "is_number", "natural_order"]

ALL = "(all)"
"""Group of everybody."""


def code_of(value: Any) -> str:
    """A code as text; a whole number that pandas turned into 1.0 is 1."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def natural_order(code: Any) -> tuple[tuple[int, int, str], ...]:
    """Key that sorts codes as people do: 2 before 10, "Site 2" before "Site 10", small letters with capitals.

    Numbers come before words. Codes that differ in case or in zeros in front alone keep an order of their own.
    """
    text = code_of(code)
    parts = re.findall(r"\d+|\D+", text)
    return (*((0, int(part), "") if part.isdecimal() else (1, 0, part.casefold()) for part in parts), (-1, 0, text))


def cluster_label(codes: Iterable[Any]) -> str:
    """A cluster by its codes, the outer one first: "A / North"."""
    return " / ".join(map(code_of, codes))


def codes_of(column: pd.Series) -> list[str]:
    """Codes in the dictionary's order where the dtype has one, else sorted."""
    import pandas as pd

    if isinstance(column.dtype, pd.CategoricalDtype):
        return [code_of(code) for code in column.cat.categories]
    return sorted({code_of(code) for code in column.dropna()}, key=natural_order)


def is_number(column: pd.Series) -> bool:
    """Whether a column holds numbers; truth values are categories."""
    import pandas as pd

    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
