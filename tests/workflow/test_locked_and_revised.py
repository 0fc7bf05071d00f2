"""A locked plan that is edited afterwards: what the report says of it, and what two git revisions differ in."""

from __future__ import annotations

import json
import re
import subprocess

import pytest

from test_commands_workflow import cpis

pytestmark = pytest.mark.workflow

FORMULA = '"{outcome}_6m ~ arm + {outcome}_0m + age + gender + trust + (1 | trust:team)"'
REASON = "Gender <b>was not</b> asked in two trusts."


def git(project, *arguments):
    command = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false", *arguments]
    subprocess.run(command, cwd=project.study, check=True, capture_output=True)


def keep(project, said):
    """A revision that holds the plan and the results."""
    git(project, "add", "--force", "config.yaml", "results")
    git(project, "commit", "--quiet", "--message", said)


@pytest.mark.slow
def test_lock_and_two_revisions_tell_what_was_changed_and_what_moved(copied):
    git(copied, "init", "--quiet")
    keep(copied, "as planned")
    cpis(copied, "lock", "--date", "2018-02-01")
    git(copied, "add", "plan.lock.json")
    git(copied, "commit", "--quiet", "--message", "locked")
    plan = (copied.study / "config.yaml").read_text(encoding="utf-8")
    told = f'\ndeviations:\n  - {{key: models.trust_fixed.formula, reason: "{REASON}", date: 2018-09-03}}\n'
    edited = plan.replace(FORMULA, FORMULA.replace(" + gender", "")) + told
    # the primary outcome's headline, too
    edited = edited.replace(
        "models: [ancova, trust_fixed, team_only, change, longitudinal, cr2_trust, cr2_team, "
        "cluster_t, cluster_t_paired,",
        "models: [trust_fixed, ancova, team_only, change, "
        "longitudinal, cr2_trust, cr2_team, cluster_t, cluster_t_paired,",
    )
    assert edited.count("gender") == plan.count("gender") - 1
    (copied.study / "config.yaml").write_text(edited, encoding="utf-8", newline="")
    assert "build_report" in copied.run().jobs

    report = copied.study / "results" / "report"
    page = "".join((report / f"{name}.html").read_text(encoding="utf-8") for name in ("findings", "annex"))
    section = page[page.index('id="deviations"') :]
    section = section[: section.index("</section>")]
    assert "models.trust_fixed.formula" in section
    assert "Gender &lt;b&gt;was not&lt;/b&gt; asked" in section
    text = " ".join(re.sub(r"<[^>]+>", "", page).split())
    assert "The plan was locked on 2018-02-01 (the file was written on " in text
    assert re.search(r"in version control since \d{4}-\d\d-\d\d \(commit [0-9a-f]{10}\), never changed since", text)
    assert (
        "Planned and done. The primary analysis differs from the one that was locked on 2018-02-01: changed since "
        "are outcomes.rguk.models and models.trust_fixed.formula"
    ) in text
    assert "results of an earlier run were there already" in text
    assert "chosen before the results" not in text
    keep(copied, "as changed")
    found = json.loads(cpis(copied, "diff", "HEAD~1", "HEAD", "--json"))
    moved = {change["analysis"] for change in found["analyses"] if change["status"] == "moved"}
    assert moved
    assert {name.split(".")[1] for name in moved} == {"trust_fixed"}
    causes = json.dumps(found["causes"])
    assert "models.trust_fixed.formula" in causes
    assert "gender" in causes
    assert cpis(copied, "diff", "HEAD~1", "results", "--html", "moved.html")
    assert "trust_fixed" in (copied.study / "moved.html").read_text(encoding="utf-8")
