"""Made-up studies of any shape, each from one seed: levels, arms, waves, sizes and outcomes as they come.

People in classes in schools in districts, or people alone; nouns of no other study. Nothing here is fair to an
analysis: clusters may be two or three hundred, people one or two hundred in each, arms may lie within clusters or be
theirs or some arms may have none, and people leave.
"""

from __future__ import annotations

import csv
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

NESTING = ("district", "school", "class")
ARMS = ("usual", "new", "extra", "both")
FIELDS = (
    "Variable / Field Name", "Form Name", "Field Type", "Field Label", "Choices, Calculations, OR Slider Labels",
    "Text Validation Type OR Show Slider Number", "Identifier?", "Waves",
)  # fmt: skip
MOST_PEOPLE = 1500
"""Of most studies, so that hundreds of shapes can be run; one of twelve may have four times as many."""
SPELLINGS = (
    lambda level, number: f"{level[0].upper()}{number}",
    lambda level, number: str(number),
    lambda level, number: f"St. {level.capitalize()} & Co. <{number}>",
    lambda level, number: f"Ωμέγα {number}",
)
"""How labels of clusters are written."""


@dataclass(frozen=True)
class Shape:
    """What a study looks like.

    Attributes
    ----------
    levels : tuple of str
        Variables of clusters, the largest first.
    clusters : tuple of int
        Units of each level in each unit above.
    size : tuple of int
        Fewest and most people in a smallest cluster, or altogether.
    arms, waves : int
    by : str
        Level at which the arm is given; empty: people one by one.
    own : tuple of str
        The only arms that have clusters of the last level; empty: all have.
    long : bool
        Whether the file has one row a person and wave.
    spelling : int
        Of `SPELLINGS`.
    outcomes : tuple of str
        Types beside the primary score.
    loss : float
        Share of people lost at each wave after the first.
    """

    levels: tuple[str, ...]
    clusters: tuple[int, ...]
    size: tuple[int, int]
    arms: int
    waves: int
    by: str
    own: tuple[str, ...]
    long: bool
    spelling: int
    outcomes: tuple[str, ...]
    loss: float


