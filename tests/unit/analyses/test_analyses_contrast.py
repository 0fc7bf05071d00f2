"""What an estimate compares survives names and files, whatever characters the codes hold."""

import itertools
import json

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.analyses.known_names import KnownNames
from cpis_analysis.analyses.refusal import not_estimable
from cpis_analysis.analyses.rows.effect import effect_term
from cpis_analysis.errors import ModelError
from cpis_analysis.formula.parse import parse_formula
from cpis_analysis.lmm.designs.design import build_design
from cpis_analysis.plan.contrast import Between, Contrast, contrast_from_record, contrast_to_record
from cpis_analysis.plan.specification import ContrastSpec
from cpis_analysis.study.dataset import AnalysisData
from made_up_study import spec, study

pytestmark = pytest.mark.thorough

CODES = st.text(st.sampled_from("ab (=)-:[],&и7"), min_size=1, max_size=8)
CONTRASTS = st.builds(
    Contrast,
    st.sampled_from(["difference", "average", "joint"]),
    CODES,
    CODES,
    first=CODES,
    last=CODES,
    between=st.lists(st.builds(Between, CODES, CODES, st.none() | CODES), max_size=2).map(tuple),
    held=st.lists(st.tuples(CODES, CODES), max_size=2).map(tuple),
    terms=st.lists(CODES, max_size=2).map(tuple),
    beside=st.sampled_from(["", "Kenward-Roger"]),
)
HARD = {
    "i": "new (i - c) [plus]",
    "c": "usual (TAU: gender = f)",
    "f": "f - m",
    "m": "f",
    "0m": "0, and",
    "6m": "после 6",
}
LONG = "y ~ arm * wave * gender + (1 | trust:team) + (1 | participant_id)"
SPECS = {
    "plain": spec("y_6m ~ arm + y_0m + (1 | trust:team)"),
    "average": spec("y_6m ~ arm * gender", "ols_cr2", cluster="team", contrasts=(ContrastSpec("difference"),)),
    "levels": spec(
        "y_6m ~ arm * gender + (1 | trust:team)", contrasts=(ContrastSpec("moderator", moderator="gender"),)
    ),
    "interaction": spec("y_6m ~ arm * gender * age + (1 | trust:team)", effect="arm:gender"),
    "number": spec("y_6m ~ arm * age + (1 | trust:team)", effect="arm:age"),
    "values": spec(
        "y_6m ~ arm * age + (1 | trust:team)", contrasts=(ContrastSpec("moderator", moderator="age", at=(30.0, 50.0)),)
    ),
    "joint": spec("y_6m ~ arm * gender + (1 | trust:team)", contrasts=(ContrastSpec("joint", ("arm", "arm:gender")),)),
    "change": spec(LONG, effect="arm:wave", contrasts=(ContrastSpec("moderator", moderator="gender"),)),
    "refused": spec("y_6m ~ arm + trust + team", "cluster_summary", cluster="trust"),
}


@pytest.fixture(scope="module")
def hard():
    """The made-up study with codes that look like the names of contrasts and of coefficients."""
    plain = study(size=8)
    frames = [frame.rename(columns={"y_6m": f"y_{HARD['6m']}"}) for frame in (plain.participants, plain.interviews)]
    for frame in frames:
        for name in {"arm", "gender", "wave"} & set(frame):
            frame[name] = frame[name].cat.rename_categories(lambda code: HARD.get(code, code))
    return AnalysisData(frames[0].rename(columns={f"y_{HARD['6m']}": "y_6m"}), frames[1])


def harder(wanted):
    return type(wanted)(
        **{name: getattr(wanted, name) for name in wanted.__dataclass_fields__}
        | {"reference": HARD["c"], "baseline_wave": HARD["0m"], "followup_wave": HARD["6m"]}
    )


def result_of(wanted, data):
    try:
        return run_analysis(wanted, data)
    except ModelError as error:
        return not_estimable(wanted, data, error)


@given(CONTRASTS)
def test_contrast_record_survives_json(contrast):
    assert contrast_from_record(json.loads(json.dumps(contrast_to_record(contrast)))) == contrast


