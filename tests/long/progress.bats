#!/usr/bin/env bats
# What a person sees while a run lasts.
bats_require_minimum_version 1.5.0

load ../cli/helpers

# A build whose generator says, before it does its work, that it has opened a part of its connections.
build_with_slow_generator() {
	mkdir -p "$BATS_TEST_TMPDIR/tree/build/release"
	ln -s "$PWD/report" "$PWD/scenarios" "$PWD/servers" "$BATS_TEST_TMPDIR/tree/"
	ln -s "$PWD/$BUILD"/server-* "$BATS_TEST_TMPDIR/tree/build/release/"
	cp "$TENK" "$BATS_TEST_TMPDIR/tree/build/release/tenk"
	cat >"$BATS_TEST_TMPDIR/tree/build/release/tenk-load" <<-END
		#!/bin/bash
		echo '{"event":"connecting","at_ns":1,"open":340000,"of":1000000}' >&3
		sleep $1
		exec "$PWD/$LOAD" "\$@"
	END
	chmod +x "$BATS_TEST_TMPDIR/tree/build/release/tenk-load"
}

@test "a trial that takes long says what it does, on a terminal that is narrow too" {
	command -v script >/dev/null || skip "script(1) is not installed"
	build_with_slow_generator 0.5
	TERM=xterm COLUMNS=100 script -qec "$BATS_TEST_TMPDIR/tree/build/release/tenk run $FIXTURES/load.yaml \
		--servers epoll --trials 1 --out $BATS_TEST_TMPDIR/run" /dev/null >"$BATS_TEST_TMPDIR/seen" </dev/null 3>&- || true
	tr '\r' '\n' <"$BATS_TEST_TMPDIR/seen" >"$BATS_TEST_TMPDIR/lines"
	cat "$BATS_TEST_TMPDIR/lines"
	grep -q '0 of [0-9]* trials .*connecting 340,000 of 1,000,000' "$BATS_TEST_TMPDIR/lines"
	# A line that is longer than the terminal is wide could not be taken back.
	sed 's/\x1b\[[0-9]*[Km]//g' "$BATS_TEST_TMPDIR/lines" | grep ' trials  \[' | awk 'length > 99 {exit 1}'
}

@test "elsewhere a long trial gives a plain line now and then, with what it does" {
	build_with_slow_generator 11
	start_in_session "$BATS_TEST_TMPDIR/tree/build/release/tenk" run "$FIXTURES/load.yaml" --servers epoll \
		--trials 1 --out "$BATS_TEST_TMPDIR/run"
	for _ in 1 2 3; do
		eventually grep -q '0 of [0-9]* trials.* left: connecting 340,000 of 1,000,000' "$BATS_TEST_TMPDIR/stderr" && break
	done
	kill -INT "$leader"
	wait "$leader" || true
	cat "$BATS_TEST_TMPDIR/stderr"
	grep -q '0 of [0-9]* trials.* left: connecting 340,000 of 1,000,000' "$BATS_TEST_TMPDIR/stderr"
	[ "$(grep -c ' left: ' "$BATS_TEST_TMPDIR/stderr")" -le 4 ]
}

@test "a generator that connects for long tells how far it is" {
	start_server "$BUILD/server-epoll"
	kill -STOP "$pid" # the kernel completes handshakes, and nobody answers
	"$LOAD" --connections 5 --idle 20 --duration 300ms --warmup 0s --timeout 2s --events-fd 4 --quiet \
		"http://127.0.0.1:$port/plaintext" 4>"$BATS_TEST_TMPDIR/events" >/dev/null 2>&1 3>&- || true
	kill -9 "$pid"
	cat "$BATS_TEST_TMPDIR/events"
	grep -q '{"event":"warming","at_ns":[0-9]*,"answered":0,"of":25}' "$BATS_TEST_TMPDIR/events"
}

@test "after the first block the time left is about what the others take" {
	python3 tests/long/progress.py "$TENK" run "$FIXTURES/memory.yaml" --server-dir "$BUILD/tests" --trials 5 \
		--out "$BATS_TEST_TMPDIR/run"
}
