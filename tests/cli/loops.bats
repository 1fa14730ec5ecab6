#!/usr/bin/env bats
# What the loops among our servers promise beside HTTP (loops.py).
bats_require_minimum_version 1.5.0

load helpers

every_loop() {
	python3 tests/cli/loops.py "$1" "$BUILD"
}

@test "--workers N runs N loops of every kind, which share the port and stop together" {
	every_loop workers
}
