"""What every command prints of a study of pupils in schools, and its errors, have no word of another study."""

import re
import shutil
import sys
from pathlib import Path

import pytest

from cpis_analysis import cli
from cpis_analysis.files import write_parquet
from cpis_analysis.intake.clean import clean
from cpis_analysis.intake.flow import participant_flow
from cpis_analysis.plan.schema_design import words_of
from cpis_analysis.study.checks.plan_check import load_and_check
from wave_studies import one_wave

pytestmark = pytest.mark.thorough

STUDY = Path(__file__).resolve().parents[2] / "material/studies/one_wave"
FOREIGN = re.compile(
    r"(?<![\w./'`])(?:trusts?|teams?|interview\w*|persons?|people|participants?|practitioners?|(?-i:CPIS|NHS|StaRI))"
    r"\b(?![:.]\w)",
    re.IGNORECASE,
)
"""Words of the home study, and general ones where the plan has its own; names of files, keys and options are none."""
ALLOWED = re.compile(r"allowed: (?:\w+, )+\w+|--people\b.*|# people:.*")
"""Lists of keys, and where to say what people are called."""
RAW, PLAN, BOOK = "data/raw/pupils.csv", "config.yaml", "data/raw/dictionary.csv"


def left_in(text):
    return [text[max(0, one.start() - 60) : one.end() + 30] for one in FOREIGN.finditer(ALLOWED.sub("", text))]


def write_study(folder):
    shutil.copytree(STUDY, folder, ignore=shutil.ignore_patterns("results", "processed"))
    plan = folder / PLAN
    text = plan.read_text(encoding="utf-8").replace(
        "  participant: pupil\n", "  participant: pupil\n  people: {one: pupil}\n"
    )
    plan.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = write_study(tmp_path_factory.mktemp("words") / "study")
    for name, frame in (("participants", one_wave().participants), ("measurements", one_wave().interviews)):
        write_parquet(folder / f"data/processed/{name}.parquet", frame)
    return folder


@pytest.fixture
def said(monkeypatch, capsys):
    """What a call of the command in a folder prints, whichever way it ends."""

    def call(folder, *arguments):
        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, "argv", ["cpis", *arguments])
        with pytest.raises(SystemExit) as end:
            cli.main()
        # 2 is an option that is not there
        assert end.value.code in (0, 1, None)
        found = capsys.readouterr()
        return found.out + found.err

    return call


POWER = ["power", "--upper", "12", "--outcomes", "100"]


@pytest.mark.parametrize(
    ("command", "speaks"),
    [
        (["check"], "pupils: analysed, of everybody recruited"),
        (["explain"], "School random|mixed model"),
        (["explain", "reading.mixed", "--code", "none"], "Rows and schools by arm"),
        (["explain", "likes_reading", "--code", "none"], "Each pupil is one row"),
        (["fit", "reading.mixed"], "162 pupils"),
        (
            ["power", "--upper", "12", "--people", "20", "--icc-upper", "0.05", "--cv", "0", "--outcomes", "100"],
            "12 schools, ",
        ),
        (
            [
                "power",
                "--upper",
                "12",
                "--people",
                "20",
                "--icc-upper",
                "0.05",
                "--cv",
                "0",
                "--waves",
                "2",
                "--autocorrelation",
                "0.5",
                "--cluster-autocorrelation",
                "0.9",
            ],
            "12 schools, 240 pupils, of whom 240, 240 are seen",
        ),
        (["queries", "show"], "open quer"),
        (["queries", "export", "q.xlsx", "--force"], "names pupils by number"),
        (["dictionary", "check"], "no faults"),
        (["lock", "--date", "2020-01-01", "--force"], "Locked 4 analyses"),
        (["lock", "--status"], "raw files of\\s+measurements"),
        (["blind", "blinded"], "not been cleaned|not those that a run"),
        (["unblind"], "no blinded study"),
        (["archive"], "no|not"),
        (["diff", "none"], "no|not"),
        (["plan"], "run"),
        (["clean", "--dry-run"], "stale|processed"),
    ],
    ids=lambda part: " ".join(part)[:40] if isinstance(part, list) else "",
)
def test_commands_speak_of_pupils_and_schools(study, said, command, speaks):
    text = said(study, *command)
    assert re.search(speaks, text), text
    assert left_in(text) == []


