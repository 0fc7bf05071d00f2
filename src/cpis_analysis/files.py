"""Files that are written whole or not at all, with the same bytes each time."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cpis_analysis.errors import DataError, FileError, Problem
from cpis_analysis.study_words import plain

if TYPE_CHECKING:
    import pandas as pd


TEMPORARY = ".part"
"""How the hidden files end that are not complete yet."""


def write_bytes(path: str | Path, content: bytes, *, flushed: bool = True) -> None:
    """Write beside the target, flush to disk, then move into place.

    Parameters
    ----------
    path : path
    content : bytes
    flushed : bool
        False for a file that tells whoever reads it whether it is whole, and is made again where it is not: after a
        power cut it may not be. To wait for the disk a thousand times takes seconds.

    Raises
    ------
    FileError
        If the disk is full, the folder may not be written to and the like; what stood there before is as it was.
    """
    path = Path(path)
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=TEMPORARY, dir=path.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            if flushed:
                os.fsync(stream.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise FileError.of(error, path) from None
        raise


def write_text(path: str | Path, text: str, *, flushed: bool = True) -> None:
    """UTF-8, line feeds on every system, marked words without marks (`study_words`); `flushed` as for `write_bytes`."""
    write_bytes(path, plain(text).encode("utf-8"), flushed=flushed)


def write_json(path: str | Path, content: Any) -> None:
    """Indented JSON with keys in the order given; NaN and infinity are errors (use None)."""
    write_text(path, json.dumps(content, ensure_ascii=False, allow_nan=False, indent=2) + "\n")


def write_records(path: str | Path, content: Mapping[str, Mapping[str, Any] | Sequence[Any]]) -> None:
    """JSON of many short records, as `write_json`, but each part of a member has one line.

    The standard library indents at a tenth of the speed at which it writes.
    """
    members = []
    for name, parts in content.items():
        if isinstance(parts, Mapping):
            lines = [f"{json_line(key)}: {json_line(part)}" for key, part in parts.items()]
            opened, closed = "{}"
        else:
            lines = [json_line(part) for part in parts]
            opened, closed = "[]"
        members.append(f"{json_line(name)}: {opened}\n" + ",\n".join(lines) + f"\n{closed}")
    write_text(path, "{\n" + ",\n".join(members) + "\n}\n")


def write_entries(path: str | Path, content: Sequence[Mapping[str, Any]]) -> None:
    """JSON of a list, as `write_records`: each entry has one line."""
    write_text(path, "[\n" + ",\n".join(map(json_line, content)) + "\n]\n")


def json_line(content: Any) -> str:
    """JSON in one line; NaN and infinity are errors."""
    return _LINE.encode(content)


_LINE = json.JSONEncoder(ensure_ascii=False, allow_nan=False)
"""Made once: it takes as long to make as a short record to write."""


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
    """Parquet (zstd) without an index, with a checksum of each page and one of the whole file.

    Notes
    -----
    The checksums of pages, which Parquet knows, cover the values but not the footer, where types, names and the
    places of columns stand. So the SHA-256 of all other bytes is put between the last page and the footer, where no
    reader looks: pages are found by their places from the beginning, the footer by its length from the end.
    """
    import io

    buffer = io.BytesIO()
    frame.to_parquet(buffer, engine="pyarrow", index=False, compression="zstd", write_page_checksum=True)
    content = buffer.getvalue()
    footer = _footer(content)
    pages, footer_bytes = content[:footer], content[footer:]
    write_bytes(path, pages + _MARK + hashlib.sha256(pages + footer_bytes).digest() + footer_bytes)


def read_parquet(path: str | Path) -> pd.DataFrame:
    """Read what `write_parquet` wrote, whole and unaltered.

    Raises
    ------
    DataError
        If a single bit differs, or the file was cut or written by another program; the message names the file.
    """
    import io

    import pandas as pd
    import pyarrow as pa

    try:
        content = Path(path).read_bytes()
    except FileNotFoundError:
        raise _damaged(path, "there is no such file") from None
    footer = _footer(content)
    digest = content[footer - 32 : footer] if footer >= _CHECKED else b""
    pages = content[: footer - _CHECKED]
    if content[footer - _CHECKED : footer - 32] != _MARK or hashlib.sha256(pages + content[footer:]).digest() != digest:
        what = "it was cut off" if content[-4:] != b"PAR1" else "its checksum does not fit"
        raise _damaged(path, f"the file is not as it was written: {what}")
    try:
        return pd.read_parquet(io.BytesIO(content), engine="pyarrow", page_checksum_verification=True)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(path, f"the file can't be read: {str(error).splitlines()[0]}") from None


_MARK = b"SHA-256:"
_CHECKED = len(_MARK) + 32
"""Bytes between pages and footer."""


def _footer(content: bytes) -> int:
    """Where the footer of a Parquet file begins; its length stands before the last four bytes."""
    return max(len(content) - 8 - int.from_bytes(content[-8:-4], "little"), 0)


def _damaged(path: str | Path, what: str) -> DataError:
    return DataError(
        "A file that the workflow wrote can't be used.",
        Problem(what, file=Path(path).as_posix(), hint="a run makes it again: cpis run"),
    )


def sha256(path: str | Path) -> str:
    """Hex digest of a file, read in blocks."""
    digest = hashlib.sha256()
    # most files are read at once: a buffer for each takes longer than their bytes
    with open(path, "rb", buffering=0) as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


_BLOCK = 1 << 18
