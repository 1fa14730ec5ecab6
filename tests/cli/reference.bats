#!/usr/bin/env bats
# Servers of other people: by manifest, by command line, by URL; what they start ends with them.
bats_require_minimum_version 1.5.0

load helpers

FOREIGN=tests/fixtures/foreign
RUN=$BATS_TEST_TMPDIR/run

teardown() {
	[ -z "${pid-}" ] || kill -9 "$pid" 2>/dev/null || true
}

run_moment() {
	"$TENK" run "$FIXTURES/moment.yaml" --out "$RUN" --trials 1 "$@"
}

# A command line of the test server in one of its modes; it notes its processes.
foreign() {
	echo "python3 $FOREIGN/server.py --port {port} --pids $BATS_TEST_TMPDIR/pids --mode $1"
}

# Whether none of the processes that the server noted is left.
all_gone() {
	local process

	[ -s "$BATS_TEST_TMPDIR/pids" ] || return 1
	while read -r process; do
		[[ ! -e /proc/$process || "$(cut -d' ' -f3 "/proc/$process/stat")" == Z ]] || return 1
	done <"$BATS_TEST_TMPDIR/pids"
}

is_empty() {
	[ -z "$(ls "$1")" ]
}

# Whether the process `pid` listens; sets port.
listens() {
	port=$(ss -ltnpH | sed -n "s/.*127.0.0.1:\([0-9]*\) .*pid=$pid,.*/\1/p")
	[ -n "$port" ]
}

# No trial of it failed; "invalid" is this machine's fault.
none_failed() {
	[ "$(trials "$RUN" 'len(t) > 0 and all(x["outcome"] != "failed" for x in t)')" = True ]
}

@test "a server with a manifest is run beside ours, and its version is kept" {
	run_moment --server-manifest $FOREIGN/manifest.yaml --servers foreign,epoll || [ $? -eq 4 ]
	none_failed
	run json "$RUN/run.json" '[(s["name"], s["own"], s["family"], s.get("version"), s.get("architecture"))
		for s in d["servers"]]'
	[ "$output" = "[('epoll', True, 'loops', None, None), ('foreign', False, 'reference', 'Foreign 4.2.1', 'threads')]" ]
	run json "$RUN/run.json" '[s for s in d["servers"] if not s["own"]][0]["tuned"]'
	[ "$output" = "[{'what': 'logs off', 'why': 'nobody reads them here'}]" ]
	# All answers of a server are alike, so that their number divides what was received.
	run trials "$RUN" 'all(x["metrics"]["answer_bytes"] == int(x["metrics"]["answer_bytes"]) > 80 for x in t)'
	[ "$output" = True ]
	# The scenario's warm-up is of 50 ms, and its manifest says that it needs longer.
	run json "$(echo "$RUN"/load/*-foreign.json)" 'd["load"]["warmup_ns"]'
	[ "$output" = 300000000 ]
	run json "$(echo "$RUN"/load/*-epoll.json)" 'd["load"]["warmup_ns"]'
	[ "$output" = 50000000 ]
	python3 tests/cli/validate.py "$RUN"
}

@test "alone, --server-manifest measures its plain server; a profile is named" {
	run_moment --server-manifest $FOREIGN/manifest.yaml || [ $? -eq 4 ]
	[ "$(trials "$RUN" '{x["server"] for x in t}')" = "{'foreign'}" ]
	rm -r "$RUN"
	run run_moment --server-manifest $FOREIGN/manifest.yaml --servers foreign/wrong
	[ "$status" -eq 1 ]
	[[ "$output" == *"other bytes"*"Hello, Nobody"* ]]
}

@test "a profile whose program is not here is left out, with a reason" {
	run --separate-stderr run_moment --server-manifest $FOREIGN/manifest.yaml --servers epoll,foreign/absent
	[[ "$status" -eq 0 || "$status" -eq 4 ]]
	[[ "$stderr" == *"foreign/absent is left out of moment: tenk-no-such-program is not installed"* ]]
	rm -r "$RUN"
	run run_moment --server-manifest $FOREIGN/manifest.yaml --servers foreign/absent
	[ "$status" -eq 2 ]
	[ ! -e "$RUN" ]
}

@test "a command line is a server, alone or beside others, and can be repeated" {
	run_moment --server-cmd "$(foreign group)" --servers epoll || [ $? -eq 4 ]
	none_failed
	[ "$(trials "$RUN" 'sorted({x["server"] for x in t})')" = "['epoll', 'python3']" ]
	[ "$(trials "$RUN" '{(x["server_process"]["exit_code"], x["server_process"]["signal"])
		for x in t if x["server"] == "python3"}')" = "{(-1, 15)}" ]
	all_gone
	repeat=$(json "$RUN/run.json" 'd["repeat"]')
	[[ "$repeat" == *"--server-cmd '$(foreign group)'"* ]]
	python3 tests/cli/validate.py "$RUN"
	rm -r "$RUN"
	eval "$BUILD/${repeat/ run / run --out $RUN }" || [ $? -eq 4 ]
	[ "$(trials "$RUN" 'sorted({x["server"] for x in t})')" = "['epoll', 'python3']" ]
}

