#!/usr/bin/env bats
# Servers of other people, as far as they are installed (make reference).
bats_require_minimum_version 1.5.0

load ../cli/helpers

RUN=$BATS_TEST_TMPDIR/run

setup() {
	names=$(installed_reference_servers)
	[ -n "$names" ] || skip "none is installed: make reference"
}

@test "every reference server that is installed is measured, in all profiles" {
	code=0
	"$TENK" run "$FIXTURES/moment.yaml" "$FIXTURES/moment-json.yaml" --out "$RUN" --trials 1 \
		--servers "$names" || code=$?
	[[ "$code" -eq 0 || "$code" -eq 4 ]]
	[ "$(trials "$RUN" 'len(t) > 0 and all(x["outcome"] != "failed" for x in t)')" = True ]
	[ "$(json "$RUN/run.json" 'all(s["version"] for s in d["servers"])')" = True ]
	[ "$(trials "$RUN" 'any("forced_stop" in [n["code"] for n in x["notes"]] for x in t)')" = False ]
	python3 tests/cli/validate.py "$RUN"
}

@test "every reference server that is installed passes what its manifest does not name" {
	"$TENK" check --servers "$names"
}

@test "a server that collects its garbage upon a signal is looked at before and after" {
	names=$("$TENK" list --json | python3 -c 'import json, sys
print(",".join(s["name"] for s in json.load(sys.stdin)["servers"] if s["name"] in ("go-net-http", "java-threads",
	"java-virtual", "node-http") and not s["missing"]))')
	[ -n "$names" ] || skip "none is installed: make reference"
	printf 'title: Idle\nquestion: How much?\nservers: [%s]\nload: {idle: true, connections: 10, each: {get: /plaintext}}\n' \
		"$names" >"$BATS_TEST_TMPDIR/idle.yaml"
	"$TENK" run "$BATS_TEST_TMPDIR/idle.yaml" --trials 1 --out "$RUN" || [ $? -eq 4 ]
	run trials "$RUN" '[t["server"] for t in t if not (t["metrics"]["collected_resident_bytes"] or 0) > 0]'
	[ "$output" = "[]" ]
}
