"""The cell that numbers.json names for a number in a table is the one that the table's own headers describe.

A number may stand in many cells; these tests read the row that is named and compare its group, wave, arm, term, model
and statistic with the words above and beside the number, which come from the plan and the dictionary.
"""

from __future__ import annotations

import json
import re
from itertools import groupby
from pathlib import Path

import pytest

from cpis_analysis.intake.dictionary.dictionary import read_dictionary
from cpis_analysis.plan.level_names import names_of
from cpis_analysis.plan.reading.load import load_plan
from cpis_analysis.publish.exhibit_id import slug
from cpis_analysis.words.labels import ALL, Labels
from printed_report import Files

pytestmark = pytest.mark.workflow

SMD, PEOPLE = "SMD", ("followed", "lost")


class Report:
    """Numbers of a run, with the words of its plan."""

    def __init__(self, study: Path) -> None:
        self.files = Files(study)
        self.numbers = json.loads((study / "results" / "report" / "numbers.json").read_text("utf-8"))["numbers"]
        content = load_plan(study / "config.yaml").content
        self.labels = Labels(content, read_dictionary(study / content.data.dictionary, content.data.dictionary))
        self.names = names_of(content.design.clusters)
        self.specs = {
            record["spec"]["name"]: record["spec"]
            for path in sorted((study / "results" / "models").glob("*.json"))
            for record in json.loads(path.read_text("utf-8"))
        }

    def of(self, exhibit: str) -> list[dict]:
        """Numbers in the cells of tables whose id begins so, each once."""
        found = {}
        for entry in self.numbers:
            id = entry.get("exhibit", "")
            if (id == exhibit or id.startswith(f"{exhibit}-")) and entry["class"] in ("cell", "derived", "share"):
                if entry.get("at", ["note"])[0] not in ("note", "caption", "header", "group"):
                    found.setdefault((id, *entry["at"], json.dumps(entry, sort_keys=True)), entry)
        return list(found.values())


@pytest.fixture(scope="module", params=["cpis", "periodontal"])
def report(request) -> Report:
    name = "finished" if request.param == "cpis" else request.param
    return Report(request.getfixturevalue(name).study)


def cells(entry: dict) -> list[dict]:
    """Every single cell that an entry names."""
    found = [entry[name] for name in ("source", "source_of_whole") if name in entry]
    found += entry.get("from", {}).values()
    single = []
    for place in found:
        if "from" in place:
            single += cells(place)
        elif "cells" in place:
            single += place["cells"]
        elif "rows" in place:
            single += [{**place, "row": row} for row in place["rows"]]
        else:
            single.append(place)
    return single


def leaf(cell: dict) -> str:
    return cell["column"].rpartition(".")[2]


def column_group(column: str, labels: Labels) -> str:
    """The group that a column of people is about."""
    words = column.partition(" (n")[0]
    known = {"All": ALL, "Followed up": "followed", "Lost to follow-up": "lost"}
    known |= {labels.arm(code): code for code in labels.arms()}
    return known[words]


@pytest.mark.parametrize("table", ["table-baseline", "table-characteristics", "table-retention", "table-experience"])
def test_cells_of_people_are_of_the_group_in_the_header_and_of_the_variable_beside(report, table):
    entries = [entry for entry in report.of(table) if not entry["at"][1].startswith("Difference")]
    # a study that lost nobody, or asked for no experience, has no such table
    assert entries or table not in ("table-baseline", "table-characteristics")
    for entry in entries:
        row, column = entry["at"]
        for cell in cells(entry):
            line = report.files.line(cell)
            if column == SMD:
                assert (leaf(cell), line["group"]) in {("smd", report.labels.arms()[-1]), ("smd", "lost")}, entry
            elif table == "table-experience":
                assert line[report.names.columns["trust"]] == ALL or table != entry["exhibit"], entry
                assert report.labels.arm(line["group"]) == column, entry
            else:
                assert line["group"] == column_group(column, report.labels), entry
            name = report.labels.variable(line["variable"])
            if name in row or (table == "table-experience" and entry["exhibit"] != table):
                continue
            if line["variable"] in ("recruited", "baseline", "followup"):
                assert cell["row"].startswith(f"{report.names.frames['teams']}:"), entry
            elif leaf(cell) == "n_missing":
                assert row == "Missing", entry
            elif leaf(cell) in ("median", "q1", "q3"):
                assert row == "Median (quartiles)", entry
            elif line["code"]:
                assert row == report.labels.choice(line["variable"], line["code"]), entry
            else:
                assert row.startswith("Number of "), entry


def test_cells_of_people_in_short_are_means_or_counts(report):
    for _, part in groupby(report.of("table-baseline"), key=lambda entry: tuple(entry["at"])):
        found = [tuple(leaf(cell) for cell in cells(entry)) for entry in part]
        assert found[0] in {("mean",), ("count",), ("smd",), ("n_group",)} or len(found) == 1, found
        if found[0] == ("mean",):
            assert found == [("mean",), ("sd",)]
        elif found[0] == ("count",):
            assert found == [("count",), ("count", "n")]


