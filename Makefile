# Requires only Python 3.11 or newer and make: each target sets up what it needs, faster if uv is installed.
#   make test PYTHON=python3.13     another Python, in its own environments
#   make test DJANGO=6.1            another Django than the pinned one, in its own environments
#   make demo ADDRESS=0.0.0.0:9000  another address to serve at
#   make bench AGAINST=../before    another checkout of the template to compare with
PYTHON ?= python3
DJANGO ?=
TESTS ?= tests
AGAINST ?=

VARIANT := $(if $(filter-out python3,$(PYTHON)),-$(subst /,_,$(PYTHON)))$(if $(DJANGO),-django$(DJANGO))
RENDER := .venv-render$(VARIANT)
DEV := .venv-dev$(VARIANT)
BENCH := .venv-bench$(VARIANT)
OLDEST_COOKIECUTTER := cookiecutter-2.6.0
TEMPLATE := $(shell find cookiecutter.json typed_answers.py template_origin.py hooks '<<cookiecutter.project_slug>>' -type f)

# `make test UV=` does not use uv. Environments that uv created get pip only when it is needed.
UV ?= $(if $(shell uv --version 2>/dev/null),uv)
VENV = $(PYTHON) -m venv --clear $(if $(UV),--without-pip)
PIP = { $(@D)/bin/python -c 'import pip' 2>/dev/null || $(@D)/bin/python -m ensurepip; } && $(@D)/bin/python -m pip
INSTALL = $(if $(UV),$(UV) pip install --quiet --python $(@D)/bin/python,$(PIP) install --quiet --disable-pip-version-check)
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-strip-extras \
	--custom-compile-command "make lock"

FUZZ_EXAMPLES ?= 500
FUZZ_DOCUMENTS ?= 100000

.PHONY: help demo test fuzz bench bench-load bench-flood bench-render bench-scale bench-timing lint approve lock graphiql screenshots clean

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.* ## /\1\t/p' Makefile

demo: build/my_project/Makefile ## Render with the default answers into build/, set up, serve http://127.0.0.1:8000/graphql
	$(MAKE) -C build/my_project run

test: $(DEV)/ready $(DEV)/$(OLDEST_COOKIECUTTER) ## Render every combination of answers and test the projects
	$(DEV)/bin/python -m pytest --numprocesses 2 --maxschedchunk 1 $(TESTS)

fuzz: $(DEV)/ready ## Send many random requests to both flavours, and measure how long documents take to read; nightly
	FUZZ_EXAMPLES=$(FUZZ_EXAMPLES) $(DEV)/bin/python -m pytest --numprocesses 2 tests/test_fuzz.py
	FUZZ_DOCUMENTS=$(FUZZ_DOCUMENTS) $(DEV)/bin/python -m pytest --numprocesses 2 -rP tests/test_documents.py

bench: $(BENCH)/ready ## Measure what a request costs, into docs/performance.md; AGAINST only prints. Ten minutes on an idle machine
	$(BENCH)/bin/python -m benchmarks.compare $(if $(AGAINST),--against '$(AGAINST)',--page docs/performance.md)

bench-load: $(BENCH)/ready ## Let clients ask two processes for this and that, into docs/performance.md; two minutes
	$(BENCH)/bin/python -m benchmarks.traffic --page docs/performance.md

bench-flood: $(BENCH)/ready ## Measure how long `me` takes while 60 connections log in, into docs/performance.md; two minutes
	$(BENCH)/bin/python -m benchmarks.flood --page docs/performance.md

bench-render: $(BENCH)/ready ## Measure how long it takes to render, into docs/performance.md
	$(BENCH)/bin/python -m benchmarks.rendering --page docs/performance.md

bench-scale: $(BENCH)/ready ## Measure with 1,000 to 1,000,000 users, into docs/performance.md; needs PostgreSQL at 127.0.0.1:5432 and some minutes
	$(BENCH)/bin/python -m benchmarks.scale --page docs/performance.md

bench-timing: $(BENCH)/ready ## Measure whether the time of an answer tells who has an account, into docs/performance.md; needs PostgreSQL at 127.0.0.1:5432 and some minutes
	$(BENCH)/bin/python -m benchmarks.timing --page docs/performance.md

lint: $(DEV)/ready ## Lint the template, the rendered folder included, and check the format of its own code
	$(DEV)/bin/ruff check
	$(DEV)/bin/ruff format --check benchmarks hooks tests template_origin.py typed_answers.py

approve: $(DEV)/ready ## Take over the schemas, messages and file trees that are rendered now; look at the difference before you commit
	$(DEV)/bin/python -m tests.approve

lock: ## Compile requirements/*.in to *.txt, with uv; `make lock LOCK_OPTIONS=--upgrade` takes the newest releases
	$(MAKE) -C '<<cookiecutter.project_slug>>' lock
	cd requirements && for name in uv render bench dev; do $(LOCK) $(LOCK_OPTIONS) $$name.in -o $$name.txt \
		--constraints '../<<cookiecutter.project_slug>>/requirements/dev.txt' \
		--constraints '../<<cookiecutter.project_slug>>/requirements/production.txt' || exit; done

graphiql: ## Bundle GraphiQL into the rendered folder; needs Node.js 20 or newer with npm, which nothing else does
	cd graphiql && npm install --no-package-lock --no-audit --no-fund && npm run build

screenshots: $(DEV)/ready ## Update the pictures of the README; needs Chromium and git
	$(DEV)/bin/python -m tests.update_picture
	$(DEV)/bin/python -m tests.screenshots

clean: ## Remove build/, the environments and the caches
	rm -rf build .venv-* graphiql/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis

build/my_project/Makefile: $(RENDER)/ready $(TEMPLATE)
	$(RENDER)/bin/python -m cookiecutter . --no-input --default-config --overwrite-if-exists --output-dir build

.venv-%$(VARIANT)/ready: requirements/%.txt
	@echo "Setting up $(@D); this is done once."
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed. If it has another name: make PYTHON=python3.13")'
	$(VENV) $(@D)
	$(INSTALL) -r $<
	$(AND_DJANGO)
	touch $@

ifneq ($(DJANGO),)
$(DEV)/ready $(BENCH)/ready: AND_DJANGO = $(INSTALL) 'django~=$(DJANGO).0'
endif

$(DEV)/$(OLDEST_COOKIECUTTER): $(DEV)/ready
	$(INSTALL) --no-deps --target $@ $(subst -,==,$(OLDEST_COOKIECUTTER))
	touch $@
