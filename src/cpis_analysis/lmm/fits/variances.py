"""The variances of a solution in the units of the data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from cpis_analysis.lmm.designs.display import ShortRepr
from cpis_analysis.lmm.fits.solution import Solution
from cpis_analysis.lmm.structures.residual import ResidualStructure


@dataclass(frozen=True, eq=False, repr=False)
class Variances(ShortRepr):
    """Covariance matrices of the random terms and the residual variance.

    Attributes
    ----------
    of : Solution
    """

    of: Solution

    @cached_property
    def covariances(self) -> list[np.ndarray]:
        """Covariance matrix (q, q) of each random term."""
        layout, psi = self.of.structure.layout, self.of.optimum.psi
        return [
            layout.matrix(psi, k) * self.of.mean_sigma2 / np.outer(scale, scale)
            for k, scale in enumerate(self.of.structure.scales)
        ]

    def frames(self) -> list[tuple[str, pd.DataFrame]]:
        """Grouping factor and labelled covariance matrix of each random term."""
        return [
            (part.group, pd.DataFrame(S, index=list(part.names), columns=list(part.names)))
            for part, S in zip(self.of.design.random, self.covariances, strict=True)
        ]

    @cached_property
    def of_effects(self) -> list[tuple[str, str, float]]:
        """Group, name and variance of each random effect."""
        return [
            (part.group, name, float(S[a, a]))
            for part, S in zip(self.of.design.random, self.covariances, strict=True)
            for a, name in enumerate(part.names)
        ]

    @cached_property
    def shares(self) -> dict[str, float]:
        """Share of each factor's intercept variance in the sum of all intercept variances and the residual."""
        intercepts = {group: value for group, name, value in self.of_effects if name == "(Intercept)"}
        total = sum(intercepts.values()) + self.of.sigma2
        return {group: value / total for group, value in intercepts.items()}

    def table(self) -> pd.DataFrame:
        """Columns group, name, variance, std_dev; the last row is the residual, or one each that has its variance."""
        rows = [*self.of_effects, *(("Residual", name, value) for name, value in self.residual)]
        frame = pd.DataFrame(rows, columns=["group", "name", "variance"])
        frame["std_dev"] = np.sign(frame["variance"]) * np.sqrt(frame["variance"].abs())
        return frame

    def residual_places(self) -> list[tuple[str | None, str | None, float]]:
        """Group, occasion and value of each residual variance; None where it is that of all."""
        part = self.of.design.residual
        if part is None:
            return [(None, None, self.of.sigma2)]
        return [
            (group, occasion, float(S[t, t]))
            for group, S in zip(part.group_labels, self.of.residual_matrices, strict=True)
            for t, occasion in enumerate(part.occasion_labels if part.by_occasion else (None,))
        ]

    @property
    def residual(self) -> list[tuple[str, float]]:
        """Names and values of the residual variances: of groups and occasions, where these differ."""
        part = self.of.design.residual
        if part is None:
            return [("", self.of.sigma2)]
        of_group = dict(zip(part.group_labels, part.groups, strict=True))
        of_occasion = dict(zip(part.occasion_labels, part.occasions, strict=True)) | {None: ""}
        return [
            (", ".join(one for one in (of_group[group], of_occasion[occasion]) if one), value)
            for group, occasion, value in self.residual_places()
        ]

    def residual_frames(self) -> list[tuple[str, pd.DataFrame]]:
        """Group and labelled covariance matrix of a person's residuals."""
        part = self.of.design.residual
        if part is None:
            return []
        labels = list(part.occasions)
        matrices = zip(part.groups, self.of.residual_matrices, strict=True)
        return [(group, pd.DataFrame(S, index=labels, columns=labels)) for group, S in matrices]

    def residual_parameters(self) -> pd.DataFrame:
        """Columns group, parameter, estimate: variances, covariances and correlations of a person's residuals."""
        structure, part = self.of.structure, self.of.design.residual
        if part is None or not isinstance(structure, ResidualStructure):
            return pd.DataFrame({"group": [""], "parameter": ["variance"], "estimate": [self.of.sigma2]})
        names = structure.covariance.names(part.occasions)
        unit = [1.0 if name == "correlation" else self.of.mean_sigma2 for name in names]
        rows = [
            (group, name, float(value) * scale)
            for group, place in zip(part.groups, structure.joint.of_group, strict=True)
            for name, value, scale in zip(names, self.of.optimum.psi[place], unit, strict=True)
        ]
        return pd.DataFrame(rows, columns=["group", "parameter", "estimate"])

    @cached_property
    def names(self) -> list[tuple[str, str]]:
        """Grouping factor and effect of each variance parameter; ``a, b`` is a covariance."""
        parts = self.of.design.random
        return [
            (parts[k].group, parts[k].names[a] if a == b else f"{parts[k].names[b]}, {parts[k].names[a]}")
            for k, a, b in self.of.structure.layout.entries
        ]

    @cached_property
    def parameters(self) -> np.ndarray:
        """Variances and covariances in the order of `names`."""
        return np.array([self.covariances[k][a, b] for k, a, b in self.of.structure.layout.entries])
