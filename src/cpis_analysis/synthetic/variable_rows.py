"""The variables of the raw files: one list from which files, truth and dictionary are made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cpis_analysis.synthetic.parameters import Design, Experience, Themes
from cpis_analysis.synthetic.parameters_fieldwork import Losses
from cpis_analysis.synthetic.parameters_outcomes import OUTCOMES
from cpis_analysis.synthetic.simulated_people import team_labels, trust_labels

ARMS = ("comparison", "implementation")
WAVES = ("0m", "6m")
FILES = ("participants", "baseline", "six_months", "teams", "focus_groups")

_YES_NO = (("yes", "Yes"), ("no", "No"))
_SUPPORTED = "[support_received] = 'yes'"
_ITEM_MISSING = ((9, "Missing"), (99, "Refused"))


@dataclass(frozen=True)
class Variable:
    """One variable: where it is asked, and which values it may take.

    ``kind`` is text, date, integer or category; ``choices`` are (code, label) pairs;
    ``missing`` are (code, meaning) pairs.
    """

    name: str
    form: str
    label: str
    kind: str = "text"
    choices: tuple[tuple[str, str], ...] = ()
    low: int | None = None
    high: int | None = None
    missing: tuple[tuple[int, str], ...] = ()
    branching: str = ""
    section: str = ""
    required: bool = False
    note: str = ""

    @property
    def whole_numbers(self) -> range:
        """The values of an integer with limits."""
        if self.low is None or self.high is None:
            raise ValueError(f"{self.name} has no limits.")
        return range(self.low, self.high + 1)

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of a category, in order."""
        return tuple(code for code, _ in self.choices)

    @property
    def waves(self) -> tuple[str, ...]:
        """Waves at which it is asked; none for what belongs to a person or a team."""
        return {"interview": WAVES, "baseline": ("0m",), "six_months": ("6m",)}.get(self.form, ())


def _category(name: str, form: str, label: str, choices: tuple[tuple[str, str], ...], **more: Any) -> Variable:
    missing = () if more.get("required") else ((-9, "Missing"),)
    return Variable(name, form, label, "category", choices, missing=missing, **more)


def _yes_no(name: str, form: str, label: str, **more: Any) -> Variable:
    return _category(name, form, label, _YES_NO, **more)


def _log(design: Design) -> list[Variable]:
    trusts = tuple((t, f"Trust {t}") for t in trust_labels(design))
    teams = tuple((t, f"{t} team") for t in team_labels(design))
    arms = (("comparison", "Comparison"), ("implementation", "Implementation"))
    reasons = {
        "withdrew": "Withdrew",
        "not_contactable": "Could not be contacted",
        "moved_away": "Moved away",
        "too_unwell": "Too unwell",
        "discharged": "Discharged from the team",
        "died": "Died",
        "other": "Other reason",
    }
    status = (
        ("completed", "Six-month interview held"),
        ("lost_before_baseline", "Lost before baseline"),
        ("lost_after_baseline", "Lost after baseline"),
    )
    form = "participants"
    return [
        Variable("participant_id", form, "Participant number", required=True, note="A study number, no name"),
        _category("trust", form, "Trust", trusts, required=True),
        _category("team", form, "Team", teams, required=True, note="Labels repeat: a team is a trust and a team"),
        _category("arm", form, "Arm", arms, required=True, note="Belongs to the team"),
        Variable("recruited_on", form, "Date of recruitment", "date", required=True),
        _category("status", form, "Status at the end of the study", status, required=True),
        _category("loss_reason", form, "Reason for loss", tuple((r, reasons[r]) for r in Losses().reasons)),
        Variable("loss_on", form, "Date of loss", "date"),
    ]


