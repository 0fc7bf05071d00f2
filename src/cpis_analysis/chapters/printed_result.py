"""A result whose numbers get their sources when they are asked for.

Most of the thousand results of a large plan are read for what a few sentences say of them.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any, ClassVar

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.publish.sources.sourced import sourced

_PARTS = frozenset(part.name for part in fields(AnalysisResult))
_AT_ONCE = tuple(name for name in _PARTS if hasattr(AnalysisResult, name))
"""Parts with a default in the class, where Python finds it before it asks for the part."""


class PrintedResult(AnalysisResult):
    """A result as a file has it; a part gets its sources the first time that somebody asks for it.

    Attributes
    ----------
    digest : str
        The same as long as the file says the same of it; empty once a part was replaced.
    """

    digest: ClassVar[str] = ""

    @classmethod
    def of(cls, result: AnalysisResult, file: str, digest: str) -> PrintedResult:
        """A result read from a file, in which its row is named by the analysis."""
        made = object.__new__(cls)
        vars(made).update(_read=(result, file), digest=digest)
        for name in _AT_ONCE:
            made.__getattr__(name)
        return made

    def __getattr__(self, name: str) -> Any:
        """Called for what is not there yet."""
        read = vars(self).get("_read")
        if read is None or name not in _PARTS:
            raise AttributeError(name)
        result, file = read
        kind = "setting" if name == "spec" else "cell"
        part = vars(self)[name] = sourced(getattr(result, name), file, result.spec.name, name, kind=kind)
        return part

    @property
    def simulates_residuals(self) -> bool:
        """As for every result; to know it takes no source."""
        read = vars(self).get("_read")
        return super().simulates_residuals if read is None else read[0].simulates_residuals
