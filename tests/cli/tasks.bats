#!/usr/bin/env bats
# What takes time, in every server (tasks.py): who waits for it, and what becomes of it.
bats_require_minimum_version 1.5.0

load helpers

every_server() {
	python3 tests/cli/tasks.py "$1" "$BUILD"
}

@test "tasks that end at once, thousands on a connection, are answered in order" {
	every_server ends
}

@test "a call that blocks keeps others waiting in a loop without workers, and nowhere else" {
	every_server waits
}

@test "calls that a request makes together take as long as one" {
	every_server together
}

@test "a client that has gone while its task runs or waits holds up nobody" {
	every_server gone
}

@test "a server stops in time while calls block and wait for workers" {
	every_server stop
	every_server kept
}

@test "several loops share workers, and each gets back what it has sent" {
	every_server share
}

@test "helpers and workers that cannot be made are told of" {
	if grep -q __tsan_init "$TENK"; then
		skip "ThreadSanitizer and the faults library cannot both be loaded first"
	fi
	every_server shortage
}
