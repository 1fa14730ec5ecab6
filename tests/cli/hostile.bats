#!/usr/bin/env bats
# What every server owes to hostile clients, and to itself when something runs out (hostile.py).
bats_require_minimum_version 1.5.0

load helpers

every_server() {
	python3 tests/cli/hostile.py "$1" "$BUILD"
}

@test "slow headers and bodies get 408, idle clients and slow readers are closed, all is counted" {
	every_server deadlines
}

@test "each deadline is met where nothing else happens" {
	every_server alone
}

@test "idle connections are closed, and counted as such" {
	every_server idle
}

@test "an upload that is slow but goes on is served" {
	every_server rates
}

@test "connections beyond --max-connections get 503 until there is room" {
	every_server limit
}

@test "a shortage of descriptors is survived, without spinning" {
	every_server descriptors
}

@test "a flood of resets is survived and counted" {
	every_server resets
}

@test "an upload that came behind a request for much is answered, and nobody is left behind" {
	every_server overrun
}

@test "a second SIGTERM ends at once" {
	every_server stop
}

@test "the smallest stack that threads may be given is enough" {
	if grep -qE "__[at]san_init" "$TENK"; then
		skip "sanitizers need more of a stack"
	fi
	python3 tests/cli/hostile.py stacks "$BUILD" thread-per-connection thread-per-request thread-pool \
		threads-accept
}
