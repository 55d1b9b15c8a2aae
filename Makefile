# Targets with a comment after ## are listed by `make help`. ARGS is handed to the program that a target runs.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help dependencies build profile test bundle benchmark lint format clean

SWIFT ?= swift
# The tests run optimised: in debug the kernels' CPU references are some 14 times slower (CONTRIBUTING.md).
CONFIGURATION ?= release
STRICT := --explicit-target-dependency-import-check error

VERSION := $(shell sed -n 's/.*qpGPUVersion = "\([^"]*\)".*/\1/p' Sources/QPCore/Version.swift 2>/dev/null)
VERSION := $(or $(VERSION),0.1.0)

SWIFT_SOURCES = $(wildcard Package.swift Sources Tests Shaders Benchmarks Fuzz Examples)
SHELL_SOURCES = $(wildcard .ci/run scripts/*.sh Benchmarks/run Fuzz/run)

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

dependencies: ## Install what building, running and testing need, if anything is missing
	@scripts/install-dependencies.sh --test

build: ## Build the tool and the libraries, optimised
	@scripts/install-dependencies.sh --build --dry-run
	$(SWIFT) build -c release $(STRICT)

profile: ARGS ?= --head Gemma-3-270M --head Qwen2.5-0.5B --element-type f16 --batch 1 --batch 8
profile: ## Install what is missing, build, and profile this machine's device (ARGS="--quick")
	@scripts/install-dependencies.sh --profile
	$(SWIFT) build -c release $(STRICT)
	"$$($(SWIFT) build -c release --show-bin-path)/qp-gpu" profile $(ARGS)

test: ## Install what is missing and run all tests (ARGS="--filter TokenMask", CONFIGURATION=debug)
	@scripts/install-dependencies.sh --test
	$(SWIFT) test -c $(CONFIGURATION) --scratch-path .build/test $(STRICT) $(ARGS)

bundle: ## Make dist/qp-gpu-VERSION-linux-ARCH.tar.gz, which needs only a Vulkan loader and a driver
	@scripts/install-dependencies.sh --build --dry-run
	scripts/make-bundle.sh $(VERSION)

benchmark: ## Install what is missing and compare the kernels with OpenBLAS and plain reads
	@test -x Benchmarks/run || { echo "make benchmark: error: there is no Benchmarks/run here" >&2; exit 1; }
	@scripts/install-dependencies.sh --benchmarks
	Benchmarks/run $(ARGS)

lint: ## Check the Swift sources' format, and the shell scripts where shellcheck is installed
	$(SWIFT) format lint --strict --parallel --recursive $(SWIFT_SOURCES)
	@if command -v shellcheck >/dev/null; then set -x; shellcheck $(SHELL_SOURCES); fi

format: ## Format the Swift sources in place
	$(SWIFT) format --in-place --parallel --recursive $(SWIFT_SOURCES)

clean: ## Remove what was built
	rm -rf .build dist Benchmarks/.build
