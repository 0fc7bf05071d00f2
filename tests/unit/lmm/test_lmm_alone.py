"""The engine stands alone: it imports the error classes, the formula's parser, NumPy, SciPy and pandas."""

import ast
import inspect
import sys
from pathlib import Path

import pandas as pd

import cpis_analysis.lmm
from cpis_analysis.lmm import lmer
from cpis_analysis.lmm.designs.basis import orthogonalise
from cpis_analysis.lmm.structures.block_diagonal import BlockStructure
from cpis_analysis.lmm.structures.crossed import CrossedStructure
from cpis_analysis.lmm.structures.nested import NestedStructure
from cpis_analysis.lmm.structures.none import IndependentRows
from cpis_analysis.lmm.structures.structure import Structure

FOLDER = Path(cpis_analysis.lmm.__file__).parent

ALLOWED = {"numpy", "scipy", "pandas", *sys.stdlib_module_names}


OWN = ("cpis_analysis.lmm", "cpis_analysis.formula", "cpis_analysis.errors", "cpis_analysis.study_words")


def test_engine_imports_only_errors_formula_numpy_scipy_pandas():
    for path in sorted(FOLDER.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module]
            for name in names:
                assert name.startswith(OWN) or name.split(".")[0] in ALLOWED, (path.name, name)


def test_no_module_of_the_engine_reads_what_is_private_to_another():
    """`self._x`, `cls._x` and names that the module itself defines are its own; any other `._x` belongs to another."""
    wrong = []
    for path in sorted(FOLDER.rglob("*.py")):
        module = ast.parse(path.read_text(encoding="utf-8"))
        own = {
            target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", getattr(target, "name", None))
            for node in ast.walk(module)
            for target in (
                node.targets
                if isinstance(node, ast.Assign)
                else [node.target]
                if isinstance(node, ast.AnnAssign)
                else [node]
                if isinstance(node, ast.FunctionDef)
                else []
            )
        }
        for node in ast.walk(module):
            if isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.startswith("__"):
                mine = isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
                if not mine and node.attr not in own:
                    wrong.append(f"{path.name}:{node.lineno} {node.attr}")
            if isinstance(node, ast.ImportFrom):
                wrong += [f"{path.name}:{node.lineno} {name.name}" for name in node.names if name.name.startswith("_")]
    assert wrong == []


def test_all_four_structures_are_structures():
    members = {name for name in vars(Structure) if not name.startswith("_")} | set(Structure.__annotations__)
    frame = pd.DataFrame({"g": [0, 0, 1, 1, 2, 2] * 4, "h": [0, 1, 2, 3] * 6, "x": range(24)})
    frame["y"] = frame["x"] % 5 + frame["g"]
    design = lmer("y ~ x + (1 | g) + (1 | h)", frame).design
    basis = orthogonalise(design.X)
    for structure in (
        NestedStructure(design.random[:1], basis),
        BlockStructure(design.random, basis),
        CrossedStructure(design.random, basis),
        IndependentRows(basis),
    ):
        assert members <= set(dir(structure)) | set(vars(structure))
        for name in members - {"layout", "scales", "n"}:
            offered, asked = (
                list(inspect.signature(getattr(kind, name)).parameters) for kind in (type(structure), Structure)
            )
            assert offered == asked, (type(structure), name)


def test_every_public_name_loads():
    for name in cpis_analysis.lmm.__all__:
        assert getattr(cpis_analysis.lmm, name) is not None
