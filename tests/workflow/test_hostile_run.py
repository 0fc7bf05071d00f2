"""A whole run of a hostile plan: every word of plan and dictionary is an attack, and all of them stay words.

An audit hook in every Python process of the run notes programs started, connections and files written, removed or
renamed; what is outside the folders for outputs is a failure.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

from project_copy import environment

pytestmark = [pytest.mark.workflow, pytest.mark.long]

ATTACKS = (
    "<script>hacked()</script>",
    "{{ 7 * 7 }}{% include '/etc/passwd' %}",
    "$(touch hacked) `touch hacked`",
    "'; touch hacked; '",
    '"; touch hacked; "',
    "=cmd|' /C calc'!A0",
    "../../../hacked",
    '#include("/etc/passwd")',
    "\\input{/etc/passwd}",
    "</svg><svg onload=hacked()>",
    "%s%n{0.__class__}",
    "{input} {output[0]} {wildcards.model}",
    "]]><!--",
    "@import url(https://example.org)",
    "日本語 العربية Ω",
)
PROGRAMS = r"(ba)?sh|which|python[\d.]*|uname|file|git|env|lscpu|gcc|ldconfig|cbc|scontrol"
"""What Snakemake with its solver and plug-ins, Matplotlib's search for fonts and the report itself may start."""
WATCH = """
import os, sys, threading
_log = os.environ.get("WATCH_LOG")
_local = threading.local()
_calls = ("open", "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.symlink", "os.link", "os.chmod", "os.truncate",
          "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "socket.connect", "shutil.rmtree")

def _watch(event, arguments):
    if event not in _calls or getattr(_local, "busy", False):
        return
    if event == "open":
        path, mode, flags = arguments
        if not isinstance(path, (str, bytes)):
            return
        if not ((mode and set(str(mode)) & set("wax+")) or (flags or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)):
            return
    _local.busy = True
    try:
        if event in ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.system", "socket.connect"):
            said = str(arguments[0])
        else:
            folder = os.getcwd()
            if event in ("os.remove", "os.rmdir", "os.mkdir") and isinstance(arguments[-1], int) and arguments[-1] >= 0:
                # a name in a folder that is open: how shutil.rmtree removes a tree
                folder = os.readlink("/proc/self/fd/%d" % arguments[-1])
            names = arguments[:1] if event == "open" else arguments[:2]
            said = chr(9).join(os.path.normpath(os.path.join(folder, os.fsdecode(part))) for part in names
                               if isinstance(part, (str, bytes, os.PathLike)))
        with open(_log, "a", encoding="utf-8", errors="replace") as stream:
            stream.write(event + chr(9) + said.replace(chr(10), " ") + chr(10))
    finally:
        _local.busy = False

if _log:
    sys.addaudithook(_watch)
"""


def attacked(plan: dict) -> dict:
    """The plan with an attack in every text that is a label or a remark."""
    texts = iter(ATTACKS * 20)

    def words(part, keys):
        for key in keys:
            if key in part:
                part[key] = f"{next(texts)} {len(str(part[key]))}"

    words(plan["study"], ("name", "short_name", "description", "source", "notice"))
    for wave in plan["design"]["waves"]:
        words(wave, ("label",))
    for level in plan["design"]["levels"]:
        words(level, ("label",))
    for section in ("outcomes", "models", "populations", "derived"):
        for part in plan[section].values():
            words(part, ("label", "short_label", "minimal_important_difference_source"))
    words(plan["report"], ("title",))
    plan["report"]["limitations"] = list(ATTACKS)
    plan["report"]["authors"] = list(ATTACKS[:3])
    return plan


def attack_dictionary(path: Path) -> None:
    """An attack in every label of a variable."""
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    at = header.index("Field Label")
    for number, row in enumerate(rows):
        row[at] = f"{ATTACKS[number % len(ATTACKS)]} {number}"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


def tree(folder: Path, *without: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts and not any(path.is_relative_to(one) for one in without)
    }


