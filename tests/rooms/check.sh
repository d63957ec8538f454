#!/bin/sh
# Holds every #include against the drawing of the house. Each line of the table: a room, the rooms it
# may name, and the outside headers it may name beyond those of the C library and the system.
# Also: no file over 600 lines, no function over 60, and no SQL made at run time.
set -u
top=$1
cd "$top" || exit 2

table='
base      |                                         | utf8proc.h sodium.h ini.h libintl.h
loop      | base                                    |
store     | base                                    | sqlite3.h
model     | base                                    |
wire      | base model                              | cjson/cJSON.h
ui        | base loop                               | curses.h ncurses.h term.h histedit.h
cache     | base store model wire                   |
sync      | base loop store model wire cache        | curl/curl.h cjson/cJSON.h
screens   | base store model cache ui loop          |
client    | base loop store model wire ui cache sync screens keymaps |
central   | base loop store model wire              | microhttpd.h gmime/gmime.h libxml/* curl/curl.h sodium.h cjson/cJSON.h glib.h
tools     | base model                              |
'
# Which room a header of include/balie belongs to.
room_of_header() {
	case $1 in
	err|i18n|mem|log|clock|id|text|config|field|action) echo base ;;
	*) echo "$1" ;;
	esac
}
bad=0
checked=0
say() { echo "$*"; bad=$((bad + 1)); }

check_room() {
	room=$1 rooms=$2 outside=$3
	dir=src/$room
	[ "$room" = screens ] && dir=screens
	files=$(find "$dir" -name '*.[ch]' 2>/dev/null)
	[ -n "$files" ] || { say "$room: no files in $dir"; return; }
	for f in $files; do
		for inc in $(sed -n 's/^[ \t]*#[ \t]*include[ \t]*[<"]\([^>"]*\)[>"].*/\1/p' "$f"); do
			checked=$((checked + 1))
			case $inc in
			balie/*)
				h=${inc#balie/}
				r=$(room_of_header "${h%.h}")
				[ "$r" = "$room" ] && continue
				case " $rooms " in *" $r "*) ;; *) say "$f: room $room may not name $r ($inc)" ;; esac
				continue ;;
			esac
			allowed=no
			for o in $outside; do
				# a pattern such as libxml/* is meant as one
				# shellcheck disable=SC2254
				case $inc in $o) allowed=yes ;; esac
			done
			[ $allowed = yes ] && continue
			case $inc in
			curl/*|sqlite3.h|curses.h|ncurses.h|term.h|histedit.h|cjson/*|cJSON.h|microhttpd.h|gmime/*|\
			libxml/*|libpq*|sodium.h|utf8proc.h|ini.h|glib*)
				say "$f: room $room may not include $inc" ;;
			*/*)
				# a header of the same room (one folder up, never out of it), a generated one,
				# or the system's
				case $inc in ../*) [ -e "$dir/${inc#../}" ] || say "$f: include out of the room ($inc)" ;; esac ;;
			esac
		done
	done
}

rows=$(mktemp)
trap 'rm -f "$rows"' EXIT
printf '%s\n' "$table" | sed '/^ *$/d' > "$rows"
while IFS='|' read -r room rooms outside; do
	set -f
	check_room "$(echo $room)" "$(echo $rooms)" "$(echo $outside)"
	set +f
done < "$rows"

for f in $(find src screens include tests -name '*.[ch]'); do
	n=$(wc -l < "$f")
	[ "$n" -gt 600 ] && say "$f: $n lines: a file of over 600 wants a wall"
	awk -v f="$f" '/^\{/ { start = FNR } /^\}/ { if (start && FNR - start > 61) printf "%s:%d: a function of %d lines\n", f, start, FNR - start; start = 0 }' "$f" > "$rows"
	while read -r line; do say "$line"; done < "$rows"
done

# A statement in a string outside the .sql files is one made at run time.
found=$(grep -nE '"[^"]*\b(SELECT .* FROM|INSERT (OR [A-Z]+ )?INTO|UPDATE [a-z_]+ SET|DELETE FROM)\b' \
	$(find src screens -name '*.c' -not -path 'src/tools/*') 2>/dev/null)
[ -n "$found" ] && say "SQL in C: $found"

[ "$checked" -gt 50 ] || say "only $checked includes were found: the check itself is broken"
echo "$checked includes checked, $bad wrong"
[ "$bad" -eq 0 ]
