#!/usr/bin/env bats
# Every program that observes itself (servers/observed), once, by the scenarios that use them.
bats_require_minimum_version 1.5.0

load ../cli/helpers

# Runs a scenario once: all of its trials are there and keep to the schema.
once() {
	"$TENK" run "$1" --trials 1 --out "$BATS_TEST_TMPDIR/run"
	python3 tests/cli/validate.py "$BATS_TEST_TMPDIR/run"
	run trials "$BATS_TEST_TMPDIR/run" '[(x["server"], x["reasons"]) for x in t if x["outcome"] != "ok" and
		x["reasons"][0]["code"] not in ("missing", "limits")]'
	[ "$output" = "[]" ]
}

@test "programs of the scenario events tell what is true of any loop" {
	once events
	# Each repeat is in some order, and no share lies outside 0 to 1.
	run trials "$BATS_TEST_TMPDIR/run" '{sum(x["observed_order"].values()) >= 750 for x in t if x.get("observed_order")}'
	[ "$output" = "{True}" ]
	run trials "$BATS_TEST_TMPDIR/run" '[m for x in t for m in x["metrics"].items() if m[0].startswith("timer_first") and
		not 0 <= m[1] <= 1]'
	[ "$output" = "[]" ]
	# Nobody fires a timer while the loop is in a call.
	run trials "$BATS_TEST_TMPDIR/run" '{x["metrics"]["timer_busy_ns"] >= 1.3e9 for x in t if "timer_busy_ns" in x["metrics"]}'
	[ "$output" = "{True}" ]
	run trials "$BATS_TEST_TMPDIR/run" '[set(x["observed_order"]) for x in t if x["server"] == "node-microtasks"]'
	[[ "$output" == "[{'1 2 3 4 5'}]" || "$output" == "[]" ]]
}

@test "programs of the scenario pool tell what is true of any pool" {
	once pool
	run trials "$BATS_TEST_TMPDIR/run" '[(x["metrics"]["through_pool_file_ratio"], x["metrics"]["through_pool_socket_ratio"])
		for x in t if x["server"] == "node-pool-users"]'
	[[ "$output" == "[(1, 0)]" || "$output" == "[(1.0, 0.0)]" || "$output" == "[]" ]]
	run trials "$BATS_TEST_TMPDIR/run" '{x["metrics"]["pending_count"] for x in t if "pending_count" in x["metrics"]}'
	[ "$output" = "{2000000.0}" ]
	# Work that waits 10 ms is done by each thread at most a hundred times a second.
	run trials "$BATS_TEST_TMPDIR/run" '{x["metrics"]["pool_waiting_per_s"] <= 110 * x["point"]["workers"] + 64 * 2
		for x in t if x["server"] == "uv-pool"}'
	[ "$output" = "{True}" ]
}
