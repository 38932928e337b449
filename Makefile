# Everything a developer or a curious merchant needs; `make help` lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
FRONTEND_SOURCES := $(shell find portal_app assets rxconfig.py reflex.lock -type f \( -name '*.py' -o -name '*.js' -o -name '*.jsx' -o -name '*.css' -o -name '*.po' -o -name '*.json' -o -name '*.woff2' -o -name '*.svg' \) -not -path '*/sandbox/*' -not -path 'assets/external/*' -not -path 'portal_app/documents/*' 2>/dev/null)

.PHONY: help setup demo test deep check bench screenshots lock texts clean

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(VENV)/.runtime: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.lock
	@touch $@

.web/.built: $(VENV)/.runtime $(FRONTEND_SOURCES)
	$(BIN)/portal build
	@touch $@

setup: $(VENV)/.runtime .web/.built ## Virtual environment and front-end build

demo: setup ## Sandbox, portal and worker with a shop full of customers; Ctrl-C stops all of it
	@exec $(BIN)/portal demo $(ARGS)

test: setup $(VENV)/.dev ## The whole suite with a seeded sample of the large figures
	$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

deep: setup $(VENV)/.dev ## The same suite at full figures; writes docs/figures.md
	PORTAL_DEEP=1 $(BIN)/python -m pytest --timeout 3600 $(ARGS)

check: $(VENV)/.dev ## Lint, types, import contracts, docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/python -m pytest tests/test_architecture.py tests/test_docs.py

bench: setup $(VENV)/.dev ## Performance figures as ratios, measured side by side
	$(BIN)/python -m benchmarks

screenshots: setup $(VENV)/.dev ## Every page at 390 and 1280 px, light and dark, into screenshots/
	$(BIN)/python -m tests.journeys.screenshots $(ARGS)

lock: ## Compile the lock files anew from pyproject.toml
	$(BIN)/python -m pip install --quiet pip-tools
	$(BIN)/pip-compile --quiet --strip-extras --generate-hashes --allow-unsafe --no-header --no-annotate --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --output-file requirements.lock pyproject.toml
	$(BIN)/pip-compile --quiet --strip-extras --generate-hashes --allow-unsafe --no-header --no-annotate --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --extra dev --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml

texts: ## Collect the texts of the code into the catalogues and check them
	$(BIN)/python -m portal_app.kit.catalogues update
	$(BIN)/python -m portal_app.kit.catalogues check

clean: ## Remove what was built
	rm -rf .web $(VENV) .portal screenshots
