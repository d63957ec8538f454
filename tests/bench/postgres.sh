#!/bin/sh
# balied on PostgreSQL: filling a town, against SQLite; reading, against the same statements run by
# pgbench; three services against one, for each core-second that balied itself used.
#	postgres.sh BALIED
# BALIE_BENCH_TICKETS: size of the town (20000). BALIE_BENCH_SECONDS: length of one measurement (4).
set -eu
balied=$1
tickets=${BALIE_BENCH_TICKETS:-20000}
seconds=${BALIE_BENCH_SECONDS:-4}
bin=$(ls -d /usr/lib/postgresql/*/bin | tail -1)
dir=$(mktemp -d "${TMPDIR:-/tmp}/balie-bench-XXXXXX")
chmod 711 "$dir"
pids=
# PostgreSQL refuses to be run by root.
if [ "$(id -u)" = 0 ]; then
	as() { setpriv --reuid=nobody --regid=nogroup --clear-groups "$@"; }
	install -d -o nobody -g nogroup -m 711 "$dir/pg"
else
	as() { "$@"; }
	mkdir -m 711 "$dir/pg"
fi
finish() {
	for p in $pids; do kill "$p" 2>/dev/null || true; done
	(cd / && as "$bin/pg_ctl" -D "$dir/pg/data" -m immediate stop >/dev/null 2>&1) || true
	wait 2>/dev/null || true
	rm -rf "$dir"
}
trap finish EXIT INT TERM

as "$bin/initdb" -D "$dir/pg/data" -U balied --auth=trust -E UTF8 --locale=C.UTF-8 >/dev/null
(cd / && as "$bin/pg_ctl" -D "$dir/pg/data" -w -l "$dir/pg/log" -o "-c listen_addresses='' \
	-c unix_socket_directories=$dir/pg -c shared_buffers=1GB -c max_wal_size=4GB \
	-c log_line_prefix=@@ -c max_connections=100" start >/dev/null)
postmaster=$(head -1 "$dir/pg/data/postmaster.pid")
sql() { "$bin/psql" -qAt -h "$dir/pg" -U balied -d "${2:-town}" -c "$1"; }
sql 'CREATE DATABASE town' postgres
pg="postgresql:///town?host=$dir/pg&user=balied"

# ---- filling ----
cpu_of() { # core-seconds of a process and of those of its children that it has waited for
	awk '{ printf "%.2f\n", ($14 + $15 + $16 + $17) / 100 }' "/proc/$1/stat"
}
now() { date +%s.%N; }
fill() { # where: seconds
	"$balied" init --db "$1" >/dev/null
	from=$(now)
	printf 'bench-secret-1\n' | "$balied" seed --db "$1" --tickets "$tickets" --parties "$tickets" \
		--seed 1 --password >/dev/null
	echo "$(now) $from" | awk '{ printf "%.2f\n", $1 - $2 }'
}
compare() { # name, aim, ours, theirs, unit: the ratio is ours / theirs
	awk -v n="$1" -v a="$2" -v o="$3" -v t="$4" -v u="$5" \
		'BEGIN { printf "%-46s %10.2f %s against %10.2f %s   ratio %.2f (aim %s)\n", n, o, u, t, u, o / t, a }'
}
b=$(fill "sqlite:$dir/town.db")
a=$(fill "$pg")
compare "filling $tickets tickets, against SQLite" "<= 3" "$a" "$b" s

# ---- services ----
start() { # number of the service
	"$balied" serve --db "$pg" --listen 127.0.0.1:0 --rate 1000000 --burst 1000000 \
		> "$dir/out.$1" 2> "$dir/err.$1" &
	eval "pid$1=$!"
	pids="$pids $!"
	until grep -q listening "$dir/out.$1"; do kill -0 "$!"; done
	eval "url$1=http://$(sed -n 's/.*listening on \([^ ]*\).*/\1/p' "$dir/out.$1")"
}
start 1
token=$(curl -s -H 'Content-Type: application/json' -d '{"name":"an","password":"bench-secret-1"}' "$url1/v1/login" |
	sed 's/.*"token":"\([^"]*\)".*/\1/')
auth="Authorization: Bearer $token"
page="/v1/tickets?view=all&sort=due&limit=50"
curl -sf -H "$auth" "$url1$page" > "$dir/page.json"
id=$(sed 's/.*"items":\[{"id":"\([^"]*\)".*/\1/' "$dir/page.json")

