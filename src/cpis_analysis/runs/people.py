"""Who is in the data of a run, in digests, so that two runs that differ by few people are noticed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cpis_analysis.files import write_json
from cpis_analysis.runs.manifests import ARCHIVED
from cpis_analysis.runs.processed import PARTICIPANTS
from cpis_analysis.study_words import PEOPLE

_LENGTH = 20


@dataclass(frozen=True)
class FewPeople:
    """An earlier run whose data differ by few people.

    Attributes
    ----------
    run : str
        Its hash.
    added, removed, changed : int
        People who are in the later run only, in the earlier only, and in both with other values.
    """

    run: str
    added: int
    removed: int
    changed: int

    @property
    def n(self) -> int:
        """People by whom the two differ."""
        return self.added + self.removed + self.changed

    def __str__(self) -> str:
        parts = [
            f"{n} {word}"
            for n, word in ((self.added, "added"), (self.removed, "removed"), (self.changed, "with other values"))
            if n
        ]
        return f"the data differ from those of run {self.run} by {self.n} of the {PEOPLE} ({', '.join(parts)})"


def keep_people(root: Path, run: str, participant: str) -> None:
    """Write digests of the people in the data beside the private manifest of an archived run."""
    people = _people(root, participant)
    if people is not None:
        write_json(root / ARCHIVED / f"{run}.people.json", people)


def runs_that_differ_by_few(root: Path, run: str, minimum: int) -> tuple[FewPeople, ...]:
    """Archived runs whose data differ from this one's by at least one person and by fewer than the minimum.

    One person is always too few.

    Values are compared only where both have the same variables: a new variable gives everybody other values.

    Parameters
    ----------
    root : Path
        Folder of the study.
    run : str
        Hash of an archived run.
    minimum : int
    """
    own = _read(root / ARCHIVED / f"{run}.people.json")
    if own is None:
        return ()
    found = []
    for path in sorted((root / ARCHIVED).glob("*.people.json")):
        name = path.name.removesuffix(".people.json")
        other = _read(path)
        if name == run or other is None:
            continue
        mine, theirs = own["people"], other["people"]
        both = mine.keys() & theirs.keys()
        same_variables = own["variables"] == other["variables"]
        one = FewPeople(
            name,
            len(mine.keys() - both),
            len(theirs.keys() - both),
            sum(mine[who] != theirs[who] for who in both) if same_variables else 0,
        )
        if 0 < one.n < max(minimum, 2):
            found.append(one)
    return tuple(found)


def _people(root: Path, participant: str) -> dict[str, object] | None:
    from cpis_analysis.files import read_parquet

    if not (root / PARTICIPANTS).is_file():
        return None
    frame = read_parquet(root / PARTICIPANTS)
    names = sorted(map(str, frame.columns))
    rows = frame[names].astype(object).where(frame[names].notna(), None).to_dict("records")
    return {
        "variables": _digest(names),
        "people": dict(
            sorted((_digest([str(row[participant])]), _digest([repr(row[name]) for name in names])) for row in rows)
        ),
    }


def _digest(texts: list[str]) -> str:
    return hashlib.sha256("\x1f".join(texts).encode()).hexdigest()[:_LENGTH]


def _read(path: Path) -> Mapping[str, Mapping[str, str]] | None:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) and {"variables", "people"} <= content.keys() else None
