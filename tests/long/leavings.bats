#!/usr/bin/env bats
# What is left in a server when everybody has gone.
bats_require_minimum_version 1.5.0

load ../cli/helpers

@test "after the whole suite a server holds no more than before" {
	python3 tests/cli/leavings.py "$BUILD"
}