def _characteristics() -> list[Variable]:
    form, section = "baseline", "About the participant"
    pairs: dict[str, tuple[Any, ...]] = {
        "ethnicity": (
            "Ethnic group",
            ("white", "White"),
            ("asian", "Asian or Asian British"),
            ("black", "Black or Black British"),
            ("mixed", "Mixed"),
            ("other", "Other ethnic group"),
        ),
        "relationship": (
            "Relationship",
            ("single", "Single"),
            ("partnered", "Married or with a partner"),
            ("separated", "Separated or divorced or widowed"),
        ),
        "diagnosis": (
            "Main diagnosis",
            ("psychosis", "Psychosis"),
            ("bipolar", "Bipolar disorder"),
            ("depression", "Depression"),
            ("anxiety", "Anxiety or PTSD"),
            ("personality", "Personality disorder"),
            ("other", "Other diagnosis"),
        ),
    }
    choice = {k: _category(k, form, v[0], v[1:], section=section) for k, v in pairs.items()}
    return [
        Variable(
            "age",
            form,
            "Age at baseline (years)",
            "integer",
            low=16,
            high=110,
            missing=((999, "Missing"),),
            section=section,
            required=True,
        ),
        choice["ethnicity"],
        choice["relationship"],
        _yes_no("lives_alone", form, "Lives alone", section=section),
        _yes_no("paid_work", form, "In paid work", section=section),
        _yes_no("education", form, "Education above GCSE level", section=section),
        choice["diagnosis"],
        _yes_no("substance_use", form, "Problem use of alcohol or drugs", section=section),
        _yes_no("admission_9m", form, "Admitted to hospital in the last nine months", section=section),
        Variable(
            "leisure_7d",
            form,
            "Number of leisure activities in the last seven days",
            "integer",
            low=0,
            high=50,
            missing=((99, "Missing"),),
            section=section,
        ),
    ]


def _instruments() -> list[Variable]:
    names = {"rguk": "RG-UK", "wemwbs": "WEMWBS", "qpr": "QPR", "eq5d5l": "EQ-5D-5L"}
    dimensions = ("mobility", "self-care", "usual activities", "pain or discomfort", "anxiety or depression")
    made: dict[str, list[Variable]] = {}
    for outcome in OUTCOMES:
        if outcome.name == "gas":
            continue
        rows = []
        for i, column in enumerate(outcome.columns):
            label = f"{names.get(outcome.name, '')} item {i + 1}"
            missing: tuple[tuple[int, str], ...] = _ITEM_MISSING
            note = ""
            if outcome.name == "rguk":
                note = "Access through at least one tie: 1 yes, 0 no"
            if outcome.name == "eq5d5l":
                label, note = f"EQ-5D-5L {dimensions[i]}, level", "Level 1 is best"
            if outcome.name == "eq_vas":
                label, missing = "EQ visual analogue scale", ((999, "Missing"),)
            if outcome.name == "scope":
                label = "SCOPE overall inclusion rating"
            section = names.get(outcome.name, "SCOPE" if outcome.name == "scope" else "EQ-5D-5L")
            rows.append(
                Variable(
                    column,
                    "interview",
                    label,
                    "integer",
                    low=outcome.low,
                    high=outcome.high,
                    missing=missing,
                    section=section,
                    note=note,
                )
            )
        made[outcome.name] = rows
    order = ("rguk", "wemwbs", "qpr", "eq5d5l", "eq_vas", "scope")
    return [variable for name in order for variable in made[name]]


def _goals(form: str, part: str, label: str, low: int, high: int) -> list[Variable]:
    return [
        Variable(
            f"gas_{i}_{part}",
            form,
            f"Goal {i}: {label}",
            "integer",
            low=low,
            high=high,
            missing=((9, "Missing"),),
            section="Goal attainment",
            note="" if i == 1 else "Empty where no such goal was set",
        )
        for i in (1, 2, 3)
    ]


