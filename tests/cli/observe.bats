#!/usr/bin/env bats
# Parts that observe: a trial is a program whose output is the observation (docs/scenarios.md).
bats_require_minimum_version 1.5.0

load helpers

# Writes a program of that name, whose text is on stdin.
program() {
	mkdir -p "$BATS_TEST_TMPDIR/programs"
	{
		echo '#!/bin/sh'
		cat
	} >"$BATS_TEST_TMPDIR/programs/observe-$1"
	chmod +x "$BATS_TEST_TMPDIR/programs/observe-$1"
}

# Writes a scenario that observes the programs that are named, with more keys of its part.
scenario() {
	cat >"$BATS_TEST_TMPDIR/seen.yaml" <<-END
		title: What is seen?
		question: What does a program see?
		observe: [$1]
		trials: 1
		${2:-}
	END
}

# observe FOLDER [ARGUMENT...]
observe() {
	local out=$1

	shift
	"$TENK" run "$BATS_TEST_TMPDIR/seen.yaml" --server-dir "$BATS_TEST_TMPDIR/programs" --out "$out" "$@"
}

@test "what a program prints is what its trial holds, and its threads are told" {
	program good <<-'END'
		echo "this is for people" >&2
		echo "{\"metrics\": {\"timer_first_ratio\": 0.75, \"handover_ns\": ${1#--workers=}, \"idle_threads\": null},"
		echo '"observed_order": {"timer io": 3, "io timer": 1}, "versions": {"libuv": "1.44.2"}}'
	END
	scenario good 'vary: {workers: [7]}'
	observe "$BATS_TEST_TMPDIR/run"
	run trials "$BATS_TEST_TMPDIR/run" \
		't[0]["outcome"], t[0]["metrics"], t[0]["observed_order"], t[0]["versions"], t[0]["point"], list(t[0]["unavailable"])'
	[ "$output" = "('ok', {'timer_first_ratio': 0.75, 'idle_threads': None, 'handover_ns': 7.0}, {'timer io': 3, 'io timer': 1}, {'libuv': '1.44.2'}, {'workers': 7}, ['idle_threads'])" ]
	run python3 tests/cli/validate.py "$BATS_TEST_TMPDIR/run"
	echo "$output"
	[ "$status" -eq 0 ]
	# And that is what the report says, of no load.
	grep -q '^Seen most often: good "timer io" (75.0.*of 4 repeats)' "$BATS_TEST_TMPDIR/run/report/report.md"
	grep -q '^| good | io timer | 25.0' "$BATS_TEST_TMPDIR/run/report/report.md"
	grep -q "good saw libuv 1.44.2" "$BATS_TEST_TMPDIR/run/report/report.md"
	run ! grep -q "keep-alive\|loopback" "$BATS_TEST_TMPDIR/run/report/report.md"
}

# shellcheck disable=SC2016 # $$ is the program's
@test "a program that hangs, crashes or prints what it should not has failed, with the reason" {
	program hangs <<<'sleep 60'
	program crashes <<<'echo "about to crash" >&2; kill -SEGV $$'
	program complains <<<'echo "no pipe to be had" >&2; exit 3'
	program garbles <<<'echo "{\"metrics\": {"'
	program strange <<<'echo "{\"metrics\": {\"colour\": 3}}"'
	program wordy <<<'echo "{\"metrics\": {\"handover_ns\": \"many\"}}"'
	program miscounts <<<'echo "{\"metrics\": {}, \"observed_order\": {\"a b\": 0.5}}"'
	program silent <<<'true'
	scenario "hangs, crashes, complains, garbles, strange, wordy, miscounts, silent" 'timeout: 300ms'
	run observe "$BATS_TEST_TMPDIR/run"
	[ "$status" -eq 1 ]
	run trials "$BATS_TEST_TMPDIR/run" '"\n".join(sorted(
		"%s %s %s: %s" % (x["server"], x["outcome"], x["reasons"][0]["code"], x["reasons"][0]["text"]) for x in t))'
	echo "$output"
	[[ "$output" == *"hangs failed observation: it had not ended within 300 ms"* ]]
	[[ "$output" == *"crashes failed observation: it was ended by signal 11"* ]]
	[[ "$output" == *"complains failed observation: it ended with code 3: no pipe to be had"* ]]
	[[ "$output" == *"garbles failed observation: what it printed is no JSON"* ]]
	[[ "$output" == *'strange failed observation: it printed what it should not: "colour" is no metric'* ]]
	[[ "$output" == *'wordy failed observation: it printed what it should not: "handover_ns" is no number'* ]]
	[[ "$output" == *'"a b" of observed_order is no count'* ]]
	[[ "$output" == *"silent failed observation: what it printed is no JSON"* ]]
}

