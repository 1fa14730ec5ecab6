#!/usr/bin/env bats
# tenk run: what it stores, and what it leaves behind when something goes wrong.
bats_require_minimum_version 1.5.0

load helpers

run_memory() {
	"$TENK" run "$FIXTURES/memory.yaml" --server-dir "$BUILD/tests" --out "$BATS_TEST_TMPDIR/run" "$@"
}

@test "a run stores every trial, says what was found, writes the report and says how to repeat it" {
	run --separate-stderr run_memory --seed 7
	[ "$status" -eq 0 ]
	if [ "$(trials "$BATS_TEST_TMPDIR/run" 'any(x["metrics"]["total_bytes"] for x in t)')" = True ]; then
		[[ "$output" == *"idle connections take"*"known-cost "*"epoll "*"2 trials of each"* ]]
	else # no cgroup tells the kernel's share
		[[ "$output" == *"known-cost and epoll apart by memory"*"kernel's share"*"2 trials of each"* ]]
	fi
	[[ "$output" == *"report  $BATS_TEST_TMPDIR/run/report/index.html"* ]]
	[[ "$output" == *"again   tenk run $FIXTURES/memory.yaml"*"--seed 7"* ]]
	[ "$(json "$BATS_TEST_TMPDIR/run/run.json" 'd["status"], d["planned_trials"]')" = "('complete', 16)" ]
	[ "$(trials "$BATS_TEST_TMPDIR/run" 'sorted(x["order"] for x in t) == list(range(1, 17))')" = True ]
	[ -s "$BATS_TEST_TMPDIR/run/report/index.html" ]
	[ -s "$BATS_TEST_TMPDIR/run/report/report.md" ]
	ls "$BATS_TEST_TMPDIR"/run/report/charts/*.svg "$BATS_TEST_TMPDIR"/run/report/data/*.csv
}

# bats test_tags=alone
@test "memory per connection agrees within 5 % with a server of known cost" {
	[[ "$BUILD" != *address* && "$BUILD" != *thread* ]] || skip "a sanitizer takes memory of its own"
	run_memory --servers known-cost,known-cost/16k --trials 3
	run trials "$BATS_TEST_TMPDIR/run" '[
		abs((max(v) - min(v)) / 150 / cost - 1) < 0.05
		for name, cost in (("known-cost", 65536), ("known-cost/16k", 16384))
		for n in (1, 2, 3)
		for v in [[x["metrics"]["resident_bytes"] for x in t
			if x["server"] == name and x["trial"] == n]]]'
	[ "$output" = "[True, True, True, True, True, True]" ]
}

@test "a load trial has rate, latencies, CPU and the files they came from" {
	run "$TENK" run "$FIXTURES/load.yaml" --trials 1 --out "$BATS_TEST_TMPDIR/run"
	[[ "$status" -eq 0 || "$status" -eq 4 ]] # 4: this machine was too busy to measure
	run trials "$BATS_TEST_TMPDIR/run" 'all(x["metrics"][k] > 0 for x in t for k in
		("requests_per_s", "latency_p50_ns", "latency_p99_ns", "server_cpu_per_request_ns",
		 "load_cpu_per_request_ns"))'
	[ "$output" = True ]
	for file in $(trials "$BATS_TEST_TMPDIR/run" '" ".join(x[k] for x in t
		for k in ("histogram", "intervals", "load_report"))'); do
		[ -s "$BATS_TEST_TMPDIR/run/$file" ]
	done
}

@test "the same seed gives the same order" {
	run_memory --seed 41 --trials 1
	trials "$BATS_TEST_TMPDIR/run" '[(x["server"], x["point"]) for x in t]' >"$BATS_TEST_TMPDIR/first"
	rm -r "$BATS_TEST_TMPDIR/run"
	run_memory --seed 41 --trials 1
	trials "$BATS_TEST_TMPDIR/run" '[(x["server"], x["point"]) for x in t]' >"$BATS_TEST_TMPDIR/second"
	cmp "$BATS_TEST_TMPDIR/first" "$BATS_TEST_TMPDIR/second"
}

# bats test_tags=alone
@test "a server that dies in mid-trial has failed; the run goes on, and its exit code says so" {
	# Long enough for some answers on a busy machine, too.
	sed 's/duration:.*/duration: 1s/' "$FIXTURES/load.yaml" >"$BATS_TEST_TMPDIR/load.yaml"
	run --separate-stderr "$TENK" run "$BATS_TEST_TMPDIR/load.yaml" --trials 1 --servers dying,epoll,dying/exit \
		--server-dir "$BUILD/tests" --out "$BATS_TEST_TMPDIR/run"
	[ "$status" -eq 1 ]
	[[ "$stderr" == *"failed: trial 1 of load/dying"* ]]
	run trials "$BATS_TEST_TMPDIR/run" '[x["outcome"] for x in t if x["server"] == "epoll"].count("failed")'
	[ "$output" = 0 ]
	run trials "$BATS_TEST_TMPDIR/run" 'len({x["order"] for x in t if x["outcome"] == "failed"})' # in any attempt
	[ "$output" = 4 ]
	run trials "$BATS_TEST_TMPDIR/run" 'all("server_died" in [r["code"] for r in x["reasons"]]
		for x in t if x["outcome"] == "failed")'
	[ "$output" = True ]
	run trials "$BATS_TEST_TMPDIR/run" 'sorted({x["server_process"]["signal"] or x["server_process"]["exit_code"]
		for x in t if x["outcome"] == "failed"})'
	[ "$output" = "[3, 6]" ]
	[ "$(json "$BATS_TEST_TMPDIR/run/run.json" 'd["status"]')" = complete ]
	grep -q "server_died\|died\|ended by signal" "$BATS_TEST_TMPDIR/run/report/report.md"
}

