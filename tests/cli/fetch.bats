#!/usr/bin/env bats
# /fetch/MS: servers that ask another server.
bats_require_minimum_version 1.5.0

load helpers

@test "every way to wait fetches from a backend, and survives what it does" {
	python3 tests/cli/fetch.py
}

@test "a backend that is no address, or a number that none is, is wrong use" {
	local wrong

	for wrong in nowhere :80 127.0.0.1: 127.0.0.1:eighty; do
		run "$BUILD/server-epoll" --backend "$wrong"
		echo "$output"
		[ "$status" -eq 1 ]
		[[ "$output" == *"--backend: "*"$wrong"* ]]
	done
	run "$BUILD/server-epoll" --fetch-connections 100000000
	[ "$status" -eq 2 ]
	[[ "$output" == *"--fetch-connections: 100000000 is outside 0 to 65536"* ]]
	run "$BUILD/server-null" --backend 127.0.0.1:80
	[ "$status" -eq 2 ]
}
