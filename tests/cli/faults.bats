#!/usr/bin/env bats
# Every server while calls fail that seldom do (tests/faults): clients get what they asked for, or
# are refused, and nobody waits for ever.
bats_require_minimum_version 1.5.0

load helpers

setup() {
	# It has to be loaded first, and so has the faults library. AddressSanitizer is not so particular.
	if grep -q __tsan_init "$TENK"; then
		skip "ThreadSanitizer and the faults library cannot both be loaded first"
	fi
}

# Runs a case over all servers, or the ones named; what is left out is shown with its reason.
faults() {
	tests/faults/drive.py "$BUILD" "$@" >"$BATS_TEST_TMPDIR/said" || {
		cat "$BATS_TEST_TMPDIR/said"
		return 1
	}
	sed 's/^/# /' "$BATS_TEST_TMPDIR/said" >&3 # what is left out, and why
}

@test "every server goes on where a signal interrupts a call" {
	faults interrupt
}

@test "every server puts together what comes and goes in small parts" {
	faults short
}

@test "every server comes back to a socket that was not ready after all" {
	faults again
}

@test "every server accepts on after a connection that has died in the queue" {
	faults aborted
}

@test "every server accepts again when descriptors or the kernel's memory are back" {
	faults shortage
}

@test "every server serves what it has and does not spin while descriptors are short" {
	faults shortage-lasts
}

@test "every server gives up one connection at most for one allocation that fails" {
	faults memory
}

@test "every server outlives a time without memory" {
	faults memory-gone
}

@test "every server outlives descriptors that cannot be watched" {
	faults watch
}

@test "every server outlives threads and processes that cannot be made" {
	faults makers
}

@test "every server that misses something at its start says so, or serves" {
	faults start
}

@test "no server calls the kernel while it holds a mutex" {
	faults locks
}

@test "no server makes processes for connections that were reset before it looked" {
	faults resets
}
