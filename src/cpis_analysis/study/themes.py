"""Themes of focus groups, counted: mentions by place and arm, groups, themes that go together, agreement of coders."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from cpis_analysis.plan.naming import EVERYWHERE
from cpis_analysis.plan.schema import FocusGroups
from cpis_analysis.plan.schema_design import Design
from cpis_analysis.seeds import generator
from cpis_analysis.study.coding import code_of

_SPAN = re.compile(r"(\d+)-(\d+)\Z")
LEVEL = 0.95
"""Level of the intervals of agreement."""
_RESAMPLES = 2000
_FEWEST_DOCUMENTS = 5
"""Groups below which an interval from resampling them means nothing."""

COUNTS = ["theme", "trust", "arm", "n_mentions"]
PAIRS = ["theme", "other", "n_passages"]
AGREEMENT = ["theme", "measure", "passages", "documents", "estimate", "ci_low", "ci_high"]


def theme_summaries(
    themes: pd.DataFrame | None, design: Design, known: FocusGroups, seed: int
) -> dict[str, pd.DataFrame]:
    """Everything that is told of the focus groups.

    Parameters
    ----------
    themes : DataFrame or None
        Clean codings: ``theme``, the variables of trust and arm, and what there is of ``n_mentions``, ``document``
        (one focus group), ``segment`` (the part coded), ``coder`` and ``speaker``.
    design : Design
    known : FocusGroups
        What the plan says of them.
    seed : int
        Of the study.

    Returns
    -------
    dict of str to DataFrame
        ``themes`` (mentions), ``focus_groups`` (what, value: groups, people, coders), ``theme_pairs`` (passages with
        both of two themes), ``theme_agreement``; without rows where the file does not tell.
    """
    empty = {
        "themes": pd.DataFrame(columns=COUNTS),
        "focus_groups": pd.DataFrame(columns=["what", "value"]),
        "theme_pairs": pd.DataFrame(columns=PAIRS),
        "theme_agreement": pd.DataFrame(columns=AGREEMENT),
    }
    if themes is None or themes.empty:
        return empty
    facts = {"groups": known.groups, "people": known.people}
    for what, column in (("groups", "document"), ("people", "speaker"), ("coders", "coder")):
        if column in themes and themes[column].notna().any():
            facts[what] = themes[column].nunique()
    rows = [(what, value) for what, value in facts.items() if value is not None]
    counted = counted_codings(themes)
    return {
        "themes": theme_counts(counted, design.trust, design.arm.variable, known.asked_of),
        "focus_groups": pd.DataFrame(rows, columns=["what", "value"]),
        "theme_pairs": _pairs(counted),
        "theme_agreement": coder_agreement(themes, seed),
    }


def counted_codings(themes: pd.DataFrame) -> pd.DataFrame:
    """Codings of one coder: where several coded, of whoever coded most, so that nothing is counted twice."""
    if "coder" not in themes or themes["coder"].nunique() < 2:
        return themes
    most = themes["coder"].value_counts(sort=False).sort_index().idxmax()
    return themes[themes["coder"] == most]


def theme_counts(
    themes: pd.DataFrame,
    trust: str | None = "trust",
    arm: str = "arm",
    asked_of: Mapping[str, Sequence[str]] | None = None,
) -> pd.DataFrame:
    """Mentions of each theme by trust and arm.

    Parameters
    ----------
    themes : DataFrame
        Without ``n_mentions`` a row is one mention.
    trust, arm : str
    asked_of : mapping, optional
        Theme -> arms in which it was asked about. Default: of a file of counts, the arms of which it has rows; of a
        file of codings, all.

    Returns
    -------
    DataFrame
        theme, trust, arm, n_mentions; themes by falling total, then by name. Where a theme was not asked about there is
        no row; a row of none means that nobody spoke of it.
    """
    frame = pd.DataFrame(
        {
            "theme": themes["theme"].astype(str),
            "trust": themes[trust].astype(object).map(code_of, na_action="ignore") if trust else EVERYWHERE,
            "arm": themes[arm].astype(object).map(code_of, na_action="ignore"),
            "n_mentions": pd.to_numeric(themes["n_mentions"]) if "n_mentions" in themes else 1,
        }
    )
    counted = frame.groupby(["theme", "trust", "arm"], sort=True, dropna=False)["n_mentions"].sum().reset_index()
    if "document" in themes or asked_of:
        counted = _with_zeros(counted, "document" in themes, asked_of or {})
    total = counted.groupby("theme")["n_mentions"].transform("sum")
    ordered = counted.assign(_total=-total).sort_values(["_total", "theme", "trust", "arm"], kind="stable")
    return ordered.drop(columns="_total").reset_index(drop=True)


def _with_zeros(counted: pd.DataFrame, everywhere: bool, asked_of: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    places = counted[["trust", "arm"]].drop_duplicates()
    rows = []
    for theme, own in counted.groupby("theme", sort=True):
        arms = asked_of.get(str(theme), set(places["arm"]) if everywhere else set(own["arm"]))
        known = {(row.trust, row.arm): row.n_mentions for row in own.itertuples()}
        for place in places.itertuples():
            n = known.get((place.trust, place.arm), 0)
            if place.arm in arms or n:
                rows.append((theme, place.trust, place.arm, n))
    return pd.DataFrame(rows, columns=COUNTS).sort_values(COUNTS[:3], kind="stable").reset_index(drop=True)


def passages(themes: pd.DataFrame) -> pd.Series:
    """Which passage of its focus group each coding belongs to.

    Codings whose characters overlap are one passage, whoever made them, so that coders who began a word earlier speak
    of the same. A segment that is no range of characters is a passage of its own name; a coding of the whole text is
    none.

    Returns
    -------
    Series of object
        Aligned with the rows; missing where there is no passage.
    """
    found = pd.Series(None, index=themes.index, dtype=object)
    if not {"document", "segment"} <= set(themes):
        return found
    for document, own in themes.dropna(subset=["document", "segment"]).groupby("document", sort=True):
        spans = []
        for index, segment in own["segment"].astype(str).items():
            span = _SPAN.match(segment)
            if span:
                spans.append((int(span[1]), int(span[2]), index))
            else:
                found.at[index] = f"{document}|{segment}"
        reached, name = -1, 0
        for start, end, index in sorted(spans):
            if start >= reached:
                name = start
            reached = max(reached, end)
            found.at[index] = f"{document}|{name}"
    return found


def _pairs(counted: pd.DataFrame) -> pd.DataFrame:
    """Passages in which both of two themes were coded, most frequent first."""
    place = passages(counted)
    together: dict[tuple[str, str], int] = {}
    for _, own in counted["theme"].astype(str).groupby(place):
        for pair in combinations(sorted(set(own)), 2):
            together[pair] = together.get(pair, 0) + 1
    rows = sorted(((*pair, n) for pair, n in together.items()), key=lambda row: (-row[2], row[0], row[1]))
    return pd.DataFrame(rows, columns=PAIRS)


def coder_agreement(themes: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Agreement of coders over the passages of the groups that all of them coded.

    Each passage that anybody coded is judged by each coder: the theme, or not. What nobody coded counts for nothing, so
    that agreement on silence doesn't raise it.

    Parameters
    ----------
    themes : DataFrame
        See `theme_summaries`.
    seed : int

    Returns
    -------
    DataFrame
        theme (empty for all together), measure, passages, documents, estimate, ci_low, ci_high. ``kappa``: Cohen's, of
        two coders and one theme, with the asymptotic interval of statsmodels. ``alpha``: Krippendorff's for nominal
        data, of all themes together, with an interval from resampling whole groups, where there are five or more.

    Notes
    -----
    Cohen (1960), Educ Psychol Meas 20:37; Fleiss, Cohen & Everitt (1969), Psychol Bull 72:323; Krippendorff (2019),
    Content Analysis, 4th ed., ch. 12.
    """
    place = passages(themes)
    empty = pd.DataFrame(columns=AGREEMENT)
    if "coder" not in themes or place.isna().all():
        return empty
    frame = themes.assign(passage=place).dropna(subset=["passage", "coder"])
    coders = sorted(frame["coder"].astype(str).unique())
    shared = frame.groupby("document")["coder"].nunique()
    frame = frame[frame["document"].isin(shared.index[shared == len(coders)])]
    if len(coders) < 2 or frame.empty:
        return empty
    judged = _judgements(frame, coders)
    names = sorted(frame["theme"].astype(str).unique())
    n_passages, n_documents = int(frame["passage"].nunique()), int(frame["document"].nunique())
    rows = []
    if len(coders) == 2:
        for theme in names:
            rows.append((theme, "kappa", n_passages, n_documents, *_kappa(judged[judged["theme"] == theme], coders)))
    estimate = krippendorff_alpha(judged[coders].to_numpy(dtype=float))
    low, high = _resampled(judged, coders, seed)
    rows.append(("", "alpha", n_passages, n_documents, estimate, low, high))
    return pd.DataFrame(rows, columns=AGREEMENT)


