# Three words to know: `make update` writes whatever is derived, `make verify` fails where something
# is not as it should be, `make test` runs every test. `make up` gives a cluster.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NAME ?= kubepy

.DEFAULT_GOAL := help
.PHONY: help up down status update verify test unit e2e bench clean system

help:  ## What can be made.
	@awk -F':.*##' '/^[a-z0-9]+:.*##/ {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

up: system $(VENV)/run  ## Install what is missing and start a one-node cluster.
	$(BIN)/python hack/build_protos.py
	$(BIN)/kubepy up --name $(NAME)

down: $(VENV)/run  ## Stop the cluster and remove every trace of it.
	$(BIN)/kubepy down --name $(NAME)

status: $(VENV)/run  ## What runs.
	$(BIN)/kubepy status --name $(NAME)

update: $(VENV)/dev  ## Write what is derived from protos: Structs, services, descriptors; format.
	$(BIN)/python hack/generate.py
	$(BIN)/python hack/build_protos.py
	$(BIN)/ruff format -q .
	$(BIN)/ruff check -q --fix .

verify: $(VENV)/dev  ## Generated code, lint, types and import contracts are as they should be.
	hack/verify

test: system $(VENV)/dev $(VENV)/registry $(VENV)/etcd  ## Install what tests need and run them all.
	$(BIN)/python hack/build_protos.py
	$(BIN)/python -m pytest -q

unit: $(VENV)/dev $(VENV)/etcd  ## The tests that need neither root nor a kernel.
	$(BIN)/python hack/build_protos.py
	$(BIN)/python -m pytest -q -m "not e2e"

e2e: system $(VENV)/dev $(VENV)/registry $(VENV)/etcd  ## The tests on real containers, kernel rules and clients.
	$(BIN)/python hack/build_protos.py
	$(BIN)/python -m pytest -q -m e2e

bench: system $(VENV)/dev  ## Measure against the budgets; asserts nothing.
	$(BIN)/python hack/bench

clean:  ## Remove what was built.
	rm -rf $(VENV) build dist *.egg-info kubepy/pb/descriptors.binpb kubepy/api/descriptions.json

system:
	@hack/install-system

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --disable-pip-version-check --upgrade pip

# Unpacked, not installed: the packages would start services. Without one, its tests are skipped.
$(VENV)/registry: | $(VENV)/bin/python
	-cd $(VENV) && apt-get -o APT::Sandbox::User=root download -q docker-registry && dpkg -x docker-registry_*.deb registry

$(VENV)/etcd: | $(VENV)/bin/python
	-cd $(VENV) && apt-get -o APT::Sandbox::User=root download -q etcd-server && dpkg -x etcd-server_*.deb etcd

# Building needs the proto compiler; without isolation pip does not fetch it a second time.
$(VENV)/run: pyproject.toml setup.py $(wildcard protos/*/*.proto) | $(VENV)/bin/python
	$(BIN)/pip install -q --disable-pip-version-check "setuptools>=77" "grpcio-tools>=1.80"
	$(BIN)/pip install -q --disable-pip-version-check --no-build-isolation -e .
	@touch $@

$(VENV)/dev: $(VENV)/run
	$(BIN)/pip install -q --disable-pip-version-check --no-build-isolation -e ".[dev]"
	@touch $@