@test "that a server died is told first, with its exit code and what it said, be it no UTF-8" {
	cat >"$BATS_TEST_TMPDIR/dies" <<-'END'
		#!/bin/bash
		# Serves for a while, then leaves with a code of its own and a word in Latin-1.
		"$1" --listen "127.0.0.1:$2" --variant exit --test-value 300 2>/dev/null
		printf 'caf\351 closed\n' >&2
		exit 7
	END
	chmod +x "$BATS_TEST_TMPDIR/dies"
	run --separate-stderr "$TENK" run "$FIXTURES/load.yaml" --trials 1 --out "$BATS_TEST_TMPDIR/run" \
		--server-cmd "$BATS_TEST_TMPDIR/dies $PWD/$BUILD/tests/server-dying {port}"
	echo "$stderr"
	[ "$status" -eq 1 ]
	[[ "$stderr" == *"failed: trial 1 of load/dies"*"the server exited with code 7 in mid-trial; it said: caf? closed"* ]]
	run trials "$BATS_TEST_TMPDIR/run" '{(x["reasons"][0]["code"], x["server_process"]["exit_code"],
		"caf? closed" in x["server_process"]["stderr"]) for x in t}'
	[ "$output" = "{('server_died', 7, True)}" ]
	python3 tests/cli/validate.py "$BATS_TEST_TMPDIR/run"
}

@test "killed with -9, a run leaves no process, and goes on where it was" {
	start_in_session "$TENK" run "$FIXTURES/memory.yaml" --server-dir "$BUILD/tests" \
		--out "$BATS_TEST_TMPDIR/run"
	eventually has_trials "$BATS_TEST_TMPDIR/run" 3
	kill -9 "$leader"
	wait "$leader" || true
	eventually session_is_empty "$leader"
	eventually no_group_is_left "$leader"
	printf '{"schema":1,"order":9,"outc' >>"$BATS_TEST_TMPDIR/run/trials.jsonl" # cut short
	before=$(trials "$BATS_TEST_TMPDIR/run" 'len(t)')
	[ "$before" -lt 16 ]
	[ "$(json "$BATS_TEST_TMPDIR/run/run.json" 'd["status"]')" = running ]
	"$TENK" run --resume "$BATS_TEST_TMPDIR/run"
	[ "$(json "$BATS_TEST_TMPDIR/run/run.json" 'd["status"]')" = complete ]
	run trials "$BATS_TEST_TMPDIR/run" '{x["order"] for x in t} == set(range(1, 17))'
	[ "$output" = True ]
}

