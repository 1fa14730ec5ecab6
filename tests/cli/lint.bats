#!/usr/bin/env bats
# Each linter sees a mistake that was planted for it; and one that is not installed is no good news.
# bats file_tags=source
bats_require_minimum_version 1.5.0

load helpers

# A tree of which a test may spoil the few files that it has of its own.
setup() {
	tree=$BATS_TEST_TMPDIR/tree
	mkdir -p "$tree"/{lib,loadgen,stored,report,harness,servers,tests,.ci,scenarios,docs,results}
	cp -r scripts "$tree"
	cp .clang-format .clang-tidy .yamllint "$tree"
	cp .ci/run "$tree/.ci"
	plant lib/planted.c '#include "lib/planted.h"' '' 'int planted_sum(int a, int b)' '{' '	return a + b;' '}'
	plant lib/planted.h '#ifndef LIB_PLANTED_H' '#define LIB_PLANTED_H' '' '/* The sum. */' \
		'int planted_sum(int a, int b);' '' '#endif'
	plant docs/planted.md '# What is planted' '' 'See [the heading](#what-is-planted).'
	plant README.md 'See [what is planted](docs/planted.md#what-is-planted).'
	plant results/SCHEMA.md 'See [what is planted](../docs/planted.md).'
	plant scenarios/planted.yaml 'title: What is planted?' 'trials: 5'
}

# Writes a file of the tree, line by line.
plant() {
	printf '%s\n' "${@:2}" >"$tree/$1"
}

# Skips without the linter's tool, else finds the tree clean.
clean() {
	command -v "$2" >/dev/null || skip "$2 is not installed (scripts/install-deps lint)"
	run -0 "$tree/scripts/lint" "$1"
	[[ "$output" == *"nothing is wrong: $1" ]]
}

finds() {
	run -1 "$tree/scripts/lint" "$1"
	[[ "$output" == *"$2"*"something is wrong: $1"* ]] || {
		echo "expected: $2"
		echo "said: $output"
		return 1
	}
}

@test "layout: a line that is not where it belongs is found, and --fix moves it" {
	clean layout clang-format
	plant lib/planted.c '#include "lib/planted.h"' 'int planted_sum(int a,int b) { return a+b; }'
	finds layout lib/planted.c:2
	"$tree/scripts/lint" --fix
	"$tree/scripts/lint" layout
}

@test "cppcheck: a read behind an array is found" {
	clean cppcheck cppcheck
	plant lib/planted.c '#include "lib/planted.h"' 'int planted_sum(int a, int b)' '{' \
		'	int both[2] = {a, b};' '	return both[0] + both[2];' '}'
	finds cppcheck "lib/planted.c:5"
}

@test "tidy: a copy without bounds and a string without its comma are found, and found again" {
	clean_tree_of_make
	clean tidy clang-tidy
	plant lib/planted.c '#include <string.h>' '#include "lib/planted.h"' \
		'static const char *const names[] = {"a", "b", "c", "d" "e", "f", "g", "h", "i"};' \
		'int planted_sum(int a, int b)' '{' '	char copy[4];' '' \
		'	strcpy(copy, names[a]);' '	return copy[0] + b;' '}'
	finds tidy bugprone-suspicious-missing-comma
	finds tidy insecureAPI.strcpy
}

@test "tidy: a header's mistake is found though the file that includes it is as it was" {
	clean_tree_of_make
	clean tidy clang-tidy
	plant lib/planted.h '#ifndef LIB_PLANTED_H' '#define LIB_PLANTED_H' 'int planted_sum(int a, int b);' \
		'static const char *const planted[] = {"a", "b", "c", "d" "e", "f", "g", "h", "i"};' '#endif'
	finds tidy "lib/planted.h:4"
}

# A Makefile that compiles the planted file, as ours says it.
clean_tree_of_make() {
	plant Makefile 'test-programs: lib/planted.o' '%.o: %.c' \
		"	cc -std=gnu17 -Wall -I. -DNAME='\"planted\"' -MMD -MP -c -o \$@ \$<"
}

@test "shell: a word that falls apart is found, in a script and in a test" {
	clean shell shellcheck
	# shellcheck disable=SC2016 # the script's
	plant scripts/planted '#!/bin/sh' 'rm $1'
	finds shell SC2086
	rm "$tree/scripts/planted"
	# shellcheck disable=SC2016 # the test's
	plant tests/planted.bats '#!/usr/bin/env bats' '@test "a" {' '	rm $1' '}'
	finds shell SC2086
}

@test "yaml: what cannot be read, and a key that is there twice, are found" {
	clean yaml yamllint
	plant scenarios/planted.yaml 'title: What is planted?' 'trials: 5' 'trials: 6'
	finds yaml 'duplication of key "trials"'
	plant scenarios/planted.yaml 'title: [What'
	finds yaml "syntax error"
	rm "$tree/scenarios/planted.yaml"
	mkdir -p "$tree/.github"
	plant .github/planted.yml 'a: b: c'
	finds yaml ".github/planted.yml"
}

@test "links: one to a file and one to a heading that are not there are found, however it is written" {
	clean links python3
	local link

	for link in '[there](docs/nowhere.md)' '[there](docs/planted.md#nowhere)' '[there](nowhere.md "title")' \
		'<img src="nowhere.svg">' '[there]: nowhere.md'; do
		plant README.md "$link"
		finds links "README.md: links to "
	done
	plant README.md 'Nothing.'
	plant CONTRIBUTING.md '[there](nowhere.md)'
	finds links "CONTRIBUTING.md: links to nowhere.md"
}

@test "spelling: a word that is often misspelled is found, in a document and in a comment" {
	clean spelling codespell
	plant docs/planted.md "It is rec""ieved."
	finds spelling docs/planted.md:1
	rm "$tree/docs/planted.md"
	plant lib/planted.h "/* It is rec""ieved. */"
	finds spelling lib/planted.h:1
}

@test "a linter that is not installed is said, and what installs it" {
	mkdir "$BATS_TEST_TMPDIR/bin"
	for tool in bash dirname find grep sort; do
		ln -s "$(command -v "$tool")" "$BATS_TEST_TMPDIR/bin"
	done
	for one in layout:clang-format cppcheck:cppcheck tidy:clang-tidy shell:shellcheck yaml:yamllint spelling:codespell; do
		PATH=$BATS_TEST_TMPDIR/bin finds "${one%:*}" "${one#*:} is not installed; \`scripts/install-deps lint\` does that"
	done
}

@test "a linter that there is not is not taken for a clean one" {
	run -2 "$tree/scripts/lint" riting
	[[ "$output" == *"there is no riting; there are layout includes"* ]]
}
