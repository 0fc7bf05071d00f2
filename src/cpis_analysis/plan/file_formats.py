"""The formats of raw files that a plan may name: a new one is a reader in `intake.files` and an entry here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


def _never(start: bytes) -> bool:
    return False


@dataclass(frozen=True)
class FileFormat:
    """One format.

    Attributes
    ----------
    name : str
        Value of the key ``format``.
    words : str
    looks_like : str
        What a file of the format looks like, with its article.
    starts : callable
        Whether a file that begins with these bytes is of the format. Text has no such sign: what kind it is is told
        from its header.
    reader : str
        (path, source, known names) -> what was delivered or None, and problems; as `late.late_function` takes it
        within `intake.files`. Empty for text.
    sheets, header_line : bool
        Whether the keys ``sheet`` and ``header_line`` mean something.
    labels : bool
        Whether a value may stand as its label.
    coded_truth : bool
        Whether yes and no stand as ticks.
    """

    name: str
    words: str
    looks_like: str
    starts: Callable[[bytes], bool] = _never
    reader: str = ""
    sheets: bool = False
    header_line: bool = True
    labels: bool = False
    coded_truth: bool = False

    @property
    def is_text(self) -> bool:
        """Whether rows are lines of text."""
        return not self.reader


def _is_spss(start: bytes) -> bool:
    return start[:4] in (b"$FL2", b"$FL3")


def _is_stata(start: bytes) -> bool:
    old = len(start) > 4 and 102 <= start[0] <= 115 and start[1] in (1, 2) and start[2] == 1 and start[3] == 0
    return old or start.startswith(b"<stata_dta>")


def _is_zip(start: bytes) -> bool:
    return start.startswith(b"PK\x03\x04")


def _is_refi_qda(start: bytes) -> bool:
    if start.startswith(b"PK\x03\x04"):
        # the name of the first file of an archive stands behind 30 bytes, its length at the 27th
        first = start[30 : 30 + int.from_bytes(start[26:28], "little")].lower()
        return first.endswith((b".qde", b".qdc")) or first.startswith(b"sources/")
    return b"QDA-XML" in start


FILE_FORMATS = (
    FileFormat("csv", "delimited text", "delimited text"),
    FileFormat("redcap", "REDCap export", "delimited text", labels=True, coded_truth=True),
    FileFormat("qualtrics", "Qualtrics export", "delimited text", labels=True),
    FileFormat(
        "spss",
        "SPSS data file",
        "an SPSS data file",
        _is_spss,
        reader=".spss_stata:read_spss",
        header_line=False,
        labels=True,
        coded_truth=True,
    ),
    FileFormat(
        "stata",
        "Stata data file",
        "a Stata data file",
        _is_stata,
        reader=".spss_stata:read_stata",
        header_line=False,
        labels=True,
        coded_truth=True,
    ),
    FileFormat(
        "refi_qda",
        "REFI-QDA project",
        "a REFI-QDA project",
        _is_refi_qda,
        reader=".refi_qda:read_refi_qda",
        header_line=False,
        labels=True,
    ),
    FileFormat("excel", "Excel workbook", "an Excel workbook", _is_zip, reader=".excel:read_workbook", sheets=True),
)


def format_names() -> list[str]:
    """Values of the key ``format``, in the order in which messages name them."""
    return [one.name for one in FILE_FORMATS]


def file_format(name: str) -> FileFormat:
    """A format by its name."""
    return next(one for one in FILE_FORMATS if one.name == name)


def format_of_bytes(start: bytes) -> FileFormat:
    """The format of a file that begins with these bytes; of text the plainest."""
    return next((one for one in FILE_FORMATS if one.starts(start)), FILE_FORMATS[0])
