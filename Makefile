# The two main commands are `make run` and `make test`. `make help` lists all commands.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)
KEDRO := $(BIN)/kedro
MODEL ?= credit_default
TRACKING_URI := $(or $(MLFLOW_TRACKING_URI),sqlite:///$(CURDIR)/mlflow.db)
export DO_NOT_TRACK := true

.PHONY: help install run test test-slow check docs sbom ui viz serve lock benchmark pictures clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

install: $(VENV)/.installed ## build .venv from the lock

$(VENV)/.installed: requirements.lock pyproject.toml
	@PYTHON="$(PYTHON)" UV="$(UV)" sh tools/install.sh $(VENV) requirements.lock
	@touch $@

$(VENV)/.installed-test: requirements-test.lock $(VENV)/.installed
	@PYTHON="$(PYTHON)" UV="$(UV)" sh tools/install.sh $(VENV) requirements-test.lock
	@touch $@

$(VENV)/.installed-docs: requirements-docs.lock $(VENV)/.installed
	@PYTHON="$(PYTHON)" UV="$(UV)" sh tools/install.sh $(VENV) requirements-docs.lock
	@touch $@

run: $(VENV)/.installed ## run the lifecycle, from the raw table to the registered champion
	$(KEDRO) run

test: $(VENV)/.installed-test ## run the tests
	$(BIN)/pytest -m "not slow" -n 2 --dist loadfile

test-slow: $(VENV)/.installed-test ## run the long tests
	$(BIN)/pytest -m slow -n 2 --dist loadfile

check: $(VENV)/.installed-test ## run ruff, mypy --strict, import-linter, the project's own checks and bandit, then build the site
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/check_conventions.py
	$(BIN)/bandit -q -c pyproject.toml -r src tools benchmarks
	@$(MAKE) --no-print-directory docs

docs: $(VENV)/.installed-docs ## build the documentation site in docs/_site; a warning is an error
	$(BIN)/python -m sphinx -q -W --keep-going -b html docs docs/_site

sbom: ## write the list of all packages to sbom.json (CycloneDX)
	$(PYTHON) tools/bill_of_materials.py requirements.lock > sbom.json

ui: $(VENV)/.installed ## open MLflow on http://127.0.0.1:5000, in one light process
	MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false PATH="$(CURDIR)/$(BIN):$$PATH" \
	$(BIN)/mlflow server --backend-store-uri $(TRACKING_URI) --workers 1 --port 5000

viz: $(VENV)/.installed ## open the lineage on http://127.0.0.1:4141
	$(KEDRO) viz run

serve: $(VENV)/.installed ## serve the champion on http://127.0.0.1:3000; MODEL=insurance_charges serves another model
	MLFLOW_TRACKING_URI=$(TRACKING_URI) PATH="$(CURDIR)/$(BIN):$$PATH" \
	$(BIN)/mlflow models serve -m models:/$(MODEL)@champion -p 3000 --env-manager local

benchmark: $(VENV)/.installed ## compare `kedro run` with a plain script that makes the same fits
	$(BIN)/python benchmarks/lifecycle.py

pictures: $(VENV)/.installed-test ## take the pictures of the README again, after `make run` (needs Chromium and its driver)
	$(BIN)/python tools/screenshots.py $(CURDIR)

lock: ## renew the locks (needs uv)
	uv pip compile pyproject.toml --group build --upgrade $(LOCK_OPTIONS) -o requirements.lock
	uv pip compile pyproject.toml --group build --group test -c requirements.lock --upgrade $(LOCK_OPTIONS) -o .lock-all
	$(PYTHON) tools/lock_difference.py .lock-all requirements.lock > requirements-test.lock
	uv pip compile pyproject.toml --group build --group test --group docs -c requirements.lock -c requirements-test.lock --upgrade \
		$(LOCK_OPTIONS) -o .lock-all
	$(PYTHON) tools/lock_difference.py .lock-all requirements.lock requirements-test.lock > requirements-docs.lock
	rm .lock-all
	$(PYTHON) tools/unhashed_lock.py requirements.lock > requirements-mlflow.txt

# No address of a package index, no CUDA library (XGBoost requires one, but a run on a CPU does not use it).
LOCK_OPTIONS := -c tools/lock_constraints.txt --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	--no-header --no-annotate --no-emit-package nvidia-nccl-cu12 --quiet

clean: ## remove .venv and everything that runs have written
	rm -rf $(VENV) mlflow.db mlruns mlartifacts .viz docs/_site docs/generated
	git clean -fdXq data