@pytest.mark.parametrize("table", ["table-characteristics", "table-retention"])
def test_cells_of_people_hold_the_statistic_that_the_row_names(report, table):
    numbers = report.of(table)
    for (row, column), part in groupby(numbers, key=lambda entry: tuple(entry["at"])):
        found = [tuple(leaf(cell) for cell in cells(entry)) for entry in part]
        if column == SMD:
            continue
        if row.endswith("mean (SD); range"):
            assert found == [("mean",), ("sd",), ("low",), ("high",)][: len(found)], (row, column)
        elif row.endswith("mean (SD)"):
            assert found == [("mean",), ("sd",)], (row, column)
        elif row == "Median (quartiles)":
            assert found == [("median",), ("q1",), ("q3",)], (row, column)
        elif row == "Missing":
            assert set(found) == {("n_missing",)}, (row, column)
        elif row.startswith("Number of "):
            assert found == [("n_group",)], (row, column)
        elif " of " not in row:
            # levels of several variables may have the same name
            assert set(found) <= {("count",), ("count", "n"), ("n",)}, (row, column)


def test_cells_of_outcomes_are_of_the_arm_and_wave_of_their_headers(report):
    waves = {report.labels.wave(wave.name): wave.name for wave in report.labels.design.waves}
    seen = []
    for entry in report.of("table-outcomes"):
        arm, column = entry["at"]
        head = column.partition(", ")[0]
        for cell in cells(entry):
            if head in waves or column.startswith("n: "):
                line = report.files.line(cell)
                assert report.labels.arm(line["arm"]) == arm, entry
                # the column of numbers of people has those of the first and of the last wave
                assert line["wave"] in ({waves[head]} if head in waves else set(waves.values())), entry
                assert leaf(cell) in ({"mean", "sd", "count", "n"} if head in waves else {"n"}), entry
                seen.append(line["outcome"])
            elif cell["file"].endswith("estimates.csv"):
                line = report.files.line(cell)
                assert leaf(cell) == "p_adjusted", entry
            else:
                spec = report.specs[cell["row"]]
                assert spec["outcome"] == seen[-1], entry
                assert spec["model"] == report.labels.headline(spec["outcome"]), entry
                assert re.match(r"(estimate|standardised)\.", cell["column"]), entry
    assert list(dict.fromkeys(seen)) == [name for name in report.labels.outcomes() if name in seen]


STATISTICS = {
    "Estimate": {"estimate", "std_dev", "variance"},
    "Standard error": {"std_error"},
    "CI": {"ci_low", "ci_high"},
    "df": {"df"},
    "t": {"statistic"},
    "z": {"statistic"},
    "p": {"p_value"},
}


def is_on_its_own_scale(row: str, column: str, statistic: str) -> bool:
    """Whether a difference or a ratio of risks stands in its row beside a ratio of odds."""
    allowed = STATISTICS[column.removeprefix("95% ").removeprefix("90% ")]
    return row in ("Difference", "Ratio of risks") and (
        statistic in allowed or (column == "Standard error" and statistic == "se")
    )


def is_share_of_variance(row: str, column: str, statistic: str) -> bool:
    """Whether a share stands in a row of its own kind, and its limits in the column of intervals."""
    of_column = {"share_low", "share_high"} if column.endswith("CI") else {"share", "share_empty"}
    return statistic in of_column and row.endswith(", without covariates") == (statistic == "share_empty")


def test_cells_of_models_are_of_the_analysis_term_and_statistic_of_their_row_and_column(report):
    entries = report.of("table-model")
    assert len(entries) > 100
    terms: dict[tuple[str, str], set[str]] = {}
    for entry in entries:
        row, column = entry["at"]
        for cell in cells(entry):
            assert entry["exhibit"] == f"table-model-{slug(cell['row'])}", entry
            part, _, statistic = cell["column"].rpartition(".")
            if part == "estimate":
                size = {"n_obs": "Rows", "n_participants": ("People", "Women"), "reml_loglik": "REML"}.get(statistic)
                assert row.startswith(size or row), entry
                continue
            allowed = STATISTICS[column.removeprefix("95% ").removeprefix("90% ")]
            if part.startswith("contrasts") or statistic.startswith("share"):
                right = is_share_of_variance if statistic.startswith("share") else is_on_its_own_scale
                assert right(row, column, statistic), entry
                continue
            assert statistic in allowed, entry
            record = report.files.value({**cell, "column": part})
            if part.startswith("coefficients"):
                terms.setdefault((entry["exhibit"], record["term"]), set()).add(row)
            elif part.startswith("adjusted_means"):
                assert row.startswith(report.labels.arm(record["arm"])), entry
                assert record["wave"] is None or row.endswith(report.labels.wave(record["wave"])), entry
    # a row is about one term, and a term about one row
    assert all(len(rows) == 1 for rows in terms.values())
    assert len({(exhibit, *rows) for (exhibit, _), rows in terms.items()}) == len(terms)
    assert all(rows == {"Intercept"} for (_, term), rows in terms.items() if term == "(Intercept)")
    for (_, term), rows in terms.items():
        for arm in report.labels.arms():
            if term == f"{report.labels.design.arm.variable}[{arm}]":
                assert rows == {
                    f"{report.labels.variable(report.labels.design.arm.variable)}: {report.labels.arm(arm)}"
                }


