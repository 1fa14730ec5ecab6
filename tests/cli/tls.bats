#!/usr/bin/env bats
# tenk-load with https://, against servers of other people: nginx and Node.js.
# bats file_tags=alone
bats_require_minimum_version 1.5.0

load helpers

setup() {
	command -v openssl >/dev/null || skip "openssl is not installed (scripts/install-deps check)"
	folder=$BATS_TEST_TMPDIR
	report=$folder/load.json
	certify good -days 2
}

teardown() {
	[ -z "${pid-}" ] || kill "$pid" 2>/dev/null || true
	[ -z "${pid-}" ] || wait "$pid" 2>/dev/null || true
}

# NAME.key and NAME.pem: signed by itself, for "localhost" and for no address.
certify() {
	local name=$1
	shift
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$folder/$name.key" \
		-out "$folder/$name.csr" -subj /CN=localhost -addext subjectAltName=DNS:localhost 2>/dev/null
	openssl x509 -req -in "$folder/$name.csr" -signkey "$folder/$name.key" -copy_extensions copy \
		-out "$folder/$name.pem" "$@" 2>/dev/null
}

# start_nginx [PROTOCOL [CERTIFICATE]]: sets port and pid. "r" in its log: on a resumed session.
start_nginx() {
	command -v nginx >/dev/null || skip "nginx is not installed (make reference)"
	port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	cat >"$folder/nginx.conf" <<-END
		daemon off;
		pid nginx.pid;
		worker_processes 1;
		events { worker_connections 2048; }
		http {
			log_format seen '\$connection \$ssl_session_reused \$ssl_server_name \$ssl_protocol';
			access_log seen.log seen;
			client_body_temp_path body;
			proxy_temp_path proxy;
			fastcgi_temp_path fastcgi;
			uwsgi_temp_path uwsgi;
			scgi_temp_path scgi;
			keepalive_requests 1000000;
			server {
				listen 127.0.0.1:$port ssl;
				ssl_protocols ${1:-TLSv1.3};
				ssl_certificate ${2:-good}.pem;
				ssl_certificate_key ${2:-good}.key;
				ssl_session_cache shared:sessions:1m;
				location / { default_type text/plain; return 200 "hello"; }
			}
		}
	END
	nginx -e stderr -p "$folder" -c "$folder/nginx.conf" 2>"$folder/nginx.err" 3>&- &
	pid=$!
	eventually curl -sk -m 5 -o /dev/null "https://localhost:$port/from-curl"
	eventually test -s "$folder/seen.log"
	: >"$folder/seen.log"
}

start_node() {
	command -v node >/dev/null || skip "Node.js is not installed (make reference)"
	node tests/cli/tls.js "$folder/good.key" "$folder/good.pem" \
		>"$folder/port" 2>"$folder/node.err" 3>&- &
	pid=$!
	eventually test -s "$folder/port"
	port=$(cat "$folder/port")
}

# load PATH [OPTION...]: the report in $report, what was said in `output`, and `status`.
load_https() {
	local path=$1
	shift
	run "$LOAD" --warmup 0s --timeout 20s --json "$report" "$@" "https://localhost:$port$path"
}

trusted() {
	load_https "$@" --tls-ca "$folder/good.pem"
}

# Whether an expression over the report `d` holds.
holds() {
	[ "$(json "$report" "$1")" = True ] || {
		echo "$1 does not hold for $(json "$report" '{k: d[k] for k in ("tls", "errors", "failures", "requests")}')"
		echo "$output"
		return 1
	}
}

@test "nginx answers over TLS on 1 and on 64 connections, verified, with SNI" {
	start_nginx
	for n in 1 64; do
		: >"$folder/seen.log"
		trusted /one --connections "$n" --threads "$((1 + (n > 1)))" -n 2000
		[ "$status" -eq 0 ]
		holds 'd["requests"]["good"] == 2000 and not d["failures"] and d["target"]["scheme"] == "https"'
		holds "d['tls']['handshakes_full'] == $n == d['tls']['full']['count'] == d['connect']['count']"
		holds 'd["tls"]["resumed"] is None and d["tls"]["verified"] and d["tls"]["agreed"].startswith("TLSv1.3 TLS_")'
		[[ "$output" == *"TLSv1.3 "*"$n full and 0 resumed handshakes"*"kTLS to send: "* ]]
		eventually test "$(wc -l <"$folder/seen.log")" -ge 2000
		[ "$(awk '{print $3}' "$folder/seen.log" | sort -u)" = localhost ]
		[ "$(awk '{print $1}' "$folder/seen.log" | sort -u | wc -l)" -eq "$n" ]
	done
	python3 - "$report" <<-END
		import json, jsonschema, sys
		jsonschema.validate(json.load(open(sys.argv[1])), json.load(open("results/schema/load.json")))
	END
}

