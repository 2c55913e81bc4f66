# Salespulse: one command each. The first run of a target sets .venv up, with the newest supported Python that starts,
# or with the one that PYTHON=python3.13 names; what that prints goes to standard error.
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
DURATION ?= 120
# The tests start some hundred processes: each would compile the product anew where nothing compiled is kept.
unexport PYTHONDONTWRITEBYTECODE
# What needs servers waits for them two fifths of the time: three at once, also on two cores, each with servers of its
# own, a file in one process; the longest first, so that all end together. What needs no server works all the time, and
# takes at the same time what the others leave of the cores. It says what it found when it is over.
SERVED = $(addprefix tests/,golden integration faults browser contract findings witness)
ALL = $(MAKE) --no-print-directory --jobs 2 --keep-going serverless served
UNIT = HYPOTHESIS_PROFILE=brief $(BIN)/pytest tests/unit -m "not slow" --numprocesses auto --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help demo test serverless served unit coverage faults soak streams projections alerts check format bench \
	bench-peers profile generated dashboards lock pip-audit sbom kafka clean FORCE

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

demo: $(VENV)/demo ## show it all: broker, Redis, worker, a simulated sales floor (ARGS="--for 30s --json")
	@exec $(BIN)/salespulse demo $(ARGS)

test: check kafka ## run ruff, mypy and every test, of those under faults a few (ARGS="-m 'not kafka' -k panes")
	@$(if $(strip $(ARGS)),$(BIN)/pytest $(ARGS),$(ALL))

serverless:
	@mkdir -p .cache
	@nice -n 10 $(BIN)/pytest tests/unit --numprocesses auto --dist worksteal >.cache/serverless.txt 2>&1; \
		code=$$?; cat .cache/serverless.txt; exit $$code

served:
	@$(BIN)/pytest $(SERVED) --numprocesses 3 --dist loadfile --no-loadscope-reorder

unit: $(VENV)/dev ## run the tests that need no server and are quick, in a minute (ARGS="-k panes")
	@$(UNIT) $(ARGS)

coverage: $(VENV)/dev ## the same, and which lines they do not reach; a page in .cache/coverage
	@$(UNIT) --cov --cov-report=term:skip-covered --cov-report=html $(ARGS)

faults: $(VENV)/dev kafka ## run every test under faults, one after the other, an hour and more (ARGS="-k fault_05")
	@$(BIN)/pytest tests/faults tests/golden -m faults $(ARGS)

soak: $(VENV)/dev kafka ## mix all faults for DURATION seconds (120), audit, write a report (ARGS="--seed 7 --rate 100")
	@exec $(BIN)/python -m tests.faults.soak --duration $(DURATION) $(ARGS)

streams: $(VENV)/dev ## compare pipeline and audit over 1,000 random streams, half an hour; writes docs/streams/README.md
	@$(BIN)/python -m tests.streams $(ARGS)

projections: $(VENV)/dev ## simulate periods and print how many totals lie in the interval told of them, two minutes
	@$(BIN)/python -m tests.projections $(ARGS)

alerts: $(VENV)/dev ## simulate quarters with seeded drops and write what the rules missed, told late or falsely (ARGS="--company few")
	@$(BIN)/python -m tests.quarter $(ARGS)

check: $(VENV)/dev ## run ruff, its formatter's check and mypy over code and tests
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(VENV)/dev ## let ruff lay the code out
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(VENV)/dev ## measure everything in docs/performance.md, half an hour; writes benchmarks/results/latest.json
	@$(BIN)/python -m benchmarks --results benchmarks/results/latest.json $(ARGS)
	@$(BIN)/python -m benchmarks.report

bench-peers: $(VENV)/dev ## measure Flink SQL, Bytewax and Kafka Streams beside the same worker; writes results/peers.json
	@$(BIN)/python -m benchmarks flink_sql insert_only --results benchmarks/results/peers.json $(ARGS)
	@$(BIN)/python -m benchmarks.report

profile: $(VENV)/dev ## draw a flame graph of the worker in the whole job; writes .cache/profile.svg
	@exec $(BIN)/python -m benchmarks.flame $(ARGS)

generated: $(VENV)/dev ## write what follows from the code: JSON schemas, settings table, field numbers, digests
	@$(BIN)/python -m tests.generated

dashboards: $(VENV)/dev ## write the Grafana dashboards anew from deploy/grafana
	@$(BIN)/python -m deploy.grafana.build

# Without an address, so that the files hold names, versions and hashes only. Each holds what run.txt holds, and one
# extra of pyproject.toml; dev.txt, which holds all, is resolved second, so that all agree.
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-annotate --no-header requirements/build.in
LOCK = $(COMPILE) pyproject.toml --constraint requirements/run.txt

lock: $(VENV)/dev ## bring the locked requirements up to pyproject.toml (ARGS=--upgrade for newer versions)
	@$(COMPILE) pyproject.toml $(ARGS) --output-file requirements/run.txt >&2
	@$(LOCK) $(ARGS) --extra dev --output-file requirements/dev.txt >&2
	@$(LOCK) --constraint requirements/dev.txt --extra audit --output-file requirements/audit.txt >&2
	@$(LOCK) --constraint requirements/dev.txt --extra demo --output-file requirements/demo.txt >&2
	@$(COMPILE) --constraint requirements/run.txt --output-file requirements/build.txt >&2

# Of what is locked, without installing it. Strict: where nobody answers for a package, that is no all-clear.
pip-audit: $(VENV)/dev ## ask whether anything that is locked has a known vulnerability
	@for lock in audit demo dev; do \
		$(BIN)/uv tool run --from 'pip-audit==2.10.*' pip-audit --strict --no-deps --disable-pip --progress-spinner off \
			--requirement requirements/$$lock.txt $(ARGS) || exit; \
	done

sbom: $(VENV)/dev ## print what is in the image, with licences, as CycloneDX (a lock file's: ARGS=demo)
	@$(BIN)/python requirements/sbom.py $(or $(ARGS),audit)

kafka: $(VENV)/dev # fetch the jars of the tests' broker, where Maven is there
	@if command -v mvn >/dev/null; then $(BIN)/python -m tests.servers.kafka >&2; fi

clean: ## remove .venv and everything cached
	@rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info

# A stamp file stands for an installed lock file, so that a second run starts at once.
$(VENV)/demo: requirements/demo.txt pyproject.toml $(VENV)/python
	@$(call install,demo)

$(VENV)/dev: requirements/dev.txt pyproject.toml $(VENV)/python
	@$(call install,dev)

# The environment: made where there is none that starts, and anew where PYTHON asks for another version.
$(VENV)/python: $(if $(PYTHON),FORCE,$(shell $(BIN)/python -c '' 2>/dev/null || echo FORCE))
	@{ \
	set -eu; \
	python=$$(PYTHON='$(PYTHON)' requirements/python); \
	if ! [ -e $@ ] || ! $(BIN)/python -c '$(SAME)' "$$($$python -c '$(VERSION)')"; then \
		$$python -m venv --clear $(VENV); \
		touch $@; \
	fi; \
	} >&2 </dev/null
VERSION := import sys; print(sys.version)
SAME := import sys; sys.exit(sys.version != sys.argv[1])

define install
{ \
set -eu; \
echo "installing requirements/$(1).txt into $(VENV), about a minute"; \
requirements/install $(BIN)/python $(1); \
$(BIN)/python -m pip install --quiet --no-index --no-deps --no-build-isolation --editable .; \
touch $(VENV)/$(1); \
} >&2 </dev/null
endef
