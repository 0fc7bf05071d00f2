"""Random valid plans survive every road; random damage gives a message, never a traceback, and is never passed over."""

import json
import random
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from cpis_analysis.errors import CpisError, PlanError
from cpis_analysis.plan.estimand import estimand_of
from cpis_analysis.plan.reading.load import load_plan
from cpis_analysis.plan.reading.resolve import specifications
from cpis_analysis.plan.reading.yaml_reader import read_yaml
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.plan.specification_records import specs_from_json, specs_to_json
from cpis_analysis.study.checks.plan_check import check_plan
from plan_mutations import Judge, case_of, places
from random_plans import TAKEN, dictionary_of, plans

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).parents[3]
SHIPPED = (ROOT / "config.yaml").read_text(encoding="utf-8")
SLOW = settings(
    max_examples=40,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("plans")


def load(folder, text):
    path = folder / "config.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    return load_plan(path)


def written(plan):
    return json.dumps(plan, indent=1, ensure_ascii=False)


def shuffled(value, rng):
    """The same plan with its mappings in another order."""
    if isinstance(value, dict):
        items = list(value.items())
        rng.shuffle(items)
        return {key: shuffled(inner, rng) for key, inner in items}
    return [shuffled(inner, rng) for inner in value] if isinstance(value, list) else value


@SLOW
@given(plans(), st.randoms(use_true_random=False))
def test_plan_random_valid_ones_load_resolve_serialise_and_load_to_the_same(folder, plan, rng):
    loaded = load(folder, written(plan))
    specs = loaded.specifications()
    assert len({spec.name for spec in specs}) == sum(len(part["models"]) for part in plan["outcomes"].values())

    again = PlanFile.model_validate(json.loads(json.dumps(loaded.content.model_dump(mode="json"))))
    assert again == loaded.content
    assert specifications(again) == specs

    assert specs_from_json(specs_to_json(specs)) == sorted(specs, key=lambda spec: spec.name)
    mixed = load(folder, written(shuffled(plan, rng)))
    assert mixed.digest() == loaded.digest()
    assert specs_to_json(mixed.specifications()) == specs_to_json(specs)

    named = {problem.value for problem in loaded.remarks() if "this" in problem.message and "uses" in problem.message}
    assert named <= {*plan["populations"], *plan["covariates"], *plan["derived"]}
    assert all(estimand_of(spec).text() for spec in specs)


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.floats(),
    st.text(max_size=30),
    st.just("("),
    st.just("{outcome}"),
    st.just("{covariates}"),
    st.just("a == "),
    st.just("y ~ x | "),
    st.just(""),
    st.just([]),
    st.just({}),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=2),
    st.just("arm:arm:arm"),
    st.just("../x"),
    st.just("((((" * 300),
    st.just("not " * 400),
    st.just("1e999"),
)


@SLOW
@given(plans(), st.data())
def test_plan_random_damage_to_values_gives_plan_error_or_a_plan(folder, plan, data):
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(list(places(plan))))
        parent = plan
        for key in path[:-1]:
            parent = parent[key]
        what = data.draw(st.sampled_from(["delete", "replace", "rename", "wrap"]))
        if what == "delete":
            del parent[path[-1]]
        elif what == "rename" and isinstance(parent, dict):
            parent[data.draw(st.text(max_size=12))] = parent.pop(path[-1])
        elif what == "wrap":
            parent[path[-1]] = [parent[path[-1]]]
        else:
            parent[path[-1]] = data.draw(JUNK)
        if not plan:
            break
    survives(folder, json.dumps(plan))


@SLOW
@given(st.integers(0, len(SHIPPED) - 1), st.integers(0, 12), st.text(max_size=6), st.integers(0, 2**30))
def test_plan_random_damage_to_the_text_gives_an_error_of_ours_or_a_plan(folder, at, cut, put, seed):
    lines = SHIPPED.splitlines(keepends=True)
    start = random.Random(seed).randrange(len(lines))
    moved = "".join(lines[:start] + lines[start + 1 :]) if cut == 12 else SHIPPED[:at] + put + SHIPPED[at + cut :]
    survives(folder, moved)