def _experience() -> Iterator[Variable]:
    form, section = "six_months", "Experience of support"
    activities = {
        "self_help": "self-help or therapy",
        "education": "education",
        "training": "training",
        "employment": "employment",
        "exercise": "exercise or fitness",
        "hobbies": "hobbies or skills",
        "volunteering": "volunteering",
        "other": "other",
    }
    details: dict[str, tuple[Any, ...]] = {
        "act_location": ("Where", ("in_home", "In the home"), ("outside_home", "Outside the home")),
        "act_mode": ("How", ("face_to_face", "Face to face"), ("phone", "By phone"), ("online", "Online")),
        "act_people": ("With whom", ("new", "New people"), ("known", "People already known")),
        "act_setting": ("Setting", ("organised", "Organised group"), ("informal", "Informal setting")),
    }
    changes = {
        "mental_health": "mental health",
        "confidence": "confidence",
        "self_esteem": "self-esteem",
        "awareness_local": "awareness of what is on locally",
    }
    barriers = {
        "anxiety": "social anxiety",
        "cost": "money or cost",
        "transport": "transport",
        "health": "physical health",
        "other": "other",
    }
    better = (("better", "Better"), ("same", "About the same"), ("worse", "Worse"))
    yes_no_unsure = (*_YES_NO, ("unsure", "Not sure"))
    more = {"section": section}
    yield _yes_no("support_received", form, "Received support to connect with people", **more)
    yield _category(
        "materials_explained",
        form,
        "Connecting People materials were explained",
        yes_no_unsure,
        branching="[arm] = 'implementation'",
        **more,
    )
    yield from (
        _yes_no(f"activity_{k}", form, f"Activity: {activities[k]}", branching=_SUPPORTED, **more)
        for k, _ in Experience().activities
    )
    yield from (
        _category(k, form, f"Main activity: {v[0].lower()}", v[1:], branching=_SUPPORTED, **more)
        for k, v in details.items()
    )
    yield from (_category(f"change_{k}", form, f"Change in {v}", better, **more) for k, v in changes.items())
    yield from (_yes_no(f"barrier_{k}", form, f"Barrier: {v}", **more) for k, v in barriers.items())


@lru_cache(maxsize=16)
def variables(design: Design | None = None) -> tuple[Variable, ...]:
    """All variables, in the order of the dictionary."""
    design = design or Design()
    gender = (("female", "Female"), ("male", "Male"), ("other", "Other"))
    themes = tuple((code, label) for code, label, _, _ in Themes().mentions)
    return (
        *_log(design),
        Variable("interview_date", "interview", "Date of interview", "date", required=True),
        _category("gender", "interview", "Gender", gender, note="Asked at both interviews"),
        *_characteristics(),
        *_instruments(),
        *_goals("baseline", "weight", "weight (importance and difficulty)", 1, 3),
        *_goals("six_months", "score", "attainment", -2, 2),
        *_experience(),
        _yes_no("trained", "teams", "Team organised and delivered the training", required=True),
        Variable("fidelity", "teams", "Fidelity to the model", "integer", low=0, high=100),
        _category("theme", "focus_groups", "Theme of the practitioner focus groups", themes, required=True),
        Variable("n_mentions", "focus_groups", "Number of coded mentions", "integer", low=0, high=500),
    )


def columns_of(file: str, design: Design | None = None) -> tuple[str, ...]:
    """Column names of a raw file, in order.

    Identifiers and the team stand in several files and once in the dictionary.
    """
    leading = {
        "participants": (),
        "baseline": ("participant_id", "interview_date", "trust", "team"),
        "six_months": ("participant_id", "interview_date", "trust", "team"),
        "teams": ("trust", "team", "arm"),
        "focus_groups": ("theme", "trust", "arm"),
    }[file]
    forms = {file, "interview"} if file in ("baseline", "six_months") else {file}
    own = [v.name for v in variables(design) if v.form in forms and v.name not in leading]
    if file == "baseline":
        own.remove("age")
        own.insert(0, "age")
    return (*leading, *own)