def shape_of(seed: int) -> Shape:
    """The shape of a seed."""
    rng = np.random.default_rng([seed, 1])
    depth = int(rng.integers(0, 4))
    levels = NESTING[3 - depth :]
    total = int(rng.choice([2, 3, 4, 6, 10, 16, 40, 120, 300])) if depth else 1
    clusters = []
    for left in range(depth, 0, -1):
        here = max(2, round(total ** (1 / left))) if left > 1 else max(1, total)
        clusters.append(here)
        total = max(1, total // here)
    smallest = int(np.prod(clusters)) if clusters else 1
    people = MOST_PEOPLE * (4 if rng.random() < 1 / 12 else 1)
    most = max(1, min(200, people // smallest)) if depth else int(rng.choice([12, 60, 200]))
    sizes = sorted(int(size) for size in rng.integers(1, most + 1, 2))
    arms = int(rng.choice([2, 2, 2, 3, 4]))
    units = np.cumprod(clusters)
    by = str(rng.choice(["", *(level for level, count in zip(levels, units, strict=True) if count >= 2 * arms)]))
    kinds = ("binary", "ordinal", "count", "time_to_event", "bounded_count")
    # where the arm is that of the last level, some arms may have no such clusters
    one_sided = bool(by) and by == levels[-1] and rng.random() < 0.5
    own = ARMS[1 : int(rng.integers(2, arms + 1))] if one_sided else ()
    return Shape(
        levels=levels,
        clusters=tuple(clusters),
        size=(sizes[0], sizes[1]) if depth else (max(8, most // 2), most),
        arms=arms,
        waves=int(rng.integers(1, 6)),
        by=by,
        own=own,
        long=bool(rng.random() < 0.3),
        spelling=int(rng.integers(len(SPELLINGS))),
        outcomes=tuple(kind for kind in kinds if rng.random() < 0.5),
        loss=float(rng.choice([0.0, 0.05, 0.3])),
    )


def write_study(folder: Path, seed: int) -> Shape:
    """Write raw file, dictionary and plan of the study of a seed; gives its shape."""
    shape = shape_of(seed)
    rng = np.random.default_rng([seed, 2])
    people = _people(shape, rng)
    raw = folder / "data" / "raw"
    raw.mkdir(parents=True)
    frame = _with_answers(people, shape, rng)
    (_one_row_a_wave(frame, shape) if shape.long else frame).to_csv(raw / "pupils.csv", index=False)
    with (raw / "dictionary.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([FIELDS, *_dictionary(shape)])
    (folder / "config.yaml").write_text(json.dumps(_plan(shape, seed), indent=1), encoding="utf-8")
    return shape


def _people(shape: Shape, rng: np.random.Generator) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    grid = np.indices(shape.clusters).reshape(len(shape.clusters), -1).T if shape.clusters else np.zeros((1, 0), int)
    order = {}
    for place in grid:
        spelt = SPELLINGS[shape.spelling]
        names = {level: spelt(level, number + 1) for level, number in zip(shape.levels, place, strict=True)}
        for _ in range(int(rng.integers(shape.size[0], shape.size[1] + 1))):
            unit = tuple(place[: shape.levels.index(shape.by) + 1]) if shape.by else (len(rows),)
            turn = order.setdefault(unit, len(order))
            rows.append(names | {"arm": ARMS[turn % shape.arms], "age": int(rng.integers(7, 17))})
    frame = pd.DataFrame(rows)
    if shape.own:
        frame.loc[~frame["arm"].isin(shape.own), shape.by] = None
    frame.insert(0, "pupil", [f"P{number + 1:05d}" for number in range(len(frame))])
    return frame


def _one_row_a_wave(frame: pd.DataFrame, shape: Shape) -> pd.DataFrame:
    """A row for each time that somebody was seen."""
    about = [name for name in frame if not re.search(r"_t\d$", name)]
    parts = []
    for wave in (f"t{number}" for number in range(shape.waves)):
        seen = frame[frame[f"score_{wave}"].notna()]
        asked = [name for name in frame if name.endswith(f"_{wave}")]
        part = seen[about + asked].rename(columns={name: name.removesuffix(f"_{wave}") for name in asked})
        parts.append(part.assign(term=wave))
    return pd.concat(parts, ignore_index=True)


def _with_answers(people: pd.DataFrame, shape: Shape, rng: np.random.Generator) -> pd.DataFrame:
    frame, n = people.copy(), len(people)
    own = rng.normal(0, 3, n)
    for depth in range(1, len(shape.levels) + 1):
        keys = list(shape.levels[:depth])
        codes = people[keys].fillna("").groupby(keys, sort=False).ngroup().to_numpy()
        own += np.where(people[keys[-1]].isna(), 0.0, rng.normal(0, 1.5, codes.max() + 1)[codes])
    gain = people["arm"].map(dict(zip(ARMS, (0.0, 1.5, -1.0, 3.0), strict=True))).to_numpy()
    here = np.ones(n, dtype=bool)
    for wave in range(shape.waves):
        if wave:
            here &= rng.random(n) >= shape.loss
        value = 30 + own + (gain if wave or shape.waves == 1 else 0) + rng.normal(0, 3, n)
        frame[f"score_t{wave}"] = np.where(here, value.round(1), np.nan)
    last = f"_t{shape.waves - 1}"
    above = value > 31
    if "binary" in shape.outcomes:
        frame[f"passed{last}"] = np.where(here, np.where(above, "yes", "no"), None)
    if "ordinal" in shape.outcomes:
        grade = np.array(["worse", "same", "better"], dtype=object)[np.digitize(value, [28, 33])]
        frame[f"grade{last}"] = np.where(here, grade, None)
    weeks = rng.integers(1, 13, n)
    if "count" in shape.outcomes:
        frame[f"absences{last}"] = pd.array(
            np.where(here, rng.poisson(weeks / 6 * np.exp(0.05 * (30 - own - gain))), np.nan)
        ).astype("Int64")
        frame[f"weeks{last}"] = pd.array(np.where(here, weeks, np.nan)).astype("Int64")
    if "bounded_count" in shape.outcomes:
        share = 1 / (1 + np.exp((30 - own - gain) / 6 - 5))
        frame[f"marks{last}"] = pd.array(np.where(here, rng.binomial(10, share), np.nan)).astype("Int64")
    if "time_to_event" in shape.outcomes:
        until = rng.exponential(180 * np.exp(0.05 * (own + gain)), n)
        frame[f"days{last}"] = pd.array(np.where(here, np.clip(until, 1, 180).round(), np.nan)).astype("Int64")
        frame[f"left{last}"] = np.where(here, np.where(until < 180, "yes", "no"), None)
    return frame


def _dictionary(shape: Shape) -> list[list[str]]:
    waves = ";".join(f"t{wave}" for wave in range(shape.waves))
    last = f"t{shape.waves - 1}"
    rows = [["pupil", "pupils", "text", "Pupil", "", "", "y", ""]]
    rows += [[level, "pupils", "text", level.capitalize(), "", "", "", ""] for level in shape.levels]
    arms = " | ".join(f"{arm}, {arm.capitalize()} lessons" for arm in ARMS[: shape.arms])
    rows += [
        ["arm", "pupils", "radio", "Lessons", arms, "", "", ""],
        ["age", "pupils", "text", "Age (years)", "", "integer", "", ""],
        ["score", "pupils", "text", "Reading score", "", "number", "", waves],
    ]
    of_kind = {
        "binary": [["passed", "pupils", "radio", "Passed", "yes, Yes | no, No", "", "", last]],
        "ordinal": [["grade", "pupils", "radio", "Grade", "worse, Worse | same, Same | better, Better", "", "", last]],
        "count": [
            ["absences", "pupils", "text", "Days absent", "", "integer", "", last],
            ["weeks", "pupils", "text", "Weeks looked at", "", "integer", "", last],
        ],
        "bounded_count": [["marks", "pupils", "text", "Marks of ten", "", "integer", "", last]],
        "time_to_event": [
            ["days", "pupils", "text", "Days until leaving", "", "integer", "", last],
            ["left", "pupils", "radio", "Left", "yes, Yes | no, No", "", "", last],
        ],
    }
    return rows + [row for kind in shape.outcomes for row in of_kind[kind]]


def _plan(shape: Shape, seed: int) -> dict[str, Any]:
    outcomes, models = _outcomes(shape, seed)
    compared = {"compared": list(ARMS[: shape.arms])} if shape.arms > 2 else {}
    waves = [{"name": f"t{wave}", "label": f"Term {wave + 1}", "months": 4 * wave} for wave in range(shape.waves)]
    return {
        "version": 2,
        "study": {"name": "Reading trial", "short_name": "READ", "synthetic": True, "randomised": True, "seed": seed},
        "data": {
            "dictionary": "data/raw/dictionary.csv",
            "sources": {
                "all": {
                    "file": "data/raw/pupils.csv",
                    **({"holds": "long", "wave_column": "term"} if shape.long else {"holds": "wide"}),
                }
            },
        },
        "design": {
            "participant": "pupil",
            "people": {"one": "pupil"},
            "arm": {"variable": "arm", "reference": "usual", **compared},
            "levels": [
                {"variable": name, "label": name}
                | ({"arms": list(shape.own)} if shape.own and name == shape.by else {})
                for name in shape.levels
            ],
            "waves": waves,
            "characteristics": ["age"],
        },
        "outcomes": outcomes,
        "models": models,
        "report": {"title": "Reading trial"},
    }


def _model(formula: str, estimator: str = "mixed", **more: Any) -> dict[str, Any]:
    return {"label": f"{estimator}: {formula}"[:80], "estimator": estimator, "formula": formula, **more}


def _outcomes(shape: Shape, seed: int) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
    """Outcomes, and the models that such a shape can have."""
    last = f"t{shape.waves - 1}"
    after = f"{{outcome}}_{last} ~ arm"
    adjusted = after + ("" if shape.waves == 1 else " + {outcome}_t0")
    models = _of_score(shape, seed, adjusted)
    score = {"label": "Reading score", "role": "primary", "low": 0, "high": 70, "minimal_important_difference": 2}
    outcomes: dict[str, dict[str, Any]] = {"score": score | {"models": list(models)}}
    exposed = bool(seed % 2)
    own = _of_answers(shape, after, exposed)
    called = {
        "binary": ("pass", {"label": "Passed", "variable": "passed", "event": ["yes"]}),
        "ordinal": ("graded", {"label": "Grade", "variable": "grade", "categories": ["worse", "same", "better"]}),
        "count": ("absences", {"label": "Days absent", "higher_is": "worse"}),
        "bounded_count": ("marks", {"label": "Marks", "low": 0, "high": 10}),
        "time_to_event": (
            "leaving",
            {"label": "Leaving", "higher_is": "worse", "variable": "left", "event": ["yes"], "time": "days"},
        ),
    }
    for kind in shape.outcomes:
        of_kind = dict(own[kind])
        if kind != "time_to_event" and shape.levels:
            of_kind[f"odds_{kind}"] = _model(after + _random(shape), "glmm")
        name, outcome = called[kind]
        if kind == "count" and exposed:
            outcome = outcome | {"exposure": "weeks"}
        models |= of_kind
        outcomes[name] = outcome | {"role": "secondary", "type": kind, "models": list(of_kind)}
    return outcomes, models


def _random(shape: Shape) -> str:
    """The random part: every level, those of some arms in these arms alone."""
    groups = [":".join(shape.levels[: depth + 1]) for depth in range(len(shape.levels))]
    terms = [f" + (1 | {group})" for group in groups]
    if shape.own:
        terms[-1] = f" + (0 + in_{shape.by} | {groups[-1]})"
    return "".join(terms)


def _of_score(shape: Shape, seed: int, adjusted: str) -> dict[str, dict[str, Any]]:
    names, random = shape.levels, _random(shape)
    models = {"robust": _model(f"{adjusted} + age", "ols_cr2", cluster=shape.by or "pupil")}
    if shape.own:
        models |= {
            "mixed": _model(adjusted + random),
            "by_arm": _model(adjusted + random, "mmrm", covariance="independent", residual_by="arm"),
        }
    elif names:
        models |= {
            "mixed": _model(adjusted + random),
            "jackknife": _model(adjusted, "ols_jackknife", cluster=names[0]),
            "means": _model(adjusted, "cluster_summary", cluster=names[-1]),
            "permuted": _model(adjusted, "permutation"),
            "signs": _model(adjusted, "sign_changes", cluster=names[0]),
        }
    if shape.waves > 2:
        covariance = ("unstructured", "ar1", "compound-symmetry")[seed % 3]
        over = "{outcome} ~ arm * wave + {outcome}_t0" + (random if shape.own else "")
        models |= {
            "waves": _model(f"{{outcome}} ~ arm * wave + (1 | pupil){random}", effect="arm:wave"),
            "mmrm": _model(over, "mmrm", covariance=covariance),
        }
    return models


def _of_answers(shape: Shape, after: str, exposed: bool) -> dict[str, dict[str, dict[str, Any]]]:
    cluster = shape.by or "pupil"
    robust = _model(f"{after} + age", "ols_cr2", cluster=cluster)
    by_design = _model(f"{after} + age", "by_design")
    freedom = {"df": "satterthwaite"} if shape.own else {}
    equations = _model(f"{after} + age", "gee", cluster=cluster, **freedom)
    graded = robust if shape.own or (shape.levels and not shape.by) else by_design
    counts = {"rates": equations} if exposed else {"counts": robust, "rates": equations}
    if shape.by and not shape.own:
        counts["means_of_rates"] = _model(f"{after} + age", "cluster_rates", cluster=cluster)
    hazards = {"df": "satterthwaite"} if shape.own else {}
    return {
        "binary": {"risks": robust, "equations": equations},
        "ordinal": {"grades": graded},
        "count": counts,
        "bounded_count": {"marked": robust},
        "time_to_event": {"hazards": _model(f"{after} + age", "cox", cluster=cluster, **hazards)},
    }
