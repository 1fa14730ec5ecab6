#!/usr/bin/env bats
# tenk compare: what lies on disk, what is measured for it, and how it ends.
bats_require_minimum_version 1.5.0

load helpers

made() {
	python3 tests/cli/made_run.py "$@"
}

setup() {
	cd_run=$BATS_TEST_TMPDIR/run
	export XDG_STATE_HOME=$BATS_TEST_TMPDIR/state
	cat >"$BATS_TEST_TMPDIR/tiny.yaml" <<'END'
title: Tiny
question: Is it worse?
servers: [epoll]
trials: 1
load: {get: /plaintext, connections: 2, warmup: 20ms, duration: 60ms, slices: off}
END
}

@test "two servers of a run are decided by their blocks, whatever drifts between these" {
	made "$cd_run" 20 a=1 same=1 slower=1.1 faster=0.9
	run -3 "$TENK" compare "$cd_run" --base a --head slower
	[[ "$output" == *"Server CPU per request"*regression* ]]
	run -0 "$TENK" compare "$cd_run" --base a --head faster
	[[ "$output" == *improvement* ]]
	run -0 "$TENK" compare "$cd_run" --base a --head same --json "$BATS_TEST_TMPDIR/j"
	[ "$(json "$BATS_TEST_TMPDIR/j" 'd["outcome"], d["paired"], d["gates"]')" = "('ok', True, True)" ]
}

@test "what cannot be told is a failure of its own unless it is to pass" {
	made "$cd_run" 4 a=1 b=1.5
	run -5 "$TENK" compare "$cd_run" --base a --head b
	[[ "$output" == *"4 pairs, and 10 are the fewest"* ]]
	run -0 "$TENK" compare "$cd_run" --base a --head b --inconclusive=pass
	run -2 "$TENK" compare "$cd_run" --base a --head b --inconclusive=perhaps
}

@test "two runs that were not interleaved inform, and gate only if told to" {
	made "$BATS_TEST_TMPDIR/before" 20 a=1
	made "$BATS_TEST_TMPDIR/after" 20 a=3
	run -0 "$TENK" compare "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
	[[ "$output" == *regression*"not measured side by side"* ]]
	run -3 "$TENK" compare "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after" --gate-unpaired
}

@test "a server that is named once is meant in both runs" {
	made "$BATS_TEST_TMPDIR/before" 20 a=1 b=1
	made "$BATS_TEST_TMPDIR/after" 20 a=1 b=3
	run -0 "$TENK" compare "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after" --base a --json "$BATS_TEST_TMPDIR/j"
	[ "$(json "$BATS_TEST_TMPDIR/j" 'len(d["comparisons"]), d["comparisons"][0]["change"]')" = "(1, 0.0)" ]
}

@test "runs of different machines are not compared unless that is allowed" {
	made "$BATS_TEST_TMPDIR/before" 12 a=1
	KERNEL=6.12 made "$BATS_TEST_TMPDIR/after" 12 a=1
	run -2 "$TENK" compare "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
	[[ "$output" == *"kernel 6.1 -> 6.12"*"--allow-different-machine"* ]]
	run -0 "$TENK" compare "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after" --allow-different-machine
	[[ "$output" == *"not measured under the same conditions"* ]]
}

@test "a run is found below results/, and what is not there is said" {
	mkdir "$BATS_TEST_TMPDIR/results"
	made "$BATS_TEST_TMPDIR/results/one" 12 epoll=1 libuv=2
	tenk=$PWD/$TENK
	cd "$BATS_TEST_TMPDIR"
	run -3 "$tenk" compare one --base epoll --head libuv
	run -2 "$tenk" compare one --base epol --head libuv
	[[ "$output" == *'no trial of "epol"; did you mean "epoll"?'* ]]
	run -2 "$tenk" compare one
	[[ "$output" == *"which two of the run's servers?"* ]]
	run -2 "$tenk" compare two --base epoll --head libuv
	[[ "$output" == *"two/run.json"* ]]
}