def _judgements(frame: pd.DataFrame, coders: Sequence[str]) -> pd.DataFrame:
    """One row a passage and theme: 1 where a coder gave it, else 0."""
    given = set(zip(frame["passage"], frame["theme"].astype(str), frame["coder"].astype(str), strict=True))
    where = frame.drop_duplicates("passage").sort_values("passage", kind="stable")
    rows = [
        (document, theme, *(float((passage, theme, coder) in given) for coder in coders))
        for passage, document in zip(where["passage"], where["document"], strict=True)
        for theme in sorted(frame["theme"].astype(str).unique())
    ]
    return pd.DataFrame(rows, columns=["document", "theme", *coders])


def _kappa(judged: pd.DataFrame, coders: Sequence[str]) -> tuple[float, float, float]:
    from statsmodels.stats.inter_rater import cohens_kappa

    first, second = (judged[coder].to_numpy(dtype=int) for coder in coders)
    table = np.zeros((2, 2))
    np.add.at(table, (first, second), 1)
    if (table.sum(axis=0) == 0).any() and (table.sum(axis=1) == 0).any():
        return float("nan"), float("nan"), float("nan")  # neither coder varies
    found = cohens_kappa(table)
    return float(found.kappa), float(found.kappa_low), float(found.kappa_upp)


