"""Error rates that earlier runs have simulated, with digests of all that they were made from.

Rates are simulated again where one of these differs: the analyses, the cell, the columns of the data that they can
read, the code, or the libraries. Like the fits, beside which it lies, the file can be deleted at any time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cpis_analysis.analyses.fitting.result_to_leave import columns_read
from cpis_analysis.files import write_text
from cpis_analysis.operating.grid_cell import Cell
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.plan.specification_records import spec_record
from cpis_analysis.provenance import bytes_digest, module_sources
from cpis_analysis.runs.data_digests import DataDigests
from cpis_analysis.runs.fit_store import json_digest, libraries_digest
from cpis_analysis.study.dataset import AnalysisData

_FILE = "rates/rates.json"
SIMULATING = "cpis_analysis.operating.simulated_answers"
"""The module whose code, with all that it imports, makes the rates of scores and of answers."""

Rates = list[dict[str, Any]]


class KeptRates:
    """Rates of one data set.

    Parameters
    ----------
    folder : Path
        The store of the fits.
    source : Path
        The folder ``src`` that holds the package.
    data : AnalysisData

    Attributes
    ----------
    n_kept : int
        Rates that were not simulated again.
    """

    def __init__(self, folder: Path, source: Path, data: AnalysisData) -> None:
        self.folder, self.source = folder, source
        self._data, self._columns = data, DataDigests(data)
        self._made_by = [bytes_digest(module_sources(SIMULATING, source), source), libraries_digest()]
        self._earlier = self._read()
        self._present: dict[str, Rates] = {}
        self.n_kept = 0

    def of(
        self,
        simulate: Callable[..., Sequence[Rates]],
        specs: Sequence[AnalysisSpec],
        cells: Sequence[Cell],
        **settings: Any,
    ) -> list[Rates]:
        """The rates of some analyses in each cell.

        Parameters
        ----------
        simulate : callable
            Takes analyses, data, cells and the settings, and gives the rates of each cell. It is given the cells that
            are not known, and of the data the columns that the analyses name, so that it depends on nothing else.
        specs : sequence of AnalysisSpec
        cells : sequence of Cell
        **settings
            As JSON knows them.
        """
        about = [simulate.__name__, settings, [[spec_record(one), self._columns.of(one)] for one in specs]]
        keys = [json_digest([*about, asdict(cell), *self._made_by]) for cell in cells]
        unknown = {key: cell for key, cell in zip(keys, cells, strict=True) if key not in self._earlier}
        if unknown:
            found = simulate(specs, self._read_by(specs), list(unknown.values()), **settings)
            self._present |= dict(zip(unknown, found, strict=True))
        known = {key: self._earlier[key] for key in keys if key in self._earlier}
        self.n_kept += sum(map(len, known.values()))
        self._present |= known
        return [self._present[key] for key in keys]

    def settle(self) -> None:
        """Keep what was asked for, and nothing else."""
        if self._present != self._earlier:
            content = {"rates": self._present, "sha256": json_digest(self._present)}
            write_text(self.folder / _FILE, json.dumps(content, sort_keys=True) + "\n", flushed=False)

    def _read_by(self, specs: Sequence[AnalysisSpec]) -> AnalysisData:
        """The columns that any of some analyses can read, in their order."""
        frames = self._data.participants, self._data.interviews
        people, talks = (
            frame[list(dict.fromkeys(name for one in specs for name in columns_read(one, frame)))] for frame in frames
        )
        return AnalysisData(participants=people, interviews=talks)

    def _read(self) -> dict[str, Rates]:
        """What the file holds; nothing of one that is not as it was written."""
        try:
            content = json.loads((self.folder / _FILE).read_text(encoding="utf-8"))
            rates: dict[str, Rates] = content["rates"]
            return rates if content["sha256"] == json_digest(rates) else {}
        except (OSError, ValueError, KeyError, TypeError):
            return {}
