"""Typing errors of known kinds in files of every layout, and what correct cleaning may make of each cell.

A case is a number: from it come the layout, the errors and where they stand. The clean truth is known, so each cell of
the result is either what it was, or what its error allows; anything else is a silent difference.
"""

from __future__ import annotations

import csv
import io
import pickle
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

import pandas as pd

import intake_vendors as vendors
from cpis_analysis.errors import DataError
from cpis_analysis.intake.clean import CleanData, clean
from cpis_analysis.intake.dictionary.dictionary import Dictionary
from cpis_analysis.intake.files import own_process as read_in_child
from cpis_analysis.intake.files import spss_stata as labelled
from cpis_analysis.plan.schema import Cleaning, Data
from cpis_analysis.plan.schema_design import Design
from intake_study import study_dictionary

LAYOUTS = tuple(vendors.VENDORS)
WITH_LOG = ("csv with byte-order mark", "csv windows semicolons", "redcap label", "qualtrics", "spss", "excel")
"""Layouts in which the recruitment log is told apart from interviews, so that a wrong number can be seen."""
EVENTS = {
    "csv long": ("wave", "participant_id"),
    "redcap raw": ("redcap_event_name", "participant_id"),
    "redcap label": ("Event Name", "Participant"),
}
NUMBERS = {"age": (16, 110), "score": (0, 100)}
CATEGORIES = ("gender", "alone", "arm", "status")
PLACES = ("trust", "team")
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
ONES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

SAME, ASKED, MISSING, TYPED, EITHER = "same", "asked", "missing", "typed", "either"
"""What may become of a cell: what it was; missing and asked about; missing; what was typed, as that is possible too;
what it was or missing."""
TEXT = (
    "csv with byte-order mark",
    "csv windows semicolons",
    "csv long",
    "csv wide",
    "redcap raw",
    "redcap label",
    "qualtrics",
)
"""Layouts of which whole rows and columns are disturbed too."""
NOTES = (
    "=1+1",
    'O\'Neil; "quoted", and more',
    "Zoë – naïve",
    "-5",
    "@home",
    "+44",
    "two\nlines",
    "none",
    "a\tb",
    "x" * 900,
    "1,5",
    "TRUE",
)
UNDECIDABLE = {
    "another possible value": "a value that the dictionary allows is taken for what it is",
    "a word for no answer": "one of cleaning.no_answer is taken for what it says",
    "missing code for an answer": "a code of the dictionary's Missing Codes is taken for what it is",
    "another person's number": "a row of somebody of the log without a row of their own is taken for theirs",
    "swapped headers": "two columns with swapped names, where the values of each are possible in the other",
}
"""Errors that nobody can see in the files: the listed kinds in which a difference is silent."""