# A build whose generator fails when it is started for the Nth time.
build_with_failing_generator() {
	mkdir -p "$BATS_TEST_TMPDIR/tree/build/release"
	ln -s "$PWD/report" "$PWD/scenarios" "$PWD/servers" "$BATS_TEST_TMPDIR/tree/"
	ln -s "$PWD/$BUILD"/server-* "$BATS_TEST_TMPDIR/tree/build/release/"
	cp "$TENK" "$BATS_TEST_TMPDIR/tree/build/release/tenk"
	cat >"$BATS_TEST_TMPDIR/tree/build/release/tenk-load" <<-END
		#!/bin/bash
		echo >>"$BATS_TEST_TMPDIR/started"
		[ "\$(wc -l <"$BATS_TEST_TMPDIR/started")" -ne $1 ] || exit 3
		exec "$PWD/$LOAD" "\$@"
	END
	chmod +x "$BATS_TEST_TMPDIR/tree/build/release/tenk-load"
}

# bats test_tags=source
@test "a block of which a trial was spoiled is made again, whole and at once, and counts once" {
	build_with_failing_generator 4
	run --separate-stderr "$BATS_TEST_TMPDIR/tree/build/release/tenk" run "$FIXTURES/memory.yaml" \
		--server-dir "$BUILD/tests" --out "$BATS_TEST_TMPDIR/run"
	echo "$stderr"
	[ "$status" -eq 0 ]
	[[ "$stderr" == *"once more: block 1 of memory, 2 servers side by side, of which 1 was spoiled"* ]]
	run trials "$BATS_TEST_TMPDIR/run" '[(x["order"], x["attempt"], x["outcome"]) for x in t][:7]'
	[ "$output" = "[(1, 1, 'ok'), (2, 1, 'ok'), (3, 1, 'ok'), (4, 1, 'invalid'), (3, 2, 'ok'), (4, 2, 'ok'), (5, 1, 'ok')]" ]
	run python3 -c 'import csv, sys, collections
print(collections.Counter(x["outcome"] for x in csv.DictReader(open(sys.argv[1]))))' \
		"$BATS_TEST_TMPDIR/run/report/data/trials.csv"
	[ "$output" = "Counter({'ok': 16, 'superseded': 2})" ]
	python3 tests/cli/validate.py "$BATS_TEST_TMPDIR/run"
}

@test "a block that was cut by an interruption is made anew" {
	run_memory
	sed -i '4,$d' "$BATS_TEST_TMPDIR/run/trials.jsonl"
	sed -i 's/"complete"/"aborted"/' "$BATS_TEST_TMPDIR/run/run.json"
	"$TENK" run --resume "$BATS_TEST_TMPDIR/run"
	run trials "$BATS_TEST_TMPDIR/run" '[(x["order"], x["attempt"]) for x in t][:7]'
	[ "$output" = "[(1, 1), (2, 1), (3, 1), (3, 2), (4, 2), (5, 1), (6, 1)]" ]
	cp "$BATS_TEST_TMPDIR/run/trials.jsonl" "$BATS_TEST_TMPDIR/before"
	"$TENK" run --resume "$BATS_TEST_TMPDIR/run" # which has nothing to do
	cmp "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/run/trials.jsonl"
}

@test "an interrupted ladder confirms what ended it before it climbs" {
	sed 's/^trials:.*/ladder: true\ntrials: 1/; s/\[50, 100, 150, 200\]/[5, 20, 40]/' \
		"$FIXTURES/memory.yaml" >"$BATS_TEST_TMPDIR/far.yaml"
	"$TENK" run "$BATS_TEST_TMPDIR/far.yaml" --out "$BATS_TEST_TMPDIR/run" \
		--server-cmd "$BUILD/server-epoll --max-connections 15 --listen 127.0.0.1:{port}"
	sed -i '3,$d' "$BATS_TEST_TMPDIR/run/trials.jsonl"
	sed -i 's/"complete"/"aborted"/' "$BATS_TEST_TMPDIR/run/run.json"
	"$TENK" run --resume "$BATS_TEST_TMPDIR/run"
	run trials "$BATS_TEST_TMPDIR/run" '[(x["point"]["connections"], x["attempt"], x["outcome"]) for x in t]'
	[ "$output" = "[(5, 1, 'ok'), (20, 1, 'failed'), (20, 2, 'failed'), (40, 1, 'skipped')]" ]
}

