"""Which column of a file is which variable."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from cpis_analysis.errors import Problem, did_you_mean
from cpis_analysis.intake.account.delivered import Delivered
from cpis_analysis.intake.dictionary.dictionary import Dictionary, Variable
from cpis_analysis.intake.files.checkbox_columns import checkbox_columns, ignored_gaps, undeclared
from cpis_analysis.intake.files.checkboxes import Checkbox, checkboxes_in
from cpis_analysis.intake.files.qualtrics import SESSION_COLUMNS
from cpis_analysis.intake.files.redcap import EVENT_COLUMNS, label_headers, own_columns
from cpis_analysis.intake.values.codes import folded
from cpis_analysis.plan.schema import Source

FEW = 3
"""Missing columns from which on those of a file are looked at together, and names that a message gives."""

_WAVE_COLUMNS = ("wave", "visit", "timepoint", "event")


@dataclass(frozen=True)
class Header:
    """What the columns of a file are.

    Attributes
    ----------
    variables : mapping of int to (str, Variable)
        By position: the name under which the column is known, and its variable.
    wave_column : int or None
        Position of the column that says of which wave a row is.
    left_out : tuple of str
        Columns that are not read.
    remarks : tuple of str
    several : mapping of int to Checkbox
        Columns that hold all answers of a checkbox in one cell.
    unknown : mapping of int to (Checkbox, str)
        Columns that say that the boxes of a checkbox are not known, and why (label of the missing code).
    """

    variables: Mapping[int, tuple[str, Variable]]
    wave_column: int | None
    left_out: tuple[str, ...]
    remarks: tuple[str, ...]
    several: Mapping[int, Checkbox] = field(default_factory=dict)
    unknown: Mapping[int, tuple[Checkbox, str]] = field(default_factory=dict)


def read_header(
    delivered: Delivered,
    source: Source,
    required: Mapping[str, Variable],
    optional: Mapping[str, Variable],
    dictionary: Dictionary,
) -> tuple[Header, list[Problem]]:
    """Find the variable of each column.

    1. The plan's ``rename`` and ``ignore``.
    2. Columns of the program that wrote the file (REDCap's events and forms, Qualtrics's sessions) are left out.
    3. A column is the variable of that name; failing that, the one variable whose name differs by case, spaces or
       punctuation only; in label exports, the one variable of that label. These are remarked.
    4. A column called like a checkbox of which no box is in the file holds its answers in one cell; a column of a
       checkbox's missing code says that its boxes are not known.

    Returns
    -------
    header : Header
    problems : list of Problem
        Missing, unknown, doubled and nameless columns.
    """
    file, problems = source.file, _no_columns(source, delivered.header)
    names = [source.rename.get(column, column) for column in delivered.header]
    known = {**required, **optional}
    at_wave, fault = _wave_column(names, source, delivered.format)
    problems += [fault] if fault else []
    left_out = [*source.ignore]
    vendor = own_columns(tuple(names), dictionary) if delivered.format == "redcap" else set()
    if delivered.format == "qualtrics":
        vendor = {name for name in names if name not in dictionary and folded(name) in SESSION_COLUMNS}
    alike, remarks = _alike(names, known, dictionary, delivered.format)
    several, gaps = checkbox_columns(names, known, delivered.format, {*alike.values()})
    problems += ignored_gaps(delivered, names, source, known, dictionary)
    variables: dict[int, tuple[str, Variable]] = {}
    seen: dict[str, int] = {}
    unknown: list[tuple[int, str]] = []
    for at, given in enumerate(names):
        if delivered.header[at] in source.ignore or at == at_wave:
            continue
        if given in vendor and given not in known:
            left_out.append(given)
            continue
        if at in gaps:
            continue
        if at in several:
            seen |= {column: seen.get(column, 0) + 1 for column in several[at].boxes}
            continue
        name = given if given in known else alike.get(given, given)
        if name:
            seen[name] = seen.get(name, 0) + 1
        if name in known:
            variables[at] = (name, known[name])
        else:
            unknown.append((at, name))
    problems += [
        Problem(f"the column '{name}' stands {times} times", file, 1, hint="rename or remove all but one of them")
        for name, times in seen.items()
        if times > 1
    ]
    missing = [column for column in required if column not in seen]
    used = _otherwise_used(delivered.header, names, at_wave, source)
    spare = [name for name in known if name not in seen]
    problems += _missing_and_unknown(missing, unknown, used, spare, file, dictionary, checkboxes_in(known))
    remarks += [f"'{delivered.header[at]}' holds several answers in one cell" for at in several]
    remarks += [
        f"'{delivered.header[at]}' says that the boxes of {box.field} are not known" for at, (box, _) in gaps.items()
    ]
    return Header(variables, at_wave, tuple(left_out), tuple(remarks), several, gaps), problems


def _no_columns(source: Source, header: Sequence[str]) -> list[Problem]:
    """What the plan renames or ignores and the file does not have."""
    return [
        Problem(
            f"the plan {'renames' if given in source.rename else 'ignores'} '{given}', which is no column",
            source.file,
            1,
            hint=did_you_mean(given, header) or "name a column of the file, or remove it from the source",
        )
        for given in (*source.rename, *source.ignore)
        if given not in header
    ]


def _missing_and_unknown(
    missing: list[str],
    unknown: list[tuple[int, str]],
    used: Mapping[str, Problem],
    spare: list[str],
    file: str,
    dictionary: Dictionary,
    checkboxes: list[Checkbox],
) -> list[Problem]:
    """Columns that should be there, and columns that nobody knows; one problem if it is another file's header."""
    problems: list[Problem] = []
    spelt = list(dict.fromkeys(name for _, name in unknown if name))
    lacking = [column for column in missing if folded(column) not in used]
    exchanged = _another_file(lacking, unknown, file, dictionary)
    if exchanged is not None:
        # the columns one by one would hide the one cause
        problems.append(exchanged)
        missing = [column for column in missing if column not in lacking]
        unknown = [(at, name) for at, name in unknown if name not in dictionary]
    problems += [
        used.get(folded(column))
        or Problem(f"the column '{column}' is missing", file, 1, hint=_other_name(column, spelt))
        for column in missing
    ]
    return problems + _unknown(unknown, missing or spare, file, dictionary, checkboxes)


