"""A few facts and short tables as text for a terminal and as HTML for a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd

_MOST_ROWS = 20


@dataclass(frozen=True)
class Overview:
    """What is shown of an object.

    Attributes
    ----------
    title : str
    facts : sequence of str
    tables : sequence of DataFrame
        Rows beyond the twentieth are counted, not shown.
    remarks : sequence of str
    """

    title: str
    facts: Sequence[str]
    tables: Sequence[pd.DataFrame]
    remarks: Sequence[str]

    def text(self) -> str:
        """Plain text."""
        parts = [self.title, "; ".join(self.facts), ""]
        for table in self.tables:
            parts += [table.head(_MOST_ROWS).to_string(float_format=_number), *_more(table), ""]
        return "\n".join([*parts, *(f"- {line}" for line in self.remarks)]).rstrip()

    def html(self) -> str:
        """A fragment of a page; labels are escaped."""
        parts = [f"<p><b>{escape(self.title)}</b><br>{escape('; '.join(self.facts))}</p>"]
        for table in self.tables:
            parts.append(table.head(_MOST_ROWS).to_html(float_format=_number, border=0))
            parts += [f"<p>{line}</p>" for line in _more(table)]
        if self.remarks:
            parts.append("<ul>" + "".join(f"<li>{escape(line)}</li>" for line in self.remarks) + "</ul>")
        return "<div>" + "".join(parts) + "</div>"


def _more(table: pd.DataFrame) -> list[str]:
    left = len(table) - _MOST_ROWS
    return [f"and {left} more"] if left > 0 else []


def _number(value: float) -> str:
    return f"{value:.5g}"
