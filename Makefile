# make demo   shows linkhaul at work on a bundled site
# make test   runs the tests
# Both set up what they need: Python >= 3.11 with venv, and make, are enough. `make help` lists the rest.

PYTHON ?= python3
PYTEST_ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PEERS := bench/.venv/.installed
TREE := /usr/share/doc/postgresql-doc-15/html
COMPILE := UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links --upgrade

.DEFAULT_GOAL := help
.PHONY: help demo test soak check lint types format bench fuzz lock clean nginx peers

help: ## list the targets
	@sed -nE 's/^([a-z]+):.*## (.*)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

demo: $(STAMP) ## serve the bundled site on loopback and list its links
	@$(BIN)/linkhaul demo

test: $(STAMP) nginx ## run the tests (some minutes; PYTEST_ARGS="-k robots" chooses)
	$(BIN)/python -m pytest -n 2 --dist worksteal $(PYTEST_ARGS)

soak: $(STAMP) nginx ## run the long tests, and those in a browser
	$(BIN)/python -m pytest -m "soak or browser" --timeout 0 $(PYTEST_ARGS)

check: lint types test ## everything that a change must pass

lint: $(STAMP) ## ruff: rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP) ## mypy, strict
	$(BIN)/mypy

format: $(STAMP) ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

fuzz: $(STAMP) ## feed the reader mutated pages for a minute
	$(BIN)/python -m tests.trials.fuzz_reader --seconds 60

bench: $(STAMP) nginx peers ## measure against the peers (40 minutes) and write docs/performance.md (BENCH="crawl --repeats 3" measures one thing)
	$(if $(BENCH),$(BIN)/python -m bench $(BENCH),$(BIN)/python -m bench all; code=$$?; $(BIN)/python -m bench report && exit $$code)

lock: $(STAMP) ## write the lock files anew, with the newest versions that pyproject.toml allows
	$(COMPILE) -o requirements.txt
	$(COMPILE) --all-extras --group dev -o requirements-dev.txt

clean: ## remove what these targets made
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
	find src tests examples -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): requirements-dev.txt pyproject.toml
	@command -v $(PYTHON) >/dev/null || { \
		echo "linkhaul needs Python 3.11 or newer, and there is no '$(PYTHON)' here: install it, or name another: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "linkhaul needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) -V): name another: make PYTHON=python3.12" >&2; exit 1; }
	@echo "setting up $(VENV) (once; a minute or two)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# What the tests against a real documentation tree need; without it they are skipped, and say so.
# The path is named because small images tell dpkg to leave out all documentation.
nginx:
	@is_there() { { command -v nginx || test -x /usr/sbin/nginx; } >/dev/null && test -d $(TREE); }; \
	is_there && exit 0; \
	if [ "$$(id -u)" = 0 ]; then as=; elif sudo -n true 2>/dev/null; then as="sudo -n"; else as=no; fi; \
	if [ "$$as" != no ] && command -v apt-get >/dev/null; then \
		echo "installing nginx and postgresql-doc-15"; \
		$$as apt-get update -qq && $$as env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -qq --reinstall --no-install-recommends \
			-o DPkg::Options::=--path-include='/usr/share/doc/postgresql-doc-15/*' nginx postgresql-doc-15 >/dev/null; \
	fi; \
	is_there || echo "nginx or $(TREE) is missing and cannot be installed from here: the tests that need them will be skipped" >&2

# What linkhaul is measured against, and how the server is put at a distance. What is missing is left out of the lines that need it, and said.
peers: $(PEERS)
	@is_there() { command -v wget2 >/dev/null && test -e /usr/lib/nginx/modules/ngx_http_lua_module.so; }; \
	is_there && exit 0; \
	if [ "$$(id -u)" = 0 ]; then as=; elif sudo -n true 2>/dev/null; then as="sudo -n"; else as=no; fi; \
	if [ "$$as" != no ] && command -v apt-get >/dev/null; then \
		echo "installing wget2 and libnginx-mod-http-lua"; \
		$$as apt-get update -qq && $$as env DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends wget2 libnginx-mod-http-lua >/dev/null; \
	fi; \
	is_there || echo "wget2 or nginx's module for Lua is missing and cannot be installed from here: what needs them will not take part" >&2

$(PEERS): bench/requirements.txt | $(STAMP)
	$(BIN)/python -m bench setup
	@touch $@
