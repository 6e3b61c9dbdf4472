# Each target does its own set-up in .venv of this checkout; with nothing to do, set-up is silent.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test check bench test-vllm soak mutants docs

PYTHON_BIN := .venv/bin/python
LINTED := arena leaderboards tests benchmarks scripts
TWO := -n 2 --dist loadfile
FAST := not slow and not browser and not model and not soak and not vllm

help:
	@echo 'make demo       the arena with real models on this machine; options: make demo ARGS="--port 7999 --data-dir DIR"'
	@echo 'make test       every test that runs without a GPU or heavy packages'
	@echo 'make check      format, lint, types, import contracts, fast tests'
	@echo 'make bench      benchmarks; the figures in the docs come from here'
	@echo 'make test-vllm  the whole way against a real vLLM server (CPU build in an environment of its own)'
	@echo 'make soak       long fault tests, and releases loaded by the trainers they are for'
	@echo 'make mutants    changes the program one place at a time: do the fast tests notice? ARGS="gate split" for some'
	@echo 'make docs       write the generated pages of docs/ anew, and build the site: build/docs/site/index.html'

demo:
	@scripts/setup.sh .venv embedded
	@exec .venv/bin/arena demo $(ARGS)

check:
	@scripts/setup.sh .venv embedded,dev
	$(PYTHON_BIN) -m ruff format --check $(LINTED)
	$(PYTHON_BIN) -m ruff check $(LINTED)
	$(PYTHON_BIN) -m mypy
	.venv/bin/lint-imports --no-logo
	$(PYTHON_BIN) -m pytest -q $(TWO) -m "$(FAST)" $(ARGS)

test:
	@scripts/setup.sh .venv embedded,dev
	@scripts/program.sh "the browser tests" "chromium fonts-liberation" chromium chromium-browser google-chrome
	@scripts/program.sh "the tests that fail real syncs" strace strace
	$(PYTHON_BIN) -m pytest $(TWO) -m "not soak and not vllm" $(ARGS)

bench:
	@scripts/setup.sh .venv embedded,dev
	@for program in benchmarks/[a-z]*.py; do echo "== $$program"; $(PYTHON_BIN) "$$program"; done

test-vllm:
	@scripts/setup.sh .venv embedded,dev
	@exec scripts/test_vllm.sh $(ARGS)

soak:
	@scripts/setup.sh .venv-soak embedded,dev,soak torch==2.13.0
	@scripts/setup.sh .venv-soak-factory "" --no-deps -r tests/soak/factory.txt
	@scripts/setup.sh .venv-soak-axolotl "" --no-deps -r tests/soak/axolotl.txt
	@scripts/program.sh "the browser tests" "chromium fonts-liberation" chromium chromium-browser google-chrome
	@scripts/program.sh "the tests that fail real syncs" strace strace
	.venv-soak/bin/python -m pytest -m soak $(ARGS)

mutants:
	@scripts/setup.sh .venv embedded,dev,mutants
	$(PYTHON_BIN) scripts/mutants.py $(ARGS)

docs:
	@scripts/setup.sh .venv embedded,dev,docs
	$(PYTHON_BIN) -m scripts.pages
	$(PYTHON_BIN) -m scripts.docs_site
