"""Trained tests that are used again: in this process, and in a store where the caller has one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

from cpis_analysis.lmm.optimal_test.problem import ReducedDesign
from cpis_analysis.lmm.optimal_test.region import Region
from cpis_analysis.lmm.optimal_test.trained import OptimalTest
from cpis_analysis.lmm.optimal_test.training import train

_MOST = 64
_trained: dict[str, OptimalTest] = {}


class TrainedStore(Protocol):
    """Where records of tests are kept from one process to the next, by a digest of design, level and region.

    A store answers for the program as well: what other code has trained it does not give out.
    """

    def read(self, digest: str) -> Mapping[str, Any] | None:
        """The record, or None."""

    def write(self, digest: str, record: Mapping[str, Any]) -> None:
        """Keep a record."""


_store: ContextVar[TrainedStore | None] = ContextVar("store of trained tests", default=None)


@contextmanager
def trained_kept_in(store: TrainedStore) -> Iterator[None]:
    """Within this block tests are looked for in a store, and kept there."""
    before = _store.set(store)
    try:
        yield
    finally:
        _store.reset(before)


def trained_for(design: ReducedDesign, alpha: float, region: Region) -> OptimalTest:
    """A trained test; outcomes with the same rows share it. One from a store is the same to the last bit."""
    digest = _digest(design, alpha, region)
    if digest not in _trained:
        store = _store.get()
        found = _restored(design, store.read(digest)) if store else None
        if found is None:
            found = train(design, alpha, region)
            if store:
                store.write(digest, found.record())
        if len(_trained) >= _MOST:
            _trained.pop(next(iter(_trained)))
        _trained[digest] = found
    return _trained[digest]


def _restored(design: ReducedDesign, record: Mapping[str, Any] | None) -> OptimalTest | None:
    try:
        return None if record is None else OptimalTest.restored(design, record)
    except (KeyError, TypeError, ValueError):
        return None


def _digest(design: ReducedDesign, alpha: float, region: Region) -> str:
    asked = [design.digest(), round(alpha, 12), region.largest, region.typical, region.points]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()
