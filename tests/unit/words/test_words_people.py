"""What those who take part are called comes from the plan, wherever the report speaks of them."""

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from chapter_material import estimates, flow, results
from chapter_material import labels as labels_of
from chapter_material import people as everybody
from chapter_material import plan as chapter_plan
from cpis_analysis.analyses.result_records import record_said, result_to_record
from cpis_analysis.analyses.rows.fit_warnings import KeyedWarning
from cpis_analysis.chapters.chapter import ANNEX, FINDINGS, Material
from cpis_analysis.chapters.pending_exhibit import at_once
from cpis_analysis.disclosure.protect import protect_summaries
from cpis_analysis.methods import method_of
from cpis_analysis.methods.handling import handling_of
from cpis_analysis.methods.method import Surroundings
from cpis_analysis.plan.estimand import estimand_of
from cpis_analysis.plan.naming import PERSON, Noun, study_words
from cpis_analysis.plan.reading.load import load_plan
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.plan.schema_design import People
from cpis_analysis.publish.sources.ledger import texts_in, with_texts
from cpis_analysis.report.build import build_pages
from cpis_analysis.report.figures import all_figures
from cpis_analysis.report.summary import summary_document, summary_page
from cpis_analysis.report.tables import all_tables
from cpis_analysis.study.describe import summaries as described
from cpis_analysis.study_words import PEOPLE as MARKED_PEOPLE
from cpis_analysis.study_words import PERSON as MARKED_PERSON
from cpis_analysis.study_words import is_marked, plain
from cpis_analysis.words.wording import Wording
from report_material import clinic_content, result, team_content, team_plan

pytestmark = pytest.mark.thorough

PUPIL = Noun("pupil", "pupils")
ROOT = Path(__file__).resolve().parents[3]

GENERAL = (
    "This page holds no data of single people",
    "has to be written by a person",
    "Mentions are not people: what one person repeats counts each time.",
    "a code frame, not a statistic of people",
)
"""Of people in general, and not of those who take part."""


def pupils_of(plan: PlanFile) -> PlanFile:
    return plan.model_copy(update={"design": plan.design.model_copy(update={"people": People(one="pupil")})})


def text_of(page: str) -> str:
    """What a page says: no marks, styles, scripts, checklists of guidelines or code for other programs."""
    page = re.sub(r"<(script|style|pre|svg)\b.*?</\1>", " ", page, flags=re.DOTALL)
    page = re.sub(r"<section[^>]* id=\"checklists-section\".*?</section>|<[^>]+>", " ", page, flags=re.DOTALL)
    page = re.sub(r"\s+", " ", page)
    for sentence in GENERAL:
        page = page.replace(sentence, "")
    return page


def left_in(text: str) -> list[str]:
    return re.findall(r".{0,60}\b(?:people|persons?)\b.{0,40}", text, flags=re.IGNORECASE)


def test_a_plan_that_says_nothing_has_people():
    assert team_plan().design.people == People(one="person")
    words = labels_of()
    assert (words.person, words.people) == ("person", "people")
    assert words.counted_people(1) == "1 person"
    assert words.counted_people(1234) == "1,234 people"
    assert words.counted_people(None) == "number of people not given"


def test_words_of_the_plan_and_their_plural_by_rule_or_as_given():
    words = labels_of(pupils_of(chapter_plan()))
    assert words.counted_people(1) == "1 pupil"
    assert words.counted_people(127) == "127 pupils"
    assert Wording(words).people == "pupils"
    assert words.design.noun_of(words.design.participant) == "pupil"
    assert People(one="Schulkind", many="Schulkinder").noun.many == "Schulkinder"
    assert People(one=" service  user ").noun.many == "service users"


def test_section_without_the_singular_is_refused():
    with pytest.raises(ValueError, match="one"):
        People.model_validate({"many": "pupils"})


def in_pupils(text: str) -> str:
    """A text on people that names nobody, as one on pupils."""
    return re.sub(r"\bpeople\b", "pupils", re.sub(r"\bperson\b", "pupil", text))


