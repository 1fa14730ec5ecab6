#!/usr/bin/env bats
# What a connection costs, the kernel's share included, against servers whose cost is known.
bats_require_minimum_version 1.5.0

load helpers

# bats test_tags=alone
@test "memory by cgroup agrees within 2 % with servers of known cost" {
	[[ "$BUILD" != *address* && "$BUILD" != *thread* ]] || skip "a sanitizer takes memory of its own"
	"$TENK" run "$FIXTURES/memory-total.yaml" --server-dir "$BUILD/tests" \
		--out "$BATS_TEST_TMPDIR/run"
	[[ "$(source_of "$BATS_TEST_TMPDIR/run")" == cgroup-* ]] ||
		skip "$(json "$BATS_TEST_TMPDIR/run/run.json" 'd["memory_source"]["why"]')"
	slopes "$BATS_TEST_TMPDIR/run" total_bytes >"$BATS_TEST_TMPDIR/total"
	slopes "$BATS_TEST_TMPDIR/run" kernel_bytes >"$BATS_TEST_TMPDIR/kernel"
	cat "$BATS_TEST_TMPDIR/total" "$BATS_TEST_TMPDIR/kernel"
	# Twelve pages more, and what it takes to map them; the rest is the same for both.
	awk '{total[$1] = $2} END {
		more = total["known-cost"] - total["known-cost/16k"]
		exit !(more > 0.98 * 12 * (4096 + 8) && more < 1.02 * 12 * (4096 + 8))
	}' "$BATS_TEST_TMPDIR/total"
	# And what is not the kernel's is what was allocated.
	paste "$BATS_TEST_TMPDIR/total" "$BATS_TEST_TMPDIR/kernel" | awk '{
		cost = $1 ~ /16k/ ? 16384 : 65536
		if ($2 - $4 < 0.98 * cost || $2 - $4 > 1.02 * cost)
			bad = 1
	} END {exit bad || NR != 2}'
	# A connection has a socket, a descriptor and an entry of epoll, whatever the kernel's sizes.
	awk '$2 < 2000 || $2 > 10000 {bad = 1} END {exit bad || NR != 2}' "$BATS_TEST_TMPDIR/kernel"
	run slopes "$BATS_TEST_TMPDIR/run" load_kernel_bytes
	awk '$2 < 2000 || $2 > 10000 {bad = 1} END {exit bad || NR != 2}' <<<"$output"
	python3 tests/cli/validate.py "$BATS_TEST_TMPDIR/run"
	grep -q "What there is without any" "$BATS_TEST_TMPDIR/run/report/report.md"
	grep -q "charged to a memory cgroup" "$BATS_TEST_TMPDIR/run/report/report.md"
	ls "$BATS_TEST_TMPDIR"/run/report/charts/*memory*.svg
	cat "$BATS_TEST_TMPDIR/total" "$BATS_TEST_TMPDIR"/run/report/data/*memory.csv |
		tr , ' ' | awk 'NF == 2 {slope[$1] = $2}
			$2 == "total_per_connection_bytes" {share = $3 / slope[$1]; n++
				bad = bad || share < 0.99 || share > 1.01}
			END {exit bad || n != 2}'
}

@test "a server that the kernel ends at its limit of memory is told apart from one that crashed" {
	sed 's/\[1000, 1500, 2000, 2500\]/[200, 2000]/; s/^  warmup: .*/&\n  memory-limit: 64 MiB/' \
		"$FIXTURES/memory-total.yaml" >"$BATS_TEST_TMPDIR/limited.yaml"
	run --separate-stderr "$TENK" run "$BATS_TEST_TMPDIR/limited.yaml" --servers known-cost \
		--server-dir "$BUILD/tests" --out "$BATS_TEST_TMPDIR/run"
	[[ "$(source_of "$BATS_TEST_TMPDIR/run")" == cgroup-* ]] ||
		skip "$(json "$BATS_TEST_TMPDIR/run/run.json" 'd["memory_source"]["why"]')"
	[ "$status" -eq 1 ]
	[[ "$stderr" == *"its limit of memory, 64.0 MiB, was reached"* ]]
	run trials "$BATS_TEST_TMPDIR/run" 'sorted((x["point"]["connections"], x["outcome"],
		[r["code"] for r in x["reasons"]][:1]) for x in t)'
	[ "$output" = "[(200, 'ok', []), (2000, 'failed', ['out_of_memory'])]" ]
	python3 tests/cli/validate.py "$BATS_TEST_TMPDIR/run"
}