@test "killed with all of its process group, a run leaves no process and no group" {
	start_in_session "$TENK" run "$FIXTURES/memory.yaml" --server-dir "$BUILD/tests" \
		--out "$BATS_TEST_TMPDIR/run"
	eventually has_trials "$BATS_TEST_TMPDIR/run" 1
	kill -KILL -- "-$leader" # as timeout -s KILL does, or a terminal's shell
	wait "$leader" || true
	eventually session_is_empty "$leader"
	eventually no_group_is_left "$leader"
}

@test "interrupted, a run keeps what it has, leaves no process, and says how to go on" {
	start_in_session "$TENK" run "$FIXTURES/memory.yaml" --server-dir "$BUILD/tests" \
		--out "$BATS_TEST_TMPDIR/run"
	eventually has_trials "$BATS_TEST_TMPDIR/run" 2
	kill -INT "$leader"
	code=0
	wait "$leader" || code=$?
	[ "$code" -eq 130 ]
	session_is_empty "$leader"
	no_group_is_left "$leader"
	[ "$(json "$BATS_TEST_TMPDIR/run/run.json" 'd["status"]')" = aborted ]
	grep -q "tenk run --resume $BATS_TEST_TMPDIR/run" "$BATS_TEST_TMPDIR/stderr"
	"$TENK" report "$BATS_TEST_TMPDIR/run"
	"$TENK" run --resume "$BATS_TEST_TMPDIR/run"
	run trials "$BATS_TEST_TMPDIR/run" 'len({x["order"] for x in t})'
	[ "$output" = 16 ]
}

@test "a folder that holds a run is not written over, nor used by two" {
	run_memory --trials 1
	cp "$BATS_TEST_TMPDIR/run/trials.jsonl" "$BATS_TEST_TMPDIR/before"
	run run_memory --trials 1
	[ "$status" -ne 0 ]
	[[ "$output" == *"holds a run already"* ]]
	cmp "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/run/trials.jsonl"
	exec 9<>"$BATS_TEST_TMPDIR/run/trials.jsonl"
	flock 9
	run "$TENK" run --resume "$BATS_TEST_TMPDIR/run" 9>&-
	[ "$status" -ne 0 ]
	[[ "$output" == *"another tenk is at work"* ]]
}

@test "bodies of more than 64 MiB are compared too, byte for byte" {
	cat >"$BATS_TEST_TMPDIR/large.yaml" <<-END
		title: Large bodies
		question: Is what comes what was asked for?
		servers: [epoll]
		load: {get: "/bytes/70000000", connections: 1, warmup: 0s, duration: 500ms, timeout: 60s}
		trials: 1
	END
	run "$TENK" run "$BATS_TEST_TMPDIR/large.yaml" --out "$BATS_TEST_TMPDIR/run"
	echo "$output"
	run trials "$BATS_TEST_TMPDIR/run" '{(x["phases"]["probe_ns"] > 0, "probe" in [r["code"] for r in x["reasons"]])
		for x in t}'
	[ "$output" = "{(True, False)}" ]
}

@test "a server may take longer to start where that is said, and a message names the limit" {
	cat >"$BATS_TEST_TMPDIR/slow" <<-END
		#!/bin/sh
		sleep "\$2" && exec $PWD/$BUILD/server-epoll --listen "127.0.0.1:\$1"
	END
	chmod +x "$BATS_TEST_TMPDIR/slow"
	printf 'title: Slow\ncommand: [%s, "{port}", "1.5"]\nstart-timeout: %s\n' "$BATS_TEST_TMPDIR/slow" 300ms \
		>"$BATS_TEST_TMPDIR/slow.yaml"
	run --separate-stderr "$TENK" run "$FIXTURES/memory.yaml" --trials 1 --out "$BATS_TEST_TMPDIR/late" \
		--server-manifest "$BATS_TEST_TMPDIR/slow.yaml"
	echo "$stderr"
	[ "$status" -eq 1 ]
	[[ "$stderr" == *"slow did not start: it was not ready within 300 ms (--start-timeout gives it longer"* ]]
	run --separate-stderr "$TENK" run "$FIXTURES/memory.yaml" --trials 1 --out "$BATS_TEST_TMPDIR/run" \
		--server-manifest "$BATS_TEST_TMPDIR/slow.yaml" --start-timeout 60s
	echo "$stderr"
	[ "$status" -eq 0 ]
	[[ "$output" == *"--start-timeout 60000000000ns"* ]]
	python3 tests/cli/validate.py "$BATS_TEST_TMPDIR/run"
	run "$TENK" run --server-cmd "x {port}" --start-timeout 2h
	[ "$status" -eq 2 ]
	[[ "$output" == *"--start-timeout: 2h is outside 1ms to 1h"* ]]
}

