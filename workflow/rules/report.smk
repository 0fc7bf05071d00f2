# Everything on one page and in documents, and where each file came from.


rule build_report:
    message:
        "Writing the findings report"
    input:
        tables=rules.make_tables.output.index,
        figures=rules.draw_figures.output.index,
        summaries=rules.describe_data.output.protected,
        models=MODELS,
        estimates=rules.collect_estimates.output.estimates,
        contrasts=rules.collect_estimates.output.contrasts,
        tipping=rules.collect_estimates.output.tipping,
        error_rates=rules.simulate_error_rates.output,
        flow=rules.collect_estimates.output.flow,
        design=rules.audit_design.output,
        scoring=rules.build_dataset.output.scoring,
        reconciliation=rules.clean_data.output.reconciliation,
        audit=rules.clean_data.output.audit,
        queries=rules.clean_data.output.queries,
        raw=FLOW.raw_files(),
        lock=FLOW.lock_files(),
        templates=FLOW.templates(),
    output:
        page=update(REPORT),
        annex=update(ANNEX),
    # where one job waits for the other it is the documents: nobody waits for Word
    priority: 1
    params:
        spec=FLOW.whole_spec,
        digest=PLAN.digest(),
        history=FLOW.lock_history,
        version=FLOW.version,
    log:
        f"{LOGS}/build_report.log",
    shell:
        "python -m cpis_analysis.steps.build_report --spec {params.spec:q} --tables {input.tables} "
        "--figures {input.figures} --summaries {input.summaries} --models {input.models} "
        "--estimates {input.estimates} --contrasts {input.contrasts} "
        "--tipping {input.tipping} --error-rates {input.error_rates} --flow {input.flow} "
        "--design {input.design} --scoring {input.scoring} "
        "--reconciliation {input.reconciliation} --audit {input.audit} --queries {input.queries} --raw {input.raw} "
        "--digest {params.digest} --history {params.history:q} --out {output.page} --annex {output.annex} > {log} 2>&1"


rule build_documents:
    message:
        "Setting the documents for Word and print"
    input:
        tables=rules.make_tables.output.index,
        figures=rules.draw_figures.output.index,
        summaries=rules.describe_data.output.protected,
        models=MODELS,
        estimates=rules.collect_estimates.output.estimates,
        contrasts=rules.collect_estimates.output.contrasts,
        tipping=rules.collect_estimates.output.tipping,
        error_rates=rules.simulate_error_rates.output,
        flow=rules.collect_estimates.output.flow,
        design=rules.audit_design.output,
        scoring=rules.build_dataset.output.scoring,
        reconciliation=rules.clean_data.output.reconciliation,
        audit=rules.clean_data.output.audit,
        queries=rules.clean_data.output.queries,
        raw=FLOW.raw_files(),
        lock=FLOW.lock_files(),
        templates=FLOW.document_templates(),
    output:
        update(DOCUMENTS),
    params:
        spec=FLOW.whole_spec,
        digest=PLAN.digest(),
        history=FLOW.lock_history,
        version=FLOW.version,
        folder=lambda wildcards, output: Path(output[0]).parent.as_posix(),
    log:
        f"{LOGS}/build_documents.log",
    shell:
        "python -m cpis_analysis.steps.build_documents --spec {params.spec:q} --tables {input.tables} "
        "--figures {input.figures} --summaries {input.summaries} --models {input.models} "
        "--estimates {input.estimates} --contrasts {input.contrasts} "
        "--tipping {input.tipping} --error-rates {input.error_rates} --flow {input.flow} "
        "--design {input.design} --scoring {input.scoring} "
        "--reconciliation {input.reconciliation} --audit {input.audit} --queries {input.queries} --raw {input.raw} "
        "--digest {params.digest} --history {params.history:q} --folder {params.folder} > {log} 2>&1"


rule write_manifest:
    message:
        "Writing the manifest"
    input:
        REPORT,
        ANNEX,
        DOCUMENTS,
        rules.clean_data.output,
        rules.write_codebook.output,
        rules.build_dataset.output,
        rules.collect_estimates.output,
        rules.describe_data.output,
        raw=FLOW.raw_files(),
    output:
        manifest=update(MANIFEST),
        crate=update(CRATE),
        private=update(PRIVATE_MANIFEST),
    params:
        spec=FLOW.manifest_spec,
        version=FLOW.version,
    log:
        f"{LOGS}/write_manifest.log",
    shell:
        "python -m cpis_analysis.steps.write_manifest --spec {params.spec:q} --raw {input.raw} --out {output.manifest} "
        "--crate {output.crate} --private {output.private} > {log} 2>&1"
