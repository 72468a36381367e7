# Everything a person or a build machine calls. Each target first makes .venv, once, and again when pyproject.toml changes.

PYTHON ?= $(shell for name in python3 python3.11 python3.12 python3.13; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { command -v $$name; break; }; done)
WORKERS ?= 2
READY := .venv/.ready

.PHONY: setup demo run test check bench

setup: $(READY)

# “compat”: the package is found by its folder; the usual way runs a finder at every start of Python, 12 ms of it.
$(READY): pyproject.toml tools/system_packages.sh
	tools/system_packages.sh "$(PYTHON)"
	"$(PYTHON)" -m venv .venv
	.venv/bin/python -m pip install --quiet --no-input --disable-pip-version-check -e '.[dev]' --config-settings editable_mode=compat
	[ ! -d .git ] || .venv/bin/pre-commit install >/dev/null  # lint, types and contracts at every commit
	touch $(READY)

demo: setup  ## the whole job on the bundled sample: no display, no key, no network
	.venv/bin/python main.py demo --out demo

run: setup  ## open the editor
	.venv/bin/python main.py

test: setup  ## all tests; lint, types and import contracts are among them (tests/test_architecture.py)
	QT_QPA_PLATFORM=offscreen .venv/bin/python -m pytest -n $(WORKERS) --dist loadfile

check: setup  ## lint, types and import contracts alone
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports

bench: setup  ## figures of this machine; nothing here is a test. BENCH="--clip 120 --gop 60" measures a part
	QT_QPA_PLATFORM=offscreen .venv/bin/python -m pytest -s -q tests/bench
	.venv/bin/python -m tests.bench.export_speed $(BENCH)
