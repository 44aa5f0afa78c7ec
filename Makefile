# Everything a newcomer needs: `make demo` shows the main job, `make test` runs the tests, `make check` is the full gate.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

# `make fuzz` compares bash with its logic on 10,000 random programs (about half an hour; COUNT=… for fewer).
COUNT  ?= 10000

.PHONY: demo test check fuzz fmt generate install clean

install: $(STAMP)

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("peerlint needs Python 3.11 or newer, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else 0'
	@echo "setting up $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[lsp]" --group dev
	@touch $(STAMP)

demo: $(STAMP)
	@$(BIN)/python -m tests.demo

test: $(STAMP)
	$(BIN)/python -m pytest -n auto

fuzz: $(STAMP)
	$(BIN)/python -m tests.laws.fuzz --count $(COUNT)

fmt: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

generate: $(STAMP)
	$(BIN)/python -m tests.generate

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.generate --check
	$(BIN)/python -m pytest -n auto

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
