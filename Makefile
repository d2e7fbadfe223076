# `make run` and `make test` set up all they need on a fresh machine: Python >= 3.11 and a C++
# compiler (llama.cpp is compiled once, some minutes), Node for the VS Code extension.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INKLING := $(BIN)/inkling
STAMPS := .stamps
EXTENSION := vscode-extension
DEMO := examples/inventory.py:10:29

REPLAY_REPO ?= .
REPLAY_SINCE ?= 1 year ago

SCALE_GB ?= 10

STARTER_RUN ?= runs/starter
STARTER_CORPUS ?= corpora/starter
STARTER_OUT ?= inkling/starter
STARTER_TRAINING := --tokens 12288000 --prepare-tokens 14000000 --cooldown 0.8

.PHONY: run test unit e2e lint format extension vsix editor test-newest bench bench-completion \
	bench-curation bench-attribution bench-finetune index starter clean
.DEFAULT_GOAL := run

## Complete a line of a real file with the starter model, and say how to connect an editor.
run: $(STAMPS)/base
	@$(INKLING) complete --show --max-lines 1 $(DEMO)
	@echo
	@echo "To connect an editor, let it start this language server for your files:"
	@echo "  $(abspath $(INKLING)) lsp"
	@echo "docs/editors.md has what to paste for VS Code, Neovim, Emacs, Helix and Kate."

## Everything that must hold: lint, types, unit and end-to-end tests, the VS Code extension.
test: lint unit extension e2e editor

unit: $(STAMPS)/all
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m "not e2e" -n auto --dist loadfile

e2e: $(STAMPS)/all
	$(BIN)/python -m pytest -m e2e

lint: $(STAMPS)/all
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(STAMPS)/all
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

extension: $(STAMPS)/extension
	cd $(EXTENSION) && npm run check && npm run lint && npm test && npm run build

## The VS Code extension as one file, with the wheel that it can install; needs no network.
vsix: $(STAMPS)/extension $(STAMPS)/all
	rm -rf build $(EXTENSION)/wheel
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation \
		--wheel-dir $(EXTENSION)/wheel .
	cd $(EXTENSION) && npm run package

## The packaged extension in a real VS Code, in Chromium; skipped where there is no Chromium.
editor: vsix
	cd $(EXTENSION) && npm run test:editor

## The same in the newest VS Code that npm has, which brings a Node of its own.
test-newest: vsix
	cd $(EXTENSION) && INKLING_TEST_EDITOR=newest npm run test:editor

## Prefill and decode rates, and time to a suggestion, at 1k tokens of context.
bench: $(STAMPS)/all
	$(BIN)/python -m evaluation latency

## Lines of later commits of a repository typed again: ours, its parts, and llama.cpp's server.
bench-completion: $(STAMPS)/all
	$(BIN)/python -m pip install --quiet --editable '.[peers]'
	$(BIN)/python -m evaluation typing $(REPLAY_REPO) --since '$(REPLAY_SINCE)' \
		--runs memory model both no-anchor no-shift no-type-through no-joining no-preparing \
		no-gate no-rules infill completion

## Curation of the standard library, with near-dedup beside peers on its files; rules; redaction.
bench-curation: $(STAMPS)/all
	$(BIN)/python -m evaluation curation
	$(BIN)/python -m evaluation rules
	$(BIN)/python -m evaluation redaction
	$(BIN)/python -m curation pii measure

## Find the sources of 1,600 questions about indexed code and 200 about unseen code, beside peers.
bench-attribution: $(STAMPS)/all
	$(BIN)/python -m pip install --quiet --editable '.[peers]'
	$(BIN)/python -m evaluation attribution --corpus $(STARTER_CORPUS) --mb 200

## Tokens a second and peak memory of fine-tuning, beside plain trl and peft.
bench-finetune: $(STAMPS)/all
	$(BIN)/python -m pip install --quiet --editable '.[peers]'
	$(BIN)/python -m evaluation tuning

## An index of SCALE_GB of the same corpus, multiplied by seeded mutation, and 10,000 completions.
bench-attribution-scale: $(STAMPS)/all
	$(BIN)/python -m evaluation attribution-scale --corpus $(STARTER_CORPUS) --gb $(SCALE_GB) \
		--out indexes/scale --report indexes/scale.json

## The index that names the sources of what the starter model writes, from its corpus.
index: $(STAMPS)/all
	$(BIN)/python -m attribution build $(STARTER_CORPUS)

## Make the starter model again from the locked packages: curate, train, quantize, measure.
starter: $(STAMPS)/all
	$(BIN)/python -m pip install --quiet -r pretrain/starter.lock
	$(BIN)/python -m curation run --environment --lock pretrain/starter.lock --standard-library \
		--heldout-packages 8 --heldout-bytes 5000000 --out $(STARTER_CORPUS)
	$(BIN)/python -m pretrain --corpus $(STARTER_CORPUS) --out $(STARTER_RUN) \
		--name inkling-starter $(STARTER_TRAINING)
	$(BIN)/python -m quantize $(STARTER_RUN)/checkpoint --out $(STARTER_OUT)
	$(BIN)/python -m evaluation fim --corpus $(STARTER_CORPUS) --model $(STARTER_OUT) \
		--out $(STARTER_RUN)/fim.json --record

clean:
	rm -rf $(VENV) $(STAMPS) build dist *.egg-info $(EXTENSION)/node_modules $(EXTENSION)/out \
		$(EXTENSION)/wheel $(EXTENSION)/.vscode-test $(EXTENSION)/*.vsix

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "error: Inkling needs Python 3.11 or newer." \
		"Name one with: make PYTHON=/path/to/python3"; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(STAMPS)/base: pyproject.toml | $(BIN)/python
	@echo "Installing Inkling into $(VENV) (the first time this compiles llama.cpp) ..."
	$(BIN)/python -m pip install --quiet --editable '.[models]'
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/all: pyproject.toml | $(BIN)/python
	@echo "Installing Inkling with everything for training and testing into $(VENV) ..."
	$(BIN)/python -m pip install --quiet --editable '.[train,evaluate,dev]'
	@mkdir -p $(STAMPS) && touch $@ $(STAMPS)/base

$(STAMPS)/extension: $(EXTENSION)/package-lock.json
	cd $(EXTENSION) && npm ci --no-audit --no-fund
	@mkdir -p $(STAMPS) && touch $@
