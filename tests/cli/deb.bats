#!/usr/bin/env bats
# What debian/ says that something else here says too. (That packages can be built, installed and removed,
# `make check-deb` shows.)
# bats file_tags=source
bats_require_minimum_version 1.5.0

load helpers

# The packages of Build-Depends, without versions, alternatives and restrictions.
build_depends() {
	sed -n '/^Build-Depends:/,/^$/p' debian/control | sed '/^$/d; s/^Build-Depends: */ /; s/^ *//; s/[ ,(].*//' | sort
}

@test "the packages are built with what scripts/install-deps says" {
	# Every Debian system that builds packages has the first; lintian judges when they are built.
	scripts/install-deps deb --list | grep -vxE 'gcc|make|libc6-dev|build-essential|lintian' |
		sed 's/^llhttp$/libllhttp-dev/; s/^debhelper$/debhelper-compat/; s/^pkg-config$/pkgconf/' | sort >"$BATS_TEST_TMPDIR/wanted"
	build_depends >"$BATS_TEST_TMPDIR/said"
	[ -s "$BATS_TEST_TMPDIR/said" ]
	diff "$BATS_TEST_TMPDIR/wanted" "$BATS_TEST_TMPDIR/said"
}

@test "the packages have the version of the programs" {
	[ "$(sed -n '1s/^tenk (\(.*\)) .*/\1/p' debian/changelog)" = "$("$TENK" --version | cut -d ' ' -f 2)" ]
}

@test "what is not committed is no package, and where nothing is, how to build one is said" {
	mkdir "$BATS_TEST_TMPDIR/scripts"
	cp scripts/deb "$BATS_TEST_TMPDIR/scripts"
	GIT_CEILING_DIRECTORIES=$(dirname "$BATS_TEST_TMPDIR") run "$BATS_TEST_TMPDIR/scripts/deb" 0
	[ "$status" -eq 1 ]
	[[ "$output" == *"dpkg-buildpackage -us -uc -b"* ]]
}
