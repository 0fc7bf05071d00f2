"""The dictionary: what is read from REDCap's layout, and what is refused, all at once."""

import subprocess
import sys
from datetime import date

import pytest

from cpis_analysis.errors import DataError
from cpis_analysis.intake.dictionary.dictionary import read_dictionary
from cpis_analysis.plan.dictionary_columns import COLUMNS
from intake_study import VARIABLES, study_dictionary, write_study


def _refused(tmp_path, text):
    (tmp_path / "d.csv").write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_dictionary(tmp_path / "d.csv", "d.csv")
    return caught.value.problems


def _row(**cells):
    given = {"Variable / Field Name": "x", "Form Name": "f", "Field Type": "text", "Field Label": "X"} | cells
    return ",".join(f'"{given.get(column, "")}"' for column in COLUMNS)


HEADER = ",".join(f'"{column}"' for column in COLUMNS)
CHOICES = "Choices, Calculations, OR Slider Labels"
VALIDATION = "Text Validation Type OR Show Slider Number"
BRANCHING = "Branching Logic (Show field only if...)"


def test_dictionary_reads_every_part(tmp_path):
    write_study(tmp_path)
    known = study_dictionary(tmp_path)
    assert list(known) == [row[0] for row in VARIABLES]
    assert known.variable("score").type == "number"
    assert (known["score"].low, known["score"].high) == (0.0, 100.0)
    assert known["score"].missing == {"-9": "Missing", "-8": "Refused"}
    assert known["score"].waves == ("0m", "6m")
    assert known["interview_date"].type == "date"
    assert known["interview_date"].low == date(2018, 1, 1)
    assert known.choices("arm") == {"comparison": "Usual practice", "implementation": "New practice"}
    assert known.label("arm") == "Arm"
    assert known["help"].branching.variables() == ("supported",)
    assert [v.name for v in known.for_wave("0m")] == ["interview_date", "gender", "age", "score"]
    assert known["participant_id"].line == 2


def test_dictionary_reading_imports_no_pandas(tmp_path):
    write_study(tmp_path)
    code = (
        "import sys; from cpis_analysis.intake.dictionary.dictionary import read_dictionary; "
        f"read_dictionary({str(tmp_path / 'raw/dictionary.csv')!r}); "
        "print('pandas' in sys.modules, 'numpy' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "False False"


def test_dictionary_redcap_field_types(tmp_path):
    rows = [
        _row(**{"Variable / Field Name": "intro", "Field Type": "descriptive"}),
        _row(**{"Variable / Field Name": "yn", "Field Type": "yesno", BRANCHING: "[tick(a)] = '1'"}),
        _row(**{"Variable / Field Name": "tf", "Field Type": "truefalse"}),
        _row(**{"Variable / Field Name": "tick", "Field Type": "checkbox", CHOICES: "a, First | b, Second"}),
        _row(**{"Variable / Field Name": "sum", "Field Type": "calc", CHOICES: "[a]+[b]"}),
        _row(**{"Variable / Field Name": "day", VALIDATION: "date_dmy", "Text Validation Max": "today"}),
        _row(**{"Variable / Field Name": "free", "Field Type": "notes", "Identifier?": "y"}),
    ]
    (tmp_path / "d.csv").write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    known = read_dictionary(tmp_path / "d.csv")
    assert {v.name: v.type for v in known.values()} == {
        "yn": "yesno",
        "tf": "yesno",
        "tick___a": "yesno",
        "tick___b": "yesno",
        "sum": "number",
        "day": "date",
        "free": "text",
    }
    assert known["tick___b"].label == "X: Second"
    assert known["yn"].branching.tree.right.text == "yes"
    assert known["day"].high is None
    assert known["free"].identifier


def test_dictionary_unknown_variable_names_the_nearest(tmp_path):
    write_study(tmp_path)
    with pytest.raises(DataError, match="did you mean 'gender'"):
        study_dictionary(tmp_path).variable("gendre")


def test_dictionary_all_problems_at_once_with_lines(tmp_path):
    rows = [
        _row(**{"Variable / Field Name": "1bad"}),
        _row(**{"Variable / Field Name": "a", "Field Type": "radios"}),
        _row(**{"Variable / Field Name": "b", "Field Type": "radio"}),
        _row(**{"Variable / Field Name": "c", "Field Type": "radio", CHOICES: "1, One | 1, Two"}),
        _row(**{"Variable / Field Name": "d", VALIDATION: "integer", "Text Validation Min": "low"}),
        _row(
            **{
                "Variable / Field Name": "e",
                VALIDATION: "integer",
                "Text Validation Min": "5",
                "Text Validation Max": "1",
            }
        ),
        _row(
            **{
                "Variable / Field Name": "g",
                VALIDATION: "integer",
                "Text Validation Min": "0",
                "Text Validation Max": "10",
                "Missing Codes": "9, Missing",
            }
        ),
        _row(**{"Variable / Field Name": "h", BRANCHING: "[nobody] = '1'"}),
        _row(**{"Variable / Field Name": "i", BRANCHING: "[c] = 'two'"}),
        _row(**{"Variable / Field Name": "j", BRANCHING: "[c] === '1'"}),
        _row(**{"Variable / Field Name": "c"}),
        _row(**{"Variable / Field Name": "k", "Field Type": "radio", CHOICES: "9, Nine", "Missing Codes": "9, Gone"}),
        _row(**{"Variable / Field Name": "l", "Waves": "0m;0m"}),
    ]
    problems = _refused(tmp_path, "\n".join([HEADER, *rows]))
    found = {(p.line, p.variable) for p in problems}
    assert found == {
        (2, "1bad"),
        (3, "a"),
        (4, "b"),
        (5, "c"),
        (6, "d"),
        (7, "e"),
        (8, "g"),
        (9, "h"),
        (10, "i"),
        (11, "j"),
        (12, "c"),
        (13, "k"),
        (14, "l"),
    }
    assert all(p.file == "d.csv" for p in problems)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "no such file"),
        ("", "empty"),
        (HEADER + "\n", "no variable"),
        (HEADER.replace("Field Type", "Field type") + "\n", "'Field Type' is missing"),
        (HEADER + ',"Wave"\n', "'Wave' is not known"),
        (HEADER + ',"Waves"\n', "'Waves' stands 2 times"),
        (HEADER + "\n" + _row() + ",more\n", "21 cells where the header has 20"),
    ],
)
def test_dictionary_structural_fault_is_named(tmp_path, text, message):
    if text is not None:
        (tmp_path / "d.csv").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read_dictionary(tmp_path / "d.csv", "d.csv")
