"""Categories: codes stay, labels become their codes, anything else is asked about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from cpis_analysis.errors import did_you_mean
from cpis_analysis.intake.dictionary.dictionary import Variable
from cpis_analysis.intake.values.cell_rule import Step, ValueSettings
from cpis_analysis.intake.values.written_numbers import codes_of_number, number_code, plain_text

_YES_NO_WORDS = {
    "yes": "yes",
    "y": "yes",
    "1": "yes",
    "true": "yes",
    "checked": "yes",
    "no": "no",
    "n": "no",
    "0": "no",
    "false": "no",
    "unchecked": "no",
}
_THOUSANDS = 3
_WRITTEN_NUMBER = re.compile(r"([-+\u2212]?[0-9]+)(?:[.,]([0-9]+))?\Z")
_TRUE_FALSE_WORDS = {"true": "true", "t": "true", "1": "true", "false": "false", "f": "false", "0": "false"}


def label_rule(text: str, variable: Variable, settings: ValueSettings) -> Step | None:
    """Read a cell of a category.

    Accepted beside the code itself: the code or the label in another case or
    spacing, a numeric code with decimals (``1.0`` or ``1,0``), and for yes/no fields the
    usual ways to write them. A value that fits two codes is asked about. Numbers are
    compared as numbers: -1 is not 1 but for punctuation, and 1.0 is not 10.
    """
    if text in variable.choices:
        return None
    number = number_code(text)
    if number is not None:
        return _number_step(text, plain_text(number), variable)
    by_code, by_label = _spellings(tuple(variable.choices.items()))
    key = folded(text)
    codes = by_code.get(key) or by_label.get(key) or ()
    if len(codes) == 1:
        if key in by_code:
            return Step(codes[0], "code_spelling", "the code was written in another case or spacing")
        return Step(codes[0], "label_to_code", "the label stood in place of the code")
    word = _truth(key, variable)
    return Step(word, "yes_no", "another way to write yes or no") if word else _unknown(text, variable)


def _number_step(text: str, number: str, variable: Variable) -> Step:
    codes = codes_of_number(text, variable.choices)
    if len(codes) == 1:
        return Step(codes[0], "numeric_code", "the code was written with decimals")
    labelled = [code for code, label in variable.choices.items() if codes_of_number(text, [label])]
    if len(labelled) == 1 and not codes:
        return Step(labelled[0], "label_to_code", "the label stood in place of the code")
    word = _truth(number, variable)
    return Step(word, "yes_no", "another way to write yes or no") if word else _unknown(text, variable)


def _truth(word: str, variable: Variable) -> str | None:
    """The code that a usual word for yes or no stands for."""
    if variable.type != "yesno":
        return None
    return (_YES_NO_WORDS if "yes" in variable.choices else _TRUE_FALSE_WORDS).get(word)


def _unknown(text: str, variable: Variable) -> Step:
    pieces = [piece.strip() for piece in re.split(r"[,;|\n]", text)]
    if len(pieces) > 1 and all(piece in variable.choices or piece in variable.choices.values() for piece in pieces):
        question = f"{variable.label}: '{text}' are {len(pieces)} answers, where one is allowed. Which is right?"
        return Step("", "unknown_code", "several answers where one is allowed", question)
    hint = did_you_mean(text, variable.choices)
    question = f"{variable.label}: '{text}' is none of {variable.allowed}. What is right?" + (
        f" ({hint})" if hint else ""
    )
    return Step("", "unknown_code", f"is none of {variable.allowed}", question)


def folded(text: str) -> str:
    """Text without case, spaces and punctuation, for comparing spellings.

    A number keeps its sign and its decimals: 1.0 is 1 and not 10, 12.1 is neither 121 nor 12.10, and -1 is not 1.
    """
    number = _WRITTEN_NUMBER.match(text.strip())
    if number is not None and (number.group(2) or number.group(1)[0] in "-\u2212"):
        whole, decimals = number.groups()
        if "," in text and len(decimals or "") == _THOUSANDS:
            return text.strip()  # one, or a thousand
        rest = "" if decimals is None or not decimals.strip("0") else f".{decimals}"
        return whole.replace("\u2212", "-").removeprefix("+") + rest
    return re.sub(r"[\W_]+", "", text.casefold())


def usual_spellings(counts: Mapping[str, int]) -> dict[str, str]:
    """The most frequent of the spellings that cleaning takes for one code, by what is written.

    Signs by which values are compared tell codes apart: ``<5`` is not ``>5``, though cleaning would read ``< 5`` as
    either only where one of them is a code.

    Parameters
    ----------
    counts : mapping of str to int
        Number of cells by what stands in them.
    """
    usual: dict[tuple[str, str], str] = {}
    keys = {text: (folded(text) or text, "".join(re.findall(r"[<>=+%]", text))) for text in counts}
    for text in sorted(counts, key=lambda text: (-counts[text], text)):
        usual.setdefault(keys[text], text)
    return {text: usual[key] for text, key in keys.items()}


def dictionary_code(text: str) -> str:
    """A value as a code that a dictionary can hold: without the signs that separate codes and labels there.

    Cleaning reads the value as this code, because it compares spellings without punctuation.
    """
    decimal = re.sub(r"(?<=[0-9]),(?=[0-9])", ".", text)
    return " ".join(re.sub(r"[,|]", " ", decimal).split()) or text


@lru_cache(maxsize=1024)
def _spellings(choices: tuple[tuple[str, str], ...]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    by_code: dict[str, list[str]] = {}
    by_label: dict[str, list[str]] = {}
    for code, label in choices:
        by_code.setdefault(folded(code), []).append(code)
        by_label.setdefault(folded(label), []).append(code)
    by_code.pop("", None)
    by_label.pop("", None)
    return by_code, by_label
