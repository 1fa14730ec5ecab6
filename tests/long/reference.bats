#!/usr/bin/env bats
# Servers of other people, as far as they are installed (make reference).
bats_require_minimum_version 1.5.0

load ../cli/helpers

RUN=$BATS_TEST_TMPDIR/run

setup() {
	names=$(installed_reference_servers)
	[ -n "$names" ] || skip "none is installed: make reference"
}

# A part is run without the servers that do not answer all that it asks for.
write_scenario() {
	cat <<-'END'
		title: Work
		question: Is it done?
		servers: [epoll]
		trials: 1
		files: {a.bin: 70000 B}
		parts:
		  hello:
		    title: Hello
		    question: Is it said?
		    load: {mix: [{get: /plaintext}, {get: /json}], connections: 4, warmup: 50ms, duration: 300ms}
		  work:
		    title: Work
		    question: Is it done?
		    backends: [postgresql, delay]
		    load:
		      mix:
		        - {get: /bytes/1000}
		        - {get: /wait/3}
		        - {get: /block/3}
		        - {get: /cpu/100000}
		        - {get: /file/a.bin}
		        - {get: /query/77}
		        - {get: /fetch/3}
		        - {get: /calls/3/wait/2}
		        - {get: "/calls/3/wait/2?together"}
		      connections: 4
		      warmup: 50ms
		      duration: 500ms
	END
}

# A few at once: as installed, some end connections that are silent while it is the others' turn.
@test "every reference server that is installed does what its manifest says, in all profiles" {
	# With fewer threads than connections it lets some wait until they give up.
	mapfile -t groups < <(printf '%s\n' "$names" | tr , '\n' | grep -vx puma/as-installed | paste -sd ',,,,,\n')
	write_scenario >"$BATS_TEST_TMPDIR/work.yaml"
	for group in "${groups[@]}"; do
		code=0
		"$TENK" run "$BATS_TEST_TMPDIR/work.yaml" --out "$RUN" --servers "$group" || code=$?
		[[ "$code" -eq 0 || "$code" -eq 4 ]]
		[ "$(trials "$RUN" 'len(t) > 0 and all(x["outcome"] != "failed" for x in t)')" = True ]
		[ "$(json "$RUN/run.json" 'all(s["version"] for s in d["servers"] if not s["own"])')" = True ]
		[ "$(trials "$RUN" 'any("forced_stop" in [n["code"] for n in x["notes"]] for x in t)')" = False ]
		python3 tests/cli/validate.py "$RUN"
		rm -r "$RUN"
	done
}

# A few at once here, too: runtimes that compile keep each other from answering in time.
@test "every reference server that is installed passes what its manifest does not name" {
	mapfile -t groups < <(printf '%s\n' "$names" | tr , '\n' | paste -sd ',,,,,\n')
	for group in "${groups[@]}"; do
		"$TENK" check --servers "$group"
	done
}

@test "a server that collects its garbage upon a signal is looked at before and after" {
	names=$("$TENK" list --json | python3 -c 'import json, sys
print(",".join(s["name"] for s in json.load(sys.stdin)["servers"] if s["name"] in ("go-net-http", "java-threads",
	"java-virtual", "node-cluster", "bun") and not s["missing"]))')
	[ -n "$names" ] || skip "none is installed: make reference"
	printf 'title: Idle\nquestion: How much?\nservers: [%s]\nload: {idle: true, connections: 10, each: {get: /plaintext}}\n' \
		"$names" >"$BATS_TEST_TMPDIR/idle.yaml"
	"$TENK" run "$BATS_TEST_TMPDIR/idle.yaml" --trials 1 --out "$RUN" || [ $? -eq 4 ]
	run trials "$RUN" '[t["server"] for t in t if not (t["metrics"]["collected_resident_bytes"] or 0) > 0]'
	[ "$output" = "[]" ]
}
