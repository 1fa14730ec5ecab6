#!/usr/bin/env bats
# What all servers promise of /file/NAME (files.py), the loops among them also with workers that read.
bats_require_minimum_version 1.5.0

load helpers

every_server() {
	python3 tests/cli/files.py "$1" "$BUILD"
}

@test "every server sends files byte for byte, many at once, or says why not" {
	every_server whole,many,descriptors
}

@test "a file that shrinks, a client that leaves or hardly reads: cut, nothing left behind, no memory" {
	every_server truncated,gone,slow,late,stop
}
