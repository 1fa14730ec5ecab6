#!/usr/bin/env bats
# Answers go to who asked, whole: a small crowd (tests/crowd), the large one is in tests/long.
bats_require_minimum_version 1.5.0

load helpers

@test "every client of a crowd gets its own answers, and nothing is left of it" {
	tests/crowd/crowd.py "$BUILD" --clients 100 --seconds 20 --side-by-side 4
}
