"""A small made-up trial with as many levels of clusters as one likes, written as files with a plan.

People in classes in schools in districts, or a trial without clusters; nouns of no other study. The arm is allocated by
person where there are no clusters, else by the level that is named; its effect is one point.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

NOUNS = {"district": "district", "school": "school", "class": "class"}
COLUMNS = "Variable / Field Name,Form Name,Section Header,Field Type,Field Label,"
COLUMNS += '"Choices, Calculations, OR Slider Labels",Field Note,Text Validation Type OR Show Slider Number,'
COLUMNS += (
    "Text Validation Min,Text Validation Max,Identifier?,Branching Logic (Show field only if...),Required Field?,"
)
COLUMNS += "Custom Alignment,Question Number (surveys only),Matrix Group Name,Matrix Ranking?,Field Annotation,Waves"


def people(levels: tuple[str, ...], sizes: tuple[int, ...], by: str | None, seed: int = 1) -> pd.DataFrame:
    """One row a person.

    Parameters
    ----------
    levels : tuple of str
        Variables, the largest clusters first; labels of smaller ones repeat in larger ones.
    sizes : tuple of int
        Units in each unit above: districts, schools in a district, ..., people in a smallest cluster.
    by : str or None
        Level of allocation; None: people one by one.
    """
    rng = np.random.default_rng(seed)
    grid = np.indices(sizes).reshape(len(sizes), -1).T
    frame = pd.DataFrame(grid[:, : len(levels)], columns=list(levels))
    shift = np.zeros(len(frame))
    for depth in range(1, len(levels) + 1):
        codes = frame[list(levels[:depth])].apply(tuple, axis=1).factorize()[0]
        shift += rng.normal(0, 0.8, codes.max() + 1)[codes]
    place = grid[:, list(levels).index(by)] if by else grid[:, -1]
    frame["arm"] = np.where(place % 2 == 1, "new", "usual")
    frame["age"] = rng.integers(11, 17, len(frame))
    frame["before"] = 20 + shift + rng.normal(0, 2, len(frame))
    frame["after"] = frame["before"] * 0.6 + 8 + shift + 1.0 * (frame["arm"] == "new") + rng.normal(0, 2, len(frame))
    frame["passed"] = (frame["after"] > 20).astype(int)
    frame.loc[rng.random(len(frame)) < 0.08, ["after", "passed"]] = np.nan
    for name in levels:
        frame[name] = [f"{name[0].upper()}{code + 1}" for code in frame[name]]
    frame.insert(0, "pupil", [f"P{number + 1:04d}" for number in range(len(frame))])
    return frame.round({"before": 2, "after": 2})


def plan(levels: tuple[str, ...], models: dict[str, dict], **design: object) -> dict:
    """The plan of such a trial; every model is one of both outcomes that fits its type."""
    return {
        "version": 2,
        "study": {"name": "Reading trial", "short_name": "READ", "synthetic": True, "randomised": True, "seed": 5},
        "data": {
            "dictionary": "data/raw/dictionary.csv",
            "sources": {"all": {"file": "data/raw/all.csv", "holds": "wide"}},
        },
        "design": {
            "participant": "pupil",
            "arm": {"variable": "arm", "reference": "usual"},
            "levels": [{"variable": name, "label": NOUNS[name]} for name in levels],
            "waves": [{"name": "t0", "label": "Autumn", "months": 0}, {"name": "t1", "label": "Summer", "months": 9}],
            "characteristics": ["age"],
            **design,
        },
        "outcomes": {
            "score": {
                "label": "Reading score",
                "role": "primary",
                "low": 0,
                "models": [*(m for m in models if m != "risk")],
            },
            "passed": {"label": "Passed", "role": "secondary", "type": "binary", "models": ["risk"]},
        },
        "models": models,
        "report": {"title": "Reading trial"},
    }


def write_trial(
    folder: Path, frame: pd.DataFrame, content: dict, answers: Sequence[tuple[str, str, str, dict[str, str]]] = ()
) -> None:
    """Write plan, dictionary and data; `answers` are fields of the last wave: name, kind of field, label, the rest."""
    raw = folder / "data" / "raw"
    raw.mkdir(parents=True)
    (folder / "config.yaml").write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    wide = frame.rename(columns={"before": "score_t0", "after": "score_t1", "passed": "passed_t1"})
    wide["passed_t1"] = wide["passed_t1"].astype("Int64")
    wide.to_csv(raw / "all.csv", index=False)
    columns = next(csv.reader([COLUMNS]))
    levels = [level["variable"] for level in content["design"]["levels"]]
    rows = [
        _row(columns, "pupil", "text", "Pupil", identifier="y"),
        *(_row(columns, name, "text", name.capitalize()) for name in levels),
        _row(columns, "arm", "radio", "Teaching", choices="usual, As usual | new, New books"),
        _row(columns, "age", "text", "Age (years)", kind="integer"),
        _row(columns, "score", "text", "Reading score", kind="number", waves="t0;t1"),
        _row(columns, "passed", "text", "Passed", kind="integer", waves="t1"),
        *(_row(columns, name, kind, label, waves="t1", **more) for name, kind, label, more in answers),
    ]
    with (raw / "dictionary.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([columns, *rows])


def _row(columns: list[str], name: str, kind_of_field: str, label: str, **more: str) -> list[str]:
    where = {"choices": 5, "kind": 7, "identifier": 10, "waves": len(columns) - 1}
    row = ["" for _ in columns]
    row[0], row[1], row[3], row[4] = name, "all", kind_of_field, label
    for key, text in more.items():
        row[where[key]] = text
    return row