def _resampled(judged: pd.DataFrame, coders: Sequence[str], seed: int) -> tuple[float, float]:
    blocks = [own[list(coders)].to_numpy(dtype=float) for _, own in judged.groupby("document", sort=True)]
    if len(blocks) < _FEWEST_DOCUMENTS:
        return float("nan"), float("nan")
    random = generator(seed, "themes", "agreement")
    drawn = random.integers(0, len(blocks), (_RESAMPLES, len(blocks)))
    found = [krippendorff_alpha(np.concatenate([blocks[place] for place in places])) for places in drawn]
    known = np.array([value for value in found if value == value])
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def krippendorff_alpha(ratings: np.ndarray) -> float:
    """Krippendorff's alpha for nominal data.

    Parameters
    ----------
    ratings : (n_units, n_coders) array of float
        NaN where a coder did not judge a unit; units with one judgement count for nothing.

    Returns
    -------
    float
        NaN where nothing varies.

    Notes
    -----
    1 - observed / expected disagreement, from the coincidences of values within units. Our own few lines, because the
    library of that name is under the GPL and irrCAC asks for a pandas and SciPy that are too old.
    """
    values = np.unique(ratings[~np.isnan(ratings)])
    counts = np.stack([(ratings == value).sum(axis=1) for value in values], axis=1).astype(float)
    n = counts.sum(axis=1)
    counts = counts[n >= 2]
    n = n[n >= 2]
    if not len(n):
        return float("nan")
    agreeing = (counts * (counts - 1)).sum(axis=1)
    observed = ((n * (n - 1) - agreeing) / (n - 1)).sum()
    totals, everything = counts.sum(axis=0), n.sum()
    expected = (everything**2 - (totals**2).sum()) / (everything - 1)
    return float(1 - observed / expected) if expected > 0 else float("nan")
