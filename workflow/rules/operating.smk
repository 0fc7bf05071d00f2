# How often every analysis of the primary outcome goes wrong, over the declared grid. Not part of a run:
# `snakemake operating_characteristics` (docs/inference.md), on one machine or on a cluster.

# `--config replicates=2000 parts=5`: five jobs of 2,000 outcomes for each cell
PARTS = range(int(config.get("parts", 1)))
CELLS = FLOW.cells(config.get("cells", ""))


rule operating_characteristics:
    input:
        "results/operating_characteristics.csv",


rule simulate_cell:
    message:
        "Simulating {wildcards.cell}, part {wildcards.part}"
    input:
        participants=rules.build_dataset.output.participants,
        interviews=rules.build_dataset.output.interviews,
        code=FLOW.code("simulate_cell"),
    output:
        "data/processed/operating/{cell}/{part}.json",
    wildcard_constraints:
        cell="[a-z0-9._]+",
        part="[0-9]+",
    params:
        spec=FLOW.operating_spec,
        replicates=int(config.get("replicates", 2000)),
    log:
        f"{LOGS}/simulate_cell/{{cell}}_{{part}}.log",
    shell:
        "python -m cpis_analysis.steps.simulate_cell --spec {params.spec:q} --participants {input.participants} "
        "--interviews {input.interviews} --store data/processed/fits --cell {wildcards.cell} "
        "--part {wildcards.part} --replicates {params.replicates} --out {output} > {log} 2>&1"


rule collect_characteristics:
    message:
        "Collecting the operating characteristics"
    input:
        parts=[f"data/processed/operating/{cell}/{part}.json" for cell in CELLS for part in PARTS],
        code=FLOW.code("collect_characteristics"),
    output:
        "results/operating_characteristics.csv",
    params:
        spec=FLOW.characteristics_spec,
    log:
        f"{LOGS}/collect_characteristics.log",
    shell:
        "python -m cpis_analysis.steps.collect_characteristics --spec {params.spec:q} --parts {input.parts} --out {output} > {log} 2>&1"
