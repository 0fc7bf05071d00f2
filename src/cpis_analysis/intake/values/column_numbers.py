"""Whether a column is one of numbers, however they are written, and which."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace

from cpis_analysis.intake.dictionary.variable import Variable
from cpis_analysis.intake.values.cell_rule import ValueSettings
from cpis_analysis.intake.values.written_numbers import is_plain_number, number_rule
from cpis_analysis.plan.schema import Cleaning

_MOST = 0.9
_MOST_CODES = 12
_ONLY_DECIMAL = re.compile(r"[-+]?[0-9]+,([0-9]{1,2}|[0-9]{4,})\Z|[-+]?0?,[0-9]+\Z")
_ANY_NUMBER = Variable("number", "", "number", type="number", high=math.inf)
_KNOWN = ("decimal_comma", "thousands_comma", "minus_sign", "percent_sign")


def numbers_in(counts: Mapping[str, int], decimal_comma: bool) -> tuple[dict[str, str], bool] | None:
    """The numbers of a column, read as cleaning reads them; None where nine cells in ten are not numbers.

    1. Numbers in digits with a decimal point, if these are enough.
    2. Otherwise also those with commas, odd minus signs and per cent signs. Commas are decimal if the file or one of
       the cells says so (``1,5``); if nothing does (``1,250``), they separate thousands.

    Parameters
    ----------
    counts : mapping of str to int
        Number of cells by what stands in them, without what is no answer.
    decimal_comma : bool
        A comma in a number of this file can only be decimal.

    Returns
    -------
    numbers : dict of str to str
        The number in digits with a decimal point, by what is written; texts that are no numbers are left out.
    commas : bool
        Whether commas are decimal, and there is one.
    """
    cells = sum(counts.values())
    plain = {text: text for text in counts if is_plain_number(text)}
    if sum(counts[text] for text in plain) >= _MOST * cells > 0:
        return plain, False
    decimal = decimal_comma or any(_ONLY_DECIMAL.match(text) for text in counts)
    read = {text: number for text in counts if (number := _read(text, decimal)) is not None}
    if sum(counts[text] for text in read) >= _MOST * cells > 0:
        return read, decimal and any("," in text for text in read)
    return None


def several_codes(counts: Mapping[str, int]) -> list[str]:
    """Codes of a question with several answers in one cell ('1,3'), of which each stands once a cell, in order.

    None of them where no cell holds two, or where there are too many to be answers.
    """
    pieces = {text: text.split(",") for text in counts}
    whole = all(piece.lstrip("-").isdigit() for found in pieces.values() for piece in found)
    if not whole or max(map(len, pieces.values()), default=0) < 2:
        return []
    codes = sorted({piece for found in pieces.values() for piece in found}, key=int)
    once = all(len(set(found)) == len(found) for found in pieces.values())
    return codes if once and len(codes) <= _MOST_CODES else []


def _read(text: str, decimal: bool) -> str | None:
    if is_plain_number(text):
        return text
    step = number_rule(text, replace(_ANY_NUMBER, decimal_comma=decimal), _SETTINGS)
    if step is not None and step.rule == "ambiguous_number":
        return text.replace(",", "")
    return step.after if step is not None and step.rule in _KNOWN else None


_SETTINGS = ValueSettings(Cleaning())
