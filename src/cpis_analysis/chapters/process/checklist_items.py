"""Items of reporting guidelines in our own words, and the sections that answer them.

Numbers of items are those of the guidelines; the wording is ours and does not replace them. Sources: TREND (Des
Jarlais et al. 2004, Am J Public Health 94:361), StaRI (Pinnock et al. 2017, BMJ 356:i6795), CONSORT extension for
cluster trials (Campbell et al. 2012, BMJ 345:e5661).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    """One item of a guideline.

    Attributes
    ----------
    number, topic, asked : str
    sections : tuple of str
        Sections of the report that hold an answer, or a part of it.
    authors : str
        What the authors have to write themselves; empty if the report says it all.
    texts : tuple of str
        Keys of ``report.texts`` that hold it.
    computed : str
        Summary that answers it where the study has one, so that nothing is left to the authors.
    alone : str
        What is asked where people were allocated one by one, if that is something else.
    """

    number: str
    topic: str
    asked: str
    sections: tuple[str, ...] = ()
    authors: str = ""
    texts: tuple[str, ...] = ()
    computed: str = ""
    alone: str = ""


TREND = (
    Item(
        "1",
        "Title and abstract",
        "How people were allocated; structured abstract; target population.",
        ("key-findings",),
        "Title and abstract of the publication.",
        texts=("abstract_background",),
    ),
    Item(
        "2",
        "Background",
        "Scientific background, reasons for the study, theory behind the intervention.",
        (),
        "Background.",
        texts=("background",),
    ),
    Item(
        "3",
        "Participants",
        "Who was eligible, how and where they were recruited and seen.",
        ("participants",),
        "Criteria, recruitment and settings.",
        texts=("participants",),
    ),
    Item(
        "4",
        "Interventions",
        "What each group received, from whom, where, how much and for how long.",
        ("design",),
        "Description of the intervention and of usual practice.",
        texts=("intervention", "usual_practice"),
    ),
    Item("5", "Objectives", "Objectives and hypotheses.", ("methods",), "Hypotheses.", texts=("objectives",)),
    Item(
        "6",
        "Outcomes",
        "Primary and secondary outcomes, how they were collected, properties of the instruments.",
        ("outcomes", "measures"),
        "How interviews were held and their quality assured.",
        texts=("data_collection",),
    ),
    Item(
        "7",
        "Sample size",
        "How the number of people and clusters was determined; rules for stopping.",
        ("design",),
        "Calculation made before the study.",
        texts=("sample_size",),
    ),
    Item(
        "8",
        "Assignment",
        "Unit and method of allocation; what was done against bias from it.",
        ("design", "methods"),
        "Why these units were chosen for their group.",
        texts=("allocation",),
    ),
    Item(
        "9", "Blinding", "Who knew the allocation, and how blinding was checked.", (), "Blinding.", texts=("blinding",)
    ),
    Item(
        "10",
        "Unit of analysis",
        "Smallest unit analysed; how clustering was taken into account.",
        ("methods", "models"),
    ),
    Item(
        "11",
        "Statistical methods",
        "Methods for primary outcomes, for missing data and for others; software.",
        ("methods", "missing-data", "robustness", "provenance"),
    ),
    Item(
        "12",
        "Flow",
        "People at every stage, losses with reasons, deviations from the protocol.",
        ("participants", "retention", "deviations"),
    ),
    Item(
        "13",
        "Recruitment",
        "Dates of recruitment and follow-up.",
        ("participants",),
        "Calendar dates.",
        computed="dates",
    ),
    Item(
        "14",
        "Baseline data",
        "Characteristics of people and clusters in each group; those lost and those kept.",
        ("baseline", "retention"),
    ),
    Item(
        "15",
        "Equivalence",
        "How alike the groups were at baseline and how differences were adjusted for.",
        ("baseline", "methods"),
    ),
    Item(
        "16",
        "Numbers analysed",
        "People in each analysis; whether they are analysed as allocated.",
        ("outcomes", "models", "methods"),
    ),
    Item(
        "17",
        "Outcomes and estimation",
        "For each outcome an estimate with its interval, whatever it shows.",
        ("outcomes",),
    ),
    Item("18", "Further analyses", "Other analyses, and which of them were planned.", ("robustness", "deviations")),
    Item(
        "19", "Adverse events", "Harms and unintended effects in each group.", (), "Adverse events.", texts=("harms",)
    ),
    Item(
        "20",
        "Interpretation",
        "Results against hypotheses, bias, imprecision, many tests.",
        ("key-findings", "limitations"),
        "Interpretation.",
        texts=("interpretation",),
    ),
    Item(
        "21",
        "Generalisability",
        "To whom and where the findings apply.",
        ("baseline", "limitations"),
        "Generalisability.",
        texts=("generalisability",),
    ),
    Item(
        "22",
        "Overall evidence",
        "The findings beside what was known.",
        (),
        "Other evidence.",
        texts=("other_evidence",),
    ),
)

STARI = (
    Item("1", "Title", "Says that implementation was studied, and how.", (), "Title."),
    Item(
        "2",
        "Abstract",
        "Strategy, intervention, outcomes of both.",
        ("key-findings",),
        "Abstract.",
        texts=("abstract_background",),
    ),
    Item(
        "3",
        "Introduction",
        "The problem that the intervention is to solve.",
        (),
        "Introduction.",
        texts=("background",),
    ),
    Item(
        "4",
        "Rationale",
        "Why this strategy and this intervention; evidence and theory.",
        (),
        "Rationale.",
        texts=("intervention.why",),
    ),
    Item(
        "5",
        "Aims",
        "Objectives of implementation and of the intervention, told apart.",
        ("methods",),
        "Aims.",
        texts=("objectives",),
    ),
    Item(
        "6",
        "Design",
        "Design, why it was chosen, changes to the protocol.",
        ("design", "deviations"),
        "Reasons.",
        texts=("allocation",),
    ),
    Item(
        "7",
        "Context",
        "Where it was implemented and what may help or hinder.",
        ("design",),
        "Context.",
        texts=("context",),
    ),
    Item(
        "8", "Sites", "How sites were chosen, trained and supported.", ("design",), "Choice of sites.", texts=("sites",)
    ),
    Item(
        "9",
        "Description",
        "Strategy and intervention in enough detail to repeat them.",
        (),
        "Description.",
        texts=("intervention",),
    ),
    Item(
        "10",
        "Sub-groups",
        "Groups of sites or people recruited for further tasks.",
        ("focus-groups",),
        "How they were recruited.",
        texts=("participants",),
    ),
    Item(
        "11",
        "Outcomes",
        "Outcomes of implementation and of the intervention, and how they were measured.",
        ("measures", "experience"),
    ),
    Item(
        "12",
        "Process evaluation",
        "Aims and outcomes of a process evaluation.",
        ("experience", "focus-groups"),
        "Aims of the process evaluation.",
        texts=("data_collection",),
    ),
    Item(
        "13",
        "Economic evaluation",
        "Methods for resources and costs.",
        (),
        "Economic methods, if any.",
        texts=("economics",),
    ),
    Item(
        "14",
        "Sample size",
        "Reasons for the number of sites and people.",
        ("design",),
        "Reasons.",
        texts=("sample_size",),
    ),
    Item("15", "Analysis", "Methods of analysis, with reasons.", ("methods", "models")),
    Item("16", "Sub-group analyses", "Planned analyses of parts of the sample.", ("robustness", "methods")),
    Item("17", "Characteristics", "Who was recruited, and the sites.", ("participants", "baseline", "design")),
    Item("18", "Outcomes", "Results on both implementation and intervention.", ("outcomes", "experience")),
    Item("19", "Process outcomes", "Results of the process evaluation.", ("experience", "focus-groups")),
    Item(
        "20",
        "Economic outcomes",
        "Resource use, costs and results of an economic evaluation.",
        (),
        "Economic results, if any.",
        texts=("economics",),
    ),
    Item("21", "Sub-groups", "Representativeness and results of sub-groups.", ("robustness",)),
    Item(
        "22",
        "Fidelity",
        "How closely the intervention was delivered, and adaptations.",
        ("design",),
        "Adaptations.",
        texts=("intervention.modifications",),
    ),
    Item("23", "Context changes", "What changed in the context during the study.", (), "Changes.", texts=("context",)),
    Item("24", "Harms", "Important harms and unintended effects.", (), "Harms.", texts=("harms",)),
    Item(
        "25",
        "Discussion",
        "Summary, strengths, limitations, comparison with other studies.",
        ("key-findings", "limitations"),
        "Discussion.",
        texts=("interpretation",),
    ),
    Item(
        "26",
        "Implications",
        "What follows for policy, practice and research.",
        (),
        "Implications.",
        texts=("implications",),
    ),
    Item(
        "27",
        "General",
        "Approval, registration, funding, interests, access to data.",
        ("provenance",),
        "Approval, registration, funding, interests.",
        texts=("ethics", "registration", "funding", "interests", "data_access"),
    ),
)

CONSORT = (
    Item(
        "1",
        "Title and abstract",
        "Design in the title; design, numbers and results in the abstract.",
        ("key-findings",),
        "Title and abstract.",
        texts=("abstract_background",),
    ),
    Item(
        "2",
        "Background",
        "Reasons for the trial and, where groups were allocated, for doing so.",
        (),
        "Background.",
        texts=("background",),
        alone="Reasons for the trial.",
    ),
    Item(
        "3",
        "Design",
        "How clusters figure in the design; changes after the start.",
        ("design", "deviations"),
        alone="Kind of trial, ratio of allocation; changes after the start.",
    ),
    Item(
        "4",
        "Eligibility",
        "Who was eligible, and which clusters.",
        ("participants",),
        "Criteria.",
        texts=("participants",),
        alone="Who was eligible; where they were recruited.",
    ),
    Item(
        "5",
        "Interventions",
        "What each group received, and whether by cluster or person.",
        ("design",),
        "Description.",
        texts=("intervention", "usual_practice"),
        alone="What each group received.",
    ),
    Item(
        "6",
        "Outcomes",
        "Outcomes, and whether they belong to people or clusters.",
        ("outcomes", "measures"),
        alone="Outcomes, how and when they were measured.",
    ),
    Item(
        "7a",
        "Sample size",
        "Number and size of clusters, the ICC that was assumed.",
        ("design",),
        "Calculation made before the trial.",
        texts=("sample_size",),
        alone="How the number of people was set.",
    ),
    Item(
        "8-10",
        "Allocation",
        "How the sequence was made and hidden, who enrolled, consent.",
        (),
        "Allocation.",
        texts=("allocation",),
    ),
    Item("11", "Blinding", "Who was blinded.", (), "Blinding.", texts=("blinding",)),
    Item(
        "12a",
        "Methods",
        "How groups were compared; how clustering was taken into account.",
        ("methods", "models"),
        alone="How groups were compared.",
    ),
    Item("12b", "Further methods", "Methods for further analyses.", ("robustness",)),
    Item(
        "13",
        "Flow",
        "Numbers allocated, treated and analysed, for clusters and people; losses with reasons.",
        ("participants", "retention"),
        alone="Numbers allocated, treated and analysed; losses with reasons.",
    ),
    Item("14", "Dates", "Dates of recruitment and follow-up.", ("participants",), "Calendar dates.", computed="dates"),
    Item(
        "15",
        "Baseline",
        "Characteristics of people, and of clusters where they were allocated.",
        ("baseline",),
        alone="Characteristics of each group.",
    ),
    Item(
        "16",
        "Numbers analysed",
        "Clusters and people in each analysis.",
        ("outcomes", "models"),
        alone="Numbers in each analysis.",
    ),
    Item(
        "17a",
        "Estimates",
        "For each outcome an estimate with its interval; the ICC of the primary outcome.",
        ("outcomes", "models"),
        alone="For each outcome an estimate with its interval.",
    ),
    Item("18", "Further analyses", "Others, planned ones told from explorations.", ("robustness", "deviations")),
    Item("19", "Harms", "Important harms.", (), "Harms.", texts=("harms",)),
    Item("20", "Limitations", "Bias, imprecision, many analyses.", ("limitations",)),
    Item(
        "21",
        "Generalisability",
        "To people and to clusters.",
        ("baseline", "limitations"),
        "Generalisability.",
        texts=("generalisability",),
        alone="To other people and places.",
    ),
    Item(
        "22",
        "Interpretation",
        "In line with results; benefits and harms weighed.",
        ("key-findings",),
        "Interpretation.",
        texts=("interpretation",),
    ),
)
