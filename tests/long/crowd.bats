#!/usr/bin/env bats
# Answers go to who asked, whole: a minute of the crowd (tests/crowd) for each server.
bats_require_minimum_version 1.5.0

load ../cli/helpers

@test "every client of a crowd gets its own answers, and nothing is left of it" {
	seed=${TENK_SEED:-$RANDOM} # a new one each time; it is said with what went wrong
	tests/crowd/crowd.py "$BUILD" --seconds 60 --seed "$seed" --side-by-side 3
}
