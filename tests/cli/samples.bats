#!/usr/bin/env bats
# What tenk-load tells of its samples when it is asked for more.
bats_require_minimum_version 1.5.0

load helpers
load truth

# Whether the report keeps to the schema.
keeps_to_schema() {
	python3 -c 'import json, jsonschema, sys
jsonschema.validate(json.load(open(sys.argv[1])), json.load(open("results/schema/load.json")))' "$report"
}

# Whether an expression over the report `d` holds.
reports() {
	[ "$(json "$report" "($1)")" = True ]
}

@test "the percentiles that were asked for are shown, and in the report" {
	start_truth --slow 20ms --share 5%
	run -0 "$LOAD" --connections 4 --rate 2k --duration 1s --warmup 0s --percentiles 12.5,95,99.5 \
		--json "$BATS_TEST_TMPDIR/load.json" "http://127.0.0.1:$port/"
	[[ "$output" =~ p12.5\ +p95\ +p99.5\ +max ]]
	report=$BATS_TEST_TMPDIR/load.json
	keeps_to_schema
	python3 - "$report" <<'END'
import json, math, sys

d = json.load(open(sys.argv[1]))
slots, count = d["histogram"], d["latency"]["count"]
assert sum(n for _, n in slots) == count > 1000
for percentile, key in ((12.5, "p12_5_ns"), (95, "p95_ns"), (99.5, "p99_5_ns"), (99, "p99_ns")):
    rank, seen = math.ceil(percentile * count / 100), 0
    for value, n in slots:
        seen += n
        if seen >= rank:
            break
    assert d["latency"][key] == min(value, d["latency"]["max_ns"]), (key, value, d["latency"])
    assert key in d["service_time"]
END
}

@test "percentiles that are none are refused, and what would be right is said" {
	for wrong in "" 0 100 -5 "50," ",50" "50,,60" p99 nan 1e1 "1,2,3,4,5,6,7,8,9"; do
		run -2 "$LOAD" "--percentiles=$wrong" http://127.0.0.1:1/
		[[ "$output" == *"--percentiles: \"$wrong\""* ]]
	done
}

@test "the first byte is timed apart from the last, if that is asked for" {
	start_recorder 0.02 0.1
	report=$BATS_TEST_TMPDIR/load.json
	run -0 "$LOAD" --connections 2 --duration 1s --warmup 0s --first-byte --json "$report" "http://127.0.0.1:$port/"
	[[ "$output" == *"first byte "* ]]
	keeps_to_schema
	# The body comes 100 ms behind the head, and the head 20 ms behind the request.
	reports 'd["first_byte"]["count"] == d["requests"]["good"] > 2 and
		d["first_byte"]["min_ns"] >= 20e6 and d["latency"]["min_ns"] >= 120e6 and
		d["latency"]["mean_ns"] - d["first_byte"]["mean_ns"] > 80e6'
	run -0 "$LOAD" --connections 2 --duration 200ms --warmup 0s --json "$report" "http://127.0.0.1:$port/"
	[[ "$output" != *"first byte "* ]]
	[ "$(json "$report" 'd["first_byte"]')" = None ]
}

@test "an answer that comes at once has its first byte when it has its last" {
	start_truth --delay 1ms
	report=$BATS_TEST_TMPDIR/load.json
	run -0 "$LOAD" --pipelining 4 --connections 2 --duration 300ms --warmup 0s --first-byte -q --json "$report" \
		"http://127.0.0.1:$port/"
	reports 'd["first_byte"]["count"] == d["latency"]["count"] and
		d["first_byte"]["p50_ns"] == d["latency"]["p50_ns"] and d["first_byte"]["max_ns"] == d["latency"]["max_ns"]'
}

@test "a log with a line a second is, all lines together, the log of the run" {
	start_truth --slow 700ms --share 2%
	report=$BATS_TEST_TMPDIR/load.json
	run -0 "$LOAD" -q --threads 2 --connections 200 --rate 500 --duration 1500ms --warmup 0s --log-interval=500ms \
		--log "$BATS_TEST_TMPDIR/log" --json "$report" "http://127.0.0.1:$port/"
	python3 tests/cli/hdr.py "$BATS_TEST_TMPDIR/log" >"$BATS_TEST_TMPDIR/decoded"
	python3 - "$report" "$BATS_TEST_TMPDIR/decoded" <<'END'
import json, sys

d, t = (json.load(open(name)) for name in sys.argv[1:])
d = d["latency"]
# Answers that took 700 ms were waited for behind the window: in a line of its own at least.
assert 4 <= t["lines"] <= 10, t
assert t["count"] == d["count"] == 750, (t, d)
for key in ("p50", "p90", "p99", "p99.9"):
    assert min(t[key], d["max_ns"]) == d[key.replace(".", "_") + "_ns"], (key, t, d)
END
}

@test "a log interval that has no effect is wrong use" {
	run -2 "$LOAD" --log-interval http://127.0.0.1:1/
	[[ "$output" == *"--log-interval needs a --log"* ]]
	run -2 "$LOAD" --log x --log-interval=1s --find-max 1ms http://127.0.0.1:1/
	run -2 "$LOAD" --log x --log-interval=1ms http://127.0.0.1:1/
	[[ "$output" == *"1ms is too little"* ]]
}
