"""The users' page says what the registry says."""

from pathlib import Path

import pytest

from cpis_analysis.instruments import INSTRUMENTS, check_settings
from cpis_analysis.instruments.instrument import COMMON_SETTINGS

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "instruments.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_documentation_has_every_instrument_setting_and_score(name):
    instrument = INSTRUMENTS[name]
    section = PAGE[PAGE.index(f"(`{name}`)") :].split("\n## ")[0]
    for setting in instrument.settings:
        assert f"`{setting.name}`" in section
        for choice in setting.choices:
            assert f"`{choice}`" in section
    for score in instrument.scores:
        assert f"`{score.name}`" in PAGE
        assert ("**Unverified.**" in section) or (score.verified and not score.note)


def test_documentation_has_every_common_setting():
    for setting in COMMON_SETTINGS:
        assert f"| `{setting.name}` |" in PAGE


def test_documentation_examples_are_accepted():
    yaml = pytest.importorskip("yaml")
    blocks = [part.split("```")[0] for part in PAGE.split("```yaml\n")[1:]]
    assert len(blocks) == 2
    for block in blocks:
        assert check_settings(yaml.safe_load(block)["scoring"]) == []
