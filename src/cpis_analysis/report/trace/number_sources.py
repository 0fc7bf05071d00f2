"""The files in which the numbers of a report stand, the texts that it takes over, and the constants that it names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import lru_cache
from typing import Any

from cpis_analysis.chapters.content import ReportContent
from cpis_analysis.chapters.moderators.content import is_moderated, labelled
from cpis_analysis.chapters.plan_keys import plan_keys, set_keys
from cpis_analysis.chapters.process.sentences_lock import NAMED_KEYS
from cpis_analysis.publish.exhibit_id import slug
from cpis_analysis.publish.format import level_words, number, one_line
from cpis_analysis.report.trace.number_derivations import derived_cells
from cpis_analysis.report.trace.numbers import Background, Setting
from cpis_analysis.report.trace.places import Place
from cpis_analysis.report.trace.quotes import Quote, Quotes, quotes_in
from cpis_analysis.report.trace.sources import Sources, cells_of_frame, cells_of_record
from cpis_analysis.runs.lock import LOCK
from cpis_analysis.runs.stored_frames import read_json
from cpis_analysis.study.balance import NOTABLE
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.wording import listed

__all__ = ["background_of"]

_POWER = 0.8
_HEADER = 2
"""Line of the first row of a CSV file: the first has the names of the columns."""
_COLUMNS = {
    "n_participants": ("people",),
    "n_obs": ("rows",),
    "n_teams": ("teams",),
    "n_trusts": ("trusts",),
    "se": ("standard error",),
    "std_error": ("standard error",),
    "p_value": ("p ",),
    "n_missing": ("missing",),
    "mean": ("mean",),
    "median": ("median",),
    "sd": ("sd",),
    "n": ("n",),
    "smd": ("smd", "standardised mean"),
    "recruited": ("recruited",),
    "baseline": ("baseline",),
    "followup": ("followed up",),
}
"""How the report calls columns; others are called by their names."""
_FRAMES = {
    "table-design": ("team_list", "flow"),
    "table-baseline": ("baseline", "teams"),
    "table-retention": ("retention",),
    "table-outcomes": ("outcomes", "estimates"),
    "table-experience": ("experience", "differences"),
    "table-themes": ("themes",),
    "table-cleaning": ("audit", "queries", "reconciliation"),
    "table-reconciliation": ("reconciliation",),
    "table-scoring": ("scoring",),
    "table-explorer": ("estimates",),
    "table-robustness": ("estimates",),
    "table-tipping": ("tipping",),
    "figure-tipping": ("tipping",),
    "figure-experience": ("differences", "experience"),
    "figure-flow": ("flow", "team_list"),
    "figure-missing": ("missing",),
    "figure-spread": ("outcomes", "spreads"),
    "figure-team-means": ("team_means",),
    "figure-trajectories": ("observed_means",),
    "figure-forest": ("estimates",),
    "participants-section": ("flow",),
    "design-section": ("design", "team_list"),
    "baseline-section": ("baseline",),
    "retention-section": ("retention", "flow"),
    "measures-section": ("scoring",),
    "experience-section": ("experience", "differences"),
    "cleaning-section": ("audit", "queries", "reconciliation"),
    "focus-groups-section": ("themes",),
    "missing-data-section": ("missing", "flow", "tipping"),
}
"""What an exhibit or a section is mostly made of: its numbers are looked for there first."""
_FIXED = (
    ("study/balance.py", "by more than 0.25 standard"),
    ("chapters/people/characteristic_rows.py", "Yang and Dalton (2012)"),
    # in the words of a sentence that no number of the run changes
    ("chapters/models/sentences_diagnostics.py", "wide (2.6 for normal residuals of constant variance)"),
    ("chapters/models/sentences_diagnostics.py", "the middle 80% of the residuals"),
    ("chapters/models/sentences_diagnostics.py", "lie within the 95% envelope"),
    ("chapters/models/sentences_diagnostics.py", "lie outside the 95% envelope"),
    ("chapters/models/sentences_diagnostics.py", "lies outside the 95% envelope"),
    ("chapters/models/figure.py", "lie within the 95% envelope"),
    ("chapters/models/figure.py", "middle 80% of each bin"),
    ("chapters/models/figure.py", "Predicted effect, 95% interval"),
    ("chapters/outcomes/figure_spread.py", "are left out for fewer than 10"),
    ("chapters/outcomes/sentences.py", "detected with a probability of 80%"),
    ("chapters/process/section.py", "(1 | group)"),
)
"""Where a number stands in fixed words of the code, and these words."""


def background_of(content: ReportContent, labels: Labels, files: Mapping[str, Any]) -> Background:
    """What the numbers of a report are traced to.

    Parameters
    ----------
    content : ReportContent
    labels : Labels
    files : mapping
        Paths by the name of the step's argument.
    """
    models = {path: read_json(path) for path in files["models"]}
    return Background(
        sources=_sources(content, labels, files, models),
        quotes=_quotes(content, labels, files, models),
        settings=_settings(content),
        smallest=Setting(labels.minimum, _key_of(content.plan_file, "report.minimum_cell")),
        plan_file=content.plan_file,
        owners=_Owners(content, labels),
    )


def _sources(content: ReportContent, labels: Labels, files: Mapping[str, Any], models: Mapping[str, Any]) -> Sources:
    """Cells of all files that the report draws from, estimates first."""
    words, called = _Words(labels), _Columns(labels)
    found = Sources()
    found.add(
        cells_of_frame(
            files["estimates"],
            content.estimates,
            words,
            first=_HEADER,
            words=called,
            owners=("analysis", "outcome"),
            name="estimates",
        )
    )
    if content.tipping is not None:
        found.add(
            cells_of_frame(
                files["tipping"],
                content.tipping,
                words,
                first=_HEADER,
                words=called,
                owners=("analysis", "outcome"),
                name="tipping",
            )
        )
    for name, frame in content.summaries.items():
        found.add(
            cells_of_frame(
                files["summaries"], frame, words, prefix=f"{name}:", words=called, owners=("outcome",), name=name
            )
        )
    for path, records in models.items():
        for record in records:
            spec = record["spec"]
            found.add(
                cells_of_record(
                    path, record, str(spec["name"]), words, owners=(str(spec["name"]), str(spec["outcome"]))
                )
            )
    found.add(cells_of_record(files["flow"], content.flow, "", words, owners=("flow",)))
    found.add(cells_of_record(files["design"], content.design_audit, "", words, owners=("design",)))
    for name, frame in (("scoring", content.scoring), ("reconciliation", content.reconciliation)):
        if frame is not None:
            found.add(cells_of_frame(files[name], frame, words, first=_HEADER, words=called, name=name))
    found.add(cells_of_record(LOCK, _lock_counts(content), "", words, owners=("lock",)))
    found.add(cells_of_record(content.plan_file, content.plan.model_dump(mode="json"), "", words), last=True)
    found.add(derived_cells(found.cells, content, labels, files, models))
    return found


def _quotes(content: ReportContent, labels: Labels, files: Mapping[str, Any], models: Mapping[str, Any]) -> Quotes:
    """Texts that the report takes over as they stand."""
    quotes = Quotes()
    quotes.add(Quote(words, f"src/cpis_analysis/{file}", "", "") for file, words in _FIXED)
    for variable in content.dictionary.values():
        file = content.plan.data.dictionary
        quotes.add([Quote(one_line(variable.label), file, variable.name, "Field Label")])
        quotes.add(
            Quote(one_line(label), file, variable.name, "Choices, Calculations, OR Slider Labels")
            for label in variable.choices.values()
        )
    quotes.add(quotes_in(content.plan_file, content.plan.model_dump(mode="json"), ""))
    quotes.add(_plan_lines(content))
    for path, records in models.items():
        for record in records:
            quotes.add(quotes_in(path, record, str(record["spec"]["name"]), owner=str(record["spec"]["name"])))
    where = {str(record["spec"]["name"]): path for path, records in models.items() for record in records}
    for result in content.results:
        if is_moderated(result):
            # a warning that names a moderator is shown with its label
            said = labelled([*result.estimate.warnings, *result.messages], result, labels)
            quotes.add(
                Quote(text, where[result.spec.name], result.spec.name, "messages", result.spec.name) for text in said
            )
    quotes.add(quotes_in(files["design"], content.design_audit, ""))
    quotes.add(_lock_texts(content))
    if content.scoring is not None:
        for place, row in enumerate(content.scoring.to_dict("records"), start=_HEADER):
            quotes.add(quotes_in(files["scoring"], row, str(place)))
    quotes.add(
        Quote(f"{name} {version}", "results/manifest.json", "", f"versions.{name}")
        for name, version in content.versions.items()
    )
    smallest = content.plan.report.minimum_cell
    quotes.add(
        [
            Quote(f"counts of 1 to {smallest - 1} people", content.plan_file, "", "report.minimum_cell"),
            Quote(f"fewer than {smallest}", content.plan_file, "", "report.minimum_cell"),
        ]
    )
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
    quotes.add(
        [
            Quote(
                f"to the nearest {content.plan.report.round_counts_to}", content.plan_file, "", "report.round_counts_to"
            )
        ]
    )
    return quotes


def _plan_lines(content: ReportContent) -> Iterator[Quote]:
    """The keys of the plan as they stand behind an analysis, each once."""
    keys, told = set_keys(content.plan), set()
    for spec in (result.spec for result in content.results):
        # what belongs to the outcome and what belongs to the model are the same in all their analyses
        if {("outcome", spec.outcome), ("model", spec.model)} <= told:
            continue
        told |= {("outcome", spec.outcome), ("model", spec.model)}
        for line in plan_keys(keys, spec):
            yield Quote(line, content.plan_file, "", line.partition(":")[0])


def _lock_counts(content: ReportContent) -> dict[str, Any]:
    """How much differs from the lock, and values of the plan that are plain numbers."""
    found = content.lock.deviations
    values = {
        item.key: {
            name: float(text)
            for name, text in (("before", item.before), ("after", item.after))
            if re.fullmatch(r"-?\d+(\.\d+)?", text)
        }
        for item in found
    }
    return {
        "deviations": len(found),
        "bearing": sum(not item.presentation for item in found),
        "values": values,
        "others": max(len(keys) - NAMED_KEYS for keys in content.lock.headlines.values())
        if content.lock.headlines
        else 0,
    }


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


def _settings(content: ReportContent) -> dict[str, Setting]:
    """What the plan and the methods set, as printed."""
    notable = {"file": "src/cpis_analysis/study/balance.py", "row": "", "column": "NOTABLE"}
    power = {"file": "src/cpis_analysis/chapters/outcomes/sentences.py", "row": "", "column": "detectable"}
    settings = {number(NOTABLE, 2): Setting(NOTABLE, notable), level_words(_POWER): Setting(_POWER, power)}
    for result in content.results:
        level = result.spec.level
        source = _key_of(content.plan_file, f"models.{result.spec.model}.level")
        settings.setdefault(level_words(level), Setting(level, source))
        settings.setdefault(number(1 - level, 2), Setting(1 - level, source))
    seed = content.plan.study.seed
    return settings | {str(seed): Setting(float(seed), _key_of(content.plan_file, "study.seed"))}


def _key_of(file: str, key: str) -> dict[str, str]:
    return {"file": file, "row": "", "column": key}


class _Words:
    """(row, column) -> how the report calls what stands there."""

    def __init__(self, labels: Labels) -> None:
        self.labels = labels

    def __call__(self, row: Mapping[str, Any], column: str) -> Iterator[str]:
        value = row[column]
        if not isinstance(value, str) or not value or len(value) > 80:
            return
        labels, content = self.labels, self.labels.content
        if value in content.outcomes:
            yield labels.outcome(value)
            yield labels.outcome_short(value)
        elif column == "variable":
            yield labels.variable(value)
        elif value in content.models:
            yield labels.model(value)
        elif column in ("arm", "group"):
            yield labels.arm(value)
        elif column == "trust":
            yield labels.trust_heading(value)
        elif column == "wave":
            yield labels.wave(value)
        elif column == "code" and isinstance(row.get("variable"), str):
            yield labels.choice(row["variable"], value)
        elif column in ("population", "source", "rule", "term", "name", "team", "theme", "reason", "score"):
            yield value
            if column == "score":
                yield labels.variable(value)


class _Columns:
    """(row, column) -> how the report calls a column of numbers."""

    def __init__(self, labels: Labels) -> None:
        waves = {wave.name: labels.wave(wave.name).lower() for wave in labels.design.waves}
        self.known = _COLUMNS | {name: (words,) for name, words in waves.items()}

    def __call__(self, row: Mapping[str, Any], column: str) -> Sequence[str]:
        return self.known.get(column, (column.replace("_", " "),))


class _Owners:
    """(place) -> analyses and outcomes that it is about, the nearest first."""

    def __init__(self, content: ReportContent, labels: Labels) -> None:
        specs = [result.spec for result in content.results]
        self.by_slug = {slug(name): name for spec in specs for name in (spec.name, spec.outcome)}
        self.by_label = {
            words: name
            for name in content.plan.outcomes
            for words in (labels.outcome(name).lower(), labels.outcome_short(name).lower())
        }
        self.by_length = sorted(self.by_label, key=len, reverse=True)
        self.by_name = {spec.name: spec.outcome for spec in specs}
        self.labelled = lru_cache(maxsize=4096)(self._labelled)

    def __call__(self, place: Place) -> tuple[str, ...]:
        mine = self.named(place)
        frames = _frames(place.exhibit or place.section)
        return (*(f"{owner}|{frame}" for owner in mine for frame in frames), *mine, *frames)

    def named(self, place: Place) -> tuple[str, ...]:
        """Analyses and outcomes, without files."""
        slug = place.exhibit
        while "-" in slug:
            # "figure-diagnostics-score-ancova": what stands at the end is the name
            slug = slug.partition("-")[2]
            if slug in self.by_slug:
                name = self.by_slug[slug]
                return (name, self.by_name[name]) if name in self.by_name else (name,)
        return self.labelled(place.row) + self.labelled(place.around)

    def _labelled(self, words: str) -> tuple[str, ...]:
        """Outcomes that a text names."""
        low = words.lower()
        return next(((self.by_label[label],) for label in self.by_length if label in low), ())


@lru_cache(maxsize=1024)
def _frames(name: str) -> tuple[str, ...]:
    """Frames of an exhibit: those of the longest beginning of its id that is known."""
    known = [begin for begin in _FRAMES if name == begin or name.startswith(f"{begin}-")]
    return _FRAMES[max(known, key=len)] if known else ()
