#!/usr/bin/env bats
# Every deadline of every server (tests/deadlines): in time, whoever misses it, and however.
bats_require_minimum_version 1.5.0

load helpers

@test "who misses a deadline of a second is ended after it, and not much later" {
	tests/deadlines/deadlines.py "$BUILD"
}
