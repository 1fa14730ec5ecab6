#!/usr/bin/env bats
# The manual's pages.
bats_require_minimum_version 1.5.0

load helpers

setup_file() {
	export PAGES=${PAGES:-$BATS_FILE_TMPDIR/man} # those of an installed copy
	if [ ! -d "$PAGES" ] && command -v help2man >/dev/null && command -v lowdown >/dev/null; then
		scripts/manual "$PAGES"
	fi
}

setup() {
	[ -d "$PAGES" ] || skip 'help2man and lowdown are not there'
}

@test "every command has a page, and every option of its help is in it" {
	for command in $("$TENK" --complete '' | cut -f 1); do
		[ -s "$PAGES/man1/tenk-$command.1" ]
		for option in $("$TENK" "$command" --complete -- | cut -f 1); do
			sed 's/\\-/-/g' "$PAGES/man1/tenk-$command.1" | grep -qF -- "${option%=}" || { echo "tenk-$command.1 lacks $option" && false; }
		done
	done
	[ -s "$PAGES/man1/tenk.1" ] && [ -s "$PAGES/man1/tenk-load.1" ]
	[ -s "$PAGES/man5/tenk-scenarios.5" ] && [ -s "$PAGES/man5/tenk-results.5" ] && [ -s "$PAGES/man7/tenk-method.7" ]
	[ -s "$PAGES/man7/tenk.7" ]
}

@test "mandoc has nothing to complain of in any page" {
	command -v mandoc >/dev/null || skip 'mandoc is not there'
	for page in "$PAGES"/man*/*; do
		mandoc -Tlint -Wwarning "$page"
		mandoc -Tutf8 "$page" >"$BATS_TEST_TMPDIR/shown"
	done
}

@test "pages hold nothing of the machine that wrote them" {
	run ! grep -rlF -e "$(uname -r)" "$PAGES/man1"
	grep -q "tenk $("$TENK" --version | sed -n '1s/^tenk //p')\"" "$PAGES/man1/tenk.1"
}

@test "pages say what they are about in a line" {
	for page in "$PAGES"/man*/*; do
		sed -n '/^\.SH NAME/{n;p;}' "$page" | grep -qE '^tenk[a-z-]* (\\-|\\\\-) .{15}'
	done
}

@test "the overview has every model, and leads to every other page but those of commands" {
	sed 's/\\-/-/g' "$PAGES/man7/tenk.7" >"$BATS_TEST_TMPDIR/overview"
	for model in $("$TENK" list --json | python3 -c 'import json, sys
print(*(s["name"] for s in json.load(sys.stdin)["servers"] if s["own"] and "/" not in s["name"]))'); do
		grep -qwF -- "$model" "$BATS_TEST_TMPDIR/overview" || { echo "$model is missing" && false; }
	done
	for page in tenk-load.1 tenk-scenarios.5 tenk-results.5 tenk-method.7; do
		grep -qF "${page%.*}(${page#*.})" "$BATS_TEST_TMPDIR/overview" || { echo "$page is missing" && false; }
	done
}