def watched(project, tmp_path, *arguments):
    """Run Snakemake with the hook in every process; (code, said, noted)."""
    for name in ("watch", "home", "temporary"):
        (tmp_path / name).mkdir(exist_ok=True)
    (tmp_path / "watch" / "sitecustomize.py").write_text(WATCH, encoding="utf-8")
    log = tmp_path / "watch" / "log.txt"
    log.write_text("", encoding="utf-8")
    where = environment() | {
        "PYTHONPATH": str(tmp_path / "watch"),
        "WATCH_LOG": str(log),
        "HOME": str(tmp_path / "home"),
        "TMPDIR": str(tmp_path / "temporary"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    where = {name: value for name, value in where.items() if not name.startswith("XDG_")}
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "2", "--quiet", "host", *arguments],
        cwd=project.study,
        env=where,
        check=False,
        encoding="utf-8",
        errors="replace",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    return done.returncode, done.stdout, log.read_text(encoding="utf-8").splitlines()


@pytest.fixture
def hostile(copied):
    plan = attacked(yaml.safe_load((copied.study / "config.yaml").read_text(encoding="utf-8")))
    plan["data"]["checksums"] = None
    # JSON is YAML
    (copied.study / "config.yaml").write_text(json.dumps(plan, indent=1, default=str), encoding="utf-8")
    attack_dictionary(copied.study / "data" / "raw" / "dictionary.csv")
    return copied


def test_hostile_words_run_to_the_end_and_stay_words(hostile, tmp_path):
    outputs = [hostile.study / "results", hostile.study / "data" / "processed", hostile.study / ".snakemake"]
    own = [tmp_path / name for name in ("watch", "home", "temporary")]
    before = tree(tmp_path, *outputs, *own)
    code, said, noted = watched(hostile, tmp_path)
    assert code == 0, said[-4000:]
    assert tree(tmp_path, *outputs, *own) == before
    assert not list(tmp_path.rglob("*hacked*"))
    assert tree(tmp_path / "temporary") == {}

    allowed = [str(path) for path in (*outputs, *own[1:])]
    events = [line.split("\t") for line in noted]
    assert sum(event == "open" for event, *_ in events) > 100, "the hook has to see what is written"
    for event, *parts in events:
        if event == "socket.connect":
            pytest.fail(f"connects to {parts}")
        if event in ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.system"):
            program = Path(parts[0].strip("'b")).name
            assert re.fullmatch(PROGRAMS, program), parts
            continue
        for path in parts:
            assert path == "/dev/null" or any(path.startswith(one) for one in allowed), (event, path)

    report = hostile.study / "results" / "report"
    page = "".join((report / f"{name}.html").read_text(encoding="utf-8") for name in ("findings", "annex"))
    assert "&lt;script&gt;hacked()" in page
    assert "<script>hacked" not in page
    assert "onload=hacked()>" not in page.replace("&lt;svg onload=hacked()&gt;", "")
    assert "{{ 7 * 7 }}" in page
    with zipfile.ZipFile(hostile.study / "results" / "report" / "tables.xlsx") as book:
        assert not any(b"<f>" in book.read(name) for name in book.namelist())


@pytest.mark.parametrize(
    "change",
    [
        ("seed: 20180214", "seed: !!python/object/apply:os.system ['touch hacked']"),
        ('+ age + gender + (1 | trust) + (1 | trust:team)"\n  trust_fixed', "+ __import__('os')\"\n  trust_fixed"),
        ("file: data/raw/teams.csv", "file: ../../../etc/passwd"),
        ("where: has_0m and has_6m", "where: has_0m and exec(1)"),
    ],
)
def test_hostile_plan_is_refused_by_a_run_that_writes_nothing(copied, tmp_path, change):
    own = [tmp_path / name for name in ("watch", "home", "temporary")]
    memory = copied.study / ".snakemake"
    with copied.edited("config.yaml", change):
        before = tree(tmp_path, *own, memory)
        code, said, noted = watched(copied, tmp_path)
        assert code != 0
        assert "Traceback" not in said
        assert "Nothing was run" in said
        assert tree(tmp_path, *own, memory) == before
    assert not [line for line in noted if "hacked" in line or "etc/passwd" in line]
    assert os.listdir(tmp_path / "temporary") == []
