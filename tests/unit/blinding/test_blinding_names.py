"""Names drawn by a key, and words that tell."""

from pathlib import Path

import pytest

from cpis_analysis.blinding.new_names import fingerprint, new_names
from cpis_analysis.blinding.terms import Terms, telling_terms
from cpis_analysis.blinding.word_search import search_files, search_folder
from cpis_analysis.errors import PlanError
from cpis_analysis.intake.dictionary.dictionary import read_dictionary
from cpis_analysis.plan.naming import Noun
from cpis_analysis.plan.reading.load import load_plan

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).parents[3]
ARMS, TRUSTS, PEOPLE = ["usual", "new"], ["a", "b", "c"], ["7", "8", "9"]


def drawn(key, arms=ARMS, trusts=TRUSTS, people=PEOPLE):
    return new_names(key, arms, {"trust": (Noun("trust"), trusts)}, people)


def test_names_depend_on_the_key_and_not_on_the_order():
    assert drawn("k") == drawn("k", ARMS[::-1], TRUSTS[::-1], PEOPLE[::-1])
    assert sorted(drawn("k").arms.values()) == ["A", "B"]
    assert set(drawn("k").clusters["trust"].values()) == {"Trust 1", "Trust 2", "Trust 3"}
    assert set(drawn("k").people.values()) == {"P001", "P002", "P003"}


def test_names_give_each_group_the_first_letter_as_often():
    firsts = sum(drawn(f"key {at}").arms["usual"] == "A" for at in range(1000))
    # a fair coin: within four standard deviations, and the keys are fixed
    assert abs(firsts - 500) < 4 * 250**0.5
    orders = {tuple(sorted(names.clusters["trust"].items())) for names in map(drawn, map(str, range(60)))}
    assert len(orders) == 6


def test_names_of_groups_clusters_and_people_are_drawn_apart():
    same = [drawn(str(at), ["x", "y"], ["x", "y"], ["x", "y"]) for at in range(200)]
    agree = sum(names.arms["x"] == "A" and names.clusters["trust"]["x"] == "Trust 1" for names in same)
    assert 20 < agree < 80


def test_names_of_more_groups_than_letters_are_refused():
    with pytest.raises(PlanError, match="more groups than letters"):
        drawn("k", [str(at) for at in range(27)])


def test_fingerprint_tells_keys_apart_and_is_not_the_key():
    assert fingerprint("a") != fingerprint("b")
    assert "a" * 64 not in fingerprint("a" * 64)


@pytest.mark.parametrize(
    ("text", "tells"),
    [
        ("The IMPLEMENTATION arm", True),
        ("implementation_visits", True),
        ("reimplementation", False),
        ("implementations", False),
        ("usual\n  care", True),
        ("usually cared for", False),
        ("", False),
    ],
)
def test_terms_are_whole_words_in_any_case(text, tells):
    assert Terms(("implementation", "usual care")).tells(text) is tells
    assert not Terms(()).tells(text)


def test_terms_of_the_shipped_study_leave_short_and_general_words_out():
    plan = load_plan(ROOT / "config.yaml")
    dictionary = read_dictionary(ROOT / plan.content.data.dictionary, "dictionary.csv")
    names = new_names(
        "k",
        ["comparison", "implementation"],
        {"trust": (Noun("trust"), list("ABCDE")), "team": (Noun("team"), ["North", "Other", "white"])},
        [],
    )
    terms = telling_terms(dictionary, plan.content.design, names, [" Connecting   People ", ""])
    assert {"comparison", "Implementation", "North", "Trust A", "North team", "Connecting People"} <= set(terms.words)
    # "other" and "white" are answers of other questions, letters stand everywhere
    assert {"C", "D", "E", "Other", "white"} <= set(terms.unsearched)
    assert not {"Other", "white", "C"} & set(terms.words)


@pytest.mark.thorough
def test_search_takes_no_word_in_what_is_delivered_and_the_programs_own_in_results():
    terms = Terms(("comparison",))
    own = "<p>It is <b>no comparison of</b> like with like.</p>"
    assert [one.file for one in search_files({"config.yaml": own.encode()}, terms)] == ["config.yaml"]
    (problem,) = search_files({"results/x.html": b"<p>\n<td>Fewer in the comparison zebra</td>"}, terms)
    assert (problem.file, problem.line) == ("results/x.html", 2)
    assert "comparison" not in str(problem)
    (named,) = search_files({"results/comparison.csv": b""}, terms)
    assert "name of the file" in str(named)


def test_search_reads_packed_documents_and_skips_what_snakemake_keeps(tmp_path):
    import zipfile

    terms = Terms(("zebra",))
    with zipfile.ZipFile(tmp_path / "tables.xlsx", "w") as packed:
        packed.writestr("xl/sharedStrings.xml", "<si><t>Group</t></si><si><t>Zebra</t></si>")
    (tmp_path / ".snakemake").mkdir()
    (tmp_path / ".snakemake" / "x.json").write_text("zebra")
    problems, read = search_folder(tmp_path, terms)
    assert [one.file for one in problems] == ["tables.xlsx"]
    assert read == 1
