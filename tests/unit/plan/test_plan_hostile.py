"""Hostile plans: each is refused with a message or taken for plain text; none runs, none reaches out of the project.

An audit hook of Python watches what happens while a plan is loaded, checked and resolved: programs started, sockets,
modules imported by a plan's words, files opened for writing or read from outside the project.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from cpis_analysis.errors import CpisError, PlanError
from cpis_analysis.plan.reading.load import load_plan
from cpis_analysis.plan.specification_records import specs_to_json
from cpis_analysis.study.checks.plan_check import check_plan

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).parents[3]
SHIPPED = (ROOT / "config.yaml").read_text(encoding="utf-8")
FORMULA = 'formula: "{outcome}_6m ~ arm + {outcome}_0m + age + gender + (1 | trust) + (1 | trust:team)"'
WHERE = "where: has_0m and has_6m"
LABEL = "label: ANCOVA, trust and team random"
FILE = "file: data/raw/teams.csv"

SEEN: list[str] = []
WATCHING = {"folder": None}


def watch(event, arguments):
    folder = WATCHING["folder"]
    if folder is None:
        return
    if event in (
        "os.system",
        "subprocess.Popen",
        "os.exec",
        "os.posix_spawn",
        "os.fork",
        "socket.connect",
        "os.remove",
        "os.rename",
        "shutil.rmtree",
        "ctypes.dlopen",
        "pickle.find_class",
    ):
        SEEN.append(f"{event} {arguments}")
    if event == "open" and isinstance(arguments[0], str | bytes):
        path, mode, flags = os.fsdecode(arguments[0]), arguments[1], arguments[2]
        writes = (mode and set(str(mode)) & set("wax+")) or (flags or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        ours = Path(path).resolve().is_relative_to(folder)
        if writes or not (ours or path.endswith((".py", ".pyc", ".so")) or path.startswith(("/proc/", "/sys/"))):
            SEEN.append(f"open {path} {mode}")


sys.addaudithook(watch)


def formula(text):
    return [(FORMULA, f"formula: {text!r}" if '"' in text else f'formula: "{text}"')]


def where(text):
    return [(WHERE, f"where: {text}")]


CODE_IN_FORMULAS = [
    formula(text)
    for text in (
        "{outcome}_6m ~ arm + __import__('os').system('touch hacked')",
        "{outcome}_6m ~ arm + I(open('hacked', 'w'))",
        "{outcome}_6m ~ arm + `__import__`('os')",
        "{outcome}_6m ~ arm + eval(age)",
        "{outcome.__class__}_6m ~ arm",
        "{outcome!r}_6m ~ arm",
        "{outcome:>99999999}_6m ~ arm",
        "{outcome}_6m ~ arm + {covariates.__init__}",
        "{outcome}_6m ~ arm; import os",
        "{outcome}_6m ~ arm + $(touch hacked)",
        "{outcome}_6m ~ arm + `touch hacked`",
        "{outcome}_6m ~ arm + age | tee hacked",
        "{outcome}_6m ~ arm + lambda: 0",
        "{outcome}_6m ~ arm + os.system",
        "{outcome}_6m ~ " + "*".join(f"a{i}" for i in range(300)),
        "{outcome}_6m ~ arm + " + "(" * 900 + "age",
        "{outcome}_6m ~ arm + " + "log(" * 400 + "age" + ")" * 400,
    )
]
CODE_IN_CONDITIONS = [
    where(text)
    for text in (
        """'__import__("os").system("touch hacked")'""",
        "'has_0m and exec(1)'",
        "'@has_0m'",
        "'has_0m.__class__ == 1'",
        "'has_0m == `touch hacked`'",
        "'(lambda: 1)()'",
        "'trust == \"C\" ; import os'",
        "'" + "(" * 900 + "has_0m'",
        "'" + "not " * 450 + "has_0m'",
        "'age == 9" + "9" * 900 + "'",
        "{__class__: x}",
        "{trust: ['$(touch hacked)']}",
        "'trust in [" + '"A",' * 600 + '"B"]\'',
    )
]
PATHS = [
    [(FILE, f"file: {text}")]
    for text in (
        "../../../etc/passwd",
        "/etc/passwd",
        '"C:\\\\Windows\\\\win.ini"',
        '"\\\\\\\\server\\\\share"',
        "data/../../x.csv",
        "~/.ssh/id_rsa",
        '"data/raw/{x}.csv"',
        '"data/raw/*.csv"',
        "https://example.org/x.csv",
        '"data/raw/te\\0ams.csv"',
        "'-rf'",
        "'data/raw/$(touch hacked)'",
        "'data\\raw\\..\\..\\x.csv'",
    )
]
YAML = [
    [("version: 2", "version: !!python/object/apply:os.system ['touch hacked']")],
    [("version: 2", "version: !!python/name:os.system")],
    [("version: 2", "version: &a 2"), ("  synthetic: true", "  synthetic: *a")],
    [("study:\n", "bomb: &a [x,x,x,x]\nbomb2: &b [*a,*a,*a,*a]\nbomb3: [*b,*b,*b,*b]\nstudy:\n")],
    [("study:\n", "<<: {a: b}\nstudy:\n")],
    [("study:\n", "? [a, b]\n: c\nstudy:\n")],
    [("study:\n", "deep: " + "[" * 3000 + "\nstudy:\n")],
    [("study:\n", "deep: " + "{a: " * 300 + "1" + "}" * 300 + "\nstudy:\n")],
    [("study:\n", "---\nstudy:\n")],
    [("version: 2", "version: 2\nversion: 2")],
    [("version: 2", "%TAG ! tag:x,2000:\nversion: 2")],
]
NUMBERS = [
    [("seed: 20180214", "seed: " + "9" * 5000)],
    [("seed: 20180214", "seed: 1e999")],
    [("seed: 20180214", "seed: -1")],
    [("seed: 20180214", "seed: .inf")],
    [("minimum_cell: 5", "minimum_cell: 1e308")],
    [("latest: 8", "latest: 1.0e+400")],
    [("minimal_important_difference: 4", "minimal_important_difference: .nan")],
    [("match_threshold: 0.8", "match_threshold: 1e-999")],
    [("months: 6", "months: 0x7fffffff")],
]
ALPHABETS = [
    [("  rguk:\n    label", "  rgυk:\n    label")],
    [("effect: arm:wave", "effect: аrm:wave")],
    [(FORMULA, FORMULA.replace("age", "аge"))],
    where("'trust == \"С\"'"),
    [(LABEL, 'label: "safe\\u202Egnp.exe"')],
    [(LABEL, 'label: "zero\\u200Bwidth"')],
    [(LABEL, 'label: "half \\uD800 a pair"')],
    [(LABEL, 'label: "\\x1b[2J"')],
    [("  in_trained_trust:\n", "  ｉn_trained_trust:\n")],
    [("models: [ancova, ", "models: [ancova\u0301, ")],
]
REFUSED = [*CODE_IN_FORMULAS, *CODE_IN_CONDITIONS, *PATHS, *YAML, *NUMBERS, *ALPHABETS]
TEXT = [
    "<script>alert(1)</script>",
    "{{ 7 * 7 }} {% import os %}",
    "$(touch hacked) `touch hacked`; rm -rf .",
    "'; touch hacked; '",
    "%s %n {0} {outcome}",
    "=cmd|' /C calc'!A0",
    "../../hacked",
    "\\\\input{/etc/passwd}",
]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "data" / "raw").mkdir(parents=True)
    for name in (ROOT / "data" / "raw").glob("*"):
        (folder / "data" / "raw" / name.name).write_bytes(name.read_bytes())
    return folder


def edited(pairs):
    text = SHIPPED
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def outcome_of(project, text):
    """Load, check and resolve a plan under watch."""
    path = project / "config.yaml"
    path.write_bytes(text.encode("utf-8"))
    before = sorted(file for file in project.rglob("*"))
    SEEN.clear()
    WATCHING["folder"] = project.resolve()
    try:
        plan = load_plan(path)
        check_plan(plan)
        specs_to_json(plan.specifications())
        return plan
    finally:
        WATCHING["folder"] = None
        assert SEEN == []
        assert sorted(file for file in project.rglob("*")) == before
        assert not (Path.cwd() / "hacked").exists()


def test_hostile_watch_sees_what_it_should(tmp_path):
    """Negative control: without it, an empty list of sightings would say nothing."""
    WATCHING["folder"] = tmp_path / "project"
    SEEN.clear()
    (tmp_path / "outside").write_text("x")
    os.system("true")
    WATCHING["folder"] = None
    assert len(SEEN) >= 2


def test_hostile_plans_are_at_least_fifty():
    assert len(REFUSED) + len(TEXT) >= 50


@pytest.mark.parametrize("pairs", REFUSED, ids=range(len(REFUSED)))
def test_hostile_plan_is_refused_without_running(project, pairs):
    with pytest.raises((PlanError, CpisError)) as caught:
        outcome_of(project, edited(pairs))
    assert caught.value.problems
    assert len(str(caught.value)) < 20_000


@pytest.mark.parametrize("text", TEXT)
def test_hostile_label_stays_text(project, text):
    from cpis_analysis.publish.html import table_html
    from cpis_analysis.publish.table import Column, Row, RowGroup, Table

    plan = outcome_of(project, edited([(LABEL, "label: '" + text.replace("'", "''") + "'")]))
    assert plan.content.models["ancova"].label == text
    assert text not in specs_to_json(plan.specifications())
    table = Table("t", text, (Column(text, align="left"),), (RowGroup(text, (Row((text,)),)),), (text,))
    assert "<script" not in table_html(table.block())
