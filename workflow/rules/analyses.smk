# Analysis data set -> estimates. One job fits all models; what is as it was is not fitted again.


rule fit_models:
    message:
        "Fitting the models"
    input:
        participants=rules.build_dataset.output.participants,
        interviews=rules.build_dataset.output.interviews,
        audit=rules.audit_design.output,
    output:
        update(MODELS),
    threads: FLOW.fitting_processes
    params:
        spec=FLOW.fits_spec,
    log:
        f"{LOGS}/fit_models.log",
    shell:
        "python -m cpis_analysis.steps.fit_models --spec {params.spec:q} --participants {input.participants} "
        "--interviews {input.interviews} --store data/processed/fits --processes {threads} --out {output} > {log} 2>&1"


rule collect_estimates:
    message:
        "Collecting the estimates"
    input:
        models=MODELS,
        flow=rules.clean_data.output.flow,
        participants=rules.build_dataset.output.participants,
        interviews=rules.build_dataset.output.interviews,
    output:
        estimates=update(
            report("results/estimates.csv", category="Results", labels={"Result": "Every estimate, full precision"})
        ),
        tipping=update("results/tipping.csv"),
        contrasts=update("results/contrasts.json"),
        flow=update("results/flow.json"),
    params:
        spec=FLOW.collect_spec,
    log:
        f"{LOGS}/collect_estimates.log",
    shell:
        "python -m cpis_analysis.steps.collect_estimates --spec {params.spec:q} --models {input.models} "
        "--flow {input.flow} --participants {input.participants} --interviews {input.interviews} "
        "--estimates {output.estimates} --tipping {output.tipping} "
        "--contrasts {output.contrasts} --out-flow {output.flow} > {log} 2>&1"


rule simulate_error_rates:
    message:
        "Simulating how often the headline and what stands beside it would go wrong"
    input:
        participants=rules.build_dataset.output.participants,
        interviews=rules.build_dataset.output.interviews,
        audit=rules.audit_design.output,
        code=FLOW.code("simulate_error_rates"),
    output:
        update("results/error_rates.csv"),
    params:
        spec=FLOW.error_rates_spec,
    log:
        f"{LOGS}/simulate_error_rates.log",
    shell:
        "python -m cpis_analysis.steps.simulate_error_rates --spec {params.spec:q} "
        "--participants {input.participants} --interviews {input.interviews} "
        "--store data/processed/fits --out {output} > {log} 2>&1"


rule cross_check:
    message:
        "Refitting every mixed model with statsmodels, as a second opinion"
    input:
        participants=rules.build_dataset.output.participants,
        interviews=rules.build_dataset.output.interviews,
        estimates=rules.collect_estimates.output.estimates,
    output:
        update("results/cross_check.csv"),
    params:
        spec=FLOW.mixed_spec,
    log:
        f"{LOGS}/cross_check.log",
    shell:
        "python -m cpis_analysis.steps.cross_check --spec {params.spec:q} --participants {input.participants} "
        "--interviews {input.interviews} --estimates {input.estimates} --out {output} > {log} 2>&1"