@test "the command that repeats a run is one that a shell reads back" {
	mkdir "$BATS_TEST_TMPDIR/it's mine"
	cp "$FIXTURES/memory.yaml" "$BATS_TEST_TMPDIR/it's mine/mine.yaml"
	cp "$BUILD/tests/server-known-cost" "$BATS_TEST_TMPDIR/it's mine/"
	"$TENK" run "$BATS_TEST_TMPDIR/it's mine/mine.yaml" --trials 1 --servers known-cost \
		--server-dir "$BATS_TEST_TMPDIR/it's mine" --out "$BATS_TEST_TMPDIR/run"
	repeat=$(json "$BATS_TEST_TMPDIR/run/run.json" 'd["repeat"]')
	eval "$TENK ${repeat#tenk} --out '$BATS_TEST_TMPDIR/once more'"
	[ "$(json "$BATS_TEST_TMPDIR/once more/run.json" 'd["repeat"]')" = "$repeat" ]
}

@test "a run of another generator, or of another machine, is not gone on with" {
	run_memory --trials 1 --servers epoll
	cp "$BATS_TEST_TMPDIR/run/run.json" "$BATS_TEST_TMPDIR/run.json"
	python3 - "$BATS_TEST_TMPDIR/run/run.json" <<-END
		import json, sys
		run = json.load(open(sys.argv[1]))
		run["load_generator"]["build"] = "0123456789abcdef"
		json.dump(run, open(sys.argv[1], "w"))
	END
	run "$TENK" run --resume "$BATS_TEST_TMPDIR/run"
	[ "$status" -eq 2 ]
	[[ "$output" == *"tenk-load has been built anew"*"tenk run $FIXTURES/memory.yaml"* ]]

	sed 's/"kernel": "[^"]*"/"kernel": "5.0-other"/' "$BATS_TEST_TMPDIR/run.json" >"$BATS_TEST_TMPDIR/run/run.json"
	run "$TENK" run --resume "$BATS_TEST_TMPDIR/run"
	[ "$status" -eq 2 ]
	[[ "$output" == *"this machine is not as it was"*"(kernel 5.0-other -> $(uname -r))"* ]]
}

@test "a run of another build or plan is not gone on with" {
	run_memory --trials 1
	sed -i 's/"build": "[0-9a-f]*"/"build": "0000000000000000"/' "$BATS_TEST_TMPDIR/run/run.json"
	run "$TENK" run --resume "$BATS_TEST_TMPDIR/run"
	[ "$status" -eq 2 ]
	[[ "$output" == *"has been built anew"*"tenk run $FIXTURES/memory.yaml"* ]]
}

@test "a cell that this machine cannot hold is named, with the limit" {
	run --separate-stderr bash -c "ulimit -Sn 150 && ulimit -Hn 150 && exec $TENK run $FIXTURES/memory.yaml \
		--servers epoll --trials 1 --out $BATS_TEST_TMPDIR/run"
	[ "$status" -eq 4 ]
	[[ "$stderr" == *"memory/epoll connections=200 is not measured"*"ulimit"* ]]
	run trials "$BATS_TEST_TMPDIR/run" '[x["outcome"] for x in t if x["point"]["connections"] == 200]'
	[ "$output" = "['invalid']" ]
}