@test "an open loop, pipelining and a slow crowd go through TLS as well" {
	start_nginx
	trusted /rate --connections 16 --rate 500 --duration 1s
	[ "$status" -eq 0 ]
	holds 'd["requests"]["good"] == d["requests"]["due"] == 500 and d["read_lateness"]["count"] == 500'
	trusted /pipelined --connections 4 --pipelining 16 -n 5000
	[ "$status" -eq 0 ]
	holds 'd["requests"]["good"] == 5000'
	trusted /crowd --connections 4 --idle 20 --slow-readers 3 --slow-writers 3 --slow-rate 2000 --duration 1s
	[ "$status" -eq 0 ]
	holds 'd["crowd"]["idle_open"] == 20 and d["crowd"]["slow_answers"] > 0 and d["crowd"]["slow_cut"] == 0'
}

# churn VERSION: connections come and go; nginx itself says which of them were resumed.
churn() {
	start_nginx "$1"
	trusted /kept --connections 8 --requests-per-connection 5 -n 1000
	[ "$status" -eq 0 ]
	holds 'd["requests"]["good"] == 1000 and d["load"]["close"] == "fin"'
	holds "d['tls']['handshakes_full'] == 8 and d['tls']['handshakes_resumed'] >= 190 and d['tls']['agreed'].startswith('$1 ')"
	holds 'd["tls"]["resumed"]["count"] == d["tls"]["handshakes_resumed"]'
	eventually test "$(grep -c ' r ' "$folder/seen.log")" -ge 950
	[ "$(awk '$2 != "r" {print $1}' "$folder/seen.log" | sort -u | wc -l)" -eq 8 ]
	: >"$folder/seen.log"
	trusted /forgotten --connections 8 --requests-per-connection 5 -n 1000 --tls-sessions off
	[ "$status" -eq 0 ]
	holds 'd["tls"]["handshakes_full"] >= 200 and d["tls"]["handshakes_resumed"] == 0 and not d["tls"]["sessions"]'
	[[ "$output" == *"sessions off"* ]]
	! grep -q ' r ' "$folder/seen.log"
	: >"$folder/seen.log"
	trusted /reset --connections 8 --requests-per-connection 5 -n 500 --close reset
	[ "$status" -eq 0 ]
	holds 'd["tls"]["handshakes_full"] == 8 and d["tls"]["handshakes_resumed"] >= 90'
}

@test "connections with TLS 1.3 that come and go resume their sessions, unless told not to" {
	churn TLSv1.3
}

@test "connections with TLS 1.2 that come and go resume their sessions, unless told not to" {
	churn TLSv1.2
}

@test "Node.js answers over TLS, and says who resumed, asked for whom, and spoke what" {
	start_node
	trusted / --connections 64 -n 1000
	[ "$status" -eq 0 ]
	trusted / --connections 4 --requests-per-connection 5 -n 200
	[ "$status" -eq 0 ]
	holds 'd["requests"]["good"] == 200 and d["tls"]["handshakes_full"] == 4 and d["tls"]["handshakes_resumed"] >= 36'
	handshakes=$(json "$report" 'd["tls"]["handshakes_resumed"]')
	curl -sk -m 10 "https://localhost:$port/seen" >"$folder/seen.json"
	[ "$(json "$folder/seen.json" "d['resumed'] == $handshakes")" = True ]
	[ "$(json "$folder/seen.json" 'set(d["names"]) == {"localhost"} and set(d["protocols"]) == {"http/1.1"}')" = True ]
	trusted / --connections 4 --requests-per-connection 5 -n 200 --tls-sessions off
	holds 'd["tls"]["handshakes_full"] >= 40 and d["tls"]["handshakes_resumed"] == 0'
}

@test "bodies of many records go both ways through TLS" {
	start_node
	trusted /big --connections 4 -n 40 --expect-length 1048576
	[ "$status" -eq 0 ]
	holds 'd["requests"]["good"] == 40 and d["bytes"]["received"] >= 40 << 20'
	head -c 3000000 /dev/urandom >"$folder/body"
	trusted /echo --connections 3 -n 12 --body "@$folder/body" --expect-body "@$folder/body"
	[ "$status" -eq 0 ]
	holds 'd["requests"]["good"] == 12 and d["bytes"]["sent"] >= 12 * 3000000'
}

# refused REASON REMEDY: soon, nothing was asked for, and both are said.
refused() {
	[ "$status" -eq 1 ]
	[[ "$output" == *"$1"*"$2"* ]] || { echo "$output"; return 1; }
	holds 'd["outcome"] == "no_answers" and d["window_ns"] == 0 and d["requests"]["sent"] == 0'
	holds 'all(f["phase"] == "handshake" and f["class"] == "connect" for f in d["failures"]) and len(d["failures"]) > 0'
	[ ! -s "$folder/seen.log" ]
}

@test "a certificate that nobody vouches for is refused at once, with the remedy" {
	start_nginx
	load_https /
	refused "self-signed certificate" "--tls-ca FILE or --insecure"
	load_https / --insecure -n 100 --connections 4
	[ "$status" -eq 0 ]
	holds 'not d["tls"]["verified"] and d["requests"]["good"] == 100'
	[[ "$output" == *"not verified (--insecure)"* ]]
	# What OpenSSL takes for the system's store.
	SSL_CERT_FILE=$folder/good.pem load_https / -n 100 --connections 4
	[ "$status" -eq 0 ]
	holds 'd["tls"]["verified"] and d["requests"]["good"] == 100'
}

