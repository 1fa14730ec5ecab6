#!/usr/bin/env bats
# A run whose results have no room any more loses nothing that was measured.
bats_require_minimum_version 1.5.0

load helpers

setup() {
	[ "$(id -u)" -eq 0 ] || [[ "$BATS_TEST_DESCRIPTION" != *"file system"* ]] || skip "mounting a small file system needs root"
	small=$BATS_TEST_TMPDIR/small
	mkdir "$small"
	if [[ "$BATS_TEST_DESCRIPTION" == *"file system"* ]]; then
		mount -t tmpfs -o size=4m none "$small" || skip "no mounting here"
	fi
}

teardown() {
	! mountpoint -q "$small" || umount "$small"
}

fill() {
	! dd if=/dev/zero of="$small/filler" bs=4k 2>/dev/null || true
}

begin() {
	start_in_session "$TENK" run "$@" --server-dir "$BUILD/tests" --out "$small/run"
}

generator_works() {
	compgen -G "$small/run/load/0002*" >/dev/null
}

# What there is can be read, whole, and says how to go on; then there is room, and it does.
goes_on() {
	code=0
	wait "$leader" || code=$?
	cat "$BATS_TEST_TMPDIR/stderr"
	[ "$code" -eq 1 ]
	grep -q "no room is left" "$BATS_TEST_TMPDIR/stderr"
	grep -q "go on with  tenk run --resume $small/run" "$BATS_TEST_TMPDIR/stderr"
	[ -z "$(tail -c 1 "$small/run/trials.jsonl")" ] # whole lines
	cp "$small/run/trials.jsonl" "$BATS_TEST_TMPDIR/before"
	json "$small/run/run.json" 'd["status"]'
	rm -f "$small/filler"
	"$TENK" run --resume "$small/run" || [ "$?" -eq 4 ] # 4: this machine was too busy to measure
	[ "$(json "$small/run/run.json" 'd["status"]')" = complete ]
	head -c "$(wc -c <"$BATS_TEST_TMPDIR/before")" "$small/run/trials.jsonl" | cmp - "$BATS_TEST_TMPDIR/before"
	[ "$(trials "$small/run" "{x['order'] for x in t} == set(range(1, $1 + 1))")" = True ]
	# A busy machine may spoil a trial, but no trial is stored that had no room.
	[ "$(trials "$small/run" '{r["code"] for x in t for r in x["reasons"]} & {"setup", "storage"}')" = "set()" ]
	python3 tests/cli/validate.py "$small/run"
}

@test "a file system that fills up between trials ends the run before it measures in vain" {
	begin "$FIXTURES/memory.yaml"
	eventually has_trials "$small/run" 2
	fill
	goes_on 16
}

@test "a file system that fills up in the middle of a trial costs that trial and no other" {
	sed 's/300ms/3s/; s/\[2, 8\]/[2]/; s/^trials:.*/trials: 2/' "$FIXTURES/load.yaml" >"$BATS_TEST_TMPDIR/long.yaml"
	begin "$BATS_TEST_TMPDIR/long.yaml"
	eventually has_trials "$small/run" 1
	eventually generator_works
	sleep 0.5
	fill
	goes_on 2
}

@test "a report that finds no room on its file system says so, and the run is whole" {
	"$TENK" run "$FIXTURES/memory.yaml" --servers epoll --trials 1 --out "$small/run"
	cp -r "$small/run/report" "$BATS_TEST_TMPDIR/before"
	fill
	run "$TENK" report "$small/run"
	echo "$output"
	[ "$status" -ne 0 ]
	[[ "$output" == *"No space left on device"* ]]
	diff -r "$BATS_TEST_TMPDIR/before" "$small/run/report" # the old one is still there, whole
	rm "$small/filler"
	"$TENK" report "$small/run"
}

@test "a file that may not grow any more is like a full disk" {
	# In blocks of 1 KiB: some lines, and then none.
	run bash -c "ulimit -f 60; exec $TENK run $FIXTURES/memory.yaml --server-dir $BUILD/tests --trials 4 --out $small/run"
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *"no room is left"*"tenk run --resume"* ]]
	[ -z "$(tail -c 1 "$small/run/trials.jsonl")" ]
	"$TENK" run --resume "$small/run"
	[ "$(trials "$small/run" '{x["order"] for x in t} == set(range(1, 33))')" = True ]
}

@test "where blocks are not counted, as on ramfs and many others, a run is not told that none is free" {
	[ "$(id -u)" -eq 0 ] || skip "mounting needs root"
	mount -t ramfs none "$small" || skip "no mounting here"
	"$TENK" run "$FIXTURES/memory.yaml" --server-dir "$BUILD/tests" --servers epoll --trials 1 --out "$small/run" || [ "$?" -eq 4 ]
	[ "$(json "$small/run/run.json" 'd["status"]')" = complete ]
}
