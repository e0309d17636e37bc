# Thin on purpose: each command is a small program in scripts/ that can be read and run alone.
.DEFAULT_GOAL := help
# Where it is set, each of the hundreds of processes that are started would compile anew all that it imports.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help setup run test prove demo check fmt docs sbom

help:  ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup:
	@scripts/bootstrap

run: setup  ## set up, load the two demo counties, serve both until Ctrl-C
	@scripts/run

test: setup  ## the gate, which CI runs; `make test PART=tests/cases` for one app while working
	@.venv/bin/python scripts/services --each -- .venv/bin/python scripts/suite $(PART)

prove: setup  ## everything, also what is long; PART=browser for a part, CONTINUE=1 goes on where it was
	@.venv/bin/python scripts/services --each -- .venv/bin/python scripts/prove $(PART)

demo: setup  ## walk the main errands across two real nodes, then check the proofs offline
	@scripts/demo

check: setup  ## format, lint, types, layers, migrations: seconds
	@.venv/bin/python scripts/check

fmt: setup  ## format the code and mend what can be mended mechanically
	@.venv/bin/ruff check --quiet --fix-only .
	@.venv/bin/ruff format --quiet .

docs: setup  ## print the reference pages that are made from the code, and the catalogue of English
	@.venv/bin/python scripts/error-codes --write
	@.venv/bin/python scripts/access --write
	@.venv/bin/python scripts/procedures --write
	@.venv/bin/python scripts/standards --write
	@.venv/bin/python scripts/marked --write
	@.venv/bin/python scripts/messages --write

sbom: setup  ## write down what a node is made of (CycloneDX), as var/sbom.json
	@mkdir -p var
	@.venv/bin/python scripts/sbom > var/sbom.json
