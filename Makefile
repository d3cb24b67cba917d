# One command each; every one does its own set-up in a private .venv.
#   make demo    install, then the report of Intergroup-0035
#   make test    install, then the tests (and a browser for those that look at pages)
#   make check   format, lint, types, import contracts, documentation
#   make lock    renew requirements.lock after a change of dependencies

PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test check format lock clean
.DEFAULT_GOAL := demo

demo: .venv/installed
	$(BIN)/equipoise report intergroup0035 --output report

test: .venv/installed
	@. ./.ci/browser && $(BIN)/python -m pytest -q -n 2 --dist worksteal

check: .venv/installed
	$(BIN)/ruff format --check src tests benchmarks verification
	$(BIN)/ruff check src tests benchmarks verification
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/test_docs.py

format: .venv/installed
	$(BIN)/ruff format src tests benchmarks verification
	$(BIN)/ruff check --fix src tests benchmarks verification

# What users need, pinned with hashes; then the project itself, editable and without further look-ups.
.venv/installed: pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "equipoise needs Python 3.11 or later; say which with PYTHON=…")'
	@test -x $(BIN)/python && $(BIN)/python -m pip --version >/dev/null 2>&1 || sh .ci/venv $(PYTHON)
	@echo "installing into .venv (a minute or two) …"
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $@

lock:
	uv pip compile pyproject.toml --group test --group check --universal --generate-hashes \
	  --no-emit-package equipoise --no-header --quiet --output-file requirements.lock

clean:
	rm -rf .venv report build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
