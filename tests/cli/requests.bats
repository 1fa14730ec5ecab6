#!/usr/bin/env bats
# tenk-load's --requests FILE.
bats_require_minimum_version 1.5.0

load helpers
load truth

@test "the requests of a file are sent as it says, by their weights" {
	start_recorder
	cat >"$BATS_TEST_TMPDIR/requests" <<-END
		{"path": "/read?a=1", "weight": 3, "headers": {"x-kind": "reading", "Accept": "text/html"}}

		{"url": "http://127.0.0.1:$port/write", "body": "{\"n\": 1}"}
		{"method": "DELETE", "path": "/old"}
	END
	report=$BATS_TEST_TMPDIR/load.json
	run -0 "$LOAD" --connections 2 -n 300 --header "X-Kind: any" --requests "$BATS_TEST_TMPDIR/requests" --json "$report" \
		"http://127.0.0.1:$port/"
	[[ "$output" == *"a mix for"* ]]
	python3 - "$record" "$report" "$port" <<'END'
import json, sys

asked = [json.loads(line) for line in open(sys.argv[1])]
d = json.load(open(sys.argv[2]))
kinds = {}
for one in asked:
    kinds.setdefault((one["method"], one["target"]), []).append(one)
assert set(kinds) == {("GET", "/read?a=1"), ("POST", "/write"), ("DELETE", "/old")}, set(kinds)
assert all(one["headers"] == {"Host": f"127.0.0.1:{sys.argv[3]}", "x-kind": "reading", "Accept": "text/html"}
           for one in kinds["GET", "/read?a=1"])
assert all(one["body"] == '{"n": 1}' and one["headers"]["X-Kind"] == "any" for one in kinds["POST", "/write"])
# There are some more than 300, from before the window.
assert 180 <= len(kinds["GET", "/read?a=1"]) <= 180 + len(asked) - 300, (len(kinds["GET", "/read?a=1"]), len(asked))
assert [(m["request"], m["weight"]) for m in d["mix"]] == [("GET /read?a=1", 3), ("POST /write", 1), ("DELETE /old", 1)]
assert [m["good"] for m in d["mix"]] == [180, 60, 60]
assert [m["name"] for m in d["mix"]] == ["read-a-1", "post-write", "delete-old"]
END
}

# Each line of a file that is wrong, and what is said of it.
@test "a line that is wrong is named, with what would be right" {
	local wrong said

	while IFS='|' read -r wrong said; do
		printf '{"path": "/"}\n%s\n' "$wrong" >"$BATS_TEST_TMPDIR/requests"
		run -2 "$LOAD" --requests "$BATS_TEST_TMPDIR/requests" http://127.0.0.1:1/
		echo "$wrong: $output"
		[[ "$output" == *"/requests:2: $said"* ]]
	done <<-'END'
		{"path": "/"|it is no JSON object like
		[1]|it is no JSON object like
		{"method": "GET"}|it needs either "path" or "url"
		{"path": "/", "url": "http://127.0.0.1:1/"}|it needs either "path" or "url"
		{"path": "x"}|"path" has to begin with /
		{"path": "/a b"}|"path" has to begin with /
		{"url": "http://127.0.0.1:2/"}|"url" leads to another server than the command line's: all go to http://127.0.0.1:1
		{"path": "/", "weigth": 1}|"weigth" is no key: there are method, path or url
		{"path": "/", "weight": 0}|"weight" has to be a whole number from 1
		{"path": "/", "weight": "1"}|"weight" has to be a whole number from 1
		{"path": "/", "method": "GE T"}|method: "GE T" is not a method
		{"path": "/", "headers": {"a b": "c"}}|header: "a b: c" is not
		{"path": "/", "headers": {"a": 1}}|the value of header "a" has to be a string
		{"path": "/", "headers": {"Content-Length": "1"}}|header: Content-Length follows
		{"path": "/", "body": {}}|"body" has to be a string
		{"path": "/", "name": "a b"}|request: the name "a b" has to be of letters
		{"path": "/", "name": "root"}|request: two have the name "root"
		{"path": "/", "expect": {"state": "2xx"}}|"state" is no key: there are status, length
		{"path": "/", "expect": {"status": "2x"}}|"2x" is neither a status nor a class
		{"path": "/", "expect": {"length": -2}}|"length" has to be a number of bytes; -1: any
		{"path": "/", "expect": {"body": 7}}|"body" has to be a string
		{"path": "/", "expect": {"crc32": "xyz"}}|"xyz" is not up to eight hexadecimal digits
		{"url": "ftp://127.0.0.1/"}|"ftp://127.0.0.1/" cannot be loaded
	END
	: >"$BATS_TEST_TMPDIR/requests"
	run -2 "$LOAD" --requests "$BATS_TEST_TMPDIR/requests" http://127.0.0.1:1/
	[[ "$output" == *"it has no requests"* ]]
	run -2 "$LOAD" --requests "$BATS_TEST_TMPDIR/none" http://127.0.0.1:1/
	[[ "$output" == *"none: No such file"* ]]
	run -2 "$LOAD" --requests x "--request=1 GET /" http://127.0.0.1:1/
	[[ "$output" == *"use one"* ]]
}

@test "each line has its own good answer" {
	start_server "$BUILD/server-epoll"
	cat >"$BATS_TEST_TMPDIR/requests" <<-'END'
		{"path": "/plaintext", "name": "body", "expect": {"body": "Hello, World!"}}
		{"path": "/plaintext", "name": "other-body", "expect": {"body": "Hello, Moon!!"}}
		{"path": "/plaintext", "name": "crc32", "expect": {"crc32": "ec4ac3d0"}}
		{"path": "/plaintext", "name": "other-crc32", "expect": {"crc32": "ec4ac3d1"}}
		{"path": "/plaintext", "name": "length", "expect": {"length": 13}}
		{"path": "/plaintext", "name": "other-length", "expect": {"length": 14}}
		{"path": "/plaintext", "name": "any-length", "expect": {"length": -1}}
		{"path": "/plaintext", "name": "header", "expect": {"header": "Content-Type: text/plain"}}
		{"path": "/plaintext", "name": "other-header", "expect": {"header": "Content-Type: text/html"}}
		{"path": "/nowhere", "name": "status", "expect": {"status": "4xx"}}
		{"path": "/nowhere", "name": "other-status"}
	END
	report=$BATS_TEST_TMPDIR/load.json
	run -1 "$LOAD" --connections 2 -n 220 --requests "$BATS_TEST_TMPDIR/requests" --json "$report" "http://127.0.0.1:$port/"
	[[ "$output" == *"status"*"200: "*", 404: "* ]]
	run -0 json "$report" '{m["name"]: m["good"] for m in d["mix"] if not m["name"].startswith("other-")}'
	[ "$output" = "{'body': 20, 'crc32': 20, 'length': 20, 'any-length': 20, 'header': 20, 'status': 20}" ]
	run -0 json "$report" '{m["name"]: (m["good"], [c for c, n in m["errors_by_class"].items() if n]) for m in d["mix"] if m["name"].startswith("other-")}'
	[ "$output" = "{'other-body': (0, ['body']), 'other-crc32': (0, ['body']), 'other-length': (0, ['length']), 'other-header': (0, ['header']), 'other-status': (0, ['status'])}" ]
}