@test "a program that cannot observe here is skipped, with its reason" {
	program cannot <<<'echo "this machine shows no energy" >&2; exit 77'
	scenario "cannot"
	observe "$BATS_TEST_TMPDIR/run"
	run trials "$BATS_TEST_TMPDIR/run" 't[0]["outcome"], t[0]["reasons"]'
	[ "$output" = "('skipped', [{'code': 'limits', 'text': 'this machine shows no energy'}])" ]
	python3 tests/cli/validate.py "$BATS_TEST_TMPDIR/run"
}

@test "a name that no program has is told, with the nearest that one has" {
	program good <<<'echo "{\"metrics\": {}}"'
	scenario goood
	run observe "$BATS_TEST_TMPDIR/run"
	[ "$status" -eq 2 ]
	[[ "$output" == *'there is no program "goood" to observe; did you mean "good"?'*node-microtasks* ]]
}

@test "a run that observes is interrupted and goes on, and repeats no trial" {
	program slow <<<'sleep 0.4; echo "{\"metrics\": {\"handover_ns\": 5}}"'
	scenario slow
	start_in_session "$TENK" run "$BATS_TEST_TMPDIR/seen.yaml" --server-dir "$BATS_TEST_TMPDIR/programs" \
		--out "$BATS_TEST_TMPDIR/run" --trials 2
	eventually test -s "$BATS_TEST_TMPDIR/run/trials.jsonl"
	# shellcheck disable=SC2154 # start_in_session sets it
	kill -INT "$leader"
	wait "$leader" || [ $? -eq 130 ]
	eventually session_is_empty "$leader"
	[ "$(json "$BATS_TEST_TMPDIR/run/run.json" 'd["status"]')" = aborted ]
	"$TENK" run --resume "$BATS_TEST_TMPDIR/run"
	[ "$(trials "$BATS_TEST_TMPDIR/run" '[(x["trial"], x["attempt"], x["outcome"]) for x in t]')" = "[(1, 1, 'ok'), (2, 1, 'ok')]" ]
}

@test "--servers chooses among programs too" {
	program one <<<'echo "{\"metrics\": {}}"'
	program two <<<'echo "{\"metrics\": {}}"'
	scenario "one, two"
	observe "$BATS_TEST_TMPDIR/run" --servers two
	[ "$(trials "$BATS_TEST_TMPDIR/run" '[x["server"] for x in t]')" = "['two']" ]
}

@test "without Node.js its programs are skipped, with the command that installs it" {
	local node

	node=$(readlink -f "$(command -v node)") || skip "Node.js is not installed"
	unshare --mount true 2>/dev/null || skip "no mount namespace may be made here"
	scenario node-microtasks
	mkdir "$BATS_TEST_TMPDIR/programs"
	# What is no regular file is no program.
	# shellcheck disable=SC2016 # $1 is the shell's
	unshare --mount sh -c 'mount --bind /dev/null "$1" && shift && exec "$@"' sh "$node" \
		"$TENK" run "$BATS_TEST_TMPDIR/seen.yaml" --out "$BATS_TEST_TMPDIR/run" 2>"$BATS_TEST_TMPDIR/said"
	grep -q "node-microtasks of seen cannot be observed: Node.js is not installed; to lift that: apt-get install nodejs" \
		"$BATS_TEST_TMPDIR/said"
	run trials "$BATS_TEST_TMPDIR/run" 't[0]["outcome"], t[0]["reasons"]'
	[ "$output" = "('skipped', [{'code': 'missing', 'text': 'Node.js is not installed', 'remedy': 'apt-get install nodejs'}])" ]
}

@test "programs that are quick print what they should, threads as many as they are told" {
	[ -x "$BUILD/observe-thread-kept" ]
	"$BUILD/observe-thread-kept" >"$BATS_TEST_TMPDIR/kept"
	[ "$(json "$BATS_TEST_TMPDIR/kept" 'd["metrics"]["handover_ns"] > 0')" = True ]
	command -v node || skip "Node.js is not installed"
	node servers/observed/node-threads.js --workers=7 >"$BATS_TEST_TMPDIR/threads"
	run json "$BATS_TEST_TMPDIR/threads" 'd["metrics"]["working_threads"] - d["metrics"]["idle_threads"], d["metrics"]["early_pool_ratio"]'
	[ "$output" = "(7, 0)" ]
}

pipe_is_there() {
	compgen -G "$BATS_TEST_TMPDIR/observe-*/pipe"
}

folder_is_gone() {
	! compgen -G "$BATS_TEST_TMPDIR/observe-*"
}

@test "a program that is stopped halfway leaves no file behind" {
	command -v node || skip "Node.js is not installed"
	TMPDIR=$BATS_TEST_TMPDIR node servers/observed/node-pool-users.js 3>&- &
	eventually pipe_is_there
	kill $!
	eventually folder_is_gone
	kill -KILL $! 2>/dev/null || true
}
