"""Reads one SPSS or Stata file in a process of its own, because a damaged file can take the reader down with it.

Run as a file, with the kind and the path as arguments; a pickle of what was read, or of why it was not, goes to
standard output. Imports nothing of the package, so that it starts in a fifth of a second.
"""

from __future__ import annotations

import pickle
import sys
from typing import Any


def read(kind: str, path: str) -> dict[str, Any]:
    """Columns and what the file says about them; ``error`` where it cannot be read."""
    import pyreadstat

    reader = pyreadstat.read_sav if kind == "spss" else pyreadstat.read_dta
    try:
        columns, meta = reader(path, user_missing=True, apply_value_formats=False, output_format="dict")
    except Exception as error:  # the library raises its own kinds, ValueError, UnicodeDecodeError, MemoryError
        text = str(error).strip()
        return {"error": text.splitlines()[0][:120] if text else type(error).__name__}
    return {
        "columns": [(str(name), list(values)) for name, values in columns.items()],
        "labels": dict(meta.column_names_to_labels or {}),
        "value_labels": dict(meta.variable_value_labels or {}),
        "missing_ranges": dict(meta.missing_ranges or {}),
        "missing_user_values": dict(meta.missing_user_values or {}),
        "encoding": meta.file_encoding,
    }


if __name__ == "__main__":
    sys.stdout.buffer.write(pickle.dumps(read(sys.argv[1], sys.argv[2])))
