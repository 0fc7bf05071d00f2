"""The engine stands alone: it imports the error classes, NumPy, SciPy, pandas and the standard library."""

import ast
import sys
from pathlib import Path

import cpis_analysis.lmm

ALLOWED = {"numpy", "scipy", "pandas", *sys.stdlib_module_names}


def test_engine_imports_only_errors_numpy_scipy_pandas():
    folder = Path(cpis_analysis.lmm.__file__).parent
    for path in sorted(folder.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module]
            for name in names:
                own = name.startswith("cpis_analysis.lmm") or name == "cpis_analysis.errors"
                assert own or name.split(".")[0] in ALLOWED, (path.name, name)


def test_every_public_name_loads():
    for name in cpis_analysis.lmm.__all__:
        assert getattr(cpis_analysis.lmm, name) is not None
