#!/usr/bin/env bats
# tenk-load merge: stored results as one.
bats_require_minimum_version 1.5.0

load helpers
load truth

setup_file() {
	BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR
	start_truth --slow 20ms --share 5%
	for n in 1 2 3; do
		"$LOAD" -q --rate 1k --connections 8 --duration $((n * 200))ms -n $((n * 150)) --warmup 0s --seed "$n" \
			--json "$BATS_FILE_TMPDIR/$n.json" "http://127.0.0.1:$port/"
	done
	"$LOAD" -q --rate 2k --connections 8 --duration 200ms --warmup 0s --json "$BATS_FILE_TMPDIR/other.json" \
		"http://127.0.0.1:$port/"
	# They differ in how long they were to last, which is a difference of the load, but not here.
	sed -i 's/"duration_ns":[0-9]*/"duration_ns":1/; s/"requests_max":[0-9]*/"requests_max":null/' "$BATS_FILE_TMPDIR"/[123].json
	kill -9 "$pid"
}

setup() {
	cd "$BATS_FILE_TMPDIR" || return
	[[ "$LOAD" == /* ]] || LOAD=$BATS_TEST_DIRNAME/../../$LOAD
}

teardown() {
	:
}

@test "merged results have the samples of all, and percentiles of all of them" {
	run -0 "$LOAD" merge 1.json 2.json 3.json --percentiles 50,95 --json all.json
	[[ "$output" == *"3 results"*"p50 "*"p95 "*"max"* ]]
	python3 - <<'END'
import json, math

parts = [json.load(open(f"{n}.json")) for n in (1, 2, 3)]
whole = json.load(open("all.json"))
slots = {}
for part in parts:
    for value, count in part["histogram"]:
        slots[value] = slots.get(value, 0) + count
assert whole["histogram"] == [list(slot) for slot in sorted(slots.items())]
count = sum(slots.values())
assert count == whole["latency"]["count"] == whole["requests"]["good"] == 900, whole
for key in ("due", "sent", "good", "unanswered"):
    assert whole["requests"][key] == sum(part["requests"][key] for part in parts)
for key in whole["errors"]:
    assert whole["errors"][key] == sum(part["errors"][key] for part in parts)
assert whole["statuses"] == {"200": 900}
assert whole["window_ns"] == sum(part["window_ns"] for part in parts)
assert math.isclose(whole["requests_per_s"], 900e9 / whole["window_ns"])
assert whole["latency"]["max_ns"] == max(part["latency"]["max_ns"] for part in parts)
assert whole["latency"]["min_ns"] == min(part["latency"]["min_ns"] for part in parts)
mean = sum(part["latency"]["mean_ns"] * part["latency"]["count"] for part in parts) / count
assert math.isclose(whole["latency"]["mean_ns"], mean)
rank, seen = math.ceil(0.95 * count), 0
for value, n in sorted(slots.items()):
    seen += n
    if seen >= rank:
        break
assert whole["latency"]["p95_ns"] == min(value, whole["latency"]["max_ns"])
END
}

@test "it makes no difference in which groups results are merged" {
	"$LOAD" merge -q 1.json 2.json 3.json --json at-once.json
	"$LOAD" merge -q 2.json 3.json --json two.json
	"$LOAD" merge -q two.json 1.json --json in-turn.json
	python3 - <<'END'
import json, math

a, b = (json.load(open(name)) for name in ("at-once.json", "in-turn.json"))
for key in ("requests", "bytes", "statuses", "errors", "histogram", "window_ns"):
    assert a[key] == b[key], key
assert math.isclose(a["requests_per_s"], b["requests_per_s"])
for key in a["latency"]:
    assert key == "at_least" or math.isclose(a["latency"][key], b["latency"][key]), key
END
}

@test "results of different loads are refused, unless that is wanted" {
	run -2 "$LOAD" merge 1.json other.json
	[[ "$output" == *"1.json and other.json measured different things: load.rate_per_s is not the same; --force"* ]]
	run -0 "$LOAD" merge 1.json other.json --force
	[[ "$output" == *"2 results"* ]]
}

@test "what is no result is said to be none" {
	echo '{"tool":' >broken.json
	echo '{"tool":"wrk"}' >foreign.json
	sed 's/"latency":{"count":[0-9]*/"latency":{"count":7/' 1.json >edited.json
	run -2 "$LOAD" merge 1.json
	[[ "$output" == *"say which results to merge"* ]]
	run -2 "$LOAD" merge 1.json missing.json
	[[ "$output" == *"missing.json: "*"No such file"* ]]
	run -2 "$LOAD" merge broken.json 1.json
	[[ "$output" == *"broken.json:"*"no JSON"* ]]
	run -2 "$LOAD" merge 1.json foreign.json
	[[ "$output" == *"foreign.json: it is no result of tenk-load"* ]]
	run -2 "$LOAD" merge 1.json edited.json
	[[ "$output" == *"edited.json: its histogram does not go with latency.count"* ]]
	run -1 "$LOAD" merge -q 1.json 2.json --json /nowhere/all.json
}

@test "percentiles that an unanswered request may have raised stay at least that" {
	sed 's/"at_least":\[\]/"at_least":["p99_9","p99_99","max"]/' 1.json >bound.json
	"$LOAD" merge -q bound.json 2.json --json all.json
	[ "$(json all.json '"max" in d["latency"]["at_least"] and "p50" not in d["latency"]["at_least"]')" = True ]
}

# a.json and b.json: as if two of the results had been measured at the same time, by the clock of day, but for so many ms.
measured_apart_by() {
	python3 - "$@" <<'END'
import json, sys

for name, number, begin_ms, window_ms in (("a", 1, 0, 1000), ("b", 2, int(sys.argv[1]), 1000)):
    report = json.load(open(f"{number}.json"))
    report["window_started_ns"] = 1700000000 * 10**9 + begin_ms * 10**6
    report["window_ns"] = window_ms * 10**6
    report["requests_per_s"] = report["requests"]["good"] / (window_ms / 1000)
    report["load"]["connections"] *= number
    json.dump(report, open(f"{name}.json", "w"))
END
}

@test "of results that were measured at the same time the rates are added, and the loads" {
	measured_apart_by 40
	run -0 "$LOAD" merge --together a.json b.json --json both.json
	[[ "$output" == *"960 ms measured at the same time"*"450/s"*"in sum"* ]]
	[ "$(json both.json 'd["together"], d["window_ns"], d["window_started_ns"], d["requests_per_s"]')" = "(True, 960000000, 1700000000040000000, 450.0)" ]
	[ "$(json both.json 'd["load"]["connections"], d["load"]["rate_per_s"], d["latency"]["count"], d["requests"]["due"]')" = "(24, 2000.0, 450, 450)" ]
	# In turn: the same load, but twice as long.
	run -2 "$LOAD" merge a.json b.json
	[[ "$output" == *"load.connections is not the same"* ]]
	"$LOAD" merge -q --force a.json b.json --json turns.json
	[ "$(json turns.json 'd["together"], d["window_ns"], d["window_started_ns"], d["requests_per_s"]')" = "(False, 2000000000, None, 225.0)" ]
}

@test "what was not measured at the same time is not merged as if it had been" {
	measured_apart_by 150
	run -2 "$LOAD" merge --together a.json b.json
	[[ "$output" == *"b.json was not measured together with a.json: they share 850 ms of 1.00 s"*"--force"* ]]
	run -0 "$LOAD" merge --together --force a.json b.json
	[[ "$output" == *"1.00 s measured at the same time"*"450/s"* ]]
	"$LOAD" merge -q 1.json 2.json --json turns.json
	run -2 "$LOAD" merge --together turns.json 3.json
	[[ "$output" == *"not known when"* ]]
	sed 's/"slices":null/"slices":2/' a.json >slices.json
	sed -i 's/"slices": null/"slices": 2/' slices.json
	run -2 "$LOAD" merge --together slices.json b.json
	[[ "$output" == *"slices has no time in common"* ]]
}
