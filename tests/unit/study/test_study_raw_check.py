"""`cpis check` before cleaning: what raw files say against the plan, with no person's number or answer in a message."""

import json
import shutil
from pathlib import Path

from cpis_analysis.intake.deliveries import Reading
from cpis_analysis.intake.preview import preview
from cpis_analysis.plan.reading.load import load_plan
from cpis_analysis.study.checks.plan_check import check_plan
from cpis_analysis.study.checks.raw_check import check_raw
from cpis_analysis.study_words import plain
from intake_study import CLEANING, DESIGN, FILES, SOURCES, VARIABLES, changed, plan_parts, study_dictionary, write_study

PLAN = {
    "version": 2,
    "study": {"name": "Six people", "short_name": "SIX", "synthetic": True, "randomised": False},
    "data": {"dictionary": "raw/dictionary.csv", "sources": SOURCES},
    "design": DESIGN | {"characteristics": ["age", "gender"], "team_characteristics": ["fidelity"]},
    "cleaning": CLEANING,
    "outcomes": {"score": {"label": "Score", "role": "primary", "models": ["ancova"]}},
    "models": {"ancova": {"label": "ANCOVA", "formula": "{outcome}_6m ~ arm + {outcome}_0m + age + (1 | trust:team)"}},
    "report": {"title": "Report", "experience": ["supported"]},
}
HEADER, *ROWS = FILES["six_months"].splitlines(keepends=True)


def raw(folder, files=None, variables=VARIABLES, **changes):
    """Check the raw files of the study of six people, with sections of the plan changed."""
    write_study(folder, files, variables)
    (folder / "config.yaml").write_text(json.dumps(PLAN | changes, indent=1))
    plan = load_plan(folder / "config.yaml")
    return check_raw(plan, check_plan(plan))


def of_models(formula, **more):
    return {"models": {"ancova": {"label": "ANCOVA", "formula": formula}}} | more


def long(rows, **source):
    """A long file of all waves, and the plan's section for it."""
    header = (
        "participant_id,event,trust,team,arm,recruited_on,status,loss_reason,interview_date,gender,age,score,"
        "supported,help,explained,note\n"
    )
    sources = {"all": {"file": "raw/all.csv", "holds": "long", "wave_column": "event", **source}}
    return {"all": header + "".join(rows)}, {
        "data": {"dictionary": "raw/dictionary.csv", "sources": sources},
        "report": {"title": "R"},
        "design": PLAN["design"] | {"team_characteristics": []},
    }


def person(number, arm, event, follow=""):
    return f"P{number:02d},{event},A,North,{arm},2018-02-01,completed,,2018-03-01,female,40,50,{follow},,,\n"


def test_raw_files_that_fit_are_listed_and_nothing_is_said(tmp_path):
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    found = raw(tmp_path)
    assert (found.problems, found.remarks) == ((), ())
    assert [(one.file, one.rows, one.columns) for one in found.sources] == [
        ("raw/participants.csv", 6, 7),
        ("raw/baseline.csv", 5, 7),
        ("raw/six_months.csv", 4, 10),
        ("raw/teams.csv", 4, 4),
    ]
    after = {path for path in tmp_path.rglob("*") if path.is_file()} - set(before)
    assert {path.name for path in after} == {"config.yaml", "dictionary.csv", *(f"{name}.csv" for name in FILES)}


def test_raw_header_faults_of_all_files_are_said_together(tmp_path):
    files = {**changed("baseline", ("gender,age", "gender,ages")), **changed("teams", ("fidelity", "trust"))}
    said = [str(problem) for problem in raw(tmp_path, files).problems]
    assert any("raw/baseline.csv, line 1: the column 'age' is missing; did you mean 'ages'?" in text for text in said)
    assert any("raw/teams.csv, line 1: the column 'trust' stands 2 times" in text for text in said)


