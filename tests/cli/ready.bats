#!/usr/bin/env bats
# When a server says that it is ready (ready.py).
bats_require_minimum_version 1.5.0

load helpers

@test "every server has all its threads and processes when it says that it is ready" {
	run python3 tests/cli/ready.py all "$BUILD"
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "every server serves when it says so, or ends with an error, where few processes are allowed" {
	if grep -q __tsan_init "$TENK"; then
		skip "ThreadSanitizer starts a thread of its own"
	fi
	run python3 tests/cli/ready.py few "$BUILD"
	echo "$output"
	[ "$status" -eq 0 ]
}