@test "options that do not belong together are refused" {
	run -2 "$TENK" compare
	[[ "$output" == *"say what to compare"* ]]
	run -2 "$TENK" compare somewhere --base epoll
	[[ "$output" == *"name both"* ]]
	run -2 "$TENK" compare somewhere --base-build build
	[[ "$output" == *"add --run"* ]]
	run -2 "$TENK" compare --run
	[[ "$output" == *"say which two"* ]]
	run -2 "$TENK" compare --run --base-build build --base epoll --head libuv
	run -2 "$TENK" compare --run --base epoll --head epol --out "$cd_run"
	[[ "$output" == *'did you mean "epoll"?'* ]]
}

@test "two servers are measured side by side, and the run can be compared again" {
	run "$TENK" compare --run "$BATS_TEST_TMPDIR/tiny.yaml" --base epoll --head select --blocks 2 --out "$cd_run"
	[ "$status" -eq 5 ] || [ "$status" -eq 4 ]
	[[ "$output" == *"again   tenk compare --run "*" --seed "* ]]
	[ "$(trials "$cd_run" 'sorted({(x["server"], x["trial"]) for x in t})')" = \
		"[('epoll', 1), ('epoll', 2), ('select', 1), ('select', 2)]" ]
	[ "$(json "$cd_run/run.json" 'd["compared"]')" = "{'base': 'epoll', 'head': 'select', 'looks': 1}" ]
	code=$status
	run "$TENK" compare "$cd_run"
	[ "$status" -eq "$code" ]
}

@test "the same servers of two builds are told apart by their labels" {
	mkdir -p "$BATS_TEST_TMPDIR/base/build/release"
	cp "$BUILD/server-epoll" "$BATS_TEST_TMPDIR/base/build/release"
	run "$TENK" compare --run "$BATS_TEST_TMPDIR/tiny.yaml" --servers epoll --base-build "$BATS_TEST_TMPDIR/base" \
		--blocks 1 --out "$cd_run"
	[ "$status" -eq 5 ] || [ "$status" -eq 4 ]
	[[ "$output" == *"the same program"* ]]
	[ "$(json "$cd_run/run.json" 'd["scenarios"][0]["parts"][0]["servers"]')" = "['epoll@base', 'epoll@head']" ]
	[ "$(json "$cd_run/run.json" '[(s["name"], s["label"]) for s in d["servers"]]')" = \
		"[('epoll@base', 'base'), ('epoll@head', 'head')]" ]
	python3 tests/cli/validate.py "$cd_run"
	run "$TENK" compare "$cd_run"
	[[ "$output" == *"A  base"*"B  head"* ]]
	run -2 "$TENK" compare --run --servers epoll --base-build /nowhere --out "$BATS_TEST_TMPDIR/none"
	[[ "$output" == *"/nowhere"* ]]
}

# Another program by size: the server's own, under a shell that is found in the build's folder.
@test "a command is started in the folder of each build" {
	for label in base head; do
		mkdir "$BATS_TEST_TMPDIR/$label"
		# shellcheck disable=SC2016
		printf '#!/bin/sh\nexec %s/server-epoll --listen=127.0.0.1:$1 # %s\n' "$PWD/$BUILD" "$label" \
			>"$BATS_TEST_TMPDIR/$label/mine"
		chmod +x "$BATS_TEST_TMPDIR/$label/mine"
	done
	run "$TENK" compare --run "$BATS_TEST_TMPDIR/tiny.yaml" --server-cmd './mine {port}' \
		--base-build "$BATS_TEST_TMPDIR/base" --head-build "$BATS_TEST_TMPDIR/head" --blocks 1 --out "$cd_run"
	[ "$status" -eq 5 ] || [ "$status" -eq 4 ]
	[ "$(trials "$cd_run" 'sorted({x["server"] for x in t})')" = "['mine@base', 'mine@head']" ]
	python3 tests/cli/validate.py "$cd_run"
}

