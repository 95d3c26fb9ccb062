# The two commands of a newcomer: `make demo` and `make test`. Everything lands in .venv/ and node_modules/.
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
ROUNDS ?= 200

.PHONY: help venv demo test rewritten model-test lint node browser bench bench-node crash-test clean

help:
	@echo "make demo   serve the sample project and print its address"
	@echo "make test   install what the tests need and run them all, linters and type checkers included"
	@echo "make venv   only make .venv with .venv/bin/stdbctl"
	@echo "make lint   ruff, mypy"
	@echo "make model-test  the engine against its model, at length"
	@echo "make crash-test  servers killed under load, ROUNDS=200 times"
	@echo "make bench  the benchmarks of docs/benchmarks.md"

venv: .venv/installed

.venv/installed: pyproject.toml
	@PYTHON="$(PYTHON)" sh scripts/need.sh python
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group dev --editable .
	@touch .venv/installed

node: tests/node/node_modules/.package-lock.json

tests/node/node_modules/.package-lock.json: tests/node/package.json tests/node/package-lock.json
	@sh scripts/need.sh node
	cd tests/node && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

browser:
	@sh scripts/need.sh browser

demo: venv
	@exec sh scripts/demo.sh

lint: venv
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# What pytest makes of the tests is kept, so that its workers need not all make it; mypy leaves a core free for that.
test: venv node browser
	@$(MAKE) --no-print-directory -j2 lint rewritten
	$(BIN)/python -m pytest -n auto --dist worksteal

rewritten: venv
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --collect-only -qq >/dev/null || true

model-test: venv
	STDBCTL_MODEL_RUNS=200 STDBCTL_MODEL_STEPS=300 $(BIN)/python -m pytest -n auto tests/engine/model

# Servers killed under load, ROUNDS times, and every way in which a module can take a server down.
crash-test: venv
	STDBCTL_CRASH_ROUNDS=$(ROUNDS) STDBCTL_LONG=1 $(BIN)/python -m pytest -s tests/e2e/test_crash.py tests/faults

bench-node: tests/benchmarks/transfers/node/node_modules/.package-lock.json

# better-sqlite3 downloads a binary from GitHub or builds itself with the headers of Node; without, it is left out.
tests/benchmarks/transfers/node/node_modules/.package-lock.json: tests/benchmarks/transfers/node/package-lock.json
	@sh scripts/need.sh node
	cd tests/benchmarks/transfers/node && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

bench: venv node bench-node
	$(BIN)/python -m tests.benchmarks

clean:
	rm -rf .venv tests/node/node_modules tests/benchmarks/transfers/node/node_modules sample_project/.stdbctl .pytest_cache .mypy_cache .ruff_cache