def _otherwise_used(
    header: tuple[str, ...], names: list[str], at_wave: int | None, source: Source
) -> dict[str, Problem]:
    """Columns that are there and that the plan uses for something else, by the folded name that is missed."""
    found: dict[str, Problem] = {}

    def note(name: str, message: str, hint: str) -> None:
        found[folded(name)] = Problem(message, source.file, 1, hint=hint)

    for given, name in zip(header, names, strict=True):
        if given != name:
            note(
                given,
                f"the plan reads the column '{given}' as '{name}', and the dictionary wants '{given}' in this file too",
                f"take '{given}' out of rename:",
            )
    for at, (given, name) in enumerate(zip(header, names, strict=True)):
        if given in source.ignore:
            note(
                name,
                f"the plan ignores the column '{given}', which the dictionary wants in this file",
                f"take '{given}' out of ignore:, or '{name}' out of the dictionary",
            )
        elif at == at_wave:
            note(
                name,
                f"the column '{given}' says of which wave a row is, so it can't be the variable of that name",
                "give the variable another name in the dictionary, or name another column with wave_column:",
            )
    return found


def _another_file(
    lacking: list[str], unknown: list[tuple[int, str]], file: str, dictionary: Dictionary
) -> Problem | None:
    """That a file seems to be the one of another source: it lacks much, and what it has belongs together elsewhere."""
    strange = list(dict.fromkeys(name for _, name in unknown if name in dictionary))
    places = {_place(dictionary[name]) for name in strange}
    if len(lacking) < FEW or len(strange) < FEW - 1 or len(places) != 1:
        return None
    return Problem(
        f"this seems to be the file of another source: {len(strange)} of its columns are of {places.pop()} "
        f"({_some(strange)}), and {len(lacking)} that belong here are missing ({_some(lacking)})",
        file,
        1,
        hint="look whether two sources of the plan name each other's file, or another wave",
    )