def test_texts_of_methods_are_made_with_the_words_of_the_plan():
    """As texts made with those of any study say it, but for the words."""
    for spec in load_plan(ROOT / "config.yaml").specifications():
        texts = [
            *method_of(spec).explained(spec, Surroundings("an intercept", "class", "classes", "schools")),
            method_of(spec).in_words(spec),
            method_of(spec).granted(spec) if method_of(spec).granted else "",
            handling_of(spec).assumes(spec),
            handling_of(spec).about,
        ]
        usual = [*map(plain, texts), estimand_of(spec, person=PERSON).text()]
        own = [*map(study_words(PUPIL), texts), estimand_of(spec, person=PUPIL).text()]
        assert own == [*map(in_pupils, usual)]
        assert not left_in(" ".join(own))
        assert not is_marked(" ".join(own + usual))


def test_the_record_of_a_result_keeps_its_numbers_and_its_names_and_gets_the_words_of_the_plan():
    few = KeyedWarning(f"Only one {MARKED_PERSON} was analysed in: Young people, A.", "one analysed")
    one = result(warnings=(few, "people stay"))
    contrast = replace(one.estimate, reason=f"few {MARKED_PEOPLE} have 'people'", status="not estimable")
    one = replace(
        one, contrasts=(contrast,), messages=(few, f"All 38 {MARKED_PEOPLE} of the population were analysed.")
    )
    usual, said = (record_said(result_to_record(one), words) for words in (plain, study_words(PUPIL)))
    text = "Only one pupil was analysed in: Young people, A."
    assert said["estimate"]["warnings"] == [text, "people stay"]
    assert said["messages"] == [text, "All 38 pupils of the population were analysed."]
    assert said["warning_keys"] == {text: {"key": "one analysed"}}
    assert said["contrasts"][0]["reason"] == "few pupils have 'people'"
    assert usual["messages"][1] == "All 38 people of the population were analysed."
    assert not is_marked(f"{usual}{said}")
    apart = ("estimate", "contrasts", "messages", "warning_keys")
    assert {name: part for name, part in said.items() if name not in apart} == {
        name: part for name, part in usual.items() if name not in apart
    }
    assert said["estimate"]["estimate"] == one.estimate.estimate


def test_estimand_is_about_pupils():
    spec = result().spec
    text = estimand_of(spec, person=PUPIL).text()
    assert "pupils" in text
    assert not left_in(text)
    assert estimand_of(spec, person=PERSON) == estimand_of(spec)


@pytest.mark.parametrize("content", [team_content, clinic_content])
def test_no_document_of_a_study_of_pupils_speaks_of_people(content):
    usual = content()
    audit = with_texts(usual.design_audit, lambda texts: [*map(in_pupils, texts)])
    named = replace(usual, plan=pupils_of(usual.plan), design_audit=audit)
    pages = {**build_pages(named), "summary": summary_page(summary_document(named))}
    for name, page in pages.items():
        assert not left_in(text_of(page)), name
    assert "pupils" in text_of(pages[FINDINGS])
    assert "pupils" in text_of(pages[ANNEX])


def test_no_table_or_figure_of_a_study_of_pupils_speaks_of_people():
    plan = pupils_of(chapter_plan())
    summaries = protect_summaries(described(plan, everybody()), 5)[0]
    found = results(plan)
    rows = pd.DataFrame({"source": ["log"], "rows_in": [90], "rows_out": [90]})
    changes = [pd.DataFrame({"source": ["log"], "rule": ["code"]}), None, None]
    material = Material(labels_of(plan), summaries, found, estimates(found), flow(everybody()), rows, changes)
    said = [text for table in all_tables(material) for text in texts_in(at_once(table).record())]
    said += [
        f"{figure.title} {figure.alt}" for figure in all_figures(summaries, found, flow(everybody()), labels_of(plan))
    ]
    assert len(said) > 100
    assert not left_in("\n".join(said))
    assert "pupils" in " ".join(said)


def test_those_in_no_cluster_are_single_pupils():
    plan = chapter_plan().model_dump()
    *_, last = plan["design"]["levels"]
    last |= {"label": "tutor", "arms": ["implementation"]}
    plan["design"]["people"] = {"one": "pupil"}
    design = PlanFile.model_validate(plan).design
    assert (design.team_noun, design.team_noun.many) == ("tutor or single pupil", "tutors or single pupils")
