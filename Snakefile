# From raw interviews to the findings report. The plan is config.yaml; the stages are in workflow/rules.
include: "workflow/rules/common.smk"
include: "workflow/rules/intake.smk"
include: "workflow/rules/study.smk"
include: "workflow/rules/analyses.smk"
include: "workflow/rules/present.smk"
include: "workflow/rules/report.smk"


rule all:
    input:
        REPORT,
        DOCUMENTS,
        MANIFEST,
    default_target: True
