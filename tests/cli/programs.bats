#!/usr/bin/env bats
# The servers and the load generator by themselves.
bats_require_minimum_version 1.5.0

load helpers

# Starts a server on a port of its own choice; sets pid and port.
start_server() {
	"$@" --listen 127.0.0.1:0 --ready-fd 4 4>"$BATS_TEST_TMPDIR/ready" 2>"$BATS_TEST_TMPDIR/server.err" 3>&- &
	pid=$!
	eventually grep -q ready "$BATS_TEST_TMPDIR/ready"
	port=$(json "$BATS_TEST_TMPDIR/ready" 'd["port"]')
}

teardown() {
	[ -z "${pid-}" ] || kill -9 "$pid" 2>/dev/null || true
}

servers() {
	find "$BUILD" -maxdepth 1 -name 'server-*' -perm -u+x ! -name '*.*'
}

@test "every server ends with 0 on SIGTERM, with connections open and a request in flight" {
	for server in $(servers); do
		start_server "$server"
		exec 5<>"/dev/tcp/127.0.0.1/$port" # idle
		curl -s -m 5 "http://127.0.0.1:$port/wait/300" >"$BATS_TEST_TMPDIR/answer" 3>&- &
		client=$!
		sleep 0.1
		kill -TERM "$pid"
		code=0
		wait "$pid" || code=$?
		pid=
		[ "$code" -eq 0 ]
		wait "$client"
		[ -s "$BATS_TEST_TMPDIR/answer" ]
		exec 5>&-
	done
}

@test "every server says which port is taken, and fails" {
	start_server "$(servers | head -1)"
	for server in $(servers); do
		run timeout 5 "$server" --listen "127.0.0.1:$port"
		[ "$status" -eq 1 ]
		[[ "$output" == *"$port"*"in use"* ]]
	done
}

@test "every server answers curl alike" {
	for server in $(servers); do
		if "$server" --describe | grep -q '"floor"'; then
			continue # a yardstick: it answers, but not what it is asked
		fi
		start_server "$server"
		[ "$(curl -s "http://127.0.0.1:$port/plaintext")" = "Hello, World!" ]
		[ "$(curl -s -d 'some body' "http://127.0.0.1:$port/echo")" = "some body" ]
		[ "$(curl -s "http://127.0.0.1:$port/bytes/100000" | wc -c)" -eq 100000 ]
		[ "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/nowhere")" = 404 ]
		head -c 300000 /dev/zero | tr '\0' x >"$BATS_TEST_TMPDIR/big"
		curl -s --data-binary @"$BATS_TEST_TMPDIR/big" "http://127.0.0.1:$port/echo" |
			cmp - "$BATS_TEST_TMPDIR/big" # with Expect: 100-continue, as curl does
		kill -TERM "$pid"
		wait "$pid"
		pid=
	done
}

@test "tenk-load fails when nothing answers, and when answers are wrong" {
	start_server "$BUILD/server-epoll"
	run "$LOAD" --connections 2 --duration 200ms "http://127.0.0.1:$port/plaintext"
	[ "$status" -eq 0 ]
	run "$LOAD" --connections 2 --duration 200ms "http://127.0.0.1:$port/nowhere"
	[ "$status" -ne 0 ]
	run "$LOAD" --connections 2 --duration 200ms --quiet --expect-body Other "http://127.0.0.1:$port/plaintext"
	[ "$status" -ne 0 ]
	[ "$output" = "tenk-load: there were wrong answers" ]
	kill -TERM "$pid"
	wait "$pid"
	pid=
	run "$LOAD" --connections 2 --duration 200ms "http://127.0.0.1:$port/plaintext"
	[ "$status" -ne 0 ]
}

@test "tenk-load's JSON and log agree with what it prints" {
	start_server "$BUILD/server-epoll"
	"$LOAD" --connections 4 --duration 300ms --json "$BATS_TEST_TMPDIR/load.json" \
		--log "$BATS_TEST_TMPDIR/load.hlog" "http://127.0.0.1:$port/plaintext"
	run json "$BATS_TEST_TMPDIR/load.json" 'sum(c for _, c in d["histogram"]) == d["latency"]["count"] == d["requests"]["good"]'
	[ "$output" = True ]
	grep -q HISTFAAA "$BATS_TEST_TMPDIR/load.hlog"
}
