#!/usr/bin/env bats
# What tasks ask that does not answer: a database, a backend.
bats_require_minimum_version 1.5.0

load ../cli/helpers
load ../cli/postgresql

@test "a database that hangs is waited for five seconds, and asked again when it goes on" {
	python3 tests/cli/database.py hang
}

@test "a backend that says nothing is waited for ten seconds more than it was asked for" {
	python3 tests/cli/fetch.py late
}

@test "a backend that closes what lies idle costs no request" {
	python3 tests/cli/fetch.py idle
}
