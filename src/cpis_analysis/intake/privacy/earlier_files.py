"""Files of earlier runs that still name people who withdrew consent: found by content, and removed."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

from cpis_analysis.intake.privacy.withdrawal import Withdrawal
from cpis_analysis.study_words import PEOPLE

_PLACES = {"data/processed": "*", "results": "*.log"}
"""Row-level data, and what steps said; no other file of results holds rows."""
_ZIPPED = (".xlsx", ".docx", ".zip")


def remove_files_naming(root: Path, withdrawal: Withdrawal) -> list[str]:
    """Remove what earlier runs wrote about people who withdrew, whether or not a rule of the plan writes it still.

    Only where rules write; what is needed is made again by the rules after cleaning.

    Returns
    -------
    list of str
        What has to be said of it.
    """
    found = files_naming(root, withdrawal)
    for path in found:
        path.unlink()
    if not found:
        return []
    which = "1 file of an earlier run" if len(found) == 1 else f"{len(found)} files of earlier runs"
    return [
        f"{which} named {PEOPLE} who withdrew, and was removed; what is needed of it is made again."
        if len(found) == 1
        else f"{which} named {PEOPLE} who withdrew, and were removed; what is needed of them is made again."
    ]


def files_naming(root: Path, withdrawal: Withdrawal) -> list[Path]:
    """Files in which one of the numbers stands in a text, or is the participant of a row."""
    return [
        path
        for folder, pattern in _PLACES.items()
        for path in sorted((root / folder).rglob(pattern))
        if path.is_file() and not path.is_symlink() and _names(path, withdrawal)
    ]


def texts_of(path: Path) -> Iterator[str]:
    """What stands in a file, piece by piece: Parquet decoded, workbooks and documents unpacked."""
    if path.suffix == ".parquet":
        for values in _columns(path).values():
            yield "\n".join(values)
    elif path.suffix in _ZIPPED:
        try:
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    yield archive.read(name).decode("utf-8", errors="replace")
        except zipfile.BadZipFile:
            return
    else:
        yield path.read_bytes().decode("utf-8", errors="replace")


def _columns(path: Path) -> dict[str, list[str]]:
    """Different texts of each column of a Parquet or CSV file; nothing of one that can't be read."""
    if path.suffix == ".csv":
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8", errors="replace"))))
        header, body = (rows[0], rows[1:]) if rows else ([], [])
        return {name: list({row[at] for row in body if at < len(row)}) for at, name in enumerate(header)}
    import pyarrow.parquet as parquet

    try:
        table = parquet.read_table(path)
    except Exception:  # whatever a damaged file raises; it is made again
        return {}
    return {
        name: [text for text in table[name].unique().to_pylist() if isinstance(text, str)]
        for name in table.column_names
    }


def _names(path: Path, withdrawal: Withdrawal) -> bool:
    if any(withdrawal.names(text) for text in texts_of(path)):
        return True
    # a number that could be any number tells something only where participants stand
    if path.suffix not in (".csv", ".parquet"):
        return False
    columns = _columns(path)
    return any(
        withdrawal.concerns(text) for name in (withdrawal.participant, "participant") for text in columns.get(name, ())
    )
