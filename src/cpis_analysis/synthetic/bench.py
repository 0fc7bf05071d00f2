"""What the soiling functions share: the study, its sheets, and the record of dirt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cpis_analysis.seeds import generator
from cpis_analysis.synthetic.parameters import STANDARD_RECRUITS, Parameters
from cpis_analysis.synthetic.sheets import Log, Sheet
from cpis_analysis.synthetic.variable_rows import FILES, Variable


@dataclass
class Bench:
    """All that the soiling functions share."""

    parameters: Parameters
    truth: dict[str, pd.DataFrame]
    sheets: dict[str, Sheet]
    known: dict[str, Variable]
    seed: int
    log: Log
    careless: dict[str, list[int]]

    def rng(self, *names: str) -> np.random.Generator:
        """Random numbers of one named piece of soiling."""
        return generator(self.seed, "synthetic", "dirt", *names)

    def count(self, kind: str, file: str) -> int:
        """Number wanted, scaled to the size of the study."""
        wanted = getattr(self.parameters.dirt, kind)[FILES.index(file)]
        standard = sum(STANDARD_RECRUITS)
        return max(1, round(wanted * len(self.truth["participants"]) / standard)) if wanted else 0

    def rows(self, sheet: Sheet, rng: np.random.Generator, careless: bool = False) -> list[int]:
        """Rows in random order; the careless ones first if wanted."""
        rows = [row for row in sheet.order() if (sheet.name, row) not in self.log.reserved]
        shuffled = [rows[i] for i in np.argsort(rng.random(len(rows)), kind="stable")]
        if careless:
            chosen = set(self.careless.get(sheet.name, ()))
            shuffled.sort(key=lambda row: row not in chosen)
        return shuffled

    def change(self, kind: str, sheet: Sheet, row: int, variable: str, value: str, clean: str = "") -> None:
        """Replace a cell and record it."""
        true = sheet.rows[row][variable]
        sheet.rows[row][variable] = value
        self.log.note(kind, sheet, row, variable, value, true, clean)