@test "whatever a server starts ends with it, also what detaches itself" {
	run_moment --server-cmd "$(foreign tree)" || [ $? -eq 4 ]
	none_failed
	[ "$(wc -l <"$BATS_TEST_TMPDIR/pids")" -ge 3 ]
	all_gone
}

@test "killed with -9 in mid-trial, tenk leaves no process and no folder of a server" {
	export TMPDIR=$BATS_TEST_TMPDIR/temporary
	mkdir "$TMPDIR"
	start_in_session "$TENK" run "$FIXTURES/moment.yaml" --trials 50 --out "$RUN" \
		--server-cmd "$(foreign tree)"
	eventually has_trials "$RUN" 2
	kill -9 "$leader"
	wait "$leader" || true
	eventually all_gone
	eventually is_empty "$TMPDIR"
}

@test "interrupted, tenk leaves nothing of a server, and the run can be resumed" {
	start_in_session "$TENK" run "$FIXTURES/moment.yaml" --trials 4 --out "$RUN" --server-cmd "$(foreign tree)"
	eventually has_trials "$RUN" 1
	kill -INT "$leader"
	wait "$leader" || [ $? -eq 130 ]
	all_gone
	"$TENK" run --resume "$RUN" || [ $? -eq 4 ]
	[ "$(trials "$RUN" 'len({x["order"] for x in t})')" = 4 ]
	all_gone
}

@test "a server that does not come up is explained" {
	run run_moment --server-cmd "$(foreign crash)"
	[ "$status" -eq 1 ]
	[[ "$output" == *"python3 did not start: it ended at once; it said: server.py: this was not to be"* ]]
	rm -r "$RUN"
	run run_moment --server-cmd "$(foreign daemon)"
	[ "$status" -eq 1 ]
	[[ "$output" == *"must stay in the foreground"* ]]
	all_gone
	rm -r "$RUN"
	run run_moment --server-cmd "$(foreign silent)" --start-timeout 3s
	[ "$status" -eq 1 ]
	[[ "$output" == *"did not start: it was not ready within 3"* ]]
	all_gone
	rm -r "$RUN"
	run run_moment --server-cmd 'tenk-no-such-program {port}'
	[ "$status" -eq 1 ]
	[[ "$output" == *"not found"* ]]
}

@test "a server that runs already is measured, and neither started nor ended" {
	python3 $FOREIGN/server.py --pids "$BATS_TEST_TMPDIR/pids" --port 0 3>&- &
	pid=$!
	port=
	eventually listens
	run_moment --url "http://127.0.0.1:$port" || [ $? -eq 4 ]
	none_failed
	[ "$(trials "$RUN" 'all(x["server_process"] is None for x in t)')" = True ]
	[ "$(trials "$RUN" 'all("running" in [n["code"] for n in x["notes"]] for x in t)')" = True ]
	[ "$(trials "$RUN" 'all(x["metrics"]["server_cpu_per_request_ns"] > 0 for x in t)')" = True ]
	python3 tests/cli/validate.py "$RUN"
	[ "$(curl -s "http://127.0.0.1:$port/plaintext")" = "Hello, World!" ]
	kill "$pid"
	wait "$pid" || true
	pid=
	rm -r "$RUN"
	run run_moment --url "http://127.0.0.1:$port"
	[ "$status" -eq 2 ]
	[[ "$output" == *"nothing answers at http://127.0.0.1:$port"* ]]
	[ ! -e "$RUN" ]
}

@test "of a running server in several processes, CPU is not available instead of wrong" {
	python3 $FOREIGN/server.py --mode tree --port 0 --pids "$BATS_TEST_TMPDIR/pids" 3>&- &
	pid=$!
	port=
	eventually listens
	run_moment --url "http://127.0.0.1:$port" || [ $? -eq 4 ]
	run trials "$RUN" 'all(x["metrics"]["server_cpu_per_request_ns"] is None and
		"several processes" in x["unavailable"]["server_cpu_per_request_ns"] for x in t)'
	[ "$output" = True ]
	while read -r process; do
		kill -9 "$process"
	done <"$BATS_TEST_TMPDIR/pids"
	pid=
}

