"""What is told from files as they come, and the reasons."""

import pytest

from cpis_analysis.errors import DataError
from cpis_analysis.study_words import plain
from new_studies import CLASSES, REPEATED, SITES, UNNAMED, settled


def test_classes_in_schools_with_waves_in_columns(tmp_path):
    study = settled(tmp_path, CLASSES)
    assert (study.row, study.person, study.arm, study.reference) == ("person", "pupil.no", "Condition", "usual book")
    assert study.clusters == ("School", "class_id")
    assert [(wave.written, wave.months) for wave in study.waves] == [("pre", 0), ("post", 1)]
    assert study.baseline
    assert [(one.title, one.kind) for one in study.outcomes] == [("maths", "continuous")]
    assert study.characteristics == ("Age",)
    assert study.reasons["reference"] == "'usual book' is what a comparison is called"
    assert any(remark.startswith("months:") for remark in study.remarks)
    assert any("not used: sp\u00e9cial" in remark for remark in study.remarks)


def test_people_with_several_rows(tmp_path):
    study = settled(tmp_path, REPEATED)
    assert (study.row, study.person, study.wave_column) == ("person-and-wave", "subject", "visit")
    assert (study.arm, study.reference, study.clusters) == ("arm", "0", ())
    assert [wave.label for wave in study.waves] == ["Visit 0", "Visit 1", "Visit 2"]
    assert study.baseline
    assert [(one.title, one.higher_is) for one in study.outcomes] == [("BDI score", "worse")]
    assert study.characteristics == ("sex",)


def test_months_that_nothing_says_come_after_those_before(tmp_path):
    rows = [
        f"{at},{at % 2},{visit},{(at + len(visit)) % 9}" for at in range(30) for visit in ("baseline", "month 6", "end")
    ]
    study = settled(tmp_path, "\n".join(["id,arm,visit,score", *rows, ""]))
    assert [(wave.written, wave.months) for wave in study.waves] == [("baseline", 0), ("month 6", 6), ("end", 7)]


def test_one_wave_with_an_event(tmp_path):
    study = settled(tmp_path, SITES, outcomes=("died",))
    assert (study.person, study.arm, study.reference, study.clusters) == ("id", "treat", "0", ("centre",))
    assert len(study.waves) == 1
    assert not study.baseline
    assert [(one.kind, one.event, one.higher_is) for one in study.outcomes] == [("binary", "1", "worse")]


def test_nobody_has_a_number_and_labels_are_of_another_alphabet(tmp_path):
    study = settled(tmp_path, UNNAMED)
    assert (study.person, study.arm, study.reference) == ("", "Treat", "Cont")
    assert [one.title for one in study.outcomes] == ["wt"]
    assert any(plain(remark).startswith("person: no column names people") for remark in study.remarks)


def test_files_of_one_wave_each(tmp_path):
    before = "id,arm,age,pain\n" + "".join(f"{at},{'AB'[at % 2]},{30 + at},{at % 7}\n" for at in range(20))
    after = "id,pain,better\n" + "".join(f"{at},{at % 5},{at % 2}\n" for at in range(18))
    study = settled(tmp_path, {"0m": before, "3m": after}, outcomes=("pain",), clusters=())
    assert study.row == "visit"
    assert [(wave.name, wave.months) for wave in study.waves] == [("0m", 0), ("3m", 3)]
    assert [dict(one.columns) for one in study.outcomes] == [{"0m": "pain", "3m": "pain"}]


def test_columns_of_an_outcome_that_were_listed(tmp_path):
    text = "id,arm,soonPain,nightPain\n" + "".join(f"{at},{at % 2},{at % 7},{at % 5}\n" for at in range(20))
    study = settled(tmp_path, text, outcome_columns={"pain": ("soonPain", "nightPain")}, baseline=False)
    assert [wave.written for wave in study.waves] == ["soon", "night"]
    assert dict(study.outcomes[0].columns) == {"soon": "soonPain", "night": "nightPain"}


