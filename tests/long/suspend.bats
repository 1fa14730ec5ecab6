#!/usr/bin/env bats
# The machine sleeps, or processes are stopped, while a trial runs: it is made once more, and does not count.
bats_require_minimum_version 1.5.0

load ../cli/helpers

# One server, two trials of two seconds.
begin() {
	sed 's/300ms/2s/; s/\[2, 8\]/[2]/; s/^trials:.*/trials: 2/' "$FIXTURES/load.yaml" >"$BATS_TEST_TMPDIR/long.yaml"
	start_in_session env "$@" "$TENK" run "$BATS_TEST_TMPDIR/long.yaml" --out "$BATS_TEST_TMPDIR/run"
	eventually generator_works
	sleep 0.7
}

generator_works() {
	compgen -G "$BATS_TEST_TMPDIR/run/load/0001*" >/dev/null
}

# The processes of the session by a program's name.
processes() {
	ps -o pid=,comm= -s "$leader" | awk -v name="$1" '$2 ~ name {print $1}'
}

# The first attempt is spoiled for that reason and for no other, and another was made.
repeats() {
	code=0
	wait "$leader" || code=$?
	cat "$BATS_TEST_TMPDIR/stderr"
	[[ "$code" -eq 0 || "$code" -eq 4 ]] # 4: this machine was too busy to measure
	grep -q "invalid: trial 1 of long/epoll connections=2: $1 while it ran" "$BATS_TEST_TMPDIR/stderr"
	[ "$(trials "$BATS_TEST_TMPDIR/run" '[(x["outcome"], [r["code"] for r in x["reasons"]]) for x in t
		if x["order"] == 1 and x["attempt"] == 1]')" = "[('invalid', ['suspended'])]" ]
	[ "$(trials "$BATS_TEST_TMPDIR/run" 'any(x["order"] == 1 and x["attempt"] == 2 for x in t)')" = True ]
	[ "$(trials "$BATS_TEST_TMPDIR/run" '[x["order"] for x in t if x["attempt"] > 1 and "suspended" in str(x["reasons"])]')" = "[]" ]
	python3 tests/cli/validate.py "$BATS_TEST_TMPDIR/run"
}

@test "all processes of a run are stopped, and go on" {
	begin
	mapfile -t all < <(processes .)
	kill -STOP "$leader" "${all[@]}"
	sleep 0.3
	kill -CONT "${all[@]}" "$leader"
	repeats "tenk was stopped, and went on,"
}

@test "the server alone is stopped, and goes on" {
	begin
	server=$(processes server-epoll)
	kill -STOP "$server"
	sleep 0.3
	kill -CONT "$server"
	repeats "the server was stopped"
}

@test "the generator alone is stopped, and goes on" {
	begin
	load=$(processes tenk-load | head -1)
	kill -STOP "$load"
	sleep 0.3
	kill -CONT "$load"
	repeats "the generator was stopped"
}

@test "the machine sleeps for three hours" {
	[[ "$BUILD" != *address* && "$BUILD" != *thread* ]] || skip "a sanitizer's library has to be the first"
	head -c 16 /dev/zero >"$BATS_TEST_TMPDIR/clock"
	begin LD_PRELOAD="$PWD/$BUILD/tests/world-clock.so" TENK_WORLD_CLOCK="$BATS_TEST_TMPDIR/clock"
	python3 -c 'import struct, sys
with open(sys.argv[1], "r+b") as f: f.write(struct.pack("qq", 0, 3 * 3600 * 10**9))' "$BATS_TEST_TMPDIR/clock"
	repeats "the machine slept for 3.00 h"
}
