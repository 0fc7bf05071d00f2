"""Numbers as people type them: decimal commas, number words, odd minus signs, per cent signs, too many digits."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from cpis_analysis.intake.dictionary.dictionary import Variable
from cpis_analysis.intake.values.cell_rule import Step, ValueSettings

_PLAIN = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,3})?\Z")
_DECIMAL_COMMA = re.compile(r"[-+]?[0-9]*,[0-9]+\Z")
_THOUSANDS = re.compile(r"[-+]?[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]+)?\Z")
_SAFE_LENGTH = 15
_WHOLE_PERCENT = 100
_MINUS_SIGNS = str.maketrans({"\u2212": "-", "\u2013": "-", "\u2010": "-", "\u2011": "-"})
_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_WORDS = {word: value for value, word in enumerate(_UNITS)} | {word: 10 * (tens + 2) for tens, word in enumerate(_TENS)}


def is_plain_number(text: str) -> bool:
    """Whether text is a finite number in digits with a decimal point."""
    return bool(_PLAIN.match(text)) and math.isfinite(float(text))


def plain_text(value: float) -> str:
    """Shortest text of a number; 72.0 is '72'."""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))


def number_code(text: str) -> float | None:
    """The number that a code is, however it is written: 1, 1.0, 01 and 1,0 are one; None for what is no number.

    ``1,000`` is none, since it can be one or a thousand.
    """
    signed = text.strip().translate(_MINUS_SIGNS)
    if _DECIMAL_COMMA.match(signed) and not _THOUSANDS.match(signed):
        signed = signed.replace(",", ".")
    return float(signed) if is_plain_number(signed) else None


def codes_of_number(text: str, codes: Iterable[str]) -> list[str]:
    """Codes that are the same number as a text; none if the text is no number."""
    number = number_code(text)
    return [] if number is None else [code for code in codes if number_code(code) == number]


def number_rule(text: str, variable: Variable, settings: ValueSettings) -> Step | None:
    """Read a cell of a numeric variable.

    Notes
    -----
    ``1,250`` can be one and a quarter or twelve hundred and fifty. It is read only
    where one of the two is possible for the variable, or where the file's column
    separator shows that commas are decimal; otherwise the data manager is asked.
    """
    if is_plain_number(text):
        return _whole(text, text, variable)
    if text.endswith("%"):
        return _percent(text, variable, settings)
    signed = text.translate(_MINUS_SIGNS)
    if signed != text and is_plain_number(signed):
        return _whole(text, signed, variable) or Step(signed, "minus_sign", "a dash was typed for a minus sign")
    commas = settings.cleaning.decimal_comma or variable.decimal_comma
    if commas and (_DECIMAL_COMMA.match(signed) or _THOUSANDS.match(signed)):
        return _with_comma(text, signed, variable, settings)
    if settings.cleaning.number_words:
        value = number_from_words(text)
        if value is not None:
            return Step(str(value), "number_words", "the number was written out")
    return _unreadable(text, variable)


def digits_rule(text: str, variable: Variable, settings: ValueSettings) -> Step | None:
    """Note where a number is held as another one than is written, because a double has 15 to 17 digits."""
    if (len(text) <= _SAFE_LENGTH and "e" not in text.lower()) or not is_plain_number(text):
        return None
    held = plain_text(float(text))
    try:
        if Decimal(held) == Decimal(text):
            return None
    except InvalidOperation:  # an exponent beyond what decimals hold, which is beyond any double
        pass
    small = float(text) == 0
    reason = "so small that it is held as zero" if small else "has more digits than can be held"
    return Step(held, "too_small" if small else "more_digits", reason)


def number_from_words(text: str) -> int | None:
    """A whole number from 0 to 999 in English words ('forty-two', 'one hundred and five'), or None."""
    words = re.sub(r"[-\s]+", " ", text.strip().lower()).split(" ")
    negative = words[0] == "minus"
    words = words[1:] if negative else words
    hundreds = 0
    if "hundred" in words:
        at = words.index("hundred")
        if at != 1 or words[0] not in ("a", *_UNITS[1:10]):
            return None
        hundreds = 100 * (1 if words[0] == "a" else _WORDS[words[0]])
        words = words[2:]
        if words[:1] == ["and"]:
            words = words[1:]
            if not words:
                return None
    rest = _below_hundred(words) if words else (0 if hundreds else None)
    if rest is None or (hundreds and words and rest == 0):
        return None
    return -(hundreds + rest) if negative else hundreds + rest


def _below_hundred(words: list[str]) -> int | None:
    if len(words) == 1:
        return _WORDS.get(words[0])
    if len(words) == 2 and words[0] in _TENS and words[1] in _UNITS[1:10]:
        return _WORDS[words[0]] + _WORDS[words[1]]
    return None


def _percent(text: str, variable: Variable, settings: ValueSettings) -> Step:
    """46% is 46 where values go up to 100, .46 where they end at 1; where that can't be told it is asked."""
    number = text[:-1].strip().translate(_MINUS_SIGNS)
    if settings.cleaning.decimal_comma and _DECIMAL_COMMA.match(number) and not _THOUSANDS.match(number):
        number = number.replace(",", ".")
    if not is_plain_number(number):
        return _unreadable(text, variable)
    share = format((Decimal(number) / 100).normalize(), "f")
    high: Any = variable.high
    if high is None:
        readings = [number, share]
    elif high >= _WHOLE_PERCENT or high <= 1:
        readings = [number if high >= _WHOLE_PERCENT else share]
    else:
        readings = [one for one in (number, share) if _possible(float(one), variable)] or [number]
    if len(readings) == 1:
        reason = "per cent, of values that end at 1" if readings[0] == share else "written with a per cent sign"
        return _whole(text, readings[0], variable) or Step(readings[0], "percent_sign", reason)
    how = "Give the variable its largest allowed value (1, or 100) in the dictionary."
    return Step(
        "",
        "ambiguous_percent",
        f"'{text}' can be {number} or {share}",
        f"{variable.label}: is '{text}' {number} or {share}? {how}",
        f"{variable.label}: cells hold per cent, such as '{text}': is that {number} or {share}? {how}",
    )


