# Salespulse: one command each. The first run of a target sets .venv up; what that prints goes to standard error.
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
DURATION ?= 120

.DEFAULT_GOAL := help
.PHONY: help demo test faults soak check format bench bench-peers profile dashboards lock kafka clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

demo: $(VENV)/run ## show it all: broker, Redis, worker, a simulated sales floor (ARGS="--for 30s --json")
	@exec $(BIN)/salespulse demo $(ARGS)

test: check kafka ## run ruff, mypy and every test, of those under faults a few (ARGS="-m 'not kafka' -k panes")
	@$(BIN)/pytest $(ARGS)

faults: $(VENV)/dev kafka ## run every test under faults, one after the other, an hour and more (ARGS="-k fault_05")
	@$(BIN)/pytest tests/faults -m faults $(ARGS)

soak: $(VENV)/dev kafka ## mix all faults for DURATION seconds (120), audit, write a report (ARGS="--seed 7 --rate 100")
	@exec $(BIN)/python -m tests.faults.soak --duration $(DURATION) $(ARGS)

check: $(VENV)/dev ## run ruff and mypy over code and tests
	@$(BIN)/ruff check .
	@$(BIN)/mypy

format: $(VENV)/dev ## let ruff lay the code out
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(VENV)/dev ## measure everything in docs/performance.md, 20 minutes; writes benchmarks/results/latest.json
	@$(BIN)/python -m benchmarks --results benchmarks/results/latest.json $(ARGS)
	@$(BIN)/python -m benchmarks.report

bench-peers: $(VENV)/dev ## measure Flink SQL, Bytewax and Kafka Streams beside the same worker; writes results/peers.json
	@$(BIN)/python -m benchmarks flink_sql insert_only --results benchmarks/results/peers.json $(ARGS)
	@$(BIN)/python -m benchmarks.report

profile: $(VENV)/dev ## draw a flame graph of the worker in the whole job; writes .cache/profile.svg
	@exec $(BIN)/python -m benchmarks.flame $(ARGS)

dashboards: $(VENV)/dev ## write the Grafana dashboards anew from deploy/grafana
	@$(BIN)/python -m deploy.grafana.build

# Without an address, so that the files hold names, versions and hashes only.
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-annotate --no-header pyproject.toml requirements/build.in

lock: $(VENV)/dev ## bring the locked requirements up to pyproject.toml (ARGS=--upgrade for newer versions)
	@$(LOCK) $(ARGS) --output-file requirements/run.txt >&2
	@$(LOCK) $(ARGS) --extra dev --constraint requirements/run.txt --output-file requirements/dev.txt >&2

kafka: $(VENV)/dev # fetch the jars of the tests' broker, where Maven is there
	@if command -v mvn >/dev/null; then $(BIN)/python -m tests.servers.kafka >&2; fi

clean: ## remove .venv and everything cached
	@rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info

# A stamp file stands for an installed lock file, so that a second run starts at once.
$(VENV)/run: requirements/run.txt pyproject.toml
	@$(call install,run)

$(VENV)/dev: requirements/dev.txt pyproject.toml
	@$(call install,dev)

define install
{ \
set -eu; \
if ! [ -x $(BIN)/python ] || ! $(BIN)/python -c '$(FITS)' 2>/dev/null; then \
	for python in python3.12 python3.11 python3; do \
		if $$python -c '$(FITS)' >/dev/null 2>&1; then break; fi; python=; \
	done; \
	if [ -z "$$python" ]; then \
		echo "salespulse needs Python 3.11 or 3.12 with venv (on Debian: apt install python3 python3-venv)"; exit 2; \
	fi; \
	$$python -m venv --clear $(VENV); \
fi; \
echo "installing requirements/$(1).txt into $(VENV), about a minute"; \
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1; \
$(BIN)/python -m pip install --quiet --require-hashes --only-binary :all: --requirement requirements/$(1).txt; \
$(BIN)/python -m pip install --quiet --no-index --no-deps --no-build-isolation --editable .; \
touch $(VENV)/$(1); \
} >&2 </dev/null
endef
FITS := import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 13))