@test "only this machine itself can be named by a URL" {
	for url in http://example.com/ http://10.0.0.1:80 http://128.0.0.1:80 'http://[::2]:80' https://127.0.0.1:1; do
		run run_moment --url "$url"
		[ "$status" -eq 2 ]
		[[ "$output" == *"--url $url: "* ]]
	done
	[[ "$output" == *"servers without TLS"* ]]
	for url in http://127.0.0.1:0 http://127.0.0.1:70000 http://127.0.0.1:80/path 'http://[::1:80'; do
		run run_moment --url "$url"
		[ "$status" -eq 2 ]
	done
	[ ! -e "$RUN" ]
}

@test "a route that a server does not answer is refused before the run" {
	run "$TENK" run --server-manifest $FOREIGN/manifest.yaml "$FIXTURES/rate.yaml" --out "$RUN"
	[[ "$status" -eq 2 ]]
	[[ "$output" == *"nothing of rate can be measured: foreign is left out of rate: it does not answer /echo, only /plaintext, /bytes/N, /file/NAME, /query/ID, /fetch/MS"* ]]
	[ ! -e "$RUN" ]
	run --separate-stderr run_moment --server-manifest $FOREIGN/manifest.yaml "$FIXTURES/rate.yaml"
	[[ "$status" -eq 0 || "$status" -eq 4 ]]
	[[ "$stderr" == *"warning: rate is left out: nothing of it can be measured"* ]]
	[ "$(json "$RUN/run.json" '[s["name"] for s in d["scenarios"]]')" = "['moment']" ]
}

@test "a command line without {port} and a wrong manifest are refused" {
	run run_moment --server-cmd ./mine
	[ "$status" -eq 2 ]
	[[ "$output" == *"does not say {port}"* ]]
	run run_moment --server-manifest tests/fixtures/bad-manifests/unknown-key.yaml
	[ "$status" -eq 2 ]
	[[ "$output" == *'unknown-key.yaml:2:1: unknown key "comand"'*'did you mean "command"?'* ]]
	run run_moment --server-manifest nowhere.yaml
	[ "$status" -eq 2 ]
	run "$TENK" run --resume somewhere --url http://127.0.0.1:1
	[ "$status" -eq 2 ]
}

