# The commands of this project. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help setup setup-runtime run test lint format texts lock clean

PY := .venv/bin/python
# More processes than this gain little: the suite shares one PostgreSQL.
WORKERS ?= auto
UV ?= uv

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Install what running and testing need: packages, system libraries, a browser
	@deploy/setup.sh all

setup-runtime:
	@deploy/setup.sh runtime

run: setup-runtime ## Start Counterfoil with a demo at http://127.0.0.1:8000 (PORT, COUNTERFOIL_DATA)
	@exec $(PY) manage.py up --demo

test: setup lint ## Check everything: lint, then all tests (ARGS="-k name" for some)
	@exec $(PY) -m pytest -n $(WORKERS) --maxprocesses 4 --dist loadfile $(ARGS)

lint: ## Check style, types, import contracts and templates
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports
	$(PY) -m djlint --lint --quiet templates

format: ## Format Python
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

texts: ## Gather the texts that people see into locale/, and compile their translations
	$(PY) -m deploy.texts --missing

lock: ## Write requirements.txt and requirements-dev.txt anew from pyproject.toml (needs uv)
	@command -v $(UV) >/dev/null || { echo "uv is missing: pip install uv, or name one with UV=/path/to/uv" >&2; exit 1; }
	$(UV) pip compile --universal --no-strip-extras --generate-hashes --quiet --no-header --no-emit-index-url --no-annotate \
		pyproject.toml --output-file requirements.txt
	$(UV) pip compile --universal --no-strip-extras --generate-hashes --quiet --no-header --no-emit-index-url --no-annotate \
		--group dev pyproject.toml --output-file requirements-dev.txt

clean: ## Remove caches and collected files; .venv and .data stay
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage htmlcov staticfiles
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
