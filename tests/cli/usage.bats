#!/usr/bin/env bats
# What is typed wrongly is answered with what would be right.
bats_require_minimum_version 1.5.0

load helpers

@test "without a command, tenk says what there is and fails" {
	run --separate-stderr "$TENK"
	[ "$status" -eq 2 ]
	[[ "$stderr" == *"usage: tenk COMMAND"* ]]
	run "$TENK" --help
	[ "$status" -eq 0 ]
	[[ "$output" == *"Exit codes:"* ]]
}

@test "every command explains itself" {
	for command in run report claims list check doctor demo; do
		run "$TENK" $command --help
		[ "$status" -eq 0 ]
		[[ "$output" == *"Usage: tenk $command"* ]]
	done
	run "$LOAD" --help
	[ "$status" -eq 0 ]
}

@test "a mistyped command, server, scenario or option gets the nearest" {
	run "$TENK" rnu
	[ "$status" -eq 2 ]
	[[ "$output" == *'did you mean "run"?'* ]]
	run "$TENK" run quik
	[ "$status" -eq 2 ]
	[[ "$output" == *'did you mean "quick"?'* ]]
	run "$TENK" run quick --servers epol
	[ "$status" -eq 2 ]
	[[ "$output" == *'did you mean "epoll"?'* ]]
	run "$TENK" run quick --trails 3
	[ "$status" -eq 2 ]
	run "$TENK" check --rows nosuchrow
	[ "$status" -eq 2 ]
}

@test "a word stands for all servers of a kind, each once" {
	run --separate-stderr "$TENK" check --servers variants,thread-pool/ready,epoll --rows plaintext --json
	[ "$status" -eq 0 ]
	run python3 -c 'import json, sys
servers = json.loads(sys.argv[1])["servers"]
print(len(servers) == len(set(servers)), servers[-1], all("/" in name for name in servers[:-1]))' "$output"
	[ "$output" = "True epoll True" ]
}

@test "numbers out of range and unknown units are refused" {
	for bad in 0 -1 1q 20000 x; do
		run "$TENK" run quick --trials "$bad"
		[ "$status" -eq 2 ]
	done
	run "$TENK" run quick --server-cores 999
	[ "$status" -eq 2 ]
	[[ "$output" == *"core 999"* ]]
	run "$TENK" run quick --seed 1q
	[ "$status" -eq 2 ]
	[[ "$output" == *'unit "q"'* ]]
	run "$TENK" run quick --resume somewhere
	[ "$status" -eq 2 ]
}

@test "a wrong scenario is answered with file, line, column and the nearest key" {
	sed 's/connections:/conections:/' "$FIXTURES/memory.yaml" >"$BATS_TEST_TMPDIR/wrong.yaml"
	run "$TENK" run "$BATS_TEST_TMPDIR/wrong.yaml" --out "$BATS_TEST_TMPDIR/run"
	[ "$status" -eq 2 ]
	[[ "$output" == *'wrong.yaml:5:3: unknown key "conections" in vary'* ]]
	[[ "$output" == *'did you mean "connections"?'* ]]
	[ ! -e "$BATS_TEST_TMPDIR/run" ]
}

# bats test_tags=source
@test "every scenario that is shipped can be read" {
	run "$TENK" list --json
	[ "$status" -eq 0 ]
	echo "$output" >"$BATS_TEST_TMPDIR/list.json"
	[ "$(json "$BATS_TEST_TMPDIR/list.json" 'len(d["scenarios"])')" = "$(find scenarios -name "*.yaml" ! -name sources.yaml | wc -l)" ]
}