@test "a server that has no memory to start with is told apart from one that does not start" {
	cat >"$BATS_TEST_TMPDIR/garbage.yaml" <<-END
		command: [python3, $PWD/tests/fixtures/foreign/server.py, --port, "{port}", --mode, garbage]
	END
	sed 's/\[50, 100, 150, 200\]/[5]/; s/^  each: .*/&\n  memory-limit: 24 MiB/' \
		"$FIXTURES/memory.yaml" >"$BATS_TEST_TMPDIR/limited.yaml"
	run "$TENK" run "$BATS_TEST_TMPDIR/limited.yaml" --trials 1 --servers garbage \
		--server-manifest "$BATS_TEST_TMPDIR/garbage.yaml" --out "$BATS_TEST_TMPDIR/run"
	[[ "$(source_of "$BATS_TEST_TMPDIR/run")" == cgroup-* ]] ||
		skip "$(json "$BATS_TEST_TMPDIR/run/run.json" 'd["memory_source"]["why"]')"
	echo "$output"
	[ "$status" -eq 1 ]
	run trials "$BATS_TEST_TMPDIR/run" '[(x["outcome"], r["code"], "24.0 MiB" in r["text"],
		r["limit"], "memory-limit" in r["remedy"]) for x in t for r in x["reasons"][:1]]'
	[ "$output" = "[('failed', 'out_of_memory', True, 'memory', True)]" ]
	python3 tests/cli/validate.py "$BATS_TEST_TMPDIR/run"
}

teardown() {
	[ -z "${pid-}" ] || kill "$pid"
}

@test "of a server that ran before, the kernel's share is not available instead of nothing" {
	start_server "$BUILD/server-epoll"
	url=http://127.0.0.1:$port
	"$TENK" run "$FIXTURES/memory.yaml" --url "$url" --trials 1 --out "$BATS_TEST_TMPDIR/run"
	run trials "$BATS_TEST_TMPDIR/run" '{(x["outcome"], x["metrics"]["kernel_bytes"],
		x["metrics"]["total_bytes"], x["metrics"]["kernel_object_bytes"]) for x in t}'
	[ "$output" = "{('ok', None, None, None)}" ]
	run trials "$BATS_TEST_TMPDIR/run" 'all("cgroup" in x["unavailable"]["kernel_bytes"]
		and x["metrics"]["resident_bytes"] > 0 for x in t)'
	[ "$output" = True ]
	if [[ "$(source_of "$BATS_TEST_TMPDIR/run")" == cgroup-* ]]; then
		run trials "$BATS_TEST_TMPDIR/run" 'all("ran before" in x["unavailable"]["kernel_bytes"]
			and x["metrics"]["load_kernel_bytes"] > 0 for x in t)'
		[ "$output" = True ] # the generator was started by tenk
	fi
	python3 tests/cli/validate.py "$BATS_TEST_TMPDIR/run"
}

@test "a run that looks at no memory makes no groups" {
	run "$TENK" run "$FIXTURES/moment.yaml" --trials 1 --servers epoll --out "$BATS_TEST_TMPDIR/run"
	[[ "$status" -eq 0 || "$status" -eq 4 ]] # 4: this machine was too busy to measure
	[ "$(json "$BATS_TEST_TMPDIR/run/run.json" '"memory_source" in d')" = False ]
	python3 tests/cli/validate.py "$BATS_TEST_TMPDIR/run"
}

@test "a server that runs already cannot be put under a limit of memory" {
	start_server "$BUILD/server-epoll"
	url=http://127.0.0.1:$port
	sed 's/^  warmup: .*/&\n  memory-limit: 64 MiB/' "$FIXTURES/memory.yaml" \
		>"$BATS_TEST_TMPDIR/limited.yaml"
	run "$TENK" run "$BATS_TEST_TMPDIR/limited.yaml" --url "$url" --out "$BATS_TEST_TMPDIR/run"
	[ "$status" -eq 2 ]
	[[ "$output" == *"its memory cannot be limited, since it runs already"* ]]
	[ ! -e "$BATS_TEST_TMPDIR/run" ]
}

# bats test_tags=source
@test "as many connections are tried as the machine can hold, and it is said what limits" {
	run env BUILD="$BUILD" scripts/bench-million --check 4000
	[ "$status" -eq 0 ]
	[[ "$output" != *"instead of"* ]]
	run env BUILD="$BUILD" scripts/bench-million --check 1000000000000
	[ "$status" -eq 0 ]
	[[ "$output" == *"connections instead of 1000000000000"* ]]
	[[ "$output" == *"memory to be taken"*"stop what else runs"* ]]
	run bash -c "ulimit -n 120 && BUILD=$BUILD scripts/bench-million --check"
	[ "$status" -eq 4 ] # a thousand in 64 tables
	[[ "$output" == *"files in each of 64 tables"*"ulimit -Hn"* ]]
}