def test_raw_files_exchanged_between_two_sources_are_one_problem_each(tmp_path):
    root = Path(__file__).parents[3]
    shutil.copytree(root / "data" / "raw", tmp_path / "data" / "raw")
    text = (root / "config.yaml").read_text(encoding="utf-8")
    names = ("data/raw/baseline.csv", "data/raw/six_months.csv")
    for old, new in zip((*names, "@"), ("@", names[0], names[1]), strict=True):
        text = text.replace(old, new)
    (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
    plan = load_plan(tmp_path / "config.yaml")
    said = [str(problem) for problem in check_raw(plan, check_plan(plan)).problems]
    assert len(said) == 2, said
    assert said[0].startswith(
        "data/raw/six_months.csv, line 1: this seems to be the file of another source: 26 of its columns are of wave "
        "6m (gas_1_score, gas_2_score, gas_3_score and 23 more), and 13 that belong here are missing (age, ethnicity, "
        "relationship and 10 more); look whether two sources of the plan name each other's file"
    )
    assert said[1].startswith("data/raw/baseline.csv, line 1: this seems to be the file of another source: 13 of its")


def test_raw_reference_arm_without_people_is_a_problem(tmp_path):
    files = {name: FILES[name].replace(",comparison,", ",implementation,") for name in ("participants", "teams")}
    [problem] = raw(tmp_path, files).problems
    assert problem.message == "nobody is in the reference arm"
    assert (problem.value, problem.allowed) == ("comparison", "implementation")


def test_raw_single_arm_is_a_problem(tmp_path):
    files = {name: FILES[name].replace(",implementation,", ",comparison,") for name in ("participants", "teams")}
    [problem] = raw(tmp_path, files).problems
    assert "everybody is in one arm" in problem.message


def test_raw_three_arms_are_no_problem(tmp_path):
    arms = "comparison, Usual | implementation, New | waiting, Waiting list"
    variables = [(*row[:4], arms, *row[5:]) if row[0] == "arm" else row for row in VARIABLES]
    files = changed("participants", ("P03,B,North,comparison", "P03,B,North,waiting"))
    assert raw(tmp_path, files, variables).problems == ()


def test_raw_arm_in_no_file_is_a_problem(tmp_path):
    """Such as an arm that the dictionary marks as an identifier, so that no file gives it."""
    write_study(tmp_path)
    data, design, cleaning = plan_parts()
    found = preview(Reading([], []), study_dictionary(tmp_path), data, design, cleaning)
    assert [problem.message for problem in found.problems] == ["no file holds the arm, so nobody can be compared"]


def test_raw_arm_that_is_no_code_is_remarked_and_shown_only_where_many_rows_have_it(tmp_path):
    rows = "".join(f"P{i},A,North,implemntation,2018-02-01,completed,\n" for i in range(10, 16))
    files = {"participants": FILES["participants"] + rows + "P99,A,North,Smith,2018-02-01,completed,\n"}
    [remark] = raw(tmp_path, files).remarks
    assert remark.message == "7 rows have an arm that is no code of it"
    assert remark.value == "implemntation (6)"
    assert "did you mean 'implementation'?" in str(remark)
    assert "Smith" not in str(remark)


def test_raw_interviews_of_nobody_in_the_log_are_a_problem_without_a_number(tmp_path):
    rows = "".join(row.replace("P0", "CPI-0", 1) if row.startswith("P0") else row for row in ROWS)
    [problem] = raw(tmp_path, {"six_months": HEADER + rows}).problems
    assert problem.message == (
        "none of the 4 interviews is of anybody in the recruitment log; numbers look like "
        "AAA-99 here and like A99 in the log"
    )
    assert problem.file == "raw/six_months.csv"


def test_raw_interviews_of_some_who_are_not_in_the_log_are_remarked(tmp_path):
    [remark] = raw(tmp_path, changed("six_months", ("P04,2018-09-04", "P94,2018-09-04"))).remarks
    assert remark.message == (
        "1 of 4 interviews is of somebody who is not in the recruitment log, and would be set aside"
    )
    assert "P94" not in str(remark)


def test_raw_follow_ups_of_people_without_baseline_are_a_problem_where_they_are_all(tmp_path):
    header, *rows = FILES["baseline"].splitlines(keepends=True)
    [problem] = raw(tmp_path, {"baseline": header + rows[-1]}).problems
    assert plain(problem.message) == (
        "4 of 4 interviews of the wave 'Six months' are of people without one of the wave "
        "'Baseline', and would be set aside"
    )
    found = raw(tmp_path, {"baseline": header + rows[0] + rows[-1]})
    assert found.problems == ()
    assert [remark.message[:6] for remark in found.remarks] == ["3 of 4"]
    assert raw(tmp_path, {"baseline": header + rows[0] + rows[1] + rows[-1]}).remarks == ()


def test_raw_numbers_that_lost_their_letters_are_told_what_to_write_in_the_plan(tmp_path):
    rows = "".join(row.replace("P0", "", 1) if row.startswith("P0") else row for row in ROWS)
    [problem] = raw(tmp_path, {"six_months": HEADER + rows}).problems
    assert "numbers look like 9 here and like A99 in the log" in problem.message
    assert problem.hint.startswith("4 would match with the zeros or letters in front")
    sources = SOURCES | {"six_months": SOURCES["six_months"] | {"numbers_like": "P01"}}
    found = raw(tmp_path, {"six_months": HEADER + rows}, data={"dictionary": "raw/dictionary.csv", "sources": sources})
    assert (found.problems, found.remarks) == ((), ())


def test_raw_answers_to_queries_are_read_and_people_who_withdrew_are_left_out(tmp_path):
    files = {
        "withdrawn": "participant_id,date\nP94,2019-01-01\n",
        **changed("six_months", ("P04,2018-09-04", "P94,2018-09-04")),
    }
    data = {"dictionary": "raw/dictionary.csv", "sources": SOURCES}
    assert len(raw(tmp_path, files).remarks) == 1
    assert raw(tmp_path, files, data=data | {"withdrawn": "raw/withdrawn.csv"}).remarks == ()
    [problem] = raw(tmp_path, {"answers": "query_id\nx\n"}, data=data | {"corrections": "raw/answers.csv"}).problems[:1]
    assert problem.file == "raw/answers.csv"


def test_raw_numbers_that_differ_by_case_and_spaces_only_are_the_same_people(tmp_path):
    found = raw(tmp_path, changed("six_months", ("P04,2018-09-04", "p-04 ,2018-09-04")))
    assert (found.problems, found.remarks) == ((), ())


def test_raw_file_of_a_wave_without_rows_of_it_is_a_problem(tmp_path):
    rows = [person(i, arm, "Baseline") for i, arm in enumerate(["comparison", "implementation"] * 3)]
    files, section = long(rows)
    problems = raw(tmp_path, files, **section).problems
    assert [problem.message for problem in problems] == ["no row is of wave '6m'"]


def test_raw_events_that_are_no_wave_are_remarked_with_the_nearest(tmp_path):
    rows = [
        person(i, arm, event)
        for event in ("baseline_arm_1", "followup_arm_1", "folowup_arm_1")
        for i, arm in enumerate(["comparison", "implementation"] * 3)
    ]
    files, section = long(rows, waves={"baseline_arm_1": "0m", "followup_arm_1": "6m"})
    found = raw(tmp_path, files, **section)
    [remark] = found.remarks
    assert remark.message == "6 rows would be set aside: 'folowup_arm_1' is no wave of the study"
    assert "did you mean 'followup_arm_1'?" in str(remark)


def test_raw_variable_of_a_model_without_any_value_is_a_problem_with_its_line(tmp_path):
    files = {
        "baseline": "\n".join(
            ",".join([*row.split(",")[:5], "" if i else "age", row.split(",")[6]])
            for i, row in enumerate(FILES["baseline"].splitlines())
        )
        + "\n"
    }
    found = raw(tmp_path, files)
    [problem] = found.problems
    assert problem.message == "the analysis score.ancova uses a variable without any value in the raw files at wave 0m"
    assert problem.value == "age"
    assert problem.line == 1 + next(
        i for i, line in enumerate((tmp_path / "config.yaml").read_text().splitlines()) if "formula" in line
    )
    # the table of characteristics would have an empty row
    assert [(remark.value, remark.line is not None) for remark in found.remarks] == [("age", True)]


def test_raw_outcome_without_any_value_at_follow_up_is_a_problem(tmp_path):
    files = {
        "six_months": HEADER
        + "".join(
            row.replace(",60,", ",,").replace(",61.5,", ",-9,").replace(",62,", ",,").replace(",63,", ",refused,")
            for row in ROWS
        )
    }
    [problem] = raw(tmp_path, files).problems
    assert (problem.value, "at wave 6m" in problem.message) == ("score", True)


def test_raw_variables_of_populations_and_derived_ones_need_values(tmp_path):
    files = {
        "six_months": HEADER
        + "".join(
            row.replace(",yes,yes,no,", ",,yes,no,").replace(",no,,,", ",,,,").replace(",yes,no,,", ",,no,,")
            for row in ROWS
        )
    }
    found = raw(
        tmp_path,
        files,
        **of_models(
            "{outcome}_6m ~ arm + (1 | trust:team)",
            report={"title": "R"},
            populations={"some": {"label": "S", "where": 'helped == "yes" or supported_6m == "yes"'}},
            derived={"helped": {"label": "H", "where": 'supported_6m == "yes"'}},
        )
        | {
            "models": {
                "ancova": {"label": "A", "formula": "{outcome}_6m ~ arm + (1 | trust:team)", "population": "some"}
            }
        },
    )
    assert [(problem.value, "at wave 6m" in problem.message) for problem in found.problems] == [("supported", True)]


def test_raw_cells_that_cleaning_could_not_read_are_counted_and_answers_of_few_are_not_shown(tmp_path):
    """An outcome in words, a code that the dictionary does not have; a declared missing value is no mistake."""
    rows = [f"P{i:02d},2018-03-01,A,North,{'diverse' if i < 7 else 'female'},40,{i}\n" for i in range(1, 13)]
    words = [row.replace(f",{i}\n", f",{'very good' if i < 3 else i}\n") for i, row in enumerate(rows, start=1)]
    people = "".join(f"P{i:02d},A,North,implementation,2018-02-01,completed,\n" for i in range(7, 13))
    files = {
        "baseline": FILES["baseline"].splitlines(keepends=True)[0] + "".join(words),
        "participants": FILES["participants"] + people,
    }
    remarks = [one for one in raw(tmp_path, files).remarks if "can't be read" in one.message]
    said = {one.variable: one for one in remarks}
    assert set(said) == {"score", "gender"}
    assert said["score"].message == "2 of 12 cells can't be read, and would be set missing and asked about"
    assert said["score"].value is None
    assert (said["gender"].value, said["gender"].file) == ("diverse (6)", "raw/baseline.csv")
    assert said["gender"].allowed == "female, male"
    assert "raw/dictionary.csv; if not, say with cleaning.recode what they stand for" in said["gender"].hint
    missing = [row.replace(f",{i}\n", f",{'NA' if i < 6 else i}\n") for i, row in enumerate(rows, start=1)]
    files["baseline"] = FILES["baseline"].splitlines(keepends=True)[0] + "".join(missing)
    assert not any(one.variable == "score" for one in raw(tmp_path / "b", files).remarks)


def log(*rows):
    """A recruitment log of people, each with trust, team and arm."""
    head = FILES["participants"].splitlines(keepends=True)[0]
    people = (f"P{at:02d},{','.join(row)},2018-02-01,completed,\n" for at, row in enumerate(rows, start=1))
    return {"participants": head + "".join(people)}


ARMS = ("implementation", "comparison")


def teams_called(names):
    """The dictionary with these codes of the teams."""
    codes = " | ".join(f"{name}, {name}" for name in names)
    return [(*row[:4], codes, *row[5:]) if row[0] == "team" else row for row in VARIABLES]


def test_raw_groups_are_counted_by_arm_and_level(tmp_path):
    found = raw(tmp_path)
    assert [(one.code, one.people, one.clusters) for one in found.groups] == [
        ("comparison", 3, (2, 2)),
        ("implementation", 3, (2, 2)),
    ]


def test_raw_clusters_that_can_not_be_are_remarked(tmp_path):
    def said(name, *rows):
        return [plain(one.message) for one in raw(tmp_path / name, log(*rows)).remarks if one.file == "config.yaml"]

    one = [("A", "North", ARMS[0])] * 6 + [("B", "South", ARMS[1])] * 6
    alone = "each trust has one arm, and this arm has one trust: the arm can't be told"
    assert sum(text.startswith(alone) for text in said("a", *one)) == 2
    inside = [("AB"[at % 2], ("North", "South")[at // 2 % 2], ARMS[at // 4 % 2]) for at in range(16)]
    assert said("b", *inside) == []
    without = [("A", "North" if at < 4 else "", ARMS[at % 2]) for at in range(12)]
    assert "8 of 12 people have no team in the raw files" in said("c", *without)


def test_raw_levels_in_the_wrong_order_are_remarked(tmp_path):
    """Each team lies in one trust, so trusts have to come first."""
    teams = ("North", "South", "East", "West")
    rows = [("AB"[at // 6], teams[at // 3], ARMS[at % 2]) for at in range(12)]
    levels = [{"variable": "team", "label": "team"}, {"variable": "trust", "label": "trust"}]
    models = of_models("{outcome}_6m ~ arm + {outcome}_0m + (1 | team)", design=PLAN["design"] | {"levels": levels})
    found = raw(tmp_path, log(*rows), teams_called(teams), **models)
    [remark] = [one for one in found.remarks if one.hint == "list the largest clusters first"]
    assert remark.message == "each team lies in one trust, not the other way round"
    assert remark.value == "trust"


def test_raw_column_of_people_is_no_level(tmp_path):
    names = [f"N{at}" for at in range(12)]
    found = raw(tmp_path, log(*(("A", name, ARMS[at % 2]) for at, name in enumerate(names))), teams_called(names))
    assert "12 teams of 12 people: nearly everybody is alone" in [plain(one.message) for one in found.remarks]
