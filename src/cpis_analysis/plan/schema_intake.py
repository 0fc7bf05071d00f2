"""Keys of the plan that say where the raw data lie and what cleaning may do to them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from cpis_analysis.plan.file_formats import format_names
from cpis_analysis.plan.schema_base import Choice, Months, Name, Part, RelativePath, Text, WaveName


class Source(Part):
    """One raw data file, or one sheet of a workbook."""

    file: RelativePath = Field(description="Path of the file, relative to the plan.")
    holds: Literal["participants", "interviews", "measurements", "long", "wide", "teams", "clusters", "themes"] = Field(
        description="participants: recruitment log, one row a person. interviews: one row an interview of one wave. "
        "measurements: the same, where people were not interviewed; the report then says seen. "
        "long: one row a person and wave, all waves in one file. wide: one row a person with all waves in columns "
        "named variable_wave. clusters, or teams: one row a smallest cluster. themes: coded focus-group themes."
    )
    wave: WaveName | None = Field(None, description="The wave of a file that holds one (`interviews`, `measurements`).")
    format: Annotated[str, Choice(lambda: ["auto", *format_names()])] = Field(
        "auto", description="Layout of the file (docs/formats.md). auto: told from the file itself, and reported."
    )
    sheet: Text | None = Field(None, description="Sheet of an Excel workbook; needed if it has several.")
    delimiter: Literal["auto", ",", ";", "\t", "|"] = Field(
        "auto", description="Column separator. auto: told from the header, and reported."
    )
    header_line: int | None = Field(
        None,
        ge=1,
        le=1000,
        description="Line of the file, or row of the sheet, that holds the names of the columns; "
        "what stands above it is not read. Default: the first that is not blank.",
    )
    totals: Literal["ask", "skip", "keep"] = Field(
        "ask",
        description="Rows of totals or means below the data. ask: they are set aside, with one question; skip: "
        "without a question; keep: they are read as any other row.",
    )
    merged_cells: Literal["refuse", "fill"] = Field(
        "refuse",
        description="Merged cells of a sheet, of which only the first holds the value. fill: cells merged "
        "downwards get its value, each with an audit line.",
    )
    date_cells: dict[Name, Literal["as_stored", "swapped"]] = Field(
        {},
        description="By variable: whether the true dates of a sheet are right as stored, or were typed with day "
        "and month the other way round (asked about where a column holds both true dates and dates as text).",
    )
    encoding: Literal["auto", "utf-8", "windows-1252"] = Field(
        "auto", description="Text encoding. auto: UTF-8, or Windows-1252 if the file can't be UTF-8; reported."
    )
    wave_column: Text | None = Field(
        None,
        description="Column of a long file that says of which wave a row is; REDCap's redcap_event_name "
        "is found without it.",
    )
    waves: dict[Text, WaveName | None] = Field(
        {},
        description="Wave by what stands in that column (REDCap: the event; event#2 is its second instance). "
        "null: rows about the person, which are of no wave. Default: the names and labels of the plan's waves.",
    )
    baseline_columns: dict[Name, Text] = Field(
        {},
        description="Long files whose rows are later waves only: by variable the column that holds its value at "
        "baseline, repeated in the rows of a person. It becomes the person's row of the first wave; rows of one person "
        "that do not agree are asked about as measurements that stand twice.",
    )
    numbers_like: Text | None = Field(
        None,
        description='A participant number as the recruitment log writes it, such as "001017" or CP001, where '
        "this file lost the zeros or letters in front: its numbers get them back where only one person can be meant.",
    )
    number_rows: bool = Field(
        False,
        description="The file has no column that names people: each row is another person, called by the source and "
        "its line. For the only file of people, wide or of a study with one wave.",
    )
    rename: dict[str, Name] = Field({}, description="Column names of the file that differ from the dictionary's.")
    ignore: list[Text] = Field([], description="Columns that are not read.")
    cases: dict[Text, dict[Name, Text]] = Field(
        {},
        description="For a matrix of themes by cases, as a matrix coding query of NVivo exports it: "
        "by the name of each column, the values of the variables that it is of, such as trust and arm.",
    )

    @property
    def kind(self) -> str:
        """What it is read as, by whichever of two words the plan says so."""
        return {"measurements": "interviews", "clusters": "teams"}.get(self.holds, self.holds)


class AgeAtInterview(Part):
    """Age in completed years, from a date of birth that goes no further."""

    born: Name = Field(description="Identifier that holds the date of birth.")
    at: Name = Field(description="Date at which the age is wanted, such as that of the interview.")


class Pseudonym(Part):
    """A number that links a person to other data sets without naming them: a keyed hash of identifiers."""

    variable: Name = Field("pseudonym", description="Name of the variable in the clean data.")
    of: list[Name] = Field(min_length=1, description="Identifiers that are hashed together, in this order.")
    salt_variable: Text = Field("CPIS_SALT", description="Environment variable that holds the secret salt.")
    salt_file: Text | None = Field(
        None,
        description="File that holds the salt where the environment variable is not set; it must lie outside "
        "the project's folder.",
    )


class Privacy(Part):
    """What becomes of identifiers. Those that the dictionary names never reach data/processed."""

    age: dict[Name, AgeAtInterview] = Field({}, description="Ages that are derived from a date of birth, by variable.")
    pseudonym: Pseudonym | None = Field(None, description="Pseudonym for linkage.")
    scan: bool = Field(
        True,
        description="Stop if the clean data hold something like an NHS number, postcode, e-mail address or "
        "telephone number.",
    )
    known_harmless: list[Name] = Field([], description="Variables that the scan leaves out.")


class Stages(Part):
    """Variables of the recruitment log that say how far a person came: yes/no, or a date that is filled in."""

    approached: Name | None = Field(None, description="Was asked to take part.")
    eligible: Name | None = Field(None, description="Could take part.")
    consented: Name | None = Field(None, description="Agreed to take part.")
    recruited: Name | None = Field(
        None,
        description="Was recruited. Others are counted in the flow and are not in the clean data. Default: "
        "everybody in the log was.",
    )
    allocated: Name | None = Field(None, description="Was allocated to a group, or joined one.")
    reason: Name | None = Field(None, description="Why a person was not recruited.")


class Data(Part):
    """Where the raw data lie. They are never written."""

    dictionary: RelativePath = Field(description="Data dictionary in REDCap's layout with Missing Codes and Waves.")
    checksums: RelativePath | None = Field(None, description="SHA256SUMS of the raw files; checked on every run.")
    sources: dict[Name, Source] = Field(min_length=1, description="The raw files, by a name that the audit trail uses.")
    corrections: RelativePath | list[RelativePath] = Field(
        [],
        description="Answered queries (workbooks, or CSV), one file or a list of all rounds: corrections that are "
        "applied before any rule.",
    )
    withdrawn: RelativePath | None = Field(
        None,
        description="File with the numbers (column id) of people who withdrew consent to the use of their data, "
        "and when (column date): none of their rows is read. Keep it in data/raw; the plan itself is shared, so it "
        "can't hold the numbers.",
    )
    stages: Stages = Field(Stages(), description="How far people came before they were first seen.")
    privacy: Privacy = Field(Privacy(), description="What becomes of identifiers.")

    @field_validator("withdrawn", mode="before")
    @classmethod
    def _names_a_file(cls, value: object) -> object:
        if value is None or isinstance(value, str):
            return value
        raise ValueError(
            "name a file here, such as data/raw/withdrawn.csv; the plan is shared and copied into "
            "archives, so the numbers of people who withdrew can't stand in it"
        )

    @property
    def correction_files(self) -> list[str]:
        """Files of answers, in the plan's order."""
        return [self.corrections] if isinstance(self.corrections, str) else list(self.corrections)


