#!/usr/bin/env bats
# What servers ask: started for the run, told apart, and gone with it. Mostly before a PostgreSQL that is none.
bats_require_minimum_version 1.5.0

load helpers

FOREIGN=tests/fixtures/foreign/manifest.yaml
RUN=$BATS_TEST_TMPDIR/run

# A folder of its own for whatever is left behind; short, since a socket's path is.
setup() {
	TMPDIR=$(mktemp -d /tmp/tenk-test-XXXXXX)
	chmod 755 "$TMPDIR"
	export TMPDIR
}

teardown() {
	[ -z "${leader-}" ] || kill -9 -- "-$leader" 2>/dev/null || true
	rm -rf "$TMPDIR"
}

# Programs that do as if: the cluster is a process that sleeps.
pretend_postgresql() {
	export TENK_POSTGRESQL=$BATS_TEST_TMPDIR/programs
	mkdir "$TENK_POSTGRESQL"
	cat >"$TENK_POSTGRESQL/initdb" <<-'END'
		#!/bin/sh
		mkdir "$2"
	END
	cat >"$TENK_POSTGRESQL/postgres" <<-END
		#!/bin/sh
		[ "\$1" != --single ] || exec cat >/dev/null
		echo \$\$ >>"$BATS_TEST_TMPDIR/clusters"
		seq 7 >"\$2/postmaster.pid"
		echo "ready   " >>"\$2/postmaster.pid"
		exec sleep 600
	END
	chmod 755 "$TENK_POSTGRESQL"/*
	touch "$BATS_TEST_TMPDIR/clusters"
	chmod 666 "$BATS_TEST_TMPDIR/clusters"
	# Whom it becomes has to come there.
	chmod 711 "$BATS_TEST_TMPDIR" "$(dirname "$BATS_TEST_TMPDIR")" "$(dirname "$(dirname "$BATS_TEST_TMPDIR")")"
}

# A scenario: its name, backends, the request and how often.
write_scenario() {
	cat >"$BATS_TEST_TMPDIR/$1.yaml" <<-END
		title: Backends
		question: Do they answer?
		servers: [epoll]
		trials: $4
		backends: [$2]
		load: {get: $3, connections: 2, warmup: 20ms, duration: 100ms}
	END
}

run_scenario() {
	"$TENK" run "$BATS_TEST_TMPDIR/$1.yaml" --out "$RUN" --server-manifest $FOREIGN --servers foreign
}

# Whether a generator is at work in the session.
is_loaded() {
	pgrep -s "$1" -x tenk-load >/dev/null
}

nothing_is_left() {
	local cluster

	[ -z "$(ls "$TMPDIR")" ] || return 1
	while read -r cluster; do
		[[ ! -e /proc/$cluster || "$(cut -d' ' -f3 "/proc/$cluster/stat")" == Z ]] || return 1
	done <"$BATS_TEST_TMPDIR/clusters"
}

@test "a database is there for the servers of a part that asks for one, and gone after the run" {
	pretend_postgresql
	write_scenario rows postgresql /query/7 1
	run_scenario rows || [ $? -eq 4 ]
	[ "$(trials "$RUN" 'all(x["outcome"] != "failed" and x["metrics"]["backend_cpu_per_request_ns"] is not None
		for x in t)')" = True ]
	run json "$RUN/run.json" '[(b["name"], b["settings"]["fsync"], b["cores"] != "") for b in d["backends"]]'
	[ "$output" = "[('postgresql', 'off', True)]" ]
	[ "$(json "$RUN/run.json" 'd["scenarios"][0]["parts"][0]["load"]["database_connections"]')" = 16 ]
	[ "$(wc -l <"$BATS_TEST_TMPDIR/clusters")" = 1 ]
	python3 tests/cli/validate.py "$RUN"
	nothing_is_left
}

@test "killed with -9, tenk leaves no database behind" {
	pretend_postgresql
	write_scenario rows postgresql /query/7 100
	start_in_session "$TENK" run "$BATS_TEST_TMPDIR/rows.yaml" --out "$RUN" --server-manifest $FOREIGN \
		--servers foreign
	eventually has_trials "$RUN" 1
	ls -d "$TMPDIR"/tenk-postgresql-*/data
	kill -9 "$leader"
	wait "$leader" || true
	eventually nothing_is_left
	[ -s "$BATS_TEST_TMPDIR/clusters" ]
}

@test "a database that ends by itself spoils a trial, is started again, and the trial tells" {
	pretend_postgresql
	write_scenario rows postgresql /query/7 1
	sed -i 's/duration: 100ms/duration: 500ms/' "$BATS_TEST_TMPDIR/rows.yaml"
	start_in_session "$TENK" run "$BATS_TEST_TMPDIR/rows.yaml" --out "$RUN" --server-manifest $FOREIGN \
		--servers foreign
	eventually is_loaded "$leader"
	kill -9 "$(head -1 "$BATS_TEST_TMPDIR/clusters")"
	wait "$leader" || [ $? -eq 4 ]
	run cat "$BATS_TEST_TMPDIR/stderr"
	[[ "$output" == *"invalid: trial "*": postgresql ended by itself (signal 9)"* ]]
	[ "$(trials "$RUN" '([r["code"] for r in t[0]["reasons"]] +
		[n["code"] for n in t[1]["notes"] if "backend" in n["code"]] + [t[1]["trial"], t[1]["attempt"]])')" = "['backend_died', 'backend_revived', 1, 2]" ]
	[ "$(json "$RUN/run.json" 'd["status"]')" = complete ]
	[ "$(wc -l <"$BATS_TEST_TMPDIR/clusters")" = 2 ]
	nothing_is_left
}

@test "what needs a database that is not installed is left out, with what to do" {
	export TENK_POSTGRESQL=$BATS_TEST_TMPDIR/nowhere
	write_scenario rows postgresql /query/7 1
	run run_scenario rows
	[ "$status" -eq 2 ]
	[[ "$output" == *"nothing of rows can be measured: rows is left out: PostgreSQL is not installed (scripts/install-deps --with postgresql"* ]]
	run --separate-stderr "$TENK" run "$FIXTURES/moment.yaml" "$BATS_TEST_TMPDIR/rows.yaml" --out "$RUN" --trials 1 \
		--server-manifest $FOREIGN --servers foreign
	[[ "$status" -eq 0 || "$status" -eq 4 ]]
	[[ "$stderr" == *"warning: rows is left out: PostgreSQL is not installed"* ]]
	[ "$(trials "$RUN" '{x["scenario"] for x in t}')" = "{'moment'}" ]
}

@test "a database that does not start says why, and nothing is left of it" {
	pretend_postgresql
	echo 'echo "initdb: no room" >&2; exit 1' >>"$TENK_POSTGRESQL/initdb"
	write_scenario rows postgresql /query/7 1
	run run_scenario rows
	[ "$status" -eq 1 ]
	[[ "$output" == *"postgresql: it did not start: initdb: no room"* ]]
	nothing_is_left
}

@test "the delay backend answers for servers that ask it" {
	write_scenario slow delay /fetch/5 1
	touch "$BATS_TEST_TMPDIR/clusters"
	run_scenario slow || [ $? -eq 4 ]
	[ "$(trials "$RUN" 'all(x["outcome"] != "failed" and x["metrics"]["latency_p50_ns"] >= 5e6 for x in t)')" = True ]
	[ "$(json "$RUN/run.json" '[b["server"] for b in d["backends"]]')" = "['loop-per-core']" ]
	python3 tests/cli/validate.py "$RUN"
	nothing_is_left
}
