#!/bin/sh
# Ten thousand tickets given to a colleague in one go: what a screen does at each step, in its own time;
# then from the word to the last answer of the service, with the single writes of another agent
# beside it, and those same writes with nothing beside them.
#   bulk.sh BALIED BALIE BENCH_BULK
set -eu
balied=$1 balie=$2 steps=$3
dir=$(mktemp -d /tmp/balie-bench-XXXXXX)
pid=
finish() {
	touch "$dir/stop"
	[ -z "$pid" ] || kill "$pid" 2>/dev/null || true
	wait 2>/dev/null || true
	rm -rf "$dir"
}
trap finish EXIT INT TERM
mkdir "$dir/steps"
"$steps" "$dir/steps"
rm -rf "$dir/steps"

many=${BALIE_BENCH_MANY:-10000}
secret=bench-secret-1
if [ -n "${BALIE_BENCH_TOWN:-}" ]; then
	cp "$BALIE_BENCH_TOWN" "$dir/town.db"
	db=sqlite:$dir/town.db
else
	db=sqlite:$dir/town.db
	"$balied" init --db "$db" >/dev/null
	echo $secret | "$balied" seed --db "$db" --tickets "${BALIE_BENCH_TICKETS:-200000}" --parties 20000 --seed 1 --password >/dev/null
fi
"$balied" serve --db "$db" --listen 127.0.0.1:0 --rate 1000000 --burst 1000000 > "$dir/out" 2> "$dir/err" &
pid=$!
until grep -q listening "$dir/out"; do kill -0 $pid; done
url=http://$(sed -n 's/.*listening on \([^ ]*\).*/\1/p' "$dir/out" | sed 's|^http://||')
token=$(curl -s -H 'Content-Type: application/json' -d "{\"name\":\"an\",\"password\":\"$secret\"}" "$url/v1/login" |
	sed 's/.*"token":"\([^"]*\)".*/\1/')
curl -sf -H "Authorization: Bearer $token" "$url/v1/tickets?view=all&sort=created&limit=50" |
	tr '{' '\n' | sed -n 's/^"id":"\([0-9a-f-]\{36\}\)","version":.*/\1/p' > "$dir/ids"
now() { date +%s%N; }

# One write after the other, a note, until told to stop: milliseconds a line.
writes() {
	while [ ! -e "$dir/stop" ]; do
		id=$(shuf -n 1 "$dir/ids") key=$(cat /proc/sys/kernel/random/uuid)
		curl -s -o "$dir/answer" -w '%{http_code} %{time_total}\n' -H "Authorization: Bearer $token" \
			-H 'Content-Type: application/json' -H "Idempotency-Key: $key" \
			-d "{\"id\":\"$key\",\"action\":\"note\",\"record\":\"$id\",\"base_version\":0,\"body\":\"Gebeld\"}" \
			"$url/v1/actions" >> "$1"
	done
}
quantiles() {
	awk '$1 == 200 { print $2 * 1000 }' "$1" | sort -n | awk -v what="$2" '{ v[NR] = $1 } END {
		printf "%-36s %5d times   p50 %7.2f ms   p99 %7.2f ms   most %7.2f ms\n", what, NR,
			v[int((NR + 1) / 2)], v[int((NR * 99 + 99) / 100)], v[NR] }'
}

export BALIE_HOME="$dir/home"
echo $secret | "$balie" --server "$url" --user an sync > "$dir/said"
: > "$dir/alone"; : > "$dir/beside"
writes "$dir/alone" & writer=$!
sleep 5
touch "$dir/stop"; wait $writer; rm "$dir/stop"

writes "$dir/beside" & writer=$!
a=$(now)
"$balie" --server "$url" --user an do priority high --filter "${BALIE_BENCH_FILTER:-priority:normal,low}" \
	> "$dir/many" || true
b=$(now)
touch "$dir/stop"; wait $writer
tail -1 "$dir/many"
done=$(grep -c 'done$' "$dir/many" || true)
awk -v ms=$(((b - a) / 1000000)) -v n="$done" -v many="$many" 'BEGIN {
	printf "%d done in %.2f s, so %d in %.2f s (aim 5)\n", n, ms / 1000, many, (n > 0 ? ms / 1000 * many / n : -1) }'
quantiles "$dir/alone" "a single write with nothing beside it"
quantiles "$dir/beside" "a single write beside the bulk"