@pytest.mark.parametrize("name", SPECS)
def test_known_names_are_those_of_the_fit_whatever_the_codes(name, hard):
    wanted = harder(SPECS[name])
    result = result_of(wanted, hard)
    known = KnownNames(hard).of(wanted)
    made = [one.contrast for one in (result.estimate, *result.contrasts)]
    assert [known.contrasts[str(one)] for one in made] == made
    terms = [row["term"] for row in result.coefficients]
    assert [known.coefficients[term] for term in terms] == [result.parts[term] for term in terms]
    assert {one.arms for one in made} == {(HARD["i"], HARD["c"])}
    assert result.estimable == (name != "refused")


@pytest.mark.parametrize("name", [name for name in SPECS if name != "refused"])
def test_names_with_hard_codes_are_plain_names_with_the_codes_replaced(name, hard):
    plain, renamed = (
        result_of(wanted, data) for wanted, data in ((SPECS[name], study(size=8)), (harder(SPECS[name]), hard))
    )
    replaced = [recoded(one.contrast) for one in (plain.estimate, *plain.contrasts)]
    assert [one.contrast for one in (renamed.estimate, *renamed.contrasts)] == replaced
    assert renamed.estimate.estimate == pytest.approx(plain.estimate.estimate)


def recoded(contrast):
    def code(text):
        return HARD.get(text, text)

    return Contrast(
        contrast.kind,
        code(contrast.arm),
        code(contrast.reference),
        code(contrast.first),
        code(contrast.last),
        tuple(Between(one.variable, code(one.last), code(one.first)) for one in contrast.between),
        tuple((variable, code(value)) for variable, value in contrast.held),
        contrast.terms,
        contrast.beside,
    )


def test_effect_term_with_colons_and_brackets_in_codes_is_found(hard):
    for effect, formula in (
        ("arm", "y_6m ~ arm"),
        ("arm:gender", "y_6m ~ gender * arm"),
        ("arm:age", "y_6m ~ arm * age"),
    ):
        wanted = harder(spec(formula, effect=effect))
        order = {"arm": HARD["c"]}
        design = build_design(parse_formula(formula), hard.participants, reference=order)
        assert effect_term(wanted, HARD["i"], design) == design.term_names[-1]


def test_names_of_contrasts_are_those_of_the_files():
    arms = Contrast("difference", "i", "c")
    named = {
        "i - c": arms,
        "i - c (6m - 0m)": Contrast("difference", "i", "c", "0m", "6m"),
        "i - c (gender: m - f) (age = 0)": Contrast(
            "difference", "i", "c", between=(Between("gender", "m", "f"),), held=(("age", "0"),)
        ),
        "i - c (age: one more)": Contrast("difference", "i", "c", between=(Between("age", "one more"),)),
        "i - c (average)": Contrast("average", "i", "c"),
        "joint test of arm + arm:gender": Contrast("joint", "i", "c", terms=("arm", "arm:gender")),
        "i - c (Kenward-Roger)": Contrast("difference", "i", "c", beside="Kenward-Roger"),
    }
    assert {str(one): one for one in named.values()} == named
    assert all(one != other for one, other in itertools.combinations(named.values(), 2))


def test_of_two_contrasts_with_one_name_the_one_against_the_first_level_is_meant():
    data = study(size=4)
    levels = ["c", "a - b", "b - c", "a"]
    people = data.participants.assign(gender=pd.Categorical([*levels * 10][: len(data.participants)], levels))
    wanted = spec("y_6m ~ arm * gender + (1 | trust:team)", contrasts=(ContrastSpec("moderator", moderator="gender"),))
    known = KnownNames(AnalysisData(people, data.interviews)).of(wanted).contrasts
    assert known["i - c (gender: a - b - c)"].between == (Between("gender", "a - b", "c"),)


@given(st.lists(CODES, min_size=4, max_size=4, unique=True))
def test_known_names_hold_every_contrast_of_every_codes(codes):
    arm, reference, *levels = codes
    people = pd.DataFrame({"arm": [arm, reference] * 2, "gender": pd.Categorical(levels * 2, levels)})
    wanted = spec(
        "y_6m ~ arm * gender",
        reference=reference,
        effect="arm:gender",
        contrasts=(ContrastSpec("moderator", moderator="gender"), ContrastSpec("difference")),
    )
    known = KnownNames(AnalysisData(people, pd.DataFrame())).of(wanted).contrasts
    arms = Contrast("difference", arm, reference)
    made = [
        Contrast("difference", arm, reference, between=(Between("gender", levels[1], levels[0]),)),
        *(Contrast("difference", arm, reference, held=(("gender", level),)) for level in levels),
        Contrast("average", arm, reference),
        arms,
    ]
    assert [known[str(one)] for one in made] == made
