#!/usr/bin/env bats
# What shells offer when a word of a command line has been begun.
bats_require_minimum_version 1.5.0

load helpers

offered() {
	"$TENK" --complete "$@" | cut -f 1
}

@test "commands, options, and values of options that are here" {
	[ "$(offered ru)" = run ]
	[ "$(offered run --until)" = --until-decided ]
	[ "$(offered run --servers=ep | head -1)" = --servers=epoll ]
	[ "$(offered run --servers ep | head -1)" = epoll ]
	[ "$(offered run --servers epoll,libm | head -1)" = epoll,libmicrohttpd ]
	[ "$(offered run -s mod)" = models ]
	[ "$(offered run qui)" = quick ]
	offered compare --bas | grep -qx -- --base=
	[ "$(offered history --metrics=requests_per_s,server_cpu_per_req | head -1)" = --metrics=requests_per_s,server_cpu_per_request_ns ]
	"$TENK" --complete run --json | grep -q "$(printf '^--json\tprint')"
}

@test "claims and scenarios where claims are measured, and the runs that are here" {
	[ "$(offered claims run thread-costs-2mb | head -1)" = thread-costs-2mb ]
	offered claims run thr | grep -qx threads-cost
	mkdir -p "$BATS_TEST_TMPDIR/results/one" && echo '{}' >"$BATS_TEST_TMPDIR/results/one/run.json"
	mkdir "$BATS_TEST_TMPDIR/results/none"
	tenk=$(realpath "$TENK")
	cd "$BATS_TEST_TMPDIR"
	[ "$("$tenk" --complete report res | cut -f 1)" = results/one ]
	[ "$("$tenk" --complete run --resume=res | cut -f 1)" = --resume=results/one ]
}

@test "what nothing is known of is left to the shell, and nobody fails" {
	[ -z "$(offered run --out x)" ]
	[ -z "$(offered nothing x)" ]
	[ "$(offered | wc -l)" -ge 8 ]
	[ "$("$BUILD/tenk-load" --complete --burs | cut -f 1)" = --burst ]
}

# in_bash LINE: what bash puts in the place of the word at the end of that line.
in_bash() {
	PATH=$(realpath "$BUILD"):$PATH bash -c '
		source completions/tenk.bash
		COMP_LINE=$1 COMP_POINT=${#1}
		_tenk tenk
		printf "%s\n" "${COMPREPLY[@]}"' bash "$1"
}

@test "bash" {
	[ "$(in_bash 'tenk ru')" = run ]
	[ "$(in_bash 'tenk run --until')" = --until-decided ]
	[ "$(in_bash 'tenk run --servers=epoll,libm' | head -1)" = epoll,libmicrohttpd ]
	[ "$(in_bash 'tenk run --servers libm' | head -1)" = libmicrohttpd ]
	[ "$(in_bash 'tenk run qui')" = quick ]
	[ "$(in_bash 'tenk history --metrics latency_p99_n' | head -1)" = latency_p99_ns ]
	in_bash 'tenk run ' | grep -qx hello
}

@test "zsh" {
	command -v zsh >/dev/null || skip 'zsh is not there'
	# Its completion needs a terminal: what it is told to add is printed here.
	in_zsh() {
		PATH=$(realpath "$BUILD"):$PATH zsh -f -c 'compadd() { while [[ $1 != -- ]]; do shift; done; shift; (( $# )) && print -l -- "$@"; return 0 }
			_files() { print files }
			words=("$@"); CURRENT=$#words
			complete_it() { '"$(cat completions/_tenk)"' }
			complete_it' zsh "$@"
	}
	[ "$(in_zsh tenk ru)" = run ]
	[ "$(in_zsh tenk run --until)" = --until-decided ]
	[ "$(in_zsh tenk run --servers=epoll,libm | head -1)" = --servers=epoll,libmicrohttpd ]
	[ "$(in_zsh tenk run --out x)" = files ]
	[ "$(in_zsh tenk history --metrics=latency_p99_n | head -1)" = --metrics=latency_p99_ns ]
	in_zsh tenk run '' | grep -qx hello
}

@test "fish" {
	command -v fish >/dev/null || skip 'fish is not there'
	in_fish() {
		PATH=$(realpath "$BUILD"):$PATH HOME=$BATS_TEST_TMPDIR fish --no-config -c "source completions/tenk.fish; complete -C '$1'" | cut -f 1
	}
	[ "$(in_fish 'tenk ru')" = run ]
	[ "$(in_fish 'tenk run --until')" = --until-decided ]
	[ "$(in_fish 'tenk run --servers libm' | head -1)" = libmicrohttpd ]
	[ "$(in_fish 'tenk history --metrics latency_p99_n' | head -1)" = latency_p99_ns ]
	in_fish 'tenk run ' | grep -qx hello
}
