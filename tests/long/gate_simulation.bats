#!/usr/bin/env bats
# How often the gate alarms falsely, and how often it finds what is there: the unit test itself, with
# thirty times as many rounds. It prints the shares.
bats_require_minimum_version 1.5.0

load ../cli/helpers

@test "the gate's error rates hold over many rounds" {
	run env TENK_LONG=1 "$BUILD/tests/unit/gate_simulation"
	echo "$output"
	[ "$status" -eq 0 ]
}