@test "a ladder says where each server ends, by which limit, and what would lift it" {
	cat >"$BATS_TEST_TMPDIR/far.yaml" <<-END
		title: How far?
		question: How many connections does each hold?
		servers: [epoll, prefork, loop-per-core/loops-64]
		vary: {connections: [50, 100, 300, 400]}
		ladder: true
		load: {idle: true, each: {get: /plaintext}, warmup: 0s}
		trials: 1
	END
	[[ "$BUILD" != *thread* ]] || sed -i 's/, loop-per-core.*]/]/' "$BATS_TEST_TMPDIR/far.yaml"
	run --separate-stderr bash -c "ulimit -n 320 && exec $TENK run $BATS_TEST_TMPDIR/far.yaml \
		--full --out $BATS_TEST_TMPDIR/run"
	echo "$output$stderr"
	[ "$status" -eq 0 ] # an end is what it looks for
	[[ "$(grep -v "there is one core" <<<"$stderr")" != *warning:* ]]
	[[ "$output" == *"epoll "*" 100 "*" 300 "*"descriptors"*"to lift it: ulimit -Hn 364"* ]]
	[[ "$output" == *"prefork "*" 100 "*" 300 "*"workers"*"to lift it: more processes (--workers N)"* ]]
	run trials "$BATS_TEST_TMPDIR/run" '[(x["point"]["connections"], x["outcome"],
		[(r["code"], r.get("limit"), "remedy" in r) for r in x["reasons"]]) for x in t
		if x["server"] == "epoll"]'
	[ "$output" = "[(50, 'ok', []), (100, 'ok', []), (300, 'skipped', [('limits', 'descriptors', True)]), (400, 'skipped', [('ladder', None, False)])]" ]
	run cat "$BATS_TEST_TMPDIR/run/report/report.md"
	[[ "$output" == *"| epoll | 100 | 300 | descriptors |"*"ulimit -Hn 364"* ]]
	[[ "$BUILD" == *thread* || "$output" == *"| loop-per-core/loops-64 | 400 |"*"nothing gave way"* ]]
	python3 tests/cli/validate.py "$BATS_TEST_TMPDIR/run"
}

@test "errors that end a ladder are confirmed, and say what they were" {
	sed 's/^trials:.*/ladder: true\ntrials: 1/; s/\[50, 100, 150, 200\]/[5, 20, 40]/' \
		"$FIXTURES/memory.yaml" >"$BATS_TEST_TMPDIR/far.yaml"
	run "$TENK" run "$BATS_TEST_TMPDIR/far.yaml" --full --out "$BATS_TEST_TMPDIR/run" \
		--server-cmd "$BUILD/server-epoll --max-connections 15 --listen 127.0.0.1:{port}"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"server-epoll "*" 5 "*" 20 "*"refusal"*"to lift it: a higher limit of connections"* ]]
	run trials "$BATS_TEST_TMPDIR/run" '[(x["point"]["connections"], x["attempt"], x["outcome"]) for x in t]'
	[ "$output" = "[(5, 1, 'ok'), (20, 1, 'failed'), (20, 2, 'failed'), (40, 1, 'skipped')]" ]
	python3 tests/cli/validate.py "$BATS_TEST_TMPDIR/run"
}

@test "a ladder whose first step is not held has found nothing" {
	sed 's/^trials:.*/ladder: true\ntrials: 1/' "$FIXTURES/memory.yaml" >"$BATS_TEST_TMPDIR/far.yaml"
	run bash -c "ulimit -n 100 && exec $TENK run $BATS_TEST_TMPDIR/far.yaml --servers epoll \
		--full --out $BATS_TEST_TMPDIR/run"
	[ "$status" -eq 4 ]
	[[ "$output" == *"descriptors"*"to lift it"* ]]
}

@test "an interrupted ladder goes on without the steps above its ends" {
	sed 's/^trials:.*/ladder: true\ntrials: 1/; s/\[50, 100, 150, 200\]/[50, 100, 300, 400]/' \
		"$FIXTURES/memory.yaml" >"$BATS_TEST_TMPDIR/far.yaml"
	"$TENK" run "$BATS_TEST_TMPDIR/far.yaml" --servers prefork --out "$BATS_TEST_TMPDIR/run"
	sed -i '4d' "$BATS_TEST_TMPDIR/run/trials.jsonl"
	sed -i 's/"complete"/"aborted"/' "$BATS_TEST_TMPDIR/run/run.json"
	run "$TENK" run --resume "$BATS_TEST_TMPDIR/run"
	[ "$status" -eq 0 ]
	run trials "$BATS_TEST_TMPDIR/run" '[x["outcome"] for x in t]'
	[ "$output" = "['ok', 'ok', 'failed', 'skipped']" ]
}

