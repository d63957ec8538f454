#!/bin/sh
# How long after a key the results of the service stand on the screen: BALIE_BENCH_TOWN names a town of
# which a copy is made, else one of 100,000 people is seeded.
#   found.sh BALIED BALIE BENCH_FOUND
set -eu
balied=$1 balie=$2 bench=$3
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
people=100000
if [ -n "${BALIE_BENCH_TOWN:-}" ]; then
	cp --reflink=auto "$BALIE_BENCH_TOWN" "$dir/town.db"
	people="as many as $(basename "$BALIE_BENCH_TOWN") has"
else
	"$balied" init --db "$db" >/dev/null
	echo $secret | "$balied" seed --db "$db" --tickets 20000 --parties $people --seed 1 --password >/dev/null
fi
"$balied" serve --db "$db" --listen 127.0.0.1:0 --rate 1000000 --burst 1000000 > "$dir/out" 2> "$dir/err" &
pid=$!
until grep -q listening "$dir/out"; do kill -0 $pid; done
url=http://$(sed -n 's/.*listening on \([^ ]*\).*/\1/p' "$dir/out" | sed 's|^http://||')
export BALIE_HOME="$dir/home"
echo $secret | "$balie" --server "$url" --user an sync > "$dir/said"
"$bench" "$balie" "$url" "$people"