def fraction_beside_percent(text: str, variable: Variable) -> bool:
    """Whether a number is likely a share of which the per cent format was lost, in a column of per cent up to 100."""
    return (
        isinstance(variable.high, float)
        and variable.high >= _WHOLE_PERCENT
        and is_plain_number(text)
        and (0 < abs(float(text)) < 1)
    )


def _with_comma(text: str, signed: str, variable: Variable, settings: ValueSettings) -> Step | None:
    decimal = signed.replace(",", ".") if _DECIMAL_COMMA.match(signed) else None
    thousands = None
    if _THOUSANDS.match(signed) and not ((settings.decimal_comma_only or variable.decimal_comma) and decimal):
        thousands = signed.replace(",", "")
    readings = [reading for reading in (decimal, thousands) if reading is not None]
    possible = [reading for reading in readings if _possible(float(reading), variable)]
    if len(readings) == 1:
        return _whole(text, readings[0], variable) or _comma_step(readings[0], decimal, variable)
    if len(possible) == 1:
        return _comma_step(possible[0], decimal, variable)
    question = f"{variable.label}: is '{text}' {decimal} or {thousands}?"
    return Step("", "ambiguous_number", f"'{text}' can be {decimal} or {thousands}", question)


def _comma_step(reading: str, decimal: str | None, variable: Variable) -> Step:
    after = plain_text(float(reading)) if variable.type == "integer" else reading
    if reading == decimal:
        return Step(after, "decimal_comma", "a decimal comma was typed")
    return Step(after, "thousands_comma", "the comma separates thousands")


def _possible(value: float, variable: Variable) -> bool:
    if variable.type == "integer" and value != int(value):
        return False
    return variable.within(value)


def _whole(text: str, number: str, variable: Variable) -> Step | None:
    if variable.type != "integer" or float(number) == int(float(number)):
        return None
    question = f"{variable.label}: '{text}' is not a whole number. What is right?"
    return Step("", "not_whole", "a whole number is required", question)


def _unreadable(text: str, variable: Variable) -> Step:
    if _PLAIN.match(text):
        question = f"{variable.label}: {text} is larger than any number that can be held. What is right?"
        return Step("", "unreadable_number", "is larger than any number that can be held", question)
    question = f"{variable.label}: '{text}' is not a number. What is right?"
    return Step("", "unreadable_number", f"cannot be read as a {variable.allowed}", question)