@test "a certificate for another name is refused" {
	start_nginx
	run "$LOAD" --json "$report" --tls-ca "$folder/good.pem" "https://127.0.0.1:$port/"
	refused "the certificate is not for 127.0.0.1" "--insecure"
	run "$LOAD" --json "$report" --connections 4 -n 100 --insecure "https://127.0.0.1:$port/"
	[ "$status" -eq 0 ]
}

is_expired() {
	! openssl x509 -in "$1" -noout -checkend 0 >/dev/null
}

@test "a certificate that has expired is refused" {
	certify old -days 0 # newer versions of openssl take no number below
	eventually is_expired "$folder/old.pem"
	start_nginx TLSv1.3 old
	load_https / --tls-ca "$folder/old.pem"
	refused "certificate has expired" "--insecure"
	load_https / --insecure -n 100 --connections 4
	[ "$status" -eq 0 ]
}

@test "an answer that a close without close_notify cuts is an error, and one that it does not cut is none" {
	start_node
	trusted /closed --connections 2 -n 20
	[ "$status" -eq 0 ]
	holds 'd["requests"]["good"] == 20 and not d["failures"]'
	trusted /left --connections 2 -n 20
	[ "$status" -eq 0 ]
	holds 'd["requests"]["good"] == 20 and sum(d["errors"].values()) == 0'
	for path in /cut /cut-short; do
		trusted "$path" --connections 2 -n 20 --timeout 5s
		[ "$status" -eq 1 ]
		holds 'd["requests"]["good"] == 0 and d["errors"]["reset"] == d["requests"]["sent"] >= 20'
		holds 'all(f["example"] == "cut off: closed without close_notify" for f in d["failures"] if f["in_window"])'
	done
}

@test "a server without TLS is told from one with it" {
	start_server "$BUILD/server-epoll"
	load_https / --connections 2 --duration 300ms
	[ "$status" -eq 1 ]
	[[ "$output" == *"no TLS"* ]]
	kill "$pid"
	wait "$pid" 2>/dev/null || true
	pid=
	start_nginx
	run "$LOAD" --connections 2 -n 10 "http://localhost:$port/"
	[ "$status" -eq 1 ]
	[[ "$output" == *"400"* ]]
}

@test "a handshake that the server leaves unanswered times out as one" {
	python3 -c 'import socket, time
s = socket.create_server(("127.0.0.1", 0), backlog=64)
print(s.getsockname()[1], flush=True)
time.sleep(60)' >"$folder/port" 3>&- &
	pid=$!
	eventually test -s "$folder/port"
	port=$(cat "$folder/port")
	run "$LOAD" --warmup 0s --connections 3 --duration 200ms --timeout 500ms --json "$report" \
		"https://127.0.0.1:$port/"
	[ "$status" -eq 1 ]
	holds 'd["outcome"] == "no_answers" and d["connect"]["count"] >= 3 and len(d["failures"]) > 0'
	holds 'all(f["phase"] == "handshake" and f["error"] == "ETIMEDOUT" for f in d["failures"])'
}

@test "options of TLS that make no sense are refused" {
	while IFS='|' read -r arguments said; do
		read -ra arguments <<<"$arguments"
		run "$LOAD" "${arguments[@]}"
		[ "$status" -eq 2 ]
		[[ "$output" == *"$said"* ]] || { echo "$output"; return 1; }
	done <<-END
		--insecure http://127.0.0.1:1/|belong to https://
		--tls-sessions off http://127.0.0.1:1/|belong to https://
		--tls-sessions maybe https://127.0.0.1:1/|neither on nor off
		--insecure --tls-ca x https://127.0.0.1:1/|no effect
		--tls-ca /nonexistent https://127.0.0.1:1/|--tls-ca /nonexistent: no certificates
		--tls-ca Makefile https://127.0.0.1:1/|--tls-ca Makefile: no certificates
	END
}

# bats test_tags=source
@test "a build without OpenSSL links without it, and says so when asked for https" {
	[ "$BUILD" = build/release ] || skip "it is linked by hand, without a sanitizer"
	make -n PKG_CONFIG=false B="$folder/without" -p 2>/dev/null >"$folder/rules" || true
	grep -q '^TLS_LEFT_OUT := loadgen/tls.c loadgen/tls_socket.c loadgen/tls_stream.c$' "$folder/rules"
	cc -std=gnu17 -D_GNU_SOURCE -I. -o "$folder/load" "$BUILD/loadgen/main.o" loadgen/tls_missing.c \
		"$BUILD/libload.a" "$BUILD/libtenk.a" -ljansson -lyaml -lz -lm -pthread
	run "$folder/load" https://localhost:1/
	[ "$status" -eq 2 ]
	[[ "$output" == *"built without OpenSSL 3"*"scripts/install-deps"* ]]
}
