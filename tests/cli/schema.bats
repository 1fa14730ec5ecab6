#!/usr/bin/env bats
# What is stored is what results/SCHEMA.md and results/schema say.
bats_require_minimum_version 1.5.0

load helpers

@test "runs of every kind of load, good and bad, keep to the schema" {
	"$TENK" run "$FIXTURES/memory.yaml" "$FIXTURES/load.yaml" "$FIXTURES/rate.yaml" --trials 1 \
		--servers dying,epoll --server-dir "$BUILD/tests" --out "$BATS_TEST_TMPDIR/run" &&
		false # dying fails
	[ $? -le 1 ]
	run python3 tests/cli/validate.py "$BATS_TEST_TMPDIR/run"
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "the published run keeps to the schema" {
	ls results/reference/*/run.json >/dev/null 2>&1 || skip "no run is published"
	for run in results/reference/*/run.json; do
		python3 tests/cli/validate.py "${run%/run.json}"
	done
}

@test "a schema that is broken, or a run that is, is noticed" {
	cp -r tests/fixtures/report-run "$BATS_TEST_TMPDIR/run"
	sed -i '1s/"order":1/"order":"first"/' "$BATS_TEST_TMPDIR/run/trials.jsonl"
	run python3 tests/cli/validate.py "$BATS_TEST_TMPDIR/run"
	[ "$status" -eq 1 ]
	[[ "$output" == *"line 1: ['order']"* ]]
}