# bats test_tags=source
@test "every model is listed, and a model is a file" {
	"$TENK" list --json >"$BATS_TEST_TMPDIR/list.json"
	for file in servers/models/*.c; do
		name=$(basename "$file" .c)
		json "$BATS_TEST_TMPDIR/list.json" "'${name//_/-}' in [s['name'] for s in d['servers']]" |
			grep -q True || grep -q "^${name//_/-} " "$BUILD/skipped-models"
	done
	run json "$BATS_TEST_TMPDIR/list.json" '{s["name"]: s["routes"] for s in d["servers"] if s["name"] in ("null", "nginx")}'
	[ "$output" = "{'nginx': ['/plaintext', '/json', '/file/NAME'], 'null': ['/plaintext']}" ]
	run json "$BATS_TEST_TMPDIR/list.json" '{"/cpu/N", "/query/ID"} <= set([s for s in d["servers"] if s["name"] == "epoll"][0]["routes"])'
	[ "$output" = True ]
	run "$TENK" list
	[[ "$output" == *"all of these, but the floor"*"answers /plaintext, /json"*"nginx "*"answers /plaintext, /json"* ]]
}

@test "report and claims need a folder that holds a run" {
	run "$TENK" report
	[ "$status" -eq 2 ]
	for command in report claims; do
		run "$TENK" $command "$BATS_TEST_TMPDIR"
		[ "$status" -eq 2 ]
		[[ "$output" == *"$BATS_TEST_TMPDIR"* ]]
	done
}

@test "a run is gone on with only where there is one, and says so of a place that is read-only" {
	run "$TENK" run --resume "$BATS_TEST_TMPDIR/nothing"
	[ "$status" -eq 2 ]
	[[ "$output" == *"nothing holds no run to go on with"* ]]
	[ "$(id -u)" -ne 0 ] || skip "to root no place is read-only"
	mkdir -m 555 "$BATS_TEST_TMPDIR/sealed"
	local tenk=$PWD/$TENK
	cd "$BATS_TEST_TMPDIR/sealed" || return
	run "$tenk" run quick --servers epoll
	[ "$status" -eq 1 ]
	[[ "$output" == *"--out names another place"*"cannot make the folder results: Permission denied"* ]]
}

@test "a report can be written again, and is the same" {
	cp -r tests/fixtures/report-run "$BATS_TEST_TMPDIR/run"
	"$TENK" report "$BATS_TEST_TMPDIR/run" || [ $? -eq 1 ] # 1: no gnuplot
	cp "$BATS_TEST_TMPDIR/run/report/index.html" "$BATS_TEST_TMPDIR/first.html"
	"$TENK" report "$BATS_TEST_TMPDIR/run" || [ $? -eq 1 ]
	cmp "$BATS_TEST_TMPDIR/first.html" "$BATS_TEST_TMPDIR/run/report/index.html"
	"$TENK" claims "$BATS_TEST_TMPDIR/run" | grep -q thread-costs-2mb
	"$TENK" claims --json "$BATS_TEST_TMPDIR/run" >"$BATS_TEST_TMPDIR/claims.json"
	[ "$(json "$BATS_TEST_TMPDIR/claims.json" 'd[0]["claim"]')" = thread-costs-2mb ]
}

@test "the doctor names what it looked at" {
	run "$TENK" doctor --quick
	[ "$status" -eq 0 ]
	[[ "$output" == *"escriptors"* ]]
	TENK_POSTGRESQL=$BATS_TEST_TMPDIR "$TENK" doctor --quick --json >"$BATS_TEST_TMPDIR/doctor.json"
	run json "$BATS_TEST_TMPDIR/doctor.json" '[f for f in d["findings"] if f["key"] == "backends"][0]["remedy"]'
	[[ "$output" == "PostgreSQL is not installed (scripts/install-deps --with postgresql"* ]]
	[ "$(json "$BATS_TEST_TMPDIR/doctor.json" 'd["schema"]')" = 1 ]
}

measures() {
	compgen -G "$BATS_TEST_TMPDIR/temporary/tenk-doctor-*" >/dev/null
}

@test "Ctrl-C ends the doctor at once, and nothing is left behind" {
	mkdir "$BATS_TEST_TMPDIR/temporary"
	TMPDIR=$BATS_TEST_TMPDIR/temporary "$TENK" doctor 3>&- >/dev/null 2>&1 &
	pid=$!
	eventually measures
	kill -INT "$pid"
	code=0
	wait "$pid" || code=$?
	[ "$code" -eq 130 ]
	[ -z "$(ls -A "$BATS_TEST_TMPDIR/temporary")" ]
}

@test "long options are not abbreviated: the nearest one is named" {
	for program in "$TENK run" "$TENK list" "$LOAD" "$BUILD/server-epoll"; do
		# shellcheck disable=SC2086
		run $program --hel
		[ "$status" -eq 2 ]
		[[ "$output" == *"there is no option --hel; did you mean --help?"* ]]
	done
	run "$LOAD" --requests-per 100 http://127.0.0.1:9/
	[ "$status" -eq 2 ]
	[[ "$output" == *"did you mean --requests-per-connection?"* ]]
	run "$LOAD" --requests 100 http://127.0.0.1:9/ # another option's beginning, and one of its own
	[ "$status" -eq 2 ]
	[[ "$output" == *"--requests takes a file; for so many requests and no more: -n 100"* ]]
	run "$TENK" run quick --trails=3
	[[ "$output" == *"did you mean --trials?"* ]]
	# What an option takes may look like one, and behind -- there are none.
	run "$LOAD" --method --get http://127.0.0.1:9/
	[[ "$output" != *"there is no option"* ]]
	run "$TENK" run -- --trails
	[[ "$output" != *"there is no option"* ]]
}

@test "output that a full disk did not take is a failure" {
	for command in "$TENK --help" "$TENK list --json" "$TENK run --help" "$LOAD --help" \
		"$BUILD/server-epoll --help" "$BUILD/server-epoll --describe"; do
		# shellcheck disable=SC2086
		run bash -c "$command >/dev/full"
		[ "$status" -eq 1 ]
		[[ "$output" == *"cannot write to standard output"* ]]
	done
	run bash -c "'$TENK' list | head -n 1"
	[[ "$output" != *"cannot write"* ]]
	run "$TENK" list >&-
	[ "$status" -ne 2 ]
}

# bats test_tags=source
@test "an installed copy has its own files, whatever lies above its folder" {
	prefix=$BATS_TEST_TMPDIR/home/.local
	mkdir -p "$prefix/bin" "$prefix/libexec/tenk" "$prefix/share/tenk" "$BATS_TEST_TMPDIR/home/scenarios"
	cp "$TENK" "$LOAD" "$prefix/bin"
	cp "$BUILD/server-epoll" "$prefix/libexec/tenk"
	ln -s "$PWD/scenarios" "$PWD/report" "$prefix/share/tenk"
	echo 'title: no scenario of tenk' >"$BATS_TEST_TMPDIR/home/scenarios/mine.yaml"
	cd "$BATS_TEST_TMPDIR"
	run "$prefix/bin/tenk" list
	[ "$status" -eq 0 ]
	[[ "$output" == *"  epoll "* && "$output" == *"  quick "* && "$output" != *"  libuv "* ]]
	rm "$prefix/share/tenk/report"
	run "$prefix/bin/tenk" list
	[ "$status" -eq 1 ]
	[[ "$output" == *"not complete"*"share/tenk/report is not there"* ]]
}
