"""Random plans that are valid, as plain values; JSON text of them is YAML."""

from hypothesis import strategies as st

NAME = st.from_regex(r"[a-z][a-z0-9]{0,5}", fullmatch=True).filter(
    lambda name: name not in ("wave", "arm", "and", "or", "not", "in", "is", "true", "false", "available", "missing")
)
LABEL = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")), min_size=1, max_size=20
).filter(str.strip)
COVARIATES = st.lists(
    st.sampled_from(["age", "gender", "log1p(leisure_7d)", "age:gender", "square(age)"]), max_size=3, unique=True
)
CONDITION = st.sampled_from(
    [
        'trust != "C"',
        "has_0m and has_6m",
        "age >= 18 or gender is missing",
        'not (trust in ["A", "B"])',
        "age is not missing and age < 65.5",
    ]
)


def names(smallest, largest):
    """Distinct names that are not beginnings of each other's wave variables."""
    return st.lists(NAME, min_size=smallest, max_size=largest, unique=True)


@st.composite
def models(draw, lists, populations, derived, binary, plain):
    """One model, without interactions if `plain`; estimating equations only where every outcome is binary."""
    estimator = draw(
        st.sampled_from(["mixed", "ols_cr2", "ols_jackknife", "cluster_summary", *(["gee"] if binary else [])])
    )
    right = ["arm", *draw(COVARIATES)]
    model = {"label": draw(LABEL), "estimator": estimator}
    if estimator == "mixed":
        model["df"] = draw(st.sampled_from(["kenward-roger", "satterthwaite", "between-within", "residual", "z"]))
        model["boundary"] = draw(st.sampled_from(["keep", "drop"]))
    else:
        model["cluster"] = draw(st.sampled_from(["trust", "team"]))
    if estimator == "cluster_summary":
        model["pairs"] = draw(st.booleans())
    if estimator == "gee":
        model["link"] = draw(st.sampled_from(["logit", "identity"]))
        model["correction"] = draw(st.sampled_from(["mancl-derouen", "kauermann-carroll", "fay-graubard"]))
    if estimator in ("mixed", "ols_cr2") and not plain and draw(st.booleans()):
        moderator = draw(st.sampled_from([*derived, "gender"]))
        right.append(f"arm:{moderator}")
        model["contrasts"] = draw(
            st.lists(
                st.sampled_from(
                    [
                        {"kind": "moderator", "moderator": moderator},
                        {"kind": "difference"},
                        {"kind": "joint", "terms": ["arm", f"arm:{moderator}"]},
                    ]
                ),
                max_size=3,
                unique_by=str,
            )
        )
    if lists and draw(st.booleans()):
        right.append("{covariates}")
        model["covariates"] = draw(st.sampled_from(lists))
    if populations and draw(st.booleans()):
        model["population"] = draw(st.sampled_from(populations))
    if estimator == "mixed":
        right += draw(st.sampled_from([["(1 | trust)"], ["(1 | trust)", "(1 | trust:team)"], ["(1 | trust/team)"]]))
    left = draw(st.sampled_from(["{outcome}_6m", "{outcome}_change", *([] if binary else ["log1p({outcome}_6m)"])]))
    model["formula"] = f"{left} ~ {' + '.join(draw(st.permutations(right)))}"
    if draw(st.booleans()):
        model["level"] = draw(st.floats(0.51, 0.99))
    return model


@st.composite
def outcomes(draw, role, binary, chosen, mixed, shiftable):
    """One outcome with some of the models."""
    outcome = {
        "label": draw(LABEL),
        "role": role,
        "models": chosen,
        "higher_is": draw(st.sampled_from(["better", "worse"])),
    }
    if binary:
        outcome |= {"type": "binary", "variable": "support_received", "event": ["yes"]}
    elif draw(st.booleans()):
        outcome |= {"type": "bounded_count", "low": 0, "high": draw(st.integers(1, 100))}
    if draw(st.booleans()):
        outcome["equivalence"] = {"low": draw(st.floats(-9, -0.1)), "high": draw(st.floats(0.1, 9))}
    able = [name for name in chosen if name in shiftable]
    if able and not binary and draw(st.booleans()):
        outcome["tipping_point"] = {
            "models": draw(st.lists(st.sampled_from(able), min_size=1, unique=True)),
            "deltas": draw(st.sampled_from([[], [-1.5, 0, 2], [-6, -3, 0, 3, 6]])),
        }
    own = [name for name in chosen if name in mixed]
    if own and draw(st.booleans()):
        outcome["overrides"] = {draw(st.sampled_from(own)): {"df": "satterthwaite", "level": 0.9}}
    return outcome


