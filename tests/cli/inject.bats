#!/usr/bin/env bats
# Faults on purpose (--inject): as large as they say in every server, and not to be overlooked.
bats_require_minimum_version 1.5.0

load helpers

@test "every server costs, keeps, waits and fails by what was asked for" {
	python3 tests/cli/inject.py "$BUILD"
}

@test "a fault that nobody knows, or of no size, is wrong use" {
	local wrong

	for wrong in cpu=500 cpu cpu=0ns syscall=2 bytes=2GiB slow=1/200 slow=1/0:2ms fail=0.1 fail=1/10k nap=1ms; do
		run "$BUILD/server-epoll" --inject "$wrong"
		echo "$output"
		[ "$status" -eq 2 ]
		[[ "$output" == *"--inject: \"$wrong\""* ]]
	done
	run "$BUILD/server-null" --inject syscall
	[ "$status" -eq 2 ]
	[[ "$output" == *"--inject: server-null"* ]]
}

@test "a server that fails on purpose says so" {
	"$BUILD/server-epoll" --inject fail=1/9 --inject cpu=1us --describe >"$BATS_TEST_TMPDIR/described"
	[ "$(json "$BATS_TEST_TMPDIR/described" 'd["injected"]')" = "cpu=1us,fail=1/9" ]
	start_server "$BUILD/server-epoll" --inject fail=1/9
	kill "$pid"
	[ "$(json "$BATS_TEST_TMPDIR/ready" 'd["injected"]')" = "fail=1/9" ]
}

@test "a run of a server that fails on purpose shows it in its record and its report" {
	mkdir "$BATS_TEST_TMPDIR/build"
	printf '#!/bin/sh\nexec %s/tests/server-known-cost --inject cpu=2us "$@"\n' "$PWD/$BUILD" \
		>"$BATS_TEST_TMPDIR/build/server-known-cost"
	chmod +x "$BATS_TEST_TMPDIR/build/server-known-cost"
	run "$TENK" run "$FIXTURES/memory.yaml" --trials 1 --servers known-cost --server-dir "$BATS_TEST_TMPDIR/build" \
		--out "$BATS_TEST_TMPDIR/run"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"warning: "*" fails on purpose (--inject cpu=2us)"* ]]
	[ "$(json "$BATS_TEST_TMPDIR/run/run.json" 'd["servers"][0]["injected"]')" = "cpu=2us" ]
	grep -q "fails on purpose" "$BATS_TEST_TMPDIR/run/report/report.md"
	python3 tests/cli/validate.py "$BATS_TEST_TMPDIR/run"
}
