"""People whose arm, trust or team is not known: asked about, in no analysis, and accounted for all the way."""

import csv
import io

import pytest

from chapter_material import Words
from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.analyses.leaving.flow_cells import flow_cells
from cpis_analysis.chapters.flow.boxes import flow_problems
from cpis_analysis.chapters.flow.figure import draw_flow
from cpis_analysis.chapters.flow.sentences import flow_sentence
from cpis_analysis.disclosure.protect import protect_summaries
from cpis_analysis.intake.clean import clean
from cpis_analysis.intake.dictionary.dictionary import read_dictionary
from cpis_analysis.intake.flow import participant_flow
from cpis_analysis.intake.flow_stages import NOT_KNOWN
from cpis_analysis.plan.reading.load import Plan
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.study.dataset import build_dataset, unplaced
from cpis_analysis.study.describe import summaries
from cpis_analysis.study.design_audit import audit_design
from cpis_analysis.study.flow_of_analyses import complete_flow
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.wording import Wording, in_words
from intake_study import VARIABLES, dictionary_text

pytestmark = pytest.mark.thorough

KEPT = ("participant_id", "trust", "team", "arm", "age", "score")
CLUSTERS = [(trust, team) for trust in "AB" for team in ("North", "South")]
ARM = {
    ("A", "North"): "implementation",
    ("A", "South"): "comparison",
    ("B", "North"): "comparison",
    ("B", "South"): "implementation",
}
SIZE = 6
WAVES = [{"name": "0m", "label": "Baseline", "months": 0}, {"name": "6m", "label": "Six months", "months": 6}]


def people(teams: bool):
    """24 people; the last of each cluster has no follow-up. Without teams the arm varies within trusts."""
    rows = []
    for trust, team in CLUSTERS:
        for place in range(SIZE):
            rows.append(
                {
                    "participant_id": f"P{len(rows) + 1:02d}",
                    "trust": trust,
                    "team": team,
                    "arm": ARM[trust, team] if teams else ("comparison", "implementation")[place % 2],
                    "age": str(30 + 7 * len(rows) % 31),
                    "before": str(40 + 3 * len(rows) % 17),
                    "after": str(42 + 5 * len(rows) % 23),
                    "followed": place < SIZE - 1,
                }
            )
    return rows


def text_of(rows, columns):
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def files_of(layout, rows, teams):
    """Raw files and sources of the plan, in one of four layouts."""
    place = ["trust", *(["team"] if teams else []), "arm"]
    first = [row | {"wave": "0m", "score": row["before"]} for row in rows]
    last = [row | {"wave": "6m", "score": row["after"]} for row in rows if row["followed"]]
    if layout in ("log", "log_and_team_list"):
        files = {
            "log": text_of(rows, ["participant_id", *place]),
            "baseline": text_of(first, ["participant_id", "age", "score"]),
            "six_months": text_of(last, ["participant_id", "score"]),
        }
        sources = {
            "log": {"file": "raw/log.csv", "holds": "participants"},
            "baseline": {"file": "raw/baseline.csv", "holds": "interviews", "wave": "0m"},
            "six_months": {"file": "raw/six_months.csv", "holds": "interviews", "wave": "6m"},
        }
        if layout == "log_and_team_list":
            listed = [{"trust": trust, "team": team, "arm": ARM[trust, team]} for trust, team in CLUSTERS]
            files["teams"] = text_of(listed, place)
            sources["teams"] = {"file": "raw/teams.csv", "holds": "teams"}
        return files, sources
    if layout == "wide":
        wide = [
            row | {"age_0m": row["age"], "score_0m": row["before"], "score_6m": row["after"] if row["followed"] else ""}
            for row in rows
        ]
        return (
            {"all": text_of(wide, ["participant_id", *place, "age_0m", "score_0m", "score_6m"])},
            {"all": {"file": "raw/all.csv", "holds": "wide"}},
        )
    return (
        {"all": text_of(first + last, ["participant_id", "wave", *place, "age", "score"])},
        {"all": {"file": "raw/all.csv", "holds": "long", "wave_column": "wave"}},
    )


def plan_of(sources, teams):
    return PlanFile.model_validate(
        {
            "version": 2,
            "study": {"name": "Places", "short_name": "PL", "synthetic": True, "randomised": False},
            "data": {"dictionary": "raw/dictionary.csv", "sources": sources},
            "design": {
                "participant": "participant_id",
                "arm": {"variable": "arm", "reference": "comparison"},
                "levels": [{"variable": "trust"}, *([{"variable": "team"}] if teams else [])],
                "waves": WAVES,
                "characteristics": ["age"],
            },
            "outcomes": {"score": {"label": "Score", "role": "primary", "low": 0, "high": 100, "models": ["ancova"]}},
            "models": {
                "ancova": {
                    "label": "ANCOVA",
                    "formula": "{outcome}_6m ~ arm + {outcome}_0m + (1 | trust)"
                    + (" + (1 | trust:team)" if teams else ""),
                }
            },
            "report": {"title": "T"},
        }
    )