MODEL = "  cr2:\n    label: Least squares, CR2 by school\n    estimator: ols_cr2\n    cluster: school\n    formula: "
AFTER = '"{outcome}_post ~ programme + sex"'
MISTAKES = {
    "a key": (PLAN, "  characteristics:", "  charcteristics:", "did you mean 'characteristics'"),
    "a key that is needed": (PLAN, "participant: pupil", "particpant: pupil", "did you mean 'participant'"),
    "a level": (PLAN, "levels: [{variable: school}]", "levels: [{variable: scool}]", "did you mean 'school'"),
    "a cluster": (PLAN, "cluster: school", "cluster: class", "no level of clusters.*allowed: school, pupil"),
    "a wave": (PLAN, AFTER, AFTER.replace("post", "pre"), "allowed: .*{outcome}_post"),
    "no wave": (PLAN, MODEL + AFTER, MODEL + AFTER.replace("_post", ""), "all waves|wave"),
    "an outcome": (PLAN, "  reading:\n", "  raeding:\n", "a variable of the waves.*did you mean 'reading'"),
    "a code": (PLAN, 'reference: "no"', 'reference: "non"', "allowed: no, yes"),
    "a characteristic": (PLAN, "[sex]", "[sexe]", "did you mean 'sex'"),
    "a mean": (PLAN, AFTER, AFTER.replace("sex", "mean(sex)"), r"write mean\(sex \| cluster\)"),
    "a population": (PLAN, "estimator: ols_cr2", "estimator: ols_cr2\n    population: boys", "no population of this"),
    "weights": (PLAN, "estimator: ols_cr2", "estimator: ols_cr2\n    missing: inverse_probability", "needs the key"),
    "a file": (PLAN, "file: data/raw/pupils.csv", "file: data/raw/pupil.csv", "no such file"),
    "numbered rows": (PLAN, "holds: wide", "holds: wide, number_rows: true", "names pupils"),
    "no dates": (PLAN, "  characteristics:", "  measured_on: sex\n  characteristics:", "this date must be one"),
    "a column": (RAW, "reading_post,", "raeding_post,", "did you mean 'raeding_post'"),
    "an arm": (RAW, ",yes,", ",ja,", "everybody is in one arm"),
    "a column more": (RAW, "\nN", "\n,N", "line"),
    "an empty file": (RAW, None, "", "empty"),
    "a variable": (BOOK, "school,pupils", "scool,pupils", "did you mean 'scool'"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_answered_in_the_words_of_the_study(tmp_path, said, mistake):
    name, old, new, wanted = MISTAKES[mistake]
    folder = write_study(tmp_path / "study")
    text = (folder / name).read_text(encoding="utf-8")
    assert old is None or old in text
    (folder / name).write_text(new if old is None else text.replace(old, new), encoding="utf-8")
    answer = said(folder, "check")
    assert re.search(wanted, answer), answer
    assert "Traceback" not in answer
    assert left_in(answer) == []


def test_questions_on_the_raw_data_and_the_flow_are_about_pupils(tmp_path):
    folder = write_study(tmp_path / "study")
    rows = (folder / RAW).read_text(encoding="utf-8").splitlines()
    header, first, second, third, fourth, *others = rows
    spoilt = [
        "," + first.split(",", 1)[1],
        ",".join([second.split(",")[0], "", *second.split(",")[2:]]),
        third.replace(",m,", ",x,").replace(",f,", ",x,"),
        fourth,
        fourth[:-1] + ("y" if fourth.endswith("n") else "n"),
    ]
    (folder / RAW).write_text("\n".join([header, *spoilt, *others, ""]), encoding="utf-8")
    plan, dictionary = load_and_check(folder / PLAN)
    content = plan.content
    found = clean(content.data, content.design, content.cleaning, dictionary, plan.root)
    texts = [*found.queries["question"], *found.set_aside["reason"], *found.audit["reason"]]
    assert "The row has no pupil number. Whose is it?" in texts
    assert "The school of the pupil is not known. Which is it?" in texts
    assert len(texts) > 4
    assert left_in("\n".join(map(str, texts))) == []
    with pytest.raises(Exception, match="expects 162") as refused:
        participant_flow(found, content.design)
    refused.value.says = words_of(content.data, content.design)
    assert "161 pupils recruited" in str(refused.value)
    assert left_in(str(refused.value)) == []
