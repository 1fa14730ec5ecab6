#!/usr/bin/env bats
# The proof of the gate (scripts/prove-gate), with a gate and builds that stand in for the real ones.
# bats file_tags=source
bats_require_minimum_version 1.5.0

load helpers

setup() {
	record=$BATS_TEST_TMPDIR/attempts.jsonl
	export GATE_LOG=$BATS_TEST_TMPDIR/log MAKE=tests/fixtures/gate/make
}

prove() {
	BUILD=tests/fixtures/gate scripts/prove-gate --record "$record" "$@"
}

# The value of a Python expression over the record.
recorded() {
	python3 -c 'import json, sys; t = [json.loads(line) for line in open(sys.argv[1])]; print(eval(sys.argv[2]))' "$record" "$1"
}

compared() {
	[ "$(wc -l <"$GATE_LOG")" -eq "$1" ]
}

@test "attempts to prove the gate go on where they were, and each is made once" {
	prove --only cpu --most 3
	printf '{"kind": "aa", "size": nu' >>"$record" # the machine went off while it wrote
	run prove --only cpu
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(recorded '[(x["kind"], x["size"], x["server"]) for x in t]')" = "$(python3 -c '
a, b = "epoll", "thread-pool"
print([("aa", None, a), ("cpu", 0.1, a), ("aa", None, b), ("cpu", 0.1, b), ("cpu", 0.05, a), ("cpu", 0.05, b), ("cpu", 0.2, a),
       ("cpu", 0.2, b), ("cpu", 0.02, a), ("cpu", 0.02, b)])')" ]
	[ "$(recorded '[x["injected"] for x in t][::2]')" = "[None, None, 'cpu=500ns', 'cpu=2000ns', 'cpu=200ns']" ]
	[[ "$output" == *"10 % more CPU | 2 of 2 |"*"\`server_cpu_per_request_ns\` |"* ]]
	[[ "$output" == *"5 % more CPU | 0 of 2 |"*"| 2 | 0 | 20 |"* ]]
	[[ "$output" == *"two builds of one source | 0 of 2 | at most 77.6 % | 0 | 0 |"* ]]
	grep -q "<svg" "$BATS_TEST_TMPDIR/detection.svg"
	run prove --list --only cpu
	[ "$output" = "0 attempts, 0 min" ]
}

@test "the two sides are separate builds, with other paths and environments, and only the head fails" {
	prove --only aa --only fail --servers thread-pool --most 4
	prove --only fail --servers thread-pool
	python3 - "$GATE_LOG" <<-'END'
		import re, sys
		pairs = [[part.strip() for part in line.split("|")] for line in open(sys.argv[1])]
		for command, *sides in pairs:
		    assert command.startswith("compare --run gate --servers thread-pool --base-build "), command
		    base, head = [re.fullmatch(r"(\d+) LINK_SEED=(\d+) padding (\d+) ?(.*) --describe", side.replace("  ", " ")).groups()
		                  for side in sides]
		    assert all(one != other for one, other in zip(base[:3], head[:3])), sides
		    assert not base[3], base
		assert [bool(re.search("--inject=fail=1/10000", head)) for _, _, head in pairs] == [False] * 4 + [True], pairs
	END
	[ "$(recorded 'len({tuple(x["link_seeds"]) for x in t})')" = 5 ]
}

@test "what says nothing of the gate is not held against it, and three such in a row end the proof" {
	GATE_SAYS=2 run prove --only aa
	[ "$status" -eq 1 ]
	[[ "$output" == *"ended with 2: nothing comes of it"* ]]
	[ ! -e "$record" ]
	GATE_SAYS=1 run prove --only aa
	[ "$status" -eq 1 ]
	[[ "$output" == *"3 attempts in a row could not be made; the last said: nothing comes of it"* ]]
	GATE_SAYS=4 prove --only aa --most 1
	[ "$(recorded '[x["outcome"] for x in t]')" = "['failed', 'failed', 'failed', 'invalid']" ]
	run scripts/gate-summary "$record"
	[[ "$output" == *"two builds of one source | 0 of 0 |  | 0 | 4 |"* ]]
	[ ! -e "$BATS_TEST_TMPDIR/detection.svg" ]
}

@test "an attempt that is interrupted is none" {
	prove --only aa --most 1
	# A shell has what runs beside it ignore the signal.
	GATE_SAYS=130 BUILD=tests/fixtures/gate env --default-signal=INT scripts/prove-gate --record "$record" --only aa 3>&- &
	eventually compared 2
	kill -INT $!
	wait $! || code=$?
	[ "$code" -eq 130 ]
	[ "$(recorded 'len(t)')" = 1 ]
}

@test "a page says what the record says" {
	printf 'Before.\n<!-- gate: written by scripts/gate-summary -->\n<!-- end of gate -->\nAfter.\n' >"$BATS_TEST_TMPDIR/page.md"
	prove --only aa --most 2
	run scripts/gate-summary "$record" --page "$BATS_TEST_TMPDIR/page.md" --check
	[ "$status" -eq 1 ]
	scripts/gate-summary "$record" --page "$BATS_TEST_TMPDIR/page.md"
	scripts/gate-summary "$record" --page "$BATS_TEST_TMPDIR/page.md" --check
	grep -q "two builds of one source | 0 of 2" "$BATS_TEST_TMPDIR/page.md"
	run ! grep -q "detection.svg" "$BATS_TEST_TMPDIR/page.md" # false alarms alone are no curve
	prove --only cpu --most 1
	run scripts/gate-summary "$record" --page "$BATS_TEST_TMPDIR/page.md" --check
	[ "$status" -eq 1 ]
	[[ "$output" == *"is not what"* ]]
	scripts/gate-summary "$record" --page "$BATS_TEST_TMPDIR/page.md"
	grep -q "(detection.svg)" "$BATS_TEST_TMPDIR/page.md"
	scripts/gate-summary --page docs/statistics.md --check
}