# bats test_tags=source
@test "the list names every reference server, with its version or how to get it" {
	"$TENK" list --json >"$BATS_TEST_TMPDIR/list.json"
	told=$(json "$BATS_TEST_TMPDIR/list.json" "' '.join(s['name'] for s in d['servers'] if not s['own'] and
		(s['version'] or any(h in s['missing'] for h in ('apt-get install', 'npm ci'))))")
	packages=$(scripts/list-packages <"$BATS_TEST_TMPDIR/list.json")
	for manifest in servers/reference/*/manifest.yaml; do
		name=$(basename "$(dirname "$manifest")")
		[[ " $told " == *" $name $name/as-installed "* ]]
		[[ $'\n'$packages == *$'\n'"$name "* ]]
	done
}

# tests/long/reference.bats measures them, and holds them to all rows.
@test "every reference server that is installed answers, in both profiles" {
	names=$(installed_reference_servers)
	[ -n "$names" ] || skip "none is installed: make reference"
	run "$TENK" check --servers "$names" --rows plaintext,json
	[ "$status" -eq 0 ]
	[[ "$output" == *" 0 failed"* ]]
}

# stand_in_javac FOLDER VERSION: one that says this version, and compiles nothing.
stand_in_javac() {
	mkdir -p "$1/bin"
	printf '#!/bin/sh\necho javac %s\n' "$2" >"$1/bin/javac"
	chmod 755 "$1/bin/javac"
}

@test "virtual threads of Java are built with a JDK that has them, or left out with the reason" {
	cp -r servers/reference/java servers/reference/java-virtual "$BATS_TEST_TMPDIR"
	chmod -R u+w "$BATS_TEST_TMPDIR" # what is installed may be read-only
	rm -rf "$BATS_TEST_TMPDIR/java-virtual/built"
	export PATH=$BATS_TEST_TMPDIR/old/bin:$PATH JVM_FOLDER=$BATS_TEST_TMPDIR/jvm
	stand_in_javac "$BATS_TEST_TMPDIR/old" 17.0.15
	stand_in_javac "$BATS_TEST_TMPDIR/jvm/older" 11.0.2
	run sh "$BATS_TEST_TMPDIR/java-virtual/build"
	[ "$status" -eq 1 ]
	[ "$output" = "virtual threads need a JDK of 21 or newer; here is 17, 11" ]
	[ ! -e "$BATS_TEST_TMPDIR/java-virtual/built/jdk" ]
	mv "$BATS_TEST_TMPDIR/java-virtual" "$BATS_TEST_TMPDIR/java-new"
	run --separate-stderr run_moment --servers epoll,java-new --server-manifest "$BATS_TEST_TMPDIR/java-new/manifest.yaml"
	[[ "$status" -eq 0 || "$status" -eq 4 ]]
	[[ "$stderr" == *"java-new is left out of moment: it is not built (apt-get install "*"make reference builds it)"* ]]
	stand_in_javac "$JVM_FOLDER/newer" 21
	sh "$BATS_TEST_TMPDIR/java-new/build"
	[ "$(readlink -f "$BATS_TEST_TMPDIR/java-new/built/jdk")" = "$(readlink -f "$JVM_FOLDER/newer")" ]
}

# How many sockets listen on a port of 127.0.0.1.
listening_on() {
	awk -v port="$(printf ':%04X' "$1")" '$4 == "0A" && substr($2, 9) == port' /proc/net/tcp | wc -l
}

listens_twice() {
	[ "$(listening_on "$1")" -eq 2 ]
}

@test "tuned nginx has a listening socket for each worker" {
	local port=$((20000 + RANDOM % 10000)) pid=

	command -v nginx >/dev/null || skip "nginx is not installed"
	sed "/{files}/d; s/{user}/$(id -un)/; s/{host}/127.0.0.1/; s/{port}/$port/; s/{workers}/2/; s#{dir}#$BATS_TEST_TMPDIR#" \
		servers/reference/nginx/tuned.conf >"$BATS_TEST_TMPDIR/nginx.conf"
	nginx -e stderr -p "$BATS_TEST_TMPDIR" -c "$BATS_TEST_TMPDIR/nginx.conf" 2>"$BATS_TEST_TMPDIR/stderr" 3>&- &
	pid=$!
	eventually listens_twice "$port" || {
		cat "$BATS_TEST_TMPDIR/stderr"
		kill "$pid"
		return 1
	}
	kill "$pid"
	wait "$pid"
}

@test "a scenario names a time of work, and all servers do as much of it; who skips it is found out" {
	cat >"$BATS_TEST_TMPDIR/work.yaml" <<-'END'
		title: Work
		question: Is it done?
		servers: [epoll]
		trials: 1
		load: {get: "/cpu/{cpu_rounds}", cpu: 100us, connections: 1, warmup: 20ms, duration: 200ms}
	END
	"$TENK" run "$BATS_TEST_TMPDIR/work.yaml" --out "$RUN" --server-cmd "$(foreign plain)" --servers python3 || [ $? -eq 4 ]
	none_failed
	[ "$(trials "$RUN" 't[0]["metrics"]["work_alone_ns"] > 100000')" = True ]
	[ "$(json "$RUN/run.json" '1e7 < d["cpu_rounds_per_s"] < 1e10')" = True ]
	python3 tests/cli/validate.py "$RUN"
	rm -r "$RUN"
	run --separate-stderr "$TENK" run "$BATS_TEST_TMPDIR/work.yaml" --out "$RUN" --server-cmd "$(foreign lazy)"
	[ "$status" -eq 1 ]
	[[ "$stderr" == *"/cpu/"*" answered "*"other bytes"* || "$stderr" == *"/cpu/"*" answered "*" bytes where "* ]]
}

@test "files are made for the servers of a part, and are gone after the run, also after kill -9" {
	export TMPDIR=$BATS_TEST_TMPDIR/temporary
	mkdir "$TMPDIR"
	cat >"$BATS_TEST_TMPDIR/files.yaml" <<-'END'
		title: Files
		question: Are they sent?
		servers: [epoll]
		trials: 50
		files: {a.bin: 70000 B}
		load: {get: /file/a.bin, connections: 1, warmup: 20ms, duration: 50ms}
	END
	run_files() {
		"$TENK" run "$BATS_TEST_TMPDIR/files.yaml" --out "$RUN" --server-manifest $FOREIGN/manifest.yaml \
			--servers foreign "$@"
	}
	run_files --trials 1 || [ $? -eq 4 ]
	none_failed
	[ "$(json "$RUN/run.json" 'd["scenarios"][0]["parts"][0]["files"]')" = "{'a.bin': 70000}" ]
	python3 tests/cli/validate.py "$RUN"
	is_empty "$TMPDIR"
	rm -r "$RUN"
	start_in_session "$TENK" run "$BATS_TEST_TMPDIR/files.yaml" --out "$RUN" \
		--server-manifest $FOREIGN/manifest.yaml --servers foreign
	eventually has_trials "$RUN" 1
	ls "$TMPDIR"/tenk-files-*/*/a.bin
	kill -9 "$leader"
	wait "$leader" || true
	eventually is_empty "$TMPDIR"
	eventually session_is_empty "$leader"
}
