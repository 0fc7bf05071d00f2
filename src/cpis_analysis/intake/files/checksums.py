"""SHA256SUMS: were the raw files changed since they were delivered?"""

from __future__ import annotations

import re
from pathlib import Path

from cpis_analysis.errors import Problem
from cpis_analysis.files import sha256
from cpis_analysis.intake.text_files.text_rows import decode_file

_LINE = re.compile(r"([0-9a-fA-F]{64}) [ *](.+)\Z")


def checksum_problems(checksums: str, files: list[str], root: Path) -> list[Problem]:
    """Compare files with their recorded checksums.

    Parameters
    ----------
    checksums : str
        Path of a file as ``sha256sum`` writes it; names in it are relative to its folder.
    files : list of str
        Files that must be listed. All paths are relative to ``root``.
    root : Path
    """
    text, problems = decode_file(root / checksums, checksums)
    if text is None:
        return problems
    folder = (root / checksums).parent
    recorded: dict[Path, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        match = _LINE.match(line.strip())
        if match:
            recorded[(folder / match.group(2).strip()).resolve()] = match.group(1).lower()
        elif line.strip():
            problems.append(
                Problem(
                    "is not a line that sha256sum writes",
                    checksums,
                    number,
                    value=line.strip(),
                    hint="write the file again: sha256sum FILE ... > SHA256SUMS",
                )
            )
    for file in files:
        path = (root / file).resolve()
        if not path.is_file():
            continue
        if path not in recorded:
            problems.append(
                Problem(f"has no checksum in {checksums}", file, hint="add its line to the file: sha256sum FILE")
            )
        elif sha256(path) != recorded[path]:
            message = f"is not the file that was delivered: it differs from {checksums}"
            hint = f"restore the file as delivered; if it was redelivered, write its new checksum into {checksums}"
            problems.append(Problem(message, file, hint=hint))
    return problems
