#!/usr/bin/env bats
# The terminal of a run is closed, or whoever reads what it says goes away.
bats_require_minimum_version 1.5.0

load ../cli/helpers

setup() {
	command=("$TENK" run "$FIXTURES/memory.yaml" --server-dir "$BUILD/tests" --trials 1 --out "$BATS_TEST_TMPDIR/run")
}

# All of it was measured, nothing twice, and what would have been shown is in its folder.
is_whole() {
	cat "$BATS_TEST_TMPDIR/run/log.txt"
	[ "$(trials "$BATS_TEST_TMPDIR/run" 'sorted((x["order"], x["attempt"]) for x in t) == [(i, 1) for i in range(1, 9)]')" = True ]
	grep -q "nobody reads standard output and error any more" "$BATS_TEST_TMPDIR/run/log.txt"
	grep -q "report  $BATS_TEST_TMPDIR/run/report/index.html" "$BATS_TEST_TMPDIR/run/log.txt"
	! grep -q $'\e' "$BATS_TEST_TMPDIR/run/log.txt" # it is no terminal
}

@test "a run goes on when its terminal is closed, with the shell that it was started from" {
	run python3 tests/long/closed_terminal.py shell "$BATS_TEST_TMPDIR/run" "${command[@]}"
	[ "$output" = complete ]
	is_whole
}

@test "a run goes on when the terminal that was opened for it is closed" {
	run python3 tests/long/closed_terminal.py leader "$BATS_TEST_TMPDIR/run" "${command[@]}"
	[ "$output" = complete ]
	is_whole
}

@test "a run goes on when nobody reads its output any more, and keeps what it says" {
	start_in_session bash -c "set -o pipefail; ${command[*]} 2>&1 | head -1"
	wait "$leader"
	is_whole
}

@test "a hang-up that somebody sends ends a run, as Ctrl-C does, but for one under nohup" {
	start_in_session "${command[@]}"
	eventually has_trials "$BATS_TEST_TMPDIR/run" 1
	kill -HUP "$leader"
	code=0
	wait "$leader" || code=$?
	[ "$code" -eq 130 ]
	grep -q "tenk run --resume $BATS_TEST_TMPDIR/run" "$BATS_TEST_TMPDIR/stderr"
	rm -r "$BATS_TEST_TMPDIR/run"
	start_in_session nohup "${command[@]}"
	eventually has_trials "$BATS_TEST_TMPDIR/run" 1
	kill -HUP "$leader"
	wait "$leader"
	[ "$(json "$BATS_TEST_TMPDIR/run/run.json" 'd["status"]')" = complete ]
	[ ! -e "$BATS_TEST_TMPDIR/run/log.txt" ]
}
