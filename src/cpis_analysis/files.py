"""Files that are written whole or not at all, with the same bytes each time."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["csv_text", "sha256", "write_bytes", "write_csv", "write_json", "write_parquet", "write_text"]


def write_bytes(path: str | Path, content: bytes) -> None:
    """Write beside the target, flush to disk, then move into place."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_text(path: str | Path, text: str) -> None:
    """UTF-8, line feeds on every system."""
    write_bytes(path, text.encode("utf-8"))


def write_json(path: str | Path, content: Any) -> None:
    """Indented JSON with keys in the order given; NaN and infinity are errors (use None)."""
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def write_csv(path: str | Path, frame: pd.DataFrame) -> None:
    """UTF-8 CSV without an index; empty cells are missing; floats in full (repr) precision."""
    write_text(path, csv_text(frame))


def csv_text(frame: pd.DataFrame) -> str:
    """What `write_csv` writes.

    The same as pandas writes, several times as fast: each different value is turned into text once.
    """
    columns = [_csv_column(frame.iloc[:, at]) for at in range(frame.shape[1])]
    lines = [",".join(_quoted(str(name)) for name in frame.columns)]
    if len(columns) == 1:
        lines += [cell or '""' for cell in columns[0]]
    else:
        lines += map(",".join, zip(*columns, strict=True))
    return "\n".join(lines) + "\n"


def _csv_column(values: pd.Series) -> list[str]:
    import numpy as np
    import pandas as pd

    codes, distinct = pd.factorize(values, use_na_sentinel=True)
    if pd.api.types.is_datetime64_any_dtype(distinct):
        texts = list(pd.DatetimeIndex(distinct).strftime("%Y-%m-%d"))
    elif pd.api.types.is_float_dtype(distinct):
        texts = [repr(float(value)) for value in distinct]
    else:
        texts = [_quoted(_csv_cell(value)) for value in distinct]
    return np.array([*texts, ""], dtype=object)[codes].tolist()


def _csv_cell(value: Any) -> str:
    return repr(float(value)) if isinstance(value, float) else str(value)


def _quoted(text: str) -> str:
    if '"' in text or "," in text or "\n" in text or "\r" in text:
        return '"' + text.replace('"', '""') + '"'
    return text


def write_parquet(path: str | Path, frame: pd.DataFrame) -> None:
    """Parquet (zstd) without an index."""
    import io

    buffer = io.BytesIO()
    frame.to_parquet(buffer, engine="pyarrow", index=False, compression="zstd")
    write_bytes(path, buffer.getvalue())


def sha256(path: str | Path) -> str:
    """Hex digest of a file, read in blocks."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
