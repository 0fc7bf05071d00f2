"""Write the golden numbers of the explained R code: make the study, write each script, run it in R.

    python tests/golden/explain/explain_reference.py [--texts | CASE ...]

With --texts only equations and the code of SAS and Stata are written (texts.json): these were read line by line
against the manuals and were not run. Without it, the script needs R with lme4, lmerTest, pbkrtest, clubSandwich,
geepack, ordinal, glmmTMB, nlme and jsonlite; the versions are stored with the numbers.
With names of cases the others keep what is stored of them.
The default tests need no R: they compare the engine with the stored numbers, and the code with the stored code.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).parents[1]
sys.path.insert(0, str(HERE.parent / "material"))

from cpis_analysis.translate.equation import equation_lines  # noqa: E402
from cpis_analysis.translate.notation.translation import explained_model  # noqa: E402
from cpis_analysis.translate.r import r_code  # noqa: E402
from cpis_analysis.translate.sas import sas_code  # noqa: E402
from cpis_analysis.translate.stata import stata_code  # noqa: E402
from explain_cases import CASES, FOLDER, VARIABLES, case_spec  # noqa: E402

SEED = 6
TEAMS = [(trust, team, arm) for trust in "ABCDE" for team, arm in (("North", "c"), ("South", "i"))]
PROGRAMS = ("lme4", "lmerTest", "pbkrtest", "clubSandwich", "geepack", "ordinal", "glmmTMB", "nlme")


def make_study() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Ten teams in five trusts; y varies between teams, z does not; some follow-ups and ages are missing."""
    random = np.random.default_rng(SEED)
    rows = []
    trust_shift = {trust: random.normal(0, 0.8) for trust in "ABCDE"}
    for trust, team, arm in TEAMS:
        shift, slope = trust_shift[trust] + random.normal(0, 1.2), random.normal(0, 0.25)
        for _ in range(int(random.integers(7, 13))):
            person, before = random.normal(0, 2), random.normal(0, 1)
            y0 = 10 + shift + person + before
            after = random.normal(0.5 if arm == "i" else 0.0, 1)
            y6 = 11 + shift + (0.7 + slope) * person + after
            z0 = random.normal(50, 10)
            z6 = 25 + 0.5 * z0 + random.normal(0, 8)
            rows.append((arm, trust, team, random.integers(20, 70), random.choice(["f", "m"]), y0, y6, z0, z6))
    names = ["arm", "trust", "team", "age", "gender", "y_0m", "y_6m", "z_0m", "z_6m"]
    people = pd.DataFrame(rows, columns=names).round(3)
    # z: the means of the teams are made alike, so that the variance between teams is estimated as zero
    people["z_6m"] -= (people.groupby(["trust", "team"])["z_6m"].transform("mean") - people["z_6m"].mean()) * 0.95
    people = people.round(3)
    people.insert(0, "participant_id", [f"P{i:03d}" for i in range(1, len(people) + 1)])
    people.loc[people.index % 9 == 4, ["y_6m", "z_6m"]] = np.nan
    people.loc[people.index % 31 == 7, "age"] = np.nan
    people["b_6m"] = (people["y_6m"] > people["y_6m"].median()).astype(float).where(people["y_6m"].notna())
    people = with_answers(people, random)
    keys = ["participant_id", "arm", "trust", "team", "age", "gender"]
    parts = [people[keys].assign(wave=wave, y=people[f"y_{wave}"], z=people[f"z_{wave}"]) for wave in ("0m", "6m")]
    talks = pd.concat(parts).dropna(subset=["y"]).sort_values(["participant_id", "wave"])
    return people, talks


def with_answers(people: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    """Ordered answers, counts over different times, and bounded sums that vary more than chance; where y is known."""
    known, y = people["y_6m"].notna(), people["y_6m"].fillna(0.0).to_numpy()
    team = people.groupby(["trust", "team"])["y_6m"].transform("mean").to_numpy()
    liking = 0.5 * (team - np.nanmean(team)) + random.logistic(0, 1, len(people))
    people["o_6m"] = np.digitize(liking, [-1.0, 0.8]).astype(float)
    people["t_6m"] = random.integers(2, 9, len(people)).astype(float)
    rate = np.exp(-1.5 + 0.1 * y) * random.gamma(2.0, 0.5, len(people))
    people["k_6m"] = random.poisson(rate * people["t_6m"]).astype(float)
    share = 1 / (1 + np.exp(-0.3 * (y - 11)))
    people["s_6m"] = 1.0 + random.binomial(20, random.beta(4 * share, 4 * (1 - share)))
    people[["o_6m", "k_6m", "s_6m"]] = people[["o_6m", "k_6m", "s_6m"]].where(known)
    return people


def run_r(script: str, folder: Path) -> str:
    """Output of an R script that runs in a study's folder."""
    done = subprocess.run(["Rscript", "-e", script], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{script}\n\n{done.stderr}")
    return done.stdout


def write_texts() -> None:
    """Write texts.json: what the tests hold equations and the code of SAS and Stata against."""
    texts = {}
    for name in CASES:
        model = explained_model(case_spec(name), VARIABLES)
        texts[name] = {
            "equation": equation_lines(model),
            "latex": equation_lines(model, "latex"),
            "sas": sas_code(model).splitlines(),
            "stata": stata_code(model).splitlines(),
        }
    text = json.dumps(texts, indent=1, ensure_ascii=False) + "\n"
    (FOLDER / "texts.json").write_text(text, encoding="utf-8")


def main() -> None:
    """Write participants.csv, measurements.csv and expected.json."""
    people, talks = make_study()
    for name, frame in (("participants", people), ("measurements", talks)):
        (FOLDER / "processed").mkdir(parents=True, exist_ok=True)
        frame.to_csv(FOLDER / "processed" / f"{name}.csv", index=False, lineterminator="\n")
    chosen = sys.argv[1:] or list(CASES)
    stored = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))["cases"] if sys.argv[1:] else {}
    expected = {name: stored[name] for name in CASES if name in stored}
    with tempfile.TemporaryDirectory() as place:
        study = Path(place)
        (study / "data").mkdir()
        (study / "data" / "processed").symlink_to((FOLDER / "processed").resolve())
        for name in chosen:
            code = r_code(explained_model(case_spec(name), VARIABLES))
            tail = '\ncat("\\nRESULT", jsonlite::toJSON(as.list(result), auto_unbox = TRUE, digits = NA))'
            if case_spec(name).contrasts:
                tail += '\ncat("RESULT", jsonlite::toJSON(contrasts, digits = NA))'
            answer = [json.loads(part) for part in run_r(code + tail, study).split("RESULT")[1:]]
            expected[name] = {"code": code.splitlines(), "result": answer[0]}
            expected[name] |= {"contrasts": answer[1]} if len(answer) > 1 else {}
            print(name, answer)
        versions = run_r(
            f"cat(R.version$major, R.version$minor, sapply(c({', '.join(map(repr, PROGRAMS))}), "
            "function(p) as.character(packageVersion(p))))",
            study,
        ).split()
    written = {
        "program": dict(zip(("R", *PROGRAMS), (".".join(versions[:2]), *versions[2:]), strict=True)),
        "script": "tests/golden/explain/explain_reference.py",
        "cases": {name: expected[name] for name in CASES},
    }
    text = json.dumps(written, indent=1, ensure_ascii=False) + "\n"
    (FOLDER / "expected.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_texts()
    if "--texts" not in sys.argv[1:]:
        main()
