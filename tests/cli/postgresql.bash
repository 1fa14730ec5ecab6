# A PostgreSQL of a test file's own: setup_file and teardown_file make and remove it, setup skips without.

# Debian keeps the programs of each version in a folder of its own.
find_postgresql() {
	local initdb

	initdb=$(command -v initdb || compgen -G "/usr/lib/postgresql/*/bin/initdb" | tail -1)
	[ -n "$initdb" ] && dirname "$(readlink -f "$initdb")"
}

# It does not run as root.
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
	export CLUSTER CLUSTER_PROGRAMS=$programs
	CLUSTER=$(mktemp -d /tmp/tenk-cluster.XXXXXX) # short: the path of a socket has 107 bytes at most
	chmod 755 "$CLUSTER"
	[ "$(id -u)" != 0 ] || chown nobody "$CLUSTER"
	unprivileged "$programs/initdb" -D "$CLUSTER/data" -U tenk -A trust -N -E UTF8 --locale C >"$CLUSTER.log" 2>&1 ||
		cat "$CLUSTER.log"
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
