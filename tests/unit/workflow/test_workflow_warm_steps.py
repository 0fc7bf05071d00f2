"""A step that is handed over ends as one that Python starts: same words, same streams, same exit code."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from cpis_analysis.provenance import module_sources
from cpis_analysis.workflow import step
from cpis_analysis.workflow.warm_steps import ADDRESS, shared_modules, start_warm_steps

pytestmark = pytest.mark.thorough

SOURCE = Path(step.__file__).parents[2]
MODULE = """
import json, os, sys
if __name__ == "__main__":
    print(json.dumps([sys.argv[1:], os.getcwd(), os.environ.get("SAID"), sys.stdin.read(), "pandas" in sys.modules]))
    print("aside", file=sys.stderr)
    if sys.argv[1] == "fault":
        raise ValueError("a fault of the program")
    if sys.argv[1] == "killed":
        os.kill(os.getpid(), 9)
    sys.exit({"0": 0, "1": 1, "words": "in words"}.get(sys.argv[1], 3))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("step")
    (made / "made_up_step.py").write_text(MODULE, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def warm(folder):
    if platform.system() != "Linux":
        pytest.skip("steps are forked on Linux only")
    code = (
        "import os, sys; from cpis_analysis.workflow.warm_steps import ADDRESS, start_warm_steps; "
        "start_warm_steps({'PYTHONPATH': os.environ['PYTHONPATH']}, []); print(os.environ[ADDRESS], flush=True); "
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
        [sys.executable, "-IS", step.__file__, "made_up_step", *arguments],
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


def test_step_handed_over_and_killed_has_failed(folder, warm):
    handed_over(folder, warm, "0")
    code, _, aside = ended(folder, warm, "killed")
    assert code == 1
    assert "ended from outside" in aside


def test_step_starts_where_nobody_takes_it(folder):
    code, said, _ = ended(folder, "nobody-is-there", "0")
    assert code == 0
    assert not json.loads(said)[-1]
    assert callable(start_warm_steps)


def test_modules_that_several_jobs_load_are_loaded_once_and_those_of_one_by_itself():
    fitting = "cpis_analysis.analyses.fitting.run"
    assert shared_modules(["clean_data", "fit_models"]) == []
    assert shared_modules(["fit_models", "simulate_error_rates"]) == [fitting]
    assert fitting in shared_modules(["simulate_cell"] * 40)
    for step_name in ("fit_models", "simulate_error_rates", "simulate_cell"):
        files = module_sources(f"cpis_analysis.steps.{step_name}", SOURCE)
        loaded = {Path(file).relative_to(SOURCE).with_suffix("").as_posix().replace("/", ".") for file in files}
        assert set(shared_modules([step_name] * 2)) <= loaded


def test_step_forgets_the_package_when_a_file_of_it_was_changed(folder):
    code = (
        "import sys; from cpis_analysis import files; from cpis_analysis.workflow import warm_steps as warm; "
        "states = warm._states(); warm._forget_changed(states); print('cpis_analysis.files' in sys.modules); "
        "warm._forget_changed({**states, files.__file__: (0, 0)}); print(any('cpis' in name for name in sys.modules)); "
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
