.DEFAULT_GOAL := help
.PHONY: help install dev setup build run test test_changed api format lint check docs docs-build docs-serve bench fuzz real ci clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z_-]+:.*## / { printf "  make %-14s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: ## build the command, optimised, and install it in cargo's bin folder
	cargo install --locked --path genai-bench-cli

dev: ## prepare a checkout for work on it, once: clippy, rustfmt, the pre-commit hook
	rustup component add clippy rustfmt
	"$$(.ci/tool pre-commit)" install
	@echo "Only make real needs more (Python, npm): it runs tests/real/setup first."

setup: ## install what the tests against real software need, once
	tests/real/setup

build: ## build the command, optimised: target/release/genai-bench
	cargo build --locked --release

run: ## benchmark the simulator
	cargo run --locked --release -- benchmark --api-backend simulated

test: ## run all tests that need no other software
	cargo test --locked

test_changed: ## run the tests of crates that changed since main, and of those that depend on them
	.ci/changed-crates test --all-features

api: ## write the listings of the public API anew: tests/public_api
	UPDATE_PUBLIC_API=1 cargo test --locked --test it -- --ignored public_api

format: ## format all code
	cargo fmt --all

lint: ## check format and lints
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets --all-features -- -D warnings

check: lint docs test ## check all that a change needs: lint, docs, test

docs: docs-build ## build the site and the API documentation: target/book, target/doc
	RUSTDOCFLAGS=-Dwarnings cargo doc --locked --workspace --no-deps --all-features

docs-build: ## build the documentation site: target/book
	"$$(.ci/tool mdbook)" build docs

docs-serve: ## serve the documentation site on http://localhost:3000, anew after each change
	"$$(.ci/tool mdbook)" serve docs

bench: ## measure what a request costs the client
	cargo bench -p genai-bench-backends --bench capacity

fuzz: ## feed readers with damaged input, 10 minutes each
	fuzz/run 600

real: setup ## run the tests against llama.cpp's server, SDKs of providers and the Python tool
	cargo test --locked --test real -- --ignored --test-threads=1

ci: ## run everything that the gate runs
	.ci/run

clean: ## remove what was built
	cargo clean
