#!/usr/bin/env bats
# How much every server carries with one system call (calls.py).
bats_require_minimum_version 1.5.0

load helpers

@test "every server takes a pipeline with one call, answers it with one, and batches no more than others" {
	run python3 tests/cli/calls.py "$BUILD"
	[ "$status" -ne 77 ] || skip "$output"
	echo "$output"
	[ "$status" -eq 0 ]
}
