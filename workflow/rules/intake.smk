# Raw exports -> clean interviews, with one audit line for every change.


rule clean_data:
    message:
        "Cleaning the raw data"
    input:
        raw=FLOW.raw_files(),
    output:
        participants=update("data/processed/clean/participants.parquet"),
        interviews=update("data/processed/clean/measurements.parquet"),
        teams=update("data/processed/clean/clusters.parquet"),
        themes=update("data/processed/clean/themes.parquet"),
        audit=update("data/processed/audit.csv"),
        queries=update("data/processed/queries.csv"),
        questions=update("data/processed/queries.xlsx"),
        set_aside=update("data/processed/set_aside.csv"),
        reconciliation=update("data/processed/reconciliation.csv"),
        sources=update("data/processed/sources.csv"),
        translations=update("data/processed/translations.csv"),
        answers=update("data/processed/answers.csv"),
        flow=update("data/processed/flow.json"),
    params:
        spec=FLOW.cleaning_spec,
    log:
        f"{LOGS}/clean_data.log",
    shell:
        "python -m cpis_analysis.steps.clean_data --spec {params.spec:q} --folder data/processed > {log} 2>&1"


rule write_codebook:
    message:
        "Describing every variable"
    input:
        # the dictionary is read again
        dictionary=PLAN.content.data.dictionary,
        participants=rules.clean_data.output.participants,
        interviews=rules.clean_data.output.interviews,
        audit=rules.clean_data.output.audit,
    output:
        page=update("data/processed/codebook.html"),
    params:
        spec=FLOW.codebook_spec,
    log:
        f"{LOGS}/write_codebook.log",
    shell:
        "python -m cpis_analysis.steps.write_codebook --spec {params.spec:q} --participants {input.participants} "
        "--interviews {input.interviews} --audit {input.audit} --out {output.page} > {log} 2>&1"
