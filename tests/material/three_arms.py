"""A made-up trial of three arms as raw files and a plan, for the tests of the whole workflow.

Eight districts, schools within them, three arms by school; a score at two waves, a yes-or-no answer, a count in an
exposure, and the time to an event. Codes of arms hold what a formula, a file or a page could take for its own.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np

ARMS = {"usual care": "Usual practice", "A+B: (x - y)": "Group & <phone>", "2": "Téléphone"}
WAITING = "waiting/list"
HEADER = (
    "Variable / Field Name", "Form Name", "Field Type", "Field Label", "Choices, Calculations, OR Slider Labels",
    "Text Validation Type OR Show Slider Number", "Identifier?", "Waves",
)  # fmt: skip
MODELS = {
    "mixed": {"label": "Mixed model", "formula": "{outcome}_m6 ~ {outcome}_m0 + group + (1 | district:school)"},
    "least_squares": {
        "label": "Least squares, CR2 by school",
        "estimator": "ols_cr2",
        "cluster": "school",
        "formula": "{outcome}_m6 ~ {outcome}_m0 + group",
    },
    "means": {
        "label": "Means of schools",
        "estimator": "cluster_summary",
        "cluster": "school",
        "formula": "{outcome}_m6 ~ {outcome}_m0 + group",
    },
    "by_sex": {
        "label": "Differences between girls and boys",
        "formula": "{outcome}_m6 ~ {outcome}_m0 + group * sex + (1 | district:school)",
        "contrasts": [{"kind": "moderator", "moderator": "sex"}],
    },
    "imputed": {
        "label": "Missing outcomes imputed",
        "formula": "{outcome}_m6 ~ {outcome}_m0 + group + (1 | district:school)",
        "missing": "multiple_imputation",
        "imputation": {"fewest": 20, "most": 20},
    },
    "logistic": {
        "label": "Logistic mixed model",
        "estimator": "glmm",
        "formula": "{outcome}_m6 ~ group + (1 | district:school)",
    },
    "equations": {
        "label": "Estimating equations",
        "estimator": "gee",
        "cluster": "school",
        "formula": "{outcome}_m6 ~ group",
    },
    "rates": {
        "label": "Poisson mixed model",
        "estimator": "glmm",
        "formula": "{outcome}_m6 ~ group + (1 | district:school)",
    },
    "hazards": {
        "label": "Proportional hazards",
        "estimator": "cox",
        "cluster": "school",
        "formula": "{outcome}_m6 ~ group + age",
    },
}
OUTCOMES = {
    "score": {
        "label": "Reading score",
        "role": "primary",
        "low": 0,
        "high": 60,
        "minimal_important_difference": 2,
        "tipping_point": {},
        "models": ["mixed", "least_squares", "means", "by_sex", "imputed"],
    },
    "passed": {
        "label": "Test passed",
        "role": "secondary",
        "type": "binary",
        "variable": "test",
        "event": ["pass"],
        "models": ["equations", "logistic"],
    },
    "absences": {
        "label": "Days absent",
        "role": "secondary",
        "type": "count",
        "higher_is": "worse",
        "exposure": "months",
        "models": ["rates"],
    },
    "leaving": {
        "label": "Leaving the programme",
        "role": "secondary",
        "type": "time_to_event",
        "higher_is": "worse",
        "variable": "left",
        "event": ["yes"],
        "time": "days",
        "models": ["hazards"],
    },
}


def write_three_arms(folder: Path, outcomes=OUTCOMES, models=MODELS, seed: int = 3, **design: object) -> Path:
    """Raw files and plan of the study; gives the folder. `design` are further keys of ``design.arm``."""
    raw = folder / "data" / "raw"
    raw.mkdir(parents=True)
    _table(raw / "pupils.csv", _pupils(np.random.default_rng(seed)))
    _table(raw / "dictionary.csv", [HEADER, *_dictionary()])
    used = {name for part in outcomes.values() for name in part["models"]}
    plan = {
        "version": 2,
        "study": {"name": "Reading in three ways", "short_name": "RITW", "synthetic": True, "randomised": True},
        "data": {
            "dictionary": "data/raw/dictionary.csv",
            "sources": {"pupils": {"file": "data/raw/pupils.csv", "holds": "wide"}},
        },
        "design": {
            "participant": "pupil",
            "arm": {"variable": "group", "reference": "usual care", **design},
            "levels": [{"variable": "district"}, {"variable": "school"}],
            "waves": [{"name": "m0", "label": "Before", "months": 0}, {"name": "m6", "label": "After", "months": 6}],
            "characteristics": ["sex", "age"],
        },
        "outcomes": outcomes,
        "models": {name: part for name, part in models.items() if name in used},
        "report": {"title": "Three arms"},
    }
    (folder / "config.yaml").write_text(json.dumps(plan, indent=1, ensure_ascii=False), encoding="utf-8")
    return folder


def _pupils(rng: np.random.Generator) -> list[list[object]]:
    columns = ["pupil", "district", "school", "group", "sex", "age", "score_m0", "score_m6", "test_m6", "absences_m6",
               "months_m6", "days_m6", "left_m6"]  # fmt: skip
    rows: list[list[object]] = [columns]
    effects = dict(zip(ARMS, (0.0, 3.0, 0.5), strict=True))
    for district in range(1, 9):
        arms = [*ARMS, *([WAITING] if district < 3 else [])]
        for place, arm in enumerate(arms):
            school, gain = rng.normal(0, 1.2), effects.get(arm, 0.0)
            for _ in range(rng.integers(8, 15)):
                before = float(np.clip(30 + school + rng.normal(0, 6), 0, 60))
                after = float(np.clip(10 + 0.7 * before + school + gain + rng.normal(0, 4), 0, 60))
                months = round(float(rng.uniform(2, 6)), 1)
                event = rng.exponential(200 * np.exp(0.25 * gain + 0.15 * school))
                here = rng.random() > 0.08
                row: list[object] = [len(rows), f"D{district}", f"S{place}", arm, rng.choice(["girl", "boy"]),
                                     int(rng.integers(7, 12)), round(before, 1)]  # fmt: skip
                after_cells = [round(after, 1), "pass" if rng.random() < 0.4 + 0.08 * gain else "fail",
                               int(rng.poisson(0.8 * months * np.exp(-0.15 * gain))), months,
                               max(1, round(min(event, 180))), "yes" if event < 180 else "no"]  # fmt: skip
                rows.append([*row, *(after_cells if here else [""] * len(after_cells))])
    return rows


def _dictionary() -> list[list[str]]:
    arms = " | ".join(f"{code}, {label}" for code, label in {**ARMS, WAITING: "Waiting list"}.items())
    number, choice = ("text", "number"), ("radio", "")
    fields = [
        ("pupil", ("text", ""), "Pupil", "", "", "y"),
        ("district", choice, "District", " | ".join(f"D{n}, District {n}" for n in range(1, 9)), "", ""),
        ("school", choice, "School", " | ".join(f"S{n}, School {n}" for n in range(4)), "", ""),
        ("group", choice, "Programme", arms, "", ""),
        ("sex", choice, "Sex", "girl, Girl | boy, Boy", "", ""),
        ("age", ("text", "integer"), "Age (years)", "", "", ""),
        ("score", number, "Reading score", "", "m0;m6", ""),
        ("test", choice, "Test", "pass, Passed | fail, Failed", "m6", ""),
        ("absences", ("text", "integer"), "Days absent", "", "m6", ""),
        ("months", number, "Months observed", "", "m6", ""),
        ("days", number, "Days until leaving", "", "m6", ""),
        ("left", choice, "Left the programme", "yes, Yes | no, No", "m6", ""),
    ]
    rows = []
    for name, (kind, validation), label, choices, waves, identifier in fields:
        row = dict.fromkeys(HEADER, "")
        row |= {"Variable / Field Name": name, "Form Name": "pupils", "Field Type": kind, "Field Label": label}
        row |= {HEADER[4]: choices, "Text Validation Type OR Show Slider Number": validation, "Waves": waves}
        row |= {"Identifier?": identifier}
        rows.append(row)
    return [[row[column] for column in HEADER] for row in rows]


def _table(path: Path, rows: list[list[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