@test "a scenario says how many cores the server has, and not more than there are" {
	sed 's/^load:.*/&\n  server-cores: 1/' "$FIXTURES/memory.yaml" >"$BATS_TEST_TMPDIR/one.yaml"
	"$TENK" run "$BATS_TEST_TMPDIR/one.yaml" --servers epoll --trials 1 --out "$BATS_TEST_TMPDIR/run"
	[ "$(json "$BATS_TEST_TMPDIR/run/run.json" 'd["scenarios"][0]["parts"][0]["load"]["server_cores"]')" = 1 ]
	python3 tests/cli/validate.py "$BATS_TEST_TMPDIR/run"
	sed 's/server-cores: 1/server-cores: 1000/' "$BATS_TEST_TMPDIR/one.yaml" >"$BATS_TEST_TMPDIR/many.yaml"
	run "$TENK" run "$BATS_TEST_TMPDIR/many.yaml" --servers epoll --out "$BATS_TEST_TMPDIR/not"
	[ "$status" -eq 2 ]
	[[ "$output" == *"wants 1000 cores for the server"*"--server-cores"* ]]
	[ ! -e "$BATS_TEST_TMPDIR/not" ]
}

@test "siblings that share a physical core are dealt out with a warning, if there is no other" {
	[ "$(nproc)" -ge 2 ] || skip "one core"
	HWLOC_SYNTHETIC="core:1 pu:2" run --separate-stderr run_memory --servers epoll --trials 1
	[ "$status" -eq 0 ]
	[[ "$stderr" == *"warning: server and generator are on hardware threads of the same physical core"*"--server-cores"* ]]
	[ "$(json "$BATS_TEST_TMPDIR/run/run.json" 'd["cores"]["siblings"]')" = True ]
	"$TENK" run "$FIXTURES/memory.yaml" --servers epoll --trials 1 --server-cores 1 --out "$BATS_TEST_TMPDIR/other"
	run json "$BATS_TEST_TMPDIR/other/run.json" 'd["cores"]["server"], 1 in d["cores"]["load"], d["cores"]["siblings"]'
	[ "$output" = "([1], False, False)" ]
}

@test "where a machine does not tell its physical cores, a run says so, and nobody else" {
	[ "$(nproc)" -ge 2 ] || skip "one core"
	unshare --mount true 2>/dev/null || skip "no namespace of mounts can be made here"
	run --separate-stderr unshare --mount sh -c 'mount --make-rprivate / && mount -t tmpfs none /sys && exec "$@"' sh \
		"$TENK" run "$FIXTURES/memory.yaml" --servers epoll --trials 1 --out "$BATS_TEST_TMPDIR/run"
	echo "$stderr"
	[ "$status" -eq 0 ]
	[[ "$stderr" == *"warning: which cores are hardware threads of the same physical one cannot be told"* ]]
	[[ "$stderr" != *hwloc* ]]
}

@test "--json describes the run for machines, with its figures, on stdout alone" {
	run_memory --trials 1 --json >"$BATS_TEST_TMPDIR/out.json" 2>"$BATS_TEST_TMPDIR/progress"
	python3 tests/cli/validate.py "$BATS_TEST_TMPDIR/run" "$BATS_TEST_TMPDIR/out.json"
	[ "$(json "$BATS_TEST_TMPDIR/out.json" 'd["status"], d["trials"]["ok"], d["claims"]')" = "('complete', 8, [])" ]
	grep -q "seed" "$BATS_TEST_TMPDIR/progress"
}

@test "more connections than a model serves at once are not called a failure of the run" {
	sed 's/\[50, 100, 150, 200\]/[200, 500, 800, 1100]/' "$FIXTURES/memory.yaml" >"$BATS_TEST_TMPDIR/many.yaml"
	run --separate-stderr "$TENK" run "$BATS_TEST_TMPDIR/many.yaml" --servers select,epoll --trials 1 \
		--out "$BATS_TEST_TMPDIR/run"
	[ "$status" -eq 0 ]
	[[ "$stderr" == *"many/select connections=1100 is not measured: this model serves"* ]]
	run trials "$BATS_TEST_TMPDIR/run" '[(x["outcome"], x["reasons"][0]["code"]) for x in t
		if x["server"] == "select" and x["point"]["connections"] == 1100]'
	[ "$output" = "[('failed', 'model_limit')]" ]
}

