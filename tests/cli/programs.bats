#!/usr/bin/env bats
# The servers and the load generator by themselves.
bats_require_minimum_version 1.5.0

load helpers

teardown() {
	[ -z "${pid-}" ] || kill -9 "$pid" 2>/dev/null || true
}

servers() {
	find "$BUILD" -maxdepth 1 -name 'server-*' -perm -u+x ! -name '*.*'
}

# Whether the server on `port` has received what `client` sent; the floor has answered it already.
has_received() {
	! kill -0 "$client" 2>/dev/null || ss -tinH state established "sport = :$port" |
		awk '$1 !~ /:/ && NF == 4 {waits = $1} /bytes_received:/ {if (waits == 0) found = 1} END {exit !found}'
}

@test "every server ends with 0 on SIGTERM, with connections open and a request in flight" {
	for server in $(servers); do
		start_server "$server"
		curl -s -m 20 -o /dev/null "http://127.0.0.1:$port/plaintext" # a pool may be starting its threads
		exec 5<>"/dev/tcp/127.0.0.1/$port" # idle
		curl -s -m 5 "http://127.0.0.1:$port/wait/500" >"$BATS_TEST_TMPDIR/answer" 3>&- &
		client=$!
		eventually has_received
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
	first=$BUILD/server-epoll
	start_server "$first"
	for server in $(servers); do
		run timeout 20 "$server" --listen "127.0.0.1:$port"
		[ "$status" -eq 1 ]
		[[ "$output" == *"port $port is in use: ${first##*/}"*", process $pid, has it"* ]]
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

@test "a server of several processes that is killed leaves no child" {
	for server in $(servers); do
		if ! "$server" --describe | grep -q '"multi-process"'; then
			continue
		fi
		start_in_session "$server" --listen 127.0.0.1:0 --ready-fd 4 4>"$BATS_TEST_TMPDIR/ready"
		pid=$leader
		eventually grep -q ready "$BATS_TEST_TMPDIR/ready"
		port=$(json "$BATS_TEST_TMPDIR/ready" 'd["port"]')
		exec 5<>"/dev/tcp/127.0.0.1/$port"
		eventually has_children "$pid" 1
		kill -9 "$pid"
		wait "$pid" || true
		pid=
		eventually session_is_empty "$leader"
		exec 5>&-
	done
}

has_children() {
	[ "$(ps -o stat= --ppid "$1" | sed '/^Z/d' | wc -l)" -ge "$2" ]
}

@test "prefork replaces children that die, and serves on" {
	start_server "$BUILD/server-prefork" --workers 3
	eventually has_children "$pid" 3
	before=$(ps -o pid= --ppid "$pid")
	for child in $before; do
		kill -9 "$child"
	done
	eventually has_children "$pid" 3
	[ "$(curl -s -m 5 "http://127.0.0.1:$port/plaintext")" = "Hello, World!" ]
	for child in $before; do
		run ! kill -0 "$child"
	done
	kill -TERM "$pid"
	wait "$pid"
	pid=
}

@test "a server with a limit says how many connections it holds" {
	run -0 --separate-stderr "$BUILD/server-thread-pool" --workers 3 --describe
	echo "$output" >"$BATS_TEST_TMPDIR/describe.json"
	[ "$(json "$BATS_TEST_TMPDIR/describe.json" 'd["max_connections"]')" = 3 ]
	[ "$(json "$BATS_TEST_TMPDIR/describe.json" '[v["max_connections"] for v in d["variants"]]')" = "[None]" ]
	[ "$(json "$BATS_TEST_TMPDIR/describe.json" 'd["limited_by"]')" = workers ]
	[[ "$(json "$BATS_TEST_TMPDIR/describe.json" 'd["lifted_by"]')" == *--workers* ]]
	run -0 "$BUILD/server-epoll" --describe
	echo "$output" >"$BATS_TEST_TMPDIR/describe.json"
	[ "$(json "$BATS_TEST_TMPDIR/describe.json" 'd["max_connections"]')" = None ]
}

@test "beyond its workers, a pool serves a connection when another closes" {
	for server in thread-pool prefork; do
		start_server "$BUILD/server-$server" --workers 1
		exec 5<>"/dev/tcp/127.0.0.1/$port"
		printf 'GET /plaintext HTTP/1.1\r\nHost: tenk\r\n\r\n' >&5
		read -r -t 5 line <&5
		[[ "$line" == "HTTP/1.1 200"* ]]
		run ! curl -s -m 0.5 "http://127.0.0.1:$port/plaintext"
		curl -s -m 10 "http://127.0.0.1:$port/plaintext" >"$BATS_TEST_TMPDIR/answer" 3>&- 5>&- &
		client=$!
		exec 5>&-
		wait "$client"
		[ "$(cat "$BATS_TEST_TMPDIR/answer")" = "Hello, World!" ]
		kill -TERM "$pid"
		wait "$pid"
		pid=
	done
}

@test "a server on select closes the connections that it cannot hold, and counts them" {
	for server in select libmicrohttpd/select; do
		program=$BUILD/server-${server%/*}
		variant=()
		[ "$server" = "${server#*/}" ] || variant=(--variant "${server#*/}")
		[ -x "$program" ] || continue # its library is not installed
		most=$(list_limit "$server")
		start_server "$program" "${variant[@]}"
		# As many as it says, and one beyond the last descriptor that fits into a set.
		run "$LOAD" --connections 0 --idle "$most" --duration 100ms "http://127.0.0.1:$port/plaintext"
		[ "$status" -eq 0 ]
		run "$LOAD" --connections 0 --idle 1100 --duration 100ms "http://127.0.0.1:$port/plaintext"
		[ "$status" -ne 0 ]
		# Once it has seen that they are gone.
		[ "$(curl -s -m 5 --retry 50 --retry-all-errors --retry-delay 0 --retry-max-time 10 \
			"http://127.0.0.1:$port/plaintext")" = "Hello, World!" ]
		kill -TERM "$pid"
		wait "$pid"
		pid=
		grep -Eq '[1-9][0-9]* connections were refused|"unwatched":[1-9]' \
			"$BATS_TEST_TMPDIR/server.err"
	done
}

# The number of connections that a server says it holds.
list_limit() {
	"$BUILD/server-${1%/*}" --describe >"$BATS_TEST_TMPDIR/describe.json"
	json "$BATS_TEST_TMPDIR/describe.json" \
		"{'/'.join(filter(None, (d['name'], v))): m for v, m in [('', d['max_connections'])] + [(v['name'], v['max_connections']) for v in d['variants']]}['$1']"
}

@test "a list of known differences names rows of the suite, and is told of its server" {
	program=$BUILD/server-libmicrohttpd
	[ -x "$program" ] || skip "libmicrohttpd is not installed"
	"$program" --describe >"$BATS_TEST_TMPDIR/describe.json"
	[ "$(json "$BATS_TEST_TMPDIR/describe.json" 'all(k["row"] and k["reason"] for k in d["known_differences"])')" = True ]
	run -0 --separate-stderr "$TENK" check --servers epoll,libmicrohttpd --rows plaintext,host-twice
	[[ "$output" == *"host-twice"*"ok"*"known"* ]]
	[[ "$output" == *"the library accepts it"* ]]
	[[ "$output" == *"3 passed, 0 failed, 1 known to differ"* ]]
}
