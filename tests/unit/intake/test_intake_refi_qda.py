"""REFI-QDA projects: what programs write differently is read alike, and what a file should not hold is refused."""

import zipfile

import pytest

from cpis_analysis.intake.files.read_file import read_file
from cpis_analysis.plan.schema import Source

HEAD = '<?xml version="1.0" encoding="utf-8"?>'
CODES = (
    '<CodeBook><Codes><Code guid="{c0}" name="Barriers"><Code guid="{c1}" name="High caseload"/></Code>'
    "</Codes></CodeBook>"
)
USERS = '<Users><User guid="{u1}" name="Ann"/></Users>'
VARIABLES = '<Variables><Variable guid="{v1}" name="trust"/><Variable guid="{v2}" name="arm"/></Variables>'
VALUES = (
    '<VariableValue><VariableRef targetGUID="{v1}"/><TextValue>A</TextValue></VariableValue>'
    '<VariableValue><VariableRef targetGUID="{v2}"/><TextValue>comparison</TextValue></VariableValue>'
)
CODING = '<Coding guid="x" creatingUser="{u1}"><CodeRef targetGUID="{c1}"/></Coding>'
TEXT = '<PlainTextSelection guid="p" startPosition="3" endPosition="20">' + CODING + "</PlainTextSelection>"

# name of the archive's file, namespace, identifiers, and whether a case or the source itself knows the variables
PROGRAMS = {
    "NVivo": ("project.qde", "urn:QDA-XML:project:1.0", lambda name: f"{name:0<8}-0000-4000-8000-000000000000", True),
    "MAXQDA": ("project.qde", "urn:QDA-XML:project:1.0", lambda name: f"{{{name.upper()}}}", False),
    "ATLAS.ti": ("My project.qde", "urn:QDA-XML:project:1.5", str.upper, False),
    "Quirkos": ("Project.QDE", "", str, True),
}
IDS = ("c0", "c1", "u1", "v1", "v2", "s1")


def project(program="Quirkos", sources=None, more=""):
    """The XML of one program; its references are written in small letters whatever the identifiers are."""
    _, space, write, by_case = PROGRAMS[program]
    own = "" if by_case else VALUES
    body = sources or f'<TextSource guid="{{s1}}" name="Group 1">{own}{TEXT}</TextSource>'
    cases = f'<Cases><Case guid="k" name="k">{VALUES}<SourceRef targetGUID="{{s1}}"/></Case></Cases>' if by_case else ""
    text = f"{USERS}{CODES}{VARIABLES}{cases}<Sources>{body}</Sources>{more}"
    for name in IDS:
        text = text.replace(f'targetGUID="{{{name}}}"', f'targetGUID="{write(name).lower()}"')
        text = text.replace(f'"{{{name}}}"', f'"{write(name)}"')
    named = f' xmlns="{space}"' if space else ""
    return f'{HEAD}<Project{named} name="p" origin="{program}">{text}</Project>'


def delivered(path, content, name="project.qde"):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, content)
    return read_file(path, Source(file=path.name, holds="themes", format="auto"))


@pytest.mark.parametrize("program", PROGRAMS)
def test_projects_of_all_programs_give_the_same_codings(tmp_path, program):
    found, problems = delivered(tmp_path / "a.qdpx", project(program), PROGRAMS[program][0])
    assert problems == []
    assert found.format == "refi_qda"
    rows = {name: cells.tolist() for name, cells in zip(found.header, found.columns, strict=True)}
    assert rows == {
        "theme": ["High caseload"],
        "n_mentions": ["1"],
        "document": ["Group 1"],
        "segment": ["3-20"],
        "coder": ["Ann"],
        "trust": ["A"],
        "arm": ["comparison"],
    }
    assert found.remarks == (f"REFI-QDA project of {program}", "1 codings in 1 of 1 sources")


@pytest.mark.parametrize(
    ("source", "segment"),
    [
        (f'<TextSource guid="{{s1}}" name="g">{CODING}</TextSource>', ""),
        (
            f'<AudioSource guid="{{s1}}" name="g"><Transcript guid="t"><TranscriptSelection guid="p" '
            f'fromSyncPoint="a" toSyncPoint="b">{CODING}</TranscriptSelection></Transcript></AudioSource>',
            "a-b",
        ),
        (
            f'<PDFSource guid="{{s1}}" name="g"><PDFSelection guid="p" page="2" firstX="1" firstY="2" secondX="3" '
            f'secondY="4">{CODING}</PDFSelection></PDFSource>',
            "2,1,2,3,4",
        ),
        (f'<PDFSource guid="{{s1}}" name="g"><Representation guid="r">{TEXT}</Representation></PDFSource>', "3-20"),
        (
            f'<VideoSource guid="{{s1}}" name="g"><VideoSelection guid="p" begin="10" end="90">{CODING}'
            "</VideoSelection></VideoSource>",
            "10-90",
        ),
    ],
)
def test_codings_stand_in_texts_recordings_and_pages(tmp_path, source, segment):
    found, problems = delivered(tmp_path / "a.qdpx", project(sources=source))
    assert problems == []
    assert found.columns[3].tolist() == [segment]


def test_project_outside_an_archive_and_with_sources_first_is_known_by_itself(tmp_path):
    (tmp_path / "a.qde").write_text(project("NVivo"), encoding="utf-8")
    assert read_file(tmp_path / "a.qde", Source(file="a.qde", holds="themes"))[0].format == "refi_qda"
    with zipfile.ZipFile(tmp_path / "b.qdpx", "w") as archive:
        archive.writestr("Sources/1.txt", "what was said")
        archive.writestr("project.qde", project("NVivo"))
    found, _ = read_file(tmp_path / "b.qdpx", Source(file="b.qdpx", holds="themes"))
    assert len(found) == 1
    assert "what was said" not in str(found.columns)


