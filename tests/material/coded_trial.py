"""A third of the periodontal trial with a small plan, in which arms, levels and waves have the codes that one likes."""

from __future__ import annotations

import csv
import re
from pathlib import Path

RAW = Path(__file__).resolve().parents[2] / "examples" / "periodontal" / "data" / "raw"
WAVES = ("bl", "v5")
LABELS = {
    "clinic": ("Clinic", {"KY": "Kentucky", "MN": "Minnesota", "MS": "Mississippi", "NY": "New York"}),
    "group": ("Treatment", {"C": "After delivery", "T": "During pregnancy"}),
    "tobacco": ("Tobacco use", {"No": "No", "Yes": "Yes"}),
}
PLAN = """\
version: 2
study: {name: A trial, short_name: TRIAL, synthetic: false, randomised: true, seed: 1}
data:
  dictionary: data/raw/dictionary.csv
  sources:
    opt: {file: data/raw/opt.csv, holds: wide}
design:
  participant: pid
  arm: {variable: group, reference: "@C@"}
  levels:
    - {variable: clinic, label: clinic}
  waves:
    - {name: @bl@, label: Baseline, months: 0}
    - {name: @v5@, label: Visit 5, months: 4}
  characteristics: [age, tobacco]
outcomes:
  pd:
    label: Mean pocket depth (mm)
    short_label: Pocket depth
    role: primary
    higher_is: worse
    low: 0
    tipping_point: {}
    models: [ancova, cr2_clinic, by_tobacco, over_time, smokers]
  bleeds:
    label: Any bleeding
    role: secondary
    higher_is: worse
    type: binary
    models: [risk]
populations:
  smokers: {label: Smokers, where: {tobacco: "@Yes@"}}
models:
  ancova:
    label: ANCOVA
    formula: "{outcome}_@v5@ ~ {outcome}_@bl@ + group + tobacco + (1 | clinic)"
  cr2_clinic:
    label: Least squares, clinic fixed
    estimator: ols_cr2
    cluster: clinic
    formula: "{outcome}_@v5@ ~ {outcome}_@bl@ + group + clinic"
  by_tobacco:
    label: By tobacco
    formula: "{outcome}_@v5@ ~ {outcome}_@bl@ + group * tobacco + (1 | clinic)"
    effect: group:tobacco
    contrasts:
      - {kind: moderator, moderator: tobacco}
      - {kind: difference}
      - {kind: joint, terms: [group, "group:tobacco"]}
  over_time:
    label: Over time, by tobacco
    formula: "{outcome} ~ group * wave * tobacco + (1 | clinic) + (1 | pid)"
    effect: group:wave
    contrasts:
      - {kind: moderator, moderator: tobacco}
  smokers:
    label: ANCOVA among smokers
    formula: "{outcome}_@v5@ ~ {outcome}_@bl@ + group + (1 | clinic)"
    population: smokers
  risk:
    label: Risks
    formula: "{outcome}_@v5@ ~ group + (1 | clinic)"
report: {title: A trial}
"""


def write_trial(folder: Path, codes: dict[str, str]) -> None:
    """Write plan, dictionary and data; codes that are not named stay those of the trial."""

    def code(text: str) -> str:
        return codes.get(text, text)

    raw = folder / "data" / "raw"
    raw.mkdir(parents=True)
    plan = re.sub(r"@(\w+)@", lambda found: code(found[1]), PLAN)
    (folder / "config.yaml").write_text(plan, encoding="utf-8")
    with (RAW / "opt.csv").open(encoding="utf-8", newline="") as file:
        people = list(csv.DictReader(file))[::3]
    head = [
        "pid",
        "clinic",
        "group",
        "age",
        "tobacco",
        *(f"{name}_{code(w)}" for name in ("pd", "bleeds") for w in WAVES),
    ]
    rows = [
        [
            person["pid"],
            *(code(person[name]) for name in ("clinic", "group")),
            person["age"],
            code(person["tobacco"]),
            *(person[f"pd_{wave}"] for wave in WAVES),
            *(_bleeds(person[f"bop_{wave}"]) for wave in WAVES),
        ]
        for person in people
    ]
    _write(raw / "opt.csv", [head, *rows])
    with (RAW / "dictionary.csv").open(encoding="utf-8", newline="") as file:
        columns = next(csv.reader(file))
    waves = ";".join(map(code, WAVES))
    choices = {name: " | ".join(f"{code(key)}, {text}" for key, text in of.items()) for name, (_, of) in LABELS.items()}
    variables = [
        {"name": "pid", "type": "text", "label": "Woman", "identifier": "y"},
        *(
            {"name": name, "type": "radio", "label": label, "choices": choices[name]}
            for name, (label, _) in LABELS.items()
        ),
        {"name": "age", "type": "text", "label": "Age (years)", "kind": "integer"},
        {"name": "pd", "type": "text", "label": "Mean pocket depth (mm)", "kind": "number", "waves": waves},
        {"name": "bleeds", "type": "text", "label": "Any bleeding", "kind": "integer", "waves": waves},
    ]
    _write(raw / "dictionary.csv", [columns, *(_row(columns, one) for one in variables)])


def _bleeds(share: str) -> str:
    return share and str(int(float(share) > 60))


def _row(columns: list[str], variable: dict[str, str]) -> list[str]:
    where = {"name": 0, "type": 3, "label": 4, "choices": 5, "kind": 7, "identifier": 10, "waves": len(columns) - 1}
    row = ["opt" if at == 1 else "" for at in range(len(columns))]
    for key, text in variable.items():
        row[where[key]] = text
    return row


def _write(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
