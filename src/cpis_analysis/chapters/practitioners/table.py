"""Focus-group themes by arm and trust."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from cpis_analysis.chapters.chapter import Material
from cpis_analysis.plan.level_names import names_of
from cpis_analysis.plan.naming import natural_order
from cpis_analysis.publish.format import DASH, capital, count, is_missing, one_line
from cpis_analysis.publish.sources.ledger import quoted
from cpis_analysis.publish.sources.source import Cell, Listing
from cpis_analysis.publish.sources.sourced import source_of
from cpis_analysis.publish.sources.sourced_columns import made, rows_of
from cpis_analysis.publish.table import Column, Row, RowGroup, Table
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.plan_sources import SUMMARIES


def themes_table(themes: pd.DataFrame, labels: Labels) -> Table:
    """Set mentions of each theme, most frequent first.

    Parameters
    ----------
    themes : DataFrame
        Summary ``themes``: theme, trust, arm, n_mentions. Mentions are not people and are shown as counted.
    labels : Labels
    """
    # what stands in the file, because the source of a sum says in words which rows it is made of
    place = names_of(labels.design.clusters).columns["trust"]
    named = themes.rename(columns={"trust": place})
    frame = named.assign(
        **{name: named[name].map(lambda value: "" if is_missing(value) else str(value)) for name in (place, "arm")}
    )
    arms = labels.arms(code for code in frame["arm"] if code)
    seen = sorted((code for code in frame[place].unique() if code), key=natural_order)
    known = labels.codes(labels.design.trust)
    trusts = [code for code in known if code in seen] + [code for code in seen if code not in known]
    trust_head = capital(labels.trust_word)
    columns = [Column("Theme", align="left", width=3.0)]
    columns += [Column(labels.arm(arm), "Arm", width=1.3) for arm in arms]
    columns += [Column(labels.trust(trust), trust_head, width=0.7) for trust in trusts]
    columns += [Column("All", width=0.7)]
    mentions = _Mentions(frame, (place, "arm"))
    total = {theme: mentions.of(theme) for theme in sorted(frame["theme"].unique())}
    rows, not_asked = [], False
    for theme in sorted(total, key=lambda name: (-total[name], name)):
        by_arm = [mentions.cell(theme, "arm", arm) for arm in arms]
        by_trust = [mentions.cell(theme, place, trust) for trust in trusts]
        not_asked = not_asked or DASH in (*by_arm, *by_trust)
        label = labels.choice("theme", theme)
        cells = [
            label
            if label != theme
            else quoted(capital(one_line(str(theme).replace("_", " "))), SUMMARIES, "themes", "theme")
        ]
        rows.append(Row((*cells, *by_arm, *by_trust, count(total[theme]))))
    notes = ["Number of mentions by practitioners in the focus groups; a code frame, not a statistic of people."]
    if not_asked:
        notes.append(f"{DASH}: not applicable, because the theme was not asked about there.")
    return Table("themes", "Themes of the focus groups", tuple(columns), (RowGroup("", tuple(rows)),), tuple(notes))


def tables(material: Material) -> Iterator[Table]:
    """The table of themes, where the study has some."""
    if len(material.summaries["themes"]):
        yield themes_table(material.summaries["themes"], material.labels)


class _Mentions:
    """Mentions of each theme, and of each in an arm or outer cluster; columns are named as in the file."""

    def __init__(self, frame: pd.DataFrame, by: Sequence[str]) -> None:
        self._found: dict[tuple[str, str, str], list[Any]] = {}
        rows = rows_of(frame)
        for row in rows:
            for key in ((row["theme"], "", ""), *((row["theme"], name, row[name]) for name in by)):
                self._found.setdefault(key, []).append(row["n_mentions"])
        self._source = source_of(rows[0]["n_mentions"])

    def of(self, theme: str, by: str = "", code: str = "") -> Any:
        """Mentions of a theme, in one arm or one outer cluster; none is a number too."""
        own = self._found.get((theme, by, code), [])
        if not isinstance(self._source, Cell):
            return sum(own)
        which = f"{self._source.row.partition(':')[0]} where theme = {theme}" + (f"; {by} = {code}" if by else "")
        return made("sum", Listing((replace(self._source, row=which),), tuple(own), described=True))

    def cell(self, theme: str, by: str, code: str) -> str:
        """Mentions in one arm or outer cluster; a dash where the theme was not asked about."""
        return count(self.of(theme, by, code)) if (theme, by, code) in self._found else DASH
