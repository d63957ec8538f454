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
store     | base                                    | sqlite3.h libpq-fe.h
model     | base                                    |
wire      | base model                              | cjson/cJSON.h
ui        | base loop                               | curses.h ncurses.h term.h histedit.h
cache     | base store model wire                   |
sync      | base loop store model wire cache        | curl/curl.h cjson/cJSON.h
screens   | base store model cache ui loop          |
client    | base loop store model wire ui cache sync screens keymaps |
central   | base loop store model wire              | microhttpd.h gmime/gmime.h libxml/* magic.h curl/curl.h sodium.h cjson/cJSON.h glib.h
tools     | base model                              |
'
bad=0
checked=0
say() { echo "$*"; bad=$((bad + 1)); }

rows=$(mktemp)
trap 'rm -f "$rows" "$rows.found" "$rows.out"' EXIT
printf '%s\n' "$table" | sed '/^ *$/d' > "$rows"

# All includes of all rooms in one go: "file include".
find src screens -name '*.[ch]' -exec awk '
	/^[ \t]*#[ \t]*include[ \t]*[<"]/ { split($0, part, /[<">]/); print FILENAME, part[2] }' {} + |
awk -v table="$rows" '
	function matches(name, patterns,    n, i, p) {
		n = split(patterns, p, " ")
		for (i = 1; i <= n; i++) {
			if (p[i] == name) return 1
			if (p[i] ~ /\*$/ && index(name, substr(p[i], 1, length(p[i]) - 1)) == 1) return 1
		}
		return 0
	}
	BEGIN {
		while ((getline line < table) > 0) {
			split(line, c, "|")
			gsub(/ /, "", c[1])
			rooms[c[1]] = c[2]
			outside[c[1]] = c[3]
			count[c[1]] = 0
		}
		n = split("err i18n mem log clock id text config field action", b, " ")
		for (i = 1; i <= n; i++) base[b[i]] = 1
		guarded = "curl/* sqlite3.h curses.h ncurses.h term.h histedit.h cjson/* cJSON.h microhttpd.h " \
			"gmime/* libxml/* magic.h libpq-fe.h sodium.h utf8proc.h ini.h glib.h"
	}
	{
		file = $1; inc = $2; n = split(file, part, "/")
		room = part[1] == "screens" ? "screens" : part[2]
		dir = part[1] == "screens" ? "screens" : "src/" room
		checked++
		count[room]++
		if (!(room in rooms)) { print file ": room " room " is not in the drawing"; next }
		if (inc ~ /^balie\//) {
			name = substr(inc, 7); sub(/\.h$/, "", name)
			needs = name in base ? "base" : name == "filter" ? "model" : name
			if (needs != room && !matches(needs, rooms[room]))
				print file ": room " room " may not name " needs " (" inc ")"
		} else if (inc ~ /^\.\.\//) {
			# one folder up, never out of the room
			if ((getline line < (dir "/" substr(inc, 4))) < 0) print file ": include out of the room (" inc ")"
			close(dir "/" substr(inc, 4))
		} else if (matches(inc, guarded) && !matches(inc, outside[room])) {
			print file ": room " room " may not include " inc
		}
	}
	END {
		for (r in rooms) if (!count[r]) print r ": no includes were found: the check itself is broken"
		print checked + 0 > (table ".found")
	}' > "$rows.out"
while read -r line; do say "$line"; done < "$rows.out"
checked=$(cat "$rows.found")

find src screens include tests -name '*.[ch]' -exec awk '
	FNR == 1 { if (file && lines > 600) print file ": " lines " lines: a file of over 600 wants a wall"
		file = FILENAME; start = 0 }
	{ lines = FNR }
	/^\{/ { start = FNR }
	/^\}/ { if (start && FNR - start > 61) print FILENAME ":" start ": a function of " FNR - start " lines"
		start = 0 }
	END { if (lines > 600) print file ": " lines " lines: a file of over 600 wants a wall" }' {} + > "$rows.out"
while read -r line; do say "$line"; done < "$rows.out"

# SQL stands in .sql files alone: a word of it in capitals in a string is a statement made at run time.
# An engine itself says BEGIN, SET or PRAGMA, but names no table.
word='(SELECT|INSERT|UPDATE|DELETE|MERGE|CREATE|ALTER|DROP|COPY|WITH|FROM|WHERE|VALUES|ORDER BY|LIMIT'
word="$word|BEGIN|COMMIT|ROLLBACK|SAVEPOINT|PRAGMA|EXPLAIN)"
table='(SELECT .* FROM|INSERT (OR [A-Z]+ )?INTO|UPDATE [a-z_]+ SET|DELETE FROM|COPY [a-z_]+|CREATE|ALTER|DROP)'
found=$(grep -nE "\"[^\"]*\\b$word\\b" \
	$(find src screens -name '*.[ch]' -not -path 'src/tools/*' -not -path 'src/store/*'))
[ -n "$found" ] && say "SQL in C: $found"
found=$(grep -nE "\"[^\"]*\\b$table\\b" $(find src/store -name '*.[ch]'))
[ -n "$found" ] && say "SQL in C: $found"
# A test says its own SQL, but as fixed words: what differs is bound.
made='(printf|xasprintf)\([^"]*"(SELECT|INSERT|UPDATE|DELETE|ATTACH) '
found=$(grep -rnzoE "$made" --include='*.c' tests | tr '\0' '\n')
[ -n "$found" ] && say "SQL made by formatting in a test: $found"
printf 'snprintf(sql, sizeof(sql),\n\t"SELECT %%s", x);' | grep -qzE "$made" ||
	say "SQL made by formatting is not seen: the check itself is broken"
for sample in '"SELECT id"' '"%s WHERE id = %d"' '"DELETE "' '"x" "FROM ticket"'; do
	printf '\tq = %s;\n' "$sample" | grep -qE "\"[^\"]*\\b$word\\b" ||
		say "SQL is not seen in $sample: the check itself is broken"
done
printf '%s\n' 'run("INSERT INTO t");' | grep -qE "\"[^\"]*\\b$table\\b" ||
	say "a table's name is not seen: the check itself is broken"

[ "$checked" -gt 50 ] || say "only $checked includes were found: the check itself is broken"
echo "$checked includes checked, $bad wrong"
[ "$bad" -eq 0 ]
