"""What looks like an identifier in data that should hold none: found by form, named by column, never shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import pandas as pd

from cpis_analysis.errors import DataError, Problem
from cpis_analysis.study_words import PEOPLE

_TEN_DIGITS = re.compile(r"(?<![\d.,-])(\d{3})[ -]?(\d{3})[ -]?(\d{4})(?![\d.,]?\d)")
_EMAIL = re.compile(r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")
_POSTCODE = re.compile(
    r"(?<![A-Za-z0-9])(GIR ?0AA|(?:[A-PR-UWYZ](?:[0-9]{1,2}|[A-HK-Y][0-9]{1,2}|[0-9][A-HJKPSTUW]|"
    r"[A-HK-Y][0-9][ABEHMNPRVWXY])) ?[0-9][ABD-HJLNP-UW-Z]{2})(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_PHONE = re.compile(
    r"(?<![A-Za-z\d./-])(?:\+44[ -]?(?:\(0\)[ -]?)?|0044[ -]?|\(?0)[1-9](?:[ ()-]{0,2}\d){8,9}(?![\d.,]?\d)"
)
KINDS = {
    "nhs": "a health-service number",
    "email": "an e-mail address",
    "postcode": "a postcode",
    "phone": "a telephone number",
}
_DIGITS_AT_LEAST = 9


def check_for_identifiers(frames: Mapping[str, pd.DataFrame], leave_out: Iterable[str]) -> None:
    """Stop if any text of the frames looks like an identifier.

    Parameters
    ----------
    frames : mapping of DataFrame
        By the name that messages use.
    leave_out : iterable of str
        Columns that are known to be harmless; in frames with a column ``variable``, rows about these variables.

    Raises
    ------
    DataError
        Naming columns and how many cells; never a value, participant or line.
    """
    leave_out = set(leave_out)
    problems = []
    for name, frame in frames.items():
        about = frame["variable"] if "variable" in frame else None
        for column in frame:
            if column in leave_out or column in ("source", "query_id", "rule"):
                continue
            values = frame[column]
            if isinstance(values.dtype, pd.CategoricalDtype) or pd.api.types.is_bool_dtype(values):
                continue
            if pd.api.types.is_datetime64_any_dtype(values):
                continue
            counts: dict[tuple[str, str], int] = {}
            kept = values if about is None else values[~about.isin(leave_out)]
            owners = None if about is None else about[~about.isin(leave_out)]
            found = {text: kinds_in(text) for text in _suspicious(kept)}
            found = {text: kinds for text, kinds in found.items() if kinds}
            if not found:
                continue
            texts = _as_text(kept)
            hits = texts[texts.isin(list(found))]
            for at, text in hits.items():
                owner = column if owners is None or not owners.at[at] else str(owners.at[at])
                for kind in found[text]:
                    counts[(owner, kind)] = counts.get((owner, kind), 0) + 1
            problems += [
                Problem(
                    f"holds what looks like {KINDS[kind]}",
                    file=name,
                    variable=owner,
                    count=count,
                    hint="mark the variable as Identifier in the dictionary, correct the cells, or list it under "
                    "data.privacy.known_harmless",
                )
                for (owner, kind), count in sorted(counts.items())
            ]
    if problems:
        raise DataError(f"The clean data may name {PEOPLE}; nothing was written.", problems)


def kinds_in(text: str) -> tuple[str, ...]:
    """Kinds of identifier that a text contains."""
    found = []
    if any(is_nhs_number("".join(match.groups())) for match in _TEN_DIGITS.finditer(text)):
        found.append("nhs")
    if "@" in text and _EMAIL.search(text):
        found.append("email")
    if _POSTCODE.search(text):
        found.append("postcode")
    if _PHONE.search(text) and "nhs" not in found:
        found.append("phone")
    return tuple(found)


def is_nhs_number(digits: str) -> bool:
    """Whether ten digits have the check digit of an NHS number (modulus 11, weights 10 to 2)."""
    if not re.fullmatch(r"[0-9]{10}", digits) or len(set(digits)) == 1:
        return False
    check = 11 - sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False)) % 11
    return (0 if check == 11 else check) == int(digits[9])


def _as_text(values: pd.Series) -> pd.Series:
    if pd.api.types.is_numeric_dtype(values):
        whole = values.astype(float)
        return whole.map(lambda value: f"{value:.0f}" if value == value and abs(value) >= 10**_DIGITS_AT_LEAST else "")
    return values.astype(object).where(values.notna(), "").astype(str)


def _suspicious(values: pd.Series) -> list[str]:
    """Different texts that are long enough and hold a digit or an @."""
    if pd.api.types.is_numeric_dtype(values):
        large = values[values.abs() >= 10**_DIGITS_AT_LEAST]
        return [text for text in _as_text(large).unique() if text]
    texts = _as_text(values).unique()
    return [text for text in texts if len(text) >= 5 and ("@" in text or any(sign.isdigit() for sign in text))]
