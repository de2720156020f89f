.DEFAULT_GOAL := help
.PHONY: help setup build test lint doc bench fuzz run real ci

help: ## list what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-6s  %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what the real-software tests need (PyPI, npm; once)
	tests/real/setup

build: ## build the command, optimised: target/release/genai-bench
	cargo build --release

test: ## run everything that needs nothing else
	cargo test

lint: ## check format and lints
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --all-features -- -D warnings

doc: ## build the documentation: target/doc
	RUSTDOCFLAGS=-Dwarnings cargo doc --workspace --no-deps --all-features

bench: ## measure what a request costs the client
	cargo bench -p genai-bench-backends --bench capacity

fuzz: ## feed readers with damaged input, 10 minutes each
	fuzz/run 600

run: ## benchmark the simulator
	cargo run --release -- benchmark --api-backend simulated

real: setup ## run against llama.cpp's server and the Python tool
	cargo test --test real -- --ignored --test-threads=1

ci: ## the one gate
	.ci/run
