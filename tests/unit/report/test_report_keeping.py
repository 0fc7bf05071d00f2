"""Tables that stay from an earlier run, and results whose numbers get their sources when they are asked for."""

from __future__ import annotations

import copy
import json
from dataclasses import fields, is_dataclass, replace

import pytest

from chapter_material import PLAN, labels, plan, results
from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.analyses.result_records import result_to_record
from cpis_analysis.chapters.chapter import Material
from cpis_analysis.chapters.models.table import tables as model_tables
from cpis_analysis.chapters.printed_result import PrintedResult
from cpis_analysis.chapters.robustness.table import tables as robustness_tables
from cpis_analysis.files import write_json
from cpis_analysis.publish.sources.ledger import opened
from cpis_analysis.publish.sources.sourced import is_sourced, source_of, sourced
from cpis_analysis.report.exhibits import NUMBERS, read_json, read_tables, write_exhibits
from cpis_analysis.report.keeping import Keeping
from cpis_analysis.report.printed import read_printed_results
from cpis_analysis.runs.stored_levels import result_levels
from cpis_analysis.runs.stored_names import write_names
from cpis_analysis.steps.make_tables import table_entry

PARTS = [part.name for part in fields(AnalysisResult)]


@pytest.fixture
def study(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "d.csv").write_text("name\n", encoding="utf-8")
    return tmp_path


def printed(found=None):
    """Results as the steps read them, from the files of a run."""
    found = results() if found is None else found
    write_names("contrasts.json", found)
    names = [f"{one.spec.model}.json" for one in found]
    for name in dict.fromkeys(names):
        own = [one for one, file in zip(found, names, strict=True) if file == name]
        write_json(name, [result_levels(result_to_record(one)) for one in own])
    return read_printed_results(dict.fromkeys(names), "contrasts.json")


def made(study, found=None, content=None):
    """Ids of the tables that were made anew, and what was found open meanwhile."""
    index = study / "tables" / "tables.json"
    material = Material(labels(content), {}, printed(found))
    keeping = Keeping(index, "cpis_analysis.steps.make_tables", study / "d.csv", lambda cell: cell)
    wanted = (one for part in (model_tables, robustness_tables) for one in part(material))
    ids = []

    def exhibits():
        for one in keeping.exhibits(wanted, table_entry):
            ids.extend([] if one.exhibit is None else [one.exhibit.id])
            yield one.entry, one.numbers

    write_exhibits(index, exhibits())
    assert opened() is None
    return ids


def plain_parts(value):
    """Every number below, with its source."""
    if is_sourced(value):
        return [(float(value), source_of(value))]
    if is_dataclass(value):
        value = [getattr(value, part.name) for part in fields(value)]
    if isinstance(value, dict):
        value = list(value.values())
    return [one for part in value for one in plain_parts(part)] if isinstance(value, list | tuple) else []


def test_result_has_the_sources_of_all_its_parts_once_they_are_asked_for(study):
    for one in printed():
        plain, file = vars(one)["_read"]
        name = plain.spec.name
        at_once = sourced(plain, file, name)
        told = 0
        for part in PARTS:
            wanted = getattr(at_once, part)
            if part == "spec":
                wanted = sourced(plain.spec, file, name, "spec", kind="setting")
            assert plain_parts(getattr(one, part)) == plain_parts(wanted), part
            told += len(plain_parts(wanted))
        assert told > 10
        assert one.spec == plain.spec


def test_result_makes_no_sources_of_what_nobody_asked_for(study):
    one = printed()[0]
    assert not {"coefficients", "diagnostics", "estimate"} & vars(one).keys()
    assert one.estimate.n_obs == vars(one)["estimate"].n_obs
    assert "coefficients" not in vars(one)
    assert not one.simulates_residuals
    assert "diagnostics" not in vars(one)
    with pytest.raises(AttributeError, match="no_such_part"):
        one.no_such_part  # noqa: B018


