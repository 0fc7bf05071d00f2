# Two commands: `make` gives the report, `make test` runs the tests. Both set everything up first.
PYTHON ?= python3
CORES ?= 2
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/installed

.PHONY: report setup test test-long test-fast test-slow test-lowest coverage lint lock container schema picture clean

report: setup
	@$(BIN)/cpis run --cores $(CORES)

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12")'
	@echo "Setting up $(VENV): about two minutes, once."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

test: setup
	$(BIN)/python -m pytest -n $(CORES)

# Whole studies of other shapes, the shipped one again (on one core, blinded, under attack, with mistakes), simulations,
# and the pages in a browser where there is one. CI runs them after `make test`.
test-long: setup
	$(BIN)/python -m pytest -n $(CORES) -m "(long or browser) and not slow"

# The inner loop: under a minute on two cores.
test-fast: setup
	$(BIN)/python -m pytest -n $(CORES) -m "not slow and not long and not thorough" tests/unit tests/golden

# Lines that the tests of the inner loop run, in their own processes; what other tests and Snakemake's steps run is
# tested and not counted.
coverage: setup
	$(BIN)/python -m pytest -n $(CORES) --cov --cov-report=term -m "not slow and not long and not thorough" tests/unit tests/golden

# The lowest versions that pyproject.toml allows, for Python 3.11.
test-lowest: setup
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(VENV)/lowest
	$(BIN)/uv pip compile --quiet --resolution lowest-direct --extra test pyproject.toml --output-file $(VENV)/lowest/requirements.txt
	$(BIN)/uv pip install --quiet --python $(VENV)/lowest -r $(VENV)/lowest/requirements.txt
	$(BIN)/uv pip install --quiet --python $(VENV)/lowest --no-deps --editable .
	$(VENV)/lowest/bin/python -m pytest -n $(CORES) -m "not slow and not long and not thorough" tests/unit tests/golden

test-slow: setup
	$(BIN)/python -m pytest -n $(CORES) -m slow

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/snakemake --lint
	$(BIN)/mypy

# Exact versions and hashes for Python 3.11 and later on Linux, macOS and Windows.
lock: setup
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --extra test --extra dev --extra build --generate-hashes --fork-strategy fewest \
	  --no-header --no-emit-index-url --no-emit-find-links --no-annotate --quiet --upgrade --output-file requirements.lock

# The image that the workflow's container: line names. Podman and Apptainer are needed.
container:
	podman build --tag cpis-analysis --file Containerfile .
	podman save --format oci-archive --output cpis-analysis.tar cpis-analysis
	apptainer build --force cpis-analysis.sif oci-archive:cpis-analysis.tar
	rm cpis-analysis.tar

# The JSON Schema for editors and the page of all keys, both made from src/cpis_analysis/plan/schema.py.
schema: setup
	$(BIN)/cpis schema

# The picture in README.md, from the shipped report; Chromium and pngquant are needed.
picture:
	chromium --headless --no-sandbox --hide-scrollbars --force-device-scale-factor=1 --window-size=1280,900 \
	  --screenshot=docs/findings.png file://$(CURDIR)/results/report/findings.html
	pngquant --force --strip --output docs/findings.png 48 docs/findings.png

clean:
	rm -rf results data/processed .snakemake examples/*/results examples/*/data/processed examples/*/.snakemake
