# Everything a developer or an administrator does by hand; needs Python 3.11 or later and make, nothing else.

PYTHON ?= python3
# One more than cores: who tests a server waits for it.
WORKERS ?= 3
SEEDS ?= 1000
SIZES ?= 1000 100000
ATTACKS ?= 200
VENV := .venv
BIN := $(VENV)/bin

# Wheels only, each checked against its hash: nothing is compiled, and no build back end is fetched on the way.
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
LOCKED := --only-binary=:all: --require-hashes --requirement
THIS_TREE := --no-deps --no-build-isolation --editable .

UV_COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	--quiet pyproject.toml --group build

.DEFAULT_GOAL := help
.PHONY: help run install install-dev test lint types contracts audit pytest attack format stories reference simulate check-alerts bench bundle \
	check-bundle image check-containers lock clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

run: install ## Start Coursewatch: API and pages on one machine
	$(BIN)/coursewatch serve

install: $(VENV)/.installed ## Make .venv with what Coursewatch needs to run

install-dev: $(VENV)/.installed-dev ## The same with the tools for development and tests

test: lint types contracts audit pytest ## Check everything, as CI does

lint: install-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install-dev
	$(BIN)/mypy

contracts: install-dev
	$(BIN)/lint-imports

audit: install-dev ## Ask whether a pinned package is known to be vulnerable; AUDIT=required fails where nobody answers
	$(BIN)/python -m tests.audit

pytest: install-dev
	$(BIN)/python -m pytest --numprocesses $(WORKERS)

attack: install-dev ## Send 200 right and wrong requests to each route over a socket; ATTACKS=… sets how many
	$(BIN)/python -m tests.api.attacks --examples $(ATTACKS)

format: install-dev ## Format the code and repair what ruff can repair
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

stories: install-dev ## Tell the stories of docs/stories anew and write their pages
	$(BIN)/python -m docs.stories

reference: install-dev ## Write docs/reference anew from the tables and the protocols
	$(BIN)/python -m docs.reference_pages

simulate: install-dev ## Live 1,000 simulated years; SEEDS=… sets how many
	$(BIN)/python -m tests.simulation --seeds $(SEEDS) --workers $(WORKERS)

check-alerts: install-dev ## Make every alert fire by a real fault; needs Prometheus, takes ten minutes
	$(BIN)/python -m tests.alarms

bench: install-dev ## Measure what the README's figures come from
	$(BIN)/python -m benchmarks

bench-scale: install-dev ## Measure what docs/performance.md tells; SIZES="1000 100000", ONLY=…, DATA=folder
	$(BIN)/python -m benchmarks.scale --sizes $(SIZES) $(if $(ONLY),--only $(ONLY)) $(if $(DATA),--data $(DATA))

bundle: install ## Make dist/coursewatch-VERSION-bundle.tar, to install without internet
	docker/bundle/make.sh

check-bundle: ## Install from that bundle where nothing can be reached, and use it there
	docker/bundle/check.sh "$$(ls -t dist/coursewatch-*-bundle.tar | head -n 1)"

image: ## Build localhost/coursewatch:VERSION with buildah, podman or docker; BUILD_OPTIONS=… are theirs
	docker/build.sh $(BUILD_OPTIONS)

check-containers: ## Build and start all of docker/ for real, and see what it withstands (as root, on Debian)
	docker/check.sh

lock: ## Write both lock files anew (needs uv)
	$(UV_COMPILE) --output-file requirements.lock
	$(UV_COMPILE) --group dev --constraint requirements.lock --output-file requirements-dev.lock

clean: ## Remove .venv and the tools' caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Coursewatch needs Python 3.11 or later. Name one: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo "This Python cannot make virtual environments. On Debian and Ubuntu: apt-get install -y python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/.installed: $(VENV)/.made requirements.lock pyproject.toml
	$(PIP_INSTALL) $(LOCKED) requirements.lock
	$(PIP_INSTALL) $(THIS_TREE)
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.lock
	$(PIP_INSTALL) $(LOCKED) requirements-dev.lock
	@touch $@
