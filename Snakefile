# From raw interviews to the findings report. The plan is config.yaml; the stages are in workflow/rules.
include: "workflow/rules/common.smk"
include: "workflow/rules/intake.smk"
include: "workflow/rules/study.smk"
include: "workflow/rules/analyses.smk"
include: "workflow/rules/present.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/operating.smk"


# On a cluster these run where Snakemake does: each takes seconds, and to wait in a queue would take minutes. What is left
# is the cells of the simulation (profiles/slurm).
localrules:
    all,
    audit_design,
    build_dataset,
    build_documents,
    build_report,
    clean_data,
    collect_characteristics,
    collect_estimates,
    cross_check,
    describe_data,
    draw_figures,
    fit_models,
    make_tables,
    operating_characteristics,
    simulate_error_rates,
    write_codebook,
    write_manifest,


rule all:
    input:
        REPORT,
        DOCUMENTS,
        MANIFEST,
    default_target: True