class Window(Part):
    """When a follow-up is on time, in months after baseline."""

    earliest: Months = Field(5, description="Earliest month.")
    latest: Months = Field(8, description="Latest month.")


class Match(Part):
    """Categories whose misspellings may be read."""

    threshold: float = Field(0.85, ge=0.5, le=1, description="How alike (0 to 1) a text must be to a single category.")


class SetMissing(Part):
    """Answers that are known to be wrong."""

    variables: list[Name] = Field(min_length=1, description="Variables whose values are set missing.")
    where: Text = Field(description="Condition in REDCap's notation, such as [interviewer] = '7'.")
    reason: Text = Field(description="Why; it stands in the audit trail.")


class DateWindow(Part):
    """How far a date may lie from another."""

    after: Name = Field(description="The other date.")
    earliest_days: int = Field(0, description="Fewest days after it (negative: before).")
    latest_days: int | None = Field(None, description="Most days after it.")
    outside: Literal["set_missing", "ask"] = Field(
        "set_missing", description="set_missing: the date is set missing and asked about; ask: it is asked about."
    )


class Consistent(Part):
    """A condition that must hold between answers, also of several waves; where it does not, it is asked."""

    holds: Text = Field(description="Condition in REDCap's notation; [6m][age] is the answer at wave 6m.")
    question: Text = Field(description="What the data manager is asked where the condition is false.")


