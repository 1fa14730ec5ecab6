#!/usr/bin/env bats
# The clock of day is set, forward and back, while a run lasts: nothing that is measured hangs on it.
bats_require_minimum_version 1.5.0

load ../cli/helpers

setup() {
	[[ "$BUILD" != *address* && "$BUILD" != *thread* ]] || skip "a sanitizer's library has to be the first"
	set_clock 0
	export TENK_WORLD_CLOCK=$BATS_TEST_TMPDIR/clock
	preload=$PWD/$BUILD/tests/world-clock.so
}

# Ahead of the world's by so many hours.
set_clock() {
	python3 -c 'import os, struct, sys
fd = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
os.pwrite(fd, struct.pack("qq", int(sys.argv[2]) * 3600 * 10**9, 0), 0)' "$BATS_TEST_TMPDIR/clock" "$1"
}

# What two trials of two seconds have at a rate, whose clock is set in the middle of the first.
measure_while() {
	sed 's/300ms/2s/; s/\[2, 8\]/[2]/; s/^trials:.*/trials: 2/; s/warmup:/rate: 500\n  warmup:/' "$FIXTURES/load.yaml" \
		>"$BATS_TEST_TMPDIR/long.yaml"
	set_clock "$1"
	start_in_session env LD_PRELOAD="$preload" "$TENK" run "$BATS_TEST_TMPDIR/long.yaml" --out "$BATS_TEST_TMPDIR/run"
	eventually generator_works
	sleep 0.7
	set_clock "$2"
	code=0
	wait "$leader" || code=$?
	cat "$BATS_TEST_TMPDIR/stderr"
	[[ "$code" -eq 0 || "$code" -eq 4 ]] # 4: this machine was too busy to measure
	[ "$(trials "$BATS_TEST_TMPDIR/run" 'sorted({x["order"] for x in t})')" = "[1, 2]" ]
	# All that is a length of time has its length, by whatever clock the kernel stamped.
	run trials "$BATS_TEST_TMPDIR/run" '[(k, v) for x in t for m in (x["metrics"], x["phases"])
		for k, v in m.items() if k.endswith("_ns") and v is not None and not 0 <= v < 60e9]'
	[ "$output" = "[]" ]
	run trials "$BATS_TEST_TMPDIR/run" '{r["code"] for x in t for r in x["reasons"]} & {"suspended", "setup", "generator_late", "failed"}'
	[ "$output" = "set()" ]
	run python3 - "$BATS_TEST_TMPDIR"/run/load/*.json <<-'END'
		import json, sys
		for name in sys.argv[1:]:
		    report = json.load(open(name))
		    late = report["generator"].get("read_lateness") or report.get("read_lateness") or {}
		    assert (late.get("max_ns") or 0) < 60e9, (name, late)
		    assert abs(report["window_ns"] - 2e9) < 0.5e9, report["window_ns"]
	END
	echo "$output"
	[ "$status" -eq 0 ]
	python3 tests/cli/validate.py "$BATS_TEST_TMPDIR/run"
	"$TENK" report "$BATS_TEST_TMPDIR/run"
}

generator_works() {
	compgen -G "$BATS_TEST_TMPDIR/run/load/0001*" >/dev/null
}

@test "the clock is set five hours forward in the middle of a trial" {
	measure_while 0 5
}

@test "the clock is set five hours back in the middle of a trial" {
	measure_while 5 0
}

@test "a run that is taken up again after the clock was set back goes on in its order" {
	set_clock 48
	LD_PRELOAD=$preload "$TENK" run "$FIXTURES/memory.yaml" --servers epoll --out "$BATS_TEST_TMPDIR/run"
	sed -i '5,$d' "$BATS_TEST_TMPDIR/run/trials.jsonl"
	set_clock 0
	LD_PRELOAD=$preload "$TENK" run --resume "$BATS_TEST_TMPDIR/run"
	[ "$(trials "$BATS_TEST_TMPDIR/run" '[x["order"] for x in t]')" = "[1, 2, 3, 4, 5, 6, 7, 8]" ]
	[ "$(trials "$BATS_TEST_TMPDIR/run" 't[3]["started_at"] > t[4]["started_at"]')" = True ]
	"$TENK" report "$BATS_TEST_TMPDIR/run"
}

@test "two runs of the same second have folders of their own" {
	here=$PWD
	cd "$BATS_TEST_TMPDIR"
	# Begun at once, most of them in the same second.
	for _ in 1 2 3; do
		"$here/$TENK" run "$here/$FIXTURES/memory.yaml" --servers epoll --trials 1 >/dev/null 2>&1 3>&- &
	done
	wait
	[ "$(find results -name run.json | wc -l)" -eq 3 ]
}