@st.composite
def plans(draw):
    """A whole plan."""
    every = draw(names(9, 14))
    own, rest = every[:3], every[3:]
    lists, populations, derived, labels = rest[:1], rest[1:2], rest[2:4], rest[4:]
    binary = draw(st.booleans())
    known = {name: draw(models(lists, populations, derived, binary, name == labels[0])) for name in labels}
    plan = {
        "version": 2,
        "study": {
            "name": draw(LABEL),
            "short_name": draw(LABEL),
            "synthetic": draw(st.booleans()),
            "randomised": draw(st.booleans()),
            "seed": draw(st.integers(0, 2**32 - 1)),
        },
        "data": {
            "dictionary": "data/raw/dictionary.csv",
            "sources": {"all": {"file": "data/raw/all.csv", "holds": "wide"}},
        },
        "design": {
            "participant": "pid",
            "arm": {"variable": "arm", "reference": "c"},
            "levels": [{"variable": "trust"}, {"variable": "team"}],
            "waves": [
                {"name": "0m", "label": "Before", "months": 0},
                {"name": "6m", "label": "After", "months": draw(st.floats(0.5, 60))},
            ],
            "characteristics": ["age", "gender"],
        },
        "covariates": {name: draw(COVARIATES) for name in lists},
        "derived": {name: {"label": draw(LABEL), "where": draw(CONDITION)} for name in derived},
        "populations": {
            name: {
                "label": draw(LABEL),
                "where": draw(st.one_of(CONDITION, st.just({"trust": ["A", "B"], "gender": "female"}))),
            }
            for name in populations
        },
        "models": known,
        "outcomes": {},
        "report": {"title": draw(LABEL)},
    }
    mixed = [name for name, model in known.items() if model["estimator"] == "mixed"]
    shiftable = [
        name
        for name, model in known.items()
        if model["estimator"] in ("mixed", "ols_cr2") and "log1p({outcome}" not in model["formula"]
    ]
    for position, name in enumerate(own):
        chosen = labels if position == 0 else draw(st.lists(st.sampled_from(labels), min_size=1, unique=True))
        # the headline comes first, and has no interactions
        chosen = [labels[0], *(name for name in chosen if name != labels[0])]
        role = "secondary" if position else "primary"
        plan["outcomes"][name] = draw(outcomes(role, binary, chosen, mixed, shiftable))
    if draw(st.booleans()):
        plan["families"] = {
            "all": {
                "outcomes": own[1:],
                "method": draw(st.sampled_from(["holm", "hochberg", "bonferroni", "benjamini-hochberg"])),
            }
        }
    return plan


COLUMNS = (
    "Variable / Field Name",
    "Form Name",
    "Field Type",
    "Field Label",
    "Choices, Calculations, OR Slider Labels",
    "Text Validation Type OR Show Slider Number",
    "Missing Codes",
    "Waves",
)
TAKEN = ("pid", "trust", "team", "age", "gender", "line", "source")


def dictionary_of(plan):
    """A dictionary that fits a random plan, as CSV."""
    both = ";".join(wave["name"] for wave in plan["design"]["waves"])
    rows = [
        ("pid", "people", "text", "Person", "", "", "", ""),
        ("arm", "people", "radio", "Arm", "c, C | i, I", "", "", ""),
        ("trust", "people", "radio", "Trust", "A, A | B, B | C, C", "", "", ""),
        ("team", "people", "radio", "Team", "N, N | S, S", "", "", ""),
        ("age", "people", "text", "Age", "", "number", "", ""),
        ("gender", "people", "radio", "Gender", "female, F | male, M", "", "", ""),
        ("leisure_7d", "people", "text", "Leisure", "", "number", "", ""),
        ("support_received", "interview", "radio", "Support", "yes, Yes | no, No", "", "", both),
    ]
    rows += [
        (name, "interview", "text", name, "", "number", "", both)
        for name, part in plan["outcomes"].items()
        if part.get("type") != "binary"
    ]
    return "".join(",".join(f'"{cell}"' for cell in row) + "\n" for row in (COLUMNS, *rows))
