# Three machines in one: network namespaces that are joined by a bridge, each with an sshd of its own, a name of its
# own and clocks of its own, some of which run ahead by hours. Needs root. What is made is taken away again.

# Of one name for all that this test made.
export PREFIX=${PREFIX:-tenk$$}
HOSTS='a b s'
declare -gA ADDRESS=([a]=10.77.0.2 [b]=10.77.0.3 [s]=10.77.0.1)
# Seconds that CLOCK_MONOTONIC of each is ahead of this machine's.
declare -gA AHEAD=([a]=5000 [b]=90000 [s]=0)

make_bridge() {
	ip netns add "$PREFIX-bridge"
	ip -n "$PREFIX-bridge" link add bridge0 type bridge
	ip -n "$PREFIX-bridge" link set bridge0 up
}

# make_host NAME: a namespace with an interface eth0, and an sshd that root may log in at by the test's key.
make_host() {
	local name=$1 namespace=$PREFIX-$1 folder=$BATS_FILE_TMPDIR/$1

	mkdir -p "$folder"
	ip netns add "$namespace"
	ip link add "$PREFIX$name" netns "$PREFIX-bridge" type veth peer name eth0 netns "$namespace"
	ip -n "$PREFIX-bridge" link set "$PREFIX$name" master bridge0 up
	ip -n "$namespace" address add "${ADDRESS[$name]}/24" dev eth0
	ip -n "$namespace" link set eth0 up
	ip -n "$namespace" link set lo up
	cat >"$folder/sshd_config" <<-END
		ListenAddress ${ADDRESS[$name]}
		Port 22
		HostKey $BATS_FILE_TMPDIR/key
		AuthorizedKeysFile $BATS_FILE_TMPDIR/key.pub
		PidFile $folder/sshd.pid
		StrictModes no
		UsePAM no
		PermitRootLogin yes
		MaxStartups 100
	END
	ip netns exec "$namespace" unshare --uts --time --monotonic "${AHEAD[$name]}" --fork sh -c \
		"hostname $name; mkdir -p /run/sshd; exec /usr/sbin/sshd -D -f '$folder/sshd_config'" \
		>"$folder/sshd.log" 2>&1 3>&- &
	eventually test -s "$folder/sshd.pid"
}

make_network() {
	ssh-keygen -q -t ed25519 -N '' -f "$BATS_FILE_TMPDIR/key"
	cat >"$BATS_FILE_TMPDIR/ssh_config" <<-END
		Host *
		IdentityFile $BATS_FILE_TMPDIR/key
		StrictHostKeyChecking no
		UserKnownHostsFile /dev/null
		LogLevel ERROR
		User root
	END
	make_bridge
	for host in $HOSTS; do
		make_host "$host"
	done
}

remove_network() {
	for host in $HOSTS; do
		if [ -s "$BATS_FILE_TMPDIR/$host/sshd.pid" ]; then
			kill "$(cat "$BATS_FILE_TMPDIR/$host/sshd.pid")" || true
		fi
		# Whatever a test left on that machine.
		ip netns pids "$PREFIX-$host" 2>/dev/null | xargs -r kill -9 2>/dev/null || true
		ip netns delete "$PREFIX-$host" || true
	done
	ip netns delete "$PREFIX-bridge" || true
}

# on HOST COMMAND...: as a process of that machine; what it is told to be by its namespaces.
on() {
	local host=$1 sshd

	shift
	sshd=$(cat "$BATS_FILE_TMPDIR/$host/sshd.pid")
	nsenter --target "$sshd" --net --uts --time "$@"
}

# start_on HOST COMMAND...: the same in the background, as this subshell.
start_on() {
	local host=$1

	shift
	exec nsenter --target "$(cat "$BATS_FILE_TMPDIR/$host/sshd.pid")" --net --uts --time "$@"
}
