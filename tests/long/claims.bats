#!/usr/bin/env bats
# Measuring until claims are decided, and whether what is published agrees with its trials.
bats_require_minimum_version 1.5.0

load ../cli/helpers

setup() {
	TENK=$(realpath "$TENK")
	BUILD=$(realpath "$BUILD")
	export BUILD
	cd "$BATS_TEST_TMPDIR" || return 1
}

@test "a published report that says anything else than its trials is found, and so are trials that do not" {
	cp -r "$OLDPWD/tests/fixtures/report-run" run
	"$TENK" report run >report.out
	run "$OLDPWD/scripts/reference-check" "$PWD/run"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *": 1 claim, 3 verdicts: the report agrees"* ]]
	cp run/report/summary.json kept.json
	sed -i 's/"verdict": "refuted"/"verdict": "reproduced"/' run/report/summary.json
	run "$OLDPWD/scripts/reference-check" "$PWD/run"
	[ "$status" -eq 1 ]
	[[ "$output" == *"thread-costs-2mb, "*": verdict is refuted, published reproduced"* ]]
	mv kept.json run/report/summary.json
	sed -i '/"threads-cost"/s/"virtual_bytes": *[0-9]*/"virtual_bytes":12345678/' run/trials.jsonl
	run "$OLDPWD/scripts/reference-check" "$PWD/run"
	[ "$status" -eq 1 ]
	[[ "$output" == *"report.md is not what its trials say"* ]]
}

@test "a run ends at the first look at which its claims are decided, and says that it was looked at" {
	run "$TENK" claims run "$OLDPWD/$FIXTURES/claims.yaml" epoll-is-small --until-decided --seed 5 --out run
	[ "$status" -eq 0 ]
	[[ "$output" == *"epoll-is-small "*" refuted here"*"; epoll, 10 blocks"* ]]
	[[ "$output" == *"again   tenk claims run $OLDPWD/$FIXTURES/claims.yaml epoll-is-small --until-decided --seed 5"* ]]
	[ "$(json run/run.json 'd["looks"], d["planned_trials"]')" = "(3, 10)" ]
	cd "$OLDPWD"
	python3 tests/cli/validate.py "$BATS_TEST_TMPDIR/run"
}