@test "a variant has a limit of its own, or none" {
	sed 's/\[50, 100, 150, 200\]/[200, 300]/' "$FIXTURES/memory.yaml" >"$BATS_TEST_TMPDIR/more.yaml"
	run --separate-stderr "$TENK" run "$BATS_TEST_TMPDIR/more.yaml" --servers thread-pool,thread-pool/ready \
		--trials 1 --out "$BATS_TEST_TMPDIR/more"
	[ "$status" -eq 0 ]
	run trials "$BATS_TEST_TMPDIR/more" 'sorted((x["server"], x["outcome"]) for x in t
		if x["point"]["connections"] == 300)'
	[ "$output" = "[('thread-pool', 'failed'), ('thread-pool/ready', 'ok')]" ]
}

@test "what a scenario sets reaches the servers that it means something to" {
	cat >"$BATS_TEST_TMPDIR/set.yaml" <<-'END'
		title: Workers
		question: Does a pool have as many threads as it is told?
		servers: [thread-pool, poll, thread-per-connection]
		trials: 1
		vary: {workers: [2, 5], server-cores: [1, 512]}
		load: {idle: true, each: {get: /plaintext}, connections: 2, warmup: 0}
	END
	run --separate-stderr "$TENK" run "$BATS_TEST_TMPDIR/set.yaml" --out "$BATS_TEST_TMPDIR/run"
	[ "$status" -eq 0 ]
	[[ "$stderr" == *"set: server-cores of 512 are left out: the server has "* ]]
	[[ "$stderr" == *"set: workers means nothing to thread-per-connection, which is measured as it is"* ]]
	[[ "$stderr" != *"nothing to thread-pool"* ]]
	run trials "$BATS_TEST_TMPDIR/run" '[{n["code"] for x in t if x["server"] == "thread-per-connection" for n in x["notes"] if n["code"] != "ground"},
		sorted((x["point"]["workers"], x["point"]["server_cores"]) for x in t if x["server"] == "thread-pool")]'
	[ "$output" = "[{'setting'}, [(2, 1), (5, 1)]]" ]
	[ "$(trials "$BATS_TEST_TMPDIR/run" '(lambda n: n[1] - n[0])(sorted(x["metrics"]["threads"] for x in t
		if x["server"] == "thread-pool"))')" = 3.0 ]
	python3 tests/cli/validate.py "$BATS_TEST_TMPDIR/run"
}

@test "a share is offered of what a server bears here, and only active connections ask" {
	cat >"$BATS_TEST_TMPDIR/share.yaml" <<-'END'
		title: A share
		question: What does it take at a third?
		servers: [epoll, select]
		trials: 1
		load: {get: "/cpu/{cpu_rounds}", cpu: 500us, share: 33, share-of: poll, connections: 40, active: 25, warmup: 0, duration: 100ms}
	END
	run --separate-stderr "$TENK" run "$BATS_TEST_TMPDIR/share.yaml" --out "$BATS_TEST_TMPDIR/run"
	[ "$(json "$BATS_TEST_TMPDIR/run/run.json" '[(c["part"], c["server"], c["requests_per_s"] > 0) for c in d["capacities"]]')" = "[('share', 'poll', True)]" ]
	[ "$(trials "$BATS_TEST_TMPDIR/run" 'sorted({x["server"] for x in t})')" = "['epoll', 'select']" ]
	capacity=$(json "$BATS_TEST_TMPDIR/run/run.json" 'd["capacities"][0]["requests_per_s"]')
	for load in "$BATS_TEST_TMPDIR"/run/load/000[12]-*.json; do
		json "$load" "(abs(d['load']['rate_per_s'] / (0.33 * $capacity) - 1) < 1e-3, d['load']['connections'], d['load']['idle'])"
	done | sort -u >"$BATS_TEST_TMPDIR/offered"
	[ "$(cat "$BATS_TEST_TMPDIR/offered")" = '(True, 10, 30)' ]
	python3 tests/cli/validate.py "$BATS_TEST_TMPDIR/run"
	sed 's/share-of: poll/share-of: nobody/' "$BATS_TEST_TMPDIR/share.yaml" >"$BATS_TEST_TMPDIR/nobody.yaml"
	run "$TENK" run "$BATS_TEST_TMPDIR/nobody.yaml" --out "$BATS_TEST_TMPDIR/not"
	[ "$status" -eq 2 ]
	[[ "$output" == *"there is no server nobody, of which it offers shares"* ]]
}
