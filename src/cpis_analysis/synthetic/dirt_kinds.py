"""What can be wrong in a raw file, and how correct cleaning resolves it."""

from __future__ import annotations

from dataclasses import dataclass

DIRT_COLUMNS = (
    "file",
    "line",
    "participant",
    "variable",
    "kind",
    "raw_value",
    "true_value",
    "decidable",
    "clean_value",
    "action",
    "query",
    "rule",
)


@dataclass(frozen=True)
class DirtKind:
    """One kind of dirt.

    ``decidable``: the truth can be told from the files. ``query``: a question for the data manager
    must result. ``action``: recode (to ``clean_value``), missing (the cell is emptied), keep (the
    value stays and is flagged), set aside (the row leaves the clean data with a reason) or drop (a row
    without content).
    """

    decidable: bool
    query: bool
    action: str
    rule: str


DIRT_KINDS: dict[str, DirtKind] = {
    "missing_code": DirtKind(
        True, False, "missing", "A code of the dictionary's Missing Codes is missing, not a number."
    ),
    "name_variant": DirtKind(
        True, False, "recode", "Trust and team names are compared without white space at the ends and case."
    ),
    "name_misspelt": DirtKind(
        True, False, "recode", "A misspelt name that is close to exactly one name of the dictionary is that one."
    ),
    "label_for_code": DirtKind(True, False, "recode", "A label of the dictionary, in any case, stands for its code."),
    "date_format": DirtKind(True, False, "recode", "A date with slashes is day, month, year."),
    "decimal_comma": DirtKind(True, False, "recode", "A comma followed by digits is a decimal point."),
    "number_words": DirtKind(True, False, "recode", "A number that is written out (seventy) is that number."),
    "text_number": DirtKind(
        False, True, "missing", "Words around a number (about 70) or a range of numbers are not a number."
    ),
    "out_of_range": DirtKind(
        False, True, "missing", "A number outside the dictionary's limits that is no missing code is not known."
    ),
    "unknown_code": DirtKind(
        False, True, "missing", "What is neither code nor label nor missing code of its variable is not known."
    ),
    "arm_mismatch": DirtKind(
        True, True, "recode", "The arm belongs to the team: the team list wins over the log, and it is flagged."
    ),
    "gender_changed": DirtKind(
        False, True, "recode", "Gender differs between interviews: the baseline answer is used at both."
    ),
    "followup_before_baseline": DirtKind(
        False, True, "missing", "A follow-up dated before baseline: its date is missing, its answers are kept."
    ),
    "outside_window": DirtKind(
        True, False, "keep", "A follow-up held before five or after eight months is kept and flagged."
    ),
    "branching_contradiction": DirtKind(
        True, False, "missing", "An answer to a question that the branching logic does not ask is missing."
    ),
    "followup_without_baseline": DirtKind(
        True, False, "set aside", "A six-month row of a recruit without a baseline interview is set aside."
    ),
    "unknown_participant": DirtKind(
        True, False, "set aside", "A row of a number that is not in the recruitment log is set aside."
    ),
    "duplicate_row": DirtKind(True, False, "set aside", "Of rows that are the same in every cell the first is kept."),
    "conflicting_duplicate": DirtKind(
        False,
        True,
        "missing",
        "Of two versions of one interview the first row is kept; cells in which they differ are missing "
        "and the second row is set aside.",
    ),
    "blank_row": DirtKind(True, False, "drop", "A row without any entry is dropped."),
}
