#!/usr/bin/env bats
# The search for the highest rate at its full length: the unit test itself, with trials ten times as
# long and a bound as close as that makes it.
# bats file_tags=alone
bats_require_minimum_version 1.5.0

load ../cli/helpers

@test "the highest rate that a server of 500 a second bears is found below 600" {
	run env TENK_LONG=1 "$BUILD/tests/unit/load_search"
	echo "$output"
	[ "$status" -eq 0 ]
}
