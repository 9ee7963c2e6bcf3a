# Two commands: `make serve` sets up, builds the demo index and serves it; `make test` sets up and
# tests. `make bench` sets up what the benchmarks need; `make lock` updates the pinned requirements.

PYTHON ?= python3
BIN := .venv/bin
DEMO := .timtin/demo

.PHONY: serve test versions check bench lock translations clean docs

serve: .venv/native.done $(if $(TIMTIN_INDEX),,$(DEMO).done)
	TIMTIN_INDEX=$(or $(TIMTIN_INDEX),$(DEMO)) $(BIN)/python -m web

test: .venv/test.done .venv/native.done check
	$(BIN)/pytest

# Part of the tests, and the commands, on each other version of Python that is installed.
versions:
	bash .ci/versions

check: .venv/test.done
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/pyright
	$(BIN)/lint-imports

bench: .venv/bench.done .venv/native.done

# Generates the reference of the command line and the settings from the code.
docs: .venv/test.done
	$(BIN)/python -m tests.reference

.venv/%.done: requirements/%.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	touch $@

# Without a C compiler this prints a note and succeeds: the engine then uses NumPy only.
.venv/native.done: $(wildcard index/native/*.c index/native/*.h index/native/*.py) \
		| .venv/run.done
	$(BIN)/python -m index.native.build
	touch $@

$(DEMO).done: .venv/run.done $(shell find demo index -name '*.txt' -o -name '*.py')
	$(BIN)/python -m index build demo --index $(DEMO)
	touch $@

# Needs `uv`. Each file constrains the next, so that packages have the same version in all of them.
LOCK = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links pyproject.toml
lock:
	$(LOCK) --output-file requirements/run.txt
	$(LOCK) --all-extras --group dev --constraints requirements/run.txt --output-file requirements/test.txt
	$(LOCK) --group versions --constraints requirements/test.txt --output-file requirements/versions.txt
	$(LOCK) --all-extras --group dev --group bench --constraints requirements/test.txt --output-file requirements/bench.txt

# Adds new texts of the pages to the translations, removes unused ones and compiles. New texts are
# left empty: translate them by hand and run it again.
translations: .venv/test.done
	mkdir -p .timtin
	$(BIN)/pybabel --quiet extract -F pyproject.toml --no-location --sort-output -k text -k translatable -k plural:1,2 -o .timtin/pages.pot .
	$(BIN)/pybabel --quiet update --ignore-obsolete --no-fuzzy-matching --ignore-pot-creation-date -D pages -d web/translations -l en -i .timtin/pages.pot
	$(BIN)/pybabel --quiet compile -D pages -d web/translations

clean:
	rm -rf .venv .timtin
