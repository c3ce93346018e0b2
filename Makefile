# The two commands of the README: 'make run' and 'make test'. Both set up .venv first, and at once if it is there.
# All paths are relative, so that a folder with spaces or accents in its name does no harm.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check

.PHONY: run app test lint experiments docs bench soak solara solaratest clean help
.DEFAULT_GOAL := help

help: ## say what there is
	@grep -E '^[a-z]+:.*##' Makefile | sed 's/:.*## /\t/' | expand -t 14

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit("collabsim needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another: make PYTHON=python3.12 run") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.run: pyproject.toml constraints.txt | $(VENV)/.made
	@echo "Setting up $(VENV) (about a minute, once) ..."
	$(PIP) --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.test: pyproject.toml constraints.txt $(VENV)/.run | $(VENV)/.made
	@echo "Adding what the tests need ..."
	$(PIP) --constraint constraints.txt --editable '.[test]'
	@touch $@

run: $(VENV)/.run ## sweep the six practices over the Scottish partnership and print what it found
	@$(PY) experiments/practices_factorial.py

app: $(VENV)/.run ## open the browser page
	@$(PY) -m collabsim app

test: $(VENV)/.test lint ## run every test
	@$(PY) -m collabsim run pair --json >/dev/null  # compiles the month, which the tests then share
	@$(PY) -m pytest -n 2 --dist loadgroup

lint: $(VENV)/.test ## check style and types
	@$(PY) -m ruff check src tests experiments docs benchmarks
	@$(PY) -m mypy

experiments: $(VENV)/.run ## run every experiment anew into results/
	@for script in experiments/*.py; do echo "== $$script"; $(PY) "$$script" || exit 1; done

docs: $(VENV)/.test ## build the site of all documentation into build/site/
	@$(PY) -m sphinx -q -W -b html docs build/site
	@echo "Open build/site/index.html"

# BENCH shortens: make bench BENCH="--rounds 3"
bench: $(VENV)/.run ## measure speed, threads, size, start, phases and durability anew into results/benchmarks/
	@for script in side_by_side threads scale start profile_phases durable; do \
		echo "== $$script"; $(PY) benchmarks/$$script.py $(BENCH) || exit 1; done

# takes about an hour on a quiet machine; SOAK shortens: make soak SOAK="--runs 5000 --kills 20 --chunk 50"
soak: $(VENV)/.run ## kill a sweep two hundred times and see that it ends in the same bits, into results/soak/
	@$(PY) benchmarks/soak.py --large 1000000 $(SOAK)

# The page for Mesa users needs releases of its own, and so an environment of its own.
$(VENV)-solara/.run: requirements-solara.txt pyproject.toml
	@echo "Setting up $(VENV)-solara (about a minute, once) ..."
	@$(PYTHON) -m venv $(VENV)-solara
	@$(VENV)-solara/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-solara.txt --editable .
	@touch $@

solara: $(VENV)-solara/.run ## open the small SolaraViz page for Mesa users
	@$(VENV)-solara/bin/python -m solara run collabsim.solara_page --host 127.0.0.1

solaratest: $(VENV)/.test $(VENV)-solara/.run ## test that page, in its own environment
	@$(PY) -m pytest -n 0 tests/test_solara_page.py

clean: ## remove the environments
	rm -rf $(VENV) $(VENV)-solara
