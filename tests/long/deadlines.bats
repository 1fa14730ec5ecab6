#!/usr/bin/env bats
# Every deadline of every server (tests/deadlines), at lengths that take their time.
bats_require_minimum_version 1.5.0

load ../cli/helpers

@test "who misses a deadline of several seconds is ended after it, and not much later" {
	tests/deadlines/deadlines.py "$BUILD" --limit 5
}

@test "deadlines that nobody has changed hold, by a clock that runs ten times as fast" {
	! grep -q __tsan_init "$BUILD/tenk" || skip "ThreadSanitizer and the clock cannot both be loaded first"
	tests/deadlines/deadlines.py "$BUILD" --runs 10
}
