# Needs only Python 3.11 or newer with venv, make, and a package index.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help demo gate publish published test coverage peers check lint types floors real chaos nightly kills mutations slow bench wheel clean

help:  ## show what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/ \t/' | expand -t 10

$(VENV)/.user: pyproject.toml pytx/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "paygrade needs Python 3.11 or newer: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	@echo "making $(VENV) and installing paygrade (a minute or two, once)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ./pytx -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.user
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ./pytx -e '.[dev]'
	@touch $@

demo: $(VENV)/.user  ## run the shipped payments suites and show their failure rates
	@$(BIN)/paygrade check
	@$(BIN)/paygrade run
	@echo
	@echo "An agent that slips as models do, under lost answers and killed processes, with and without a guard:"
	@$(BIN)/paygrade run refund_agent --runner agent-clumsy --runner agent-clumsy-guarded
	@echo
	@echo "Results: .paygrade/runs (journals) and .paygrade/paygrade.duckdb. Try next:"
	@echo "  $(BIN)/paygrade show latest                 the same figures again"
	@echo "  $(BIN)/paygrade show latest ra-0002         one sample: every step, call, effect and check"
	@echo "  $(BIN)/paygrade sql 'FROM failure_rate'     ask the store in SQL"
	@echo "  $(BIN)/paygrade publish                     pages to look at: reports/published/index.html"
	@echo "  $(BIN)/paygrade init my-evals               a workspace of your own"

$(VENV)/.ci: $(VENV)/.dev
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ./pytx -e '.[dev,ci,examples]'
	@touch $@

gate: $(VENV)/.user  ## judge the shipped payments suites against their accepted baselines
	@$(BIN)/paygrade gate

publish: demo gate  ## run the shipped suites and publish their failure rates: reports/published
	@$(BIN)/paygrade calibrate --quiet
	@$(BIN)/paygrade publish

published: $(VENV)/.user  ## refuse figures in reports/published that are not those of the runs here
	@$(BIN)/paygrade publish --check

QUICK = -m pytest -m "not real" -n 2 --dist worksteal

test: $(VENV)/.dev  ## the quick tests (no key, no network)
	$(BIN)/python $(QUICK)

coverage: $(VENV)/.dev  ## the same under a tracer: twice as long; fails where too little is run
	@rm -f .coverage .coverage.*
	$(BIN)/coverage run $(QUICK)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report
	$(BIN)/coverage report --include='pytx/src/*' --fail-under=95 --format=total

peers:  ## fetch the protocol peer and the workflow linter (needs node); tests skip without them
	cd tests/peers && npm install --no-audit --no-fund --silent
	cd tests/ci && npm install --no-audit --no-fund --silent

check: lint types floors coverage  ## what CI runs on every Python

lint: $(VENV)/.dev  ## ruff, all rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev  ## mypy, strict
	$(BIN)/mypy

floors: $(VENV)/.dev  ## the import contract
	$(BIN)/lint-imports --no-cache

ALONE = tests/crash tests/providers tests/leaks  # kills, time-outs, speed: nothing beside them

real: $(VENV)/.ci  ## tests that need minutes, root or real infrastructure
	$(BIN)/python -m pytest -m real -n 2 --dist loadfile $(addprefix --ignore=,$(ALONE) $(CHAOS))
	$(BIN)/python -m pytest -m real $(ALONE)
	@$(MAKE) --no-print-directory chaos

CHAOS = pytx/tests/chaos  # a thousand kills and the like: whole, in one process, alone

chaos: $(VENV)/.dev  ## pytx among kills, cuts and crashes: about three minutes
	PYTX_CHAOS=ci $(BIN)/python -m pytest -m "" $(CHAOS)

nightly: $(VENV)/.dev  ## the same, twenty times as many intents: about an hour
	PYTX_CHAOS=nightly $(BIN)/python -m pytest -m "" $(CHAOS)

kills: $(VENV)/.dev  ## kill runs and gates at random moments, 50 of each: about twenty minutes
	PAYGRADE_KILLS=50 $(BIN)/python -m pytest -m real -k kill tests/crash tests/gate/test_kill.py tests/providers/test_runs.py

mutations: $(VENV)/.dev  ## take each rule out of pytx, and see that its test falls
	$(BIN)/python pytx/tests/mutations.py

bench: $(VENV)/.ci  ## print the published figures
	$(BIN)/python benchmarks/run_all.py $(BENCH)
	$(BIN)/python pytx/benchmarks/run_all.py

slow: real bench kills nightly mutations  ## everything that takes long, by hand

wheel: $(VENV)/.dev  ## build both distributions and try them in a fresh venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check build
	rm -rf dist
	$(BIN)/python -m build --outdir dist pytx
	$(BIN)/python -m build --outdir dist .
	$(PYTHON) -m venv dist/venv
	dist/venv/bin/python -m pip install --quiet --disable-pip-version-check dist/*.whl
	dist/venv/bin/paygrade init dist/try
	dist/venv/bin/paygrade run -w dist/try

clean:  ## remove what was made
	rm -rf $(VENV) dist .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis
