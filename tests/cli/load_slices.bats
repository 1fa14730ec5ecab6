#!/usr/bin/env bats
# tenk-load --slices-fd: load that is offered when somebody says so, against a server that keeps its own record.
bats_require_minimum_version 1.5.0

load helpers
load truth

# conduct STEP... -- OPTION...: what came of it in slices.json (see load_slices.py).
conduct() {
	python3 tests/cli/load_slices.py "$BATS_TEST_TMPDIR/slices.json" "$LOAD" "$port" "$@"
}

# Whether expressions hold over what came of it, `d`: its slices `s`, report `r`, the server's counts `t`.
shows() {
	python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
s, r, t, ms = d["slices"], d.get("report"), [truth["count"] for truth in d["truths"]], 1e6
wrong = [text for text in sys.argv[2:] if not eval(text)]
for text in wrong:
    print(text, "does not hold for", {**d, "report": r and {k: r[k] for k in r if "histogram" not in k}})
sys.exit(len(wrong))' "$BATS_TEST_TMPDIR/slices.json" "$@"
}

# The same, and what holds however many slices there were of which nothing was left unanswered.
adds_up() {
	# The server answered what leads and slices were answered, and nothing besides.
	shows 'd["code"] == 0 and r["outcome"] == "ok" and d["said"] == ""' \
		't[-1] - t[0] == sum(x["good"] for x in s)' \
		'r["requests"]["good"] == sum(x["good"] for x in s if x["counted"]) == r["latency"]["count"]' \
		'r["latency"]["count"] == sum(count for value, count in r["histogram"])' \
		'r["slices"] == sum(x["counted"] for x in s) == len(r["slice_lengths_ns"])' \
		'r["slice_lengths_ns"] == [x["end_ns"] - x["begin_ns"] for x in s if x["counted"]]' \
		'r["window_ns"] == sum(r["slice_lengths_ns"])' \
		'r["loaded_ns"] == sum(x["drained_ns"] - x["begin_ns"] for x in s if x["counted"])' \
		'r["generator"]["cpu_ns"] == sum(x["cpu_ns"] for x in s if x["counted"])' \
		'r["bytes"]["received"] == 43 * r["requests"]["good"] and r["bytes"]["per_answer"] == 43 and all(x["errors"] == 0 for x in s)' \
		'sum(e["completed"] for e in d["events"] if e["event"] == "interval") == r["requests"]["good"]' \
		'[x["number"] for x in s] == list(range(1, len(s) + 1))' "$@"
}

@test "slices of a closed loop hold what the server answered, and at rest it is asked nothing" {
	start_truth
	conduct truth "lead 20ms" "slice 60ms" truth "rest 300ms" truth "slice 40ms" "lead 10ms" "slice 50ms" truth end -- \
		--connections 20 --threads 2 --warmup 50ms
	adds_up \
		't[1] == t[2] and s[0]["good"] + s[1]["good"] == t[1] - t[0]' \
		'r["slice_lengths_ns"] == [60 * ms, 40 * ms, 50 * ms] and [x["counted"] for x in s] == [False, True, True, False, True]' \
		'all(x["due"] == x["good"] > 0 for x in s) and r["requests"]["good_outside"] == t[0] + s[0]["good"] + s[3]["good"]' \
		'abs(r["requests_per_s"] - r["requests"]["good"] * 1e9 / r["loaded_ns"]) < 0.01 and r["load"]["duration_ns"] is None' \
		'[e["event"] for e in d["events"] if e["event"] not in ("connecting", "warming")] == ["connected", "warm", "slice", "interval", "slice", "interval", "slice", "slice", "interval", "slice", "done", "end"]'
}

@test "slices of an open loop have as much due as their length has, and the rate goes on where it was" {
	start_truth
	# 5 in 20 ms, 12.5 in 50 ms: nothing is rounded away.
	conduct truth "lead 20ms" "slice 50ms" "slice 50ms" "slice 50ms" "slice 50ms" truth "rest 300ms" truth end -- \
		--connections 20 --rate 250 --warmup 50ms
	adds_up \
		't[1] == t[2] and s[0]["due"] == 5 and [x["due"] for x in s[1:]] in ([12, 13, 12, 13], [13, 12, 13, 12])' \
		'r["requests"]["due"] == 50 and r["requests_per_s"] == 250'
}

@test "random arrivals have their rate in each slice" {
	start_truth
	conduct truth "slice 200ms" "slice 200ms" truth end -- --connections 50 --rate 1k --arrivals poisson --threads 2 --warmup 20ms
	adds_up
	# 200 each, with a standard deviation of 14 (that no stream comes again is a test of the schedule).
	shows 'all(120 < x["due"] < 280 for x in s)'
}

@test "a stall longer than the slice is waited for, and is in the response times" {
	start_truth --stall 300ms --every 50ms
	conduct truth "slice 100ms" truth end -- --connections 40 --rate 1k --warmup 10ms
	adds_up \
		's[0]["due"] == 100 and s[0]["drained_ns"] - s[0]["end_ns"] > 100 * ms' \
		'r["latency"]["max_ns"] > 150 * ms and r["latency"]["at_least"] == []'
	# Each had to wait for the end of it: so had those that no connection was free for.
	shows 'r["latency"]["max_ns"] >= r["service_time"]["max_ns"] and r["requests"]["waited_for_connection"] > 0'
}