def test_values_before_the_intervention_in_a_column_of_their_own(tmp_path):
    rows = [f"{at},{at % 2},{at % 9},{visit},{(at * visit) % 11}" for at in range(30) for visit in (1, 2)]
    study = settled(tmp_path, "\n".join(["id,arm,baseline,visit,score", *rows, ""]))
    assert study.adjusted == ("baseline",)
    assert not study.baseline
    assert "stands in a column of its own" in study.reasons["baseline"]


def test_row_numbers_names_and_free_text_are_not_read(tmp_path):
    rows = [f"{at},{500 + at},{at % 2},{at % 7},Ann{at},a longer remark on visit {at}" for at in range(1, 41)]
    study = settled(tmp_path, "\n".join(["row,id,arm,score,surname,notes", *rows, ""]))
    assert set(study.ignored) == {"row", "surname", "notes"}


@pytest.mark.parametrize(
    ("column", "said", "words"),
    [
        ("pupil.no", None, ("pupil", "pupils")),
        ("childID", None, ("child", "children")),
        ("patientid", None, ("patient", "patients")),
        ("subject", None, ("participant", "participants")),
        ("pid", None, ("person", "people")),
        ("pid", "Schulkind/Schulkinder", ("Schulkind", "Schulkinder")),
        ("pupil.no", "person", ("person", "people")),
    ],
)
def test_words_for_people_come_from_the_column_that_names_them_or_are_said(tmp_path, column, said, words):
    study = settled(tmp_path, CLASSES.replace("pupil.no", column), people=said)
    assert (study.people, study.people.many) == words
    assert (study.reasons["people"] == "as was said") == (said is not None)


def grouped(empty: str = "", other: str = "") -> str:
    """People in groups of one arm; what stands in the other arm's cells."""
    rows = [
        f"{at},{'new' if at % 2 else 'usual'},{f'G{at // 2 % 6}' if at % 2 else other},{empty or at % 4},{at * 7 % 11}"
        for at in range(96)
    ]
    return "\n".join(["id,arm,therapy group,site,score", *rows, ""])


def test_clusters_of_one_arm_are_told_by_the_empty_cells_of_the_other(tmp_path):
    study = settled(tmp_path, grouped())
    assert study.clusters == ("site", "therapy group")
    assert study.arms_with_clusters == ("new",)
    why = "therapy group is empty in every row of usual, so only new has such clusters; everybody of usual counts alone"
    assert study.reasons["arms_with_clusters"] == why


def test_a_column_that_is_filled_in_all_arms_is_no_level_of_some(tmp_path):
    assert settled(tmp_path, grouped(other="none"), clusters=("site", "therapy group")).arms_with_clusters == ()
    assert settled(tmp_path, grouped(), clusters=("site",)).arms_with_clusters == ()


def test_rows_without_a_cluster_and_a_second_level_of_some_arms_are_said(tmp_path):
    rows = [
        f"{at},{'new,T' if at % 2 else 'usual,'}{at // 2 % 3 if at % 2 else ''},"
        f"{f'G{at // 2 % 12}' if at % 2 and at > 9 else ''},{at * 7 % 11}"
        for at in range(96)
    ]
    study = settled(tmp_path, "\n".join(["id,arm,tutor,group,score", *rows, ""]), clusters=("group", "tutor"))
    assert study.clusters == ("group",)
    said = [one for one in study.remarks if one.startswith("clusters:")]
    assert said[0].startswith("clusters: 5 rows of new have no group, and are left out")
    assert said[1].startswith("clusters: tutor is empty in some arms, too")


def test_times_to_an_event_have_no_clusters_of_some_arms(tmp_path):
    rows = [
        f"{at},{'new' if at % 2 else 'usual'},{f'G{at // 2 % 6}' if at % 2 else ''},{at % 3 % 2},{at + 1}"
        for at in range(96)
    ]
    text = "\n".join(["id,arm,therapy group,died,days", *rows, ""])
    study = settled(tmp_path, text, outcomes=("died",), kinds={"died": "time_to_event"})
    assert study.arms_with_clusters == ()
    assert any("No analysis of times to an event takes that" in one for one in study.remarks)


