"""Codes of categorical variables as text, in the order in which summaries have them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ALL", "code_of", "codes_of", "is_number"]

ALL = "(all)"
"""Group of everybody."""


def code_of(value: Any) -> str:
    """A code as text; a whole number that pandas turned into 1.0 is 1."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def codes_of(column: pd.Series) -> list[str]:
    """Codes in the dictionary's order where the dtype has one, else sorted."""
    import pandas as pd

    if isinstance(column.dtype, pd.CategoricalDtype):
        return [code_of(code) for code in column.cat.categories]
    return sorted({code_of(code) for code in column.dropna()})


def is_number(column: pd.Series) -> bool:
    """Whether a column holds numbers; truth values are categories."""
    import pandas as pd

    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
