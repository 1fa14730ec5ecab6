#!/usr/bin/env bats
# What people type to build and to have a first look.
# bats file_tags=source
bats_require_minimum_version 1.5.0

load helpers

build_object() {
	make B="$BATS_TEST_TMPDIR/b" DEVELOPER= "$@" "$BATS_TEST_TMPDIR/b/lib/error.o"
}

@test "other flags make other objects, the same flags none" {
	build_object CFLAGS=-O0
	run build_object CFLAGS=-O0
	[[ "$output" != *"  CC "* ]]
	run build_object CFLAGS=-O1
	[[ "$output" == *"  CC "* ]]
	run build_object CFLAGS=-O1 DEVELOPER=1
	[[ "$output" == *"  CC "* ]]
}

# In which order objects are linked.
order() {
	# shellcheck disable=SC2016 # make's
	make -s --eval 'order: ; @echo $(call in_order,a.o b.o c/d.o e.o f.o g.o)' order LINK_SEED="$1"
}

@test "a seed has the same objects linked in another order, which is always the same" {
	[ "$(order '')" = "a.o b.o c/d.o e.o f.o g.o" ]
	[ "$(order 1)" = "$(order 1)" ]
	[ "$(order 1)" != "$(order '')" ]
	[ "$(order 1)" != "$(order 2)" ]
	[ "$(order 1 | tr ' ' '\n' | sort)" = "$(order '' | tr ' ' '\n' | sort)" ]
	run make -n B="$BATS_TEST_TMPDIR/b" "$BATS_TEST_TMPDIR/b/libtenk.a" LINK_SEED=3
	[[ "$output" == *"ar rcs "*"md5sum"* ]]
}

# A tenk that has been asked for the quick look and ends with the code.
bench_with() {
	mkdir -p "$BATS_TEST_TMPDIR/b"
	printf '#!/bin/sh\necho "$@"\nexit %s\n' "$1" >"$BATS_TEST_TMPDIR/b/tenk"
	chmod +x "$BATS_TEST_TMPDIR/b/tenk"
	BUILD=$BATS_TEST_TMPDIR/b run scripts/bench-quick --trials 1
}

@test "a busy machine does not make the first look fail: what to do is said" {
	bench_with 4
	[ "$status" -eq 0 ]
	[[ "$output" == *"run quick --trials 1"*"end"*"other programs"*"tenk doctor"* ]]
	run make --no-print-directory -n bench TENK_ARGS="--trials 3"
	[[ "$output" == *"scripts/bench-quick --trials 3" ]]
}

@test "what fails in the first look fails it" {
	for code in 1 2 130; do
		bench_with $code
		[ "$status" -eq $code ]
	done
	bench_with 0
	[ "$status" -eq 0 ]
	[[ "$output" != *"other programs"* ]]
}

# With them, what each of its threads touches of its stack would be three pages instead of two.
@test "a thread of a connection has no variables beside its stack" {
	if grep -q -e __asan_init -e __tsan_init "$TENK"; then
		skip "a sanitizer has some"
	fi
	run readelf -lW "$BUILD/server-thread-per-connection"
	[ "$status" -eq 0 ]
	[[ "$output" == *LOAD* ]]
	[[ "$output" != *" TLS "* ]]
}

@test "no two libraries of tenk define the same name, of which the linker would take either" {
	for library in harness report stored tenk; do
		nm "$BUILD/lib$library.a" 2>/dev/null | awk '$2 ~ /^[TDBR]$/ {print $3}' | sort -u
	done | sort | uniq -d >"$BATS_TEST_TMPDIR/twice"
	run cat "$BATS_TEST_TMPDIR/twice"
	[ "$output" = "" ]
}