MISTAKES = {
    "a typo": ({"arm": "Condtion"}, "no file has this column, which was named as arm.*did you mean 'Condition'"),
    "another column": ({"arm": "Age", "reference": "9 years"}, "the column Age has no such value.*allowed: 9, 10, 11"),
    "a number in place of groups": ({"arm": "maths.pre"}, "it has .* values; name a column with the groups"),
    "an arm's code": ({"reference": "usual"}, "which was named with --reference.*allowed: new book, usual book"),
    "a person who stands twice": (
        {"person": "School"},
        "rows repeat a value of School; if a row is a person at one wave",
    ),
    "an outcome": (
        {"outcomes": ("math",)},
        "no file has this column, which was named as outcome.*did you mean 'maths'",
    ),
    "text as outcome": (
        {"outcomes": ("School",)},
        "the column holds no numbers, no two answers and none in a known order",
    ),
    "several columns": ({"arm": "arm", "clusters": ("school", "klass")}, "named as arm[^$]*named as cluster"),
    "an event": ({"outcomes": ("sp\u00e9cial",), "events": {"sp\u00e9cial": "ja"}}, "no such value.*allowed: no, yes"),
    "a word for people": (
        {"nouns": {"people": "pupil"}},
        "no column of clusters or wave.*say what they are called with --people",
    ),
    "a word for a cluster": ({"nouns": {"klass_id": "form"}}, "no column of clusters or wave.*did you mean 'class_id'"),
    "months of a wave": ({"months": {"pst": 6}}, "no wave is called so.*--months.*did you mean 'post'"),
    "an event of nothing": ({"events": {"math": "1"}}, "no outcome is called so.*--event.*did you mean 'maths'"),
    "what is better": ({"lower_is_better": ("math",)}, "no outcome is called so.*--lower-is-better"),
    "a row": ({"row": "person-and-wave"}, "each row has another pupil.no, so nobody has two waves"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_mistakes_are_answered_with_what_there_is(tmp_path, case):
    told, wanted = MISTAKES[case]
    with pytest.raises(DataError, match=f"(?s){wanted}"):
        settled(tmp_path, CLASSES, **told)


def test_files_that_hold_no_groups_no_outcome_or_repeat_numbers_say_which_option_helps(tmp_path):
    with pytest.raises(DataError, match="name the column with --arm"):
        settled(tmp_path / "a", "id,age,score\n" + "".join(f"{at},{at},{at % 7}\n" for at in range(20)))
    with pytest.raises(DataError, match="name one with --outcome, the primary first"):
        settled(tmp_path / "b", "id,arm,kg,cm\n" + "".join(f"{at},{at % 2},{at % 7},{at % 5}\n" for at in range(20)))
    rows = [f"{site},{at},{at % 2},{visit},{at % 5 + visit}" for site in "xy" for at in range(15) for visit in (1, 2)]
    with pytest.raises(DataError, match="with site they do, so numbers of id repeat in it"):
        settled(tmp_path / "c", "\n".join(["site,id,arm,visit,score", *rows, ""]))
    crossed = [f"{at},{(at + period) % 2},{period},{at % 5}" for at in range(20) for period in (1, 2)]
    with pytest.raises(DataError, match="crossover studies can't be analysed here"):
        settled(tmp_path / "d", "\n".join(["id,treat,period,score", *crossed, ""]), arm="treat")


def test_everything_that_was_said_wrongly_is_named_at_once(tmp_path):
    with pytest.raises(DataError) as raised:
        settled(
            tmp_path,
            CLASSES,
            clusters=("Skool", "class_id"),
            reference="no book",
            outcomes=("math", "spécial"),
            events={"spécial": "perhaps"},
            exposures={"days": "School"},
        )
    wrong = [(one.value, one.allowed) for one in raised.value.problems]
    assert [value for value, _ in wrong] == ["Skool", "no book", "math", "perhaps", "days"]
    assert dict(wrong)["no book"] == "new book, usual book"
    assert dict(wrong)["perhaps"] == "no, yes"


def test_what_follows_from_one_thing_said_wrongly_is_no_mistake_of_its_own(tmp_path):
    # without the arm that is not there, another is proposed; and nothing else was said wrongly
    with pytest.raises(DataError, match="not there") as raised:
        settled(tmp_path, CLASSES, arm="Conditoin")
    assert [(one.value, one.hint) for one in raised.value.problems] == [("Conditoin", "did you mean 'Condition'?")]
