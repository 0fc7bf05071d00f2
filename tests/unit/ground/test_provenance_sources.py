"""Which code a step depends on, read from the text of a small made-up package."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cpis_analysis.provenance import module_sources

pytestmark = pytest.mark.thorough

SOURCE = Path(__file__).resolve().parents[3] / "src"


@pytest.fixture
def package(tmp_path):
    """Write files of a package; return a function that lists what a module depends on."""

    def make(**files: str):
        root = tmp_path / "cpis_analysis"
        for name, text in {"__init__": "", **files}.items():
            path = root.joinpath(*name.split("__of__")[::-1]).with_suffix(".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

        def sources(module: str) -> list[str]:
            found = module_sources(f"cpis_analysis.{module}", tmp_path)
            return [Path(path).relative_to(root).as_posix() for path in found]

        return sources

    return make


def test_sources_follow_direct_and_indirect_imports(package):
    sources = package(
        fit__of__steps="from cpis_analysis.study.dataset import read",
        dataset__of__study="import cpis_analysis.study.flow\nimport numpy",
        flow__of__study="from cpis_analysis.errors import CpisError",
        balance__of__study="",
        errors="",
    )
    assert sources("steps.fit") == ["errors.py", "steps/fit.py", "study/dataset.py", "study/flow.py"]


def test_sources_follow_relative_imports(package):
    sources = package(
        fit__of__steps="from ..study import dataset\nfrom .command import run_step",
        command__of__steps="",
        dataset__of__study="from . import flow",
        flow__of__study="",
    )
    assert sources("steps.fit") == ["steps/command.py", "steps/fit.py", "study/dataset.py", "study/flow.py"]


def test_sources_include_imports_inside_functions_and_type_checks(package):
    sources = package(
        fit__of__steps="def main():\n    from cpis_analysis.plan.load import load_plan\n",
        load__of__plan="if TYPE_CHECKING:\n    from cpis_analysis.plan.schema import Plan\n",
        schema__of__plan="",
    )
    assert sources("steps.fit") == ["plan/load.py", "plan/schema.py", "steps/fit.py"]


def test_sources_of_a_package_by_name_are_all_its_modules(package):
    """An ``__init__`` may load its modules late, by name; so a name that it offers may come from any of them."""
    sources = package(
        fit__of__steps="from cpis_analysis.lmm import lmer",
        __init____of__lmm="def __getattr__(name): ...",
        model__of__lmm="from cpis_analysis.errors import ModelError",
        design__of__lmm="",
        errors="",
        seeds="",
    )
    assert sources("steps.fit") == ["errors.py", "lmm/__init__.py", "lmm/design.py", "lmm/model.py", "steps/fit.py"]


def test_sources_follow_the_field_of_a_registry_that_a_module_asks_for_and_no_other(package):
    """Oracle: a table is loaded by who asks for tables, a figure by who asks for figures."""
    registry = 'CHAPTERS = (Chapter("a", tables=(".a.table:tables",), figures=(".a.figure:figures", ".b:figures")),)'
    ask = "from cpis_analysis.chapters.every import CHAPTERS\nlate_functions(CHAPTERS, {}, __package__)"
    sources = package(
        every__of__chapters=registry,
        tables__of__chapters=ask.format('"tables"'),
        figures__of__chapters=ask.format('"figures"'),
        b__of__chapters="import cpis_analysis.errors",
        table__of__a__of__chapters="",
        figure__of__a__of__chapters="",
        errors="",
    )
    every = "chapters/every.py"
    assert sources("chapters.tables") == ["chapters/a/table.py", every, "chapters/tables.py"]
    found = sources("chapters.figures")
    assert found == ["chapters/a/figure.py", "chapters/b.py", every, "chapters/figures.py", "errors.py"]


def test_sources_survive_a_circle(package):
    sources = package(a__of__study="import cpis_analysis.study.b", b__of__study="from cpis_analysis.study import a")
    assert sources("study.a") == ["study/a.py", "study/b.py"]


def test_sources_leave_out_what_is_not_of_this_package(package):
    sources = package(fit__of__steps="import numpy\nfrom pandas import DataFrame\nfrom cpis_analysis import absent\n")
    assert sources("steps.fit") == ["steps/fit.py"]


@pytest.mark.parametrize(
    ("step", "needs", "spares"),
    [
        (
            "clean_data",
            ("intake/clean.py", "intake/files/excel.py", "intake/files/spss_stata.py"),
            ("lmm/", "analyses/", "chapters/", "report/"),
        ),
        (
            "fit_models",
            ("analyses/fitting/run.py", "formula/parse.py"),
            ("intake/", "chapters/", "report/", "synthetic/"),
        ),
        ("collect_estimates", ("analyses/collect.py", "disclosure/counts.py"), ("report/", "synthetic/")),
        (
            "make_tables",
            ("chapters/outcomes/table.py",),
            ("chapters/outcomes/figure", "chapters/flow/", "report/build"),
        ),
        (
            "build_report",
            ("chapters/tipping/section.py",),
            ("report/tables.py", "report/figures.py", "intake/rules/"),
        ),
        ("draw_figures", ("chapters/outcomes/figure_teams.py",), ("chapters/cleaning/", "chapters/process/")),
        ("write_manifest", ("provenance.py",), ("lmm/", "analyses/", "intake/", "chapters/", "report/")),
    ],
)
def test_sources_of_the_real_steps_hold_what_they_use_and_little_else(step, needs, spares):
    found = [
        Path(path).relative_to(SOURCE / "cpis_analysis").as_posix()
        for path in module_sources(f"cpis_analysis.steps.{step}", SOURCE)
    ]
    assert f"steps/{step}.py" in found
    assert set(needs) <= set(found)
    assert [path for path in found if path.startswith(spares)] == []


def test_sources_are_sorted_and_name_each_file_once():
    found = module_sources("cpis_analysis.steps.fit_models", SOURCE)
    assert found == sorted(set(found))


LOADED = """
import importlib, sys, types
from pathlib import Path
source, step, *packages = sys.argv[1:]
for name in packages:  # a package whose own __init__ is not used: only its folder counts
    sys.modules[name] = module = types.ModuleType(name)
    module.__path__ = [str(Path(source).joinpath(*name.split(".")))]
importlib.import_module(f"cpis_analysis.steps.{step}")
loaded = [(name, getattr(module, "__file__", None)) for name, module in list(sys.modules.items())]
print(*sorted(file for name, file in loaded if name.startswith("cpis_analysis.") and file), sep="\\n")
"""


@pytest.mark.parametrize("step", sorted(path.stem for path in (SOURCE / "cpis_analysis" / "steps").glob("[!_]*.py")))
def test_sources_hold_every_module_that_python_loads_for_a_step(step):
    """Oracle: what the interpreter has in sys.modules after importing the step."""
    listed = {Path(path).resolve() for path in module_sources(f"cpis_analysis.steps.{step}", SOURCE)}
    packages = [
        ".".join(path.relative_to(SOURCE).parent.parts)
        for path in sorted((SOURCE / "cpis_analysis").rglob("__init__.py"))
        if path not in listed and path.parent.name != "cpis_analysis"
    ]
    run = subprocess.run(
        [sys.executable, "-c", LOADED, str(SOURCE), step, *packages],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
    )
    assert run.returncode == 0, run.stderr
    loaded = {Path(line).resolve() for line in run.stdout.splitlines() if line}
    assert loaded - listed == set()