# The very statement that the service sends, with its parameters, from the server's log.
statement() { # path, file for pgbench; prints the -D options
	sql "ALTER SYSTEM SET log_min_duration_statement = 0"
	sql "SELECT pg_reload_conf()" >/dev/null
	until curl -sf -H "$auth" "$url1$1" >/dev/null && grep -q 'execute q.*SELECT t.id' "$dir/pg/log"; do :; done
	sql "ALTER SYSTEM RESET log_min_duration_statement"
	sql "SELECT pg_reload_conf()" >/dev/null
	awk -v RS='@@' -v file="$2" '
		/execute q[0-9]+: SELECT t\.id/ { text = $0; getline; detail = $0 }
		END {
			sub(/^[^:]*: *duration: [0-9.]+ ms +execute q[0-9]+: /, "", text)
			gsub(/\$/, ":p", text)
			sub(/^.*parameters: /, "", detail)
			n = split(detail, one, /, \$/)
			for (i = 1; i <= n; i++) {
				gsub(/\n/, "", one[i])
				sub(/^\$/, "", one[i])
				value = one[i]
				sub(/^[0-9]+ = /, "", value)
				gsub(/\047/, "", value)
				# pgbench takes no empty variable.
				if (value == "")
					gsub(":p" i, "\047\047", text)
				else
					printf "-D p%d=%s ", i, value
			}
			printf "%s;\n", text > file
		}' "$dir/pg/log"
	: > "$dir/pg/log"
}
pgbench_rate() { # file, -D options
	file=$1; shift
	"$bin/pgbench" -h "$dir/pg" -U balied -n -M prepared -c 8 -j 1 -T "$seconds" -f "$file" "$@" town \
		2>"$dir/pgbench.err" | sed -n 's/^tps = \([0-9.]*\).*/\1/p'
}
wrk_rate() { # url
	wrk -t1 -c8 -d"${seconds}s" -H "$auth" "$1" > "$dir/wrk" 2>&1
	if grep -q 'Non-2xx' "$dir/wrk"; then cat "$dir/wrk" >&2; exit 1; fi
	sed -n 's/^Requests\/sec: *//p' "$dir/wrk"
}
middle() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
against_pgbench() { # name, path
	options=$(statement "$2" "$dir/statement.sql")
	: > "$dir/ours"; : > "$dir/theirs"
	for i in 1 2 3; do # in turn, since the machine is never twice the same
		# shellcheck disable=SC2086
		pgbench_rate "$dir/statement.sql" $options >> "$dir/theirs"
		wrk_rate "$url1$2" >> "$dir/ours"
	done
	# The cost of one, in microseconds of the whole machine.
	compare "$1, against pgbench" "<= 1.5" "$(middle < "$dir/ours" | awk '{ print 1e6 / $1 }')" \
		"$(middle < "$dir/theirs" | awk '{ print 1e6 / $1 }')" us
}
against_pgbench "a queue page of 50" "$page"
against_pgbench "one ticket" "/v1/tickets/$id"

# ---- three against one ----
work() { # names of services: requests for each core-second of theirs
	used=0 rates=
	for n in "$@"; do eval "before$n=\$(cpu_of \$pid$n)"; done
	for n in "$@"; do
		eval "to=\$url$n"
		wrk -t1 -c$((12 / $#)) -d"${seconds}s" -H "$auth" "$to$page" > "$dir/wrk.$n" 2>&1 &
		waits="${waits:-} $!"
	done
	# shellcheck disable=SC2086
	wait $waits; waits=
	for n in "$@"; do
		eval "used=\$(echo \"$used \$(cpu_of \$pid$n) \$before$n\" | awk '{ print \$1 + \$2 - \$3 }')"
		rates="$rates $(sed -n 's/^ *\([0-9]*\) requests in.*/\1/p' "$dir/wrk.$n")"
	done
	echo "$used $rates" | awk '{ for (i = 2; i <= NF; i++) n += $i; printf "%.1f\n", n / $1 }'
}
start 2
start 3
: > "$dir/ours"; : > "$dir/theirs"
for i in 1 2 3; do
	work 1 >> "$dir/theirs"
	work 1 2 3 >> "$dir/ours"
done
compare "three services, pages a core-second" ">= 0.9" "$(middle < "$dir/ours")" "$(middle < "$dir/theirs")" /s

# What bounds the whole: who used the machine while three services were asked all they could answer.
server_cpu() { # of the server's processes that serve connections now
	total=0
	for p in $(pgrep -P "$postmaster"); do total=$(echo "$total $(cpu_of "$p")" | awk '{ print $1 + $2 }'); done
	echo "$total"
}
sb=$(server_cpu); bb=$(echo "$(cpu_of "$pid1") $(cpu_of "$pid2") $(cpu_of "$pid3")" | awk '{ print $1 + $2 + $3 }')
work 1 2 3 >/dev/null
sa=$(server_cpu); ba=$(echo "$(cpu_of "$pid1") $(cpu_of "$pid2") $(cpu_of "$pid3")" | awk '{ print $1 + $2 + $3 }')
echo "$sa $sb $ba $bb $seconds $(nproc)" | awk '{ printf "%-46s PostgreSQL %.0f%%, balied %.0f%%, the load and the rest %.0f%% of %d cores\n",
	"three services, who used the machine", 100 * ($1 - $2) / $5 / $6, 100 * ($3 - $4) / $5 / $6,
	100 - 100 * ($1 - $2 + $3 - $4) / $5 / $6, $6 }'