# A project of somebody else with a server of its own, in a folder of a repository: two good commits, and one between
# that does not build.
make_project() {
	project=$BATS_TEST_TMPDIR/project
	mkdir -p "$project/server"
	git init -q "$project"
	fixtures=$PWD/tests/fixtures/project
	cp "$fixtures/mine.c" "$project/server"
	printf 'mine: mine.c\n\t%s -o mine mine.c\n' "${CC:-cc}" >"$project/server/Makefile"
	commit "good"
	git -C "$project" tag good
	echo 'this does not compile' >>"$project/server/mine.c"
	commit "bad"
	git -C "$project" tag bad
	sed -i '$d' "$project/server/mine.c"
	commit "better"
	tenk=$PWD/$TENK
	export TMPDIR=$BATS_TEST_TMPDIR/tmp
	mkdir "$TMPDIR"
	cd "$project/server" || return
}

commit() {
	git -C "$project" add .
	git -C "$project" -c user.name=a -c user.email=a@b commit -q --allow-empty -m "$1"
}

nothing_is_left() {
	[ -z "$(ls "$TMPDIR")" ] && [ "$(git worktree list | wc -l)" -eq 1 ]
}

@test "a revision of somebody's project is built beside the working tree, and measured" {
	schema=$PWD
	make_project
	run "$tenk" compare --run "$BATS_TEST_TMPDIR/tiny.yaml" --base good --build 'make mine' \
		--server-cmd './mine {port}' --blocks 1 --out "$cd_run"
	echo "$output"
	[ "$status" -eq 5 ] || [ "$status" -eq 4 ]
	[[ "$output" == *"building good ("*"make mine"*"building the working tree ("* ]]
	[ "$(trials "$cd_run" 'sorted({x["server"] for x in t})')" = "['mine@base', 'mine@head']" ]
	[ "$(json "$cd_run/run.json" 'd["builds"][0]["revision"]')" = "$(git rev-parse good)" ]
	[ "$(json "$cd_run/run.json" 'd["builds"][1]["revision"]')" = "$(git rev-parse HEAD)" ]
	nothing_is_left
	[ -x mine ]
	cd "$schema"
	python3 tests/cli/validate.py "$cd_run"
}

@test "a project in Node.js needs no build" {
	type node || skip "node is not installed"
	make_project
	cp "$fixtures/server.js" .
	commit "in another language"
	run "$tenk" compare --run "$BATS_TEST_TMPDIR/tiny.yaml" --base HEAD --build true \
		--server-cmd 'node server.js {port}' --blocks 1 --out "$cd_run"
	[ "$status" -eq 5 ] || [ "$status" -eq 4 ]
	[ "$(trials "$cd_run" 'sorted({x["server"] for x in t})')" = "['node@base', 'node@head']" ]
	[ "$(trials "$cd_run" 'sum(x["metrics"]["requests_per_s"] is None for x in t)')" = 0 ]
}

@test "what hinders a revision is said, and nothing is left of it" {
	make_project
	run -2 "$tenk" compare --run --base bad --build 'make mine' --server-cmd './mine {port}' --out "$cd_run"
	[[ "$output" == *'bad cannot be built with "make mine":'*"mine.c"*error* ]]
	run -2 "$tenk" compare --run --base epoll
	[[ "$output" == *'there is no revision "epoll"'*"--head names the other one"* ]]
	run -2 "$tenk" compare --run --base none --build 'make mine' --server-cmd './mine {port}' --out "$cd_run"
	[[ "$output" == *'there is no revision "none" in '* ]]
	run -2 "$tenk" compare --run --base=-x --server-cmd './mine {port}' --out "$cd_run"
	nothing_is_left
	cd "$BATS_TEST_TMPDIR"
	GIT_CEILING_DIRECTORIES=$BATS_TEST_TMPDIR run -2 "$tenk" compare --run --base good --out "$cd_run"
	[[ "$output" == *"a revision is one of a git repository"* ]]
}

@test "Ctrl-C while a revision is built ends the build and removes its folder" {
	make_project
	start_in_session "$tenk" compare --run --base good --build 'echo begun >>'"$BATS_TEST_TMPDIR"'/begun; sleep 60' \
		--server-cmd './mine {port}' --out "$cd_run"
	eventually [ -e "$BATS_TEST_TMPDIR/begun" ]
	kill -INT "$leader"
	code=0
	wait "$leader" || code=$?
	[ "$code" -eq 130 ]
	nothing_is_left
	session_is_empty "$leader"
}

