"""What code does, told from how it is written."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from cpis_analysis.provenance import bytes_digest, code_digest, source_texts

TEXT = '''"""About."""

from math import sqrt

LIMIT = {"a", "b"}


def f(x: float, y: int = 2) -> float:
    """What it does."""
    if x in {"a", "b", "c"}:
        return sqrt(x)  # a remark
    return y * 0.5
'''


def digest(folder, text: str) -> str:
    file = folder / "module.py"
    file.write_text(text, encoding="utf-8")
    return code_digest(source_texts([str(file)], folder))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"""What it does."""', '"""What else."""'),
        ('    """What it does."""\n', ""),
        ('"""About."""', ""),
        ("  # a remark", ""),
        ("\n\n\n", "\n\n\n\n# another\n"),
        ("return y * 0.5", "return (y\n        * 0.50)"),
    ],
)
def test_code_digest_is_the_same_whatever_is_said_about_the_code(tmp_path, old, new):
    assert old in TEXT
    assert digest(tmp_path, TEXT.replace(old, new)) == digest(tmp_path, TEXT)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("0.5", "0.25"),
        ("y: int = 2", "y: int = 3"),
        ("y * 0.5", "x * 0.5"),
        ("y * 0.5", "y / 0.5"),
        ('"c"}', '"d"}'),
        ("sqrt", "cbrt"),
        ("in {", "not in {"),
        ("def f(x: float, y", "def f(x: float, *, y"),
        ("def f(x: float", "def f(x: int"),
        ("    return y", "    assert y\n    return y"),
    ],
)
def test_code_digest_differs_where_the_code_does(tmp_path, old, new):
    assert old in TEXT
    assert digest(tmp_path, TEXT.replace(old, new)) != digest(tmp_path, TEXT)


def test_code_digest_sees_what_is_asserted(tmp_path):
    asserted = TEXT + "\nassert LIMIT\n"
    assert digest(tmp_path, asserted.replace("assert LIMIT", "assert not LIMIT")) != digest(tmp_path, asserted)


def test_code_digest_is_the_same_in_every_process(tmp_path):
    own = digest(tmp_path, TEXT)
    script = (
        "import sys; from cpis_analysis.provenance import code_digest, source_texts;"
        "print(code_digest(source_texts(sys.argv[1:2], sys.argv[2])))"
    )
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path / "module.py"), str(tmp_path)],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == own


def test_digests_know_which_file_is_which(tmp_path):
    for name, text in (("a.py", "x = 1\n"), ("b.py", "x = 2\n")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    files = [str(tmp_path / name) for name in ("a.py", "b.py")]
    ways = (bytes_digest, lambda *of: code_digest(source_texts(*of)))
    before = [made(files, tmp_path) for made in ways]
    (tmp_path / "a.py").write_text("x = 2\n", encoding="utf-8")
    (tmp_path / "b.py").write_text("x = 1\n", encoding="utf-8")
    assert all(made(files, tmp_path) != old for made, old in zip(ways, before, strict=True))
