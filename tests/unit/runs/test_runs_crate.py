"""RO-Crate 1.1: what the plan gives of authors, date, licence and publisher stands in the crate as it asks for it."""

import subprocess
import sys
from pathlib import Path

import pytest

from cpis_analysis.files import write_json, write_text
from cpis_analysis.runs.crate import crate_metadata

VALIDATOR = "roc-validator==0.13.0"
KNOWN = {
    "authors": [
        {"name": "A", "orcid": "0000-0002-1825-0097", "affiliation": "York", "group": False},
        {"name": "B", "orcid": None, "affiliation": "York", "group": False},
        {"name": "Team", "orcid": None, "affiliation": None, "group": True},
    ],
    "published": "2026-11-30",
    "licence": {"name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"},
    "publisher": {"name": "P", "url": "https://example.org/"},
}


def made(**given):
    return crate_metadata(
        name="Findings",
        description="What was found",
        credits={"authors": [], "published": None, "licence": None, "publisher": None} | given,
        outputs={"estimates.csv": "ab"},
        inputs={"data/raw/dictionary.csv": "d", "data/raw/people.csv": ""},
        versions={"python": "3.11"},
        plan_digest="p",
        sizes={"estimates.csv": 3},
    )


def entities(crate):
    return {entity["@id"]: entity for entity in crate["@graph"]}


def test_crate_has_what_the_specification_asks_of_its_root():
    """RO-Crate 1.1, root data entity: name, description, datePublished and license are a must."""
    found = entities(made(**KNOWN))
    root = found["./"]
    assert root["datePublished"] == "2026-11-30"
    assert found[root["license"]["@id"]]["name"] == "CC BY 4.0"
    assert found[root["publisher"]["@id"]]["@type"] == "Organization"
    first, second, team = (found[author["@id"]] for author in root["author"])
    assert first["@id"] == "https://orcid.org/0000-0002-1825-0097"
    assert first["affiliation"] == second["affiliation"]
    assert found[second["affiliation"]["@id"]]["name"] == "York"
    assert (first["@type"], team["@type"]) == ("Person", "Organization")
    assert {"name", "description"} <= root.keys()


def test_crate_says_nothing_that_the_plan_does_not_give():
    root = entities(made())["./"]
    assert not {"author", "datePublished", "license", "publisher"} & root.keys()


@pytest.mark.slow
def test_crate_is_valid_for_rocrate_validator(tmp_path):
    """Every check of RO-Crate 1.1 that is a must or a should, by a validator that is not ours."""
    script = Path(__file__).parents[2] / "material" / "validate_crate.py"
    uv = Path(sys.executable).with_name("uv")
    command = [str(uv), "run", "--quiet", "--no-project", "--with", VALIDATOR, "--python", sys.executable, "python"]
    if not uv.exists() or subprocess.run([*command, "-c", "import rocrate_validator"], check=False).returncode:
        pytest.skip("uv can't install the validator here")
    write_text(tmp_path / "estimates.csv", "a,b")

    def issues(crate):
        write_json(tmp_path / "ro-crate-metadata.json", crate)
        return subprocess.run(
            [*command, str(script), str(tmp_path)], check=False, capture_output=True, text=True
        ).stdout

    # names of groups and places have no address of their own, which is allowed
    assert set(issues(made(**KNOWN)).splitlines()) == {
        "RECOMMENDED: ro-crate-1.1_31.2: The organization SHOULD have a URL."
    }
    # and it would tell
    assert "MUST have a `license` property" in issues(made())
