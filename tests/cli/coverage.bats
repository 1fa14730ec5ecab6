#!/usr/bin/env bats
# scripts/coverage before a small tree: what it demands, and which lines it names.
# bats file_tags=source
bats_require_minimum_version 1.5.0

load helpers

# Three folders with a function of ten lines each, and a test that runs them with those arguments.
setup() {
	command -v gcovr >/dev/null || skip "gcovr is not installed (scripts/install-deps coverage)"
	tree=$BATS_TEST_TMPDIR/tree
	export BUILD=build/coverage
	mkdir -p "$tree"/{scripts,lib,stored,loadgen,tests,build/coverage/{lib,stored,loadgen}}
	cp scripts/coverage "$tree/scripts"
	for folder in lib stored loadgen; do
		{
			echo "int $folder(int a);"
			echo "int $folder(int a)"
			echo '{'
			printf '\ta++;\n%.0s' 1 2 3 4 5 6 7
			printf '\tif (a == 7)\n\t\treturn 1;\n\treturn 0;\n}\n'
		} >"$tree/$folder/planted.c"
		(cd "$tree" && gcc --coverage -O0 -c -o "build/coverage/$folder/planted.o" "$folder/planted.c")
	done
	{
		echo 'int lib(int), stored(int), loadgen(int);'
		echo 'int main(int argc, char **argv) { (void)argv; lib(0); lib(1); stored(0); stored(1);'
		echo 'if (argc > 1) { loadgen(0); loadgen(1); } return 0; }'
	} >"$tree/tests/planted.c"
	(cd "$tree" && gcc --coverage -o build/coverage/planted tests/planted.c build/coverage/*/planted.o)
	# shellcheck disable=SC2016 # the script's
	printf '#!/bin/sh\n"$BUILD/planted" %s\nexit %s\n' '${WHOLE:+1}' '${CODE:-0}' >"$tree/scripts/run-tests"
	chmod +x "$tree/scripts/run-tests"
}

@test "where tests run all that is wanted, it is well, and each folder has its share" {
	WHOLE=1 run -0 "$tree/scripts/coverage"
	for folder in lib stored loadgen; do
		grep -qE "^$folder +100.0% \(([0-9]+) out of \1\)$" <<<"$output"
	done
	[ -s "$tree/build/coverage/lines/index.html" ]
}

@test "a folder of which too little is run is said, with the lines" {
	run -1 "$tree/scripts/coverage"
	grep -qE "^loadgen +0.0% \(0 out of [0-9]+\), at least 90 % are wanted$" <<<"$output"
	grep -qE "^lib +100.0% \(([0-9]+) out of \1\)$" <<<"$output"
	grep -qE "^loadgen/planted.c .*4-1" "$tree/build/coverage/lines/lines.txt"
}

@test "what was counted is kept where tests are named, and begun anew where none are" {
	WHOLE=1 run -0 "$tree/scripts/coverage"
	run -0 "$tree/scripts/coverage" one
	run -1 "$tree/scripts/coverage"
}

@test "a test that fails makes it fail, though all was run" {
	WHOLE=1 CODE=1 run -1 "$tree/scripts/coverage"
	grep -qE "^loadgen +100.0%" <<<"$output"
}

@test "a build that counts nothing is said" {
	rm -r "$tree/build"
	run -1 "$tree/scripts/coverage"
	[[ "$output" == *"make COVERAGE=1 test-programs"* ]]
}
