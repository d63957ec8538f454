#!/bin/sh
# Fuzzes one target for a while with clang's libFuzzer, AddressSanitizer and UBSan:
#   long.sh TARGET MINUTES [FOLDER]
# FOLDER keeps what was found from one run to the next; the seeds of the target go along, and for mail
# all the fixtures. Ends with an error at the first finding, which lies in FOLDER/findings.
set -eu
target=$1
minutes=$2
top=$(cd "$(dirname "$0")/../.." && pwd)
work=${3:-$top/build-fuzz}
build=$work/build
mkdir -p "$work/findings" "$work/corpus-$target"
[ -f "$build/build.ninja" ] || CC=clang meson setup "$build" "$top" -Dfuzz=true -Db_lundef=false \
	-Db_sanitize=address,undefined --buildtype=debugoptimized > "$work/setup.log"
ninja -j2 -C "$build" "tests/fuzz/fuzz_$target" > "$work/build.log"
seeds=$top/tests/fuzz/seeds/$target
[ "$target" = mail ] && seeds="$seeds $top/tests/mail/fixtures"
dict=$top/tests/fuzz/$target.dict
[ "$target" = mailtext ] && dict=$top/tests/fuzz/mail.dict
[ -f "$dict" ] && dict=-dict=$dict || dict=
export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
# shellcheck disable=SC2086
exec "$build/tests/fuzz/fuzz_$target" -max_total_time=$((minutes * 60)) -max_len=65536 -timeout=20 \
	-rss_limit_mb=3000 -print_final_stats=1 -artifact_prefix="$work/findings/" $dict \
	"$work/corpus-$target" $seeds
