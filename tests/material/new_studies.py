"""Small data files of other studies, as they come: what a new study may begin with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cpis_analysis.new_study.asking import NobodyAsked
from cpis_analysis.new_study.raw_files import read_raw
from cpis_analysis.new_study.settle import settle
from cpis_analysis.new_study.settled import Settled, Told

__all__ = ["CLASSES", "FALLS", "REPEATED", "REPEATED_IN_SITES", "SITES", "UNNAMED", "settled", "write_csv"]


def _table(header: str, rows: list[list[object]]) -> str:
    return "\n".join([header, *(",".join(map(str, row)) for row in rows), ""])


def _value(person: int, wave: int, effect: float) -> float:
    """A number without a pattern, larger with the effect."""
    return round(20 + (person * 37 % 17) + (person * wave * 13 % 7) + effect, 1)


CLASSES = _table(
    "pupil.no,School,class_id,Condition,Age,maths.pre,maths.post,sp\u00e9cial",
    [
        [
            1000 + at,
            f"S{at // 24}",
            at // 8 % 3,
            "new book" if at // 8 % 2 else "usual book",
            9 + at % 3,
            _value(at, 1, 0),
            "" if at % 11 == 5 else _value(at, 2, 2 * (at // 8 % 2)),
            "yes" if at % 5 == 0 else "no",
        ]
        for at in range(96)
    ],
)
"""Classes in schools, allocated by class whose numbers repeat in schools; two waves in columns."""

REPEATED = _table(
    "subject,arm,sex,visit,BDI score",
    [
        [at, "1.0" if at % 2 else "0.0", "f" if at % 3 else "m", visit, _value(at, visit + 1, -(at % 2) * visit)]
        for at in range(1, 41)
        for visit in (0, 1, 2)
    ],
)
"""People one by one, three waves in rows, arms as numbers with decimals."""

REPEATED_IN_SITES = _table(
    "subject,Centre,arm,visit,BDI score",
    [
        [at, f"c{at % 6}", "1.0" if at // 6 % 2 else "0.0", visit, _value(at, visit + 1, -(at // 6 % 2) * visit)]
        for at in range(1, 61)
        for visit in (0, 3, 6)
        if (at + visit) % 13
    ],
)
"""People within six centres, three waves in rows, of which some are missing."""

SITES = _table(
    "id,centre,treat,age,died",
    [[at, f"c{at % 4}", at // 4 % 2, 40 + at % 30, int(at * 7 % 10 < 3)] for at in range(1, 121)],
)
"""People within four centres, an event after the intervention only."""

FALLS = _table(
    "id,practice,treat,age,observed,n_falls,mood,died,days",
    [
        [
            at,
            f"p{at % 16}",
            "exercise" if at % 16 % 2 else "usual care",
            65 + at % 20,
            3 + at % 4,
            (at * at * 7 % 19) // (4 + at % 2) * (at % 3 > 0),
            ("Worse", "same", "Better", "better", "Much better")[(at * 3 + at % 7 + at % 2) % 5],
            int(at * 7 % 10 < 4),
            30 + at * 11 % 300,
        ]
        for at in range(1, 241)
    ],
)
"""Practices allocated to exercise: how many falls in the months observed, mood in order, deaths and days until them."""

UNNAMED = _table(
    "Treat,Prewt,Postwt,\u0412\u043e\u0437\u0440\u0430\u0441\u0442,\u041f\u043e\u043b",
    [
        [
            "FT" if at % 2 else "Cont",
            _value(at, 1, 0),
            _value(at, 2, at % 2),
            20 + at % 9,
            "\u0436" if at % 3 else "\u043c",
        ]
        for at in range(40)
    ],
)
"""Nobody has a number; two waves in columns; labels in another alphabet."""


def write_csv(folder: Path, text: str, name: str = "data.csv") -> Path:
    """A file with some text."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def settled(folder: Path, text: str | Mapping[str, str], **told: object) -> Settled:
    """What `cpis new` settles of a file, or of one a wave, when nobody is asked."""
    files = {"": text} if isinstance(text, str) else text
    raw = [read_raw(write_csv(folder, one, f"{wave or 'data'}.csv"), wave) for wave, one in files.items()]
    return settle(raw, Told(**told), NobodyAsked(), "A study")  # type: ignore[arg-type]
