"""What a user can get wrong: one clear message, no traceback, and earlier results as they were."""

from __future__ import annotations

import csv
import re

import pytest

pytestmark = [pytest.mark.workflow, pytest.mark.long]

RAW = "data/raw/baseline.csv"
NOISE = ("Traceback", "CalledProcessError", "--spec", "RuleException", "Please report")


@pytest.fixture(scope="module")
def spoilt(finished, tmp_path_factory):
    """A copy of the finished run for all mistakes: each is undone before the next."""
    return finished.copy(tmp_path_factory.mktemp("mistakes") / "project")


@pytest.fixture
def refused(spoilt):
    """Run with a mistake in place; check all but the words, and return what was said."""

    def kept() -> dict[str, str]:
        # no results: the store of fits keeps what a run that fails has fitted, so that nothing is fitted twice
        return {name: digest for name, digest in spoilt.hashes().items() if not name.startswith("data/processed/fits/")}

    def run() -> str:
        before = kept()
        done = spoilt.snakemake()
        assert done.code != 0
        assert [word for word in NOISE if word in done.text] == []
        assert kept() == before
        return done.text

    return run


def replaced(project, name: str, content: bytes):
    """A file of the project with other content; as before afterwards."""
    path = project.folder / name

    class Replaced:
        def __enter__(self):
            self.original = path.read_bytes()
            path.write_bytes(content)

        def __exit__(self, *_):
            path.write_bytes(self.original)

    return Replaced()


def content(project, name: str = RAW) -> bytes:
    return (project.folder / name).read_bytes()


def test_mistake_typos_in_the_plan_are_all_listed_with_line_and_suggestion(spoilt, refused):
    with spoilt.edited(
        "config.yaml",
        ("characteristics:", "characteristica:"),
        ("role: primary", "role: primry"),
        ("{outcome}_6m ~ arm +", "{outcome}_6m ~ amr +"),
    ):
        said = refused()
    assert "did you mean 'characteristics'?" in said
    assert "did you mean 'primary'?" in said
    assert said.count("config.yaml, line") >= 2
    assert "Nothing was run; earlier results are as they were." in said


def test_mistake_unknown_variable_in_a_formula_names_the_nearest(spoilt, refused):
    with spoilt.edited("config.yaml", ("arm + {outcome}_0m + age +", "arm + {outcome}_0m + aeg +")):
        said = refused()
    assert "did you mean 'age'?" in said
    assert "config.yaml, line" in said


def test_mistake_plan_that_is_no_yaml(spoilt, refused):
    with spoilt.edited("config.yaml", ("study:\n", "study: [\n")):
        said = refused()
    assert "config.yaml" in said
    assert "line" in said


def test_mistake_headline_that_cannot_be_made_is_refused_by_its_fit(spoilt, refused):
    """One trust has one team in each arm: no valid inference, whatever the model says."""
    model = "    label: Six months only, trust and team random\n"
    with spoilt.edited("config.yaml", (model, model + "    population: trained_trust\n")):
        said = refused()
    assert "gas.post (gas_6m ~" in said
    assert "at least two teams in each arm" in said


def test_mistake_in_an_analysis_beside_the_headline_stops_nothing(spoilt):
    """The same in another model: a row without numbers, and a line at the end of the run."""
    model = "    label: Six months only, team random\n"
    with spoilt.edited("config.yaml", (model, model + "    population: trained_trust\n")):
        run = spoilt.run("results/estimates.csv")
        rows = {
            row["analysis"]: row
            for row in csv.DictReader(
                (spoilt.folder / "results/estimates.csv").read_text(encoding="utf-8").splitlines()
            )
        }
    assert re.search(r"\b1 of \d+ analyses could not be estimated", run.text), run.text
    assert "gas.post_team_only" in run.text
    row = rows["gas.post_team_only"]
    assert (row["status"], row["estimate"], row["p_value"], row["n_participants"]) == ("not estimable", "", "", "")
    assert "at least two teams in each arm" in row["reason"]
    assert rows["gas.post"]["status"] == "estimated"
    spoilt.run("results/estimates.csv")


def test_mistake_changed_digit_is_found_by_checksum(spoilt, refused):
    with replaced(spoilt, RAW, content(spoilt)[:-3] + b"7\n"):
        said = refused()
    assert said.count("is not the file that was delivered") == 1
    assert RAW in said
    assert "SHA256SUMS" in said


def test_mistake_corrupted_file_is_named_with_its_line(spoilt, refused):
    text = content(spoilt)
    middle = text.index(b"\n", len(text) // 2) + 3
    with replaced(spoilt, RAW, text[:middle] + b"\x00\x00\x00" + text[middle + 3 :]):
        said = refused()
    assert f"{RAW}, line" in said
    assert "NUL" in said


def test_mistake_file_cut_off_inside_a_row(spoilt, refused):
    text = content(spoilt)
    with replaced(spoilt, RAW, text[: len(text) // 2]):
        said = refused()
    assert f"{RAW}, line" in said
    assert "cut off" in said


def test_mistake_missing_column_is_named(spoilt, refused):
    header, rest = content(spoilt).split(b"\n", 1)
    with replaced(spoilt, RAW, header.replace(b",wemwbs_03", b",wemwbs_3x") + b"\n" + rest):
        said = refused()
    assert "the column 'wemwbs_03' is missing" in said
    assert f"{RAW}, line 1" in said


@pytest.mark.parametrize("text", [b"", b"\n"], ids=["no_byte", "blank_line"])
def test_mistake_empty_file_is_named(spoilt, refused, text):
    with replaced(spoilt, RAW, text):
        said = refused()
    assert RAW in said
    assert "the file is empty" in said


def test_mistake_file_that_is_not_there(spoilt, refused):
    path = spoilt.folder / RAW
    path.rename(path.with_suffix(".away"))
    try:
        said = refused()
    finally:
        path.with_suffix(".away").rename(path)
    assert RAW in said
    assert "there is no such file" in said


@pytest.mark.slow
def test_mistake_mended_can_be_run_again(copied, finished):
    """After a failure nothing is locked or half written, and a run gives the bytes of the first one."""
    with replaced(copied, RAW, b""):
        assert copied.snakemake().code != 0
    assert "clean_data" in copied.planned()
    copied.run("clean_data")
    assert copied.hashes() == finished.hashes()
