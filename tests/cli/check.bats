#!/usr/bin/env bats
# tenk check: servers of other people, by manifest, by command line, by URL; what is known of them.
bats_require_minimum_version 1.5.0

load helpers

ROWS=plaintext,json,unknown-path,host-missing,length-and-chunked,chunk-size-lf,close,http-1.0

teardown() {
	[ -z "${pid-}" ] || kill "$pid" 2>/dev/null || true
}

@test "a running server is checked by its URL, on the routes that it answers, and stays" {
	start_server "$BUILD/server-epoll"
	run --separate-stderr "$TENK" check --url "http://127.0.0.1:$port" --rows $ROWS
	[ "$status" -eq 0 ]
	[[ "$output" == *"8 rows x 1 servers: 8 passed, 0 failed" ]]
	kill -0 "$pid"
}

@test "a terminal sees how many rows are done, and how long the rest takes" {
	shown=$(TERM=xterm COLUMNS=120 script -qec "$TENK check --servers epoll,poll" /dev/null </dev/null 3>&-)
	[[ "$shown" =~ \ ([0-9]+)\ of\ ([0-9]+)\ rows ]]
	((BASH_REMATCH[1] <= BASH_REMATCH[2] && BASH_REMATCH[2] % 2 == 0))
	[[ "$shown" =~ \ %\ \ [0-9]+s\ left\ \ \ (epoll|poll) ]]
}

@test "a command line is checked, beside one of ours" {
	run --separate-stderr "$TENK" check --servers epoll --rows $ROWS \
		--server-cmd "$BUILD/server-poll --listen 127.0.0.1:{port}"
	[ "$status" -eq 0 ]
	[[ "$output" == *"8 rows x 2 servers: 16 passed, 0 failed" ]]
}

@test "rows whose route a server has not do not apply to it" {
	printf 'command: [%s, --listen, "127.0.0.1:{port}"]\nroutes: [/plaintext]\n' \
		"$PWD/$BUILD/server-epoll" >"$BATS_TEST_TMPDIR/mine.yaml"
	run --separate-stderr "$TENK" check --server-manifest "$BATS_TEST_TMPDIR/mine.yaml" \
		--rows plaintext,json,expect-too-large --json
	[ "$status" -eq 0 ]
	echo "$output" >"$BATS_TEST_TMPDIR/json"
	[ "$(json "$BATS_TEST_TMPDIR/json" 'd["passed"], d["not_applicable"], d["servers"]')" = "(1, 2, ['mine'])" ]
}

@test "what a manifest lists as known is told, and fails where it passes after all" {
	cat >"$BATS_TEST_TMPDIR/mine.yaml" <<-EOF
	command: [python3, -m, http.server, --bind, 127.0.0.1, --directory, $BATS_TEST_TMPDIR, "{port}"]
	known: [{rows: [host-missing], reason: it asks for no Host}]
	EOF
	run --separate-stderr "$TENK" check --server-manifest "$BATS_TEST_TMPDIR/mine.yaml" --rows host-missing
	[ "$status" -eq 0 ]
	[[ "$output" == *"it asks for no Host"*"0 passed, 0 failed, 1 known to differ" ]]
	sed -i 's/host-missing/unknown-path/' "$BATS_TEST_TMPDIR/mine.yaml"
	run --separate-stderr "$TENK" check --server-manifest "$BATS_TEST_TMPDIR/mine.yaml" --rows unknown-path
	[ "$status" -eq 1 ]
	[[ "$output" == *"is listed as known to differ, but passes"* ]]
}

@test "a server that takes what smuggles requests fails" {
	run --separate-stderr "$TENK" check --rows field-name-blank \
		--server-cmd "python3 tests/fixtures/foreign/server.py --port {port}"
	[ "$status" -eq 1 ]
	[[ "$output" == *"field-name-blank failed"* ]]
}

@test "wrong input is answered with what would be right" {
	run "$TENK" check --url http://192.0.2.1:80
	[ "$status" -eq 2 ]
	[[ "$output" == *"only this machine itself"* ]]
	run "$TENK" check --server-cmd ./mine
	[ "$status" -eq 2 ]
	[[ "$output" == *"does not say {port}"* ]]
	run "$TENK" check --server-manifest tests/fixtures/bad-manifests/known-row.yaml
	[ "$status" -eq 2 ]
	[[ "$output" == *"known-row.yaml:3:"*'did you mean "version-0.9"?'* ]]
}

