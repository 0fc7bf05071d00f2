"""A blinded study: nothing in it tells the groups, and its data are those of the study under other names."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import yaml

from cpis_analysis.blinding.folder import blinded_study, names_of_study
from cpis_analysis.blinding.new_names import NewNames
from cpis_analysis.blinding.telling import CleanData
from cpis_analysis.errors import PlanError
from cpis_analysis.intake.clean import clean
from cpis_analysis.intake.dictionary.dictionary import Dictionary, read_dictionary
from cpis_analysis.new_study.write_study import write_study
from cpis_analysis.plan.reading.load import load_plan
from cpis_analysis.study.checks.plan_check import load_and_check
from new_studies import REPEATED, settled

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).parents[3]
SWAPPED = {"comparison": "implementation", "implementation": "comparison"}


def cleaned(plan, dictionary):
    content = plan.content
    return clean(content.data, content.design, content.cleaning, dictionary, plan.root)


@pytest.fixture(scope="module")
def study():
    """Plan, dictionary and clean data of the shipped study."""
    plan = load_plan(ROOT / "config.yaml")
    dictionary = read_dictionary(ROOT / plan.content.data.dictionary, plan.content.data.dictionary)
    found = cleaned(plan, dictionary)
    return plan, dictionary, CleanData(found.participants, found.interviews, found.teams)


@pytest.fixture(scope="module")
def names(study):
    plan, _, data = study
    return names_of_study(plan, data, "a key")


@pytest.fixture(scope="module")
def made(study, names):
    return blinded_study(*study, names, "mark")


@pytest.fixture(scope="module")
def folder(made, tmp_path_factory):
    folder = tmp_path_factory.mktemp("blinded")
    for name, content in made.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def everything(made):
    return "\n".join(content.decode("utf-8") for content in made.files.values())


def test_blinded_study_names_no_group_cluster_or_person(study, made):
    text = everything(made).casefold()
    for word in (
        "comparison",
        "implementation",
        "north",
        "central",
        "north team",
        *study[2].participants["participant_id"],
    ):
        assert word.casefold() not in text
    assert "group a" in text
    assert "group b" in text
    assert "trust 5" in text
    assert "p159" in text


def test_blinded_study_is_the_same_where_the_groups_are_exchanged(study, names, made):
    """Nothing but the new names depends on which group is which: with groups and their letters exchanged, each file
    has the same bytes."""
    plan, dictionary, data = study
    arm = plan.content.design.arm.variable

    def exchanged(frame):
        codes = frame[arm].cat.categories
        return frame.assign(**{arm: frame[arm].cat.rename_categories(SWAPPED).cat.set_categories(codes)})

    other = Dictionary(
        [replace(one, branching=None) if one.name == "materials_explained" else one for one in dictionary.values()],
        dictionary.file,
    )
    turned = replace(names, arms={SWAPPED[code]: letter for code, letter in names.arms.items()})
    swapped = CleanData(exchanged(data.participants), data.interviews, exchanged(data.teams))
    assert blinded_study(plan, other, swapped, turned, "mark").files == made.files


def test_blinded_study_has_the_same_bytes_in_any_order_of_rows(study, names, made):
    plan, dictionary, data = study
    shuffled = CleanData(*(frame.sample(frac=1, random_state=1) for frame in vars(data).values()))
    assert names_of_study(plan, shuffled, "a key") == names
    assert blinded_study(plan, dictionary, shuffled, names, "mark").files == made.files


def test_blinded_study_cleans_to_the_data_of_the_study_under_other_names(study, names, folder):
    plan, dictionary = load_and_check(folder / "config.yaml")
    found, original = cleaned(plan, dictionary), study[2]
    assert not len(found.set_aside)
    people = original.participants.assign(participant_id=original.participants["participant_id"].map(names.people))
    people = people.set_index("participant_id").sort_index()
    place = {"arm": names.arms, **names.clusters}
    for variable, new in place.items():
        mine = found.participants.set_index("participant_id").sort_index()[variable].astype(str)
        assert mine.tolist() == people[variable].astype(str).map(new).tolist()
    keys = ["participant_id", "wave"]
    before = original.interviews.assign(participant_id=original.interviews["participant_id"].map(names.people))
    before, after = (frame.set_index(keys).sort_index() for frame in (before, found.interviews))
    kept = [name for name in after if name in dictionary]
    assert {"rguk_27", "age", "support_received"} <= set(kept)
    assert not {"materials_explained", "interview_date", "fidelity"} & set(kept)
    for name in kept:
        pd.testing.assert_series_equal(
            after[name].astype(object), before[name].astype(object), check_names=False, check_index_type=False
        )


def test_blinded_plan_keeps_what_can_be_done_and_says_what_is_left_out(study, made, folder):
    plan, blinded = study[0].content, load_plan(folder / "config.yaml")
    why = {(one.what, one.name): one.why for one in made.left_out}
    gone = {name for what, name in why if what == "analysis"}
    assert gone == {"rguk.materials_explained", "rguk.trained_team", "rguk.without_trained_trust"}
    assert {spec.name for spec in blinded.specifications()} == {spec.name for spec in study[0].specifications()} - gone
    assert why["variable", "materials_explained"] == "it was answered in one group only"
    assert why["variable", "fidelity"] == "it says what clusters are like"
    content = blinded.content
    assert content.design.arm.reference == "A"
    assert "BLINDED" in content.study.notice
    assert "SYNTHETIC" in content.study.notice
    assert content.report.title.startswith("Blinded analysis")
    assert content.study.seed == plan.study.seed
    assert content.families == plan.families
    assert not content.report.implementation.reached
    assert not content.design.team_characteristics
    assert "#" not in (folder / "config.yaml").read_text(encoding="utf-8")


def test_blinded_folder_is_private_and_says_so(made):
    assert made.files[".gitignore"] == b"*\n"
    assert "Private" in made.files["README.md"].decode()
    record = json.loads(made.files["blinded.json"])
    assert record["key_sha256"] == "mark"
    assert set(record["files"]) == set(made.files) - {"blinded.json"}


def test_variables_that_tell_are_found_by_data_by_branching_and_by_words(study, names):
    plan, dictionary, data = study
    rows = [
        replace(dictionary["education"], name="only_there", label="X"),
        replace(dictionary["education"], name="same_as_group", label="X"),
        replace(dictionary["education"], name="named", label="What the implementation teams offered"),
        replace(dictionary["activity_other"], name="by_chance", label="X"),
        replace(dictionary["activity_other"], name="asked_after", label="X", branching=parsed("[asked] = 'yes'")),
        replace(dictionary["activity_other"], name="asked", label="X", branching=parsed("[arm] = 'comparison'")),
    ]
    arm = data.interviews["participant_id"].map(data.participants.set_index("participant_id")["arm"]).astype(object)
    mine = arm == "implementation"
    interviews = data.interviews.assign(
        only_there=pd.Categorical(["yes" if one else None for one in mine]),
        same_as_group=pd.Categorical(["yes" if one else "no" for one in mine]),
        named=pd.Categorical(["yes"] * len(mine)),
        by_chance=pd.Categorical(["yes" if one and at % 3 else "no" for at, one in enumerate(mine)]),
    )
    more = Dictionary([*dictionary.values(), *rows], dictionary.file)
    content = plan.content
    shown = [*content.report.experience, "only_there", "same_as_group", "named", "by_chance", "asked", "asked_after"]
    wide = replace(
        plan, content=content.model_copy(update={"report": content.report.model_copy(update={"experience": shown})})
    )
    result = blinded_study(wide, more, replace(data, interviews=interviews), names, "mark")
    why = {one.name: one.why for one in result.left_out}
    assert why["only_there"] == "it was answered in one group only"
    assert why["same_as_group"] == "its answers are other ones in each group"
    assert why["named"].startswith("its name, label or answers hold a word")
    assert why["asked"] == why["asked_after"]
    assert why["asked"].startswith("whether it is asked depends on")
    # an answer of one group alone may be chance: it stays, and the data manager is told
    assert "by_chance" not in why
    assert result.one_sided == ("by_chance",)
    header = next(csv.reader(io.StringIO(result.files["data/raw/measurements_6m.csv"].decode())))
    assert not {"only_there", "same_as_group", "named", "asked", "asked_after"} & set(header)
    # the folder's own list names no variable whose name tells
    assert "named" in why
    assert "- variable named" in result.files["README.md"].decode()


def parsed(text):
    from cpis_analysis.intake.dictionary.conditions import parse_condition

    return parse_condition(text)


def test_what_the_data_manager_names_is_left_out_with_what_is_made_of_it(study, names):
    result = blinded_study(*study, names, "mark", left_out=["barrier_cost", "qpr_03"], words=["Connecting People"])
    why = {(one.what, one.name): one.why for one in result.left_out}
    assert why["variable", "barrier_cost"] == "the data manager left it out"
    assert why["score", "qpr"] == "it is made of qpr_03"
    assert {("outcome", "qpr"), ("outcome", "cost")} <= set(why)
    text = everything(result).casefold()
    assert "barrier_cost:" in text
    assert "qpr_03" not in result.files["data/raw/dictionary.csv"].decode()


@pytest.mark.parametrize(
    ("left_out", "said"),
    [
        (["barier_cost"], "did you mean 'barrier_cost'"),
        (["arm"], "the design needs it"),
        (["rguk_01"], "no analysis of the primary outcome rguk would remain"),
    ],
)
def test_what_can_not_be_left_out_is_refused(study, names, left_out, said):
    with pytest.raises(PlanError, match=said):
        blinded_study(*study, names, "mark", left_out=left_out)


def test_a_telling_word_that_would_be_left_is_refused_and_not_quoted(study, names):
    # the label of a wave can be replaced by its name, the name of a model by nothing but another analysis
    with pytest.raises(PlanError, match="variable participant_id") as caught:
        blinded_study(*study, names, "mark", words=["participant"])
    assert "rename it in the dictionary" in str(caught.value)
    with pytest.raises(PlanError, match="words that tell a group or a cluster would be left") as caught:
        blinded_study(*study, names, "mark", words=["kenward", "experience", "seed"])
    assert "config.yaml, line" in str(caught.value)
    assert "seed" not in str(caught.value)


def test_reference_is_the_first_letter_of_the_groups_that_are_compared(study, names):
    """Whichever it was: with three groups the plan's own reference would tell which group that is."""
    plan, dictionary, data = study
    arms = {"comparison": "C", "implementation": "B"}
    compared = plan.content.design.arm.model_copy(
        update={"compared": ["implementation", "comparison"], "primary": "implementation", "multiplicity": "none"}
    )
    design = plan.content.design.model_copy(update={"arm": compared})
    chosen = replace(plan, content=plan.content.model_copy(update={"design": design}))
    result = blinded_study(chosen, dictionary, data, replace(names, arms=arms), "mark")
    arm = yaml.safe_load(result.files["config.yaml"])["design"]["arm"]
    assert arm == {"variable": "arm", "multiplicity": "none", "reference": "B", "compared": ["B", "C"]}


def test_names_of_a_study_with_numbers_for_clusters(study):
    plan, _, data = study
    trusts = data.participants["trust"].astype(str).map({"A": 1.0, "B": 2.0, "C": 10.0, "D": 4.0, "E": 5.0})
    found = names_of_study(plan, CleanData(data.participants.assign(trust=trusts), data.interviews), "key")
    assert set(found.clusters["trust"]) == {"1", "2", "10", "4", "5"}
    assert isinstance(found, NewNames)


def test_blinded_study_without_clusters_says_what_people_are_called_where_that_tells_no_group(tmp_path):
    study = settled(tmp_path / "raw", REPEATED, people="pupil")
    write_study(study, tmp_path / "study")
    plan, dictionary = load_and_check(tmp_path / "study/config.yaml")
    found = cleaned(plan, dictionary)
    data = CleanData(found.participants, found.interviews)
    names = names_of_study(plan, data, "a key")
    for words, kept in (([], {"one": "pupil"}), (["pupil"], None)):
        made = blinded_study(plan, dictionary, data, names, "mark", words=words)
        design = yaml.safe_load(made.files["config.yaml"])["design"]
        assert "levels" not in design
        assert design.get("people") == kept
