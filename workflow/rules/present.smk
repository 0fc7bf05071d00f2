# Numbers -> tables and figures. Labels matter from here on, so a changed label redraws and refits nothing.


rule describe_data:
    message:
        "Describing who took part, and the outcomes"
    input:
        participants=rules.build_dataset.output.participants,
        interviews=rules.clean_data.output.interviews,
        themes=rules.clean_data.output.themes,
    output:
        private=update("data/processed/summaries.json"),
        protected=update("results/summaries.json"),
        log=update("results/disclosure_log.csv"),
    params:
        spec=FLOW.description_spec,
    log:
        f"{LOGS}/describe_data.log",
    shell:
        "python -m cpis_analysis.steps.describe_data --spec {params.spec:q} --participants {input.participants} "
        "--interviews {input.interviews} --themes {input.themes} --private {output.private} "
        "--protected {output.protected} --log {output.log} > {log} 2>&1"


rule make_tables:
    message:
        "Setting the tables"
    input:
        summaries=rules.describe_data.output.protected,
        models=MODELS,
        estimates=rules.collect_estimates.output.estimates,
        contrasts=rules.collect_estimates.output.contrasts,
        error_rates=rules.simulate_error_rates.output,
        reconciliation=rules.clean_data.output.reconciliation,
        audit=rules.clean_data.output.audit,
        queries=rules.clean_data.output.queries,
        set_aside=rules.clean_data.output.set_aside,
        dictionary=PLAN.content.data.dictionary,
    output:
        index=update("results/tables/tables.json"),
        # what `snakemake --report` shows
        outcomes=update(
            report("results/tables/outcomes.html", category="Results", labels={"Result": "Outcomes by group"})
        ),
    params:
        spec=FLOW.whole_spec,
    log:
        f"{LOGS}/make_tables.log",
    shell:
        "python -m cpis_analysis.steps.make_tables --spec {params.spec:q} --summaries {input.summaries} "
        "--models {input.models} --estimates {input.estimates} --contrasts {input.contrasts} "
        "--error-rates {input.error_rates} "
        "--reconciliation {input.reconciliation} --audit {input.audit} --queries {input.queries} "
        "--set-aside {input.set_aside} --out {output.index} > {log} 2>&1"


rule draw_figures:
    message:
        "Drawing the figures"
    input:
        summaries=rules.describe_data.output.protected,
        models=MODELS,
        contrasts=rules.collect_estimates.output.contrasts,
        flow=rules.collect_estimates.output.flow,
        dictionary=PLAN.content.data.dictionary,
    output:
        index=update("results/figures/figures.json"),
        flow=update(
            report("results/figures/flow.svg", category="Participants", labels={"Result": "Flow of participants"})
        ),
        forest=update(report(FLOW.forest(), category="Results", labels={"Result": "Forest plot"})),
    params:
        spec=FLOW.whole_spec,
    log:
        f"{LOGS}/draw_figures.log",
    shell:
        "python -m cpis_analysis.steps.draw_figures --spec {params.spec:q} --summaries {input.summaries} "
        "--models {input.models} --contrasts {input.contrasts} --flow {input.flow} --out {output.index} > {log} 2>&1"
