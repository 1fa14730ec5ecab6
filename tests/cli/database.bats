#!/usr/bin/env bats
# /query/ID before a PostgreSQL of the tests' own, which is killed and started again under it.
bats_require_minimum_version 1.5.0

load helpers
load postgresql

@test "every way to wait gets the right row of the database" {
	python3 tests/cli/database.py rows
}

@test "a row that cannot be read fails alone, or with those that went with it, and the connection stays" {
	python3 tests/cli/database.py wrong
}

@test "no more connections than there may be; one that fails costs its query, a client that goes nothing" {
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