@test "what has no answer when nobody waits any more is counted, and the next slice begins afresh" {
	start_truth --delay 400ms
	# In the second slice an answer to the first would come to another request.
	conduct "slice 50ms" "slice 50ms" end -- --connections 4 --rate 200 --warmup 0s --drain 100ms
	shows 'all(x["due"] == 10 and x["good"] == 0 and x["drained_ns"] - x["end_ns"] < 350 * ms for x in s)' \
		'r["requests"]["unanswered"] == 20 == r["unanswered_age"]["count"] == r["latency"]["count"] and r["requests"]["sent"] == 8' \
		'sum(r["errors"].values()) == 0 and r["connect"]["count"] >= 8 and r["outcome"] == "no_answers"'
}

@test "what times out is waited for, and fails its slice only" {
	start_truth --delay 400ms
	conduct "slice 20ms" "slice 20ms" end -- --connections 4 --rate 200 --warmup 0s --timeout 150ms --drain 5s
	shows 'all(x["due"] == x["errors"] == 4 and x["good"] == 0 and x["drained_ns"] - x["begin_ns"] >= 150 * ms for x in s)' \
		'r["errors"]["timeout"] == 8 == r["latency"]["count"] and "p50" in r["latency"]["at_least"]'
}

@test "slices end when the parent closes the descriptor, or says that it is enough" {
	start_truth
	conduct truth "slice 20ms" truth close -- --connections 4 --warmup 10ms
	adds_up
	conduct "slice 20ms" "say slice 10s" "rest 50ms" usr1 -- --connections 4 --rate 2k --warmup 10ms
	shows 'd["code"] == 0 and len(s) == 2 and s[1]["end_ns"] - s[1]["begin_ns"] < 5000 * ms' \
		'r["requests"]["due"] == s[0]["due"] + s[1]["due"] == r["requests"]["good"]'
}

@test "slices that are interrupted keep what was measured" {
	start_truth
	conduct "slice 20ms" "say slice 10s" "rest 50ms" int -- --connections 4 --warmup 10ms
	shows 'd["code"] == 130 and r["outcome"] == "interrupted" and r["slices"] == 2 and r["window_ns"] < 5000 * ms' \
		'r["requests"]["sent"] == r["requests"]["good"] + r["requests"]["unanswered"] > s[0]["good"] > 0'
	conduct "lead 20ms" int -- --connections 4 --warmup 10ms
	shows 'd["code"] == 130 and r["slices"] == 0 and r["requests"]["good"] == 0'
}

@test "a server that dies at rest has vanished" {
	start_truth
	python3 tests/cli/load_slices.py "$BATS_TEST_TMPDIR/slices.json" "$LOAD" "$port" "slice 20ms" "kill $pid" -- --connections 4 --warmup 0s
	pid=
	shows 'd["code"] == 1 and r["outcome"] == "server_vanished" and r["requests"]["good"] == s[0]["good"] > 0'
}

@test "an order that is none ends the run with what it was, and what was measured is kept" {
	start_truth
	conduct "slice 20ms" "say lead 5ms extra" -- --connections 4 --warmup 0s
	shows 'd["code"] == 2 and "line 2" in d["said"] and "lead 5ms extra" in d["said"] and "slice 100ms" in d["said"]' \
		'r["outcome"] == "interrupted" and r["requests"]["good"] == s[0]["good"] > 0'
	conduct "say slice 2h" -- --connections 4 --warmup 0s
	shows 'd["code"] == 2 and "line 1" in d["said"] and "1ms to 1h" in d["said"]'
	run -2 "$LOAD" --slices-fd 77 "http://127.0.0.1:$port/"
	[[ "$output" == *"--slices-fd"*"nothing is open there that could be read"* ]]
	run -2 "$LOAD" --slices-fd 0 --duration 1s "http://127.0.0.1:$port/" </dev/null
	[[ "$output" == *"leave --duration out"* ]]
	for wrong in --burst "--stages 1s:1k" "--find-max 1ms" "-n 5" "--think-time 1s" "--slow-readers 1" --watch "--connections 0 --idle 1"; do
		# shellcheck disable=SC2086
		run -2 "$LOAD" --slices-fd 0 $wrong "http://127.0.0.1:$port/" </dev/null
		[[ "$output" == *"--slices-fd"* ]]
	done
}

@test "the log of slices has a line for each, and nothing of what was between them" {
	start_truth
	conduct "lead 10ms" "slice 20ms" "rest 200ms" "slice 20ms" end -- --connections 4 --warmup 0s --rate 1k \
		--log "$BATS_TEST_TMPDIR/log" --log-interval --csv "$BATS_TEST_TMPDIR/csv"
	shows 'r["requests"]["due"] == 40'
	[ "$(grep -c '^[0-9]' "$BATS_TEST_TMPDIR/log")" -eq 2 ]
	[ "$(tail -n +2 "$BATS_TEST_TMPDIR/csv" | cut -d, -f1,2 | tr '\n' ' ')" = "0.020,20 0.040,20 " ]
}
