"""Keys of the plan for what the authors say themselves: their names, the licence, and their own text."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field, GetJsonSchemaHandler, StringConstraints, model_validator
from pydantic_core import CoreSchema

from cpis_analysis.plan.schema_base import Part, Text

Prose = Annotated[str, StringConstraints(min_length=1, max_length=8000)]
"""Markdown: paragraphs, headings, lists, emphasis, code and links; everything else is shown as it is written."""
Address = Annotated[str, StringConstraints(pattern=r"^https?://\S{3,300}$")]
_ORCID = r"^\d{4}-\d{4}-\d{4}-\d{3}[\dX]$"


class Author(Part):
    """One author."""

    name: Text = Field(description="Name, as it stands under the title.")
    orcid: Annotated[str, StringConstraints(pattern=_ORCID)] | None = Field(
        None, description="ORCID iD without the address, such as 0000-0002-1825-0097."
    )
    affiliation: Text | None = Field(None, description="Where the author works.")
    group: bool = Field(False, description="true: the name is that of a group or organisation.")

    @model_validator(mode="before")
    @classmethod
    def _by_name(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"type": "string", "minLength": 1, "maxLength": 2000}, handler(schema)]}


class Licence(Part):
    """What others may do with the results."""

    name: Text = Field(description="Name of the licence, such as CC BY 4.0.")
    url: Address = Field(description="Address of its text, such as https://creativecommons.org/licenses/by/4.0/.")


class Publisher(Part):
    """Who publishes the results."""

    name: Text = Field(description="Name of the organisation.")
    url: Address = Field(description="Its address.")


class Intervention(Part):
    """The intervention after TIDieR (Hoffmann et al. 2014, BMJ 348:g1687), whose items the keys follow."""

    name: Prose | None = Field(None, description="Item 1: what it is called, or a phrase that describes it.")
    why: Prose | None = Field(None, description="Item 2: reasons, theory or goal of what is essential to it.")
    materials: Prose | None = Field(None, description="Item 3: materials, and where they can be had.")
    procedures: Prose | None = Field(None, description="Item 4: what was done.")
    providers: Prose | None = Field(None, description="Item 5: who provided it, with what training.")
    delivery: Prose | None = Field(None, description="Item 6: how, such as face to face, alone or in a group.")
    places: Prose | None = Field(None, description="Item 7: where.")
    amount: Prose | None = Field(None, description="Item 8: when and how much.")
    tailoring: Prose | None = Field(None, description="Item 9: what was meant to be adapted to people.")
    modifications: Prose | None = Field(None, description="Item 10: what was changed during the study.")
    fidelity: Prose | None = Field(
        None, description="Item 11: how it was to be made sure that it was delivered as meant; who rated it."
    )


_ALL_TEXTS = 40_000
"""A step is given the plan in one argument of a command, which systems cut at 128 kB."""


class Texts(Part):
    """The authors' own text, as Markdown."""

    so_what: Prose | None = Field(None, description="One or two sentences for the first screen: what follows.")
    plain_background: Prose | None = Field(
        None, description="For the summary in plain English: why the study was done, in words for everybody."
    )
    plain_meaning: Prose | None = Field(None, description="For the same: what the findings mean.")
    abstract_background: Prose | None = Field(None, description="For the scientific abstract; about 60 words.")
    background: Prose | None = Field(None, description="Scientific background and reasons for the study.")
    objectives: Prose | None = Field(None, description="Objectives and hypotheses.")
    intervention: Intervention = Field(Intervention(), description="The intervention, item by item of TIDieR.")
    usual_practice: Prose | None = Field(None, description="What the other group received.")
    context: Prose | None = Field(None, description="Where it was implemented, what may help or hinder, and changes.")
    sites: Prose | None = Field(None, description="How sites were chosen, trained and supported.")
    participants: Prose | None = Field(None, description="Who was eligible, how and where people were recruited.")
    data_collection: Prose | None = Field(None, description="How data were collected and their quality assured.")
    sample_size: Prose | None = Field(None, description="Calculation made before the study, or reasons without one.")
    allocation: Prose | None = Field(
        None, description="How groups were formed, and what was done against bias from it."
    )
    blinding: Prose | None = Field(None, description="Who knew the group, and how that was checked.")
    economics: Prose | None = Field(None, description="Costs and economic evaluation, or why there is none.")
    harms: Prose | None = Field(None, description="Harms and unintended effects in each group.")
    interpretation: Prose | None = Field(None, description="What the results mean.")
    generalisability: Prose | None = Field(None, description="To whom and where the findings apply.")
    other_evidence: Prose | None = Field(None, description="The findings beside what was known.")
    implications: Prose | None = Field(None, description="What follows for policy, practice and research.")
    funding: Prose | None = Field(None, description="Who paid, and what part they had.")
    registration: Prose | None = Field(None, description="Registry, number and date; where the protocol is.")
    ethics: Prose | None = Field(None, description="Approval and consent.")
    interests: Prose | None = Field(None, description="Competing interests.")
    data_access: Prose | None = Field(None, description="Where data, code and materials can be had.")
    acknowledgements: Prose | None = Field(None, description="Thanks.")

    @model_validator(mode="after")
    def _in_one_argument(self) -> Self:
        length = len(self.model_dump_json(exclude_none=True, ensure_ascii=True))
        if length > _ALL_TEXTS:
            raise ValueError(f"the texts have {length} characters, and {_ALL_TEXTS} is the most for all together")
        return self
