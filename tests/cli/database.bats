#!/usr/bin/env bats
# /query/ID before a PostgreSQL of the tests' own, which is killed and started again under it.
bats_require_minimum_version 1.5.0

load helpers

# Debian keeps the programs of each version in a folder of its own.
find_postgresql() {
	local folder

	folder=$(command -v initdb || compgen -G "/usr/lib/postgresql/*/bin/initdb" | tail -1)
	[ -n "$folder" ] && dirname "$(readlink -f "$folder")"
}

# PostgreSQL does not run as root.
unprivileged() {
	if [ "$(id -u)" = 0 ]; then
		(cd / && setpriv --reuid nobody --clear-groups "$@")
	else
		"$@"
	fi
}

setup_file() {
	local programs

	programs=$(find_postgresql) || return 0
	! "$BUILD/server-epoll" --database nonsense=1 2>&1 | grep -q "without libpq" || return 0
	export CLUSTER
	CLUSTER=$(mktemp -d /tmp/tenk-cluster.XXXXXX) # short: a socket's path has 107 bytes at most
	export CLUSTER_PROGRAMS=$programs
	chmod 755 "$CLUSTER"
	[ "$(id -u)" != 0 ] || chown nobody "$CLUSTER"
	unprivileged "$programs/initdb" -D "$CLUSTER/data" -U tenk -A trust -N -E UTF8 --locale C >"$CLUSTER.log" 2>&1
	python3 tests/cli/database.py start
}

teardown_file() {
	[ -n "${CLUSTER-}" ] || return 0
	python3 tests/cli/database.py stop
	rm -rf "$CLUSTER" "$CLUSTER.log"
}

setup() {
	[ -n "${CLUSTER-}" ] || skip "no PostgreSQL, or no libpq to build with (scripts/install-deps --with postgresql)"
}

@test "every way to wait gets the right row of the database, and no more connections than it may" {
	python3 tests/cli/database.py rows
}

@test "a database that fails in the midst of a query costs that query, and a client that goes costs nothing" {
	python3 tests/cli/database.py failures
}

@test "a database that goes away and comes back is survived" {
	python3 tests/cli/database.py restart
}

@test "a database that cannot be is wrong use" {
	for wrong in "host" "nonsense=1" "postgresql://[::1"; do
		run "$BUILD/server-epoll" --database "$wrong"
		[ "$status" -ne 0 ]
		[[ "$output" == *"--database: "* ]]
	done
	run "$BUILD/server-epoll" --database host=/nowhere --database-connections 0
	[ "$status" -eq 2 ]
	[[ "$output" == *"--database-connections: 0"* ]]
}
