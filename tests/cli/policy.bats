#!/usr/bin/env bats
# The policy of a gate: what it reads, what it changes, what it tells.
bats_require_minimum_version 1.5.0

load helpers

setup() {
	RUN=$BATS_TEST_TMPDIR/run
	POLICY=$BATS_TEST_TMPDIR/tenk.yaml
}

made() {
	python3 tests/cli/made_run.py "$@"
}

@test "a policy says what matters, what decides and what is accepted" {
	made "$RUN" 20 a=1 slower=1.1
	run -3 "$TENK" compare "$RUN" --base a --head slower
	echo 'smallest-difference: {server_cpu_per_request_ns: 30%}' >"$POLICY"
	run -0 "$TENK" compare "$RUN" --base a --head slower --policy "$POLICY"
	echo 'accepted: [{metric: server_cpu_per_request_ns, up-to: 15%, reason: it checks bodies, until: 9999-12-31}]' >"$POLICY"
	run -0 "$TENK" compare "$RUN" --base a --head slower --policy "$POLICY"
	[[ "$output" == *"it checks bodies"* ]]
	sed -i 's/15%/5%/' "$POLICY"
	run -3 "$TENK" compare "$RUN" --base a --head slower --policy "$POLICY"
	echo 'gate: [{server: other}]' >"$POLICY"
	run -5 "$TENK" compare "$RUN" --base a --head slower --policy "$POLICY"
	[[ "$output" == *"$POLICY:1 fits nothing of what is compared"* ]]
}

@test "an acceptance that has expired accepts nothing, and is told in every output" {
	made "$RUN" 20 a=1 slower=1.1
	printf 'accepted:\n  - metric: server_cpu_per_request_ns\n    reason: known\n    until: 2026-01-31\n' >"$POLICY"
	run -3 "$TENK" compare "$RUN" --base a --head slower --policy "$POLICY" --json "$BATS_TEST_TMPDIR/json"
	[[ "$output" == *"$POLICY:2: accepts nothing any more, it expired on 2026-01-31 (known)"* ]]
	grep -q "expired on 2026-01-31" "$BATS_TEST_TMPDIR/json"
}

@test "tenk.yaml is found where tenk is started; options go before it; its faults are named" {
	made "$RUN" 4 a=1 b=1.5
	cp "$TENK" "$BATS_TEST_TMPDIR/tenk" # its other files are not needed to compare what is stored
	cd "$BATS_TEST_TMPDIR"
	run -5 ./tenk compare run --base a --head b
	echo 'inconclusive: pass' >tenk.yaml
	run -0 ./tenk compare run --base a --head b
	run -5 ./tenk compare run --base a --head b --inconclusive=fail
	printf 'gate:\n  - {sever: a}\n' >tenk.yaml
	run -2 ./tenk compare run --base a --head b
	[[ "$output" == *'tenk.yaml:2:6: unknown key "sever" in gate'*'did you mean "server"?'* ]]
	run -2 ./tenk compare run --base a --head b --policy none.yaml
	[[ "$output" == *"none.yaml"*"No such file"* ]]
}

@test "the example of the documentation is a policy" {
	made "$RUN" 20 epoll=1 select=1
	python3 - >"$POLICY" <<-'END'
		import re
		print(next(b for b in re.findall("```yaml\n(.*?)```", open("docs/ci.md").read(), re.S) if "accepted:" in b))
	END
	run -5 "$TENK" compare "$RUN" --base epoll --head select --policy "$POLICY"
	[[ "$output" == *"$POLICY:5 fits nothing of what is compared"* ]]
}

@test "a budget holds so many blocks, and says what they can see" {
	cat >"$BATS_TEST_TMPDIR/tiny.yaml" <<-'END'
		title: Tiny
		question: Is it worse?
		servers: [epoll]
		trials: 1
		load: {get: /plaintext, connections: 2, warmup: 20ms, duration: 60ms}
	END
	run -2 "$TENK" compare "$RUN" --base a --head b --budget 8m
	[[ "$output" == *"add --run"* ]]
	run -2 "$TENK" compare --run --base a --head b --budget 8
	run "$TENK" compare --run "$BATS_TEST_TMPDIR/tiny.yaml" --base epoll --head select --budget 1500ms --out "$RUN"
	echo "$output"
	[[ "$output" == *"budget    1.50 s: room for "*" block"*"fewer than 10 blocks decide nothing"* ]]
	blocks=$(trials "$RUN" 'max(x["trial"] for x in t)')
	[ "$blocks" -ge 1 ]
	[ "$blocks" -lt 40 ]
}
