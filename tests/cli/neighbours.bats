#!/usr/bin/env bats
# tenk run beside others: what they take of the machine is noticed, and spoils no figure unseen.
bats_require_minimum_version 1.5.0

load helpers

teardown() {
	if [ -n "${group-}" ]; then
		rmdir "$group"
	fi
	if [ -n "${neighbour-}" ]; then
		kill "$neighbour"
		wait "$neighbour" || true
	fi
}

@test "a CPU quota is told at the start, and what it stopped is invalid" {
	local base=/sys/fs/cgroup/cpu

	[ "$(id -u)" -eq 0 ] || skip "a control group with a quota needs root"
	[ -e $base/cpu.cfs_quota_us ] || base=/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)
	mkdir "$base/tenk-test-$$" 2>/dev/null || skip "no control group can be made here"
	group=$base/tenk-test-$$
	{ echo 10000 >"$group/cpu.cfs_quota_us" || echo "10000 100000" >"$group/cpu.max"; } 2>/dev/null ||
		skip "no controller of CPU here"
	sed 's/\[2, 8\]/[8]/' "$FIXTURES/load.yaml" >"$BATS_TEST_TMPDIR/load.yaml"
	run --separate-stderr bash -c "echo \$\$ >$group/cgroup.procs && exec $TENK run $BATS_TEST_TMPDIR/load.yaml \
		--trials 1 --out $BATS_TEST_TMPDIR/run"
	echo "$stderr"
	[ "$status" -eq 4 ]
	[[ "$stderr" == *"warning: a control group leaves us the time of 0.10 of "*" cores"* ]]
	run trials "$BATS_TEST_TMPDIR/run" '{x["outcome"] for x in t}, {x["metrics"]["throttled_period_count"] > 0
		for x in t if "throttled" in [r["code"] for r in x["reasons"]]}'
	[ "$output" = "({'invalid'}, {True})" ]
	run bash -c "echo \$\$ >$group/cgroup.procs && exec $TENK doctor --quick"
	[[ "$output" == *"of which we may use 0.10"* ]]
	python3 tests/cli/validate.py "$BATS_TEST_TMPDIR/run"
}

# bats test_tags=alone
@test "a neighbour is noticed in a container, where its processes cannot be seen" {
	[ "$(nproc)" -ge 2 ] || skip "one core"
	unshare --pid --fork --mount-proc true 2>/dev/null || skip "no namespace of processes can be made here"
	taskset -c 0 timeout 60 sh -c 'while :; do :; done' 3>&- &
	neighbour=$!
	sed 's/\[2, 8\]/[8]/' "$FIXTURES/load.yaml" >"$BATS_TEST_TMPDIR/load.yaml"
	run --separate-stderr timeout 60 unshare --pid --fork --mount-proc "$TENK" run "$BATS_TEST_TMPDIR/load.yaml" \
		--trials 1 --out "$BATS_TEST_TMPDIR/run" --server-cores 0 --load-cores 1
	echo "$stderr"
	[ "$status" -eq 4 ]
	run trials "$BATS_TEST_TMPDIR/run" 'all("others" in [r["code"] for r in x["reasons"]] for x in t)'
	[ "$output" = True ]
}