@dataclass
class Case:
    """What was done to the files, and what it allows.

    Attributes
    ----------
    layout : str
    people, talks
        The truth of `intake_vendors.truth`, with errors.
    cells : dict of (participant, wave, variable) to (str, str)
        What may become of a cell, and what was typed.
    lost : set of (participant, wave)
        Rows that may be missing, and asked about.
    kinds : list of str
    rearrange : list of callable
        What is done to all rows of a written text file, with the number of those that are header.
    refused : list of str
        What the refusal says one of, where the files must be refused; empty where they must not.
    anything : bool
        Whether differences are not looked at, because the error can't be seen.
    """

    layout: str
    people: list[dict[str, str]]
    talks: dict[str, list[dict[str, str]]]
    cells: dict[tuple[str, str, str], tuple[str, str]] = field(default_factory=dict)
    lost: set[tuple[str, str]] = field(default_factory=set)
    kinds: list[str] = field(default_factory=list)
    rearrange: list[Callable[[list[list[str]], int], list[list[str]]]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    anything: bool = False


# errors of single cells: text and what may become of it


def _number(name: str, text: str, rng: random.Random) -> tuple[str, str, str]:
    low, high = NUMBERS[name]
    value = float(text)
    whole = value == int(value)
    choices = [
        ("white space", SAME, f" {text}\u00a0"),
        ("decimals", SAME, f"{value:.2f}"),
        ("words around", ASKED, f"about {text}"),
        ("range", ASKED, f"{text}-{high}"),
        ("letters", ASKED, "5O"),
        ("out of range", ASKED, str(high + rng.randint(1, 900))),
        ("out of range", ASKED, str(low - rng.randint(1, 7))),
        ("not a number", ASKED, rng.choice(["x", "1e999", "½", "0x10", "?", "12.3.4", "1 2"])),
        ("a word for no answer", MISSING, rng.choice(["NA", "n/a", "NULL", ".", "--", "nan"])),
        ("another possible value", TYPED, str(rng.randint(low, high))),
    ]
    if not whole:
        choices.append(("decimal comma", SAME, text.replace(".", ",")))
    elif 20 <= value < 100:
        tens, ones = divmod(int(value), 10)
        choices.append(("number in words", SAME, TENS[tens - 2] + (f"-{ONES[ones - 1]}" if ones else "")))
    if name == "age":
        choices += [("not whole", ASKED, f"{int(value)}.5"), ("missing code for an answer", MISSING, "999")]
    else:
        choices += [
            ("missing code for an answer", MISSING, rng.choice(["-9", "-8", "-9.0"])),
            ("missing code for an answer", MISSING, "Refused"),
        ]
    return rng.choice(choices)


def _date(name: str, text: str, rng: random.Random) -> tuple[str, str, str]:
    year, month, day = text.split("-")
    return rng.choice(
        [
            ("white space", SAME, f" {text} "),
            ("day first", SAME, f"{day}/{month}/{year}"),
            ("day first", SAME, f"{int(day)}.{int(month)}.{year}"),
            ("month by name", SAME, f"{int(day)} {MONTHS[int(month) - 1]} {year}"),
            ("time of day", SAME, f"{text} 10:30:00"),
            ("impossible date", ASKED, f"{year}-02-31"),
            ("impossible date", ASKED, f"31/0{rng.choice('469')}/{year}"),
            ("no date", ASKED, rng.choice(["soon", "?", "2018"])),
            *([("out of range", ASKED, f"1{year[1:]}-{month}-{day}")] if name == "interview_date" else []),
        ]
    )


def _category(name: str, text: str, rng: random.Random) -> tuple[str, str, str]:
    codes = vendors.CODES[name]
    other = rng.choice([code for code in codes if code != text])
    choices = [
        ("white space", SAME, f"  {text} "),
        ("case", SAME, text.upper()),
        ("label", SAME, codes[text]),
        ("label", SAME, codes[text].lower() + " "),
        ("unknown code", ASKED, rng.choice(["xyz", "7", "not sure", "?"])),
        ("another possible value", TYPED, other),
    ]
    if name == "alone":
        choices += [
            ("yes or no", SAME, {"yes": "Y", "no": "N"}[text]),
            ("yes or no", SAME, {"yes": "TRUE", "no": "FALSE"}[text]),
        ]
    return rng.choice(choices)


def _place(name: str, text: str, rng: random.Random) -> tuple[str, str, str]:
    codes = vendors.CODES[name]
    other = rng.choice([code for code in codes if code != text])
    choices = [
        ("white space", SAME, f" {text} "),
        ("case", SAME, text.lower()),
        ("label", SAME, codes[text].upper()),
        ("unknown place", ASKED, "Elsewhere"),
        ("another possible value", TYPED, other),
    ]
    if name == "team":
        choices.append(("misspelt", SAME, {"North": "Nroth", "South": "Sotuh"}[text]))
    return rng.choice(choices)


def _note(name: str, text: str, rng: random.Random) -> tuple[str, str, str]:
    return "free text", TYPED, rng.choice(NOTES)


def _kind_of(name: str) -> Callable[[str, str, random.Random], tuple[str, str, str]] | None:
    if name in NUMBERS:
        return _number
    if name in vendors.DATES:
        return _date
    if name in CATEGORIES:
        return _category
    return _place if name in PLACES else _note if name == "note" else None


# building a case


def case_of(seed: int) -> Case:
    """The case of a number."""
    rng = random.Random(f"intake {seed}")
    layout = LAYOUTS[seed % len(LAYOUTS)]
    people, talks = vendors.truth()
    case = Case(layout, people, talks)
    if layout in WITH_LOG and rng.random() < 0.02:
        _lose_letters(case)
    for _ in range(rng.randint(1, 4)):
        draw = rng.random()
        if draw < 0.7:
            _soil_cell(case, rng)
        elif draw < 0.8 and layout in WITH_LOG:
            _soil_number(case, rng)
        elif draw < 0.84 and layout in WITH_LOG:
            _second_version(case, rng)
        elif draw < 0.96 and layout in TEXT:
            _soil_rows(case, rng)
        elif draw < 0.98 and layout in TEXT:
            _soil_columns(case, rng)
        elif layout in EVENTS:
            _soil_event(case, rng)
    if not case.kinds:
        _soil_cell(case, rng)
    return case


def _soil_cell(case: Case, rng: random.Random) -> None:
    wave = rng.choice(["", "0m", "6m"])
    row = rng.choice(case.people if wave == "" else case.talks[wave])
    names = [
        name
        for name in row
        if _kind_of(name) is not None and (row[name] not in ("", "-9", "-8", "999") or name == "note")
    ]
    person = _truth_of(row["participant_id"])
    free = [name for name in names if (person, wave, name) not in case.cells]
    if not free or person is None:
        return
    name = rng.choice(free)
    kind, allowed, text = _kind_of(name)(name, row[name], rng)
    row[name] = text
    case.kinds.append(kind)
    case.cells[person, wave, name] = (allowed, text)
    if name == "trust" and allowed == ASKED:
        case.cells[person, "", "team"] = (EITHER, "")


def _soil_number(case: Case, rng: random.Random) -> None:
    wave = rng.choice(["0m", "6m"])
    row = rng.choice(case.talks[wave])
    person = row["participant_id"]
    if _truth_of(person) is None or (person, wave) in case.lost or case.refused:
        return
    own = {other["participant_id"] for other in case.talks[wave]}
    without = [one["participant_id"] for one in case.people if one["participant_id"] not in own]
    spellings = (f" {person.lower()}", f"{person[0]}-{person[1:]}", f"{person[0]} {person[1:]} ")
    choices = [
        *(("spelling of the number", text) for text in spellings),
        ("no number", ""),
        ("number in no log", f"X{rng.randint(50, 99)}"),
    ]
    if without:
        choices.append(("another person's number", rng.choice(without)))
    kind, text = rng.choice(choices)
    row["participant_id"] = text
    case.kinds.append(kind)
    if kind == "spelling of the number":
        return
    case.lost |= {(person, wave), (person, "6m")}
    if kind == "another person's number":
        case.lost |= {(text, wave)}


def _lose_letters(case: Case) -> None:
    """A spreadsheet, or somebody in a hurry, took what stands in front of the numbers of a file."""
    for row in case.talks["6m"]:
        row["participant_id"] = row["participant_id"].lstrip("P0")
    case.kinds.append("numbers that lost their letters")
    case.refused.append("numbers_like")


def _soil_event(case: Case, rng: random.Random) -> None:
    """A row of an event that is no wave."""
    again = random.Random(rng.random())

    def rearranged(rows: list[list[str]], head: int) -> list[list[str]]:
        rows = [list(row) for row in rows]
        column, key = EVENTS[case.layout]
        if column not in rows[0] or key not in rows[0] or len(rows) < 2:
            return rows
        row = rows[again.randint(head, len(rows) - 1)]
        person, event = row[rows[0].index(key)], row[rows[0].index(column)].lower()
        row[rows[0].index(column)] = "Unscheduled"
        if _truth_of(person) is None:
            case.anything = True
            return rows
        lost = ["6m"] if event.startswith(("6m", "six")) else ["0m", "6m"]
        lost += [""] if event.startswith("enrol") or case.layout != "redcap label" else []
        case.lost |= {(person, wave) for wave in lost}
        return rows

    case.kinds.append("event that is no wave")
    case.rearrange.append(rearranged)


def _second_version(case: Case, rng: random.Random) -> None:
    """A second row of an interview with another answer: both can be right."""
    wave = rng.choice(["0m", "6m"])
    row = rng.choice(case.talks[wave])
    person, low, high = _truth_of(row["participant_id"]), *NUMBERS["score"]
    if person is None or (person, wave, "score") in case.cells or (person, wave) in case.lost:
        return
    other = row | {"score": str(rng.choice([value for value in range(low, high) if f"{value}" != row["score"]]))}
    case.talks[wave].append(other)
    case.kinds.append("two versions of an interview")
    case.cells[person, wave, "score"] = (ASKED, other["score"])


def _soil_rows(case: Case, rng: random.Random) -> None:
    kind = rng.choice(["blank rows", "rows in another order", "rows that stand twice", "columns in another order"])
    again = random.Random(rng.random())

    def rearranged(rows: list[list[str]], head: int) -> list[list[str]]:
        if kind == "columns in another order":
            order = again.sample(range(len(rows[0])), len(rows[0]))
            return [[row[at] for at in order if at < len(row)] for row in rows]
        body = [list(row) for row in rows[head:]]
        if kind == "blank rows":
            for _ in range(3):
                body.insert(again.randint(0, len(body)), [""] * len(rows[0]))
        elif kind == "rows in another order":
            again.shuffle(body)
        else:
            body.append(list(again.choice(body)))
        return [*rows[:head], *body]

    case.kinds.append(kind)
    case.rearrange.append(rearranged)


def _soil_columns(case: Case, rng: random.Random) -> None:
    """Faults of a header, which is refused as a whole, or read in another spelling."""
    kind = rng.choice(
        [
            "header in another spelling",
            "column missing",
            "column twice",
            "column nobody knows",
            "swapped headers",
            "row cut off",
        ]
    )
    name = {"redcap label": "Score"}.get(case.layout, "score_6m" if case.layout == "csv wide" else "score")
    other = {"redcap label": "Age in years"}.get(case.layout, "age_0m" if case.layout == "csv wide" else "age")

    def rearranged(rows: list[list[str]], head: int) -> list[list[str]]:
        rows = [list(row) for row in rows]
        if name not in rows[0]:
            return rows
        at = rows[0].index(name)
        if kind == "header in another spelling":
            rows[0][at] = name.upper().replace("_", " ")
        elif kind == "column missing":
            rows = [row[:at] + row[at + 1 :] for row in rows]
        elif kind == "column twice":
            rows = [[*row, row[at]] for row in rows]
        elif kind == "column nobody knows":
            rows = [[*row, "extra" if number == 0 else "1"] for number, row in enumerate(rows)]
        elif kind == "swapped headers" and other in rows[0]:
            two = rows[0].index(other)
            rows[0][at], rows[0][two] = rows[0][two], rows[0][at]
        elif kind == "row cut off":
            rows[-1] = rows[-1][:-1] if len(rows[-1]) > 2 else rows[-1]
        return rows

    case.kinds.append(kind)
    case.rearrange.append(rearranged)
    case.anything |= kind == "swapped headers"
    said = {
        "column missing": "is missing",
        "column twice": "stands 2 times",
        "column nobody knows": "not in the dictionary",
        "row cut off": "cells where the header has",
    }
    case.refused += [said[kind]] if kind in said else []


@cache
def _known() -> frozenset[str]:
    return frozenset(person["participant_id"] for person in vendors.truth()[0])


def _truth_of(person: str) -> str | None:
    return person if person in _known() else None


# writing and cleaning


@contextmanager
def _instead(case: Case) -> Iterator[None]:
    with mock.patch.object(vendors, "truth", return_value=(case.people, case.talks)):
        yield


def _read_here(path: Path, kind: str) -> dict:
    """What the child process of the reader gives, without the process: these files are not damaged."""
    return pickle.loads(pickle.dumps(read_in_child.read(kind, str(path))))


def cleaned(case: Case) -> CleanData:
    """Write the files of a case in its layout and clean them."""
    with TemporaryDirectory() as name, _instead(case):
        folder = Path(name)
        vendors.write_dictionary(folder)
        sources = vendors.VENDORS[case.layout](folder)
        for change in case.rearrange:
            for path in sorted((folder / "raw").glob("*.csv")):
                if path.name != "dictionary.csv":
                    _rewrite(path, change, case.layout)
        # the scan for identifiers has tests of its own, and takes a quarter of the time
        data = Data(dictionary="raw/dictionary.csv", sources=sources, privacy={"scan": False})
        with mock.patch.object(labelled, "_read", _read_here):
            return clean(data, Design(**vendors.DESIGN), Cleaning(), _dictionary(), folder)


@cache
def _dictionary() -> Dictionary:
    with TemporaryDirectory() as name:
        vendors.write_dictionary(Path(name))
        return study_dictionary(Path(name))


def _rewrite(path: Path, change: Callable, layout: str) -> None:
    encoding = {"csv with byte-order mark": "utf-8-sig", "csv windows semicolons": "windows-1252"}.get(layout, "utf-8")
    text = path.read_bytes().decode(encoding)
    delimiter = ";" if layout == "csv windows semicolons" else ","
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    head = 3 if layout == "qualtrics" and path.name != "log.csv" else 1
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n" if delimiter == ";" else "\n").writerows(
        change(rows, head)
    )
    path.write_bytes(out.getvalue().encode(encoding))


