"""What options of `cpis new` say: pairs, lists and kinds, read from text."""

from __future__ import annotations

from collections.abc import Sequence

from cpis_analysis.errors import CpisError, Problem, did_you_mean


def row_said(said: str | None) -> str | None:
    """What a row is, if that was said."""
    from cpis_analysis.new_study.settled import ROWS

    if said is not None and said not in ROWS:
        hint = did_you_mean(said, ROWS)
        raise CpisError(
            "What a row is, is one of four.", Problem("--row", value=said, allowed=", ".join(ROWS), hint=hint)
        )
    return said


def some_of(said: list[str] | None) -> tuple[str, ...] | None:
    """Columns that were named; none of them where the word is ``none``."""
    if not said:
        return None
    return () if said == ["none"] else tuple(said)


def pairs(said: list[str] | None, flag: str, example: str) -> dict[str, str]:
    """What stands before and after the sign of each text."""
    found = {}
    for text in said or ():
        name, sign, value = text.partition("=")
        if not sign or not name.strip() or not value.strip():
            raise CpisError("An option can't be read.", Problem(flag, value=text, allowed=f"such as {flag} {example}"))
        found[name.strip()] = value.strip()
    return found


def numbers(pairs: dict[str, str]) -> dict[str, float]:
    """Pairs whose second part is a number."""
    try:
        return {name: float(value) for name, value in pairs.items()}
    except ValueError:
        raise CpisError(
            "An option can't be read.",
            Problem("--months", value=", ".join(pairs.values()), allowed="numbers, such as --months V5=4"),
        ) from None


def listed_in(text: str) -> tuple[str, ...]:
    """Parts of a text with commas between."""
    return tuple(one.strip() for one in text.split(",") if one.strip())


def kinds_of(said: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Outcomes without their kinds, and the kind of each that has one, by the name before any list of columns."""
    from cpis_analysis.new_study.propose_kinds import KINDS

    outcomes, kinds = [], {}
    for text in said:
        outcome, sign, kind = text.rpartition(":")
        if sign and kind in KINDS:
            kinds[outcome.partition("=")[0].strip()] = kind
        elif sign and (like := did_you_mean(kind, KINDS)):
            raise CpisError(
                "An option can't be read.",
                Problem("no kind of outcome is called so", value=text, allowed=", ".join(KINDS), hint=like),
            )
        outcomes.append(outcome if sign and kind in KINDS else text)
    return outcomes, kinds


def lists_of(said: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Outcomes whose columns were listed: all of them, or none."""
    lists = {}
    for text in said:
        name, sign, columns = text.partition("=")
        if sign:
            lists[name.strip()] = listed_in(columns)
    if lists and (len(lists) < len(said) or not all(lists.values())):
        raise CpisError(
            "Outcomes are named in one way.",
            Problem(
                "--outcome",
                value=", ".join(text for text in said if not lists.get(text.partition("=")[0].strip())),
                allowed="columns listed for each outcome (pain=painA,painB), or for none",
            ),
        )
    return lists