def test_result_is_copied_and_replaced_like_any_other(study):
    one = printed()[0]
    for other in (copy.copy(one), copy.deepcopy(one), replace(one, messages=one.messages)):
        assert other == one
        assert plain_parts(other.coefficients) == plain_parts(one.coefficients)
    assert one.digest
    assert not replace(one, messages=("Other.",)).digest


def test_digest_tells_every_change_of_a_result(study):
    first = printed()[0].digest
    assert printed()[0].digest == first
    record = read_json("ancova.json")[0]
    changed = [
        record | {"messages": [*record["messages"], "One more."]},
        record | {"estimate": record["estimate"] | {"p_value": record["estimate"]["p_value"] / 2}},
        record | {"dropped_columns": ["age"]},
        record | {"spec": record["spec"] | {"level": 0.9}},
    ]
    digests = {first}
    for one in changed:
        write_json("ancova.json", [one])
        digests.add(read_printed_results(["ancova.json"], "contrasts.json")[0].digest)
    write_json("elsewhere.json", [record])
    digests.add(read_printed_results(["elsewhere.json"], "contrasts.json")[0].digest)
    # the same names can stand for other codes
    names = json.loads((study / "contrasts.json").read_text(encoding="utf-8"))
    names["coefficients"] = {
        name: [[*part[:1], "another"] for part in of] for name, of in names["coefficients"].items()
    }
    write_json("others.json", names)
    write_json("ancova.json", [record])
    digests.add(read_printed_results(["ancova.json"], "others.json")[0].digest)
    assert len(digests) == len(changed) + 3


def test_tables_stay_but_those_that_show_what_changed(study):
    first = made(study)
    assert {"model-rguk-ancova", "robustness-rguk", "model-gas-post"} <= set(first)
    before = {path.name: path.read_bytes() for path in (study / "tables").iterdir()}
    assert made(study) == []
    assert {path.name: path.read_bytes() for path in (study / "tables").iterdir()} == before

    ancova, *others = results()
    other = replace(ancova, estimate=replace(ancova.estimate, p_value=0.5))
    assert made(study, [other, *others]) == ["model-rguk-ancova", "robustness-rguk"]
    after = read_tables(study / "tables" / "tables.json")
    (study / "tables").rename(study / "kept")
    assert len(made(study, [other, *others])) == len(first)
    assert read_tables(study / "tables" / "tables.json") == after
    assert (study / "tables" / f"robustness-rguk{NUMBERS}").read_bytes() == (
        study / "kept" / f"robustness-rguk{NUMBERS}"
    ).read_bytes()


@pytest.mark.parametrize(
    ("change", "again"),
    [
        ({"models": {"post": PLAN["models"]["post"] | {"label": "Later"}}}, {"model-gas-post"}),
        (
            {"outcomes": {"rguk": PLAN["outcomes"]["rguk"] | {"label": "Social"}}},
            {"model-rguk-ancova", "model-rguk-change", "robustness-rguk"},
        ),
        ({"study": {"name": "Another"}}, None),
        ({"models": {"post": PLAN["models"]["post"] | {"formula": "{outcome}_6m ~ arm"}}}, set()),
    ],
    ids=["label of a model", "label of an outcome", "words of all", "a formula whose result stayed"],
)
def test_tables_are_made_again_where_their_words_changed(study, change, again):
    first = made(study)
    assert set(made(study, content=plan(**change))) == (set(first) if again is None else again)


def test_table_is_made_again_where_its_file_was_touched_or_its_dictionary_changed(study):
    first = made(study)
    (study / "tables" / f"model-gas-post{NUMBERS}").write_text("{}", encoding="utf-8")
    assert made(study) == ["model-gas-post"]
    (study / "d.csv").write_text("name\nmore\n", encoding="utf-8")
    assert made(study) == first


def test_printed_result_without_its_file_has_no_parts():
    with pytest.raises(AttributeError):
        object.__new__(PrintedResult).estimate  # noqa: B018
