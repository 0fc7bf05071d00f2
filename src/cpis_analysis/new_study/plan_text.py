"""The plan of a settled study as text, with the reason beside each thing that was told from the files."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence

from cpis_analysis.new_study.models import FirstModel
from cpis_analysis.new_study.settled import SAID, OutcomeOf, Settled
from cpis_analysis.new_study.shape import Shape, nouns_of
from cpis_analysis.plan.naming import PERSON, Noun, plural, study_words
from cpis_analysis.plan.reading.versions import CURRENT

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 _.()/-]*[A-Za-z0-9)]\Z|[A-Za-z]\Z")
_READ_OTHERWISE = {"yes", "no", "y", "n", "true", "false", "on", "off", "null", "none", "nan", "inf"}
_NO_NEWS = ("", "1", "1.0", "yes", "y", "true", "event")
"""What an event is called where that says no more than that it happened."""
_WIDTH = 112


def plan_text(study: Settled, shape: Shape, models: Mapping[str, Sequence[FirstModel]], places: Sequence[str]) -> str:
    """The plan.

    Parameters
    ----------
    study : Settled
    shape : Shape
    models : mapping of str to sequence of FirstModel
        By outcome.
    places : sequence of str
        Where each file lies, relative to the plan.
    """
    writer = _Writer(study, shape, models, places)
    parts = [
        writer.head(),
        writer.study_part(),
        writer.data(),
        writer.design(),
        writer.outcomes(),
        writer.models_part(),
    ]
    return "\n\n".join("\n".join(part) for part in (*parts, writer.report())) + "\n"


def source_names(study: Settled) -> list[str]:
    """What the plan calls each file."""
    names: list[str] = []
    for place, file in enumerate(study.files):
        base = re.sub(r"[^A-Za-z0-9]+", "_", file.path.stem).strip("_")[:20] or "data"
        base = base if base[0].isalpha() else f"f_{base}"
        names.append(base if base not in names else f"{base}_{place + 1}")
    return names


def quoted(text: str) -> str:
    """Text as YAML reads it back: plain where nothing can be read otherwise, else in quotes."""
    plain = _PLAIN.match(text) and text.casefold() not in _READ_OTHERWISE and " #" not in text and ": " not in text
    return text if plain else json.dumps(text, ensure_ascii=False)


class _Writer:
    def __init__(
        self, study: Settled, shape: Shape, models: Mapping[str, Sequence[FirstModel]], places: Sequence[str]
    ) -> None:
        self.study, self.shape, self.models, self.places = study, shape, models, places
        self.says = study_words(study.people)
        self.names = {column: variable.name for column, variable in shape.variables.items()}

    def why(self, key: str, indent: int = 2) -> Iterator[str]:
        """The reason for something as a comment."""
        reason = self.study.reasons.get(key)
        if reason and reason != SAID:
            yield from self.comment(reason, indent)

    def comment(self, text: str, indent: int = 0) -> Iterator[str]:
        lead = " " * indent + "# "
        said = self.says(" ".join(text.split()))
        yield from (lead + line for line in textwrap.wrap(said, _WIDTH - indent, break_long_words=False))

    def head(self) -> Iterator[str]:
        yield "# A first plan, written by `cpis new`. Lines that begin with # are comments; each key is described by"
        yield "# `cpis schema` and docs/config.md. After a change: cpis check, then cpis run."
        if self.study.remarks:
            yield "#"
            yield "# What could not be told from the files, for you to put right:"
            for remark in self.study.remarks:
                lines = list(self.comment(remark))
                yield "# - " + lines[0][2:]
                yield from ("#   " + line[2:] for line in lines[1:])
        yield f"version: {CURRENT}"

    def study_part(self) -> Iterator[str]:
        study = self.study
        yield "study:"
        yield f"  name: {quoted(study.title)}"
        yield f"  short_name: {quoted(study.title)}"
        yield "  synthetic: false"
        yield f"  randomised: {str(study.randomised).lower()}    # false: the report uses no causal words"

    def data(self) -> Iterator[str]:
        study = self.study
        yield "data:"
        yield "  dictionary: data/raw/dictionary.csv"
        yield "  sources:"
        for name, file, place in zip(source_names(study), study.files, self.places, strict=True):
            yield f"    {name}:"
            yield f"      file: {quoted(place)}"
            yield from self.why("row", 6)
            yield from (f"      {line}" for line in self.holds(file.wave))
            if file.sheet:
                yield f"      sheet: {quoted(file.sheet)}"
            if not study.person:
                yield from self.comment(
                    f"the file has no column that names {plural(study.people)}: each row is another {study.people}", 6
                )
                yield "      number_rows: true"
            rename = {column: name for column, name in self.renamed().items() if column in file}
            if rename:
                yield "      rename:"
                yield from (f"        {quoted(column)}: {name}" for column, name in rename.items())
            ignored = [column for column in self.not_read(place) if column in file]
            if ignored:
                yield f"      ignore: [{', '.join(map(quoted, ignored))}]"

    def holds(self, wave: str) -> Iterator[str]:
        """What a file holds, and of which wave."""
        study = self.study
        if study.row == "person-and-wave":
            yield "holds: long"
            yield f"wave_column: {quoted(study.wave_column)}"
            events = study.files[0].written_as(study.wave_column)
            named = [
                f"{json.dumps(text, ensure_ascii=False)}: {_code(one.name)}"
                for one in study.waves
                for text in events[one.written]
            ]
            yield f"waves: {{{', '.join(named)}}}"
        elif len(study.waves) > 1 and len(study.files) == 1:
            yield "holds: wide"
        else:
            name = next((one.name for one in study.waves if one.written == wave), study.waves[0].name)
            yield "holds: measurements"
            yield f"wave: {_code(name)}"

    def renamed(self) -> dict[str, str]:
        """Columns whose names are not those that a plan uses."""
        waves = {wave.written: wave.name for wave in self.study.waves}
        wide = self.study.row not in ("person-and-wave", "visit") and len(self.study.waves) > 1
        wanted = {}
        for variable in self.shape.variables.values():
            for written, column in variable.columns.items():
                wanted[column] = f"{variable.name}_{waves[written]}" if wide and written else variable.name
        return {column: name for column, name in wanted.items() if column != name}

    def not_read(self, place: str) -> list[str]:
        """Columns that are left out: those of no use, and of later files what the first says of people."""
        study = self.study
        first = place == self.places[0]
        keys = {study.person, study.arm, *study.clusters}
        again = (
            [] if first else [name for name in study.files[0].names if "" in self.waves_of(name) and name not in keys]
        )
        return [*study.ignored, *again]

    def waves_of(self, column: str) -> Mapping[str, str]:
        variable = self.shape.variables.get(column)
        return variable.columns if variable else {}

    def design(self) -> Iterator[str]:
        study, shape = self.study, self.shape
        yield "design:"
        yield from self.why("person")
        yield f"  participant: {shape.person}"
        yield from self.people()
        yield from self.why("arm")
        yield from self.why("reference")
        compared = f", compared: [{', '.join(map(_code, study.compared))}]" if study.compared else ""
        yield f"  arm: {{variable: {shape.arm}, reference: {_code(study.reference)}{compared}}}"
        yield from self.why("clusters")
        yield from self.why("arms_with_clusters")
        if study.clusters:
            yield "  levels:                # the largest clusters first"
            for column in study.clusters:
                one, many = nouns_of(study, column, self.names[column])
                more = f", plural: {quoted(many)}" if many else ""
                if study.arms_with_clusters and column == study.clusters[-1]:
                    more += f", arms: [{', '.join(map(_code, study.arms_with_clusters))}]"
                yield f"    - {{variable: {self.names[column]}, label: {quoted(one)}{more}}}"
        else:
            yield "  levels: []             # nobody belongs to a cluster"
        yield from self.why("waves")
        yield "  waves:"
        for wave in study.waves:
            yield f"    - {{name: {_code(wave.name)}, label: {quoted(wave.label)}, months: {wave.months:g}}}"
        if len(study.waves) > 1:
            yield from self.why("baseline")
            if not study.baseline:
                yield "  baseline: false"
        if study.characteristics:
            yield from self.why("characteristics")
            yield f"  characteristics: [{', '.join(self.names[name] for name in study.characteristics)}]"

    def people(self) -> Iterator[str]:
        """What those who take part are called, or where to say so."""
        one = self.study.people
        if one == PERSON:
            yield "  # people: {one: pupil}    # what those who take part are called; without it, people"
            return
        yield from self.why("people")
        many = f", many: {quoted(one.many)}" if one.many != Noun(str(one)).many else ""
        yield f"  people: {{one: {quoted(str(one))}{many}}}"

    def outcomes(self) -> Iterator[str]:
        yield from self.why("outcomes", 0)
        yield "outcomes:"
        for place, (name, one) in enumerate(self.shape.outcomes):
            yield from self.outcome(name, one, "primary" if place == 0 else "secondary")

    def outcome(self, name: str, one: OutcomeOf, role: str) -> Iterator[str]:
        yield f"  {name}:"
        label = self.label_of(one)
        # of an event the report says: the share of pupils with ...
        reads = f"    # reads best as what follows: {plural(self.study.people)} with ..." if one.is_event else ""
        yield f"    label: {quoted(label)}{reads}"
        yield f"    role: {role}"
        yield f"    higher_is: {one.higher_is}"
        other = f". If it is something else: {one.other}" if one.other else ""
        if one.kind == "binary":
            yield "    type: binary"
            yield f"    variable: {self.names[one.title]}"
            yield f"    event: [{_code(one.event)}]    # {one.reason}"
        elif one.kind == "continuous":
            yield "    # low, high: the ends of the scale; minimal_important_difference: what matters, and its source"
            yield from self.comment(f"type: continuous, because these are numbers{other}", 4) if other else ()
        else:
            yield from self.comment(f"type: {one.kind}, because {one.reason}{other}", 4) if one.reason != SAID else ()
            yield f"    type: {one.kind}"
            yield from self.made_of(one)
        yield f"    models: [{', '.join(model.name for model in self.models[name])}]"

    def made_of(self, one: OutcomeOf) -> Iterator[str]:
        """The keys of an outcome that is made of a variable, or needs one beside it."""
        if one.kind != "count":
            yield f"    variable: {self.names[one.title]}"
        if one.is_event:
            yield f"    event: [{_code(one.event)}]"
        if one.categories:
            yield f"    categories: [{', '.join(map(_code, one.categories))}]    # the lowest first"
        if one.not_given:
            yield f"    not_given: [{', '.join(map(_code, one.not_given))}]    # these count as missing"
        if one.beside:
            yield f"    {one.beside.key}: {self.names[one.beside.title]}"

    def label_of(self, one: OutcomeOf) -> str:
        """What an outcome is called: the file's label, else its name; of an event what happened."""
        column = next(iter(one.columns.values()))
        cell = next(file[column] for file in self.study.files if column in file)
        label = cell.label or one.title
        event = cell.words_of(one.event) if one.is_event and one.event else ""
        return label if event.casefold() in _NO_NEWS else f"{label}: {event}"

    def models_part(self) -> Iterator[str]:
        yield "# {outcome} stands for each outcome that lists the model; the first model of a list is the headline."
        yield "models:"
        seen: set[str] = set()
        for models in self.models.values():
            for model in models:
                if model.name in seen:
                    continue
                seen.add(model.name)
                yield f"  {model.name}:    # {model.why}"
                yield f"    label: {quoted(model.label)}"
                yield from (f"    {key}: {value}" for key, value in model.keys.items())
                yield f"    formula: {json.dumps(model.formula, ensure_ascii=False)}"

    def report(self) -> Iterator[str]:
        yield "report:"
        yield "  title: Findings report"
        yield f"  minimum_cell: 5    # smaller counts of {plural(self.study.people)} are suppressed"


def _code(text: str) -> str:
    """A code: always text, as 0 and 1 would be read as numbers."""
    return (
        text
        if _PLAIN.match(text) and " " not in text and text.casefold() not in _READ_OTHERWISE
        else json.dumps(text, ensure_ascii=False)
    )
