# `make demo` shows what cloudlab does, `make test` proves it; `make` alone lists the rest.
# Everything lives in .venv and out/: nothing outside this folder is touched.

# The first Python of at least 3.11 that can make a .venv; or say: make setup PYTHON=/opt/python
PYTHON ?= $(shell for python in python3.11 python3 python3.12 python3.13 python3.14; do \
	$$python -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$python && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check

# Real hosts need the system's libvirt to compile against; without it everything else is there.
comma := ,
DRIVERS := $(shell pkg-config --exists libvirt 2>/dev/null && echo $(comma)drivers)
EXTRAS := plan,lab,fast,store,test,dev$(DRIVERS)
ALL := .venv/.all$(subst $(comma),-,$(DRIVERS))

DESIGN := datasets/designs/small-cloud.yaml
DEMAND := datasets/demand/demo-week.csv.gz
FAST := not slow and not real and not browser
# Bytecode is kept even where the environment asks for none: without it every worker rewrites all
# assertions anew, which takes 6 s.
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -q
# Two workers more than cores: some tests wait, for time-outs and for what never answers.
WORKERS := $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 2)))
NBVAL := -p nbval --nbval-lax --nbval-current-env
AS_ROOT := $(shell test "$$(id -u)" -ne 0 || echo --allow-root)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup demo lab check test bench notebooks coverage-book clean

help:
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 16

setup: $(ALL) ## install everything into .venv; at once when nothing changed

demo: .venv/.plan ## plan a shipped cloud for a shipped week of demand, with report files
	@mkdir -p out
	$(BIN)/cloudlab plan $(DESIGN) --demand $(DEMAND) --growth 5 --replications 5 \
		--json out/plan.json --html out/plan.html --xlsx out/plan.xlsx
	@echo
	@echo "The report, which opens offline: $(CURDIR)/out/plan.html"
	@echo "The same as a workbook:          $(CURDIR)/out/plan.xlsx"
	@echo "The same for programs:           $(CURDIR)/out/plan.json"

lab: $(ALL) ## open the notebooks in JupyterLab
	$(BIN)/jupyter lab $(AS_ROOT) --LabApp.app_settings_dir=notebooks/.lab notebooks

check: $(ALL) ## lint, types, layers and the fast tests: under two minutes
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy cloudlab simulator drivers $(wildcard tests/contracts)
	$(BIN)/lint-imports --no-logo
	$(PYTEST) -n $(WORKERS) -m "$(FAST)" tests

test: check ## check, then all the rest: slow tests, notebooks, browser, real hosts
	$(PYTEST) $(NBVAL) -rfER -n 3 --dist loadfile --no-loadscope-reorder -m "slow or browser or real or notebook" tests notebooks

bench: $(ALL) ## measure speed and memory, and print the table
	$(BIN)/python tests/bench/run.py

notebooks: $(ALL) ## run every cell of every notebook
	$(PYTEST) $(NBVAL) notebooks

coverage-book: $(ALL) ## run the marked tests; print which rows of the book they hold
	$(PYTEST) -m book --coverage-book tests

clean: ## remove what was made, but for .venv
	rm -rf out build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name .venv -prune -o -name __pycache__ -type d -exec rm -rf {} +

# --- .venv, and stamps that say what is installed in it --------------------------------------

.venv/.made:
	@test -n "$(PYTHON)" || { echo "cloudlab needs Python 3.11 or newer with venv: install it" \
		"(Debian: apt-get install python3-venv) or say where it is with PYTHON=..."; exit 1; }
	$(PYTHON) -m venv .venv
	@touch $@

.venv/.plan: .venv/.made pyproject.toml
	@echo "Installing cloudlab and what a plan needs into .venv (about a minute) ..."
	@$(PIP) --editable '.[plan,fast]'
	@touch $@

$(ALL): .venv/.made pyproject.toml
	@echo "Installing cloudlab with $(EXTRAS) into .venv (a minute or two) ..."
	@$(PIP) --editable '.[$(EXTRAS)]'
	@touch .venv/.plan $@
