#!/usr/bin/env bats
# Where tenk-load's output goes, and what becomes of it when its terminal goes away.
bats_require_minimum_version 1.5.0

load helpers

setup() {
	start_server "$BUILD/server-epoll"
	url=http://127.0.0.1:$port/plaintext
}

teardown() {
	kill "$pid"
	wait "$pid" || true
}

@test "the file - is standard output, and what is for people goes elsewhere" {
	run --separate-stderr "$LOAD" --warmup 0s --duration 100ms --json - "$url"
	[ "$status" -eq 0 ]
	[ ! -e - ]
	echo "$output" >"$BATS_TEST_TMPDIR/json"
	[ "$(json "$BATS_TEST_TMPDIR/json" 'd["outcome"]')" = ok ]
	[[ "$stderr" == *"/plaintext"* ]]
	run "$LOAD" --duration 100ms --json - --csv - "$url"
	[ "$status" -eq 2 ]
	[[ "$output" == *"only one file can be -"* ]]
	run bash -c "'$LOAD' --warmup 0s --duration 100ms -q --json - '$url' >/dev/full"
	[ "$status" -eq 1 ]
}

@test "a hangup ends a run like Ctrl-C: what was measured is kept, and marked" {
	"$LOAD" --warmup 0s --duration 60s -q --json "$BATS_TEST_TMPDIR/json" \
		"$url" 2>/dev/null &
	running=$!
	sleep 1
	kill -HUP "$running"
	code=0
	wait "$running" || code=$?
	[ "$code" -eq 130 ]
	[ "$(json "$BATS_TEST_TMPDIR/json" 'd["outcome"]')" = interrupted ]
}

# Its output on a terminal of that kind.
on_terminal() {
	TERM=$1 script -qec "$LOAD --warmup 0s --duration 100ms $url" /dev/null </dev/null
}

@test "a dumb terminal, NO_COLOR and a file get no colours" {
	local colour=$'\e\\[[0-9;]*m'

	[[ "$(on_terminal xterm)" =~ $colour ]]
	[[ "$(on_terminal dumb)" != *$'\e['* ]]
	[[ ! "$(NO_COLOR=1 on_terminal xterm)" =~ $colour ]]
	run "$LOAD" --warmup 0s --duration 100ms "$url"
	[[ "$output" != *$'\e['* ]]
}