@test "a trial is ended before it uses up this machine's memory, and not tried again" {
	sed 's/\[50, 100, 150, 200\]/[200, 1500]/' "$FIXTURES/memory.yaml" >"$BATS_TEST_TMPDIR/many.yaml"
	run --separate-stderr env TENK_KEEP_FREE=4000000GiB "$TENK" run "$BATS_TEST_TMPDIR/many.yaml" \
		--servers epoll --trials 1 --out "$BATS_TEST_TMPDIR/run"
	[ "$status" -eq 4 ]
	[[ "$stderr" == *"connections=1500: it was ended when"*"memory were left, to keep"* ]]
	run trials "$BATS_TEST_TMPDIR/run" 'sorted((x["point"]["connections"], x["outcome"],
		[r["code"] for r in x["reasons"]]) for x in t)'
	[ "$output" = "[(200, 'ok', []), (1500, 'invalid', ['memory_guard'])]" ]
	python3 tests/cli/validate.py "$BATS_TEST_TMPDIR/run"
	run env TENK_KEEP_FREE=much "$TENK" run "$BATS_TEST_TMPDIR/many.yaml" --out "$BATS_TEST_TMPDIR/no"
	[ "$status" -eq 2 ]
	[[ "$output" == *TENK_KEEP_FREE* ]]
}

# bats test_tags=alone
@test "without a memory cgroup the kernel's share is told of both ends, and called so" {
	[ "$(id -u)" -eq 0 ] || skip "hiding the control groups needs root"
	unshare -m true 2>/dev/null || skip "no mount namespaces here"
	sed 's/\[50, 100, 150, 200\]/[1000, 1100, 1200, 1300]/' "$FIXTURES/memory.yaml" \
		>"$BATS_TEST_TMPDIR/memory.yaml"
	run --separate-stderr unshare -m sh -c '
		mount --make-rprivate / && mount -t tmpfs none /sys/fs/cgroup &&
		exec "$@"' sh "$TENK" run "$BATS_TEST_TMPDIR/memory.yaml" --servers epoll --trials 1 --full \
		--out "$BATS_TEST_TMPDIR/run"
	[ "$status" -eq 0 ]
	[[ "$output" == *"kernel, both ends"* ]]
	grep -q "for want of a memory cgroup" "$BATS_TEST_TMPDIR/run/report/report.md"
	[ "$(source_of "$BATS_TEST_TMPDIR/run")" = meminfo ]
	run trials "$BATS_TEST_TMPDIR/run" 'all(x["metrics"]["kernel_bytes"] is None
		and x["metrics"]["total_bytes"] is None
		and x["metrics"]["kernel_both_ends_bytes"] is not None
		and "group" in x["unavailable"]["kernel_bytes"] for x in t)'
	[ "$output" = True ]
	python3 tests/cli/validate.py "$BATS_TEST_TMPDIR/run"
}

@test "where no memory cgroup can be made, the one that tenk is in tells of both ends" {
	local group

	[ "$(id -u)" -eq 0 ] || skip "making the control groups read-only needs root"
	group=$(memory_group) || skip "no memory cgroup here"
	[ "$(cat "$group/memory.kmem.usage_in_bytes" "$group/memory.current" 2>/dev/null)" != 0 ] ||
		skip "the topmost group tells nothing"
	unshare -m true 2>/dev/null || skip "no mount namespaces here"
	sed 's/\[50, 100, 150, 200\]/[1000, 1100, 1200, 1300]/' "$FIXTURES/memory.yaml" \
		>"$BATS_TEST_TMPDIR/memory.yaml"
	# shellcheck disable=SC2016 # they are for the inner shell
	run --separate-stderr unshare -m sh -c '
		mount --make-rprivate / && for at in /sys/fs/cgroup /sys/fs/cgroup/memory; do
			! mountpoint -q $at || mount -o remount,bind,ro $at || exit; done
		exec "$@"' sh "$TENK" run "$BATS_TEST_TMPDIR/memory.yaml" --servers epoll --trials 1 \
		--out "$BATS_TEST_TMPDIR/run"
	echo "$stderr"
	[ "$status" -eq 0 ]
	[[ "$(source_of "$BATS_TEST_TMPDIR/run")" == our-cgroup-v[12] ]]
	grep -q "charged to the memory cgroup that tenk is in" "$BATS_TEST_TMPDIR/run/report/report.md"
	# A connection of both ends takes 7 KiB and more; others may be in the group, too.
	run trials "$BATS_TEST_TMPDIR/run" 'max(x["metrics"]["kernel_both_ends_bytes"] for x in t) > 1000 * 3000'
	[ "$output" = True ]
	python3 tests/cli/validate.py "$BATS_TEST_TMPDIR/run"
}
