# Each target does its own set-up in .venv of this checkout; with nothing to do, set-up is silent.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test check test-rest bench test-vllm test-many soak integrity mutants docs

PYTHON_BIN := .venv/bin/python
LINTED := arena leaderboards tests benchmarks scripts
EVERY := not soak and not vllm and not postgres
FAST := $(EVERY) and not slow and not browser and not model
REST := $(EVERY) and (slow or browser or model or drawn)
WHOLE := chromium chromium-browser google-chrome
PYTEST := $(PYTHON_BIN) -m pytest -n 3 --dist worksteal --durations=20

# Modules stay compiled, whatever the machine says: hundreds of programs start in the tests.
export PYTHONDONTWRITEBYTECODE :=

help:
	@echo 'make demo       the arena with real models on this machine; options: make demo ARGS="--port 7999 --data-dir DIR"'
	@echo 'make test       every test that runs without a GPU or heavy packages'
	@echo 'make check      format, lint, types, import contracts, fast tests'
	@echo 'make test-rest  the tests of make test that make check leaves out: both together are every test, each once'
	@echo 'make bench      benchmarks; the figures in the docs come from here'
	@echo 'make test-vllm  the whole way against a real vLLM server (CPU build in an environment of its own)'
	@echo 'make test-many  store, commands and arenas over a PostgreSQL server of their own, as many processes use it; each fault once'
	@echo 'make soak       long fault tests, and releases loaded by the trainers they are for'
	@echo 'make integrity  attacks on made-up and real votes against any detector, beside its bars; ARGS="--seeds 2 --only tenth"'
	@echo 'make mutants    changes the program one place at a time: do the fast tests notice? ARGS="gate split" for some'
	@echo 'make docs       write the generated pages of docs/ anew, and build the site: build/docs/site/index.html'

demo:
	@scripts/setup.sh .venv embedded
	@exec .venv/bin/arena demo $(ARGS)

check:
	@scripts/setup.sh .venv embedded,dev
	@scripts/program.sh "the curl examples of the documents" curl curl
	@scripts/program.sh "the comparison of signatures" openssl openssl
	@scripts/program.sh "the tests of the unit of systemd" systemd systemd-analyze
	@scripts/unpacked.sh "the test of what Prometheus reads" prometheus usr/bin/promtool .venv/bin
	$(PYTHON_BIN) -m ruff format --check $(LINTED)
	$(PYTHON_BIN) -m ruff check $(LINTED)
	$(PYTHON_BIN) -m mypy
	.venv/bin/lint-imports --no-logo
	$(PYTEST) -q --hypothesis-profile=few -m "$(FAST)" $(ARGS)

test: CHOSEN := $(EVERY)
test-rest: CHOSEN := $(REST)
test-rest: PYTEST += --hypothesis-profile=others
test test-rest:
	@scripts/setup.sh .venv embedded,dev
	@scripts/program.sh "the browser tests" "chromium-headless-shell fonts-liberation" chromium-headless-shell -- $(WHOLE)
	@scripts/program.sh "the tests that fail real syncs" strace strace
	$(PYTEST) --reruns 1 --only-rerun "TimeoutError.*ms exceeded" -m "$(CHOSEN)" $(ARGS)

bench:
	@scripts/setup.sh .venv embedded,dev
	@for program in benchmarks/[a-z]*.py; do echo "== $$program"; $(PYTHON_BIN) "$$program"; done

test-vllm:
	@scripts/setup.sh .venv embedded,dev
	@exec scripts/test_vllm.sh $(ARGS)

test-many:
	@scripts/setup.sh .venv embedded,dev,postgres
	@scripts/program.sh "the tests over PostgreSQL" postgresql postgres /usr/lib/postgresql/*/bin/postgres
	$(PYTEST) -m "postgres and not soak" --store postgres $(ARGS)

soak:
	@scripts/setup.sh .venv-soak embedded,dev,soak,ray,postgres torch==2.13.0
	@scripts/setup.sh .venv-soak-factory "" --no-deps -r tests/soak/factory.txt
	@scripts/setup.sh .venv-soak-axolotl "" --no-deps -r tests/soak/axolotl.txt
	@scripts/program.sh "the browser tests" "chromium-headless-shell fonts-liberation" chromium-headless-shell -- $(WHOLE)
	@scripts/program.sh "the tests that fail real syncs" strace strace
	@scripts/program.sh "the tests over PostgreSQL" postgresql postgres /usr/lib/postgresql/*/bin/postgres
	.venv-soak/bin/python -m pytest -m soak $(ARGS)
	.venv-soak/bin/python -m pytest -m "browser and not soak and not model" --every-look --pictures tests/browser

integrity:
	@scripts/setup.sh .venv-integrity integrity
	@exec .venv-integrity/bin/python benchmarks/integrity.py --seeds 30 $(ARGS)

mutants:
	@scripts/setup.sh .venv embedded,dev,mutants
	$(PYTHON_BIN) scripts/mutants.py $(ARGS)

docs:
	@scripts/setup.sh .venv embedded,dev,docs
	$(PYTHON_BIN) -m scripts.pages
	$(PYTHON_BIN) -m scripts.docs_site