# a case that is a code, as an export of NVivo for Windows nests codes and leaves the text beside the project
CASE_CODES = (
    '<CodeBook><Codes><Code guid="c1" name="High caseload"/><Code guid="k1" name="North"/>'
    '<Code guid="n2" name="South"/></Codes></CodeBook>'
)
SOUTH = VALUES.replace(">A<", ">B<").replace("{v1}", "v1").replace("{v2}", "v2")


def selected(first, last, code, guid):
    coding = f'<Coding guid="{guid}x"><CodeRef targetGUID="{code}"/></Coding>'
    return (
        f'<PlainTextSelection guid="{guid}" startPosition="{first}" endPosition="{last}">{coding}</PlainTextSelection>'
    )


def cases_as_codes(*selections, south='<CodeRef targetGUID="n2"/>'):
    north = VALUES.replace("{v1}", "v1").replace("{v2}", "v2")
    cases = f'<Cases><Case guid="k1" name="North">{north}</Case><Case guid="k2">{south}{SOUTH}</Case></Cases>'
    variables = VARIABLES.replace("{v1}", "v1").replace("{v2}", "v2")
    source = f'<TextSource guid="s1" name="Groups" plainTextPath="internal://s1.txt">{"".join(selections)}</TextSource>'
    inner = f"{CASE_CODES}{variables}{cases}<Sources>{source}</Sources>"
    return f'{HEAD}<Project xmlns="urn:QDA-XML:project:1.0">{inner}</Project>'


def test_coding_with_a_case_says_whose_the_part_is_and_is_no_theme(tmp_path):
    content = cases_as_codes(
        selected(0, 100, "k1", "a"),
        selected(100, 200, "n2", "b"),
        selected(10, 20, "c1", "d"),
        selected(150, 160, "c1", "e"),
        selected(90, 110, "c1", "f"),
    )
    found, problems = delivered(tmp_path / "a.qdpx", content)
    assert problems == []
    rows = {name: cells.tolist() for name, cells in zip(found.header, found.columns, strict=True)}
    assert rows["theme"] == ["High caseload"] * 3
    # what lies across both is nobody's for certain
    assert rows["trust"] == ["A", "B", ""]
    assert rows["arm"] == ["comparison", "comparison", ""]


def test_value_on_which_overlapping_cases_differ_is_not_known(tmp_path):
    content = cases_as_codes(selected(0, 100, "k1", "a"), selected(0, 100, "n2", "b"), selected(10, 20, "c1", "d"))
    found, _ = delivered(tmp_path / "a.qdpx", content)
    rows = {name: cells.tolist() for name, cells in zip(found.header, found.columns, strict=True)}
    assert (rows["trust"], rows["arm"]) == ([""], ["comparison"])


def test_case_may_refer_to_a_selection(tmp_path):
    content = cases_as_codes(selected(10, 20, "c1", "d"), south='<SelectionRef targetGUID="d"/>').replace(
        '<CodeRef targetGUID="n2"/>', ""
    )
    # the schema puts references to selections behind the values
    content = content.replace(f'<SelectionRef targetGUID="d"/>{SOUTH}', f'{SOUTH}<SelectionRef targetGUID="d"/>')
    found, _ = delivered(tmp_path / "a.qdpx", content)
    rows = {name: cells.tolist() for name, cells in zip(found.header, found.columns, strict=True)}
    assert rows["trust"] == ["B"]


DOCTYPE = '<!DOCTYPE Project [<!ENTITY a "b">]>'
OTHER_CASE = f'<Case guid="j" name="j">{VALUES.replace(">A<", ">B<")}<SourceRef targetGUID="{{s1}}"/></Case>'
for _name in IDS:
    OTHER_CASE = OTHER_CASE.replace(f"{{{_name}}}", _name)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (f'{HEAD}{DOCTYPE}<Project xmlns="urn:QDA-XML:project:1.0">&a;</Project>', "document type"),
        (f'{HEAD}<CodeBook xmlns="urn:QDA-XML:codebook:1.0"><Codes/></CodeBook>', "is a codebook"),
        (f"{HEAD}<Other/>", "is no REFI-QDA project"),
        (f"{HEAD}<Project", "is no readable XML"),
        ("", "is no readable XML"),
        (f"{HEAD}{'<a>' * 300}{'</a>' * 300}", "nested too deeply"),
        (project(sources='<TextSource guid="s1" name="g"/>'), "has no codings"),
        (project().replace('CodeRef targetGUID="c1"', 'CodeRef targetGUID="c9"'), "codes that the project does not"),
        (project().replace("</Cases>", f"{OTHER_CASE}</Cases>"), "two values of a variable"),
    ],
)
def test_what_is_no_project_is_one_problem_and_never_an_exception(tmp_path, content, said):
    found, problems = delivered(tmp_path / "a.qdpx", content)
    assert found is None
    assert {said in problem.message for problem in problems} == {True}


def test_archive_without_a_project_or_cut_off_is_refused(tmp_path):
    found, problems = delivered(tmp_path / "a.qdpx", "x", "sources/only.txt")
    assert found is None
    assert "has no project" in problems[0].message
    delivered(tmp_path / "b.qdpx", project())
    whole = (tmp_path / "b.qdpx").read_bytes()
    (tmp_path / "b.qdpx").write_bytes(whole[: len(whole) // 2])
    assert read_file(tmp_path / "b.qdpx", Source(file="b.qdpx", holds="themes"))[0] is None
