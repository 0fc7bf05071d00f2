"""A step that is handed over ends as one that Python starts: same words, same streams, same exit code."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from collections import namedtuple
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import pytest

from cpis_analysis.provenance import module_sources
from cpis_analysis.workflow import memory, step, warm_steps
from cpis_analysis.workflow.memory import Memory
from cpis_analysis.workflow.warm_steps import ADDRESS, modules_of_step, start_for_edited_plan, start_warm_steps

pytestmark = pytest.mark.thorough

Rule = namedtuple("Rule", "name")
Job = namedtuple("Job", "rule")

SOURCE = Path(step.__file__).parents[2]
MODULE = """
import json, os, sys, time
if __name__ == "__main__":
    if sys.argv[1] == "loaded":
        sys.argv[1:] = [name for name in sys.modules if "." not in name]
    print(json.dumps([sys.argv[1:], os.getcwd(), os.environ.get("SAID"), sys.stdin.read(), "pandas" in sys.modules]))
    print("aside", file=sys.stderr)
    if sys.argv[1] == "waits":
        print("begun", file=sys.stderr, flush=True)
        while not os.path.exists("go on"):
            time.sleep(0.01)
        print("done", file=sys.stderr, flush=True)
    if sys.argv[1] == "fault":
        raise ValueError("a fault of the program")
    if sys.argv[1] == "killed":
        os.kill(os.getpid(), 9)
    sys.exit({"0": 0, "1": 1, "words": "in words"}.get(sys.argv[1], 3))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("step")
    (made / "made_up").mkdir()
    (made / "made_up" / "__init__.py").touch()
    (made / "made_up" / "step.py").write_text(MODULE, encoding="utf-8")
    (made / "made_up_late.py").write_text("raise ValueError('a module that can not be loaded')", encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def warm(folder):
    if platform.system() != "Linux":
        pytest.skip("steps are forked on Linux only")
    code = (
        "import os, sys; from cpis_analysis.workflow.warm_steps import ADDRESS, start_warm_steps; "
        "warm = start_warm_steps({'PYTHONPATH': os.environ['PYTHONPATH']}); "
        "warm.prepare([['made_up.step'], ['made_up_late', 'not_there', 'decimal']], {}); "
        "print(os.environ[ADDRESS], flush=True); "
        "sys.stdin.read()"
    )
    where = os.environ | {"PYTHONPATH": f"{SOURCE}{os.pathsep}{folder}"}
    with subprocess.Popen(
        [sys.executable, "-c", code], env=where, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as main:
        yield main.stdout.readline().strip()


def ended(folder, address, *arguments):
    """Exit code, words, and words aside of the step."""
    where = {name: value for name, value in os.environ.items() if name != ADDRESS}
    where |= {"PYTHONPATH": f"{SOURCE}{os.pathsep}{folder}", "SAID": "ä"} | ({ADDRESS: address} if address else {})
    done = subprocess.run(
        [sys.executable, "-IS", step.__file__, "made_up.step", *arguments],
        cwd=folder,
        env=where,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def handed_over(folder, address, *arguments):
    """`ended`, once the process with the libraries is there."""
    for _ in range(100):
        found = ended(folder, address, *arguments)
        if not found[1] or json.loads(found[1])[-1]:
            return found
    raise AssertionError("no step was handed over")


@pytest.mark.parametrize("asked", ["0", "1", "other", "words", "fault"])
def test_step_handed_over_ends_like_one_that_python_starts(folder, warm, asked):
    long = "ä" * 50_000
    code, said, aside = handed_over(folder, warm, asked, long, "")
    known_code, known, known_aside = ended(folder, "", asked, long, "")
    assert json.loads(said) == [[asked, long, ""], str(folder), "ä", "", True]
    assert json.loads(known) == [[asked, long, ""], str(folder), "ä", "", False]
    assert code == known_code
    assert aside.splitlines()[-1] == known_aside.splitlines()[-1]
    # nor is anybody warned that the step was loaded before it was run
    assert "Warning" not in aside


def test_step_handed_over_and_killed_has_failed(folder, warm):
    handed_over(folder, warm, "0")
    code, _, aside = ended(folder, warm, "killed")
    assert code == 1
    assert "ended from outside" in aside


def test_step_for_which_nobody_waits_any_more_ends_without_a_complaint(folder, warm):
    handed_over(folder, warm, "0")
    where = os.environ | {"PYTHONPATH": f"{SOURCE}{os.pathsep}{folder}", ADDRESS: warm}
    with (folder / "aside").open("w") as aside:

        def said(wanted):
            for _ in range(500):
                if wanted in (found := (folder / "aside").read_text()):
                    return found
                time.sleep(0.01)
            raise AssertionError(f"the step did not say {wanted}")

        command = [sys.executable, "-IS", step.__file__, "made_up.step", "waits"]
        with subprocess.Popen(command, cwd=folder, env=where, stdin=subprocess.DEVNULL, stderr=aside) as asking:
            said("begun")
            asking.kill()
        (folder / "go on").touch()
        said("done")
        time.sleep(0.2)
        assert "Traceback" not in said("done")


def test_step_starts_where_nobody_takes_it(folder):
    code, said, _ = ended(folder, "nobody-is-there", "0")
    assert code == 0
    assert not json.loads(said)[-1]
    assert callable(start_warm_steps)


def test_step_finds_loaded_what_a_later_step_needs_and_what_cannot_be_loaded_harms_nobody(folder, warm):
    handed_over(folder, warm, "0")
    for _ in range(100):
        said = handed_over(folder, warm, "loaded")[1]
        if "decimal" in json.loads(said)[0]:
            return
    raise AssertionError("nothing was loaded while a step was at work")


@pytest.mark.parametrize("name", ["fit_models", "make_tables", "draw_figures", "build_report", "build_documents"])
def test_modules_of_a_step_are_those_that_it_is_made_of_and_can_be_loaded(name):
    files = module_sources(f"cpis_analysis.steps.{name}", SOURCE)
    made_of = {Path(file).relative_to(SOURCE).with_suffix("").as_posix().replace("/", ".") for file in files}
    named = modules_of_step(name, files)
    assert named[0] == f"cpis_analysis.steps.{name}"
    own = {module for module in named if module.startswith("cpis_analysis")}
    assert own <= {module.removesuffix(".__init__") for module in made_of}
    assert len(own) == (1 if name == "fit_models" else len(made_of))
    assert all(find_spec(module) for module in named)


@pytest.mark.parametrize("start", ["a/cpis_analysis/src/", "src/", "/there/cpis_analysis/src/"])
def test_modules_of_a_step_are_named_in_any_folder(start):
    files = [f"{start}cpis_analysis/steps/make_tables.py", f"{start}cpis_analysis/words/__init__.py"]
    assert modules_of_step("make_tables", files) == ["cpis_analysis.steps.make_tables", "cpis_analysis.words"]


def test_process_that_is_told_nothing_ends(folder):
    code = "from cpis_analysis.workflow.warm_steps import start_warm_steps; warm = start_warm_steps({}); warm.end()"
    where = os.environ | {"PYTHONPATH": str(SOURCE)}
    subprocess.run([sys.executable, "-c", code], env=where, cwd=folder, check=True, timeout=120)


def test_step_forgets_the_package_when_a_file_of_it_was_changed(folder):
    code = (
        "import sys; from cpis_analysis import files; from cpis_analysis.workflow import warm_steps as warm; "
        "from pathlib import Path; states = warm.source_states(Path(files.__file__).parent); "
        "warm._forget_changed(states); print('cpis_analysis.files' in sys.modules); "
        "warm._forget_changed({**states, files.__file__: (0, 0, 0)}); "
        "print(any('cpis' in name for name in sys.modules)); "
        "from cpis_analysis import files as anew; print(anew is files)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["True", "False", "False"]


@pytest.mark.parametrize(
    ("written", "told", "starts"),
    [
        ("before", ["snakemake", "--cores", "2"], True),
        ("before", ["snakemake", "-n"], False),
        ("before", ["snakemake", "--dry-run"], False),
        ("after", ["snakemake"], False),
        ("never", ["snakemake"], False),
    ],
)
def test_process_starts_before_the_plan_is_read_where_it_was_edited_after_the_page(
    tmp_path, monkeypatch, written, told, starts
):
    plan, page = tmp_path / "config.yaml", tmp_path / "findings.html"
    plan.touch()
    if written != "never":
        page.touch()
        at = plan.stat().st_mtime + (1 if written == "after" else -1)
        os.utime(page, (at, at))
    monkeypatch.setattr(warm_steps, "start_warm_steps", lambda environment: environment)
    assert (start_for_edited_plan(plan, page, {"A": "1"}, told) == {"A": "1"}) is starts


def test_process_that_is_given_up_ends_at_once(folder):
    code = (
        "import os; from cpis_analysis.workflow.warm_steps import ADDRESS, start_warm_steps; "
        "warm = start_warm_steps({}); warm.give_up(); print(ADDRESS in os.environ)"
    )
    where = os.environ | {"PYTHONPATH": str(SOURCE)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=where, cwd=folder, check=True, timeout=120, capture_output=True, text=True
    )
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("jobs", "started", "wanted"),
    [(0, True, ["given up"]), (1, True, [1]), (2, True, [2]), (1, False, []), (2, False, ["started", 2])],
)
def test_process_that_runs_already_is_used_for_whatever_is_to_be_done(monkeypatch, tmp_path, jobs, started, wanted):
    done = []
    process = SimpleNamespace(
        prepare=lambda steps, imports: done.append(len(steps)),
        give_up=lambda: done.append("given up"),
        end=lambda: None,
    )
    monkeypatch.setattr(memory, "start_warm_steps", lambda environment: done.append("started") or process)
    waiting = [Job(Rule(f"step{at}")) for at in range(jobs)]
    dag = SimpleNamespace(needrun_jobs=lambda: waiting, toposorted=lambda: [{job} for job in waiting])
    workflow = SimpleNamespace(dag=dag, dryrun=False, touch=False, executor_plugin="local", local_exec=True)
    told = Memory(workflow, tmp_path, lambda rule: [f"src/cpis_analysis/steps/{rule}.py"], {})
    told.warm = process if started else None
    told.warm_up()
    told.warm_up()
    assert done == wanted
