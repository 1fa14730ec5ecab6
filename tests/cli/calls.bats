#!/usr/bin/env bats
# How much every server carries with one system call, and leaves in the kernel (calls.py).
bats_require_minimum_version 1.5.0

load helpers

@test "every server does as much with one call as others, and leaves no more than others in the kernel" {
	run python3 tests/cli/calls.py "$BUILD"
	[ "$status" -ne 77 ] || skip "$output"
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "every server does no more at once than its options say" {
	run python3 tests/cli/bounds.py "$BUILD"
	[ "$status" -ne 77 ] || skip "$output"
	echo "$output"
	[ "$status" -eq 0 ]
}
