"""The instruments the package can score, by name."""

from __future__ import annotations

from . import eq5d, eq_vas, gas, generic, qpr, rguk, scope, swemwbs, wemwbs
from .instrument import COMMON_SETTINGS, Instrument, MinimalDifference, ScoreInfo, Setting

__all__ = ["COMMON_SETTINGS", "INSTRUMENTS", "Instrument", "MinimalDifference", "ScoreInfo", "Setting"]

INSTRUMENTS: dict[str, Instrument] = {
    module.INSTRUMENT.name: module.INSTRUMENT
    for module in (rguk, wemwbs, swemwbs, qpr, eq5d, eq_vas, gas, scope, generic)
}
