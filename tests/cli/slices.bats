#!/usr/bin/env bats
# tenk run: servers side by side, whose load goes round in slices.
bats_require_minimum_version 1.5.0

load helpers

scenario() {
	cat >"$BATS_TEST_TMPDIR/turns.yaml" <<-END
		title: In turn
		question: What does a request cost?
		servers: [epoll, select, thread-per-connection]
		load: {get: /plaintext, connections: 2, warmup: 0s, duration: 300ms, slices: 50ms}
		trials: 1
	END
}

turns() {
	run --separate-stderr "$TENK" run "$BATS_TEST_TMPDIR/turns.yaml" --out "$BATS_TEST_TMPDIR/run" "$@"
	echo "$stderr"
}

# How a run says that it measured: whether in slices, and why not.
said() {
	json "$BATS_TEST_TMPDIR/run/run.json" '[(x["part"], x["used"], x["why"]) for x in d["slices"]]'
}

@test "the servers of a point take turns, in rounds that are permutations and their reverse" {
	scenario
	turns
	[[ "$status" -eq 0 || "$status" -eq 4 ]]
	[ "$(said)" = "[('turns', True, None)]" ]
	run trials "$BATS_TEST_TMPDIR/run" '[len(x["slices"]) for x in t], [
		sorted(x["slices"][r]["order"] for x in t) for r in range(6)] == [[1, 2, 3]] * 6, all(
		x["slices"][r]["order"] + x["slices"][r + 1]["order"] == 4 for x in t for r in range(0, 6, 2))'
	[ "$output" = "([6, 6, 6], True, True)" ]
	# Nobody is loaded in another's turn, and all that is told is told of one's own.
	run trials "$BATS_TEST_TMPDIR/run" 'all(a[1] <= b[0] for s in [sorted((y["begin_ns"], y["begin_ns"] + y["drained_ns"])
		for x in t for y in x["slices"])] for a, b in zip(s, s[1:])), all(y["good"] > 0 and y["cpu_ns"] > 0 and
		y["duration_ns"] == 50000000 for x in t for y in x["slices"]), all(x["metrics"][k] > 0 for x in t for k in
		("requests_per_s", "server_cpu_per_request_ns", "latency_p50_ns", "load_cpu_per_request_ns"))'
	[ "$output" = "(True, True, True)" ]
	run trials "$BATS_TEST_TMPDIR/run" '[x["latency_count"] == sum(y["good"] for y in x["slices"]) for x in t]'
	[ "$output" = "[True, True, True]" ]
	python3 tests/cli/validate.py "$BATS_TEST_TMPDIR/run"
	grep -q "in slices of 50 ms" "$BATS_TEST_TMPDIR/run/report/report.md"
}

@test "a server that dies, or answers no more, has failed, and the others go on" {
	cat >"$BATS_TEST_TMPDIR/mute" <<-END
		#!/usr/bin/env python3
		import socket, sys, threading
		answers = iter(range(8))
		def serve(connection):
		    while connection.recv(4096):
		        if next(answers, None) is not None:
		            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nHello, World!")
		listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
		while True:
		    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
	END
	chmod +x "$BATS_TEST_TMPDIR/mute"
	scenario
	sed -i 's/slices:/timeout: 500ms, slices:/' "$BATS_TEST_TMPDIR/turns.yaml"
	turns --servers dying,epoll,select --server-dir "$BUILD/tests" --server-cmd "$BATS_TEST_TMPDIR/mute {port}"
	[ "$status" -eq 1 ]
	[[ "$stderr" == *"failed: trial 1 of turns/dying"* ]]
	run trials "$BATS_TEST_TMPDIR/run" 'sorted((x["server"], len(x["slices"]) == 6, x["outcome"] == "failed",
		"server_died" in [r["code"] for r in x["reasons"]]) for x in t)'
	[ "$output" = "[('dying', False, True, True), ('epoll', True, False, False), ('mute', False, True, False), ('select', True, False, False)]" ]
	run trials "$BATS_TEST_TMPDIR/run" 'all(x["metrics"]["server_cpu_per_request_ns"] > 0 for x in t if len(x["slices"]) == 6)'
	[ "$output" = True ]
	python3 tests/cli/validate.py "$BATS_TEST_TMPDIR/run"
}

@test "where a server works though nobody asks it, trials follow one another" {
	cat >"$BATS_TEST_TMPDIR/busy" <<-END
		#!/bin/bash
		# A tenth of a core: enough to be seen, and too little to spoil a trial.
		python3 -c 'import time
		while time.sleep(0.009) is None:
		    until = time.monotonic() + 0.001
		    while time.monotonic() < until: pass' &
		exec $PWD/$BUILD/server-epoll --listen "127.0.0.1:\$1"
	END
	chmod +x "$BATS_TEST_TMPDIR/busy"
	scenario
	start_in_session "$TENK" run "$BATS_TEST_TMPDIR/turns.yaml" --out "$BATS_TEST_TMPDIR/run" \
		--server-cmd "$BATS_TEST_TMPDIR/busy {port}" --servers epoll
	wait "$leader" || true
	session_is_empty "$leader"
	run said
	[[ "$output" == "[('turns', False, 'busy uses "*" % of a core when nobody asks it')]" ]]
	[ "$(trials "$BATS_TEST_TMPDIR/run" '[x["slices"] for x in t if x["attempt"] == 1]')" = "[None, None]" ]
	grep -q "trials follow one another: busy uses" "$BATS_TEST_TMPDIR/stderr"
	run --separate-stderr "$TENK" report "$BATS_TEST_TMPDIR/run" --full
	[[ "$output" == *"rials followed one another: busy uses"* ]]
	grep -q "rials followed one another: busy uses" "$BATS_TEST_TMPDIR/run/report/report.md"
	python3 tests/cli/validate.py "$BATS_TEST_TMPDIR/run"
}

