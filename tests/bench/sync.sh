#!/bin/sh
# A full synchronisation of 100,000 open tickets and their citizens by balie, against curl, cJSON and
# the same tables filled by a bare program. In turn, in one run; whole processes.
#   sync.sh BALIED BALIE BARE_SYNC BENCH_FILL
set -eu
balied=$1 balie=$2 bare=$3 fill=$4
dir=$(mktemp -d /tmp/balie-bench-XXXXXX)
pid=
finish() {
	[ -z "$pid" ] || kill "$pid" 2>/dev/null || true
	wait 2>/dev/null || true
	rm -rf "$dir"
}
trap finish EXIT INT TERM
db=sqlite:$dir/town.db
secret=bench-secret-1
"$balied" init --db "$db" >/dev/null
echo $secret | "$balied" seed --db "$db" --tickets "${BALIE_BENCH_TICKETS:-100000}" --parties 60000 --seed 1 --password >/dev/null
"$bare" open "$dir/town.db"
"$balied" serve --db "$db" --listen 127.0.0.1:0 --rate 1000000 --burst 1000000 > "$dir/out" 2> "$dir/err" &
pid=$!
until grep -q listening "$dir/out"; do kill -0 $pid; done
url=http://$(sed -n 's/.*listening on \([^ ]*\).*/\1/p' "$dir/out" | sed 's|^http://||')
token=$(curl -s -H 'Content-Type: application/json' -d "{\"name\":\"an\",\"password\":\"$secret\"}" "$url/v1/login" |
	sed 's/.*"token":"\([^"]*\)".*/\1/')
now() { date +%s%N; }
ours= theirs=
for i in 1 2 3; do
	mkdir "$dir/bare$i"
	"$fill" fill "$dir/bare$i" 0
	a=$(now); "$bare" "$url" "$token" "$dir/bare$i/cache.db" > "$dir/rows"; b=$(now)
	theirs="$theirs $(((b - a) / 1000000))"
	a=$(now); echo $secret | BALIE_HOME=$dir/home$i "$balie" --server "$url" --user an sync > "$dir/said"; b=$(now)
	ours="$ours $(((b - a) / 1000000))"
done
cat "$dir/rows" "$dir/said"
middle() { printf '%s\n' "$@" | sort -n | sed -n 2p; }
# shellcheck disable=SC2086
awk -v o="$(middle $ours)" -v t="$(middle $theirs)" \
	'BEGIN { printf "full synchronisation %d ms against %d ms   ratio %.2f (aim 2)\n", o, t, o / t }'
