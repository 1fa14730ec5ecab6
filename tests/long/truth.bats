#!/usr/bin/env bats
# tenk-load against a server that knows how slow it was: bounds from below are strict, those from
# above wide, since this machine has other things to do (scripts/bench-loadgen has the narrow ones).
# bats file_tags=alone
bats_require_minimum_version 1.5.0

load ../cli/helpers
load ../cli/truth

@test "rare slow answers are found as often as they were" {
	start_truth --slow 200ms --share 1%
	measure --connections 32 --rate 1k --duration 5s
	[ "$code" -eq 0 ]
	# What the machine itself took is in the server's record, at least in its maximum.
	holds '200 * ms <= d["latency"]["p99_9_ns"] <= 60 * ms + t["max_ns"]'
	holds 'd["latency"]["p90_ns"] < t["max_ns"] - 140 * ms'
	# 50 are to be expected, with a standard deviation of 7.
	holds '20 <= sum(c for v, c in d["histogram"] if v > 199 * ms) <= 500'
}

@test "requests that time out are in the percentiles" {
	start_truth --stall 1500ms --every 1500ms
	measure --connections 16 --rate 500 --duration 4s --timeout 1s
	[ "$code" -eq 1 ]
	holds 'd["errors"]["timeout"] >= 1'
	holds 'd["latency"]["count"] == d["requests"]["good"] + d["errors"]["timeout"] + d["requests"]["unanswered"]'
	holds 'sum(c for v, c in d["histogram"] if v >= 1000 * ms) >= d["errors"]["timeout"]'
	holds 'd["latency"]["max_ns"] >= 1000 * ms and d["service_time"]["max_ns"] >= 1000 * ms'
	holds 'all(f["phase"] == "wait" and f["error"] == "ETIMEDOUT" for f in d["failures"] if f["class"] == "timeout")'
}

@test "a search finds a rate for an endpoint whose delay is longer than the warm-up" {
	start_truth --delay 300ms
	measure --connections 40 --find-max 1s --duration 200ms --warmup 50ms
	[ "$code" -eq 0 ]
	# 40 connections that are busy for 0.3 s each: 133 requests a second, and they are the limit. A
	# search has 64 trials at most, each of 1.2 s at that rate.
	holds '60 <= d["capacity"]["capacity_at_slo_per_s"] <= 145 and d["capacity"]["limit"] == "connections"'
}