class Cleaning(Part):
    """What may be repaired without asking; all else becomes a query. The order of the rules is fixed."""

    date_formats: list[Literal["iso", "dmy", "mdy"]] = Field(
        ["iso", "dmy"], min_length=1, description="Accepted orders of day and month, tried in this order."
    )
    decimal_comma: bool = Field(True, description="Read 72,5 as 72.5.")
    number_words: bool = Field(True, description="Read numbers that are written out (seventy).")
    missing_texts: list[Text] = Field(
        ["NA", "N/A", "n.a.", "#N/A", "<NA>", "NULL", "(null)", "\\N", "NaN", "NaT", ".", "-", "--"],
        description="Texts that stand for no answer in the whole study, in capital or small letters, as the whole "
        "cell. Not in free text, and not where they are a code or label of the variable. A list in the plan takes the "
        "place of this one.",
    )
    date_numbers: dict[Name, Literal["excel", "excel_1904", "spss", "stata", "r"]] = Field(
        {},
        description="By date that lost its format and stands as numbers: what they count. excel: days since 1900; "
        "excel_1904: days since 1904; spss: seconds since 1582; stata: days since 1960 (SAS too); r: days since 1970.",
    )
    recode: dict[Name, dict[Text, str]] = Field(
        {}, description="By variable: what is delivered, and the value that it stands for ('' for missing)."
    )
    match: dict[Name, Match] = Field({}, description="Categories whose misspellings may be read, by variable.")
    match_threshold: float = Field(
        0.8, ge=0.5, le=1, description="How alike (0 to 1) a misspelt cluster must be to a single known one."
    )
    duplicates: Literal["query", "first", "last", "latest"] = Field(
        "query",
        description="Rows of one person and wave that stand twice with different content. query: keep one row, set the "
        "cells that differ missing and ask; first or last: keep that row of the file; latest: keep the row with the "
        "latest date of the interview or measurement (where dates are equal or missing: query).",
    )
    set_missing: list[SetMissing] = Field([], description="Answers that are known to be wrong.")
    constant: list[Name] = Field(
        [], description="Variables that cannot change between waves; a change keeps baseline and becomes a query."
    )
    followup_window: Window = Field(Window(), description="When a follow-up is on time; others are kept and flagged.")
    date_windows: dict[Name, DateWindow] = Field({}, description="How far dates may lie from others, by variable.")
    skip_logic: bool = Field(True, description="Set answers missing whose branching logic is false, and ask.")
    consistent: list[Consistent] = Field([], description="Conditions that must hold between answers.")
