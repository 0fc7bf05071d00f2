# Everything on one page, and where each file came from.


rule build_report:
    message:
        "Writing the findings report"
    input:
        tables=rules.make_tables.output,
        figures=rules.draw_figures.output,
        summaries=rules.describe_data.output.protected,
        models=expand("results/models/{model}.json", model=FLOW.models()),
        estimates=rules.collect_estimates.output.estimates,
        flow=rules.collect_estimates.output.flow,
        design=rules.audit_design.output,
        scoring=rules.build_dataset.output.scoring,
        reconciliation=rules.clean_data.output.reconciliation,
        audit=rules.clean_data.output.audit,
        queries=rules.clean_data.output.queries,
        raw=FLOW.raw_files(),
        code=FLOW.code("build_report"),
        templates=FLOW.templates(),
    output:
        update(REPORT),
    params:
        spec=FLOW.whole_spec,
        digest=PLAN.digest(),
    log:
        f"{LOGS}/build_report.log",
    shell:
        "python -m cpis_analysis.steps.build_report --spec {params.spec:q} --tables {input.tables} "
        "--figures {input.figures} --summaries {input.summaries} --models {input.models} "
        "--estimates {input.estimates} --flow {input.flow} --design {input.design} --scoring {input.scoring} "
        "--reconciliation {input.reconciliation} --audit {input.audit} --queries {input.queries} --raw {input.raw} --digest {params.digest} "
        "--out {output} > {log} 2>&1"


rule write_manifest:
    message:
        "Writing the manifest"
    input:
        REPORT,
        rules.clean_data.output,
        rules.build_dataset.output,
        rules.collect_estimates.output,
        rules.describe_data.output,
        raw=FLOW.raw_files(),
        code=FLOW.code("write_manifest"),
    output:
        update(MANIFEST),
    params:
        spec=FLOW.manifest_spec(),
    log:
        f"{LOGS}/write_manifest.log",
    shell:
        "python -m cpis_analysis.steps.write_manifest --spec {params.spec:q} --raw {input.raw} --out {output} "
        "> {log} 2>&1"