def test_cells_of_robustness_are_of_the_model_of_their_row(report):
    entries = report.of("table-robustness")
    for entry in entries:
        row, column = entry["at"]
        for cell in cells(entry):
            spec = report.specs[cell["row"]]
            assert entry["exhibit"] == f"table-robustness-{slug(spec['outcome'])}", entry
            assert row.partition(" (headline)")[0].partition("; ")[0] == report.labels.model(spec["model"]), entry
            statistic = cell["column"].rpartition(".")[2]
            wanted = {
                "Standard error": {"se"},
                "df": {"df"},
                "p": {"p_value"},
                "Analysed: People": {"n_participants"},
            }.get(column)
            assert wanted is None or statistic in wanted, entry
            if column.startswith("Difference"):
                assert cell["column"] in ("estimate.estimate", "estimate.ci_low", "estimate.ci_high"), entry
            if column.startswith("Standardised"):
                assert cell["column"].startswith("standardised."), entry
    assert {entry["at"][1] for entry in entries} >= {"Standard error", "df", "p"}


def test_cells_of_tipping_points_are_of_the_outcome_and_the_limit_of_their_row(report):
    entries = report.of("table-tipping") + report.of("figure-tipping")
    assert entries
    for entry in entries:
        limits = {leaf(cell) for cell in cells(entry)} & {"ci_low", "ci_high"}
        for cell in cells(entry):
            if leaf(cell).startswith("delta_"):
                # of an imputed shift the record says which end of the interval is there
                limits.add(report.files.value(cell | {"column": cell["column"].removesuffix(leaf(cell)) + "bound"}))
            if cell["file"].startswith("results/models/"):
                outcome = slug(report.specs[cell["row"]]["outcome"])
                assert entry["exhibit"].endswith((f"tipping-{outcome}", f"tipping-ways-{outcome}")), entry
        row = entry.get("at", [""])[0]
        if row.startswith(("Lower limit", "Upper limit")) and entry["at"][1] != "Missing outcomes shifted":
            assert limits == {"ci_low" if row.startswith("Lower") else "ci_high"}, entry


def test_cells_of_the_flow_are_of_the_stage_that_its_words_name(report):
    flow = report.files.json("results/flow.json")
    said = [
        entry
        for entry in report.numbers
        if entry.get("exhibit") == "figure-flow" and entry["class"] == "cell" and entry.get("at", [""])[0] != "caption"
    ]
    paths = {cell["column"] for entry in said for cell in cells(entry)}
    words = {"recruited": "recruited", "analysed": "in the primary analysis"}
    for arm, counts in flow["by_arm"].items():
        if counts["recruited"]:
            stages = {stage for stage in ("recruited", "baseline", "followup", "analysed") if stage in counts}
            assert {f"by_arm.{arm}.{stage}" for stage in stages} <= paths
    for entry in said:
        branch, box = entry["at"]
        for cell in cells(entry):
            assert report.files.value(cell) == entry["value"]
            if cell["column"].startswith("by_arm."):
                _, arm, stage = cell["column"].split(".")
                assert branch == report.labels.arm(arm), entry
                assert words.get(stage, "") in box or box == branch, entry


def test_cells_of_teams_and_themes_are_of_the_place_of_their_row(report):
    for entry in report.of("table-design"):
        row, column = entry["at"]
        for cell in cells(entry):
            line = report.files.line(cell)
            if row != "All":
                place = line[report.names.columns["team" if report.labels.design.team else "trust"]]
                variable = report.labels.design.team or report.labels.design.trust
                assert report.labels.choice(variable, place) == row, entry
            stage = {"Recruited": "recruited", "Followed up": None}.get(column.removeprefix("People: "), "")
            assert not stage or leaf(cell) == stage, entry
    for entry in report.of("table-themes"):
        (cell,) = entry["from"].values()
        theme = re.search(r"theme = ([^;]+)", cell["row"])[1]
        assert report.labels.choice("theme", theme).lower().replace("_", " ") == entry["at"][0].lower(), entry
        place = report.names.columns["trust"]
        code = re.search(rf"; (arm|{place}) = (.+)", cell["row"])
        label = {"arm": report.labels.arm, place: report.labels.trust}[code[1]](code[2]) if code else "All"
        assert entry["at"][1].rpartition(": ")[2] == label, entry
