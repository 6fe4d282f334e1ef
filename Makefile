SHELL := bash
PYTHON ?= python3
# Arguments for pytest, as in: make test TESTS="tests/exporter -k psi"
TESTS ?=
export DEMO_SECONDS DEMO_ADDRESS STACK_SECONDS STACK_PORTS

BIN := .venv/bin
# What is installed on the machine wins over what scripts/tools.sh unpacked.
WITH_TOOLS := PATH="$$PATH:$(CURDIR)/.tools/usr/bin"

.DEFAULT_GOAL := help
.PHONY: help install tools test test-lowest check format generate schemas dashboards-page dashboards-look deploy-rules deploy-alertmanager browser deploy-dashboards demo stack bench bench-statistics torture soak wheel clean

help: ## say what each target does
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-20s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: .venv/installed ## make .venv with the tested versions and this project (PYTHON=python3.12 chooses another Python)
	@:

.venv/installed: pyproject.toml constraints.txt scripts/environment.sh $(wildcard exporter/native/*)
	@PYTHON=$(PYTHON) bash scripts/environment.sh .venv constraints.txt
	@touch $@

.venv-lowest/installed: pyproject.toml constraints-lowest.txt scripts/environment.sh $(wildcard exporter/native/*)
	@PYTHON=$(PYTHON) bash scripts/environment.sh .venv-lowest constraints-lowest.txt
	@touch $@

tools: ## get promtool and amtool, with their servers, where they are missing (unpacked into .tools)
	@bash scripts/tools.sh .tools prometheus promtool
	@bash scripts/tools.sh .tools prometheus-alertmanager amtool usr/share/prometheus/alertmanager/default.tmpl

browser: ## get Chromium for the tests of the status page (without it they are skipped, where CI is set they fail)
	@bash scripts/browser.sh || test -z "$$CI"

test: install tools browser ## run every test (TESTS="..." passes arguments to pytest)
	@$(WITH_TOOLS) $(BIN)/python -m pytest -n 2 $(TESTS)

test-lowest: .venv-lowest/installed tools browser ## run every test with the lowest versions that are supported (Python 3.11 or 3.12)
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
	$(BIN)/python -m dashboards build --check
	$(BIN)/python -m dashboards lint --strict
	$(BIN)/python -m compose build --check

format: install ## format the code and mend what the linter can
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

generate: install ## write docs/metrics.md, the configuration's JSON Schema, the rules and the routing
	$(BIN)/python -m exporter.generate
	$(BIN)/python -m rules build
	$(BIN)/python -m alertmanager build
	$(BIN)/python -m dashboards build
	$(BIN)/python -m compose build

schemas: ## derive dashboards/schemas from the types that Grafana publishes (needs node and npm, and the network)
	@bash scripts/grafana-schemas/generate.sh .tools/grafana-schemas dashboards/schemas

dashboards-page: ## build the page that draws the dashboards with Grafana's libraries (node 20; downloads 650 MB into .tools)
	@bash scripts/dashboards-page.sh .tools/dashboards-look

# Apart from `make test`, which nobody shall need node for: without DASHBOARDS_PAGE these tests are not even collected.
dashboards-look: install tools dashboards-page ## look at the dashboards in a browser: tests, and pictures for docs/images/dashboards
	@bash scripts/browser.sh
	@DASHBOARDS_PAGE=$(CURDIR)/.tools/dashboards-look/page DASHBOARDS_PICTURES=$(CURDIR)/docs/images/dashboards \
		$(WITH_TOOLS) $(BIN)/python -m pytest tests/dashboards/harness $(TESTS)

deploy-rules: install ## make a Prometheus or a ruler run the rules, or leave it as it is (DEPLOY="files --folder /etc/prometheus/rules --dry-run")
	@$(WITH_TOOLS) $(BIN)/python -m rules deploy $(DEPLOY)

deploy-alertmanager: install ## the same for the routing (DEPLOY="files --config-file /etc/alertmanager/alertmanager.yml --dry-run")
	@$(WITH_TOOLS) $(BIN)/python -m alertmanager deploy $(DEPLOY)

deploy-dashboards: install ## the same for the dashboards (DEPLOY="grafana --url https://grafana.example.com --token-file token --dry-run")
	@$(BIN)/python -m dashboards deploy $(DEPLOY)

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

stack: install tools ## exporter, replayed logs, Prometheus, Alertmanager and a notification sink (STACK_SECONDS=60 ends it, STACK_PORTS=free moves it)
	@$(WITH_TOOLS) $(BIN)/python -m compose stack

wheel: install ## build the wheel into dist
	$(BIN)/pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .
	@rm -rf build

clean: ## remove what make has made: environments, tools, caches, builds
	rm -rf .venv .venv-lowest .tools bench/.data bench/.environments bench/results.json build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
