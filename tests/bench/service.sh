#!/bin/sh
# balied against nginx (the same bytes as a file) and against a bare libmicrohttpd+SQLite program, in
# turn, in one run. The servers get one core, the load generator the other.
#   service.sh BALIED BARE_SERVE
set -eu
balied=$1 bare=$2
dir=$(mktemp -d /tmp/balie-bench-XXXXXX)
pids=
finish() {
	for p in $pids; do kill "$p" 2>/dev/null || true; done
	wait 2>/dev/null || true
	rm -rf "$dir"
}
trap finish EXIT INT TERM
db=sqlite:$dir/town.db
seconds=${BALIE_BENCH_SECONDS:-4}

"$balied" init --db "$db" >/dev/null
printf 'bench-secret-1\n' | "$balied" seed --db "$db" --tickets 20000 --parties 20000 --seed 1 --password >/dev/null
# The bucket of requests is for people; the load generator is none.
taskset -c 0 "$balied" serve --db "$db" --listen 127.0.0.1:0 --rate 1000000 --burst 1000000 > "$dir/out" 2> "$dir/err" &
balied_pid=$!
pids="$pids $balied_pid"
until grep -q 'listening' "$dir/out"; do kill -0 $balied_pid; done
url=http://$(sed -n 's/.*listening on \([^ ]*\).*/\1/p' "$dir/out" | sed 's|^http://||')
token=$(curl -s -H 'Content-Type: application/json' -d '{"name":"an","password":"bench-secret-1"}' "$url/v1/login" |
	sed 's/.*"token":"\([^"]*\)".*/\1/')
auth="Authorization: Bearer $token"
page="$url/v1/tickets?view=all&sort=due&limit=50"
curl -sf -H "$auth" "$page" > "$dir/page.json"
id=$(sed 's/.*"items":\[{"id":"\([^"]*\)".*/\1/' "$dir/page.json")
mkdir "$dir/www"
curl -sf -H "$auth" "$url/v1/tickets/$id" > "$dir/www/ticket.json"

cat > "$dir/nginx.conf" <<E2
worker_processes 1; daemon off; master_process off; pid $dir/nginx.pid; error_log $dir/nginx.err;
events { worker_connections 256; }
http { access_log off; root $dir/www; default_type application/json; keepalive_requests 100000000;
	client_body_temp_path $dir/b; proxy_temp_path $dir/p; fastcgi_temp_path $dir/f; uwsgi_temp_path $dir/u; scgi_temp_path $dir/s;
	server { listen 127.0.0.1:18931; } }
E2
taskset -c 0 nginx -c "$dir/nginx.conf" 2>/dev/null & pids="$pids $!"
taskset -c 0 "$bare" "$dir/town.db" "$dir/bare.db" 18932 > "$dir/bare.out" & pids="$pids $!"
until grep -q ready "$dir/bare.out"; do :; done
until curl -s -o /dev/null http://127.0.0.1:18931/ticket.json; do :; done

rate() { # requests a second of wrk's report
	taskset -c 1 wrk -t1 -c16 -d"${seconds}s" "$@" > "$dir/wrk" 2>&1
	if grep -q 'Non-2xx' "$dir/wrk"; then cat "$dir/wrk" >&2; exit 1; fi
	sed -n 's/^Requests\/sec: *//p' "$dir/wrk"
}
compare() { # name, aim, ours, theirs
	awk -v n="$1" -v a="$2" -v o="$3" -v t="$4" \
		'BEGIN { printf "%-44s %9.0f/s against %9.0f/s   ratio %.2f (aim %s)\n", n, o, t, o / t, a }'
}

a=$(rate -H "$auth" "$url/v1/tickets/$id"); b=$(rate http://127.0.0.1:18931/ticket.json)
compare "one ticket, against nginx' static file" ">= 0.5" "$a" "$b"
a=$(rate -H "$auth" "$page"); b=$(rate http://127.0.0.1:18932/page)
compare "a queue page of 50, against the bare program" ">= 0.8" "$a" "$b"

cat > "$dir/note.lua" <<E2
local n = 0
request = function()
	n = n + 1
	local id = string.format("01900000-0000-7000-8000-%012x", n)
	wrk.headers["Authorization"] = "Bearer $token"
	wrk.headers["Content-Type"] = "application/json"
	wrk.headers["Idempotency-Key"] = id
	return wrk.format("POST", "/v1/actions", nil,
		'{"id":"' .. id .. '","action":"note","record":"$id","body":"Gebeld, komt morgen langs."}')
end
E2
cat > "$dir/insert.lua" <<'E2'
wrk.method = "POST"
wrk.body = "{}"
E2
a=$(rate -s "$dir/note.lua" "$url"); b=$(rate -s "$dir/insert.lua" http://127.0.0.1:18932/insert)
compare "a durable action, against a durable insert" ">= 0.5" "$a" "$b"

memory() { sed -n 's/^VmRSS: *\([0-9]*\).*/\1/p' /proc/$balied_pid/status; }
before=$(memory)
streams=0
while [ $streams -lt 100 ]; do
	curl -sN -H "$auth" -H 'Accept: text/event-stream' "$url/v1/changes" > "$dir/stream.$streams" & pids="$pids $!"
	streams=$((streams + 1))
done
i=0
while [ $i -lt 100 ]; do
	until [ -s "$dir/stream.$i" ]; do :; done
	i=$((i + 1))
done
awk -v a="$(memory)" -v b="$before" \
	'BEGIN { printf "%-44s %.1f MB more (aim under 20)\n", "100 idle event streams", (a - b) / 1024 }'
