"""Keys of the report that say what its questions, teams and focus groups are; the words stand in the dictionary."""

from __future__ import annotations

from pydantic import Field

from cpis_analysis.plan.schema_base import Name, Part, Points, Text


class Fidelity(Part):
    """How closely a team worked to the model; without this key the report has no such section."""

    variable: Name = Field(description="Numeric variable of clusters, one of design.team_characteristics.")
    phrase: Text | None = Field(
        None, description='What higher fidelity is, as in "teams were closer to the model". Default: "higher in ..."'
    )
    rated_by: Text | None = Field(
        None, description='Who rated it, and when, as the end of "Rated by ...". Without it the report says so.'
    )
    high: Points | None = Field(None, description="Value from which fidelity counts as high.")
    high_source: Text | None = Field(None, description="Where that value comes from.")


class SingledOut(Part):
    """Teams that did something of their own, such as holding the training: told beside all others, in bands."""

    variable: Name = Field(description="Variable of clusters with choices, one of design.team_characteristics.")
    code: Text = Field(description='Its code that singles a cluster out, such as "yes".')
    label: Text = Field(description='What these clusters are called, such as "the team that ran the training".')
    did: Text | None = Field(
        None, description='What they did, as the end of "1 of 5 teams ...": "ran the training". Default: the label.'
    )
    bands: list[float] = Field(
        [0.4, 0.6],
        min_length=1,
        max_length=4,
        description="Where shares are parted into bands, in increasing order. Bands that would leave a count of "
        "people fewer than three values are not printed; halves are tried instead.",
    )


class Implementation(Part):
    """What was done of the intervention, and whom it reached: told before the outcomes."""

    fidelity: Fidelity | None = Field(None, description="Fidelity of clusters.")
    reached: Name | None = Field(
        None, description="Variable of report.experience that asks people whether the intervention reached them."
    )
    reached_phrase: Text | None = Field(
        None, description='What those who say yes had, as the end of "fewer than 1 in 4 ...": "had it explained".'
    )
    supported: Name | None = Field(
        None, description="Variable of report.experience that asks people whether they got the support."
    )
    supported_phrase: Text | None = Field(
        None, description='Likewise for the support: "about half had help to connect with people".'
    )
    singled_out: SingledOut | None = Field(
        None, description="Teams whose answers to `supported` are set beside those of the others."
    )
    activities: list[Name] = Field(
        [], description="Yes/no variables asked at follow-up, shown together: one bar each, all groups pooled."
    )
    details: list[Name] = Field(
        [], description="Variables with choices asked at follow-up, shown with the activities, all groups pooled."
    )


class FocusGroups(Part):
    """What is known of the focus groups beside the coded themes; what the coded file says itself goes first."""

    groups: int | None = Field(None, ge=1, description="Number of focus groups.")
    people: int | None = Field(None, ge=1, description="Number of practitioners in them.")
    asked_of: dict[Text, list[Text]] = Field(
        {},
        description="By theme: codes of the arms in which it was asked about. Elsewhere it is not applicable, which is "
        "not the same as never mentioned. Default: where a file of counts has rows of the theme.",
    )
    quotations: dict[Text, list[Text]] = Field(
        {}, description="By theme: references of cleared quotations, such as Q12. The words themselves stay with you."
    )
