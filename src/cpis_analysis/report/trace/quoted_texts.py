"""Texts that the report takes over as they stand, and those of its own that hold numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from cpis_analysis.chapters.content import ReportContent
from cpis_analysis.chapters.moderators.content import is_moderated
from cpis_analysis.chapters.plan_keys import plan_keys, set_keys
from cpis_analysis.chapters.result.details import labelled
from cpis_analysis.plan.dictionary_columns import CHOICES
from cpis_analysis.publish.format import one_line
from cpis_analysis.report.trace.quotes import Quote, Quotes, quotes_in
from cpis_analysis.runs.locked.lock import LOCK
from cpis_analysis.runs.locked.unblinding import UNBLINDING
from cpis_analysis.runs.stored_frames import read_json
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.wording import listed

_HEADER = 2
"""Line of the first row of a CSV file: the first has the names of the columns."""
_FIXED = (
    ("chapters/people/characteristic_rows.py", "Yang and Dalton (2012)"),
    ("chapters/verdict/sizes.py", "in 100"),
    # in the words of a sentence that no number of the run changes
    ("chapters/models/sentences_diagnostics.py", "wide (2.6 for normal residuals of constant variance)"),
    ("chapters/models/sentences_diagnostics.py", "the middle 80% of the residuals"),
    ("chapters/models/sentences_diagnostics.py", "lie within the 95% envelope"),
    ("chapters/models/sentences_diagnostics.py", "lie outside the 95% envelope"),
    ("chapters/models/sentences_diagnostics.py", "lies outside the 95% envelope"),
    ("chapters/confounding/table.py", "VanderWeele & Ding 2017"),
    ("chapters/confounding/table.py", "The least is 1: nothing is needed"),
    ("chapters/confounding/table.py", "1 where the interval includes no difference"),
    ("chapters/confounding/table.py", "exp(0.91 d)"),
    ("chapters/models/figure.py", "lie within the 95% envelope"),
    ("chapters/models/figure.py", "middle 80% of each bin"),
    ("chapters/models/figure.py", "Predicted effect, 95% interval"),
    ("chapters/models/figure.py", "Predicted effect (log scale), 95% interval"),
    ("chapters/result/sentences_precision.py", "detected with a probability of 80%"),
    ("chapters/moderators/table.py", "on either side of 0.05 need not differ"),
    ("chapters/tipping/table.py", "limit reaches 0"),
    ("chapters/tipping/table.py", "at 0 they are missing at random"),
    ("chapters/tipping/figure.py", "limit is 0"),
    ("chapters/tipping/figure.py", "limit = 0"),
    ("chapters/tipping/figure.py", "interval above 0"),
    ("chapters/tipping/figure.py", "interval includes 0"),
    ("chapters/tipping/figure.py", "interval below 0"),
    ("chapters/tipping/figure.py", "interval excludes 0"),
    ("chapters/tipping/figure.py", "of the interval reach 0"),
    ("chapters/tipping/figure.py", "of the interval reaches 0"),
    ("chapters/process/section.py", "(1 | group)"),
)
"""Where a number stands in fixed words of the code, and these words."""


def quoted_texts(content: ReportContent, labels: Labels, files: Mapping[str, Any]) -> Quotes:
    """Texts with numbers that stand in the report as they are.

    Parameters
    ----------
    content : ReportContent
    labels : Labels
    files : mapping
        Paths by the name of the step's argument.
    """
    models = {path: read_json(path) for path in files["models"]}
    quotes = Quotes()
    quotes.add(Quote(words, f"src/cpis_analysis/{file}", "", "") for file, words in _FIXED)
    for variable in content.dictionary.values():
        file = content.plan.data.dictionary
        quotes.add([Quote(one_line(variable.label), file, variable.name, "Field Label")])
        quotes.add(Quote(one_line(label), file, variable.name, CHOICES) for label in variable.choices.values())
    quotes.add(quotes_in(content.plan_file, content.plan.model_dump(mode="json"), ""))
    quotes.add(_plan_lines(content))
    for path, records in models.items():
        for record in records:
            quotes.add(quotes_in(path, record, str(record["spec"]["name"]), owner=str(record["spec"]["name"])))
    where = {str(record["spec"]["name"]): path for path, records in models.items() for record in records}
    for result in content.results:
        if is_moderated(result):
            # a warning that names a moderator is shown with its label
            every = [text for one in (result.estimate, *result.contrasts) for text in (*one.warnings, one.reason)]
            said = labelled([*every, *result.messages], labels)
            quotes.add(
                Quote(text, where[result.spec.name], result.spec.name, "messages", result.spec.name) for text in said
            )
    quotes.add(quotes_in(files["design"], read_json(files["design"]), ""))
    quotes.add(_lock_texts(content))
    if content.scoring is not None:
        for place, row in enumerate(content.scoring.to_dict("records"), start=_HEADER):
            quotes.add(quotes_in(files["scoring"], row, str(place)))
    quotes.add(
        Quote(f"{name} {version}", "results/manifest.json", "", f"versions.{name}")
        for name, version in content.versions.items()
    )
    quotes.add(Quote(name, name, "", "") for name in content.inputs)
    if content.reconciliation is not None:
        sources = content.reconciliation.iloc[:, 0]
        quotes.add(
            Quote(one_line(name), files["reconciliation"], str(at), "") for at, name in enumerate(sources, _HEADER)
        )
    below = content.plan.report.minimum_cell - 1
    quotes.add([Quote(f"1 to {below} {labels.people}", content.plan_file, "", "report.minimum_cell")])
    quotes.add(
        [
            Quote(
                f"variance ratios up to {content.plan.inference.largest_ratio:g}",
                content.plan_file,
                "",
                "inference.largest_ratio",
            )
        ]
    )
    return quotes


def _plan_lines(content: ReportContent) -> Iterator[Quote]:
    """The keys of the plan as they stand behind an analysis, each once."""
    keys = set_keys(content.plan)
    told: set[tuple[str, str]] = set()
    for spec in (result.spec for result in content.results):
        # what belongs to the outcome and what belongs to the model are the same in all their analyses
        if {("outcome", spec.outcome), ("model", spec.model)} <= told:
            continue
        told |= {("outcome", spec.outcome), ("model", spec.model)}
        for line in plan_keys(keys, spec):
            yield Quote(line, content.plan_file, "", line.partition(":")[0])


def _lock_texts(content: ReportContent) -> Iterator[Quote]:
    """Dates, commits and values as the lock and version control have them."""
    status = content.lock
    texts = [f"on {date}" for date in (status.locked_on, status.made_on, status.history.first_on) if date]
    texts += [f"since {date}" for date in (status.history.first_on, status.history.committed_on) if date]
    texts += [f"commit {name}" for name in (status.history.first, status.history.commit) if name]
    yield from (Quote(text, LOCK, "", "") for text in texts)
    yield from quotes_in(LOCK, {"replaces": [f"dated {listed(status.replaces)}"] if status.replaces else []}, "")
    for item in status.deviations:
        yield from quotes_in(LOCK, asdict(item), item.key)
        # a date stands alone in its cell of the table
        yield Quote(f"{item.date}", LOCK, item.key, "date")
    told, since = status.unblinding, status.unblinding_history
    if told is not None:
        texts = [f"on {told.unblinded_on}", told.by, f"plan {told.plan}", f"estimates {told.estimates}"]
        texts += [f"on {told.locked_on}", f"lock of {told.locked_on}"]
    else:
        texts = []
    texts += [f"since {since.first_on}", f"on {since.first_on}", f"commit {since.first}"] if since.first else []
    yield from (Quote(text, UNBLINDING, "", "") for text in texts if text)
