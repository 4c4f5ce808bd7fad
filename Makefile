# Needs Python 3.11 or newer and make; everything else is installed here, in folders of its own.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
UV := .tools/bin/uv
export RASA_TELEMETRY_ENABLED := false

.PHONY: help run test check rules bench nlu nlu-test nlu-compare nlu-curve model compiled screens clean

help: ## Shows what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: .venv/.done model compiled ## Starts the desk with the demonstration town, until Ctrl-C
	@exec .venv/bin/balie serve

test: .venv/.done model ## Runs every test
	@.venv/bin/python -m pytest

check: .venv/.done ## Style, types, floors, and everything authors write
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/balie check

rules: .venv/.done model ## Shows for each rule of the desk the tests that are evidence for it
	@.venv/bin/python -m pytest --rules -q

bench: .venv/.done model compiled ## Measures speed as ratios within one run
	@.venv/bin/python -m benchmarks

nlu: nlu/.venv/.done ## Installs the language model's own environment

nlu-test: .venv/.done model ## Tests the language model on sentences it has not seen
	@.venv/bin/python -m pytest tests/nlu

nlu-compare: .venv/.done nlu/.venv/.done ## Trains and measures each pipeline, for docs/understanding (half an hour)
	@.venv/bin/python -m benchmarks.nlu_compare

nlu-curve: .venv/.done nlu/.venv/.done ## Measures what more sentences are worth, for docs/understanding
	@.venv/bin/python -m benchmarks.nlu_curve

model: .venv/.done nlu/.venv/.done
	@.venv/bin/balie crisis train
	@if [ -x nlu/.venv/bin/python ]; then .venv/bin/balie nlu train; fi

# Python keeps compiled modules by itself, except where it is told not to; the start is half a second shorter with them.
compiled: .venv/.done
	@.venv/bin/python -m compileall -q balie bot board desk storage flows routing

screens: .venv/.done model ## Takes the screenshots in docs/
	@BALIE_SCREENS=docs/screens .venv/bin/python -m pytest tests/end_to_end

clean: ## Removes what was installed and trained; the data in var/ stays
	rm -rf .venv .tools nlu/.venv nlu/models flows/learned .mypy_cache .ruff_cache .pytest_cache

$(UV):
	@echo "Installing uv in .tools ..." >&2
	@$(PYTHON) -m venv .tools
	@.tools/bin/python -m pip install --quiet --disable-pip-version-check uv

.venv/.done: pyproject.toml uv.lock | $(UV)
	@echo "Installing the desk ..." >&2
	@$(UV) sync --quiet --frozen --compile-bytecode --python $(PYTHON)
	@touch $@

# The language model needs Python 3.11. uv takes the machine's own or fetches one; where neither is possible the desk
# runs with the menu.
nlu/.venv/.done: nlu/pyproject.toml nlu/uv.lock | $(UV)
	@echo "Installing the language model's environment (about 2.5 GB, once) ..." >&2
	@if $(UV) sync --quiet --frozen --project nlu --python 3.11; then touch $@; else \
	  echo "No Python 3.11 for the language model could be found or fetched; the desk runs with the menu." >&2; fi
