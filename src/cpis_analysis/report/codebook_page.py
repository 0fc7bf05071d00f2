"""The codebook as one HTML page: every count of people passes the disclosure control."""

from __future__ import annotations

from html import escape
from typing import Any

from cpis_analysis.disclosure.cell_search import SECONDARY, SHOWN, Sum, protect
from cpis_analysis.intake.codebook import Described
from cpis_analysis.intake.dictionary.variable import Variable
from cpis_analysis.plan.naming import plural
from cpis_analysis.plan.schema import Study
from cpis_analysis.plan.schema_design import Design
from cpis_analysis.publish.chart.look import tokens_css
from cpis_analysis.publish.format import capital

_STYLE = """
html { font: 100%/1.5 Arial, "Helvetica Neue", Helvetica, "Liberation Sans", sans-serif; }
body { max-width: 76rem; margin: 0 auto; padding: 1rem 1.25rem; color: var(--ink); background: var(--paper); }
h1 { font-size: 1.25rem; line-height: 1.2; } p { max-width: 42rem; }
.notice { color: var(--syn-ink); background: var(--syn); padding: .5rem 1rem; max-width: none; font-size: .875rem; }
section { border-top: 1px solid var(--line); margin-top: 1.5rem; }
h2 { font-size: 1.125rem; margin: .8rem 0 .2rem; overflow-wrap: anywhere; } h2 code { font-size: 1rem; }
table { border-collapse: collapse; margin: .4rem 1.5rem .8rem 0; display: inline-table; vertical-align: top; }
caption { text-align: left; font-weight: 600; } th, td { text-align: left; padding: .1rem .8rem .1rem 0; }
th { font-weight: 400; overflow-wrap: anywhere; }
td.n { text-align: right; font-variant-numeric: tabular-nums; } tr.gap th, tr.gap td { color: var(--ink-2); }
tr.sum th, tr.sum td { border-top: 1px solid var(--line); }
@media print { section { break-inside: avoid; } }
"""


def codebook_page(described: list[Described], study: Study, design: Design, minimum: int) -> str:
    """A page without rows of data.

    Parameters
    ----------
    described : list of Described
    study, design
        Sections of the plan.
    minimum : int
        Counts of people below this are hidden, and others that would give them away.
    """
    labels, people = {wave.name: wave.label for wave in design.waves}, escape(plural(design.people.noun))
    by_variable: dict[str, list[Described]] = {}
    for one in described:
        by_variable.setdefault(one.variable.name, []).append(one)
    sections = "\n".join(_section(parts, labels, minimum, capital(people)) for parts in by_variable.values())
    notice = f'<p class="notice">{escape(study.notice)}</p>' if study.notice else ""
    hidden = (
        f"Numbers of {people} from 1 to {minimum - 1} are shown as &lt;{minimum}; a dash stands for a number that "
        "would give one of them away. "
        if minimum > 1
        else ""
    )
    return f"""<!doctype html>
<html lang="en-GB">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Codebook: {escape(study.short_name)}</title><style>{tokens_css()}{_STYLE}</style></head>
<body>
<header>
<h1>Codebook: {escape(study.name)}</h1>
{notice}
<p>{len(by_variable)} variables of the clean data, in the order of the dictionary. {hidden}For the study's data team:
read beside the report, its totals could undo what the report hides.</p>
</header>
<main>
{sections}
</main>
</body>
</html>
"""


def _section(parts: list[Described], labels: dict[str, str], minimum: int, people: str) -> str:
    variable = parts[0].variable
    facts = [
        variable.type,
        *([f"allowed: {variable.allowed}"] if not variable.is_categorical else []),
        *([f"asked only where {variable.branching.text}"] if variable.branching else []),
        *([f"missing codes: {_pairs(variable)}"] if variable.missing else []),
        *([variable.note] if variable.note else []),
    ]
    tables = "\n".join(_table(one, labels, minimum, people) for one in parts)
    return (
        f'<section id="{escape(variable.name)}">\n<h2><code>{escape(variable.name)}</code> '
        f"{escape(variable.label)}</h2>\n<p>{escape('; '.join(facts))}</p>\n{tables}\n</section>"
    )


def _table(one: Described, labels: dict[str, str], minimum: int, people: str) -> str:
    counts: dict[Any, int] = {("value", name): n for name, n in one.values.items()}
    if not one.values:
        counts["value", "answered"] = one.present
    counts |= {("missing", reason): n for reason, n in one.missing.items()}
    states = protect(counts, [Sum(tuple(counts), one.rows)], minimum) if counts else {}
    texts = {key: _shown(n, states[key], minimum) for key, n in counts.items()}
    rows = []
    for (kind, name), text in texts.items():
        label = one.variable.choices.get(name, name) if kind == "value" else f"missing: {name}"
        shown = f"{name} ({label})" if kind == "value" and label != name else label
        mark = ' class="gap"' if kind == "missing" else ""
        rows.append(f'<tr{mark}><th scope="row">{escape(shown)}</th><td class="n">{text}</td></tr>')
    rows.append(f'<tr class="sum"><th scope="row">all</th><td class="n">{one.rows}</td></tr>')
    if one.quartiles is not None and one.present >= 4 * max(minimum, 1):
        low, middle, high = (f"{value:.4g}" for value in one.quartiles)
        rows.append(f'<tr><th scope="row">median (quartiles)</th><td class="n">{middle} ({low} to {high})</td></tr>')
    caption = escape(labels[one.wave]) if one.wave in labels else people
    return f"<table><caption>{caption}</caption>\n" + "\n".join(rows) + "\n</table>"


def _shown(count: int, state: str, minimum: int) -> str:
    if state == SHOWN:
        return str(count)
    return "–" if state == SECONDARY else f"&lt;{minimum}"


def _pairs(variable: Variable) -> str:
    return ", ".join(f"{code} {label}" for code, label in variable.missing.items())
