SHELL := bash
PYTHON ?= python3
# Arguments for pytest, as in: make test TESTS="tests/exporter -k psi"
TESTS ?=
export DEMO_SECONDS DEMO_ADDRESS

BIN := .venv/bin
# What is installed on the machine wins over what scripts/tools.sh unpacked.
WITH_TOOLS := PATH="$$PATH:$(CURDIR)/.tools/usr/bin"

.DEFAULT_GOAL := help
.PHONY: help install tools test test-lowest check format generate deploy-rules deploy-alertmanager demo bench bench-statistics torture soak wheel clean

help: ## say what each target does
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-20s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: .venv/installed ## make .venv with the tested versions and this project (PYTHON=python3.12 chooses another Python)
	@:

.venv/installed: pyproject.toml constraints.txt scripts/environment.sh
	@PYTHON=$(PYTHON) bash scripts/environment.sh .venv constraints.txt
	@touch $@

.venv-lowest/installed: pyproject.toml constraints-lowest.txt scripts/environment.sh
	@PYTHON=$(PYTHON) bash scripts/environment.sh .venv-lowest constraints-lowest.txt
	@touch $@

tools: ## get promtool and amtool, with their servers, where they are missing (unpacked into .tools)
	@bash scripts/tools.sh .tools prometheus promtool
	@bash scripts/tools.sh .tools prometheus-alertmanager amtool usr/share/prometheus/alertmanager/default.tmpl

test: install tools ## run every test (TESTS="..." passes arguments to pytest)
	@$(WITH_TOOLS) $(BIN)/python -m pytest -n 2 $(TESTS)

test-lowest: .venv-lowest/installed tools ## run every test with the lowest versions that are supported (Python 3.11 or 3.12)
	@$(WITH_TOOLS) .venv-lowest/bin/python -m pytest -n 2 $(TESTS)

check: install ## format, lint, types, generated files up to date
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m exporter.generate --check
	$(BIN)/python -m rules build --check
	@$(WITH_TOOLS) $(BIN)/python -m rules lint --strict
	$(BIN)/python -m alertmanager build --check
	@$(WITH_TOOLS) $(BIN)/python -m alertmanager lint --strict

format: install ## format the code and mend what the linter can
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

generate: install ## write docs/metrics.md, the configuration's JSON Schema, the rules and the routing
	$(BIN)/python -m exporter.generate
	$(BIN)/python -m rules build
	$(BIN)/python -m alertmanager build

deploy-rules: install ## make a Prometheus or a ruler run the rules, or leave it as it is (DEPLOY="files --folder /etc/prometheus/rules --dry-run")
	@$(WITH_TOOLS) $(BIN)/python -m rules deploy $(DEPLOY)

deploy-alertmanager: install ## the same for the routing (DEPLOY="files --config-file /etc/alertmanager/alertmanager.yml --dry-run")
	@$(WITH_TOOLS) $(BIN)/python -m alertmanager deploy $(DEPLOY)

bench: install ## ours beside the peers in one run, a line for each ratio (BENCH="--only lines --rounds 3" passes arguments)
	@$(BIN)/python -m bench $(BENCH)

bench-statistics: install ## false alarms and power of the verdict on one feature, ours beside the peers'
	@$(BIN)/python -m bench.statistics $(BENCH)

torture: install tools ## campaigns of kills, rotations and broken input, with their figures (TORTURE="crash --kills 100" runs one)
	@$(WITH_TOOLS) $(BIN)/python -m torture $(TORTURE)

soak: install ## ten minutes at full speed: does memory stay flat? (SOAK="--minutes 60" passes arguments)
	@$(BIN)/python -m torture soak $(SOAK)

demo: install ## replay two real models' logs through the exporter (DEMO_SECONDS=60 ends it, DEMO_ADDRESS=127.0.0.1:9912 moves it)
	@$(BIN)/python -m examples.demo.run

wheel: install ## build the wheel into dist
	$(BIN)/pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .
	@rm -rf build

clean: ## remove what make has made: environments, tools, caches, builds
	rm -rf .venv .venv-lowest .tools bench/.data bench/.environments bench/results.json build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
