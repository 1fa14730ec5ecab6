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

@test "--workers and --stack-size make a difference, or are wrong use" {
	every_loop options
}

@test "an answer that waits for its reader is not overwritten by another's" {
	every_loop late
}

# They count calls with the faults library, which has to be loaded first.
counting() {
	if grep -q __tsan_init "$TENK"; then
		skip "ThreadSanitizer and the faults library cannot both be loaded first"
	fi
	every_loop "$1"
}

@test "a loop on epoll tells the kernel once of a change of interest" {
	counting interest
}

@test "a wait in a loop takes no allocation" {
	counting allocations
}

@test "every loop lends watches that keep their contract" {
	python3 tests/cli/loops.py watches "$BUILD/tests/watched"
}

@test "what fills a buffer and does not end keeps no processor busy" {
	every_loop hurry
}

@test "connections that a library drops for want of memory are not counted as open" {
	if grep -q -e __asan_init -e __tsan_init "$TENK"; then
		skip "a sanitizer needs more memory than the test leaves"
	fi
	every_loop shortage
}

@test "a request behind one that expects 100 Continue is answered" {
	every_loop expectation
}

@test "who asks in time is served by a server that was held up" {
	every_loop stall
}

@test "who could not be accepted is accepted when there is room" {
	counting lost
}

@test "the memory of a crowd goes when it goes" {
	if grep -q -e __asan_init -e __tsan_init "$TENK"; then
		skip "a sanitizer keeps what is freed"
	fi
	every_loop memory
}