def _place(variable: Variable) -> str:
    return f"wave {' and '.join(variable.waves)}" if variable.waves else f"form '{variable.form}'"


def _some(names: list[str]) -> str:
    return ", ".join(names[:FEW]) + (f" and {len(names) - FEW} more" if len(names) > FEW else "")


def _other_name(column: str, spelt: Collection[str]) -> str | None:
    """The column that may be meant, and how a plan says so."""
    like = did_you_mean(column, spelt)
    if like is None:
        return None
    given = like.removeprefix("did you mean '").removesuffix("'?")
    return f"{like} If it is the same, write under the source rename: {{{given}: {column}}}"


def _unknown(
    unknown: list[tuple[int, str]], open_: list[str], file: str, dictionary: Dictionary, checkboxes: list[Checkbox]
) -> list[Problem]:
    problems = []
    nameless = [str(at + 1) for at, name in unknown if not name]
    for column in dict.fromkeys(name for _, name in unknown if name):
        if column in dictionary:
            where = _place(dictionary[column])
            message = f"the column '{column}' does not belong in this file: in the dictionary it is of {where}"
            problems.append(
                Problem(
                    message,
                    file,
                    1,
                    hint="remove it from the file, or give the variable this file and wave in the dictionary",
                )
            )
        else:
            hint = undeclared(column, checkboxes, dictionary) or did_you_mean(column, open_)
            problems.append(Problem(f"the column '{column}' is not in the dictionary", file, 1, hint=hint))
    if nameless:
        problems.append(
            Problem(
                f"column {', '.join(nameless)} has no name", file, 1, hint="name the column in the file, or remove it"
            )
        )
    return problems


def _alike(
    names: list[str], known: Mapping[str, Variable], dictionary: Dictionary, layout: str
) -> tuple[dict[str, str], list[str]]:
    """Known name by column, for columns that are written otherwise."""
    by_fold: dict[str, list[str]] = {}
    for name in known:
        by_fold.setdefault(folded(name), []).append(name)
    found = {}
    for name in names:
        twins = by_fold.get(folded(name), [])
        if name not in known and name not in dictionary and len(twins) == 1 and twins[0] not in names:
            found[name] = twins[0]
    by_label = {}
    if layout in ("redcap", "qualtrics"):
        labels = label_headers(tuple(names), dictionary)
        by_label = {column: name for column, name in labels.items() if name in known and column not in found}
    remarks = []
    if by_label:
        remarks.append(f"{len(by_label)} columns known by their label")
    if found:
        shown = ", ".join(f"'{a}' is {b}" for a, b in list(found.items())[:5])
        remarks.append(f"columns written otherwise: {shown}" + (" and others" if len(found) > 5 else ""))
    return {**by_label, **found}, remarks


def _wave_column(names: list[str], source: Source, layout: str) -> tuple[int | None, Problem | None]:
    if source.kind != "long":
        return None, None
    if source.wave_column is not None:
        wanted = [source.wave_column]
    else:
        wanted = [
            *(EVENT_COLUMNS if layout == "redcap" else ()),
            *(name for name in names if name.lower() in _WAVE_COLUMNS),
        ]
    given = source.rename.get(source.wave_column or "")
    for name in [*wanted, *([given] if given else [])]:
        if name in names:
            return names.index(name), None
    hint = did_you_mean(source.wave_column, names) if source.wave_column else "name it with wave_column:"
    message = (
        f"the column '{source.wave_column}' is missing"
        if source.wave_column
        else ("no column says of which wave a row is")
    )
    return None, Problem(message, source.file, 1, hint=hint)
