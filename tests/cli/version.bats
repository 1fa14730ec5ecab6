#!/usr/bin/env bats
# tenk --version: what a report of a fault needs to say.
bats_require_minimum_version 1.5.0

load helpers

@test "the first line is name and version alone, as scripts read it" {
	run --separate-stderr "$TENK" --version
	[ "$status" -eq 0 ]
	[[ "${lines[0]}" =~ ^tenk\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
	[ -z "$stderr" ]
	[ "$("$TENK" -V | head -1)" = "${lines[0]}" ]
	for line in "${lines[@]}"; do
		[ "${#line}" -le 100 ]
	done
}

@test "below it the build, the libraries, those of servers, and what the kernel has" {
	"$TENK" --version --json >"$BATS_TEST_TMPDIR/version.json"
	"$TENK" --version >"$BATS_TEST_TMPDIR/version"
	for what in build: libraries: kernel: io_uring: accept4: SO_REUSEPORT: 'perf counters:' 'memory cgroup:' interrupts:; do
		grep -q "^  $what ." "$BATS_TEST_TMPDIR/version"
	done
	[ "$(json "$BATS_TEST_TMPDIR/version.json" 'd["version"]')" = "$(sed -n '1s/^tenk //p' "$BATS_TEST_TMPDIR/version")" ]
	[ "$(json "$BATS_TEST_TMPDIR/version.json" 'd["kernel"]')" = "$(uname -r)" ]
	# As each server says itself, which is what run.json has.
	for server in "$BUILD"/server-*; do
		library=$("$server" --describe | python3 -c 'import json, sys; print(json.load(sys.stdin)["library"] or "")')
		[[ "${library#* }" =~ ^[0-9] ]] || continue
		[ "$(json "$BATS_TEST_TMPDIR/version.json" "d['server_libraries']['${library%% *}']")" = "${library#* }" ]
	done
	# The build of the program that is asked, and no other.
	sanitized=$(nm -D "$TENK" 2>/dev/null | grep -qE '__(asan|tsan|ubsan)_' && echo True || echo False)
	[ "$(json "$BATS_TEST_TMPDIR/version.json" 'd["build"]["sanitized"]')" = "$sanitized" ]
	# A commit where it was built in a repository: its name begins with twelve digits of the hash.
	[ "$(json "$BATS_TEST_TMPDIR/version.json" '__import__("re").match("[0-9a-f]{12,}(-dirty)?$", d["build"]["commit"] or "0" * 12) is not None')" = True ]
}

@test "of what is forbidden it says why" {
	run tests/cli/without_io_uring.py "$TENK" --version
	[ "$status" -ne 77 ] || skip "no system call can be forbidden here"
	[ "$status" -eq 0 ]
	[[ "$output" == *"io_uring: no"* ]]
}
