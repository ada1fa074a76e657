# Two commands: make run, make test. Everything else is listed by make help.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
FLASK := $(VENV)/bin/flask
export DEMONSTRATION ?= 1

.PHONY: help run demo setup test soak bench lint lock clean

help: ## list what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

setup: $(VENV)/runtime ## build .venv from the lock file
$(VENV)/runtime: requirements.txt
	@PYTHON="$(PYTHON)" sh scripts/setup.sh $(VENV) $<
	@touch $@
$(VENV)/dev: requirements-dev.txt $(VENV)/runtime
	@PYTHON="$(PYTHON)" sh scripts/setup.sh $(VENV) $<
	@touch $@

run: setup ## migrate, load the real content, and serve on http://127.0.0.1:8000
	@exec $(FLASK) up

demo: setup ## the same with a simulated edition beside it, in an instance of its own
	@PORTAL_INSTANCE=$${PORTAL_INSTANCE:-instance-demo} exec $(FLASK) up --simulated

test: $(VENV)/dev ## run every test
	@$(VENV)/bin/python scripts/test.py $(ARGS)

soak: $(VENV)/dev ## run the heavy checks at full count (up to 40 minutes)
	@$(VENV)/bin/python scripts/test.py --soak

bench: $(VENV)/dev ## print figures; ONLY=name for one of them
	@$(VENV)/bin/python -m tests.bench $(ONLY)

lint: $(VENV)/dev ## ruff, mypy, djlint
	@$(VENV)/bin/ruff check . && $(VENV)/bin/ruff format --check . && $(VENV)/bin/mypy && $(VENV)/bin/djlint --lint templates

lock: ## write both lock files anew (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links -q requirements.in -o requirements.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links -q -c requirements.txt requirements-dev.in -o requirements-dev.txt

clean: ## remove the environment and caches, keep every instance
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache
