#!/usr/bin/env bats
# The database of /query/ID as it is: PostgreSQL, started, asked, killed and started again.
bats_require_minimum_version 1.5.0

load ../cli/helpers

RUN=$BATS_TEST_TMPDIR/run

setup() {
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 ||
		skip "PostgreSQL is not installed (scripts/install-deps --with postgresql)"
	"$BUILD/server-epoll" --describe | grep -q '"database"' || skip "built without libpq"
	TMPDIR=$(mktemp -d /tmp/tenk-test-XXXXXX) # short, since a socket's path is
	chmod 755 "$TMPDIR"
	export TMPDIR
}

teardown() {
	[ -z "${leader-}" ] || kill -9 -- "-$leader" 2>/dev/null || true
	rm -rf "${TMPDIR:?}"
}

write_scenario() {
	cat >"$BATS_TEST_TMPDIR/rows.yaml" <<-END
		title: Rows
		question: Do they come?
		servers: [epoll, thread-per-connection, prefork]
		trials: $1
		backends: [postgresql]
		load: {get: /query/4711, connections: 8, slices: off, warmup: 100ms, duration: $2}
	END
}

# The number of the database's first process.
cluster() {
	head -1 "$TMPDIR"/tenk-postgresql-*/data/postmaster.pid
}

# To make a cluster takes a second, or many on a busy machine.
in_a_minute() {
	for _ in 1 2 3 4 5 6; do
		eventually "$@" && return 0
	done
	return 1
}

# Whether a generator is at work in the session.
is_loaded() {
	pgrep -s "$1" -x tenk-load >/dev/null
}

nothing_is_left() {
	[ -z "$(ls "$TMPDIR")" ] && [ ! -e "/proc/$1" ]
}

@test "servers of each kind get rows, and what the database takes is told apart" {
	write_scenario 1 500ms
	"$TENK" run "$BATS_TEST_TMPDIR/rows.yaml" --out "$RUN" || [ $? -eq 4 ]
	[ "$(trials "$RUN" 'all(x["outcome"] != "failed" and x["metrics"]["backend_cpu_per_request_ns"] > 1000
		for x in t)')" = True ]
	[ "$(json "$RUN/run.json" 'int(d["backends"][0]["version"].split(".")[0]) > 9')" = True ]
	python3 tests/cli/validate.py "$RUN"
	[ -z "$(ls "$TMPDIR")" ]
}

@test "a database that is killed costs errors and not the run, which goes on with another" {
	write_scenario 1 2s
	start_in_session "$TENK" run "$BATS_TEST_TMPDIR/rows.yaml" --out "$RUN" --servers epoll
	in_a_minute is_loaded "$leader"
	first=$(cluster)
	kill -9 "$first"
	wait "$leader" || [ $? -eq 4 ]
	[ "$(trials "$RUN" '([r["code"] for r in t[0]["reasons"]], t[0]["outcome"], t[1]["attempt"],
		t[1]["outcome"] != "failed")')" = "(['backend_died'], 'invalid', 2, True)" ]
	[ "$(json "$RUN/run.json" 'd["status"]')" = complete ]
	nothing_is_left "$first"
}

@test "killed with -9, tenk leaves neither the database nor its folder" {
	write_scenario 50 200ms
	start_in_session "$TENK" run "$BATS_TEST_TMPDIR/rows.yaml" --out "$RUN" --servers epoll
	in_a_minute has_trials "$RUN" 1
	first=$(cluster)
	kill -9 "$leader"
	wait "$leader" || true
	eventually nothing_is_left "$first"
}