def followed_through(folder, layout, teams, rows):
    """From the raw files to the flow diagram: queries, flow, audit, drawn figure and sentence."""
    files, sources = files_of(layout, rows, teams)
    content = plan_of(sources, teams)
    (folder / "raw").mkdir()
    left_out = () if teams else ("team",)
    kept = [one for one in VARIABLES if one[0] in KEPT and one[0] not in left_out]
    for name, text in {**files, "dictionary": dictionary_text(kept)}.items():
        (folder / "raw" / f"{name}.csv").write_text(text, encoding="utf-8")
    dictionary = read_dictionary(folder / "raw/dictionary.csv", "raw/dictionary.csv")
    design = content.design
    cleaned = clean(content.data, design, content.cleaning, dictionary, folder)
    flow = participant_flow(cleaned, design, content.data.stages).to_record()
    data = build_dataset(cleaned.participants, cleaned.interviews, cleaned.teams, design, ["score"])
    audit = audit_design(data, design).to_record()
    protected = protect_summaries(summaries(content, data.participants), 5)[0]
    spec = Plan(content, None, None).specifications()[0]
    groups = run_analysis(spec, data).groups
    complete = complete_flow(flow, {spec.name: groups}, spec.name, design, flow_cells(spec, data))
    labels = Labels(content, Words())
    clusters = protected["team_list"]
    return {
        "queries": cleaned.queries,
        "flow": complete,
        "audit": audit,
        "problems": list(flow_problems(complete, clusters)),
        "figure": draw_flow(complete, clusters, labels),
        "unplaced": unplaced(data.participants, design),
        "sentence": flow_sentence(
            complete["overall"],
            {"trusts": 2, "teams": None},
            Wording(labels),
            not_placed=complete.get("not_placed", {}).get("recruited", 0),
        ),
        "clusters": clusters,
    }


LAYOUTS = [
    ("log", True),
    ("log_and_team_list", True),
    ("wide", True),
    ("long", True),
    ("log", False),
    ("wide", False),
    ("long", False),
]


@pytest.mark.parametrize(("layout", "teams"), LAYOUTS)
def test_people_without_a_place_are_asked_about_and_accounted_for(tmp_path, layout, teams):
    """Blank or of an unknown code, one variable or two, followed up or not: all at once, in each layout."""
    rows = people(teams)
    sets = [("arm",), ("trust",), ("arm", "trust"), *([("team",), ("trust", "team")] if teams else [])]
    cases = [(variables, value) for variables in sets for value in ("", "zzz")]
    # two of each cluster in turn: its first is followed up, its last is not
    chosen = [rows[SIZE * cluster + place] for place in (0, SIZE - 1, 1) for cluster in range(len(CLUSTERS))]
    lost = []
    for row, (variables, value) in zip(chosen, cases, strict=False):
        row |= dict.fromkeys(variables, value)
        # the team list knows the arm of a team
        if layout != "log_and_team_list" or variables != ("arm",):
            lost.append(row)
    found = followed_through(tmp_path, layout, teams, rows)
    asked = set(zip(found["queries"]["participant"], found["queries"]["variable"], strict=True))
    assert {
        (row["participant_id"], name)
        for row in lost
        for name in ("arm", "trust", "team")
        if row[name] in ("", "zzz") and (name != "arm" or layout != "log_and_team_list")
    } <= asked
    total = {"recruited": len(rows), "baseline": len(rows), "followup": sum(row["followed"] for row in rows)}
    gone = {"recruited": len(lost), "baseline": len(lost), "followup": sum(row["followed"] for row in lost)}
    flow = found["flow"]
    assert flow["not_placed"] == gone
    assert found["unplaced"] == len(lost)
    assert flow["overall"] == total | {"analysed": total["followup"] - gone["followup"]}
    for by in ("by_arm", "by_team", "by_trust"):
        for stage, n in flow["overall"].items():
            assert sum(counts[stage] for counts in flow[by].values()) == n
    assert found["problems"] == []
    assert found["audit"]["arms"][0]["recruited"] + found["audit"]["arms"][1]["recruited"] == len(rows) - len(lost)
    unknown = flow["by_arm"].get(NOT_KNOWN, {}).get("recruited", 0)
    said = f"Arm not known: {unknown} people recruited; {unknown} interviewed" if unknown else "Flow diagram"
    assert said in found["figure"].alt.replace("seen at", "interviewed at")
    wanted = f"{in_words(len(lost)).capitalize()} people whose arm, trust or team is not known are in no analysis."
    assert (wanted if teams else wanted.replace(", trust or team", " or trust")) in found["sentence"]


def test_everybody_placed_leaves_no_word_of_it(tmp_path):
    found = followed_through(tmp_path, "log", True, people(True))
    assert "not_placed" not in found["flow"]
    assert "not known" not in found["sentence"] + found["figure"].alt
    assert "outcome or covariate missing" not in found["figure"].alt


def test_flow_that_loses_people_of_a_known_arm_still_does_not_add_up(tmp_path):
    """A diagram that allows for unknown arms must not let through what it is there to catch."""
    rows = people(False)
    rows[0]["arm"] = ""
    found = followed_through(tmp_path, "wide", False, rows)
    clusters = found["clusters"]
    for part in ("by_arm", "overall"):
        spoilt = {**found["flow"], part: {**found["flow"][part]}}
        if part == "overall":
            spoilt[part]["recruited"] += 1
        else:
            spoilt[part]["comparison"] = spoilt[part]["comparison"] | {"recruited": 99}
        assert list(flow_problems(spoilt, clusters))
