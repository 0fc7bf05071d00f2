"""Results as plain values that JSON keeps, and back."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from cpis_analysis.analyses.estimate import OF_MIDDLE, AnalysisResult, Estimate, MissingShift
from cpis_analysis.analyses.rows.coefficients import Coefficients
from cpis_analysis.analyses.rows.fit_warnings import KeyedWarning
from cpis_analysis.plan.contrast import Contrast
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.plan.specification_records import spec_from_record, spec_record
from cpis_analysis.study_words import StudyWords

_NUMBERS = ("estimate", "se", "df", "statistic", "p_value", "ci_low", "ci_high")


def result_to_record(result: AnalysisResult) -> dict[str, Any]:
    """Plain values for JSON; infinities become the words ``inf`` and ``-inf``, NaN becomes None."""
    # `_plain` copies what lies deeper
    record = {field.name: getattr(result, field.name) for field in fields(result)} | {"spec": spec_record(result.spec)}
    record["estimate"] = _estimate_record(result.estimate)
    record["contrasts"] = [_estimate_record(one) for one in result.contrasts]
    record["missing_shift"] = None if result.missing_shift is None else asdict(result.missing_shift)
    del record["parts"]
    for name in ("optimal", "checks", "imputation", "shifted", "resampling", "influence", "balance"):
        if not record[name]:
            del record[name]
    for row in (record["estimate"], *record["contrasts"]):
        if not row["scale"]:
            del row["scale"]
        for name in OF_MIDDLE:
            if row[name] is None:
                del row[name]
    if keys := _warning_keys(result):
        record["warning_keys"] = keys
    return _plain(record)


def _warning_keys(result: AnalysisResult) -> dict[str, dict[str, Any]]:
    """By its text, what a warning is that others ask for."""
    texts = (*result.estimate.warnings, *(text for one in result.contrasts for text in one.warnings), *result.messages)
    return {str(one): {"key": one.key, **one.values} for one in texts if isinstance(one, KeyedWarning)}


def _estimate_record(estimate: Estimate) -> dict[str, Any]:
    values = {field.name: getattr(estimate, field.name) for field in fields(estimate)}
    return values | {"contrast": str(estimate.contrast)}


@dataclass(frozen=True)
class Names:
    """What the names of an analysis stand for.

    Attributes
    ----------
    contrasts : mapping of name to Contrast
    coefficients : mapping of name to tuple of Part
    """

    contrasts: Mapping[str, Contrast]
    coefficients: Coefficients

    def unknown(self, record: Mapping[str, Any]) -> list[str]:
        """Names of contrasts in the record of a result that are not among them."""
        used = [one["contrast"] for one in (record["estimate"], *record["contrasts"])]
        return [name for name in used if name not in self.contrasts]


def result_from_record(record: dict[str, Any], names: Names, spec: AnalysisSpec | None = None) -> AnalysisResult:
    """Inverse of `result_to_record`.

    Parameters
    ----------
    record : dict
    names : Names
    spec : AnalysisSpec, optional
        That of the record, where somebody has read it.

    Raises
    ------
    KeyError
        If a contrast is not among them.
    """
    apart = ("spec", "estimate", "contrasts", "messages", "missing_shift", "dropped_columns", "warning_keys")
    rest = {k: v for k, v in record.items() if k not in apart}
    shift = record.get("missing_shift")
    keyed = {text: KeyedWarning(text, **of) for text, of in record.get("warning_keys", {}).items()}
    return AnalysisResult(
        spec=spec or spec_from_record(record["spec"]),
        estimate=_estimate(record["estimate"], names.contrasts, keyed),
        contrasts=tuple(_estimate(one, names.contrasts, keyed) for one in record["contrasts"]),
        messages=tuple(keyed.get(text, text) for text in record["messages"]),
        missing_shift=None if shift is None else MissingShift(**shift),
        parts={name: names.coefficients[name] for name in _coefficients(record) if name in names.coefficients},
        dropped_columns=tuple(record.get("dropped_columns", ())),
        **(rest | {"standardised": {name: _endless(value) for name, value in record["standardised"].items()}}),
    )


def record_said(record: dict[str, Any], words: StudyWords) -> dict[str, Any]:
    """The record with the study's words where its texts have marked ones."""

    def estimate(of: dict[str, Any]) -> dict[str, Any]:
        return of | {"warnings": [*map(words, of["warnings"])], "reason": words(of["reason"])}

    keys = {words(text): of for text, of in record.get("warning_keys", {}).items()}
    return {
        **record,
        "estimate": estimate(record["estimate"]),
        "contrasts": [*map(estimate, record["contrasts"])],
        "messages": [*map(words, record["messages"])],
        **({"warning_keys": keys} if keys else {}),
    }


def _coefficients(record: Mapping[str, Any]) -> Iterator[str]:
    yield from (row["term"] for row in record["coefficients"])
    yield from (row["name"] for row in record["variance_components"])


def _estimate(record: dict[str, Any], contrasts: Mapping[str, Contrast], keyed: Mapping[str, str]) -> Estimate:
    values = {f.name: record[f.name] for f in fields(Estimate) if f.name in record}
    numbers = {name: math.nan if values[name] is None else float(values[name]) for name in _NUMBERS}
    warnings = tuple(keyed.get(text, text) for text in values["warnings"])
    known = {"contrast": contrasts[values["contrast"]], "warnings": warnings}
    return Estimate(**(values | numbers | known))


def _endless(value: Any) -> Any:
    """A number as it was before it was written: infinities are words in files."""
    return float(value) if value in ("inf", "-inf") else value


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        # a float of NumPy is one, too
        return None if math.isnan(value) else str(float(value)) if math.isinf(value) else float(value)
    if isinstance(value, str):
        # a warning with its key is one, too
        return str(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return _plain(value.item()) if hasattr(value, "item") else value
