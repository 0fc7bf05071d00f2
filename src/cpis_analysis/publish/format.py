"""The only place that rounds: numbers as British journals print them.

Numbers are rounded half away from zero on their shortest decimal form, which is the form in which
they stand in the CSV files. A reader who rounds such a number by hand gets what is printed here;
binary rounding (2.675 -> 2.67) and half-even rounding (0.125 -> 0.12) would not give that.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cpis_analysis.publish.capitals import is_proper
from cpis_analysis.publish.cell_parts import (
    HIGH,
    INTERVAL,
    LOW,
    MARK,
    QUANTITY,
    QUARTILES,
    RANGE,
    SD,
    SHARE,
    VALUE,
    VARIANCE,
    WHOLE,
    Part,
    Printed,
    in_role,
    together,
)
from cpis_analysis.publish.sources.ledger import is_mark, marked, unmarked

if TYPE_CHECKING:
    from typing_extensions import TypeIs

MINUS = "−"
DASH = "–"
INFINITY = "∞"

# largest range of a scale -> decimals of a mean, decimals of a difference
_DIGITS = ((2.0, (3, 3)), (12.0, (2, 2)), (500.0, (1, 2)), (math.inf, (0, 0)))
# a scale without known ends is taken to be five standard deviations wide
_WIDTH_IN_SD = 5.0


@dataclass(frozen=True)
class Digits:
    """Decimals for one outcome.

    Attributes
    ----------
    level : int
        Of means and standard deviations.
    difference : int
        Of differences, standard errors and their intervals.
    """

    level: int
    difference: int


def scale_digits(low: float | None = None, high: float | None = None, sd: float | None = None) -> Digits:
    """Choose decimals by the width of an outcome's scale.

    Parameters
    ----------
    low, high : float, optional
        Ends of the scale, in points.
    sd : float, optional
        A typical standard deviation, used where an end is unknown.

    Returns
    -------
    Digits
        (3, 3) up to a width of 2, (2, 2) up to 12, (1, 2) up to 500, else (0, 0); (1, 2) if nothing is known.
    """
    if not is_missing(low) and not is_missing(high) and high > low:
        width = high - low
    elif not is_missing(sd) and sd > 0:
        width = _WIDTH_IN_SD * sd
    else:
        return Digits(1, 2)
    return next(Digits(*digits) for limit, digits in _DIGITS if width <= limit)


def places(sd: float | None) -> int:
    """Decimals of a difference in an outcome with this standard deviation; see `scale_digits`."""
    return scale_digits(sd=sd).difference


def is_missing(value: Any) -> TypeIs[None]:
    """Tell None and NaN (of any library) from a value."""
    # pandas' NA refuses the comparison that tells NaN
    return value is None or type(value).__name__ in {"NAType", "NaTType"} or value != value


def number(value: Any, decimals: int = 1, *, sign: bool = False) -> str:
    """Print a number with a fixed number of decimals.

    Parameters
    ----------
    value : number or missing
        Missing gives an en dash, infinity its sign.
    decimals : int
        0 or more.
    sign : bool
        Print a plus before positive numbers.

    Returns
    -------
    str
        With U+2212 as minus sign, a comma between thousands, and no sign on a number that rounds to zero.
    """
    if is_missing(value):
        return DASH
    if math.isinf(value):
        return in_role(VALUE, (MINUS if value < 0 else "+" if sign else "") + INFINITY)
    text, rounded = _rounded(int(value) if isinstance(value, int) else float(value), decimals, sign)
    text = marked(text, value)
    return Printed(text, (Part(text, VALUE, rounded, decimals, False, sign),))


@lru_cache(maxsize=1 << 15)
def _rounded(value: float, decimals: int, sign: bool) -> tuple[str, float]:
    """The text of a number, and the number that it says; the same numbers stand in several tables and sentences."""
    rounded = Decimal(repr(value)).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    text = f"{abs(rounded):,f}"
    if rounded != 0:
        text = (MINUS if rounded < 0 else "+" if sign else "") + text
    # "or" leaves minus zero behind
    return text, float(rounded) or 0.0


def count(value: Any) -> str:
    """Print a whole number, such as 1,234."""
    return number(value, 0)


def percent(part: Any, whole: Any, decimals: int = 0) -> str:
    """Print a share of counts in per cent, computed in whole numbers so that 23 of 40 is 57.5 exactly.

    A share that is neither none nor all is never printed as 0% or 100%.
    """
    if is_missing(part) or is_missing(whole) or whole == 0:
        return DASH
    share = Decimal(100 * int(part)) / Decimal(int(whole))
    unit = Decimal(1).scaleb(-decimals)
    rounded = share.quantize(unit, rounding=ROUND_HALF_UP)
    if rounded == 0 and part > 0:
        return marked(f"<{unit:f}%", part, whole)
    if rounded == 100 and part < whole:
        return marked(f">{100 - unit:f}%", part, whole)
    return _per_cent(rounded, decimals, part, whole)


def share(value: Any, decimals: int = 0) -> str:
    """Print a share such as 0.084 in per cent: "8.4%"."""
    if is_missing(value):
        return DASH
    hundreds = (Decimal(_decimal_form(value)) * 100).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return _per_cent(hundreds, decimals, value)


def count_percent(part: Any, whole: Any, decimals: int = 0) -> str:
    """Print "12 (34%)"."""
    if is_missing(part) or is_missing(whole) or whole == 0:
        return DASH
    return together(count(part), " (", in_role(SHARE, percent(part, whole, decimals)), ")")


def fraction_percent(part: Any, whole: Any) -> str:
    """Print "12/35 (34%)"."""
    if is_missing(part) or is_missing(whole) or whole == 0:
        return DASH
    share = in_role(SHARE, percent(part, whole))
    return together(count(part), "/", in_role(WHOLE, count(whole)), " (", share, ")")


def word_part_of(word: str, whole: Any) -> str:
    """Print "[c]/35": a word in the place of a count that is not shown."""
    return together(in_role(VALUE, word), "/", in_role(WHOLE, count(whole)))


def part_of(part: Any, whole: Any) -> str:
    """Print "12 of 35"."""
    return together(in_role(VALUE, count(part)), " of ", in_role(WHOLE, count(whole)))


def mean_sd(mean: Any, sd: Any, decimals: int = 1) -> str:
    """Print "13.2 (6.5)"."""
    if is_missing(mean):
        return DASH
    return together(number(mean, decimals), " (", in_role(SD, number(sd, decimals)), ")")


def sd_variance(sd: Any, variance: Any, decimals: int = 1) -> str:
    """Print "2.5 (6.4)"."""
    return together(number(sd, decimals), " (", in_role(VARIANCE, number(variance, decimals)), ")")


def mean_sd_range(mean: Any, sd: Any, low: Any, high: Any, decimals: int = 1, of_ends: int = 0) -> str:
    """Print "13.2 (6.5); 3 to 20"."""
    if is_missing(mean):
        return DASH
    return together(mean_sd(mean, sd, decimals), "; ", interval(low, high, of_ends, RANGE))


def median_quartiles(median: Any, lower: Any, upper: Any, decimals: int = 1) -> str:
    """Print "13.0 (9.5 to 18.0)"."""
    if is_missing(median):
        return DASH
    return together(number(median, decimals), " (", interval(lower, upper, decimals, QUARTILES), ")")


def interval(low: Any, high: Any, decimals: int = 2, ends: tuple[str, str] = (LOW, HIGH)) -> str:
    """Print "−1.70 to 3.06": "to", because a dash reads as a minus.

    `ends` says what the two are, where they are no limits of confidence.
    """
    if is_missing(low) or is_missing(high):
        return DASH
    return together(in_role(ends[0], number(low, decimals)), " to ", in_role(ends[1], number(high, decimals)))


def with_interval(estimate: Any, low: Any, high: Any, decimals: int = 2) -> str:
    """Print "0.68 (−1.70 to 3.06)"."""
    if is_missing(estimate):
        return DASH
    return together(number(estimate, decimals), " (", interval(low, high, decimals), ")")


def with_mark(text: str, mark: str) -> str:
    """Print "7.1% ‡", the sign being one that a note explains; the text as it is where there is none."""
    return together(in_role(VALUE, text), " ", in_role(MARK, mark)) if mark else text


def ci_head(quantity: str, level: str) -> str:
    """Head of a column of estimates with their intervals: "Difference (95% CI)"; without a quantity "95% CI".

    `level` is what `level_words` prints; empty where the rows have several.
    """
    ends = in_role(INTERVAL, f"{level} CI" if level else "CI")
    return together(in_role(QUANTITY, quantity), " (", ends, ")") if quantity else ends


def p_value(value: Any) -> str:
    """Print a p-value with three decimals; never "0.000" nor "1.000".

    Raises
    ------
    ValueError
        If the number is not a probability.
    """
    if is_missing(value):
        return DASH
    if not 0 <= value <= 1:
        raise ValueError(f"{value!r} is not a probability")
    if value < 0.001:
        return marked("<0.001", value)
    return marked(">0.99", value) if value > 0.99 else number(value, 3)


def p_short(value: Any) -> str:
    """Print a p-value as sentences and the main table have it: two decimals, three below 0.01, "<0.001", ">0.99"."""
    if is_missing(value):
        return DASH
    if value < 0.01:
        return p_value(value)
    return marked(">0.99", value) if value > 0.99 else number(value, 2)


def p_relation(shown: str) -> str:
    """A printed p-value as it stands after the letter p: "= 0.042", "<0.001"."""
    return shown if shown[:1] in "<>" else f"= {shown}"


def degrees(value: Any) -> str:
    """Print whole numbers without and others with one decimal; infinity as its sign."""
    if is_missing(value):
        return DASH
    if math.isinf(value):
        return INFINITY
    # a Kenward-Roger df that equals an integer carries rounding error of the inversion
    whole = abs(value - round(value)) < 1e-6
    return number(value, 0 if whole else 1)


def level_words(level: float) -> str:
    """Print 0.95 as "95%" and 0.975 as "97.5%"."""
    share = (Decimal(repr(float(level))) * 100).normalize()
    return _per_cent(share, max(-int(share.as_tuple().exponent), 0), level)


def capital(text: str) -> str:
    """Text with a capital first letter; the rest stays, so that NHS does not become Nhs."""
    return text[:1].upper() + text[1:]


def lower_first(text: str) -> str:
    """Text as it stands within a sentence: "Six months" -> "six months", but NHS stays NHS and "May" stays "May"."""
    plain = (text[1:2].islower() or text[1:2] == " ") and not is_proper(text.split(" ")[0])
    return text[:1].lower() + text[1:] if plain else text


def is_nothing(text: str) -> bool:
    """Whether a printed number is zero to the precision shown."""
    return not unmarked(text).strip("0.,")


def one_line(text: Any) -> str:
    """Fold white space and drop control characters, so that a label stays one line of readable text.

    Characters for private use are dropped too: in a text from outside they mean nothing, and ours are marks.
    """
    return unmarked(own_line(str(text)))


def own_line(text: str) -> str:
    """One line of readable text of our own; the marks of its numbers stay."""
    # of letters that come again each is asked once
    dropped = {letter for letter in set(text) if not (letter.isprintable() or letter.isspace() or is_mark(letter))}
    if dropped:
        text = "".join(letter for letter in text if letter not in dropped)
    return " ".join(text.split())


def _per_cent(share: Decimal, decimals: int, *values: Any) -> Printed:
    text = marked(f"{share:f}%", *values)
    return Printed(text, (Part(text, number=float(share), decimals=decimals, percent=True),))


def _decimal_form(value: Any) -> str:
    return repr(int(value)) if isinstance(value, int) else repr(float(value))
