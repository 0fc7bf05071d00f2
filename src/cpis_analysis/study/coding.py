"""Codes of categorical variables as text, in the order in which summaries have them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from cpis_analysis.plan.naming import code_of, natural_order

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ALL", "cluster_label", "code_of", "codes_in", "codes_of", "columns_of", "is_number", "other_arms"]

ALL = "(all)"
"""Group of everybody."""


def cluster_label(codes: Iterable[Any]) -> str:
    """A cluster by its codes, the outer one first: "A / North"."""
    return " / ".join(map(code_of, codes))


def codes_of(column: pd.Series) -> list[str]:
    """Codes in the dictionary's order where the dtype has one, else sorted."""
    import pandas as pd

    if isinstance(column.dtype, pd.CategoricalDtype):
        return [code_of(code) for code in column.cat.categories]
    return sorted({code_of(code) for code in column.dropna()}, key=natural_order)


def codes_in(column: pd.Series) -> list[str | None]:
    """Code of each row; None where it is missing."""
    known = column.notna().tolist()
    return [code_of(value) if there else None for value, there in zip(column.tolist(), known, strict=True)]


def other_arms(column: pd.Series, reference: str, primary: str = "") -> list[str]:
    """Arms that occur and are compared with the reference: the primary one first, the others as `codes_of` has them."""
    import pandas as pd

    if isinstance(column.dtype, pd.CategoricalDtype):
        # of codes without a text of each row's own
        codes = column.array.categories.tolist()
        seen = {code_of(codes[place]) for place in set(column.array.codes.tolist()) if place >= 0}
    else:
        seen = {code_of(code) for code in set(column.tolist()) if not pd.isna(code)}
    return sorted((code for code in codes_of(column) if code in seen - {reference}), key=lambda code: code != primary)


def is_number(column: pd.Series) -> bool:
    """Whether a column holds numbers; truth values are categories."""
    import pandas as pd

    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def columns_of(frame: pd.DataFrame, names: Iterable[str], waves: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Name, wave and column of everything that a wide frame has at these waves."""
    for name in names:
        for wave in waves:
            if f"{name}_{wave}" in frame:
                yield name, wave, f"{name}_{wave}"
