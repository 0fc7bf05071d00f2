"""The analyses of a plan, fitted where they are not what an earlier run has fitted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import cpis_analysis
from cpis_analysis.analyses.fitting.result_to_leave import data_read, result_to_leave
from cpis_analysis.analyses.result_records import result_to_record
from cpis_analysis.errors import CpisError
from cpis_analysis.lmm.optimal_test.kept import trained_kept_in
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.runs.data_digests import DataDigests
from cpis_analysis.runs.fit_store import (
    TESTS,
    FitKey,
    FittingCode,
    StoredFit,
    TrainedTests,
    forget_other_fits,
    libraries_digest,
    read_fits,
    specification_digest,
    write_fit,
)
from cpis_analysis.study.dataset import AnalysisData


class Fitting:
    """What is to be fitted, to which data, and what is there already.

    Parameters
    ----------
    specs : list of AnalysisSpec
    data : AnalysisData
    seed : int
    minimum : mapping
        Smallest number of people that may be told of, by model.
    folder : Path
        The store.

    Attributes
    ----------
    fits : dict of str to StoredFit
        Fits of what is there now, by the name of the analysis: at first those of earlier runs.
    kept : frozenset of str
        Analyses that need not be fitted.
    """

    def __init__(
        self, specs: list[AnalysisSpec], data: AnalysisData, seed: int, minimum: Mapping[str, int], folder: Path
    ) -> None:
        self.specs = specs
        self.data = data
        self._seed = seed
        self._minimum = minimum
        self.folder = folder
        earlier = read_fits(folder)
        self._source = Path(cpis_analysis.__file__).parents[1]
        self._code = FittingCode(self._source, folder)
        columns, libraries = DataDigests(data), libraries_digest()
        self._keys = {
            one.name: FitKey(
                specification_digest(one, seed, minimum.get(one.model, 0)),
                columns.of(one),
                self._code.digest,
                libraries,
            )
            for one in specs
        }
        self.fits: dict[str, StoredFit] = {}
        self._take(earlier)
        self.kept = frozenset(self.fits)

    @property
    def left(self) -> list[AnalysisSpec]:
        """Analyses that are still to be fitted."""
        return [one for one in self.specs if one.name not in self.fits]

    def fit(self, specs: Iterable[AnalysisSpec]) -> None:
        """Fit some analyses, and keep each as soon as it is done.

        Raises
        ------
        CpisError
            If the data lack what an analysis needs.
        """
        self._code.keep()
        with trained_kept_in(TrainedTests(self.folder / TESTS, self._source)):
            self._fit(specs)

    def _fit(self, specs: Iterable[AnalysisSpec]) -> None:
        for one in specs:
            arguments = self._seed, self._minimum.get(one.model, 0)
            try:
                result = result_to_leave(one, data_read(one, self.data), *arguments)
            except CpisError:
                # what stops the run may say what all the data hold: which variables there are
                result = result_to_leave(one, self.data, *arguments)
            self._keep(one.name, StoredFit.of(self._keys[one.name], result_to_record(result)))
            print(f"{one.name}: fitted", flush=True)

    def look_again(self) -> None:
        """Take what other processes have fitted."""
        self._take(read_fits(self.folder, (one.name for one in self.left)))

    def settle(self) -> None:
        """Note that the code is as it was, whatever was said in it, and forget analyses that the plan does not have."""
        self._code.keep()
        for name, fit in self.fits.items():
            if fit.key.code != self._code.digest:
                self._keep(name, replace(fit, key=self._keys[name]))
        forget_other_fits(self.folder, self.fits)
        self._code.forget_others()

    def _take(self, fits: Mapping[str, StoredFit]) -> None:
        self.fits |= {
            name: fits[name] for name, key in self._keys.items() if name in fits and self._is(fits[name], key)
        }

    def _is(self, fit: StoredFit, key: FitKey) -> bool:
        """Whether a fit is what would be fitted now."""
        return replace(fit.key, code=key.code) == key and self._code.does_the_same(fit.key.code)

    def _keep(self, name: str, fit: StoredFit) -> None:
        write_fit(self.folder, name, fit)
        self.fits[name] = fit