# bats test_tags=source
@test "the page that make conformance writes" {
	"$TENK" check --servers epoll,poll,libmicrohttpd --rows $ROWS --json >"$BATS_TEST_TMPDIR/json"
	run scripts/conformance <"$BATS_TEST_TMPDIR/json"
	[ "$status" -eq 0 ]
	[[ "$output" == *"| A | epoll, poll | 8 | 0 | 0 | 0 |"* ]]
	[[ "$output" == *"| chunk-size-lf |"*"| ok | known |"* ]]
}

# One of each kind; tests/long/leavings.bats has them all.
@test "after the whole suite a server holds no more than before" {
	python3 tests/cli/leavings.py "$BUILD" epoll io-uring libuv libevent/bufferevent coroutines \
		thread-pool/ready prefork
}

@test "what cannot run here is listed with the reason, and the others are checked" {
	local denied=("$PWD/tests/cli/without_io_uring.py")

	"${denied[@]}" true || skip "no seccomp filter can be set here"
	run --separate-stderr "${denied[@]}" "$TENK" check --servers epoll,io-uring --rows plaintext
	[ "$status" -eq 1 ]
	[[ "$output" == *"cannot be started here"*"io-uring: io_uring is forbidden here"*"1 rows x 1 servers: 1 passed, 0 failed" ]]
	# Of those that nobody named, it is no failure.
	run --separate-stderr "${denied[@]}" "$TENK" check --rows plaintext --json
	[ "$status" -eq 0 ]
	echo "$output" >"$BATS_TEST_TMPDIR/json"
	[ "$(json "$BATS_TEST_TMPDIR/json" '[u["server"] for u in d["unavailable"]]')" = "['io-uring', 'io-uring/sqpoll']" ]
	[ "$(json "$BATS_TEST_TMPDIR/json" 'len(d["servers"]) > 10')" = True ]
	run "${denied[@]}" "$TENK" check --servers io-uring
	[ "$status" -eq 1 ]
	[[ "$output" == *"there is no server to check" ]]
	# One that says why, in Latin-1.
	run "$TENK" check --servers epoll --rows plaintext --server-cmd 'printf "caf\351 closed" >&2; exit 3; : {port}'
	[ "$status" -eq 1 ]
	[[ "$output" == *"did not start"*"it said: caf? closed"*"1 rows x 1 servers: 1 passed, 0 failed" ]]
	run "${denied[@]}" "$TENK" list
	[[ "$output" == *"io-uring "*"cannot run here: io_uring is forbidden"* ]]
}

@test "Ctrl-C ends the suite, and a probe that waits" {
	local began mark=$BATS_TEST_TMPDIR/waits

	"$TENK" check --server-cmd "tests/cli/hanging.py {port} $mark" 3>&- >/dev/null 2>&1 &
	pid=$!
	eventually test -e "$mark"
	sleep 0.5
	began=$SECONDS
	kill -INT "$pid"
	code=0
	wait "$pid" || code=$?
	[ "$code" -eq 130 ]
	[ $((SECONDS - began)) -le 5 ]
	rm "$mark"
	"$TENK" run "$FIXTURES/moment.yaml" --trials 1 --out "$BATS_TEST_TMPDIR/run" \
		--server-cmd "tests/cli/hanging.py {port} $mark" 3>&- >/dev/null 2>&1 &
	pid=$!
	eventually test -e "$mark"
	began=$SECONDS
	kill -INT "$pid"
	code=0
	wait "$pid" || code=$?
	[ "$code" -eq 130 ]
	[ $((SECONDS - began)) -le 5 ]
}

@test "a server that has no POST is not blamed for what it says of wrong ones" {
	python3 -u -m http.server 0 --bind 127.0.0.1 --directory "$BATS_TEST_TMPDIR" \
		>"$BATS_TEST_TMPDIR/said" 2>/dev/null 3>&- &
	pid=$!
	eventually grep -q 'port [0-9]' "$BATS_TEST_TMPDIR/said"
	port=$(sed 's/.* port \([0-9]*\).*/\1/' "$BATS_TEST_TMPDIR/said")
	run --separate-stderr "$TENK" check --url "http://127.0.0.1:$port" \
		--rows length-negative,chunk-size-bad,coding-unknown,trailer-no-colon,host-missing
	[[ "$output" == *"4 not applicable" ]]
	[[ "$output" == *"host-missing"*[a-zA-Z]* ]]
}
