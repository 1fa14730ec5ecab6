#!/usr/bin/env bats
# Includes run downwards, and in no circle; and scripts/map sees it when they do not.
# bats file_tags=source

load helpers

# A copy of the tree's sources that a test may spoil.
setup() {
	tree=$BATS_TEST_TMPDIR/tree
	mkdir "$tree"
	cp -r docs harness lib loadgen report servers stored "$tree"
}

# Makes a file of the copy include another.
include() {
	printf '#include "%s"\n' "$2" >>"$tree/$1"
}

refuses() {
	run scripts/map --check --root "$tree"
	[ "$status" -eq 1 ]
	[[ $output == *"$1"* ]] || {
		echo "expected: $1"
		echo "said: $output"
		return 1
	}
}

@test "the rooms are in order, and their picture is of today" {
	scripts/map --check
}

@test "an include that runs upwards is refused" {
	include stored/results.c report/part.h
	refuses "stored/results.c: includes report/part.h, but report does not stand below stored"
}

@test "an include from beside, of another house, from the ground is refused" {
	include harness/run/describe.c harness/doctor/doctor.h
	refuses "harness/run/describe.c: includes harness/doctor/doctor.h"
	include harness/trial/probe.c loadgen/request.h
	refuses "of another house"
	include lib/units.c stored/codes.h
	refuses "lib stands below everything"
}

@test "two files that include each other are refused, be it by a third" {
	include lib/units.h lib/random.h
	include lib/random.c lib/statistics/statistics.h
	include lib/statistics/statistics.c lib/units.h
	refuses "in a circle: lib/random, lib/statistics/statistics, lib/units"
}

@test "a folder that has no place and a file that is not there are refused" {
	mkdir "$tree/harness/attic"
	echo '#include "old.h"' >"$tree/harness/attic/things.c"
	refuses "harness/attic/things.c: harness/attic is no room"
	refuses 'includes "old.h", which is no file'
}

@test "a circle that is known and gone has to leave the list" {
	rm "$tree/loadgen/options_rows.c"
	refuses "knows a circle that is no longer there: loadgen/options, loadgen/options_rows"
}

@test "a picture that is no longer true is refused" {
	sed -i 's/what all share/what nobody shares/' "$tree/docs/architecture.svg"
	refuses "docs/architecture.svg is not what the includes say: run make map"
	scripts/map --root "$tree"
	scripts/map --check --root "$tree"
}
