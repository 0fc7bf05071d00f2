"""REDCap CSV: events in rows, checkbox columns, columns about events, instances, surveys and forms."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from cpis_analysis.intake.account.delivered import Delivered
from cpis_analysis.intake.dictionary.dictionary import Dictionary
from cpis_analysis.intake.values.codes import folded

EVENT_COLUMNS = ("redcap_event_name", "Event Name")
INSTRUMENT_COLUMNS = ("redcap_repeat_instrument", "Repeat Instrument")
INSTANCE_COLUMNS = ("redcap_repeat_instance", "Repeat Instance")
GROUP_COLUMNS = ("redcap_data_access_group", "Data Access Group")
_OTHER = (
    *GROUP_COLUMNS,
    "redcap_survey_identifier",
    "Survey Identifier",
    "Survey Timestamp",
    "Complete?",
)
_ARM = re.compile(r"_arm_\d+\Z| \(Arm \d+: [^)]*\)\Z")
_CHECKBOX_LABEL = re.compile(r"(.*) \(choice=(.*)\)\Z", re.DOTALL)


def is_redcap(delivered: Delivered) -> bool:
    """Whether REDCap's own columns stand in the header."""
    names = set(delivered.header)
    return bool(names & {*EVENT_COLUMNS, *INSTRUMENT_COLUMNS, *_OTHER}) or (
        any(name.endswith("_complete") for name in names)
        and any("___" in name or name.endswith("_timestamp") for name in names)
    )


def own_columns(header: tuple[str, ...], dictionary: Dictionary) -> set[str]:
    """Columns that REDCap adds and that hold no answers."""
    return {name for name in header if name not in dictionary and is_own_column(name)}


def is_own_column(name: str) -> bool:
    """Whether a column is called like those that REDCap adds."""
    repeated = tuple(f"{name}." for name in ("Complete?", "Survey Timestamp"))
    own = (*EVENT_COLUMNS, *INSTRUMENT_COLUMNS, *INSTANCE_COLUMNS, *_OTHER)
    return name in own or name.startswith(repeated) or name.endswith(("_complete", "_timestamp"))


def event_without_arm(event: str) -> str:
    """Name of an event without the arm in which REDCap has it: ``baseline_arm_1`` is baseline."""
    return _ARM.sub("", event)


def repeated_instruments(delivered: Delivered) -> np.ndarray:
    """(n,) bool: rows of REDCap's repeating instruments, which are no interviews of a wave."""
    at = next((at for at, name in enumerate(delivered.header) if name in INSTRUMENT_COLUMNS), None)
    if at is None:
        return np.zeros(len(delivered), dtype=bool)
    return np.array([bool(text.strip()) for text in delivered.columns[at]], dtype=bool)


def label_headers(header: tuple[str, ...], dictionary: Dictionary) -> Mapping[str, str]:
    """Variable by column, where the header holds field labels in place of names (REDCap's label export).

    A label that two variables share is left out: which one is meant cannot be known.
    """
    by_label: dict[str, list[str]] = {}
    for variable in dictionary.values():
        by_label.setdefault(folded(variable.label), []).append(variable.name)
    found = {}
    for column in header:
        if column in dictionary:
            continue
        match = _CHECKBOX_LABEL.match(column)
        wanted = f"{match.group(1)}: {match.group(2)}" if match else column
        names = by_label.get(folded(wanted), [])
        if len(names) == 1:
            found[column] = names[0]
    return found
