# Every target sets up what it needs: only git, make and Python >= 3.11 are assumed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# Where Python may not keep bytecode (images for containers forbid it) every process would compile all anew.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help

help: ## what can be made here
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

# Bytecode is compiled on install, on all cores, which pip does on one: importing ccxt without it takes five
# seconds. Some packages hold files that are no Python of today.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Aftershock needs Python 3.11 or newer, this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12 ...") if sys.version_info < (3, 11) else None'
	@echo "Setting up $(VENV) (once; a minute or two) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable . 2>$(VENV)/install.log \
		|| { cat $(VENV)/install.log; exit 1; }
	@$(BIN)/python -m compileall -qq -j 0 $(VENV)/lib || true
	@$(BIN)/python -m compileall -q bot signals storage
	@touch $(READY)

run: $(READY) ## open Aftershock: Telegram where TELEGRAM_BOT_TOKEN is set, else the playground
	@$(BIN)/python -m bot

test: $(READY) ## everything that CI checks
	@# Types beside tests: one after the other leaves a core idle while types are looked at.
	@$(MAKE) --no-print-directory --jobs 2 lint tests

tests: $(READY)
	@# Asserts are rewritten here once, and not by every worker for itself.
	@$(BIN)/python -m pytest --collect-only -qq >$(VENV)/collected.log || { cat $(VENV)/collected.log; exit 1; }
	@# Half of the tests wait for processes and clocks: two at a time on a core take half as long.
	@$(BIN)/python -m pytest --numprocesses 4 --dist worksteal

soak: $(READY) ## all that can fail, for SOAK_MINUTES (10), with SOAK_SEED (of the day)
	@# In one process, one story after the other: what a seed brings about must not depend on the neighbours.
	@export SOAK_MINUTES=$${SOAK_MINUTES:-10} SOAK_SEED=$${SOAK_SEED:-$$(date +%Y%m%d)}; \
		echo "SOAK_MINUTES=$$SOAK_MINUTES SOAK_SEED=$$SOAK_SEED"; \
		$(BIN)/python -m pytest -p no:xdist tests/acceptance/test_killed.py tests/acceptance/test_day.py tests/acceptance/test_weather.py

lint: $(READY) ## ruff and mypy --strict
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@# Beside tests it makes way for them: some count seconds.
	@nice $(BIN)/mypy

bench: $(READY) ## the measured figures of the README
	@# Not with the others: sqlite-utils loads pandas where it finds it, and every bot would pay 35 MB for it.
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade --no-deps --target .bench/frames pandas==3.1.1
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade --no-deps --target .bench/limiter aiolimiter==1.2.1
	@PYTHONPATH=.bench/frames $(BIN)/python -m tests.bench rules
	@PYTHONPATH=.bench/limiter $(BIN)/python -m tests.bench own latency process outbox delivery bulk reply killed drawing polling

docs: $(READY) ## write the generated parts of README and .env.example
	@$(BIN)/python -m tests.readme

PINS := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

lock: ## pin anew what pyproject.toml asks for (needs uv)
	$(PINS) --extra dev --output-file requirements.lock --upgrade
	@# What platforms and images install: the same pins, without the tools of the tests.
	$(PINS) --extra postgres --constraint requirements.lock --output-file requirements.txt --upgrade

clean: ## remove the virtual environment and the caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis

.PHONY: help run test tests soak lint bench docs lock clean
