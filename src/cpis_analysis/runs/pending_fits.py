"""Which analyses the fitting job would fit again, and why."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from cpis_analysis.plan.reading.load import Plan
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.runs.fit_store import (
    STORE,
    FittingCode,
    StoredFit,
    libraries_digest,
    read_fits,
    smallest_numbers,
    specification_digest,
)
from cpis_analysis.runs.fitted_models import as_specification
from cpis_analysis.runs.making import Digests, read_making
from cpis_analysis.runs.plan_changes import as_template, shown_value
from cpis_analysis.runs.processed import INTERVIEWS, PARTICIPANTS

FITTING_JOB = "fit_models"


def reasons_to_fit(plan: Plan, source: Path, data_made_again: bool) -> dict[str, tuple[str, ...]]:
    """Reasons, in plain sentences, by the name of each analysis that would be fitted again.

    Parameters
    ----------
    plan : Plan
    source : Path
        The folder ``src`` that holds the package.
    data_made_again : bool
        The analysis data will be made again first, so nobody can tell yet which analyses they leave as they are.
    """
    fits, root, seed, minimum = read_fits(plan.root / STORE), plan.root, plan.content.study.seed, smallest_numbers(plan)
    code, libraries = FittingCode(source, root / STORE), libraries_digest()
    data = _changed_data(plan, fits) if fits and not data_made_again else {}
    found: dict[str, tuple[str, ...]] = {}
    for spec in plan.specifications():
        fit, asked = fits.get(spec.name), specification_digest(spec, seed, minimum.get(spec.model, 0))
        if fit is None:
            found[spec.name] = ("new: there is no earlier fit",)
        elif fit.key.specification != asked:
            found[spec.name] = _changed_specification(spec, fit)
        elif data_made_again:
            found[spec.name] = ("the data that it is made from are made again",)
        elif spec.name in data:
            found[spec.name] = (data[spec.name],)
        elif not code.does_the_same(fit.key.code):
            found[spec.name] = (_changed_code(root, code),)
        elif fit.key.libraries != libraries:
            found[spec.name] = ("Python or a library has another version",)
    return found


def _changed_specification(spec: AnalysisSpec, fit: StoredFit) -> tuple[str, ...]:
    earlier = as_specification(fit.record["spec"])
    before, now = fit.record["spec"] if earlier is None else asdict(earlier), asdict(spec)
    differs = [name for name in now if now[name] != before.get(name)]
    return tuple(
        as_template(f"{name}: {shown_value(before.get(name))} -> {shown_value(now[name])}", spec.outcome)
        for name in differs
    ) or ("study.seed or report.minimum_cell changed",)


def _changed_code(root: Path, code: FittingCode) -> str:
    """Names of the source files that changed, as far as the job's record tells."""
    known, now = read_making(root, FITTING_JOB), Digests(root)
    recorded = {name.split("src/")[-1]: digest for name, digest in (known.inputs if known else {}).items()}
    differ = []
    for file in code.files:
        name = Path(file).relative_to(code.source).as_posix()
        if recorded.get(name) != now(file):
            differ.append(name)
    shown = ", ".join(differ[:3]) + (f" and {len(differ) - 3} more" if len(differ) > 3 else "")
    return f"code changed: {shown}" if differ else "code changed"


def _changed_data(plan: Plan, fits: dict[str, StoredFit]) -> dict[str, str]:
    """Why analyses are fitted to other data, where the files are not those that were fitted."""
    known, now = read_making(plan.root, FITTING_JOB), Digests(plan.root)
    files = [name for name in (PARTICIPANTS, INTERVIEWS) if known is None or known.inputs.get(name) != now(name)]
    if not files:
        return {}
    # only where there is something to tell apart, as this takes a second
    from cpis_analysis.runs.data_digests import DataDigests
    from cpis_analysis.runs.stored_frames import read_data

    digests = DataDigests(read_data(str(plan.root / PARTICIPANTS), str(plan.root / INTERVIEWS)))
    return {
        spec.name: f"changed: {', '.join(files)}"
        for spec in plan.specifications()
        if spec.name in fits and fits[spec.name].key.data != digests.of(spec)
    }
