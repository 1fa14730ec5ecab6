#!/usr/bin/env bats
# tenk compare on what takes long to build.
bats_require_minimum_version 1.5.0

load ../cli/helpers

@test "a project in Go is built in each revision, and measured" {
	type go || skip "go is not installed"
	project=$BATS_TEST_TMPDIR/project
	tenk=$PWD/$TENK
	git init -q "$project"
	cp tests/fixtures/project/server.go "$project"
	printf 'module mine\n\ngo 1.19\n' >"$project/go.mod"
	git -C "$project" add .
	git -C "$project" -c user.name=a -c user.email=a@b commit -q -m first
	cat >"$BATS_TEST_TMPDIR/tiny.yaml" <<-'END'
		title: Tiny
		question: Is it worse?
		servers: [epoll]
		trials: 1
		load: {get: /, connections: 2, warmup: 50ms, duration: 200ms, slices: off}
	END
	cd "$project" || return
	run "$tenk" compare --run "$BATS_TEST_TMPDIR/tiny.yaml" --base HEAD --build 'go build -o mine server.go' \
		--server-cmd './mine {port}' --blocks 1 --out "$BATS_TEST_TMPDIR/run"
	echo "$output"
	[ "$status" -eq 5 ] || [ "$status" -eq 4 ]
	[ "$(trials "$BATS_TEST_TMPDIR/run" 'sum(x["metrics"]["requests_per_s"] is None for x in t)')" = 0 ]
}
