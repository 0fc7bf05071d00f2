"""The engine stands alone: it imports the error classes, the formula's parser, NumPy, SciPy and pandas."""

import ast
import sys
from pathlib import Path

import cpis_analysis.lmm

ALLOWED = {"numpy", "scipy", "pandas", *sys.stdlib_module_names}


OWN = ("cpis_analysis.lmm", "cpis_analysis.formula", "cpis_analysis.errors")


def test_engine_imports_only_errors_formula_numpy_scipy_pandas():
    folder = Path(cpis_analysis.lmm.__file__).parent
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module]
            for name in names:
                assert name.startswith(OWN) or name.split(".")[0] in ALLOWED, (path.name, name)


def test_every_public_name_loads():
    for name in cpis_analysis.lmm.__all__:
        assert getattr(cpis_analysis.lmm, name) is not None