@cache
def truth_in(layout: str) -> CleanData:
    """What the files without errors are cleaned to."""
    return cleaned(Case(layout, *vendors.truth()))


# the oracle


def faults(seed: int) -> list[str]:
    """`faults_of` of the case of a number."""
    return faults_of(case_of(seed))


def faults_of(case: Case) -> list[str]:
    """Everything that cleaning made of a case and should not have; any exception is one of them."""
    whole = truth_in(case.layout)
    try:
        result = cleaned(case)
    except DataError as error:
        right = any(text in str(error) for text in case.refused) or case.anything
        fault_of_ours = "fault of the program" in str(error) or not error.problems
        return [] if right and not fault_of_ours else [f"refused: {error}"]
    except Exception as error:  # whatever it is, it should have been a message
        return [f"traceback: {type(error).__name__}: {error}"]
    if case.refused:
        return [f"not refused, though it had: {', '.join(case.kinds)}"]
    account = result.reconciliation
    adds_up = (account["rows_in"] == account["rows_out"] + account["rows_set_aside"]).all()
    found = [] if adds_up else ["rows do not add up"]
    if case.anything:
        return found
    found += _people(case, whole.participants, result)
    for wave in ("0m", "6m"):
        found += _wave(case, wave, whole, result)
    return found


def _people(case: Case, whole: pd.DataFrame, result: CleanData) -> list[str]:
    names = [name for name in whole if name not in ("source", "line")]
    return _compare(case, "", whole[names], result.participants[names], result)


