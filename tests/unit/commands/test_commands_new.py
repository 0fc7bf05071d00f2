"""`cpis new`: files in, a plan that holds out; what it says of what it could not tell; questions on a terminal."""

import json
import re
from collections.abc import Iterator

import pytest
import typer
from typer.testing import CliRunner

from cpis_analysis import cli
from cpis_analysis.commands.questions import Questions
from cpis_analysis.commands.terminal import Terminal
from cpis_analysis.errors import CpisError
from cpis_analysis.intake.clean import clean
from cpis_analysis.study.checks.plan_check import load_and_check
from cpis_analysis.study.checks.raw_check import check_raw
from new_studies import CLASSES, FALLS, REPEATED_IN_SITES, SITES, UNNAMED, write_csv

pytestmark = pytest.mark.thorough

RUNNER = CliRunner()


def new(*arguments: object) -> str:
    done = RUNNER.invoke(cli.app, ["new", *map(str, arguments)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def refused(*arguments: object) -> str:
    """The message of the error in which a call ends."""
    with pytest.raises(CpisError) as caught:
        RUNNER.invoke(cli.app, ["new", *map(str, arguments)], catch_exceptions=False)
    return str(caught.value)


@pytest.fixture(scope="module")
def classes(tmp_path_factory):
    """A study begun from a file that lies elsewhere, and what was said."""
    folder = tmp_path_factory.mktemp("begun")
    raw = write_csv(folder, CLASSES, "pupils.csv")
    return folder / "study", new(folder / "study", "--file", raw, "--called", "class_id=form", "--randomised"), raw


def test_new_writes_a_plan_that_fits_its_dictionary_and_data(classes):
    folder, said, raw = classes
    plan, dictionary = load_and_check(folder / "config.yaml")
    assert check_raw(plan, dictionary).problems == ()
    assert "To be mended first" not in said
    assert (folder / "data/raw/pupils.csv").read_bytes() == raw.read_bytes()
    assert [spec.name for spec in plan.specifications()] == ["maths.ancova", "maths.means", "maths.cr2"]
    assert plan.content.study.randomised
    assert dictionary["Condition"].choices == {"new book": "new book", "usual book": "usual book"}
    assert dictionary["maths"].waves == ("pre", "post")
    assert dictionary["special"].label == "sp\u00e9cial"


def test_new_says_why_and_names_what_it_could_not_tell_there_and_in_the_plan(classes):
    folder, said, _ = classes
    text = (folder / "config.yaml").read_text(encoding="utf-8")
    assert "arm:             Condition  (it is called so, with the values new book, usual book)" in said
    assert "! direction of maths: nothing says whether high is better or worse" in said
    assert "# - direction of maths: nothing says whether high is better or worse" in text
    assert "  # 'usual book' is what a comparison is called\n  arm: {variable: Condition" in text
    assert "formed at random" not in said
    assert max(map(len, text.splitlines())) <= 120


def test_new_leaves_what_is_there_and_writes_anew_when_told(classes, tmp_path):
    folder, _, raw = classes
    before = (folder / "config.yaml").read_bytes()
    assert "--force writes it anew" in refused(folder, "--file", raw)
    new(folder, "--file", raw, "--force", "--called", "class_id=form", "--randomised")
    assert (folder / "config.yaml").read_bytes() == before
    other = write_csv(tmp_path, CLASSES.replace("usual book", "old book"), "pupils.csv")
    assert "is another file than the one named" in refused(folder, "--file", other, "--force")


def test_new_takes_the_one_file_of_the_folder_and_leaves_it_there(tmp_path):
    write_csv(tmp_path, CLASSES, "pupils.csv")
    found = json.loads(new(tmp_path, "--json"))
    assert found["copied"] == []
    assert found["clusters"] == ["School", "class_id"]
    assert "file: pupils.csv" in (tmp_path / "config.yaml").read_text(encoding="utf-8")


def test_new_reads_excel_spss_and_stata_as_it_reads_text(tmp_path):
    pandas, pyreadstat = pytest.importorskip("pandas"), pytest.importorskip("pyreadstat")
    frame = pandas.read_csv(write_csv(tmp_path, CLASSES)).rename(columns=lambda name: name.replace(".", "_"))
    frame.columns = [name.encode("ascii", "ignore").decode() for name in frame.columns]
    frame.to_excel(tmp_path / "a.xlsx", index=False)
    pyreadstat.write_sav(frame, tmp_path / "a.sav")
    pyreadstat.write_dta(frame, tmp_path / "a.dta")
    found = [
        json.loads(new(tmp_path / kind, "--file", tmp_path / f"a.{kind}", "--json")) for kind in ("xlsx", "sav", "dta")
    ]
    assert all(one["problems"] == [] for one in found)
    keys = ("person", "arm", "reference", "clusters", "waves", "outcomes", "characteristics")
    assert len({json.dumps([one[key] for key in keys]) for one in found}) == 1


GROUPS = "client,arm,group,mood_pre,mood_post,cured,visits\n" + "".join(
    f"c{at},{'therapy' if at % 2 else 'usual'},{f'G{at // 2 % 8}' if at % 2 else ''},{at * 7 % 11},{at * 5 % 13},"
    f"{at % 3 % 2},{at * at % 9}\n"
    for at in range(96)
)


def test_new_proposes_what_clients_are_called_and_groups_that_one_arm_has(tmp_path):
    raw = write_csv(tmp_path, GROUPS, "clients.csv")
    said = new(
        tmp_path / "study", "--file", raw, "--outcome", "mood", "--outcome", "cured", "--outcome", "visits:count"
    )
    assert "people:          client, clients  (the column is called client)" in said
    assert "in some arms:    group in therapy only  (group is empty in every row of usual" in said
    plan, dictionary = load_and_check(tmp_path / "study/config.yaml")
    assert check_raw(plan, dictionary).problems == ()
    content = plan.content
    asked = clean(content.data, content.design, content.cleaning, dictionary, plan.root).queries
    assert not asked["rule"].eq("no_group").any()
    assert plan.content.design.people.noun == "client"
    assert plan.content.design.levels[0].arms == ["therapy"]
    specs = {spec.name: spec for spec in plan.specifications()}
    assert list(specs) == ["mood.by_arm", "mood.cr2", "cured_event.risk", "visits.counts_after"]
    assert specs["mood.by_arm"].formula == "mood_post ~ arm + mood_pre + (0 + in_group | group)"
    assert specs["mood.by_arm"].residual_by == "arm"
    text = (tmp_path / "study/config.yaml").read_text(encoding="utf-8")
    assert "  # the column is called client\n  people: {one: client}\n" in text
    assert "only therapy has such" in text
    assert not re.findall(r"\b(?:people|person)\b(?!:)", text.partition("study:")[2])


def test_new_takes_words_for_people_from_an_option_and_tells_where_to_write_them(tmp_path):
    raw = write_csv(tmp_path, SITES, "sites.csv")
    new(tmp_path / "a", "--file", raw, "--outcome", "died", "--people", "Kind/Kinder")
    assert "  people: {one: Kind, many: Kinder}" in (tmp_path / "a/config.yaml").read_text(encoding="utf-8")
    new(tmp_path / "b", "--file", raw, "--outcome", "died")
    assert "  # people: {one: pupil}    # what those who" in (tmp_path / "b/config.yaml").read_text(encoding="utf-8")


BEFORE = "id,site,arm,age,pain\n" + "".join(f"{at},s{at % 8},{'AB'[at % 2]},{30 + at},{at % 7}\n" for at in range(40))
AFTER = "id,site,pain,age\n" + "".join(f"{at},s{at % 8},{at * 3 % 8},{30 + at}\n" for at in range(36))
SHAPES = {
    "three waves in rows": (
        [("", REPEATED_IN_SITES)],
        [],
        {"BDI_score.ancova", "BDI_score.differs", "BDI_score.all_waves"},
        ["0", "3", "6"],
    ),
    "an event after the intervention only": (
        [("", SITES)],
        ["--outcome", "died"],
        {"died_event.risk", "died_event.risk_mixed"},
        ["end"],
    ),
    "kinds of outcomes that are said": (
        [("", FALLS)],
        [
            *("--outcome=mood", "--order=mood=worse,same,better,much better"),
            *("--outcome=n_falls:count", "--exposure=n_falls=observed"),
            *("--outcome=died:time_to_event", "--time=died=days"),
        ],
        {"mood_order.scores", "mood_order.common_odds", "n_falls.rates", "n_falls.cluster_rates", "died_event.hazards"},
        ["end"],
    ),
    "a file a wave": (
        [("0m=", BEFORE), ("3m=", AFTER)],
        ["--outcome", "pain"],
        {"pain.means", "pain.ancova", "pain.cr2"},
        ["0m", "3m"],
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_new_writes_plans_of_other_shapes_that_fit_their_data(tmp_path, shape):
    files, more, analyses, waves = SHAPES[shape]
    named = [f"--file={wave}{write_csv(tmp_path, text, f'f{at}.csv')}" for at, (wave, text) in enumerate(files)]
    said = new(tmp_path / "study", *named, *more)
    assert "To be mended first" not in said
    plan, dictionary = load_and_check(tmp_path / "study/config.yaml")
    found = check_raw(plan, dictionary)
    assert (found.problems, found.remarks) == ((), ())
    assert {spec.name for spec in plan.specifications()} == analyses
    assert [wave.name for wave in plan.content.design.waves] == waves
    assert sum(one.people for one in found.groups) in (40, 60, 120, 240)


MISTAKES = [
    (["--file", "pupil.csv"], "there is no such file; did you mean 'pupils.csv'"),
    (["--file", "pupils.csv", "--row", "pupil"], "allowed: person, person-and-wave, visit, cluster"),
    (["--file", "pupils.csv", "--outcome", "maths:counts"], "no kind of outcome is called so"),
    (["--file", "pupils.csv", "--event", "maths"], "such as --event outcome=value"),
    (["--file", "pupils.csv", "--outcome", "a=b", "--outcome", "maths"], "columns listed for each outcome"),
    (["--file", "pupils.csv", "--file", "other.csv"], "of several files each is one wave, and must be said to be"),
    ([], "several data files lie in the folder"),
]


@pytest.mark.parametrize(("arguments", "wanted"), MISTAKES)
def test_new_answers_mistakes_with_what_to_say(tmp_path, monkeypatch, arguments, wanted):
    for name in ("pupils.csv", "other.csv"):
        write_csv(tmp_path, CLASSES, name)
    monkeypatch.chdir(tmp_path)
    assert wanted in refused(".", *arguments)


def test_new_names_people_by_file_and_line_where_the_file_does_not(tmp_path):
    raw = write_csv(tmp_path, UNNAMED)
    said = new(tmp_path / "study", "--file", raw)
    text = (tmp_path / "study/config.yaml").read_text(encoding="utf-8")
    assert "! person: no column names people, so each row is taken for another person" in said
    assert "number_rows: true" in text
    assert '"\u0412\u043e\u0437\u0440\u0430\u0441\u0442": column_4' in text


def answering(monkeypatch, *answers: object) -> Questions:
    """A terminal on which somebody gives these answers."""
    given: Iterator[object] = iter(answers)
    monkeypatch.setattr(typer, "prompt", lambda *_, **__: next(given))
    monkeypatch.setattr(typer, "confirm", lambda *_, **__: next(given))
    return Questions(Terminal())


def test_questions_are_asked_until_the_answer_can_be_used(monkeypatch, capsys):
    ask = answering(monkeypatch, "Condtion", "condition", "none", "age, size", "Age, Size", "none", True)
    assert ask.one("Which column holds the groups?", "Age", "it is called so", ["Condition", "Age"]) == "Condition"
    assert ask.one("Who?", "id", "it is called so", ["id"], empty="none") == ""
    assert ask.several("Which describe people?", ["Age"], "they are called so", ["Age", "Site"]) == ()
    assert ask.yes("Was it before?", False, "nothing says")
    said = capsys.readouterr().out
    assert "'Condtion' is none of them; did you mean 'Condition'?" in said
    assert "'size' is none of them" in said
    assert "it is called so" in said
