"""Word documents carry their key numbers as properties, as the report prints them."""

import io
import zipfile
from dataclasses import replace
from xml.etree import ElementTree

from cpis_analysis.publish.forms.word import to_docx
from cpis_analysis.report.key_numbers import key_numbers
from cpis_analysis.report.layout import front_matter
from report_material import result, team_content

TYPES = "{http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes}"


def test_key_numbers_are_those_of_the_headlines():
    content = team_content(flow={"overall": {"recruited": 1059, "baseline": 151, "followup": 127}})
    found = dict(key_numbers(content))
    assert found["people_recruited"] == "1,059"
    assert (found["score_difference"], found["score_low"], found["score_high"]) == ("1.20", "−0.80", "3.20")
    assert (found["score_interval"], found["score_level"], found["score_people"]) == ("−0.80 to 3.20", "95%", "120")
    assert found["mood_p"] == "0.150"
    lost = replace(content, results=[result(converged=False)])
    assert not [name for name in dict(key_numbers(lost)) if name.startswith("score")]


def test_word_document_holds_the_key_numbers_by_name():
    content = team_content()
    front = front_matter(content)
    made = to_docx(replace(front, properties=(*front.properties, ("a & b", "<1"))), {})
    with zipfile.ZipFile(io.BytesIO(made)) as package:
        root = ElementTree.fromstring(package.read("docProps/custom.xml"))
        assert "custom-properties+xml" in package.read("[Content_Types].xml").decode()
        assert "docProps/custom.xml" in package.read("_rels/.rels").decode()
    read = {entry.get("name"): entry.find(f"{TYPES}lpwstr").text for entry in root}
    assert read == dict(key_numbers(content)) | {"a & b": "<1"}
    assert [entry.get("pid") for entry in root] == [str(place) for place in range(2, len(root) + 2)]