def _wave(case: Case, wave: str, whole: CleanData, result: CleanData) -> list[str]:
    names = [name for name in whole.interviews if name not in ("source", "line", "wave", "outside_window", *PLACES)]
    one, other = (frame.loc[frame["wave"] == wave, names] for frame in (whole.interviews, result.interviews))
    return _compare(case, wave, one, other, result)


def _compare(case: Case, wave: str, whole: pd.DataFrame, found: pd.DataFrame, result: CleanData) -> list[str]:
    said = []
    if found["participant_id"].duplicated().any():
        return [f"wave '{wave}': people stand twice"]
    right, now = ({row["participant_id"]: row for row in frame.to_dict("records")} for frame in (whole, found))
    where = f"at '{wave}'" if wave else "in the log"
    said += [f"{one} {where} came from nowhere" for one in now.keys() - right.keys() if (one, wave) not in case.lost]
    said += [f"{one} {where} is lost" for one in right.keys() - now.keys() if (one, wave) not in case.lost]
    for person in right.keys() & now.keys():
        for name in right[person]:
            before, after = _plain(right[person][name]), _plain(now[person][name])
            allowed, typed = case.cells.get((person, wave, name), (SAME, ""))
            if (person, wave) in case.lost or (before == after and allowed in (SAME, EITHER)):
                continue
            if not _may_be(allowed, typed, after, name, wave, person, result):
                said.append(f"{person} {where}, {name}: {before!r}, typed as '{typed}' ({allowed}), became {after!r}")
    return sorted(said)


def _may_be(allowed: str, typed: str, after: str, name: str, wave: str, person: str, result: CleanData) -> bool:
    if after == "":
        return allowed in (MISSING, EITHER) or _was_asked(result, person, name, wave)
    if allowed != TYPED:
        return False
    if name == "note":
        return after == typed.strip()
    return after == _plain(float(typed)) if name in NUMBERS else after == typed


def _was_asked(result: CleanData, person: str, name: str, wave: str) -> bool:
    queries = result.queries
    about = queries["variable"].isin([name, f"{name}_{wave}"])
    return bool((about & queries["participant"].isin([person, ""])).any())


def _plain(value: object) -> str:
    if pd.isna(value):
        return ""
    if isinstance(value, float):
        return f"{value:g}"
    return value.date().isoformat() if isinstance(value, pd.Timestamp) else str(value)
