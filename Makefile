# `make run` sets up and does the main job; `make test` sets up and passes all tests.
SHELL := /bin/sh
PYTHON ?= $(shell command -v python3.12 || command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Thread pools are bounded here once; worker processes bound their own.
export OPENBLAS_NUM_THREADS ?= 2
export NUMBA_NUM_THREADS ?= 2
# Downloads of the tests, kept between runs.
export ISOCORTEX_TEST_CACHE ?= $(CURDIR)/.cache
export ISOCORTEX_TEST_JARS ?= $(CURDIR)/.cache/jars

.PHONY: run test test-graph lint bench validate dashboard setup lock schemas clean

run: setup
	@$(BIN)/isocortex run

dashboard: setup
	@$(BIN)/isocortex dashboard

test: setup lint
	@$(BIN)/python -m tests.provide_browser
	$(BIN)/python -m pytest -n 2 --dist loadgroup

# The contracts of the graph on a server of your own: an empty scratch database, or refusal.
test-graph: setup
	@test -n "$(NEO4J_URI)" || { echo "make test-graph NEO4J_URI=bolt://host:7687 [NEO4J_PASSWORD=…]" >&2; exit 2; }
	ISOCORTEX_TEST_URI="$(NEO4J_URI)" NEO4J_URI= $(BIN)/python -m pytest -n 0 tests/contract/store

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

bench: setup
	$(BIN)/python -m tests.benchmarks

validate: setup
	$(BIN)/python -m tests.validation

setup: $(STAMP)

$(STAMP): requirements/lock.txt pyproject.toml
	@.ci/setup "$(PYTHON)" "$(VENV)"
	@touch $(STAMP)

lock:
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-header --no-annotate --python-version 3.11 --group dev pyproject.toml -o requirements/lock.txt

schemas: setup
	$(BIN)/python -m schemas.export

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
