"""How a result was made: what stands behind every number of an analysis, and the same analysis in other programs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict

from cpis_analysis.analyses.estimate import AnalysisResult, Estimate
from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.plan_keys import plan_keys
from cpis_analysis.chapters.result.details import inference_words, joint_sentence, labelled, rows_words
from cpis_analysis.plan.estimand import estimand_of
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.publish.blocks import Block, Bullets, Facts, Folded, Line, Listing, OnScreen, Run
from cpis_analysis.publish.format import capital, lower_first, own_line
from cpis_analysis.translate.explain import explain
from cpis_analysis.words.methods import estimator_words


def folded_making(page: Page, result: AnalysisResult, of: str) -> Folded:
    """How a result was made, folded away, with the same analysis in R, SAS and Stata.

    Parameters
    ----------
    page : Page
    result : AnalysisResult
    of : str
        What the result is called, for those who don't see where it stands.
    """
    programs = tuple(_programs(page, result.spec))
    screen = (OnScreen(programs),) if programs else ()
    return Folded("How this was made", (making_facts(page, result), *screen), of=f": {of}")


def making_facts(page: Page, result: AnalysisResult) -> Facts:
    """Model, inference, people, estimand, warnings and notes, keys of the plan and the place of the numbers."""
    spec, e, labels = result.spec, result.estimate, page.labels
    joint = [joint_sentence(one, page.words) for one in result.contrasts if one.measure == "joint test"]
    keys = plan_keys(page.set_keys, spec)
    limits, notes = (labelled(texts, labels) for texts in (_limits(e), result.messages))
    facts: list[tuple[str, Line]] = [
        ("Model", (Run(f"{labels.model(spec.model)}: {estimator_words(spec, labels)}"),)),
        ("Formula", (Run(spec.formula, "code"),)),
        ("Inference", (Run(inference_words(result)),)),
        ("Population", (Run(labels.population(spec.population)),)),
        ("Estimand", estimand_line(page, result)),
        ("Used", (Run(rows_words(result, page.words)),)),
        ("Warnings", (Run(" ".join(limits) or "None."),)),
    ]
    notes = tuple(text for text in notes if text not in limits)
    if notes:
        facts.append(("Notes", (Run(" ".join(notes)),)))
    if joint:
        facts.append(("Joint tests", (Run(" ".join(joint)),)))
    facts.append(("Numbers", (Run(_source(page, spec.name), file=_way(page.content.estimates_file)),)))
    if keys:
        lines = (part for key in keys for part in (Run(" ", "break"), Run(key, "code")))
        facts.append(("Plan", (Run(f"{page.content.plan_file}, keys:"), *lines)))
    facts.append(("In other words and programs", (Run(f"cpis explain {spec.name}", "code"),)))
    return Facts(tuple(facts))


def _limits(e: Estimate) -> list[str]:
    """What limits a result; what the fit says for information stands in its messages."""
    return [*e.warnings, *(["The fit did not converge."] if e.converged is False else [])]


def estimand_phrases(page: Page, result: AnalysisResult) -> list[tuple[str, str]]:
    """What a result estimates: attribute and phrase."""
    # those analysed are not those whom the estimand is about, so the words for "all with the data" do not serve
    spec, labels = result.spec, page.labels
    population = None if spec.population == "available" else lower_first(labels.population(spec.population))
    own: dict[str | None, str] = {spec.baseline: f"its value at {page.words.baseline}"}
    own |= {level: labels.design.noun_of(level) for level in spec.levels}
    parts = estimand_of(spec, lambda name: own.get(name) or _word(page, name), population, labels.person)
    return [(capital(name), own_line(text)) for name, text in asdict(parts).items() if text]


def estimand_line(page: Page, result: AnalysisResult) -> Line:
    """The estimand on one line, its attributes set apart."""
    runs = [
        run
        for name, text in estimand_phrases(page, result)
        for run in (Run(f"{name}:", "strong"), Run(f" {text}."), Run(" "))
    ]
    return tuple(runs[:-1])


def _word(page: Page, name: str) -> str:
    """Label of a variable, wave or code, as it stands within a sentence."""
    labels = page.labels
    if name in {wave.name for wave in labels.design.waves}:
        return lower_first(labels.wave(name))
    if name in labels.codes(labels.design.arm.variable):
        return labels.arm_within(name)
    return lower_first(labels.variable(name))


def _source(page: Page, analysis: str) -> str:
    line = f", line {page.lines[analysis]}" if analysis in page.lines else ""
    return f"{page.content.estimates_file}{line} (analysis {analysis})"


def _way(file: str) -> str:
    """The way from the page to a file; empty if it does not lie where runs put it."""
    found = re.fullmatch(r"results/([\w.-]+)", file)
    return f"../{found[1]}" if found else ""


def _programs(page: Page, spec: AnalysisSpec) -> Iterator[Block]:
    """Input files and the same analysis in other programs, each folded; nothing where no code is shown."""
    if page.content.variables is None:
        return
    if page.content.inputs:
        lines = (_input(path, digest) for path, digest in sorted(page.content.inputs.items()))
        yield Folded("Input files", (Bullets(tuple(lines)),), of=f" of {spec.name}", kind="plain")
    explained = explain(spec, page.content.plan, page.content.variables)
    for program, code in (("R", explained.r), ("SAS", explained.sas), ("Stata", explained.stata)):
        listing = Listing(code, f"{program} code of {spec.name}")
        yield Folded(f"The same in {program}", (listing,), of=f": {spec.name}", kind="plain")


def _input(path: str, digest: str) -> Line:
    known = (Run(": SHA-256 "), Run(digest, "code")) if digest else ()
    return (Run(path, "code"), *known)
