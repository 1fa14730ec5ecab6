#!/usr/bin/env bats
# tenk-load connects to another place than the URL's, and still asks for what the URL says.
bats_require_minimum_version 1.5.0

load helpers

setup() {
	socket=$BATS_TEST_TMPDIR/socket
	report=$BATS_TEST_TMPDIR/json
}

teardown() {
	[ -z "${pid-}" ] || kill -9 "$pid" 2>/dev/null || true
}

# Asks for a name that there is not, so that only the other place can answer.
ask() {
	"$LOAD" -q --json "$report" -c 8 --warmup 0s --duration 200ms "$@" http://shop.invalid/
}

@test "a server on a Unix socket answers, and is asked for the URL's host" {
	python3 tests/cli/unix_server.py "$socket" 3>&- &
	pid=$!
	eventually test -S "$socket"
	ask --unix "$socket" --expect-body shop.invalid --requests-per-connection 5
	[ "$(json "$report" 'd["outcome"]')" = ok ]
	[ "$(json "$report" 'd["requests"]["good"] > 20 and d["target"]["unix"] is not None')" = True ]
	[ "$(json "$report" 'd["target"]["host"]')" = shop.invalid ]
	ask --unix "$socket" --rate 200 --expect-body shop.invalid
	kill -9 "$pid"
	run -1 ask --unix "$socket"
}

@test "--connect-to takes the place of host and port" {
	start_server "$BUILD/server-epoll"
	"$LOAD" -q --json "$report" --warmup 0s --duration 200ms --connect-to "127.0.0.1:$port" http://shop.invalid/plaintext
	[ "$(json "$report" 'd["outcome"], d["target"]["connect_to"]')" = "('ok', '127.0.0.1:$port')" ]
}

@test "what is no place to connect to is refused" {
	run -2 ask --unix "$BATS_TEST_TMPDIR"
	[[ "$output" == *"is not a socket"* ]]
	for wrong in 127.0.0.1 127.0.0.1: 127.0.0.1:0 '[::1]' localhost:80/x ':80'; do
		run -2 ask --connect-to "$wrong"
		[[ "$output" == *"is not HOST:PORT"* ]]
	done
	run -2 ask --connect-to 127.0.0.1:80 --unix "$BATS_TEST_TMPDIR/socket"
	[[ "$output" == *"only one of --connect-to and --unix"* ]]
}