def survives(folder, text):
    """Loads, or says what is wrong; nothing else may come out."""
    try:
        plan = load(folder, text)
        plan.specifications()
        plan.remarks()
        plan.digest()
    except PlanError as error:
        assert error.problems  # noqa: PT017
        assert all(problem.message for problem in error.problems)  # noqa: PT017
        return
    (folder / "data" / "raw").mkdir(parents=True, exist_ok=True)
    target = folder / "data" / "raw" / "dictionary.csv"
    if not target.exists():
        target.write_bytes((ROOT / "data" / "raw" / "dictionary.csv").read_bytes())
    try:
        check_plan(plan)
    except CpisError as error:
        assert str(error)  # noqa: PT017


STUDIES = {"cpis": ROOT, "periodontal": ROOT / "examples" / "periodontal"}
CHUNK = 100


@pytest.fixture(scope="module")
def judges(tmp_path_factory):
    """By study: its plan, and the judge of what becomes of it."""
    made = {}
    for name, study in STUDIES.items():
        folder = tmp_path_factory.mktemp(name)
        (folder / "data" / "raw").mkdir(parents=True)
        for path in (study / "data" / "raw").glob("*"):
            (folder / "data" / "raw" / path.name).write_bytes(path.read_bytes())
        plan = read_yaml(study / "config.yaml").content
        made[name] = plan, Judge(folder, plan)
    return made


def judged(judge, plan, seeds):
    """Verdicts on the changes of these seeds; every failure is told with its seed."""
    verdicts, failures = {}, []
    for seed in seeds:
        case = case_of(plan, seed)
        try:
            verdict = judge.verdict(case)
            verdicts[verdict] = verdicts.get(verdict, 0) + 1
        except Exception as error:
            failures.append(f"seed {seed}, {case.kind} at {case.path}: {type(error).__name__} {error}")
    assert not failures, "\n".join(failures)
    return verdicts


@pytest.mark.parametrize("study", STUDIES)
def test_plan_with_one_change_is_refused_at_its_line_or_changes_the_analyses(judges, study):
    plan, judge = judges[study]
    verdicts = judged(judge, plan, range(14))
    assert verdicts["refused"] >= 5


@pytest.mark.slow
@pytest.mark.parametrize(("study", "chunk"), [("cpis", n) for n in range(10)] + [("periodontal", n) for n in range(6)])
def test_plan_with_one_change_is_refused_or_changes_the_analyses_in_a_large_corpus(judges, study, chunk):
    """1,600 cases; docs/plan.md has the counts of the last whole run."""
    plan, judge = judges[study]
    print(judged(judge, plan, range(CHUNK * chunk, CHUNK * (chunk + 1))))


def random_cases(folder, plan, number):
    """Changes of a random plan, whose text gives the seeds, with a dictionary that fits it."""
    seed = zlib.crc32(written(plan).encode())
    assume(not set(TAKEN) & {*plan["outcomes"], *plan["derived"]})
    raw = folder / "data" / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    (raw / "dictionary.csv").write_text(dictionary_of(plan), encoding="utf-8")
    (raw / "all.csv").write_text("pid\n", encoding="utf-8")
    print(judged(Judge(folder, plan, raw=False), plan, range(seed, seed + number)))


@settings(SLOW, max_examples=4)
@given(plans())
def test_plan_random_with_one_change_is_refused_at_its_line_or_changes_the_analyses(tmp_path_factory, plan):
    random_cases(tmp_path_factory.mktemp("random"), plan, 4)


@pytest.mark.slow
@settings(SLOW, max_examples=40, phases=[Phase.generate])
@given(plans())
def test_plan_random_with_one_change_is_refused_or_changes_in_a_large_corpus(tmp_path_factory, plan):
    """400 cases."""
    random_cases(tmp_path_factory.mktemp("random"), plan, 10)
