# Every verb sets up what it needs from the lock files; `make` alone lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= python3
DATA ?= newsroom
export PERSONALIZE_LOCAL_PORT ?= 4566
export PERSONALIZE_LOCAL_DATA_DIR ?= $(CURDIR)/.personalize-local

UV := .venv-uv/bin/uv
# Progress bars on a terminal; in a log only what goes wrong.
QUIET := $(shell test -t 2 || echo --quiet)
SERVER := .venv/.ready
TOOLS := .venv-tools/.ready
CHECKOV := .venv-checkov/.ready
CHECKOV_CONFIGS := $(wildcard api/.checkov.yaml mlops/*/.checkov.yaml monitoring/.checkov.yaml)
TEMPLATES := $(wildcard api/template.yaml mlops/*/template.yaml monitoring/template.yaml)

.PHONY: help demo up down tools test check lock pictures docs clean

help: ## List the verbs
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(SERVER) $(TOOLS) ## From nothing to recommendations (DATA=newsroom or DATA=movielens)
	@.venv/bin/python -m examples.demo --data $(DATA)

up: $(SERVER) ## Start the local cloud in the background; ready when the command returns
	@.venv/bin/personalize-local up

down: $(SERVER) ## Stop the local cloud
	@.venv/bin/personalize-local down

tools: $(TOOLS) ## Install the AWS CLI and the SAM CLI into .venv-tools, if you have none of your own

test: $(SERVER) $(TOOLS) ## Run every check and every test
	@$(MAKE) --no-print-directory check
	@.venv/bin/python -m pytest -n auto --dist loadfile

check: $(SERVER) $(TOOLS) $(CHECKOV) ## Lint, the one-way imports, and the templates
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/lint-imports --no-cache
	@.venv-tools/bin/cfn-lint $(TEMPLATES)
	@for config in $(CHECKOV_CONFIGS); do .venv-checkov/bin/checkov --config-file $$config || exit 1; done

pictures: $(SERVER) ## Draw the pictures of the README from the templates and the state machine
	@.venv/bin/python -m docs.pictures

docs: $(SERVER) ## Write the pages that are made from tests and models
	@.venv/bin/python -m docs.faithfulness
	@.venv/bin/python -m docs.params
	@.venv/bin/python -m tests.ledger.write

lock: $(UV) ## Lock the dependencies again (versions and hashes)
	@for name in bootstrap server dev tools checkov; do \
	  $(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	    requirements/$$name.in -o requirements/$$name.txt; done

clean: ## Remove the environments and the local cloud's data
	@rm -rf .venv .venv-uv .venv-tools .venv-checkov .personalize-local

$(UV): requirements/bootstrap.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; this is " + sys.version.split()[0] + ". Name another with: make PYTHON=python3.12 …")'
	@echo "· setting up the installer (.venv-uv)"
	@rm -rf .venv-uv && $(PYTHON) -m venv .venv-uv
	@.venv-uv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	@touch $@

$(SERVER): $(UV) requirements/dev.txt pyproject.toml
	@echo "· installing the local service and its tests (.venv, about 800 MB)"
	@$(UV) venv --quiet --clear --python $(PYTHON) .venv
	@$(UV) pip install $(QUIET) --python .venv/bin/python --require-hashes -r requirements/dev.txt
	@$(UV) pip install --quiet --python .venv/bin/python --no-build-isolation --no-deps --editable .
	@touch $@

$(TOOLS): $(UV) requirements/tools.txt
	@echo "· installing the AWS CLI and the SAM CLI (.venv-tools, about 350 MB)"
	@$(UV) venv --quiet --clear --python $(PYTHON) .venv-tools
	@$(UV) pip install $(QUIET) --python .venv-tools/bin/python --require-hashes -r requirements/tools.txt
	@touch $@

$(CHECKOV): $(UV) requirements/checkov.txt
	@echo "· installing checkov (.venv-checkov, about 200 MB)"
	@$(UV) venv --quiet --clear --python $(PYTHON) .venv-checkov
	@$(UV) pip install $(QUIET) --python .venv-checkov/bin/python --require-hashes -r requirements/checkov.txt
	@touch $@
