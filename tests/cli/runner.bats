#!/usr/bin/env bats
# What runs the tests (scripts/run-tests): it loses none, and leaves nothing behind.
# bats file_tags=source
bats_require_minimum_version 1.5.0

load helpers

# A tree of tests of its own.
setup() {
	tree=$BATS_TEST_TMPDIR/tree
	mkdir -p "$tree/tests/unit" "$tree/tests/cli" "$tree/tests/long" "$tree/build"
	printf '#!/bin/sh\necho all alike\n' >"$tree/build/tenk"
	chmod +x "$tree/build/tenk"
	runner=$PWD/scripts/run-tests
}

# Writes a file of tests; its %test and #% are none of ours.
tests_of() {
	sed 's/^%/@/; s/^#%/#/' >"$tree/tests/$1.bats"
}

# shellcheck disable=SC2119,SC2120 # "run" passes arguments on
run_tests() {
	cd "$tree" && env -u SLOW -u LD_PRELOAD BUILD=build "$runner" "$@"
}

@test "passed, failed and skipped are counted over all, and failures shown" {
	tests_of cli/good <<<'%test "one" {
true
}
%test "two [is it?] (left out)" {
skip "for want of it"
}
#% bats test_tags=alone
%test "three | alone" {
true
}'
	tests_of cli/bad <<<'%test "four" {
echo "this was wrong"
false
}'
	tests_of long/later <<<'%test "five" {
true
}'
	run run_tests
	[ "$status" -eq 1 ]
	[[ "$output" == *"good (1 of 2) "*"1 passed, 1 skipped"*"for want of it"* ]]
	[[ "$output" == *"good (2 of 2) "*"1 passed"* ]]
	[[ "$output" == *"bad "*"1 FAILED"*"this was wrong"* ]]
	[ "${lines[-1]}" = "3 passed, 1 failed, 1 skipped" ]
	run run_tests --long
	[ "$status" -eq 0 ]
	[ "${lines[-1]}" = "1 passed, 0 failed" ]
	run run_tests later good nothing
	[ "$status" -eq 1 ]
	[[ "$output" == *"there is no test called nothing"* ]]
	[ "${lines[-1]}" = "3 passed, 1 failed, 1 skipped" ]
}

@test "a program that dies, is missing or does not end has failed" {
	tests_of cli/endless <<<'%test "one" {
true
}
%test "two" {
sleep 100
}'
	touch "$tree/tests/unit/absent_test.c"
	LIMIT=2 run run_tests
	[ "$status" -eq 1 ]
	[[ "$output" == *"endless "*"1 passed, 1 FAILED, stopped after 2 s"* ]]
	[[ "$output" == *"absent "*"1 FAILED"* ]]
	[ "${lines[-1]}" = "2 passed, 2 failed" ]
}

@test "what failed beside others is tried once more, alone, and named" {
	tests_of cli/wavering <<<"%test \"one\" {
[ -e $BATS_TEST_TMPDIR/tried ] || { touch $BATS_TEST_TMPDIR/tried; false; }
}"
	tests_of cli/bad <<<'%test "two" {
false
}'
	run run_tests
	[ "$status" -eq 1 ]
	[ "$(grep -c "bad is tried once more" <<<"$output")" -eq 1 ]
	[[ "$output" == *"wavering "*"1 FAILED"*"passed alone: wavering"* ]]
	[[ "$output" != *"passed alone: "*bad* ]]
	[ "${lines[-1]}" = "2 passed, 1 failed" ]
	rm "$BATS_TEST_TMPDIR/tried"
	AGAIN=0 run run_tests
	[ "${lines[-1]}" = "1 passed, 2 failed" ]
}

@test "interrupted, it ends all that tests have started, in whatever session" {
	tests_of cli/started <<<"%test \"one\" {
setsid sleep 9876.$$ &
echo \$! >$BATS_TEST_TMPDIR/started
sleep 100
}"
	# shellcheck disable=SC2119
	run_tests >"$BATS_TEST_TMPDIR/output" 2>&1 3>&- &
	eventually test -s "$BATS_TEST_TMPDIR/started"
	kill -INT "$(pgrep -f -P $! "scripts/run-tests" || echo $!)"
	code=0
	wait $! || code=$?
	[ "$code" -eq 130 ]
	run ! kill -0 "$(cat "$BATS_TEST_TMPDIR/started")"
}
