#!/usr/bin/env bats
# Shares of what a server bears, over an interruption.
bats_require_minimum_version 1.5.0

load ../cli/helpers

@test "a run that is taken up again offers shares of the capacity that was found before" {
	cat >"$BATS_TEST_TMPDIR/share.yaml" <<-'END'
		title: A share
		question: Is it the same share?
		servers: [epoll, select]
		trials: 1
		load: {get: "/cpu/{cpu_rounds}", cpu: 500us, share: 33, share-of: epoll, connections: 10, warmup: 0, duration: 200ms}
	END
	run --separate-stderr "$TENK" run "$BATS_TEST_TMPDIR/share.yaml" --out "$BATS_TEST_TMPDIR/run"
	capacity=$(json "$BATS_TEST_TMPDIR/run/run.json" 'd["capacities"][0]["requests_per_s"]')
	: >"$BATS_TEST_TMPDIR/run/trials.jsonl"
	run --separate-stderr "$TENK" run --resume "$BATS_TEST_TMPDIR/run"
	[ "$(json "$BATS_TEST_TMPDIR/run/run.json" '[c["requests_per_s"] for c in d["capacities"]]')" = "[$capacity]" ]
	[ "$(trials "$BATS_TEST_TMPDIR/run" 'len(t) >= 2')" = True ]
	[ "$(json "$BATS_TEST_TMPDIR"/run/load/0001-share-epoll.json "abs(d['load']['rate_per_s'] / (0.33 * $capacity) - 1) < 1e-3" ||
		json "$BATS_TEST_TMPDIR"/run/load/0001-share-select.json "abs(d['load']['rate_per_s'] / (0.33 * $capacity) - 1) < 1e-3")" = True ]
}
