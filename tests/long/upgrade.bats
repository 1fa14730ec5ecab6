#!/usr/bin/env bats
# The files of a run are replaced while it lasts, as a package upgrade does.
bats_require_minimum_version 1.5.0

load ../cli/helpers

# A build of its own, of two servers.
copy_build() {
	bin=$BATS_TEST_TMPDIR/tree/build/release
	mkdir -p "$bin"
	cp -r "$PWD/report" "$BATS_TEST_TMPDIR/tree/"
	ln -s "$PWD/scenarios" "$BATS_TEST_TMPDIR/tree/"
	cp "$TENK" "$LOAD" "$BUILD/server-epoll" "$BUILD/tests/server-known-cost" "$bin/"
}

# A file takes another's place at once, as dpkg has it.
replace() {
	printf '#!/bin/sh\necho "I am new" >&2\nexit 9\n' >"$1.dpkg-new"
	chmod +x "$1.dpkg-new"
	mv "$1.dpkg-new" "$1"
}

begin() {
	start_in_session "$bin/tenk" run "$FIXTURES/memory.yaml" --out "$BATS_TEST_TMPDIR/run" "$@"
	eventually has_trials "$BATS_TEST_TMPDIR/run" 2
}

@test "a run whose own programs are replaced goes on with those that it began with, and says so" {
	copy_build
	begin
	for program in server-epoll server-known-cost tenk-load tenk; do
		replace "$bin/$program"
	done
	wait "$leader" || cat "$BATS_TEST_TMPDIR/stderr" "$BATS_TEST_TMPDIR/stdout"
	cat "$BATS_TEST_TMPDIR/stderr"
	[ "$(grep -c 'server-epoll has been replaced since the run began' "$BATS_TEST_TMPDIR/stderr")" -eq 1 ]
	[ "$(trials "$BATS_TEST_TMPDIR/run" '{x["order"] for x in t} == set(range(1, 17)) and {x["outcome"] for x in t}')" = "{'ok'}" ]
	[ "$(json "$BATS_TEST_TMPDIR/run/run.json" 'd["status"], sum("replaced" in w for w in d["warnings"])')" = "('complete', 3)" ]
	[ -s "$BATS_TEST_TMPDIR/run/report/index.html" ]
	python3 tests/cli/validate.py "$BATS_TEST_TMPDIR/run"
}

@test "taken up again after an upgrade, a run says that it is of another build, and goes on with the old one" {
	copy_build
	begin
	kill -INT "$leader"
	wait "$leader" || true
	cp -p "$bin/server-epoll" "$BATS_TEST_TMPDIR/old"
	cp "$BUILD/server-select" "$bin/server-epoll"
	run "$bin/tenk" run --resume "$BATS_TEST_TMPDIR/run"
	echo "$output"
	[ "$status" -eq 2 ]
	[[ "$output" == *"put back what was there then to go on with this one"* || "$output" == *"there is no server"* ]]
	cp -p "$BATS_TEST_TMPDIR/old" "$bin/server-epoll"
	"$bin/tenk" run --resume "$BATS_TEST_TMPDIR/run"
	[ "$(trials "$BATS_TEST_TMPDIR/run" '{x["order"] for x in t} == set(range(1, 17))')" = True ]
}

@test "where a server of somebody else is changed, the run ends before its next trial and keeps what it has" {
	copy_build
	mkdir "$BATS_TEST_TMPDIR/theirs"
	printf 'title: Theirs\ncommand: ["{folder}/serve", "{port}"]\n' >"$BATS_TEST_TMPDIR/theirs/manifest.yaml"
	cat >"$BATS_TEST_TMPDIR/theirs/serve" <<-END
		#!/bin/sh
		exec $PWD/$BUILD/server-epoll --listen "127.0.0.1:\$1"
	END
	chmod +x "$BATS_TEST_TMPDIR/theirs/serve"
	cp -p "$BATS_TEST_TMPDIR/theirs/serve" "$BATS_TEST_TMPDIR/old"
	begin --server-manifest "$BATS_TEST_TMPDIR/theirs/manifest.yaml"
	replace "$BATS_TEST_TMPDIR/theirs/serve"
	code=0
	wait "$leader" || code=$?
	cat "$BATS_TEST_TMPDIR/stderr"
	[ "$code" -eq 1 ]
	grep -q "theirs has been replaced or changed since the run began" "$BATS_TEST_TMPDIR/stderr"
	grep -q "tenk run --resume $BATS_TEST_TMPDIR/run" "$BATS_TEST_TMPDIR/stderr"
	[ "$(trials "$BATS_TEST_TMPDIR/run" 'len(t) >= 2 and "I am new" not in str(t)')" = True ]
	[ "$(json "$BATS_TEST_TMPDIR/run/run.json" 'd["status"]')" = aborted ]
	cp -p "$BATS_TEST_TMPDIR/old" "$BATS_TEST_TMPDIR/theirs/serve"
	"$bin/tenk" run --resume "$BATS_TEST_TMPDIR/run"
	[ "$(json "$BATS_TEST_TMPDIR/run/run.json" 'd["status"]')" = complete ]
}
