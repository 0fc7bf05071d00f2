"""Write a synthetic study to a folder, and say what it is."""

from __future__ import annotations

from pathlib import Path

from cpis_analysis.files import sha256, write_csv, write_text
from cpis_analysis.synthetic.dictionary_rows import dictionary
from cpis_analysis.synthetic.parameters import SCENARIOS
from cpis_analysis.synthetic.study import SyntheticStudy

_README = """\
# SYNTHETIC data: no person, team or trust in these files exists

They were made by a random generator that imitates a study of ten community mental health teams in
five trusts. No number in them is a finding about people, services or any real study. The trusts are
called {trusts}; the people have numbers.

Scenario `{scenario}`, seed {seed}, {state}: {description}.

| file | one row is |
|---|---|
| participants.csv | a recruit: trust, team, arm, date of recruitment, status at the end, reason and date of loss |
| baseline.csv | a baseline interview (wave 0m): characteristics, questionnaire items, weights of goals |
| six_months.csv | a six-month interview (wave 6m): the same items, attainment of goals, experience of support |
| teams.csv | a team: trust, team, arm, training, fidelity; labels of teams repeat across trusts |
| focus_groups.csv | a theme of the practitioner focus groups at a site: number of coded mentions |
| dictionary.csv | a variable: REDCap's data-dictionary columns, then missing-value codes and waves |
| SHA256SUMS | a file and its digest: `sha256sum --check SHA256SUMS` |

Text is UTF-8, lines end in a line feed, an empty cell is an empty answer. Questionnaires appear as
numbered items without their wording.

{dirt}

The same bytes again, and for a folder that already holds files with `--force` at the end:

    cpis simulate FOLDER --scenario {scenario} --seed {seed}{clean}

Sources and assumptions behind the generator stand in `src/cpis_analysis/synthetic/parameters.py`.
"""

_MESSY = """\
The interviews are as fieldwork delivers them: rows entered twice, names misspelt, labels in place of
codes, codes out of range, missing-value codes, several date formats, follow-ups dated before baseline,
people who were never recruited. Each of these errors was put in on purpose and is on record; the generator
can write the truth behind them, so that cleaning can be checked."""
_CLEAN = "The files hold no errors: unanswered questions are empty, all else is as the dictionary says."


def write_raw(study: SyntheticStudy, folder: str | Path) -> list[Path]:
    """Write the raw files, dictionary.csv, README.md and SHA256SUMS; return their paths.

    Each file is written whole or not at all; SHA256SUMS comes last.
    """
    folder = Path(folder)
    written = []
    for name, frame in {**study.raw, "dictionary.csv": dictionary(study.design)}.items():
        write_csv(folder / name, frame)
        written.append(folder / name)
    sums = "".join(f"{sha256(path)}  {path.name}\n" for path in sorted(written))
    write_text(folder / "README.md", _readme(study))
    write_text(folder / "SHA256SUMS", sums)
    return [*written, folder / "README.md", folder / "SHA256SUMS"]


def write_truth(study: SyntheticStudy, folder: str | Path) -> list[Path]:
    """Write the truth as CSV, one file a frame, with dirt.csv; return their paths."""
    folder = Path(folder)
    written = []
    for name, frame in {**study.truth, "dirt": study.dirt}.items():
        write_csv(folder / f"{name}.csv", frame)
        written.append(folder / f"{name}.csv")
    return written


def _readme(study: SyntheticStudy) -> str:
    labels = list(study.truth["teams"]["trust"].cat.categories)
    trusts = ", ".join(labels) if len(labels) <= 6 else f"{labels[0]} to {labels[-1]}"
    return _README.format(
        trusts=trusts,
        scenario=study.scenario,
        seed=study.seed,
        clean="" if study.messy else " --clean",
        state="with errors" if study.messy else "without errors",
        description=SCENARIOS[study.scenario],
        dirt=_MESSY if study.messy else _CLEAN,
    )
