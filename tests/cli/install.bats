#!/usr/bin/env bats
# What scripts/install-deps asks a distribution for. Its programs are stand-ins here: they know the
# packages of AVAILABLE, note what is installed, and find apt's lock held as often as `locked` says.
# bats file_tags=source
bats_require_minimum_version 1.5.0

load helpers

stand_in() {
	printf '#!/bin/sh\n%s\n' "$2" >"$BATS_TEST_TMPDIR/bin/$1"
	chmod +x "$BATS_TEST_TMPDIR/bin/$1"
}

# shellcheck disable=SC2016 # they expand it, not we
setup() {
	mkdir "$BATS_TEST_TMPDIR/bin"
	export CALLS=$BATS_TEST_TMPDIR/calls
	stand_in dpkg-query 'for last; do :; done
		[ "$last" != llhttp ] && [ "$last" != libllhttp-dev ] &&
		echo "install ok installed"'
	stand_in pkg-config 'exit 1'
	stand_in npm 'exit 0'
	stand_in id 'echo 0'
	stand_in sleep 'exit 0'
	stand_in apt-cache 'case " $AVAILABLE " in *" $2 "*) exit 0 ;; esac; exit 100'
	stand_in apt-get 'echo "$*" >>"$CALLS"
		if [ -s "$CALLS.locked" ]; then
			sed -i 1d "$CALLS.locked"
			echo "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7 (apt)" >&2
			exit 100
		fi
		[ ! -e "$CALLS.fails" ]'
	PATH=$BATS_TEST_TMPDIR/bin:$PATH
	export LLHTTP_DIR=$BATS_TEST_TMPDIR/nowhere
}

@test "llhttp comes as a library where there is one, else as the sources of node-llhttp" {
	AVAILABLE="libllhttp-dev node-llhttp" run scripts/install-deps build
	[ "$status" -eq 0 ]
	[[ "$output" == "Installing: libllhttp-dev" ]]
	grep -q 'install .*libllhttp-dev$' "$CALLS"
	AVAILABLE="node-llhttp" run scripts/install-deps build
	[[ "$output" == "Installing: node-llhttp" ]]
	grep -q 'install .*node-llhttp$' "$CALLS"
}

@test "node-llhttp without C sources is not enough, and with them all is there" {
	AVAILABLE="libllhttp-dev node-llhttp" run scripts/install-deps build
	[[ "$output" == "Installing: libllhttp-dev" ]]
	mkdir "$LLHTTP_DIR"
	touch "$LLHTTP_DIR/llhttp.c"
	AVAILABLE="node-llhttp" run scripts/install-deps build
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "apt's lock is waited for, with a word" {
	printf '1\n2\n' >"$CALLS.locked"
	AVAILABLE="libllhttp-dev" run scripts/install-deps build
	[ "$status" -eq 0 ]
	[[ "$output" == *"held by process 7"*"Another program is using apt: trying again"* ]]
	[ "$(wc -l <"$CALLS")" -eq 3 ]
	[ "$(grep -c 'DPkg::Lock::Timeout=[1-9]' "$CALLS")" -eq 3 ]
}

@test "what cannot be installed fails after one update of the lists" {
	touch "$CALLS.fails"
	AVAILABLE="libllhttp-dev" run scripts/install-deps build
	[ "$status" -ne 0 ]
	[ "$(wc -l <"$CALLS")" -eq 2 ]
	grep -q ' update$' "$CALLS"
}

@test "what installs the servers of other people has what it runs on" {
	mkdir "$LLHTTP_DIR"
	touch "$LLHTTP_DIR/llhttp.c"
	run scripts/install-deps reference
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	run make -n reference
	[[ "$output" == *"scripts/install-deps reference"*"scripts/install-reference"* ]]
}

@test "of other people's servers, what cannot be had is told, and the others are installed and built" {
	mkdir "$BATS_TEST_TMPDIR/go" "$BATS_TEST_TMPDIR/wrong" "$BATS_TEST_TMPDIR/ws"
	touch "$BATS_TEST_TMPDIR/ws/package-lock.json"
	cat >"$BATS_TEST_TMPDIR/list.json" <<END
{"servers": [
	{"name": "epoll", "missing": null},
	{"name": "there", "missing": "x", "packages": {"debian": ["libllhttp-dev"], "npm": null, "build": [], "folder": "/"}},
	{"name": "unknown", "missing": "x", "packages": {"debian": ["llhttp"], "npm": null, "build": [], "folder": "/"}},
	{"name": "go", "missing": "x", "packages": {"debian": [], "npm": null, "build": ["sh", "-c", "echo 'a b' >built/it"],
		"folder": "$BATS_TEST_TMPDIR/go"}},
	{"name": "wrong", "missing": "x", "packages": {"debian": [], "npm": null, "build": ["sh", "-c", "echo first; echo it needs more >&2; exit 1"],
		"folder": "$BATS_TEST_TMPDIR/wrong"}},
	{"name": "ws", "missing": "x", "packages": {"debian": [], "npm": "$BATS_TEST_TMPDIR/ws", "build": [], "folder": "/"}},
	{"name": "ws/other", "missing": "x", "packages": {"debian": [], "npm": "$BATS_TEST_TMPDIR/ws", "build": [], "folder": "/"}}]}
END
	# shellcheck disable=SC2016 # it expands that, not we
	stand_in tenk 'cat "$(dirname "$0")/../list.json"'
	stand_in npm 'exit 1'
	stand_in tee 'cat >/dev/null'
	stand_in rm 'case "$*" in *policy*) ;; *) exec /bin/rm "$@" ;; esac'
	stand_in chmod 'exit 0'
	export BUILD=$BATS_TEST_TMPDIR/bin AVAILABLE=libllhttp-dev
	run scripts/install-reference
	[ "$status" -eq 0 ]
	[[ "$output" == *"Installing: libllhttp-dev"* ]]
	[[ "$output" == *"there: apt-get could not install libllhttp-dev"* ]]
	[[ "$output" == *"unknown: this distribution has no package llhttp"* ]]
	[[ "$output" == *"ws: npm could not install what $BATS_TEST_TMPDIR/ws/package-lock.json says"* ]]
	[[ "$output" == *"wrong: it could not be built: it needs more"* ]]
	[ "$(cat "$BATS_TEST_TMPDIR/go/built/it")" = "a b" ]
	[ ! -e "$BATS_TEST_TMPDIR/wrong/built" ]
	run scripts/install-reference go wrong
	[ "$status" -eq 1 ]
	[[ "$output" != *"ws:"* ]]
	run scripts/install-reference go
	[ "$status" -eq 0 ]
	[[ "$output" != *Skipped* ]]
	run scripts/install-reference nobody
	[ "$status" -eq 2 ]
}

@test "--with is refused unless it is known" {
	run scripts/install-deps build --with nonsense
	[ "$status" -eq 2 ]
	[[ "$output" == usage:*"--with reference"* ]]
	run scripts/install-deps --with
	[ "$status" -eq 2 ]
}