@test "a scenario may do without slices, and a run says why it did" {
	cat >"$BATS_TEST_TMPDIR/turns.yaml" <<-END
		title: In turn
		question: What does a request cost?
		load: {get: /plaintext, connections: 2, warmup: 0s, duration: 20ms}
		trials: 1
		parts:
		  off: {servers: [epoll, select], load: {slices: off, get: /plaintext, warmup: 0s, duration: 20ms}}
		  many: {servers: [epoll, select, poll, epoll-edge, coroutines, prefork, thread-pool, threads-accept, thread-per-connection], load: {get: /plaintext, connections: 4, warmup: 0s, duration: 20ms}}
		  alone: {servers: [epoll], load: {get: /plaintext, warmup: 0s, duration: 20ms}}
		  held: {servers: [epoll, select], load: {idle: true, each: {get: /plaintext}, warmup: 0s}}
	END
	turns
	[ "$(json "$BATS_TEST_TMPDIR/run/run.json" 'sorted((x["part"], x["used"], x["why"]) for x in d["slices"])')" = "[('alone', False, 'there is one server'), ('held', False, 'memory is looked at, which is counted for one server at a time'), ('many', False, '9 servers are too many to take turns: after so long a rest caches and runtimes are cold, and a request costs more than in steady work (at most 8)'), ('off', False, 'the scenario says so (slices: off)')]" ]
	[ "$(trials "$BATS_TEST_TMPDIR/run" '{x["slices"] for x in t}')" = "{None}" ]
	sed 's/slices: off/slices: 5ms/' "$BATS_TEST_TMPDIR/turns.yaml" >"$BATS_TEST_TMPDIR/short.yaml"
	run "$TENK" run "$BATS_TEST_TMPDIR/short.yaml" --out "$BATS_TEST_TMPDIR/not"
	[ "$status" -eq 2 ]
	[[ "$output" == *"short.yaml:6:"*"slices 5ms is out of range"* ]]
}

@test "interrupted between slices, a block leaves no process and is made anew" {
	scenario
	sed -i 's/trials: 1/trials: 2/' "$BATS_TEST_TMPDIR/turns.yaml"
	start_in_session "$TENK" run "$BATS_TEST_TMPDIR/turns.yaml" --out "$BATS_TEST_TMPDIR/run" --servers epoll,select
	eventually has_trials "$BATS_TEST_TMPDIR/run" 2
	kill -INT "$leader"
	code=0
	wait "$leader" || code=$?
	[ "$code" -eq 130 ]
	session_is_empty "$leader"
	[ "$(trials "$BATS_TEST_TMPDIR/run" '[(x["order"], x["block"]) for x in t]')" = "[(1, 1), (2, 1)]" ]
	"$TENK" run --resume "$BATS_TEST_TMPDIR/run"
	run trials "$BATS_TEST_TMPDIR/run" '[(x["order"], x["block"], x["position"], len(x["slices"])) for x in t if x["attempt"] == 1]'
	[ "$output" = "[(1, 1, 1, 6), (2, 1, 2, 6), (3, 2, 1, 6), (4, 2, 2, 6)]" ]
}

@test "system calls are counted behind the slices, by a load that nobody has to order" {
	scenario "count-calls: true"
	run timeout 20 "$TENK" run "$BATS_TEST_TMPDIR/turns.yaml" --servers epoll,select --out "$BATS_TEST_TMPDIR/run"
	echo "$output"
	[[ "$status" -eq 0 || "$status" -eq 4 ]]
	run trials "$BATS_TEST_TMPDIR/run" '{(x["metrics"]["system_calls_per_request"] or 0) > 0.5 or
		x["unavailable"]["system_calls_per_request"] for x in t if x["slices"]}'
	[[ "$output" != *"second time"* ]]
}

@test "at a fixed rate it is told what memory a connection adds, whoever runs the same program beside it" {
	local kept

	[[ "$BUILD" != *address* && "$BUILD" != *thread* ]] || skip "a sanitizer takes memory of its own"
	for kept in 4 68; do
		mkdir "$BATS_TEST_TMPDIR/$kept"
		printf '#!/bin/sh\nexec %s/server-epoll --inject bytes=%dKiB "$@"\n' "$PWD/$BUILD" "$kept" \
			>"$BATS_TEST_TMPDIR/$kept/server-epoll"
		chmod +x "$BATS_TEST_TMPDIR/$kept/server-epoll"
	done
	cat >"$BATS_TEST_TMPDIR/turns.yaml" <<-END
		title: In turn
		question: What does a connection add?
		servers: [epoll]
		load: {get: /plaintext, connections: 16, rate: 400/s, warmup: 0s, duration: 100ms, slices: 50ms}
		trials: 1
	END
	run "$TENK" compare --run "$BATS_TEST_TMPDIR/turns.yaml" --base-build "$BATS_TEST_TMPDIR/4" \
		--head-build "$BATS_TEST_TMPDIR/68" --blocks 1 --out "$BATS_TEST_TMPDIR/run"
	echo "$output"
	# 64 KiB more, but for what an allocator begins with: some pages, of 16 connections.
	run trials "$BATS_TEST_TMPDIR/run" '(lambda kept: [0 < kept["epoll@base"] < 20000,
		50000 < kept["epoll@head"] - kept["epoll@base"] < 80000, kept])(
		{x["server"]: x["metrics"]["added_per_connection_bytes"] for x in t})'
	echo "$output"
	[[ "$output" == "[True, True, "* ]]
}
