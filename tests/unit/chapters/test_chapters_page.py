"""The findings report as a page: sound HTML, self-contained, escaped, accessible in its bones."""

import base64
import dataclasses
import hashlib
import itertools
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

import cpis_analysis.report.build
from cpis_analysis.chapters.chapter import ANNEX, FINDINGS
from cpis_analysis.errors import CpisError
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.publish.script import FILES, page_script, script_digest
from cpis_analysis.publish.table import Column, Row, RowGroup, Table
from cpis_analysis.report.build import TEMPLATES, build_pages
from cpis_analysis.runs.locked.deviations import Deviation
from cpis_analysis.runs.locked.lock_status import LockStatus
from cpis_analysis.runs.locked.unblinding import Unblinding
from cpis_analysis.translate.notation.translation import Variables
from pen_drawings import figure_of
from report_material import TEAM_WORDS, Words, clinic_content, result, team_audit, team_content, team_plan, whole_report

pytestmark = pytest.mark.thorough

VOID = {"meta", "link", "br", "hr", "img", "input", "col", "area", "base", "source", "wbr", "embed", "track"}


def figure(name, title="A line", alt="One line."):
    return figure_of(lambda axes: axes.text(5, 5, "Once", 9), name, title, alt)


class Elements(HTMLParser):
    """Elements with their attributes; checks that what is opened is closed."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.found, self.open, self.words = [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not {"style", "script"} & set(self.open):
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())

    def named(self, *tags):
        return [attrs for tag, attrs in self.found if tag in tags]


def table(name="baseline"):
    return Table(name, "A table", (Column("Row", align="left"), Column("n")), (RowGroup("", (Row(("all", "12")),)),))


def full_content():
    return team_content(
        tables={name: table(name) for name in ("baseline", "outcomes", "model-score-ancova", "unheard-of")},
        figures={name: figure(name) for name in ("flow", "balance", "diagnostics-score-ancova", "unheard-of-too")},
        cleaning={"Values repaired": 12},
        reconciliation=pd.DataFrame({"source": ["base"], "rows_in": [64], "set_aside": [0]}),
        variables=Variables(levels={"arm": ("usual", "new"), "trust": ("A", "B")}),
    )


PAGES = {"team": team_content, "clinic": clinic_content, "full": full_content}


@pytest.fixture(
    params=[f"{name} {document}" for name in sorted(PAGES) for document in (FINDINGS, ANNEX)], scope="module"
)
def page(request):
    name, document = request.param.split(" ")
    return build_pages(PAGES[name]())[document]


def test_page_ids_are_unique_and_references_resolve(page):
    elements = Elements(page)
    ids = [attrs["id"] for _, attrs in elements.found if "id" in attrs]
    assert len(ids) == len(set(ids))
    for _, attrs in elements.found:
        for name in ("aria-labelledby", "aria-describedby"):
            assert set(attrs.get(name, "").split()) <= set(ids)
        if attrs.get("href", "").startswith("#"):
            assert attrs["href"][1:] in ids


def test_page_headings_have_one_h1_and_skip_no_level(page):
    levels = [int(tag[1]) for tag, _ in Elements(page).found if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_page_loads_nothing_and_runs_nothing(page):
    elements = Elements(page)
    scripts = elements.named("script")
    assert scripts == [{}]
    assert not elements.named("link", "iframe", "object", "embed", "img", "base")
    assert not re.search(r"url\(\s*['\"]?\s*(https?:|//)|@import", page)
    for _, attrs in elements.found:
        assert not any(name.startswith("on") for name in attrs)
        assert all(attrs.get(name, "#").startswith("#") for name in ("xlink:href", "src", "srcset", "action"))
        # the ways out of the page are to the other page and to the file that its numbers are from
        assert re.match(r"#|(findings|annex)\.html(#|$)|\.\./estimates\.csv$", attrs.get("href", "#"))


def test_page_policy_allows_its_own_script_only(page):
    policy = next(a["content"] for a in Elements(page).named("meta") if a.get("http-equiv"))
    script = re.search(r"<script>(.*?)</script>", page, flags=re.S)[1]
    assert script == page_script(TEMPLATES)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert script_digest(script) == digest
    assert "default-src 'none'" in policy
    assert "connect-src" not in policy


def test_page_script_is_plain_small_and_writes_no_markup():
    text = page_script(TEMPLATES)
    assert len(text) < 20_000
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|Function\(|fetch\(|XMLHttp"
        r"|https?:|localStorage|cookie",
        text.replace("http://www.w3.org/2000/svg", ""),
    )


def test_page_script_that_would_end_its_element_is_refused(tmp_path):
    for name in FILES:
        (tmp_path / name).write_text("var x = '</script>';")
    with pytest.raises(CpisError, match="script"):
        page_script(tmp_path)


def test_page_deviations_are_shown_with_reason_and_escaped():
    item = Deviation("models.ancova.formula", "changed", "y ~ <b>x", "", False, "A <i>reason</i>", "2026-01-02")
    found = (item, replace(item, presentation=True))
    text = whole_report(team_content(lock=LockStatus("2018-02-01", "2018-02-01", deviations=found)))
    elements = Elements(text)
    assert "Deviations from the locked plan" in elements.text
    assert "2 things differ from what was locked; 1 of 2 can alter a number" in elements.text
    assert "A <i>reason</i>" in elements.text
    assert not elements.named("i", "b")
    assert "deviations-section" not in whole_report(team_content())


def test_page_tells_of_an_unblinding_without_a_lock():
    told = Unblinding("2018-03-01", by="Committee <i>", finished=True, plan="0123456789ab", estimates="ba9876543210")
    elements = Elements(whole_report(team_content(lock=LockStatus(unblinding=told))))
    assert "was unblinded on 2018-03-01 at the request of Committee <i>." in elements.text
    assert "The plan was not locked when the groups were told." in elements.text
    assert not elements.named("i")


def test_page_claims_no_more_of_the_choice_than_the_lock_shows():
    said = " ".join(Elements(whole_report(team_content())).text.split())
    assert "the plan is not locked, so nothing shows that it was chosen before the results were seen" in said
    locked = LockStatus("2018-02-01", "2018-02-01")
    said = " ".join(Elements(whole_report(team_content(lock=locked))).text.split())
    assert "as it was locked on 2018-02-01, when no raw file of interviews and no results were in the folder" in said
    assert "Planned and done" not in said
    changed = replace(locked, headlines={"score": ("outcomes.score.models",)})
    said = " ".join(Elements(whole_report(team_content(lock=changed))).text.split())
    assert "The headline analysis is not as it was locked on 2018-02-01." in said
    assert (
        "Planned and done. The primary analysis differs from the one that was locked on 2018-02-01: changed since "
        "is outcomes.score.models"
    ) in said


def test_page_letters_stand_once_for_all_figures():
    content = team_content(figures={name: figure(name) for name in ("flow", "balance")})
    text = build_pages(content)[FINDINGS]
    letters, word = figure("flow").in_page.outlines, '<use href="#s-0"/><use href="#s-1" x="'
    assert [text.count(f'<path d="{outline}"/>') for outline in letters] == [1] * 4
    assert text.count(word) == 1
    assert text.count('<use href="#s-4"/>') == 2


def test_page_explorer_lists_all_analyses_of_an_outcome_with_several():
    plan = team_plan()
    models = plan.models | {"plain": plan.models["fixed"].model_copy(update={"label": "Plain"})}
    outcome = plan.outcomes["score"].model_copy(update={"models": ["ancova", "fixed", "plain"]})
    plan = plan.model_copy(update={"models": models, "outcomes": {**plan.outcomes, "score": outcome}})
    found = [
        result(plan=plan),
        result(0.4, -1.5, 2.3, model="fixed", plan=plan),
        result(-0.25, -1.5, 1.0, model="plain", plan=plan),
    ]
    elements = Elements(whole_report(team_content(plan=plan, results=found)))
    rows = [attrs for tag, attrs in elements.found if tag == "tr" and "data-estimate" in attrs]
    assert [row["data-estimate"] for row in rows] == ["1.2", "0.4", "-0.25"]
    assert [row.get("class") for row in rows] == ["strong", None, None]
    assert "explorer" not in [attrs.get("id") for attrs in Elements(whole_report(team_content())).named("table")]


def test_page_has_language_landmarks_and_skip_link(page):
    elements = Elements(page)
    assert elements.named("html")[0]["lang"] == "en-GB"
    assert len(elements.named("main")) == len(elements.named("nav")) == 1
    assert len([a for a in elements.named("header")]) == 1
    first = elements.named("a")[0]
    assert first["href"] == f"#{elements.named('main')[0]['id']}"
    assert all("aria-labelledby" in section for section in elements.named("section"))


def test_page_tables_have_captions_and_scopes(page):
    elements = Elements(page)
    # charts of rows are tables named by their takeaway
    charts = [attrs for attrs in elements.named("table") if attrs.get("class") == "rows"]
    assert all(attrs["aria-label"] for attrs in charts)
    assert len(elements.named("table")) == len(elements.named("caption")) + len(charts)
    assert all("scope" in attrs for attrs in elements.named("th"))


def test_page_figures_are_images_with_words():
    elements = Elements(whole_report(full_content()))
    # drawings of marks have no viewBox: named by one sentence, or hidden because the text beside them says the same
    drawings = [attrs for attrs in elements.named("svg") if "viewbox" in attrs]
    assert len(drawings) == 4
    assert all(attrs["role"] == "img" and attrs["aria-labelledby"] for attrs in drawings)
    others = [attrs for attrs in elements.named("svg") if "viewbox" not in attrs and attrs.get("class") != "mid"]
    assert all(attrs.get("aria-label") or attrs.get("aria-hidden") == "true" for attrs in others)
    assert elements.text.count("One line.") == 8


def test_page_is_the_same_every_time():
    assert whole_report(full_content()) == whole_report(full_content())


def test_page_numbers_exhibits_in_order():
    text = Elements(whole_report(full_content())).text
    assert [int(n) for n in re.findall(r"Table (\d+)\.", text)] == [1, 2]
    numbers = list(dict.fromkeys(int(n) for n in re.findall(r"Figure (\d+)\b", text)))
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) > 2


def test_page_numbers_exhibits_of_the_annex_apart():
    content = full_content()
    more = {name: table(name) for name in ("model-mood-ancova", "model-score-fixed")}
    text = Elements(whole_report(dataclasses.replace(content, tables={**more, **content.tables}))).text
    assert re.findall(r"Table (A\d+)\.", text) == ["A1", "A2", "A3", "A4"]
    assert [int(n) for n in re.findall(r"Table (\d+)\.", text)] == [1, 2]


def test_page_shows_exhibits_that_no_section_asked_for():
    text = whole_report(full_content())
    assert 'id="unheard-of"' in text
    assert 'id="figure-unheard-of-too"' in text
    assert "Further results" in text


def test_page_says_synthetic_at_the_head_the_foot_and_in_the_title():
    page = whole_report(team_content())
    assert page.count("Synthetic data.") + page.upper().count("SYNTHETIC DATA.") >= 2
    assert "<title>SYNTHETIC DATA: NS" in page
    assert "@top-center" in page


def test_page_of_real_data_does_not_say_synthetic():
    assert "synthetic" not in Elements(whole_report(clinic_content())).text.lower()


def test_page_section_without_content_leaves_no_gap():
    text = whole_report(clinic_content())
    for name in ("baseline", "experience", "focus-groups", "measures", "cleaning", "missing-data", "robustness"):
        assert f"{name}-section" not in text


def test_page_with_no_result_still_stands():
    page = whole_report(team_content(results=[], estimates=pd.DataFrame(columns=["analysis", "outcome"])))
    assert "outcomes-section" not in page
    assert "participants-section" in page


def test_page_names_how_each_result_was_made():
    text = Elements(whole_report(full_content())).text
    assert "score_6m ~ arm + score_0m + age + (1 | trust:team)" in text
    assert "results/estimates.csv, line 2 (analysis score.ancova)" in text
    assert "models.ancova.formula: '{outcome}_6m ~ arm + {outcome}_0m + age + (1 | trust:team)'" in text
    assert "families.secondary: {outcomes: [mood]}" in text
    assert "cpis explain score.ancova" in text
    assert "b.csv : SHA-256 abab" in text
    assert "120 people, 10 teams and 5 trusts" in text


def test_page_folds_the_same_analysis_in_other_programs_away():
    elements = Elements(whole_report(full_content()))
    for words in (
        "fit <- lmer(score_6m ~ arm + score_0m + age + (1 | trust:team)",
        "proc mixed data=rows method=reml;",
        "mixed score_6m i.arm_",
    ):
        assert words in elements.text
    # of the headlines alone: the others have their command
    assert len(elements.named("pre")) == 3 * 2
    assert "cpis explain score.fixed" in elements.text
    assert not Elements(whole_report(team_content())).named("pre")


def test_page_estimand_stands_under_the_primary_result_and_in_the_methods():
    text = Elements(whole_report(team_content())).text
    assert (
        "Estimand. Population: everyone recruited. Variable: access to help (total), at six months. Contrast: "
        "difference in means between the arms, against usual way, for people alike in its value at baseline, age "
        "(years)."
    ) in text
    assert "People are counted in the groups to which they belonged at recruitment" in text


def test_page_marks_unverified_scores():
    text = Elements(whole_report(team_content())).text
    assert "Mood (M-10) †" in text
    assert "missing-item rule not found" in text


def test_page_of_another_study_uses_its_words_only():
    text = Elements(whole_report(clinic_content())).text
    assert not re.search(r"\b(trust|team|service user|interview|recovery|implementation|point)s?\b", text, re.I)
    assert "4 clinics" in text
    assert "treatment group" in text


def test_page_sources_name_no_study():
    folder = Path(cpis_analysis.report.build.__file__).parent
    files = [
        *folder.rglob("*.py"),
        *folder.rglob("*.html"),
        *folder.parent.glob("chapters/**/*.py"),
        *folder.parent.glob("words/*.py"),
    ]
    assert len(files) > 20
    for path in files:
        # in small letters it is the name of the program
        found = re.search(
            r"(?-i:CPIS)|RG-?UK|WEMWBS|connecting people|NHS|six months|comparison group", path.read_text("utf-8"), re.I
        )
        allowed = path.name == "wording.py"  # examples in its docstrings
        assert found is None or allowed or found[0].lower() == "connecting people", path


EVIL = [
    '<script>alert("x")</script>',
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}{% raw %}",
    "</style></title><b>",
    "javascript:alert(1)",
    "a' onclick='alert(1)",
    "]]><!--",
    "line\nbreak\x00",
]


@pytest.mark.parametrize("evil", EVIL)
def test_page_escapes_hostile_text_wherever_it_comes_from(evil):
    plan = team_plan(
        study={"name": evil, "short_name": evil, "notice": evil, "description": evil, "source": evil},
        report={"title": evil, "authors": [evil], "limitations": [evil]},
        design={"levels": [{"variable": "trust", "label": evil}, {"variable": "team", "label": evil}]},
    )
    outcome = plan.outcomes["score"].model_copy(update={"label": evil, "short_label": evil})
    models = {name: part.model_copy(update={"label": evil}) for name, part in plan.models.items()}
    plan = plan.model_copy(update={"outcomes": {**plan.outcomes, "score": outcome}, "models": models})
    audit = team_audit()
    audit["description"], audit["warnings"] = evil, [evil]
    for cell in audit["cells"]:
        cell["team"] = f"{evil}{cell['team']}"
    results = [result(warnings=(evil,)), result(model="fixed"), result(outcome="mood")]
    content = full_content()
    pages = build_pages(
        dataclasses.replace(
            content,
            plan=plan,
            dictionary=Words({"age": evil}, {"arm": {"new": evil, "usual": f"{evil}2"}}),
            design_audit=audit,
            results=results,
            versions={evil: evil},
            inputs={evil: evil},
            cleaning={evil: 1},
            plan_file=evil,
            plan_digest=evil,
            estimates_file=evil,
            reconciliation=pd.DataFrame({evil: [evil], "n": [1]}),
            scoring=content.scoring.assign(note=evil),
            figures={"flow": figure("flow", evil, evil)},
            tables={
                "baseline": Table(
                    "baseline", evil, (Column(evil), Column("n")), (RowGroup(evil, (Row((evil, evil)),)),), (evil,)
                )
            },
        )
    )
    for page in pages.values():
        elements = Elements(page)
        assert elements.named("script") == [{}]
        assert page_script(TEMPLATES) in page
        assert not elements.named("img", "b", "iframe")
        assert not any(name.startswith("on") for _, attrs in elements.found for name in attrs)
        assert "49" not in re.findall(r"\b49\b", elements.text)
        assert "\x00" not in page
        ids = [attrs["id"] for _, attrs in elements.found if "id" in attrs]
        assert len(ids) == len(set(ids))
        assert page.count("<style>") == page.count("</style>") == 1


def test_page_shell_holds_no_content():
    assert [path.name for path in TEMPLATES.glob("*.html")] == ["page.html"]


def test_page_shows_no_small_counts_of_experience():
    frame = pd.DataFrame(
        [
            {"variable": "helped", "code": code, "trust": "(all)", "group": group, "n_group": 30, "n": 30, "count": n}
            for code, numbers in (("yes", (3, 27)), ("no", (27, 3)))
            for group, n in zip(("usual", "new"), numbers, strict=True)
        ]
    )
    page = whole_report(team_content(summaries={"experience": frame}, dictionary=TEAM_WORDS))
    assert "3 of 30" not in page


def test_page_says_where_a_file_names_nobody():
    content, said = (
        clinic_content(),
        "all.csv names nobody: each row was taken for another person, called by file and line.",
    )
    plan = content.plan.model_dump()
    plan["data"]["sources"]["all"]["number_rows"] = True
    assert said in whole_report(replace(content, plan=PlanFile.model_validate(plan)))
    assert said not in whole_report(content)
