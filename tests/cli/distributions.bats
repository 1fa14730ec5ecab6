#!/usr/bin/env bats
# What scripts/check-distributions says where it cannot do its work. (That it does, it shows itself.)
# bats file_tags=source
bats_require_minimum_version 1.5.0

setup() {
	mkdir "$BATS_TEST_TMPDIR/bin"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH
	export CHROOTS=$BATS_TEST_TMPDIR/chroots
	stand_in id "echo 0"
	stand_in dpkg-query "echo install ok installed"
}

stand_in() {
	printf '#!/bin/sh\n%s\n' "$2" >"$BATS_TEST_TMPDIR/bin/$1"
	chmod +x "$BATS_TEST_TMPDIR/bin/$1"
}

@test "without root it says what it needs it for" {
	stand_in id "echo 1000"
	run scripts/check-distributions
	[ "$status" -eq 1 ]
	[[ "$output" == *"needs root: sudo "* ]]
	run scripts/check-distributions --fast
	[ "$status" -eq 2 ]
	[[ "$output" == "usage: "* ]]
}

@test "where a system cannot be made it is skipped, with the reason" {
	stand_in unshare "exit 1"
	run scripts/check-distributions --quick
	[ "$status" -eq 0 ]
	[[ "$output" == *"skipped: this machine does not let us mount"* ]]
	stand_in unshare "exit 0"
	stand_in debootstrap "echo 'E: Failed getting release file' >&2; exit 1"
	run scripts/check-distributions --quick
	[ "$status" -eq 0 ]
	[[ "$output" == *"Failed getting release file"*"skipped: debootstrap could not make Debian trixie"* ]]
	[ -z "$(find "$CHROOTS" -mindepth 1 ! -name '*.log')" ]
}
