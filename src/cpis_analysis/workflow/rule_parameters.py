"""What the Snakefile asks of the plan: files, code and parameters of each rule.

Parameters are canonical JSON of just the keys that a rule depends on, so that
reordering or commenting config.yaml reruns nothing and a changed label refits nothing.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

from cpis_analysis import __file__ as package_file
from cpis_analysis.errors import CpisError
from cpis_analysis.instruments import input_files
from cpis_analysis.methods import method_of
from cpis_analysis.operating.choice import GRID, analyses_in_run, answered_headlines, primary_analyses
from cpis_analysis.operating.grid_cell import not_simulated, simulable, simulable_over_time
from cpis_analysis.plan.key_words import in_words_of
from cpis_analysis.plan.outcome_scale import POINTS, RISK, judged_on, scale_named, scale_of
from cpis_analysis.plan.reading.imputed_items import answers_kept
from cpis_analysis.plan.reading.load import Plan
from cpis_analysis.plan.reading.words_of_file import words_at
from cpis_analysis.plan.schema import Outcome
from cpis_analysis.plan.schema_design import occasion_of, words_of
from cpis_analysis.plan.specification_records import specs_to_json
from cpis_analysis.provenance import module_sources, sources_of_steps, versions
from cpis_analysis.runs.fit_store import smallest_numbers
from cpis_analysis.runs.locked.lock import LOCK
from cpis_analysis.runs.locked.lock_history import lock_history
from cpis_analysis.runs.locked.unblinding import UNBLINDING
from cpis_analysis.runs.outputs import DOCUMENTS
from cpis_analysis.runs.snakemake import no_plan
from cpis_analysis.study.checks.plan_check import load_and_check
from cpis_analysis.study_words import StudyWords, plain
from cpis_analysis.workflow.kept_imports import KeptImports

STEPS = "cpis_analysis.steps"
MANY = 150
"""Analyses from which on the fitting job may have two processors: with fewer, error rates are simulated beside it."""
REPLICATES = 1000
"""Outcomes that each error rate of a report rests on."""


def open_plan(path: str) -> Plan:
    """Load and check the plan; on mistakes print them all and stop Snakemake without a traceback."""
    try:
        if not Path(path).is_file():
            raise no_plan(Path(path))
        plan, _ = load_and_check(path)
    except CpisError as error:
        error.says = words_at(Path(path))
        stop(str(error))
    return plan


def stop(message: str) -> NoReturn:
    """End Snakemake before it does anything, with a message in place of a traceback."""
    print(f"\n{message}\n\nNothing was run; earlier results are as they were.", file=sys.stderr)
    sys.exit(1)


class Workflow:
    """Answers for the rule files.

    Parameters
    ----------
    plan : Plan
    source : Path
        The folder ``src`` beside the Snakefile; the package must come from there.
    """

    def __init__(self, plan: Plan, source: Path) -> None:
        if not Path(package_file).resolve().is_relative_to(source.resolve()):
            stop(
                f"This Snakefile belongs to the package in {source}, but Python imports the one in "
                f"{Path(package_file).parent}. Install this checkout: pip install -e ."
            )
        self.plan = plan
        self.source = source
        self._imports = KeptImports(source, plan.root)
        self.content: dict[str, Any] = plan.content.model_dump(mode="json")
        self.specs = plan.specifications()

    @property
    def words(self) -> StudyWords:
        """Words of the study, for what steps say without its plan."""
        return words_of(self.plan.content.data, self.plan.content.design)

    def code(self, rule: str) -> list[str]:
        """Source files that a rule's step depends on: those of every step for the manifest, which names them."""
        if rule == "write_manifest":
            return sources_of_steps(self.source)
        return module_sources(f"{STEPS}.{rule}", self.source)

    def keep(self) -> None:
        """Spare the next run to look for these files."""
        self._imports.keep()

    def templates(self) -> list[str]:
        """Files that the page is made of and that no module imports: templates, style, scripts, items of checklists."""
        table = str(self.source / "cpis_analysis" / "chapters" / "process" / "checklists.toml")
        return [table, *self._report_files("templates")]

    def document_templates(self) -> list[str]:
        """Files that the documents are made of: shells of the pages, and what the PDF looks like."""
        ink = str(self.source / "cpis_analysis" / "publish" / "forms" / "document.typ")
        return [*self.templates(), *self._report_files("documents"), ink]

    def _report_files(self, name: str) -> list[str]:
        folder = self.source / "cpis_analysis" / "report" / name
        return sorted(str(path) for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))

    def documents(self) -> list[str]:
        """What stands beside the page of the report."""
        return [f"results/{name}" for name in DOCUMENTS]

    def raw_files(self) -> list[str]:
        """Every raw file of the plan, with dictionary and checksums."""
        data = self.plan.content.data
        files = [source.file for source in data.sources.values()] + [data.dictionary]
        more = [file for file in (data.checksums, *data.correction_files, data.withdrawn) if file]
        return list(dict.fromkeys(files)) + more + self.value_set_files()

    def value_set_files(self) -> list[str]:
        """Files that scoring reads, such as a value set that the user supplies."""
        return sorted(input_files(self.plan.content.scoring_settings()).values())

    def public_files(self) -> list[str]:
        """Input files that hold nothing of people: dictionary and value sets."""
        return [self.plan.content.data.dictionary, *self.value_set_files()]

    def models(self) -> list[str]:
        """Models that have analyses, by name."""
        return sorted({spec.model for spec in self.specs})

    def model_files(self) -> list[str]:
        """The file of each model's results."""
        return [f"results/models/{name}.json" for name in self.models()]

    def forest(self) -> list[str]:
        """The forest plot of all scores, where the plan has a headline in points."""
        outcomes = self.plan.content.outcomes
        first = {f"{name}.{part.models[0]}" for name, part in outcomes.items()}
        drawn = any(
            spec.name in first and spec.outcome_type in ("continuous", "bounded_count") and scale_of(spec).natural
            for spec in self.specs
        )
        return ["results/figures/forest.svg"] if drawn else []

    def spec(self, *keys: str, **more: Any) -> str:
        """Canonical JSON of some keys of the plan."""
        return _canonical({key: self.content[key] for key in keys} | more)

    def cleaning_spec(self, wildcards: Any = None) -> str:
        """What cleaning depends on. Functions, all of them, for the reason that stands at `whole_spec`."""
        return self.spec("data", "design", "cleaning")

    def design_spec(self, wildcards: Any = None) -> str:
        """The design alone."""
        return self.spec("design")

    def dataset_spec(self, wildcards: Any = None) -> str:
        """What the analysis data set is made of: design, instruments, and the names and events of the outcomes.

        Of instruments whose items are imputed it holds the answers.
        """
        outcomes = self.plan.content.outcomes
        events = {name: [part.variable, part.event] for name, part in outcomes.items() if part.event}
        places = {
            name: [part.variable, part.categories, part.not_given] for name, part in outcomes.items() if part.categories
        }
        answers = answers_kept(self.plan.content, self.specs)
        made = {name: one for name, one in (("events", events), ("places", places), ("answers", answers)) if one}
        return self.spec("data", "design", "scoring", outcomes=list(outcomes), **made)

    def fits_spec(self, wildcards: Any = None) -> str:
        """All analyses, with the master seed. A function, for the same reason as `whole_spec`."""
        return self._fits_spec

    @cached_property
    def _fits_spec(self) -> str:
        """Asked for whenever Snakemake looks at the job, and of a thousand analyses."""
        # a headline that can't be fitted stops the run before anything is written of it
        first = {name: part.models[0] for name, part in self.plan.content.outcomes.items()}
        headlines = sorted(spec.name for spec in self.specs if first[spec.outcome] == spec.model)
        words = {} if self.words == plain else {"words": asdict(self.words)}
        return self._analyses(self.specs, minimum_cell=smallest_numbers(self.plan), headlines=headlines, **words)

    @property
    def fitting_processes(self) -> int:
        """How many processes may share the analyses."""
        return 2 if len(self.specs) >= MANY else 1

    def mixed_spec(self, wildcards: Any = None) -> str:
        """Analyses of which there is a second opinion. A function, for the same reason as `whole_spec`."""
        return self._analyses([spec for spec in self.specs if method_of(spec).second_opinion])

    def error_rates_spec(self, wildcards: Any = None) -> str:
        """What is simulated in every run. A function, for the same reason as `whole_spec`."""
        return self._analyses(
            analyses_in_run(self.plan),
            answers=json.loads(specs_to_json(answered_headlines(self.plan))),
            minimum_cell=self.plan.content.report.minimum_cell,
            replicates=REPLICATES,
            levels=self._levels(),
        )

    def operating_spec(self, wildcards: Any = None) -> str:
        """All analyses of the primary outcome that can be simulated. A function, for the same reason."""
        specs = primary_analyses(self.plan)
        return self._analyses([*simulable(specs), *simulable_over_time(specs)])

    def characteristics_spec(self, wildcards: Any = None) -> str:
        """Levels of clusters, whose names stand in the file of operating characteristics, and what it leaves out."""
        return _canonical({"levels": self._levels(), "not_simulated": not_simulated(primary_analyses(self.plan))})

    def cells(self, some: str = "") -> list[str]:
        """Names of the cells of the declared grid; all, or those that are named with commas between."""
        every = [cell.name for cell in GRID]
        asked = [name.strip() for name in str(some).split(",") if name.strip()]
        unknown = sorted(set(asked) - set(every))
        if unknown:
            stop(f"The grid has no cells {', '.join(unknown)}; it has {', '.join(every)}.")
        return asked or every

    def collect_spec(self, wildcards: Any = None) -> str:
        """Order of the analyses, families, headline of the primary outcome, margins, shifts of tipping points.

        The seed is among them where a family is adjusted by permutation.
        """
        outcomes = self.plan.content.outcomes
        primary = next(name for name, part in outcomes.items() if part.role == "primary")
        headline = f"{primary}.{outcomes[primary].models[0]}"
        joint = any(family.permuted for family in self.plan.content.families.values())
        return self.spec(
            "families",
            order=[spec.name for spec in self.specs],
            primary=json.loads(specs_to_json([spec for spec in self.specs if spec.name == headline])),
            margins={name: found for name, part in outcomes.items() if (found := _margins(part))},
            tipping={
                name: {"deltas": part.tipping_point.deltas, "important": part.minimal_important_difference}
                for name, part in outcomes.items()
                if part.tipping_point
            },
            design=self.content["design"],
            report={"minimum_cell": self.plan.content.report.minimum_cell},
            **({"seed": self.plan.content.study.seed} if joint else {}),
        )

    def lock_files(self) -> list[str]:
        """The locked plan and the record of unblinding, where there are such: the report tells of them."""
        return [name for name in (LOCK, UNBLINDING) if (self.plan.root / name).is_file()]

    def lock_history(self, wildcards: Any = None) -> str:
        """What version control knows of the two, which is no file that could be an input."""
        return self._lock_history

    @cached_property
    def _lock_history(self) -> str:
        # page and documents ask for it, and git is started six times
        return _canonical([asdict(lock_history(self.plan.root, name)) for name in (LOCK, UNBLINDING)])

    def version(self, wildcards: Any = None) -> str:
        """Version of this package, which stands in the documents: a new one writes them anew and fits nothing."""
        return versions()["cpis-analysis"]

    def manifest_spec(self, wildcards: Any = None) -> str:
        """The plan as resolved, its hash, and the files that its steps write."""
        study, report = self.plan.content.study, self.plan.content.report
        named = {
            "name": f"{study.name}: {report.title}",
            "credits": {key: self.content["report"][key] for key in ("authors", "published", "licence", "publisher")},
            "description": " ".join(filter(None, [study.notice, study.description])),
        }
        return _canonical(
            {
                "digest": self.plan.digest(),
                "plan": in_words_of(self.content),
                "models": self.model_files(),
                "study": named,
                "public": self.public_files(),
            }
        )

    def codebook_spec(self, wildcards: Any = None) -> str:
        """What the codebook page depends on. A function, for the same reason as `whole_spec`."""
        return self.spec("data", "design", "study", minimum_cell=self.plan.content.report.minimum_cell)

    def description_spec(self, wildcards: Any = None) -> str:
        """What is described, without the models."""
        # mean and standard deviation of ordered answers would tell how many gave each: they are described as answers
        outcomes = {name: part for name, part in self.plan.content.outcomes.items() if not part.categories}
        # what a binary outcome is made of tells which other tables hold the same answers
        binary = {name: [part.variable, part.event] for name, part in outcomes.items() if part.is_event}
        occasion = str(occasion_of(self.plan.content.data, self.plan.content.design))
        lowest = {"count": 0.0}
        scales = {
            name: [lowest.get(part.type) if part.low is None else part.low, part.high]
            for name, part in outcomes.items()
            if name not in binary
        }
        return self.spec(
            "design",
            "scoring",
            "report",
            outcomes=list(outcomes),
            scales=scales,
            seed=self.plan.content.study.seed,
            **({"binary": binary} if binary else {}),
            **({} if occasion == "interview" else {"occasion": occasion}),
        )

    def whole_spec(self, wildcards: Any = None) -> str:
        """The whole plan. A function, because Snakemake would take ``{outcome}`` in a text for a wildcard."""
        return _canonical(self.content)

    def _levels(self) -> list[str]:
        return list(self.plan.content.design.clusters)

    def _analyses(self, specs: list[Any], **more: Any) -> str:
        seed = self.plan.content.study.seed
        return _canonical({"analyses": json.loads(specs_to_json(specs)), "seed": seed} | more)


def _margins(outcome: Outcome) -> dict[str, list[float | None]]:
    """Margins of equivalence of an outcome by scale, as its models have it."""
    scales = [RISK if outcome.is_event else POINTS, *map(scale_named, outcome.on_scale)]
    judged = {scale.name: judged_on(outcome, scale) for scale in scales}
    return {name: [one.low, one.high] for name, one in judged.items() if one.low is not None}


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
