#!/usr/bin/env bats
# What a connection costs, and what a request: trials that take their time.
# bats file_tags=alone
bats_require_minimum_version 1.5.0

load ../cli/helpers

@test "a connection costs our servers little more than the least it can" {
	[ "$BUILD" = build/release ] || skip "a sanitizer takes memory of its own"
	sed 's/^servers: .*/servers: [epoll, thread-per-connection]/' "$FIXTURES/memory-total.yaml" \
		>"$BATS_TEST_TMPDIR/least.yaml"
	"$TENK" run "$BATS_TEST_TMPDIR/least.yaml" --trials 1 --out "$BATS_TEST_TMPDIR/run" \
		--servers epoll,thread-per-connection,bare-epoll,bare-threads \
		--server-manifest tests/programs/bare-epoll.yaml \
		--server-manifest tests/programs/bare-threads.yaml
	[[ "$(source_of "$BATS_TEST_TMPDIR/run")" == cgroup-* ]] ||
		skip "$(json "$BATS_TEST_TMPDIR/run/run.json" 'd["memory_source"]["why"]')"
	slopes "$BATS_TEST_TMPDIR/run" total_bytes | tee "$BATS_TEST_TMPDIR/total"
	awk '{total[$1] = $2} END {
		exit !(total["epoll"] < 1.15 * total["bare-epoll"] &&
		       total["epoll"] > 0.95 * total["bare-epoll"] &&
		       total["thread-per-connection"] < 1.15 * total["bare-threads"] &&
		       total["thread-per-connection"] > 0.85 * total["bare-threads"])
	}' "$BATS_TEST_TMPDIR/total"
}

@test "busy connections' memory is read while they are busy" {
	(sed 's/300ms/1500ms/' "$FIXTURES/load.yaml" && echo "charts: [throughput, memory]") \
		>"$BATS_TEST_TMPDIR/load.yaml"
	run "$TENK" run "$BATS_TEST_TMPDIR/load.yaml" --trials 1 --out "$BATS_TEST_TMPDIR/run"
	[[ "$status" -eq 0 || "$status" -eq 4 ]] # 4: this machine was too busy to measure
	measured=$status
	run trials "$BATS_TEST_TMPDIR/run" 'all(x["metrics"]["resident_bytes"] > 0
		and x["metrics"]["threads"] == 1 and x["metrics"]["requests_per_s"] > 0 for x in t)'
	[ "$output" = True ]
	run trials "$BATS_TEST_TMPDIR/run" '{x["metrics"]["run_queue_delay_per_request_ns"] is None
		for x in t}'
	[ "$output" = "{$([ -e /proc/self/schedstat ] && echo False || echo True)}" ]
	[ "$measured" -eq 4 ] || grep -q "threads at most" "$BATS_TEST_TMPDIR/run/report/report.md"
	python3 tests/cli/validate.py "$BATS_TEST_TMPDIR/run"
}

@test "system calls of a request are counted, of threads that come and go too" {
	cat >"$BATS_TEST_TMPDIR/calls.yaml" <<-END
		title: Calls
		question: How many system calls does a request take?
		servers: [epoll, io-uring, thread-per-connection, process-per-connection]
		load: {get: /plaintext, connections: 1, warmup: 50ms, duration: 300ms, count-calls: true}
		trials: 1
	END
	run "$TENK" run "$BATS_TEST_TMPDIR/calls.yaml" --out "$BATS_TEST_TMPDIR/run"
	[[ "$status" -eq 0 || "$status" -eq 4 ]] # 4: this machine was too busy to measure
	measured=$status
	python3 tests/cli/validate.py "$BATS_TEST_TMPDIR/run"
	run trials "$BATS_TEST_TMPDIR/run" '{x["unavailable"].get("system_calls_per_request")
		for x in t} - {None}'
	[ "$output" = "set()" ] || skip "$output"
	# Alone, a connection shares nothing: wait, receive, send; or without the wait.
	run trials "$BATS_TEST_TMPDIR/run" 'sorted({(x["server"],
		round(2 * x["metrics"]["system_calls_per_request"]) / 2) for x in t})' # of all attempts
	[ "$output" = "[('epoll', 3.0), ('io-uring', 1.0), ('process-per-connection', 2.0), ('thread-per-connection', 2.0)]" ]
	[ "$measured" -eq 4 ] || grep -q "system calls / request" "$BATS_TEST_TMPDIR/run/report/report.md"
}

@test "memory is read before and after a collection of garbage" {
	cat >"$BATS_TEST_TMPDIR/garbage.yaml" <<-END
		command: [python3, $PWD/tests/fixtures/foreign/server.py, --port, "{port}", --mode, garbage]
		collect: SIGUSR2
	END
	run "$TENK" run "$FIXTURES/memory.yaml" --trials 1 --servers epoll,garbage \
		--server-manifest "$BATS_TEST_TMPDIR/garbage.yaml" --out "$BATS_TEST_TMPDIR/run"
	echo "$output"
	[ "$status" -eq 0 ]
	run trials "$BATS_TEST_TMPDIR/run" 'all(x["metrics"]["resident_bytes"]
		- x["metrics"]["collected_resident_bytes"] > 31 << 20
		for x in t if x["server"] == "garbage")'
	[ "$output" = True ]
	run trials "$BATS_TEST_TMPDIR/run" '{"collected_resident_bytes" in x["metrics"]
		for x in t if x["server"] == "epoll"}'
	[ "$output" = "{False}" ]
	python3 tests/cli/validate.py "$BATS_TEST_TMPDIR/run"
}

@test "many tables of descriptors hold more connections than one" {
	[[ "$BUILD" != *thread* ]] || skip "ThreadSanitizer knows of one table only"
	run bash -c "ulimit -n 1000 && BUILD=$BUILD scripts/bench-million 4000 -- --out $BATS_TEST_TMPDIR/run"
	echo "$output"
	[[ "$status" -eq 0 || "$status" -eq 4 ]] # 4: this machine was too busy for the burst
	run trials "$BATS_TEST_TMPDIR/run" '[(x["point"]["connections"], x["outcome"]) for x in
		sorted(t, key=lambda x: x["point"]["connections"]) if x["part"] == "hold"]'
	[ "$output" = "[(1000, 'ok'), (2000, 'ok'), (3000, 'ok'), (4000, 'ok')]" ]
	grep -q "connections: \[1000, 2000, 3000, 4000\]" "$BATS_TEST_TMPDIR/million-4000.yaml"
	[[ "$(json "$BATS_TEST_TMPDIR/run/run.json" 'd["repeat"]')" == *"$BATS_TEST_TMPDIR/million-4000.yaml"* ]]
	run trials "$BATS_TEST_TMPDIR/run" '{x["latency_count"] for x in t if x["part"] == "burst"}'
	[ "$output" = "{4000}" ]
}