@test "no comparison is tighter than the noise floor of the machine" {
	made "$cd_run" 30 a=1 same=1.06 slower=1.05
	run -3 "$TENK" compare "$cd_run" --base a --head slower
	run -0 "$TENK" compare "$cd_run" --aa --base a --head same
	[[ "$output" == *"Server CPU per request"*"6."*" %"*"tighter than that for 14 days: $XDG_STATE_HOME/tenk/noise/"* ]]
	run -0 "$TENK" compare "$cd_run" --base a --head slower
	[[ "$output" == *"the same program differs from itself by up to 6."* ]]
	sed -i 's/"made_at": "20../"made_at": "199/' "$XDG_STATE_HOME"/tenk/noise/*.json
	run -3 "$TENK" compare "$cd_run" --base a --head slower
	[[ "$output" == *"the noise floor of this machine is "*" days old"* ]]
}

@test "the noise floor is measured of two copies in folders of their own" {
	run "$TENK" compare --aa "$BATS_TEST_TMPDIR/tiny.yaml" --servers epoll --blocks 1 --out "$cd_run"
	[[ "$output" == *"too few pairs for a noise floor"* ]]
	[ "$(json "$cd_run/run.json" 'len({len(b["folder"]) for b in d["builds"]})')" = 2 ]
	[ ! -e "$(json "$cd_run/run.json" 'd["builds"][0]["folder"]')" ]
	[ "$(json "$cd_run/run.json" 'len({s["build"] for s in d["servers"]})')" = 1 ]
}

@test "a program reads the comparison alone on standard output" {
	"$TENK" compare --run "$BATS_TEST_TMPDIR/tiny.yaml" --base epoll --head select --blocks 1 --out "$cd_run" --json - \
		>"$BATS_TEST_TMPDIR/json" 2>/dev/null || [ $? -gt 3 ]
	[ "$(json "$BATS_TEST_TMPDIR/json" 'd["a"], d["b"]')" = "('epoll', 'select')" ]
}

@test "what is interrupted and was built for it alone is begun anew" {
	sed -i 's/duration: 60ms/duration: 20s/' "$BATS_TEST_TMPDIR/tiny.yaml"
	start_in_session "$TENK" compare --aa "$BATS_TEST_TMPDIR/tiny.yaml" --servers epoll --out "$cd_run"
	eventually [ -e "$cd_run/run.json" ]
	kill -INT "$leader"
	code=0
	wait "$leader" || code=$?
	[ "$code" -eq 130 ]
	grep -q "begin anew with  tenk compare --aa " "$BATS_TEST_TMPDIR/stderr"
	session_is_empty "$leader"
}

@test "a comparison that was interrupted is taken up again as one" {
	sed -i 's/duration: 60ms/duration: 400ms/' "$BATS_TEST_TMPDIR/tiny.yaml"
	start_in_session "$TENK" compare --run "$BATS_TEST_TMPDIR/tiny.yaml" --base epoll --head select --blocks 2 --out "$cd_run"
	eventually [ -e "$cd_run/run.json" ]
	kill -INT "$leader"
	code=0
	wait "$leader" || code=$?
	[ "$code" -eq 130 ]
	run "$TENK" run --resume "$cd_run"
	[ "$status" -eq 0 ] || [ "$status" -ge 3 ]
	[[ "$output" == *"tenk compare --run"*"A  epoll"*"B  select"*"Requests per second"* ]]
	[ "$(json "$cd_run/run.json" 'd["status"]')" = complete ]
}

# bats test_tags=alone
@test "measuring ends at the look that decides" {
	sed -i 's/duration: 60ms/duration: 100ms/' "$BATS_TEST_TMPDIR/tiny.yaml"
	run "$TENK" compare --run "$BATS_TEST_TMPDIR/tiny.yaml" --base epoll --head thread-per-request --budget 10s \
		--out "$cd_run"
	[ "$status" -ne 4 ] && [ "$status" -ne 5 ] || skip "this machine is too busy to decide anything"
	[ "$status" -eq 3 ]
	[ "$(json "$cd_run/run.json" 'd["status"]')" = complete ]
	[[ "$(trials "$cd_run" 'max(x["trial"] for x in t)')" =~ ^[12]0$ ]]
}
