# Clean interviews -> scores, the analysis data set, and whether the design can answer the question.


rule build_dataset:
    message:
        "Scoring the instruments and building the analysis data set"
    input:
        participants=rules.clean_data.output.participants,
        interviews=rules.clean_data.output.interviews,
        teams=rules.clean_data.output.teams,
        dictionary=PLAN.content.data.dictionary,
        value_sets=FLOW.value_set_files(),
    output:
        participants=update("data/processed/participants.parquet"),
        participants_csv=update("data/processed/participants.csv"),
        interviews=update("data/processed/measurements.parquet"),
        interviews_csv=update("data/processed/measurements.csv"),
        codebook=update("data/processed/codebook.csv"),
        scoring=update("data/processed/scoring.csv"),
    params:
        spec=FLOW.dataset_spec,
    log:
        f"{LOGS}/build_dataset.log",
    shell:
        "python -m cpis_analysis.steps.build_dataset --spec {params.spec:q} --participants {input.participants} "
        "--interviews {input.interviews} --teams {input.teams} --folder data/processed > {log} 2>&1"


rule audit_design:
    message:
        "Auditing the design"
    input:
        participants=rules.build_dataset.output.participants,
        interviews=rules.build_dataset.output.interviews,
        # where nobody is left, which rule it was
        set_aside=rules.clean_data.output.set_aside,
        queries=rules.clean_data.output.queries,
    output:
        update("results/design_audit.json"),
    params:
        spec=FLOW.design_spec,
    log:
        f"{LOGS}/audit_design.log",
    shell:
        "python -m cpis_analysis.steps.audit_design --spec {params.spec:q} --participants {input.participants} "
        "--interviews {input.interviews} --set-aside {input.set_aside} --queries {input.queries} --out {output} "
        "> {log} 2>&1"
